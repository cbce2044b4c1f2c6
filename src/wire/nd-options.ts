import type { Ip6, Mac } from './address.ts'
import { u8, u16, u32, u48, u128 } from './header.ts'
import { type Parsed, parsed, refused } from './parsed.ts'

/** RFC 4861 §4.6, RFC 8106 §5.1. */
export const NdOptionType = { source: 1, target: 2, prefix: 3, redirected: 4, mtu: 5, rdnss: 25 } as const

/** Lifetimes are seconds, 0xffffffff for ever; `other` is the bytes behind type and length, 8n - 2 of them. */
export type NdOption =
  | { kind: 'source'; mac: Mac }
  | { kind: 'target'; mac: Mac }
  | { kind: 'mtu'; mtu: number }
  | {
      kind: 'prefix'
      prefix: Ip6
      length: number
      onLink: boolean
      autonomous: boolean
      validLifetime: number
      preferredLifetime: number
    }
  | { kind: 'rdnss'; lifetime: number; servers: Ip6[] }
  | { kind: 'other'; type: number; data: Uint8Array }

/** Options up to `end`. Refuses `short`, and `length` for an option of length 0 (RFC 4861 §4.6: discard the packet). */
export const parseNdOptions = (bytes: Uint8Array, start: number, end: number): Parsed<NdOption[]> => {
  const options: NdOption[] = []
  for (let at = start; at < end; ) {
    if (at + 8 > end) return refused('short')
    const size = bytes[at + 1]! * 8
    if (size === 0) return refused('length')
    if (at + size > end) return refused('short')
    options.push(readOption(bytes, at, size))
    at += size
  }
  return parsed(options)
}

const readOption = (bytes: Uint8Array, at: number, size: number): NdOption => {
  const type = bytes[at]!
  if (type === NdOptionType.source && size === 8) return { kind: 'source', mac: u48.get(bytes, at + 2) }
  if (type === NdOptionType.target && size === 8) return { kind: 'target', mac: u48.get(bytes, at + 2) }
  if (type === NdOptionType.mtu && size === 8) return { kind: 'mtu', mtu: u32.get(bytes, at + 4) }
  if (type === NdOptionType.prefix && size === 32 && bytes[at + 2]! <= 128)
    return {
      kind: 'prefix',
      length: bytes[at + 2]!,
      onLink: (bytes[at + 3]! & 0x80) !== 0,
      autonomous: (bytes[at + 3]! & 0x40) !== 0,
      validLifetime: u32.get(bytes, at + 4),
      preferredLifetime: u32.get(bytes, at + 8),
      prefix: u128.get(bytes, at + 16),
    }
  if (type === NdOptionType.rdnss && size >= 24 && size % 16 === 8) {
    const servers: Ip6[] = []
    for (let i = at + 8; i < at + size; i += 16) servers.push(u128.get(bytes, i))
    return { kind: 'rdnss', lifetime: u32.get(bytes, at + 4), servers }
  }
  return { kind: 'other', type, data: bytes.subarray(at + 2, at + size) }
}

/** The size of an option in bytes, a multiple of 8. */
export const ndOptionSize = (option: NdOption): number => {
  switch (option.kind) {
    case 'prefix':
      return 32
    case 'rdnss':
      return 8 + 16 * option.servers.length
    case 'other':
      return (option.data.length + 9) & ~7
    default:
      return 8
  }
}

/** Writes options one behind the other; returns their size. */
export const writeNdOptions = (bytes: Uint8Array, start: number, options: readonly NdOption[]): number => {
  let at = start
  for (const option of options) {
    const size = ndOptionSize(option)
    bytes.fill(0, at, at + size)
    u8.set(bytes, at, option.kind === 'other' ? option.type : NdOptionType[option.kind])
    u8.set(bytes, at + 1, size / 8)
    writeOption(bytes, at, option)
    at += size
  }
  return at - start
}

const writeOption = (bytes: Uint8Array, at: number, option: NdOption): void => {
  switch (option.kind) {
    case 'source':
    case 'target':
      u48.set(bytes, at + 2, option.mac)
      break
    case 'mtu':
      u32.set(bytes, at + 4, option.mtu)
      break
    case 'prefix':
      bytes[at + 2] = option.length
      bytes[at + 3] = (option.onLink ? 0x80 : 0) | (option.autonomous ? 0x40 : 0)
      u32.set(bytes, at + 4, option.validLifetime)
      u32.set(bytes, at + 8, option.preferredLifetime)
      u128.set(bytes, at + 16, option.prefix)
      break
    case 'rdnss':
      u16.set(bytes, at + 2, 0)
      u32.set(bytes, at + 4, option.lifetime)
      for (const [i, server] of option.servers.entries()) u128.set(bytes, at + 8 + 16 * i, server)
      break
    case 'other':
      bytes.set(option.data, at + 2)
  }
}
