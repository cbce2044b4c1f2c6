import type { Cancel, UnixSockets } from '../runtime/index.ts'
import { type Network, noNetwork } from '../switch/agent/controllers.ts'
import type { Vswitchd } from './vswitchd.ts'

/** Where a daemon's sockets are unless it is told otherwise. */
export const runDirectory = '/var/run/openvswitch'

/** Lets programs of the same machine talk to each bridge, by the sockets `BRIDGE.mgmt` and `BRIDGE.snoop`. */
export const listenForBridges = (vswitchd: Vswitchd, sockets: UnixSockets, directory = runDirectory): void => {
  const stops = new Map<string, Cancel[]>()
  vswitchd.watchAgents((agent, what) => {
    if (what === 'changed') return
    const { name } = agent.bridge
    if (what === 'removed') {
      for (const stop of stops.get(name) ?? []) stop()
      stops.delete(name)
      return
    }
    stops.set(name, [
      sockets.listen(`${directory}/${name}.mgmt`, duplex => void agent.accept(duplex, { kind: 'service' })),
      sockets.listen(`${directory}/${name}.snoop`, duplex => agent.snoop(duplex)),
    ])
  })
}

/** Controllers on the same machine, `unix:` and `punix:` paths, and others by what is outside, if something is. */
export const localNetwork = (sockets: UnixSockets, outside = noNetwork): Network => ({
  dial(target, done, tls) {
    const [, path] = /^unix:(.*)$/.exec(target) ?? []
    if (path === undefined) return outside.dial(target, done, tls)
    done(sockets.connect(path) ?? 'No such file or directory')
    return () => {}
  },
  listen(target, accept, tls) {
    const [, path] = /^punix:(.*)$/.exec(target) ?? []
    if (path === undefined) return outside.listen(target, accept, tls)
    let count = 0
    return sockets.listen(path, duplex => accept(duplex, `unix#${++count}`))
  },
})
