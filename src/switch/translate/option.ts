import type { FieldName } from '../../flow/fields.ts'
import { markOption, optionMask, optionNumber, readOption, writeOption } from '../../flow/tlv.ts'
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

/** Its value, 0 where it is not there. The megaflow depends on the bits of `bits`. */
export const getOption = ({ flow, mask, bridge }: Context, field: FieldName, bits: bigint): bigint => {
  const { layout } = bridge.tlv
  const number = optionNumber(field) as number
  markOption(mask, number)
  writeOption(mask, number, bits, bits, layout)
  return readOption(flow, number, layout)
}

/** The frame does not say it any more. */
export const removeOption = ({ flow, bridge }: Context, field: FieldName): void => {
  const { layout } = bridge.tlv
  const number = optionNumber(field) as number
  writeOption(flow, number, 0n, optionMask(number, layout), layout)
  markOption(flow, number, false)
}
