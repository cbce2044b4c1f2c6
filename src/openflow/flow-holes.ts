/** The holes of a line of flows: the plain values in it that stand in a message as they are (`flow-shapes.ts`). */
import { formatIp6 } from '../wire/address.ts'

type Notation = 'decimal' | 'hex' | 'mac' | 'quad' | 'ip6'

/** A name and how its value is written. */
export type HoleRow = {
  name: string
  notation: Notation
  /** Of the value. */
  bytes: number
  /** The largest value, all ones; above it values may mean something else, or be wrong. */
  all: bigint
  /** The same as a number, if it has 32 bits or fewer. */
  limit: number
  /** One with bytes that differ. */
  test: bigint
}

const ones = (bits: number): bigint => (1n << BigInt(bits)) - 1n
const rowOf = (name: string, notation: Notation, bits: number): HoleRow => ({
  name,
  notation,
  bytes: Math.ceil(bits / 8),
  all: ones(bits),
  limit: bits > 32 ? Number.POSITIVE_INFINITY : 2 ** bits - 1,
  test: 0xfedcba98765432100123456789abcdefn & ones(bits),
})

/** What a value of a name may look like. */
type Name = { decimal?: HoleRow; hex?: HoleRow; mac?: HoleRow; quad?: HoleRow; ip6?: HoleRow }

/** Decimal numbers have at most so many digits, and so fewer bits than these. */
const longestDecimal = 15
const decimalBits = 49

const numbers = (bits: number, ...names: string[]): [string, Name][] =>
  names.map(name => [
    name,
    { decimal: rowOf(name, 'decimal', Math.min(bits, decimalBits)), hex: rowOf(name, 'hex', bits) },
  ])
const macs = (...names: string[]): [string, Name][] => names.map(name => [name, { mac: rowOf(name, 'mac', 48) }])
const quads = (...names: string[]): [string, Name][] => names.map(name => [name, { quad: rowOf(name, 'quad', 32) }])

const ip6s = (...names: string[]): [string, Name][] => names.map(name => [name, { ip6: rowOf(name, 'ip6', 128) }])

/**
 * Names whose values have no meaning for what stands around them. Ports above 0x7fff can be reserved ones, VLANs have 12 bits,
 * and groups from 0xffffff00 on are no groups.
 */
const names = new Map<string, Name>([
  ...numbers(16, 'priority', 'idle_timeout', 'hard_timeout', 'importance', 'ct_zone'),
  ...numbers(16, 'tp_src', 'tp_dst', 'tcp_src', 'tcp_dst', 'udp_src', 'udp_dst', 'sctp_src', 'sctp_dst'),
  ...numbers(15, 'in_port', 'output'),
  ...numbers(12, 'dl_vlan', 'mod_vlan_vid'),
  ...numbers(32, 'pkt_mark', 'ct_mark', 'conj_id', ...Array.from({ length: 16 }, (_, i) => `reg${i}`)),
  ...numbers(31, 'group'),
  ...numbers(64, 'cookie', 'metadata', 'tun_id'),
  ...macs('dl_src', 'dl_dst', 'eth_src', 'eth_dst', 'arp_sha', 'arp_tha', 'mod_dl_src', 'mod_dl_dst'),
  ...quads('nw_src', 'nw_dst', 'ip_src', 'ip_dst', 'arp_spa', 'arp_tpa', 'tun_src', 'tun_dst'),
  ...quads('mod_nw_src', 'mod_nw_dst'),
  ...ip6s('ipv6_src', 'ipv6_dst', 'nd_target', 'tun_ipv6_src', 'tun_ipv6_dst'),
])

const bytesOf = (value: bigint, count: number): number[] =>
  Array.from({ length: count }, (_, i) => Number((value >> BigInt(8 * (count - 1 - i))) & 0xffn))

/** A value in the notation of a row. */
export const holeText = ({ notation, bytes }: HoleRow, value: bigint): string => {
  switch (notation) {
    case 'decimal':
      return value.toString()
    case 'hex':
      return `0x${value.toString(16)}`
    case 'mac':
      return bytesOf(value, bytes)
        .map(byte => byte.toString(16).padStart(2, '0'))
        .join(':')
    case 'quad':
      return bytesOf(value, bytes).join('.')
    case 'ip6':
      return formatIp6(value)
  }
}

