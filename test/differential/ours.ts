import type { Version } from '../../src/openflow/protocol.ts'
import { Talker } from '../../src/switch/agent/agent.testing.ts'
import { OpenFlowAgent } from '../../src/switch/agent/agent.ts'
import type { Bridge } from '../../src/switch/bridge.ts'
import { type BridgePort, defaultPortConfig } from '../../src/switch/port.ts'
import { Bed } from '../../src/switch/switch.testing.ts'
import { vlanSettings } from '../../src/switch/vlan.ts'
import { trace, tracePacketOut } from '../../src/vswitchd/appctl/trace.ts'
import { bridgeNames, type PortSettings, portsOf } from './network.ts'
import { barrierXid, greetings, preparations } from './openflow-bytes.ts'
import { type Asked, wordsOf } from './packets.ts'
import type { Settings } from './settings.ts'
import type { Side } from './side.ts'

/** One side of a comparison, and the switch that it is. */
export type Ours = Side & { bed: Bed; bridges: readonly Bridge[] }

/** Our switch, in this process; `portNumbers` are the other side's datapath ports by name. */
export const startOurs = (portNumbers: ReadonlyMap<string, number>): Ours => {
  const bed = new Bed()
  const bridges = bridgeNames.map(name => bed.bridge(name, { failMode: 'secure' }))
  for (const [i, bridge] of bridges.entries()) for (const port of portsOf(i)) addPort(bed, bridge, port)
  const agents = bridges.map(bridge => new OpenFlowAgent(bridge, bed.switch))
  const talkers = new Map<string, Talker>()
  const talkerOf = (bridge: number, version: Version): Talker => {
    const key = `${bridge}/${version}`
    const known = talkers.get(key)
    if (known !== undefined) return known
    const made = new Talker(agents[bridge] as OpenFlowAgent, version)
    for (const body of greetings(version)) made.say(body)
    talkers.set(key, made)
    return made
  }
  for (const bridge of bridgeNames.keys())
    for (const body of preparations) {
      const refusal = talkerOf(bridge, 6).refusal(body)
      if (refusal !== undefined) throw new Error(`our switch refuses what the tests need: ${refusal}`)
    }
  const theirNumber = new Map(
    [...bed.datapath.ports()].map(([number, { name }]) => [number, String(portNumbers.get(name) ?? `?${name}`)]),
  )
  const traceOne = (asked: Asked): string => {
    const command = asked.packetOut === undefined ? trace : tracePacketOut
    const answer = command({ switch: bed.switch }, wordsOf(asked), port => theirNumber.get(port))
    bed.clock.runUntil(bed.clock.now() + 1)
    return answer.ok ? answer.text : `error: ${answer.error}`
  }
  return {
    bed,
    bridges,
    configure(settings) {
      bed.switch.limitVlans(settings.vlanLimit)
      for (const [i, bridge] of bridges.entries()) configure(bridge, i, settings)
    },
    async change(bridge, version, changes) {
      const talker = talkerOf(bridge, version)
      const errors = new Map<number, string>()
      for (const { xid, bytes } of changes) {
        if (xid === barrierXid) continue
        for (const { body } of talker.raw(bytes))
          if (body.type === 'error') errors.set(xid, body.name ?? 'an error without a name')
      }
      return errors
    },
    async settle() {},
    trace: async asked => traceOne(asked),
    async forget() {
      for (const bridge of bridges) {
        bridge.flushMacs()
        bridge.snooping?.flush()
      }
    },
    async close() {},
  }
}

const addPort = (bed: Bed, bridge: Bridge, { name, ofport, type, columns = {}, options = {} }: PortSettings): void => {
  if (type === 'patch') bed.patch(bridge, name, options.peer as string, ofport)
  else if (type === 'vxlan') bed.tunnel(bridge, name, options, ofport)
  else bed.port(bridge, name, columns, ofport)
}

const configure = (bridge: Bridge, number: number, { mirrors, bridges, ports }: Settings): void => {
  const { floodVlans, forwardBpdu, snooping } = bridges.find(one => one.bridge === number) ?? {}
  bridge.configure({
    failMode: 'secure',
    mirrors: mirrors.filter(mirror => mirror.bridge === number),
    floodVlans: floodVlans ?? [],
    forwardBpdu: forwardBpdu ?? false,
    snooping: (snooping ?? 'off') === 'off' ? undefined : { disableFloodUnregistered: snooping === 'to routers' },
  })
  for (const { name, columns = {} } of portsOf(number)) {
    const manners = ports.find(({ port }) => port === name)
    const port = bridge.portByName(name) as BridgePort
    bridge.updatePort(port, {
      vlan: vlanSettings({ ...columns, isProtected: manners?.isProtected }),
      snooping: { flood: manners?.floodsMulticast, floodReports: manners?.floodsReports },
      config: {
        ...defaultPortConfig(),
        noFlood: manners?.config === 'no-flood',
        noForward: manners?.config === 'no-forward',
        noReceive: manners?.config === 'no-receive',
        noPacketIn: manners?.config === 'no-packet-in',
      },
    })
  }
}
