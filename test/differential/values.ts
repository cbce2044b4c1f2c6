import { type FieldName, field, fullMask } from '../../src/flow/fields.ts'
import { below, type Random } from '../../src/runtime/random.ts'
import { formatIp4, formatIp6, formatMac } from '../../src/wire/address.ts'

/** Values of fields that are likely to meet: few of each field, and seldom any. */

export const pick = <T>(random: Random, from: readonly T[]): T => from[below(random, from.length)] as T
export const chance = (random: Random, probability: number): boolean => random() < probability

const macs = [1n, 2n, 3n, 0x0a0b0c0d0e0fn, 0xffffffffffffn, 0x0180c2000003n, 0x01005e000001n]
const ips = [0x0a000001n, 0x0a000002n, 0xc0a80101n, 0xe0000001n]
const ip6s = [
  0xfd000000000000000000000000000001n,
  0xfd000000000000000000000000000002n,
  0xff0200000000000000000001ff000001n,
]
/** Numbers of ports that a bridge of these tests may have, and one that it has not. */
export const portNumbers = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const

const anyBits = (random: Random, bits: number): bigint => {
  let value = 0n
  for (let have = 0; have < bits; have += 32) value = (value << 32n) | BigInt(below(random, 2 ** 32))
  return BigInt.asUintN(bits, value)
}

/** How many bits of the text's value a field takes; options of tunnels have the 4 bytes that the tests map them to. */
export const bitsOf = (name: FieldName): number => {
  if (name.startsWith('tun_metadata')) return 32
  if (name === 'vlan_vid') return 12
  if (/^icmp/.test(name)) return 8
  if (name === 'in_port') return 16
  if (name === 'ct_state') return 8
  return field(name).bits
}

/** Of some fields only a few values make sense. */
const own: { readonly [N in FieldName]?: readonly bigint[] } = {
  vlan_tci: [0x1005n, 0x7005n, 0x1007n, 0x1000n, 0n],
  dl_vlan: [5n, 7n, 0n],
  vlan_vid: [5n, 7n, 0n],
  nw_ttl: [0n, 1n, 2n, 64n],
  mpls_ttl: [0n, 1n, 2n, 64n],
  nsh_ttl: [0n, 1n, 2n, 63n],
  nw_tos: [0n, 4n, 0x28n, 0xb8n],
  tun_tos: [0n, 4n, 0x28n],
  tun_ttl: [1n, 64n],
  tun_flags: [0n, 1n],
  arp_op: [1n, 2n],
  nw_proto: [0n, 4n, 6n, 17n, 47n],
  nsh_mdtype: [1n, 2n],
  nsh_np: [1n, 2n, 3n, 4n],
  nd_options_type: [0n, 1n, 2n],
  ct_nw_proto: [6n, 17n],
  icmpv6_type: [128n, 129n, 135n],
  tcp_flags: [0n, 1n, 2n, 0x12n, 0x10n],
  tun_gbp_flags: [0n, 8n, 0x40n],
}

export const drawn = (random: Random, name: FieldName): bigint => {
  const few = own[name]
  if (few !== undefined && chance(random, 0.9)) return pick(random, few)
  const { format } = field(name)
  const bits = bitsOf(name)
  if (format === 'port') return BigInt(pick(random, portNumbers))
  if (chance(random, 0.1)) return anyBits(random, bits) & (field(name).valid === undefined ? -1n : fullMask(name))
  if (format === 'ethernet') return pick(random, macs)
  if (format === 'ipv4') return pick(random, ips)
  if (format === 'ipv6') return pick(random, ip6s)
  return BigInt(below(random, Math.min(4, 2 ** bits)))
}

/** The whole field, a prefix, some low bits, or any. */
export const maskOf = (random: Random, name: FieldName): bigint => {
  const bits = bitsOf(name)
  const whole = (1n << BigInt(bits)) - 1n
  const full = field(name).valid === undefined ? whole : fullMask(name)
  if (field(name).maskable !== true || chance(random, 0.6)) return full
  const how = below(random, 3)
  const some = BigInt(1 + below(random, bits))
  const mask = how === 0 ? whole << some : how === 1 ? (1n << some) - 1n : anyBits(random, bits)
  const said = isAddress6(name) && /^[0-9]/.test(formatIp6(mask)) ? mask | (0xfn << 124n) : mask
  return (said & full) === 0n ? full : said & full
}

/** Of whose masks Open vSwitch only reads those that begin with a letter or a colon. */
const isAddress6 = (name: FieldName): boolean => /ipv6_(src|dst)$|^nd_target$/.test(name)

const hex = (value: bigint): string => `0x${value.toString(16)}`

const fragments: Readonly<Record<string, string>> = {
  '0/3': 'no',
  '1/3': 'first',
  '3/3': 'later',
  '1/1': 'yes',
  '0/2': 'not_later',
}

export const fragmentTexts = Object.values(fragments)

const flagNames: { readonly [N in FieldName]?: readonly string[] } = {
  ct_state: ['new', 'est', 'rel', 'rpl', 'inv', 'trk', 'snat', 'dnat'],
  tcp_flags: ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ece', 'cwr', 'ns'],
  tun_flags: ['oam'],
}

/** `+trk-new`, and all flags where the mask is whole. */
const flagText = (names: readonly string[], value: bigint, mask: bigint): string =>
  names
    .flatMap((name, bit) => ((mask >> BigInt(bit)) & 1n ? [`${(value >> BigInt(bit)) & 1n ? '+' : '-'}${name}`] : []))
    .join('')

/** A value as a match and `set_field` take it. */
export const valueText = (name: FieldName, value: bigint, mask?: bigint): string => {
  const bits = bitsOf(name)
  const full = field(name).valid === undefined ? (1n << BigInt(bits)) - 1n : fullMask(name)
  const isWhole = mask === undefined || mask === full
  const both = (format: (number: bigint) => string): string =>
    isWhole ? format(value) : `${format(value & (mask as bigint))}/${format(mask as bigint)}`
  switch (field(name).format) {
    case 'ethernet':
      return both(number => formatMac(Number(number)))
    case 'ipv4':
      return both(number => formatIp4(Number(number)))
    case 'ipv6':
      return both(formatIp6)
    case 'port':
      return String(value)
    case 'frag':
      return fragments[`${value & 3n}/${(mask ?? 3n) & 3n}`] ?? 'no'
    case 'ct state':
    case 'tcp flags':
    case 'tunnel flags': {
      const text = flagText(flagNames[name] as readonly string[], value, mask ?? full)
      return mask === undefined ? hex(value) : text
    }
    default:
      return both(number => (number < 10n ? String(number) : hex(number)))
  }
}