const seed = 0x811c9dc5
const step = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193)
const nameHash = (name: string): number => Array.from(name).reduce((hash, c) => step(hash, c.charCodeAt(0)), seed)
/** Names by hash: one of another name with the same hash is found out when a shape is learned. */
const byHash = new Map(Array.from(names, ([name, row]) => [nameHash(name), row]))

/** The first action stands behind the word for them. */
const actionHashes = [nameHash('actions'), nameHash('action')] as const
const isActions = (hash: number): boolean => hash === actionHashes[0] || hash === actionHashes[1]

/** What a byte means to a line. */
const Role = { text: 0, between: 1, assign: 2, open: 3, close: 4, comment: 5 } as const
const roles = new Uint8Array(256)
const roleOf = (characters: string, role: number): void => {
  for (const c of characters) roles[c.charCodeAt(0)] = role
}
roleOf(' ,\t\r', Role.between)
roleOf('=:', Role.assign)
roleOf('(', Role.open)
roleOf(')', Role.close)
roleOf('#', Role.comment)

/** Digits by their byte; 16 for all others. */
const digits = new Uint8Array(256).fill(16)
for (let i = 0; i < 16; i++)
  for (const digit of [i.toString(16), i.toString(16).toUpperCase()]) digits[digit.charCodeAt(0)] = i

const [zero, slash, dash, dot, colon, x] = Array.from('0/-.:x', c => c.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
  number,
  number,
]

/** Words of a value, the upper first: 128 bits. */
export const valueWords = 4

/** More holes than these are left as they are. */
const mostHoles = 32

/** The holes of one line after the other: what was found of the last one stays until the next. */
export class Holes {
  count = 0
  /** Of all that is not a hole's value. */
  hash = 0
  readonly rows: HoleRow[] = []
  /** Where each hole is in the text. */
  readonly starts = new Int32Array(mostHoles)
  readonly ends = new Int32Array(mostHoles)
  /** Their values. */
  readonly words = new Uint32Array(valueWords * mostHoles)
  private readonly groups = new Uint16Array(8)
  private high = 0
  private low = 0

  /** Looks for the holes between `from` and `to`; false for a line that shall not be looked at this way. */
  find(text: Uint8Array, from: number, to: number): boolean {
    this.count = 0
    let hash = seed
    let depth = 0
    let isFirst = true
    for (let at = from; at < to; ) {
      let name = seed
      let byte = 0
      let role: number = Role.text
      for (; at < to; at++) {
        byte = text[at]!
        role = roles[byte]!
        if (role !== Role.text) break
        name = step(name, byte)
      }
      hash = step(step(hash, name), byte)
      if (at === to) break
      if (role === Role.comment) return false
      at++
      if (role === Role.open) depth++
      else if (role === Role.close) depth--
      else if (role === Role.assign && isFirst && depth === 0 && this.count < mostHoles) {
        const known = byHash.get(name)
        if (known !== undefined) {
          const row = this.value(known, text, at, to)
          if (row !== undefined) {
            hash = step(hash, row.bytes)
            at = this.ends[this.count - 1]!
          }
        }
      }
      isFirst = role === Role.between || (role === Role.assign && isActions(name))
    }
    this.hash = hash
    return true
  }

  /** Takes the value at `at` if it is a plain one that `known` may have. */
  private value(known: Name, text: Uint8Array, at: number, to: number): HoleRow | undefined {
    const { count } = this
    const { decimal, hex, mac, quad, ip6 } = known
    let row: HoleRow | undefined
    let end = at
    if (decimal !== undefined) {
      const isHex = text[at] === zero && text[at + 1] === x
      row = isHex ? hex : decimal
      end = isHex ? this.hex(text, at + 2, to) : this.decimal(text, at, to)
    } else if (quad !== undefined) {
      row = quad
      end = this.quad(text, at, to)
    } else if (ip6 !== undefined) {
      row = ip6
      end = this.ip6(text, at, to)
    } else {
      row = mac
      end = this.mac(text, at, to)
    }
    if (row === undefined || end < 0 || (end < to && !isEnd(text[end]!))) return undefined
    if (row.bytes <= 4 && (this.high !== 0 || this.low > row.limit)) return undefined
    this.starts[count] = at
    this.ends[count] = end
    this.keep(valueWords * count, row.notation === 'ip6')
    this.rows[count] = row
    this.count++
    return row
  }

