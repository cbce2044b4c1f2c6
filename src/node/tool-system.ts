/** What a tool that stays needs of this computer: files, a socket, other processes, signals. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { closeSync, fchownSync, linkSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { constants, hostname } from 'node:os'
import { fileLocks, localSyslog } from '../linux/index.ts'
import { type Duplex, ovsdbPort } from '../runtime/index.ts'
import type { Ended, Role, System, TextFile } from '../tools/index.ts'
import { listenRemote } from './openflow-sockets.ts'
import { sentence } from './sentence.ts'
import type { Enter } from './socket-duplex.ts'
import { checkTls } from './tls.ts'
import { become, groupNamed, userNamed } from './users.ts'

/** Tells a process that this program has started what it is to be. */
const roleVariable = 'WEFT_ROLE'
const roleOf = (text: string | undefined): Role => (text === 'monitor' || text === 'daemon' ? text : 'called')

const endings = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** `directory` is where log files are unless they are told to be elsewhere. */
export const toolSystem = (enter: Enter, directory: string): System => {
  const role = roleOf(process.env[roleVariable])
  return {
    pid: process.pid,
    hostName: hostname(),
    parent: callerOf(process.ppid),
    logDirectory: directory,
    role,
    isRunning(pid) {
      try {
        process.kill(pid, 0)
        return true
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'EPERM'
      }
    },
    *listen(path, accept) {
      const result: { value?: { close(): void } | string } = {}
      yield resume => {
        void listenRemote(`punix:${path}`, enter, accept).then(value =>
          enter(() => {
            result.value = value
            resume()
          }),
        )
        return () => {}
      }
      return result.value as { close(): void } | string
    },
    *awaitCall(remote, { tls }, listens) {
      const result: { value?: Duplex | string } = {}
      yield resume => {
        let isOver = false
        const stop = (): void => {
          isOver = true
          void listening.then(value => typeof value !== 'string' && value.stop())
        }
        const take = (value: Duplex | string): void => {
          if (isOver) {
            if (typeof value !== 'string') value.close()
            return
          }
          stop()
          result.value = value
          resume()
        }
        const listening = listenRemote(remote, enter, take, tls, ovsdbPort)
        void listening.then(value => {
          if (typeof value === 'string') enter(() => take(value))
          else if (!isOver) enter(listens)
        })
        return stop
      }
      return result.value as Duplex | string
    },
    openFile,
    checkTls,
    holdFile,
    lockHolder(path) {
      try {
        const locks = fileLocks()
        return locks === undefined ? 'unknown' : (locks.holder(path) ?? 'none')
      } catch {
        return 'unknown'
      }
    },
    removeFile: path => rmSync(path, { force: true }),
    syslogMethod: process.env.OVS_SYSLOG_METHOD,
    syslog: (method, target) => (method === 'udp' ? udpSyslog(target) : localSyslog(method, target)),
    whoAmI: () => ({ user: process.geteuid?.() ?? 0, group: process.getegid?.() ?? 0 }),
    userNamed,
    groupNamed,
    become,
    *run(part, { ready, keepsOutput = false }) {
      const result: { value?: Ended } = {}
      yield resume => {
        const child = startPart(part, keepsOutput)
        const end = (value: Ended): void => {
          if (result.value !== undefined) return
          result.value = value
          enter(resume)
        }
        child.stdout?.pipe(process.stdout, { end: false })
        child.on('message', () => {
          ready?.()
          if (ready === undefined) {
            release(child)
            end('ready')
          }
        })
        const pid = child.pid ?? 0
        child.on('error', () => end({ pid, status: 1 }))
        child.on('close', (status, signal) =>
          end(signal === null ? { pid, status: status ?? 1 } : { pid, signal, number: constants.signals[signal] }),
        )
        return () => {}
      }
      return result.value as Ended
    },
    ready() {
      // Whoever started this process may have been told before, or be gone.
      if (role === 'called' || !process.connected) return
      process.send?.('ready', () => {
        if (process.connected) process.disconnect?.()
      })
    },
    leaveDirectory: () => process.chdir('/'),
    onSignal(told) {
      const stops = endings.map(name => {
        const listener = (): void => enter(() => told(name, constants.signals[name]))
        process.on(name, listener)
        return () => void process.off(name, listener)
      })
      return () => {
        for (const stop of stops) stop()
      }
    },
  }
}

/** As /proc has it, where there is one: a program's name ends with a zero byte. */
const callerOf = (pid: number): string | undefined => {
  try {
    const [line = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\n')
    const end = line.indexOf('\0')
    return end < 0 ? `${line} (pid ${pid})` : line.slice(0, end)
  } catch {
    return undefined
  }
}

const openFile = (path: string, how: 'append' | 'replace'): TextFile | string => {
  try {
    const file = openSync(path, how === 'append' ? 'a' : 'w', 0o640)
    return {
      write: text => void writeSync(file, text),
      give({ user, group }) {
        try {
          fchownSync(file, user, group)
          return undefined
        } catch (error) {
          return sentence(error)
        }
      },
      close: () => closeSync(file),
    }
  } catch (error) {
    return sentence(error)
  }
}

const holdFile: System['holdFile'] = (path, text, replace) => {
  const made = `${path}.tmp`
  let file: number
  try {
    file = openSync(made, 'w', 0o666)
  } catch (error) {
    return `${made}: create failed (${sentence(error)})`
  }
  try {
    writeSync(file, text)
    const locks = fileLocks()
    if (locks?.lock(file) === false) throw new Error('Resource temporarily unavailable')
    if (replace) renameSync(made, path)
    else {
      linkSync(made, path)
      rmSync(made)
    }
    return { locked: locks !== undefined, close: () => closeSync(file) }
  } catch (error) {
    closeSync(file)
    rmSync(made, { force: true })
    return `failed to link "${made}" as "${path}" (${sentence(error)})`
  }
}

/** The same program with the same words. What it says goes where this one's goes, as long as this one is there. */
const startPart = (part: string, keepsOutput: boolean): ChildProcess =>
  spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    env: { ...process.env, [roleVariable]: part },
    detached: true,
    stdio: ['ignore', keepsOutput ? 'inherit' : 'pipe', 'inherit', 'ipc'],
  })

/** Goes on without it. */
const release = (child: ChildProcess): void => {
  child.disconnect()
  child.stdout?.destroy()
  child.unref()
}

const udpSyslog = (target: string): ((line: string) => void) | string => {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::([0-9]{1,5}))?$/.exec(target) ?? []
  const host = bracketed ?? plain
  if (host === undefined || port === undefined) return `${target}: port must be specified`
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  // Nobody waits for what is logged, nor for what becomes of it.
  socket.unref()
  socket.on('error', () => {})
  return line => socket.send(line, Number(port), host)
}
