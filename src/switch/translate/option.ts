import type { FieldName } from '../../flow/fields.ts'
import { markOption, optionNumber, writeOption } from '../../flow/tlv.ts'
import type { Context } from './context.ts'

/**
 * Tunnel options. Where in a key they lie is the bridge's to say, so what an action writes there is not known before it runs;
 * and one that is written is there from then on.
 */
export const isOption = (field: FieldName): boolean => field.startsWith('tun_metadata')

/** Writes the bits of `bits`; the megaflow depends on them, and on whether the option was there. */
export const setOption = ({ flow, mask, bridge }: Context, field: FieldName, value: bigint, bits: bigint): void => {
  const { layout } = bridge.tlv
  const number = optionNumber(field) as number
  for (const key of [flow, mask]) markOption(key, number)
  writeOption(mask, number, bits, bits, layout)
  writeOption(flow, number, value, bits, layout)
}

/** The megaflow depends on the bits of `bits` from now on. */
export const lookAtOption = ({ mask, bridge }: Context, field: FieldName, bits: bigint): void => {
  const number = optionNumber(field) as number
  markOption(mask, number)
  writeOption(mask, number, bits, bits, bridge.tlv.layout)
}

/** The frame does not say it any more. What it said is kept: as in Open vSwitch, an action that writes some of its bits finds the others. */
export const removeOption = ({ flow }: Context, field: FieldName): void =>
  markOption(flow, optionNumber(field) as number, false)
