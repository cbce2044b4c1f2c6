/** `learn(…)`: a frame that passes makes a flow (ovs-actions(7), "The learn action"). */

import { field, fullMask, readField, writeField } from '../../flow/fields.ts'
import { word } from '../../flow/layout.ts'
import { equals, type Match, newMatch, setField } from '../../flow/match.ts'
import type { OfAction, Subfield } from '../../openflow/action.ts'
import { OfPort } from '../../openflow/action.ts'
import type { Learn, LearnSpec } from '../../openflow/learn.ts'
import { equalActions } from '../action-lists.ts'
import type { FlowFlags, FlowSpec } from '../rule.ts'
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
  const fits = hasRoomFor(context, spec, what.limit)
  if (fits) {
    const { bridge, view, taught } = context
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

type Learned = Pick<FlowSpec, 'actions' | 'cookie' | 'idleTimeout' | 'hardTimeout'> & {
  flags?: Partial<FlowFlags> | undefined
}

/** Whether learning `b` in the place of `a` changes nothing. */
const isSame = (a: Learned, b: Learned): boolean =>
  a.cookie === b.cookie &&
  a.idleTimeout === b.idleTimeout &&
  a.hardTimeout === b.hardTimeout &&
  a.flags?.sendFlowRemoved === b.flags?.sendFlowRemoved &&
  equalActions(a.actions, b.actions)

/**
 * Whether this very flow is there already, or there are fewer with its cookie than may be. One that it takes the place of counts
 * too. What this frame has taught before is as good as there.
 */
const hasRoomFor = ({ bridge, effects }: Context, spec: FlowSpec, limit: number): boolean => {
  if (limit === 0) return true
  const id = spec.table ?? 0
  const table = bridge.table(id)
  const isAt = (one: FlowSpec, other: FlowSpec): boolean =>
    one.priority === other.priority && equals(one.match, other.match)
  const taught = effects.flatMap(effect =>
    effect.type === 'flow' && effect.bridge === bridge && (effect.spec.table ?? 0) === id ? [effect.spec] : [],
  )
  const present: Learned | undefined =
    taught.findLast(one => isAt(one, spec)) ?? table?.find(spec.match, spec.priority ?? 0)
  if (present !== undefined && isSame(present, spec)) return true
  let count = 0
  for (const rule of table?.rules() ?? []) if (rule.cookie === (spec.cookie ?? 0n)) count++
  for (const [i, one] of taught.entries()) {
    const replaced = table?.find(one.match, one.priority ?? 0)
    if (
      one.cookie === spec.cookie &&
      replaced?.cookie !== one.cookie &&
      !taught.slice(0, i).some(before => isAt(before, one))
    )
      count++
  }
  return count < limit
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
  const bits = name === 'in_port' && count >= portBits ? fullMask(name) : subfieldMask({ field: name, start, count })
  const before = readField(match.mask, name)
  if (before === 0n) setField(match, name, value << BigInt(start), bits)
  else {
    writeField(match.mask, name, before | bits)
    writeField(match.key, name, value << BigInt(start), bits)
  }
  if (field(name).needs !== undefined && match.mask[word.packetType] === 0) match.mask[word.packetType] = 0xffffffff
}

/** Of NXM_OF_IN_PORT. */
const portBits = 16

const outputs: ReadonlySet<number> = new Set([OfPort.inPort, OfPort.flood, OfPort.local, OfPort.all])

const isOutput = (value: bigint): boolean =>
  value < BigInt(OfPort.max) || (value <= 0xffffn && outputs.has(Number(value)))
