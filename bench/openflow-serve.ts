import { SoftDatapath } from '../src/datapath/index.ts'
import { listenRemote } from '../src/node/openflow-sockets.ts'
import { Pace } from '../src/node/pace.ts'
import { seeded, VirtualClock } from '../src/runtime/index.ts'
import { OpenFlowAgent } from '../src/switch/agent/agent.ts'
import { Switch } from '../src/switch/switch.ts'

/** A switch with a bridge `br0` whose management socket is at `path`; runs until it is ended. */
export const serve = async (path: string): Promise<number> => {
  const clock = new VirtualClock()
  const pace = new Pace(clock)
  const sw = new Switch({ datapath: new SoftDatapath({ clock }), clock, random: seeded(1) })
  const bridge = sw.addBridge('br0', { name: 'br0', type: 'dummy', send() {} }, { hwaddr: 0xaa55aa550000 })
  const agent = new OpenFlowAgent(bridge, sw)
  const enter = (happen: () => void): void => pace.enter(happen)
  const listening = await listenRemote(`punix:${path}`, enter, duplex => void agent.accept(duplex, { kind: 'service' }))
  if (typeof listening === 'string') throw new Error(listening)
  return new Promise(() => {})
}
