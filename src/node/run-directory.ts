import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Duplex } from '../runtime/index.ts'
import type { Vswitchd } from '../vswitchd/index.ts'
import { type Listening, listenRemote } from './openflow-sockets.ts'
import type { Enter } from './socket-duplex.ts'

/**
 * Gives each bridge of each daemon the unix sockets `DIRECTORY/NAME/BRIDGE.mgmt` and `.snoop` of this machine, as long as it
 * is there, so that any `ovs-ofctl` can talk to it. `failed` is told of sockets that cannot be opened.
 */
export const openRunDirectory = (
  directory: string,
  daemons: ReadonlyMap<string, Vswitchd>,
  enter: Enter,
  failed: (path: string, why: string) => void,
): { close(): void } => {
  const open = new Map<string, Promise<Listening | string>>()
  const listen = (path: string, accept: (duplex: Duplex) => void): void => {
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
  for (const [name, daemon] of daemons) {
    const folder = join(directory, name)
    mkdirSync(folder, { recursive: true })
    daemon.watchAgents((agent, what) => {
      const path = join(folder, agent.bridge.name)
      if (what === 'removed') {
        for (const kind of ['mgmt', 'snoop']) shut(`${path}.${kind}`)
        return
      }
      listen(`${path}.mgmt`, duplex => void agent.accept(duplex, { kind: 'service' }))
      listen(`${path}.snoop`, duplex => agent.snoop(duplex))
    })
  }
  return {
    close() {
      for (const path of [...open.keys()]) shut(path)
    },
  }
}
