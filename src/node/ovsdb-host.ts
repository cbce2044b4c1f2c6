/** Files, sockets and chance for database programs, on this machine. */
import { spawn } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { constants } from 'node:os'
import { resolve } from 'node:path'
import { fileLocks } from '../linux/index.ts'
import { ovsdbPort, type Random } from '../runtime/index.ts'
import type { DatabaseHost } from '../tools/ovsdb-server/index.ts'
import { awaited, closeIt } from './awaited.ts'
import { DatabaseFile, realPath, sha1 } from './database-file.ts'
import { listenRemote, openRemote } from './openflow-sockets.ts'
import type { Enter } from './socket-duplex.ts'

/** Numbers that nobody can guess, many drawn at once. */
export const systemRandom = (): Random => {
  const drawn = new Uint32Array(1024)
  let next = drawn.length
  return () => {
    if (next === drawn.length) {
      randomFillSync(drawn)
      next = 0
    }
    return (drawn[next++] as number) / 2 ** 32
  }
}

const signalTexts: Readonly<Record<string, string>> = {
  SIGHUP: 'Hangup',
  SIGINT: 'Interrupt',
  SIGKILL: 'Killed',
  SIGSEGV: 'Segmentation fault',
  SIGTERM: 'Terminated',
}

const runShell = (command: string): Promise<{ ok: boolean; how: string }> =>
  new Promise(done => {
    const child = spawn('/bin/sh', ['-c', command], { stdio: 'inherit' })
    child.on('error', error => done({ ok: false, how: error.message }))
    child.on('exit', (status, signal) => {
      if (signal === null) done({ ok: status === 0, how: `exit status ${status}` })
      else done({ ok: false, how: `killed (${signalTexts[signal] ?? `signal ${constants.signals[signal]}`})` })
    })
  })

export const databaseHost = (enter: Enter): DatabaseHost => {
  const { env } = process
  const settings = env.OVS_SYSCONFDIR ?? '/etc'
  return {
    random: systemRandom(),
    sha1,
    databaseDirectory: env.OVS_DBDIR ?? `${settings}/openvswitch`,
    schemaDirectory: env.OVS_PKGDATADIR ?? '/usr/share/openvswitch',
    absolute: realPath,
    openFile(path, { create, locks }) {
      const lock = locks ? fileLocks()?.lock : undefined
      return DatabaseFile.open(path, { create, ...(lock && { lock }) })
    },
    listen: (target, accept, tls) =>
      awaited(enter, () => listenRemote(absoluteSocket(target), enter, accept, tls, ovsdbPort), closeIt),
    dial: (target, tls) => awaited(enter, () => openRemote(target, enter, { tls, port: ovsdbPort }), closeIt),
    runShell: command =>
      awaited(
        enter,
        () => runShell(command),
        () => undefined,
      ),
    peakMemory: () => process.resourceUsage().maxRSS,
  }
}

/** A socket's file is to be found again from another directory, when it is to go. */
const absoluteSocket = (target: string): string =>
  target.startsWith('punix:') ? `punix:${resolve(target.slice('punix:'.length))}` : target
