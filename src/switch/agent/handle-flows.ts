import { type BodyOf, type FlowRequest, type FlowStats, noBuffer } from '../../openflow/message.ts'
import { second } from '../../runtime/index.ts'
import type { FlowFilter, Rule } from '../rule.ts'
import { age } from './age.ts'
import type { Handlers } from './handler.ts'

const filterOf = ({ table, match, cookie, cookieMask, outPort, outGroup }: FlowRequest): FlowFilter => ({
  table,
  match,
  ...(cookieMask === 0n ? {} : { cookie, cookieMask }),
  outPort,
  outGroup,
})

const statsOf = (rule: Rule, now: number): FlowStats => ({
  table: rule.table,
  priority: rule.priority,
  match: rule.match,
  cookie: rule.cookie,
  duration: age(now, rule.created),
  idleTimeout: rule.idleTimeout,
  hardTimeout: rule.hardTimeout,
  idleAge: Math.floor((now - rule.used) / second),
  hardAge: Math.floor((now - rule.modified) / second),
  importance: rule.importance,
  ...rule.flags,
  packets: rule.packets,
  bytes: rule.bytes,
  actions: rule.actions,
})

/** A packet in a buffer would be sent through a new or changed flow: there are no buffers, so none can be named. */
export const namesBuffer = ({ command, bufferId }: BodyOf<'flow_mod'>): boolean =>
  bufferId !== noBuffer && !command.startsWith('delete')

export const flowHandlers: Handlers = {
  flow_request(body, { bridge, sw, reply }) {
    const now = sw.clock.now()
    reply({ type: 'flow_reply', flows: bridge.flows.dump(filterOf(body)).map(rule => statsOf(rule, now)) })
    return undefined
  },

  aggregate_request(body, { bridge, reply }) {
    reply({ type: 'aggregate_reply', ...bridge.flows.aggregate(filterOf(body)) })
    return undefined
  },

  flow_mod(body, { bridge, from, message }) {
    if (namesBuffer(body)) return 'OFPBRC_BUFFER_UNKNOWN'
    return bridge.flows.apply(body, { connection: from, xid: message.xid })
  },
}
