import { type Match, newMatch } from '../../flow/match.ts'
import type { MatchRows } from '../../flow/match-rows.ts'
import type { TlvLayout } from '../../flow/tlv.ts'
import { type BodyOf, type FlowRequest, noBuffer } from '../../openflow/message.ts'
import type { ToldFlow } from '../../openflow/messages/flow-stats.ts'
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

/** Whole seconds since `then`, which a packet may have moved on while flows were told as they were at `now`. */
const secondsSince = (now: number, then: number): number => Math.max(0, Math.floor((now - then) / second))

const statsOf = (rule: Rule, match: Match, now: number): ToldFlow => {
  // Not spread: a dump does this for very many.
  const { sendFlowRemoved, checkOverlap, resetCounts, noPacketCounts, noByteCounts } = rule.flags
  return {
    table: rule.table,
    priority: rule.priority,
    match,
    alike: rule.rows,
    cookie: rule.cookie,
    duration: age(now, rule.created),
    idleTimeout: rule.idleTimeout,
    hardTimeout: rule.hardTimeout,
    idleAge: secondsSince(now, rule.used),
    hardAge: secondsSince(now, rule.modified),
    importance: rule.importance,
    sendFlowRemoved,
    checkOverlap,
    resetCounts,
    noPacketCounts,
    noByteCounts,
    packets: rule.packets,
    bytes: rule.bytes,
    actions: rule.actions,
  }
}

/** A packet in a buffer would be sent through a new or changed flow: there are no buffers, so none can be named. */
export const namesBuffer = ({ command, bufferId }: BodyOf<'flow_mod'>): boolean =>
  bufferId !== noBuffer && !command.startsWith('delete')

/** Each is there until the next is asked for: their matches are one. */
function* statsOfAll(rules: readonly Rule[], now: number, tlv: TlvLayout): Generator<ToldFlow> {
  const match = newMatch(tlv)
  let before: MatchRows | undefined
  for (const rule of rules) {
    // The words that rules of the same rows have are the same.
    if (rule.rows !== before) {
      match.key.fill(0)
      match.mask.fill(0)
    }
    before = rule.rows
    rule.spreadMatch(match)
    yield statsOf(rule, match, now)
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
    const error = bridge.flows.apply(body, { connection: from, xid: message.xid })
    if (error === undefined) from.flowMods?.note(body.command)
    return error
  },
}
