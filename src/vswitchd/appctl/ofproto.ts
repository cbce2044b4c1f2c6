import { formatMatch } from '../../flow/match-text.ts'
import { formatActions } from '../../openflow/action-text.ts'
import { second } from '../../runtime/clock.ts'
import { lines, reply, type UnixctlCommands, withBridge } from './command.ts'
import { trace } from './trace.ts'

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
    max: Number.POSITIVE_INFINITY,
    run: trace,
  },
  'bridge/dump-flows': { usage: '[--offload-stats] bridge', min: 1, max: 1, run: dumpFlows },
}
