import { formatMatch } from '../../flow/match-text.ts'
import { formatActions } from '../../openflow/action-text.ts'
import { second } from '../../runtime/clock.ts'
import type { Vswitchd } from '../vswitchd.ts'
import { lines, type Reply, refuse, reply, type UnixctlCommands } from './command.ts'
import { trace, tracePacketOut } from './trace.ts'

/** What hardware has of a flow's counts: there is none. */
const offloaded = ', n_offload_packets=0, n_offload_bytes=0'

const dumpFlows = (daemon: Vswitchd, args: readonly string[]): Reply => {
  const bridge = daemon.switch.bridges.get(args.at(-1) ?? '')
  if (bridge === undefined) return refuse('Unknown bridge')
  const counts = args.length > 1 && args[0] === '--offload-stats' ? offloaded : ''
  const now = daemon.switch.clock.now()
  const age = (created: number): string => `duration=${Math.floor((now - created) / second)}s`
  const rules = bridge.flows.dumpAll().map(rule => {
    const table = rule.table === 0 ? '' : `table_id=${rule.table}, `
    const priority = rule.priority === 0x8000 ? '' : `priority=${rule.priority}`
    const match = [priority, formatMatch(rule.match)].filter(text => text !== '').join(',')
    return `${table}${age(rule.created)}, n_packets=${rule.packets}, n_bytes=${rule.bytes}${counts}, ${match},actions=${formatActions(rule.actions)}`
  })
  return reply(lines(rules))
}

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
  'bridge/dump-flows': { usage: '[--offload-stats] bridge', min: 1, max: 2, run: dumpFlows },
}
