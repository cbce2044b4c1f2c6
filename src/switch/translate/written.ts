import { type FieldName, writeField } from '../../flow/fields.ts'
import { type FlowKey, newKey, word } from '../../flow/layout.ts'
import type { Subfield } from '../../openflow/action.ts'
import type { Runnable } from './runnable.ts'

/**
 * What an action with constants writes, as words: threes of place, bits and value in one row, since a miss reads those of
 * many flows that are in no cache of the processor.
 */
export type Written = readonly number[]

/**
 * Fields are big integers and an action is run for every miss, so the words that it writes are worked out when the flow
 * is added: a list beside the list of actions. Actions that write no constants have none.
 */
export const prepare = (actions: readonly Runnable[]): (Written | undefined)[] =>
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

const prepared = new WeakMap<readonly Runnable[], readonly (Written | undefined)[]>()

/** The same for a list that is run often and stays: one inside an action. */
export const preparedOnce = (actions: readonly Runnable[]): readonly (Written | undefined)[] => {
  let written = prepared.get(actions)
  if (written === undefined) {
    written = prepare(actions)
    prepared.set(actions, written)
  }
  return written
}

const writtenBy = (field: FieldName, value: bigint, mask: bigint): Written => {
  const bits = newKey()
  const values = newKey()
  writeField(bits, field, mask, mask)
  writeField(values, field, value, mask)
  const written: number[] = []
  for (let place = 0; place < bits.length; place++)
    if (bits[place] !== 0) written.push(place, bits[place]!, values[place]!)
  return written
}

/** All ones in the bits of a subfield, in the field's place. */
export const subfieldMask = ({ start, count }: Subfield): bigint => ((1n << BigInt(count)) - 1n) << BigInt(start)

/**
 * The type of neighbour discovery's option is matched and written, but Open vSwitch reads it as 0 where it adds bits to it:
 * what there was is gone. So it forgets which bits were looked at, which we do not.
 */
export const forgetOption = (key: FlowKey, name: FieldName | undefined): void => {
  if (name === 'nd_options_type') key[word.ndOptionsType] = 0
}

/** Writes them into a key. */
export const write = (flow: FlowKey, written: Written, name?: FieldName): void => {
  forgetOption(flow, name)
  for (let i = 0; i < written.length; i += 3) {
    const place = written[i]!
    flow[place] = (flow[place]! & ~written[i + 1]!) | written[i + 2]!
  }
}

/** Sets the bits that were written of a field in a mask. */
export const markWritten = (mask: FlowKey, name: FieldName, written: Written): void => {
  for (let i = 0; i < written.length; i += 3) {
    const place = written[i]!
    mask[place] = mask[place]! | written[i + 1]!
  }
  narrow(mask, name)
}

/** Sets bits of a field in a mask: the megaflow depends on them from now on. */
export const markField = (mask: FlowKey, name: FieldName, bits: bigint): void => {
  writeField(mask, name, bits, bits)
  narrow(mask, name)
}

/** A match has more bits of these than there are; whoever adds to them leaves those that there are, as in Open vSwitch. */
const narrow = (mask: FlowKey, name: FieldName): void => {
  switch (name) {
    case 'ipv6_label':
      mask[word.ipv6Label] = mask[word.ipv6Label]! & 0xfffff
      break
    case 'icmp_type':
    case 'icmpv6_type':
      mask[word.transport] = mask[word.transport]! & 0x00ffffff
      break
    case 'icmp_code':
    case 'icmpv6_code':
      mask[word.transport] = mask[word.transport]! & 0xffff00ff
  }
}
