import { extract } from '../../flow/extract.ts'
import { newKey, word } from '../../flow/layout.ts'
import { formatMatch, parseMatch } from '../../flow/match-text.ts'
import { formatActions } from '../../openflow/action-text.ts'
import { second } from '../../runtime/clock.ts'
import type { Bridge } from '../../switch/bridge.ts'
import { formatTrace } from '../../switch/trace-text.ts'
import { recordTree } from '../../switch/translate/recorder.ts'
import { Frame } from '../../wire/frame.ts'
import type { Vswitchd } from '../vswitchd.ts'
import { lines, type Reply, refuse, reply, type UnixctlCommands, withBridge } from './command.ts'

/** The rules of table 254, which the switch has for itself. */
const internalRules = [
  'priority=2,recirc_id=0,actions=drop',
  'priority=0,reg0=0x1,actions=controller(reason=)',
  'priority=0,reg0=0x2,actions=drop',
  'priority=0,reg0=0x3,actions=drop',
]

const dumpFlows = withBridge((daemon, bridge) => {
  const now = daemon.switch.clock.now()
  const age = (created: number): string => `duration=${Math.floor((now - created) / second)}s`
  const rules = bridge.flows.dump().map(rule => {
    const table = rule.table === 0 ? '' : `table_id=${rule.table}, `
    const priority = rule.priority === 0x8000 ? '' : `priority=${rule.priority}`
    const match = [priority, formatMatch(rule.match)].filter(text => text !== '').join(',')
    return `${table}${age(rule.created)}, n_packets=${rule.packets}, n_bytes=${rule.bytes}, ${match},actions=${formatActions(rule.actions)}`
  })
  const internal = internalRules.map(text => `table_id=254, ${age(0)}, n_packets=0, n_bytes=0, ${text}`)
  return reply(lines([...rules, ...internal]))
}, 'Unknown bridge')

/** `ofproto/trace BRIDGE FLOW [-generate | PACKET]`: what would happen to a frame, step by step. */
const trace = (daemon: Vswitchd, args: readonly string[]): Reply => {
  const words = args.filter(word => word !== '-generate' && word !== '--generate')
  const generate = words.length < args.length
  const [name = '', flow, packet] = words
  if (flow === undefined) return refuse(`syntax error at ${name} (or the bridge name was omitted)`)
  const bridge = daemon.switch.bridges.get(name)
  if (bridge === undefined) return refuse(`${name}: unknown bridge`)
  return traceIn(daemon, bridge, flow, packet, generate)
}

const traceIn = (
  daemon: Vswitchd,
  bridge: Bridge,
  flow: string,
  packet: string | undefined,
  generate: boolean,
): Reply => {
  const parsed = parseMatch(flow, { portNumber: name => bridge.portByName(name)?.ofport })
  if ('wrong' in parsed) return refuse(`Bad openflow flow syntax: ${flow}: ${unknownField(parsed.wrong)}`)
  const { key } = parsed.match
  if (packet !== undefined) {
    const digits = packet.replaceAll('.', '')
    if (!/^([0-9a-fA-F]{2}){14,}$/.test(digits)) return refuse('Trailing garbage in packet data')
    const inPort = key[word.inPort]!
    const bytes = Uint8Array.from(digits.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
    extract(Frame.from(bytes), key, daemon.switch.datapath.vlanLimit)
    key[word.inPort] = inPort
  }
  const { recorder, steps } = recordTree()
  const asked = newKey()
  asked.set(key)
  const learns = generate || packet !== undefined
  const translation = daemon.switch.explainIn(bridge, key, recorder, learns)
  if (learns) daemon.switch.apply(translation)
  return reply(formatTrace(asked, translation, steps))
}

const unknownField = (text: string): string =>
  text.replace(/^field (\S+) missing value$/, 'unknown field $1').replace(/^unknown keyword (\S+)$/, 'unknown field $1')

export const ofprotoCommands: UnixctlCommands = {
  'ofproto/list': {
    usage: '',
    min: 0,
    max: 0,
    run: daemon => reply(lines([...daemon.switch.bridges.keys()].sort())),
  },
  'ofproto/trace': {
    usage: '{[dp_name] odp_flow | bridge br_flow} [OPTIONS...] [-generate|packet]',
    min: 1,
    max: 4,
    run: trace,
  },
  'bridge/dump-flows': { usage: '[--offload-stats] bridge', min: 1, max: 1, run: dumpFlows },
}
