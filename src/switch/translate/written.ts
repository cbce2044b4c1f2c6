import { type FieldName, writeField } from '../../flow/fields.ts'
import { type FlowKey, newKey } from '../../flow/layout.ts'
import type { OfAction, Subfield } from '../../openflow/action.ts'

/** What an action with constants writes, as words: which, the bits of them, and their values. */
export type Written = { readonly place: number; readonly bits: number; readonly value: number }[]

/**
 * Fields are big integers and an action is run for every miss, so the words that it writes are worked out when the flow
 * is added: a list beside the list of actions. Actions that write no constants have none.
 */
export const prepare = (actions: readonly OfAction[]): (Written | undefined)[] =>
  actions.map(action => {
    switch (action.type) {
      case 'set_field':
        return writtenBy(action.field, action.value, action.mask)
      case 'write_metadata':
        return writtenBy('metadata', action.value, action.mask)
      case 'load':
        return writtenBy(action.target.field, action.value << BigInt(action.target.start), subfieldMask(action.target))
      default:
        return undefined
    }
  })

const writtenBy = (field: FieldName, value: bigint, mask: bigint): Written => {
  const bits = newKey()
  const values = newKey()
  writeField(bits, field, mask, mask)
  writeField(values, field, value, mask)
  const written: { place: number; bits: number; value: number }[] = []
  for (let place = 0; place < bits.length; place++)
    if (bits[place] !== 0) written.push({ place, bits: bits[place]!, value: values[place]! })
  return written
}

/** All ones in the bits of a subfield, in the field's place. */
export const subfieldMask = ({ start, count }: Subfield): bigint => ((1n << BigInt(count)) - 1n) << BigInt(start)

/** Writes them into a key. */
export const write = (flow: FlowKey, written: Written): void => {
  for (const { place, bits, value } of written) flow[place] = (flow[place]! & ~bits) | value
}

/** Sets their bits in a mask. */
export const markWritten = (mask: FlowKey, written: Written): void => {
  for (const { place, bits } of written) mask[place] = mask[place]! | bits
}