  private keep(at: number, isIp6: boolean): void {
    const { words, groups } = this
    words[at] = isIp6 ? (groups[0]! << 16) | groups[1]! : 0
    words[at + 1] = isIp6 ? (groups[2]! << 16) | groups[3]! : 0
    words[at + 2] = isIp6 ? (groups[4]! << 16) | groups[5]! : this.high
    words[at + 3] = isIp6 ? (groups[6]! << 16) | groups[7]! : this.low
  }

  private decimal(text: Uint8Array, from: number, to: number): number {
    let at = from
    let value = 0
    for (; at < to && digits[text[at]!]! < 10; at++) value = value * 10 + digits[text[at]!]!
    if (at === from || at - from > longestDecimal || (text[from] === zero && at - from > 1)) return -1
    if (value >= 2 ** decimalBits) return -1
    this.high = Math.floor(value / 2 ** 32)
    this.low = value >>> 0
    return at
  }

  private hex(text: Uint8Array, from: number, to: number): number {
    let at = from
    let high = 0
    let low = 0
    for (; at < to && digits[text[at]!]! < 16; at++) {
      high = (high << 4) | (low >>> 28)
      low = (low << 4) | digits[text[at]!]!
    }
    if (at === from || at - from > 16) return -1
    this.high = high >>> 0
    this.low = low >>> 0
    return at
  }

  private quad(text: Uint8Array, from: number, to: number): number {
    let at = from
    let value = 0
    for (let part = 0; part < 4; part++) {
      if (part > 0 && text[at++] !== dot) return -1
      const start = at
      let byte = 0
      for (; at < to && digits[text[at]!]! < 10; at++) byte = byte * 10 + digits[text[at]!]!
      if (at === start || at - start > 3 || byte > 255 || (text[start] === zero && at - start > 1)) return -1
      value = (value << 8) | byte
    }
    this.high = 0
    this.low = value >>> 0
    return at
  }

  private mac(text: Uint8Array, from: number, to: number): number {
    const end = from + 17
    if (end > to) return -1
    let high = 0
    let low = 0
    for (let at = from; at < end; at += 3) {
      const upper = digits[text[at]!]!
      const lower = digits[text[at + 1]!]!
      if (upper > 15 || lower > 15 || (at + 2 < end && text[at + 2] !== colon)) return -1
      high = ((high << 8) | (low >>> 24)) & 0xffff
      low = (low << 8) | (upper << 4) | lower
    }
    this.high = high
    this.low = low >>> 0
    return end
  }

  /** Eight groups, or fewer around `::`; what ends in an IPv4 address is not looked at this way. */
  private ip6(text: Uint8Array, from: number, to: number): number {
    const { groups } = this
    let count = 0
    let gap = -1
    let at = from
    if (text[at] === colon) {
      if (text[at + 1] !== colon) return -1
      gap = 0
      at += 2
    }
    while (at < to && digits[text[at]!]! < 16) {
      const start = at
      let group = 0
      for (; at < to && digits[text[at]!]! < 16; at++) group = ((group << 4) | digits[text[at]!]!) & 0xffff
      if (at - start > 4 || count === 8) return -1
      groups[count++] = group
      if (at === to || text[at] !== colon) break
      at++
      if (text[at] === colon) {
        if (gap >= 0) return -1
        gap = count
        at++
      } else if (at === to || digits[text[at]!]! > 15) return -1
    }
    if (gap < 0) return count === 8 ? at : -1
    if (count === 8) return -1
    groups.copyWithin(8 - count + gap, gap, count)
    groups.fill(0, gap, 8 - count + gap)
    return at
  }
}

/** What may stand behind a value: another word, or its mask. */
const isEnd = (byte: number): boolean => roles[byte] === Role.between || byte === slash || byte === dash
