import { hashPair } from '../../flow/key-hash.ts'
import type { ActionOf } from '../../openflow/action.ts'
import { OfPort } from '../../openflow/action.ts'
import { type Context, type Run, record } from './context.ts'
import { hashFieldsOf, maskHashFields } from './flow-hash.ts'
import { outputTo } from './output.ts'
import { writeSubfield } from './subfield.ts'

/** `bundle(…)`, `bundle_load(…)`: a port that is up, out of which the frame goes or whose number is written. */
export const bundle: Run<'bundle'> = (context, action, { last }) => {
  const port = choose(context, action)
  const { target } = action
  if (target === undefined) {
    outputTo(context, port, 0, { last })
    return
  }
  const value = BigInt.asUintN(target.count, BigInt(port))
  writeSubfield(context, target, value)
  record(context, { kind: 'detail', detail: { what: 'moved', target, value } })
}

const choose = (context: Context, { fields, basis, algorithm, members }: ActionOf<'bundle'>): number => {
  if (algorithm === 'active_backup') return members.find(port => isUp(context, port)) ?? OfPort.none
  if (members.length > 1) maskHashFields(context.flow, context.mask, fields)
  const hash = hashFieldsOf(context.flow, fields, basis)
  let best: number = OfPort.none
  let weight = -1
  members.forEach((port, i) => {
    if (!isUp(context, port)) return
    const own = hashPair(i, hash)
    if (own <= weight) return
    best = port
    weight = own
  })
  return best
}

const always: ReadonlySet<number> = new Set([
  OfPort.inPort,
  OfPort.table,
  OfPort.normal,
  OfPort.flood,
  OfPort.all,
  OfPort.none,
])

const isUp = ({ bridge }: Context, ofport: number): boolean => {
  if (always.has(ofport)) return true
  const port = bridge.ports.get(ofport)
  return port?.linkUp === true && !port.config.down
}
