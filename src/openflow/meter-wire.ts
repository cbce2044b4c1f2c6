/** Meters as bytes: their flags and bands. */
import type { Reader, Writer } from './bytes.ts'
import { type Decoded, decoded, refused } from './error.ts'
import type { MeterBand, MeterFlags } from './meter.ts'

/** OFPMF_*: in this order from bit 0 on. */
export const meterFlags = ['kbps', 'pktps', 'burst', 'stats'] as const satisfies readonly (keyof MeterFlags)[]
export const allMeterFlags = 0xf

export const meterFlagBits = (flags: MeterFlags): number =>
  meterFlags.reduce((bits, name, i) => (flags[name] ? bits | (1 << i) : bits), 0)
export const meterFlagsOf = (bits: number): MeterFlags => ({
  kbps: (bits & 1) !== 0,
  pktps: (bits & 2) !== 0,
  burst: (bits & 4) !== 0,
  stats: (bits & 8) !== 0,
})

/** OFPMBT_DROP, OFPMBT_DSCP_REMARK, both of 16 bytes. */
const bandTypes = new Map<number, MeterBand['type']>([
  [1, 'drop'],
  [2, 'dscp_remark'],
])
const bandSize = 16

/** Reads bands up to the reader's end. */
export const decodeBands = (bytes: Reader): Decoded<MeterBand[]> => {
  const bands: MeterBand[] = []
  while (bytes.left > 0) {
    if (bytes.left < bandSize - 4) return refused('OFPBRC_BAD_LEN')
    const start = bytes.at
    const number = bytes.u16()
    const length = bytes.u16()
    const rate = bytes.u32()
    const burst = bytes.u32()
    const type = bandTypes.get(number)
    if (length < bandSize || start + length > bytes.end) return refused('OFPBRC_BAD_LEN')
    if (type === undefined) return refused('OFPMMFC_BAD_BAND')
    if (length !== bandSize) return refused('OFPBRC_BAD_LEN')
    const precedence = bytes.u8()
    bytes.skip(3)
    bands.push({ type, rate, burst, precedence: type === 'dscp_remark' ? precedence : 0 })
  }
  return decoded(bands)
}

export const encodeBands = (bands: readonly MeterBand[], out: Writer): void => {
  for (const { type, rate, burst, precedence } of bands) {
    out.u16(type === 'drop' ? 1 : 2)
    out.u16(bandSize)
    out.u32(rate)
    out.u32(burst)
    out.u8(type === 'drop' ? 0 : precedence)
    out.zeros(3)
  }
}
