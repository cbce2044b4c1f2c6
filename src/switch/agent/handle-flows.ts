import type { Match } from '../../flow/match.ts'
import type { TlvLayout } from '../../flow/tlv.ts'
import { MatchPool } from '../../openflow/match-pool.ts'
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

const statsOf = (rule: Rule, match: Match, now: number): FlowStats => ({
  table: rule.table,
  priority: rule.priority,
  match,
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

/** Each is there until the next is asked for: their matches are one. */
function* statsOfAll(rules: readonly Rule[], now: number, tlv: TlvLayout): Generator<FlowStats> {
  const pool = new MatchPool()
  for (const rule of rules) {
    const match = pool.take()
    match.tlv = tlv
    rule.spreadMatch(match)
    yield statsOf(rule, match, now)
    pool.release()
  }
}

export const flowHandlers: Handlers = {
  flow_request(body, { bridge, sw, replyFlows }) {
    replyFlows(statsOfAll(bridge.flows.dump(filterOf(body)), sw.clock.now(), bridge.tlv.layout))
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
