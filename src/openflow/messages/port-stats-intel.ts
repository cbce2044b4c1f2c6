/** The properties of port statistics that Intel defined and Open vSwitch sends: RFC 2819's counters, and any others. */
import type { Reader, Writer } from '../bytes.ts'
import { type Count, digits, readCount, writeCount } from '../counter.ts'
import type { OfErrorName } from '../error.ts'
import type { PortStats } from '../message.ts'
import { beginProperty, type Property } from '../property.ts'

const intel = 0x0000aa01
const rfc2819Type = 1
const customType = 2

/** RFC 2819's counters as text names them, in the order of the wire, each with the line that it stands in. */
export const rfc2819Counters = [
  ['rx', '1_to_64_packets'],
  ['rx', '65_to_127_packets'],
  ['rx', '128_to_255_packets'],
  ['rx', '256_to_511_packets'],
  ['rx', '512_to_1023_packets'],
  ['rx', '1024_to_1522_packets'],
  ['rx', '1523_to_max_packets'],
  ['tx', '1_to_64_packets'],
  ['tx', '65_to_127_packets'],
  ['tx', '128_to_255_packets'],
  ['tx', '256_to_511_packets'],
  ['tx', '512_to_1023_packets'],
  ['tx', '1024_to_1522_packets'],
  ['tx', '1523_to_max_packets'],
  ['tx', 'multicast_packets'],
  ['rx', 'broadcast_packets'],
  ['tx', 'broadcast_packets'],
  ['rx', 'undersized_errors'],
  ['rx', 'oversize_errors'],
  ['rx', 'rx_fragmented_errors'],
  ['rx', 'rx_jabber_errors'],
] as const

/** Padding and counters. */
const rfc2819Size = 4 + 8 * rfc2819Counters.length
/** Longest name that is kept. */
const longestName = 63

export const isIntelStats = ({ experimenter }: Property): boolean => experimenter === intel

/** Adds what a property says; gives what is wrong with it. */
export const decodeIntelStats = ({ subtype, bytes }: Property, stats: PortStats): OfErrorName | undefined => {
  if (subtype === rfc2819Type) return decodeRfc2819(bytes, stats)
  return subtype === customType ? decodeCustom(bytes, stats) : undefined
}

const decodeRfc2819 = (bytes: Reader, stats: PortStats): OfErrorName | undefined => {
  if (bytes.left !== rfc2819Size) return 'OFPBPC_BAD_LEN'
  bytes.skip(4)
  stats.rfc2819 = rfc2819Counters.map(() => readCount(bytes))
  return undefined
}

const decodeCustom = (bytes: Reader, stats: PortStats): OfErrorName | undefined => {
  bytes.skip(2)
  const count = bytes.u16()
  const custom: [string, Count | undefined][] = []
  for (let i = 0; i < count && !bytes.short; i++) {
    const size = bytes.u8()
    const name = String.fromCharCode(...bytes.raw(size).subarray(0, longestName))
    custom.push([name, readCount(bytes)])
  }
  if (bytes.short) return 'OFPBPC_BAD_LEN'
  stats.custom = custom
  return undefined
}

export const encodeIntelStats = (stats: PortStats, out: Writer): void => {
  const { rfc2819, custom } = stats
  if (rfc2819 !== undefined) {
    const end = begin(out, rfc2819Type)
    out.zeros(4)
    for (const i of rfc2819Counters.keys()) writeCount(rfc2819[i], out)
    end()
  }
  if (custom.length === 0) return
  const end = begin(out, customType)
  out.u16(0)
  out.u16(custom.length)
  for (const [name, value] of custom) {
    const size = Math.min(name.length, longestName)
    out.u8(size)
    for (let i = 0; i < size; i++) out.u8(name.charCodeAt(i))
    writeCount(value, out)
  }
  end()
}

const begin = (out: Writer, subtype: number): (() => void) => {
  const end = beginProperty(out, 0xffff)
  out.u32(intel)
  out.u32(subtype)
  return end
}

const indent = ' '.repeat(11)
const perLine = 3

export const formatIntelStats = ({ rfc2819, custom }: PortStats): string => {
  const line = (side: 'rx' | 'tx'): string => {
    const words = rfc2819Counters.flatMap(([of, name], i) => {
      const value = rfc2819?.[i]
      return of === side && value !== undefined ? [`${name}=${digits(value)}, `] : []
    })
    return words.length === 0 ? '' : `${indent}${side} rfc2819 ${words.join('')}\n`
  }
  return `${line('rx')}${line('tx')}${formatCustom(custom)}`
}

const formatCustom = (custom: PortStats['custom']): string => {
  if (custom.length === 0) return ''
  const words = custom.map(([whole, value], i) => {
    const name = /^[^\0]*/.exec(whole)?.[0] ?? ''
    if (name === '') return ''
    const gap = i % perLine === 0 ? `\n${indent}${indent}` : ' '
    return `${gap}${name}=${value === undefined ? '18446744073709551615' : digits(value)},`
  })
  return `${indent}CUSTOM Statistics${words.join('')}\n`
}
