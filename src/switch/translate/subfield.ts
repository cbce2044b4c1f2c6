import { type FieldName, fullMask, readField, writeField } from '../../flow/fields.ts'
import type { FlowKey } from '../../flow/layout.ts'
import type { Subfield } from '../../openflow/action.ts'
import { widthOf } from '../../openflow/field-text.ts'
import type { Context } from './context.ts'
import { isOption, lookAtOption, setOption } from './option.ts'
import { mendTag } from './vlan-tag.ts'
import { forgetOption, markField, subfieldMask } from './written.ts'

/** The value of a subfield; the megaflow depends on it from now on. */
export const readSubfield = (context: Context, source: Subfield): bigint => {
  const bits = subfieldMask(source)
  if (isOption(source.field)) lookAtOption(context, source.field, bits)
  else markField(context.mask, source.field, bits)
  return peekSubfield(context, source)
}

/** The same, where the megaflow does not depend on it. An option that is not there is 0. */
export const peekSubfield = ({ flow, bridge }: Context, source: Subfield): bigint => {
  const value = onWire(source.field, readField(flow, source.field, bridge.tlv.layout))
  return (value & subfieldMask(source)) >> BigInt(source.start)
}

/**
 * Two fields say ports with 32 bits, where reserved numbers begin at 0xffffff00. The type of neighbour discovery's option is
 * matched and written, but Open vSwitch reads it as 0, whatever it is.
 */
const onWire = (name: FieldName, value: bigint): bigint => {
  if (name === 'nd_options_type') return 0n
  return (name === 'actset_output' || name === 'in_port_oxm') && value >= 0xff00n ? value | 0xffff0000n : value
}

/** Writes a subfield; the megaflow's mask has its bits, so that `commit` writes them. */
export const writeSubfield = (context: Context, target: Subfield, value: bigint): void => {
  const { flow, mask } = context
  const bits = subfieldMask(target)
  if (isOption(target.field)) {
    setOption(context, target.field, value << BigInt(target.start), bits)
    return
  }
  markField(mask, target.field, bits)
  forgetOption(flow, target.field)
  writeField(flow, target.field, value << BigInt(target.start), bits)
  if (target.field.startsWith('vlan_')) mendTag(flow)
}

/** Tells what a subfield is now; of a whole VLAN number, too, whether there is a tag. */
export const recordMoved = (context: Context, target: Subfield): void => {
  const { flow, bridge, recorder } = context
  if (recorder === undefined) return
  const { field: name, start, count } = target
  const bits = count === widthOf(name) ? fullMask(name) : subfieldMask(target)
  const whole = name === 'nd_options_type' ? 0n : readField(flow, name, bridge.tlv.layout)
  const read = (whole & bits) >> BigInt(start)
  // Open vSwitch takes a path of all ones for its mask, which has 32.
  const value = name === 'nsh_spi' && read === 0xffffffn ? 0xffffffffn : read
  recorder.step({ kind: 'detail', detail: { what: 'moved', target, value } })
}

/** Writes a subfield and leaves the mask alone: the value does not come from the frame. */
export const putSubfield = (flow: FlowKey, target: Subfield, value: bigint): void => {
  writeField(flow, target.field, value << BigInt(target.start), subfieldMask(target))
  if (target.field.startsWith('vlan_')) mendTag(flow)
}
