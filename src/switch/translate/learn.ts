/** `learn(…)`: a frame that passes makes a flow (ovs-actions(7), "The learn action"). */

import { type FieldName, field, fullMask, readField, writeField } from '../../flow/fields.ts'
import { word } from '../../flow/layout.ts'
import { type Match, newMatch, setField } from '../../flow/match.ts'
import type { OfAction, Subfield } from '../../openflow/action.ts'
import { OfPort } from '../../openflow/action.ts'
import type { Learn, LearnSpec } from '../../openflow/learn.ts'
import type { FlowSpec } from '../rule.ts'
import { type Context, type Run, record } from './context.ts'
import { readSubfield, writeSubfield } from './subfield.ts'
import { subfieldMask } from './written.ts'

export const learn: Run<'learn'> = (context, { learn: what }) => {
  const spec = learnedFlow(context, what)
  if (!context.learning) {
    record(context, { kind: 'detail', detail: { what: 'not_learning' } })
    return
  }
  record(context, { kind: 'detail', detail: { what: 'learned_flow', flow: spec } })
  const { bridge, view, taught } = context
  const fits = bridge.flows.mayLearn(spec, what.limit)
  if (fits) {
    context.effects.push({ type: 'flow', bridge, spec, limit: what.limit })
    const made = taught && bridge.flows.learn(spec, view.now())
    if (made !== undefined) taught?.add(made.rule, made.before)
  }
  const { result } = what
  if (result !== undefined) {
    const value = fits ? 1n : 0n
    writeSubfield(context, result, value)
    record(context, { kind: 'detail', detail: { what: 'moved', target: result, value } })
  }
  if (!fits) record(context, { kind: 'detail', detail: { what: 'learn_limit' } })
}

/** The flow that this frame teaches; fields it is made of are set in the mask. */
const learnedFlow = (context: Context, what: Learn): FlowSpec => {
  const match = newMatch()
  const actions: OfAction[] = []
  const { finIdleTimeout, finHardTimeout } = what
  if (finIdleTimeout !== 0 || finHardTimeout !== 0)
    actions.push({ type: 'fin_timeout', idleTimeout: finIdleTimeout, hardTimeout: finHardTimeout })
  for (const spec of what.specs) {
    const value = taught(context, spec)
    if (spec.target.type === 'match') addToMatch(match, spec.target.field, value)
    else if (spec.target.type === 'load') actions.push({ type: 'load', target: spec.target.field, value })
    else if (isOutput(value)) actions.push({ type: 'output', port: Number(value) })
  }
  return {
    table: what.table,
    priority: what.priority,
    match,
    actions,
    cookie: what.cookie,
    idleTimeout: what.idleTimeout,
    hardTimeout: what.hardTimeout,
    flags: { sendFlowRemoved: what.sendFlowRemoved },
  }
}

const taught = (context: Context, { source }: LearnSpec): bigint =>
  'field' in source ? readSubfield(context, source) : source.value

/** As a flow_mod's match would be: a whole port number has all its bits, and what only Ethernet frames have says so. */
const addToMatch = (match: Match, { field: name, start, count }: Subfield, value: bigint): void => {
  const { bits: room, wireBits = room } = field(name)
  // A key has more room than a message for ports, and for types and codes of ICMP.
  const isWhole = room > wireBits && count >= wireBits
  const bits = isWhole ? fullMask(name) : subfieldMask({ field: name, start, count })
  if (field(name).needs !== undefined && match.mask[word.packetType] === 0) match.mask[word.packetType] = 0xffffffff
  const before = readField(match.mask, name)
  if (!isMatchable(name, before | bits)) return
  if (before === 0n) setField(match, name, value << BigInt(start), bits)
  else {
    writeField(match.mask, name, before | bits)
    writeField(match.key, name, value << BigInt(start), bits)
  }
}

/**
 * Of a field that is matched as a whole or not at all, Open vSwitch passes over a part; and as it counts in bytes, over one
 * whose bits do not fill them (`mpls_label`, `vlan_pcp`, `ip_dscp`).
 */
const isMatchable = (name: FieldName, mask: bigint): boolean => {
  const { maskable, bits, wireBits = bits } = field(name)
  if (maskable === true) return true
  const whole = (1n << BigInt(Math.min(bits, wireBits))) - 1n
  // Of ARP's operation a key has the lower byte.
  return (bits >= wireBits || name === 'arp_op') && (mask & whole) === whole
}

const outputs: ReadonlySet<number> = new Set([OfPort.inPort, OfPort.flood, OfPort.local, OfPort.all])

const isOutput = (value: bigint): boolean =>
  value < BigInt(OfPort.max) || (value <= 0xffffn && outputs.has(Number(value)))
