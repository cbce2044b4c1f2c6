import { formatMatch } from '../../flow/match-text.ts'
import { formatActions } from '../../openflow/action-text.ts'
import { second } from '../../runtime/clock.ts'
import { lines, reply, type UnixctlCommands, withBridge } from './command.ts'
import { trace, tracePacketOut } from './trace.ts'

const dumpFlows = withBridge((daemon, bridge) => {
  const now = daemon.switch.clock.now()
  const age = (created: number): string => `duration=${Math.floor((now - created) / second)}s`
  const rules = bridge.flows.dumpAll().map(rule => {
    const table = rule.table === 0 ? '' : `table_id=${rule.table}, `
    const priority = rule.priority === 0x8000 ? '' : `priority=${rule.priority}`
    const match = [priority, formatMatch(rule.match)].filter(text => text !== '').join(',')
    return `${table}${age(rule.created)}, n_packets=${rule.packets}, n_bytes=${rule.bytes}, ${match},actions=${formatActions(rule.actions)}`
  })
  return reply(lines(rules))
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
  'ofproto/trace-packet-out': {
    usage: '[-consistent] {[dp_name] odp_flow | bridge br_flow} [OPTIONS...] [-generate|packet] actions',
    min: 2,
    max: Number.POSITIVE_INFINITY,
    run: tracePacketOut,
  },
  'bridge/dump-flows': { usage: '[--offload-stats] bridge', min: 1, max: 1, run: dumpFlows },
}
