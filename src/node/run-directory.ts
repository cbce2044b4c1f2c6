import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Duplex } from '../runtime/index.ts'
import { serveUnixctl, unixctl, type Vswitchd } from '../vswitchd/index.ts'
import { type Listening, listenRemote } from './openflow-sockets.ts'
import { sentence } from './sentence.ts'
import type { Enter } from './socket-duplex.ts'

/** Bytes of a socket's name (unix(7), `sun_path`, which ends with a zero). */
const longestPath = 107

/**
 * Gives each bridge of each daemon the unix sockets `DIRECTORY/NAME/BRIDGE.mgmt` and `.snoop` of this machine, as long as it
 * is there, so that any `ovs-ofctl` can talk to it, and each daemon that has a bridge `ovs-vswitchd.ctl` for `ovs-appctl -t`.
 * `failed` is told of folders and sockets that cannot be made.
 */
export const openRunDirectory = (
  directory: string,
  daemons: ReadonlyMap<string, Vswitchd>,
  enter: Enter,
  failed: (path: string, why: string) => void,
): { close(): void } => {
  const open = new Map<string, Promise<Listening | string>>()
  const listen = (path: string, accept: (duplex: Duplex) => void): void => {
    if (Buffer.byteLength(path) > longestPath) {
      failed(path, 'File name too long for a unix socket')
      return
    }
    const opened = listenRemote(`punix:${path}`, enter, accept)
    open.set(path, opened)
    void opened.then(result => typeof result === 'string' && failed(path, result))
  }
  const shut = (path: string): void => {
    void open.get(path)?.then(result => {
      if (typeof result === 'string') return
      result.close()
      rmSync(path, { force: true })
    })
    open.delete(path)
  }
  const listenForControl = (folder: string, daemon: Vswitchd): void => {
    const path = join(folder, 'ovs-vswitchd.ctl')
    if (open.has(path)) return
    // biome-ignore lint/correctness/useYield: it never waits
    const answer = function* (command: string, args: readonly string[]) {
      return unixctl(daemon, command, args)
    }
    listen(path, duplex => serveUnixctl(duplex, answer))
  }
  for (const [name, daemon] of daemons) {
    const folder = resolve(directory, name)
    daemon.watchAgents((agent, what) => {
      if (what === 'changed') return
      const path = join(folder, agent.bridge.name)
      if (what === 'removed') {
        for (const kind of ['mgmt', 'snoop']) shut(`${path}.${kind}`)
        return
      }
      const why = makeDirectory(folder)
      if (why !== undefined) {
        failed(folder, why)
        return
      }
      listen(`${path}.mgmt`, duplex => void agent.accept(duplex, { kind: 'service' }))
      listen(`${path}.snoop`, duplex => agent.snoop(duplex))
      listenForControl(folder, daemon)
    })
  }
  return {
    close() {
      for (const path of [...open.keys()]) shut(path)
    },
  }
}

/**
 * Makes a directory and those above it that are not there; a text says why it cannot. One by one: `recursive` of Node
 * never ends where a directory says that it is not there when something is to be made in it, as those of `/proc` do.
 */
const makeDirectory = (path: string): string | undefined => {
  const above = dirname(path)
  if (above !== path && !existsSync(above)) {
    const why = makeDirectory(above)
    if (why !== undefined) return why
  }
  try {
    mkdirSync(path)
  } catch (error) {
    if (!isDirectory(path)) return sentence(error)
  }
  return undefined
}

const isDirectory = (path: string): boolean => existsSync(path) && statSync(path).isDirectory()
