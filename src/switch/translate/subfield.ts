import { readField, writeField } from '../../flow/fields.ts'
import type { FlowKey } from '../../flow/layout.ts'
import type { Subfield } from '../../openflow/action.ts'
import type { Context } from './context.ts'
import { mendTag } from './vlan-tag.ts'
import { subfieldMask } from './written.ts'

/** The value of a subfield; the megaflow depends on it from now on. */
export const readSubfield = ({ flow, mask }: Context, source: Subfield): bigint => {
  const bits = subfieldMask(source)
  writeField(mask, source.field, bits, bits)
  return (readField(flow, source.field) & bits) >> BigInt(source.start)
}

/** Writes a subfield; the megaflow's mask has its bits, so that `commit` writes them. */
export const writeSubfield = ({ flow, mask }: Context, target: Subfield, value: bigint): void => {
  const bits = subfieldMask(target)
  writeField(mask, target.field, bits, bits)
  writeField(flow, target.field, value << BigInt(target.start), bits)
  if (target.field.startsWith('vlan_')) mendTag(flow)
}

/** Writes a subfield and leaves the mask alone: the value does not come from the frame. */
export const putSubfield = (flow: FlowKey, target: Subfield, value: bigint): void =>
  writeField(flow, target.field, value << BigInt(target.start), subfieldMask(target))
