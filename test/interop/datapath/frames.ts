/**
 * Random frames of all kinds that a datapath takes apart, with right checksums for the most part. Later fragments, and
 * fragments that are the whole, carry nothing with ports or checksums: what Open vSwitch's userspace datapath takes for
 * these there is the payload's, and it writes to it. Its kernel datapath does not, and neither does ours.
 */
import { extract } from '../../../src/flow/extract.ts'
import { type FlowKey, fragment, newKey, word } from '../../../src/flow/layout.ts'
import { below, type Random } from '../../../src/runtime/random.ts'
import { EtherType } from '../../../src/wire/ethernet.ts'
import { Frame } from '../../../src/wire/frame.ts'
import { setIpv4Checksum } from '../../../src/wire/ipv4.ts'
import { setSctpChecksum } from '../../../src/wire/sctp.ts'
import { storeChecksum, transportSum } from '../../../src/wire/transport-checksum.ts'

export const pick = <T>(random: Random, from: readonly T[]): T => from[below(random, from.length)] as T

const u16 = (value: number): number[] => [(value >> 8) & 255, value & 255]
const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value)]

/** What flows can match, with the fields that their actions may write. */
export const kinds = [
  'tcp',
  'udp',
  'sctp',
  'icmp',
  'ip',
  'tcp6',
  'udp6',
  'sctp6',
  'icmp6',
  'solicit',
  'advert',
  'ipv6',
  'arp',
  'rarp',
  'mpls',
  'nsh',
  'other',
] as const
export type Kind = (typeof kinds)[number]

type Transport = { protocol: number; bytes: number[]; checksumAt: number | undefined }

const payload = (random: Random, least: number): number[] =>
  Array.from({ length: least + below(random, 40) }, () => below(random, 256))

const option = (type: number, random: Random): number[] => [type, 1, 2, 0, 0, 0, 0, below(random, 4)]

const neighbour = (random: Random, type: number): Transport => {
  const target = [0xfd, ...new Array<number>(14).fill(0), below(random, 4)]
  const options = pick(random, [[], option(1, random), option(2, random), [...option(1, random), ...option(2, random)]])
  return {
    protocol: 58,
    bytes: [type, 0, 0, 0, ...u32(pick(random, [0, 0x60000000])), ...target, ...options],
    checksumAt: 2,
  }
}

const transport = (random: Random, kind: Kind): Transport => {
  const ports = [...u16(below(random, 4)), ...u16(below(random, 4))]
  const rest = payload(random, 8)
  switch (kind) {
    case 'tcp':
    case 'tcp6':
      return {
        protocol: 6,
        bytes: [...ports, ...u32(1), ...u32(2), 0x50, pick(random, [2, 16, 17, 24]), 1, 1, 0, 0, 0, 0, ...rest],
        checksumAt: 16,
      }
    case 'udp':
    case 'udp6':
      return {
        protocol: 17,
        bytes: [...ports, ...u16(8 + rest.length), 0, 0, ...rest],
        checksumAt: random() < 0.2 ? undefined : 6,
      }
    case 'sctp':
    case 'sctp6':
      return { protocol: 132, bytes: [...ports, ...u32(7), 0, 0, 0, 0, ...rest], checksumAt: 8 }
    case 'icmp':
      return {
        protocol: 1,
        bytes: [pick(random, [0, 3, 8]), below(random, 2), 0, 0, 0, 1, 0, 1, ...rest],
        checksumAt: 2,
      }
    case 'icmp6':
      return {
        protocol: 58,
        bytes: [pick(random, [1, 128, 129]), below(random, 2), 0, 0, 0, 1, 0, 1, ...rest],
        checksumAt: 2,
      }
    case 'solicit':
      return neighbour(random, 135)
    case 'advert':
      return neighbour(random, 136)
    default:
      return { protocol: pick(random, [4, 47, 253]), bytes: rest, checksumAt: undefined }
  }
}

/** `checksumAt` in bytes that an IP header at 0 begins. */
const storeTransport = (bytes: Uint8Array, at: number, end: number, { protocol, checksumAt }: Transport): void => {
  if (checksumAt === undefined) return
  if (protocol === 132) setSctpChecksum(bytes, at, end)
  else storeChecksum(bytes, at + checksumAt, at, end, protocol === 1 ? 0 : transportSum(bytes, 0, protocol, end - at))
}

const ipv4 = (random: Random, kind: Kind): number[] => {
  const inner = transport(random, kind)
  const options = random() < 0.15 ? [1, 1, 1, 1] : []
  const fragment = random() < 0.1 ? pick(random, kind === 'ip' ? [0x2000, 0x2005, 0x0007] : [0x2000]) : 0x4000
  const size = 20 + options.length + inner.bytes.length
  const head = [
    0x45 + options.length / 4,
    pick(random, [0, 0, 0x28, 3, 0xff]),
    ...u16(size),
    ...u16(below(random, 9)),
    ...u16(fragment),
  ]
  const addresses = [10, 0, 0, below(random, 4), 10, 0, 0, below(random, 4)]
  const bytes = Uint8Array.from([
    ...head,
    1 + below(random, 4),
    inner.protocol,
    0,
    0,
    ...addresses,
    ...options,
    ...inner.bytes,
  ])
  setIpv4Checksum(bytes, 0)
  storeTransport(bytes, 20 + options.length, size, inner)
  return [...bytes]
}

const ip6 = (last: number): number[] => [0xfd, ...new Array<number>(14).fill(0), last]

const ipv6 = (random: Random, kind: Kind): number[] => {
  const inner = transport(random, kind)
  const way = below(random, 12)
  const extension =
    way === 0
      ? [inner.protocol, 0, 1, 4, 0, 0, 0, 0]
      : way === 1
        ? [inner.protocol, 0, ...u16(kind === 'ipv6' ? pick(random, [0, 1, 0x10]) : 1), ...u32(9)]
        : []
  const next = way === 0 ? 0 : way === 1 ? 44 : inner.protocol
  const size = extension.length + inner.bytes.length
  const head = u32(0x60000000 + (pick(random, [0, 0x28, 3]) << 20) + below(random, 3))
  const addresses = [...ip6(below(random, 4)), ...ip6(below(random, 4))]
  const bytes = Uint8Array.from([
    ...head,
    ...u16(size),
    next,
    1 + below(random, 4),
    ...addresses,
    ...extension,
    ...inner.bytes,
  ])
  storeTransport(bytes, 40 + extension.length, 40 + size, inner)
  return [...bytes]
}

const mac = (random: Random): number[] => [2, 0, 0, 0, 0, below(random, 4)]

const arp = (random: Random): number[] => [
  ...[0, 1, 8, 0, 6, 4, 0, 1 + below(random, 2)],
  ...[...mac(random), 10, 0, 0, below(random, 4), ...mac(random), 10, 0, 0, below(random, 4)],
]

const mpls = (random: Random): number[] => {
  const count = 1 + below(random, 3)
  // One TTL for all: a label that a cached answer of Open vSwitch writes has that of the frame the answer was made for.
  const labels = Array.from({ length: count }, (_, i) =>
    u32(((16 + below(random, 3)) << 12) | (i === count - 1 ? 0x100 : 0) | 40),
  )
  return [...labels.flat(), ...ipv4(random, 'udp')]
}

/** Of both kinds of metadata, but only one of them in a run: an answer cached for the other would fill contexts with anything. */
const nsh = (random: Random, kind: 1 | 2): number[] => {
  const path = [0, 0, below(random, 3), 255]
  const inner = [...mac(random), ...mac(random), 8, 0, ...ipv4(random, 'udp')]
  if (kind === 1)
    return [
      ...u16((pick(random, [0, 0x1000]) | (pick(random, [1, 63]) << 6) | 6) & 0xffff),
      1,
      3,
      ...path,
      ...u32(1),
      ...u32(2),
      ...u32(3),
      ...u32(4),
      ...inner,
    ]
  return [...u16((63 << 6) | 4), 2, 3, ...path, ...[0, 1, 2, 4, 9, 9, 9, 9], ...inner]
}

const network = (random: Random, kind: Kind, metadata: 1 | 2): [type: number, bytes: number[]] => {
  switch (kind) {
    case 'arp':
      return [0x0806, arp(random)]
    case 'rarp':
      return [0x8035, arp(random)]
    case 'mpls':
      return [0x8847, mpls(random)]
    case 'nsh':
      return [0x894f, nsh(random, metadata)]
    case 'other':
      return [0x1234, payload(random, 40)]
    case 'tcp6':
    case 'udp6':
    case 'sctp6':
    case 'icmp6':
    case 'solicit':
    case 'advert':
    case 'ipv6':
      return [0x86dd, ipv6(random, kind)]
    default:
      return [0x0800, ipv4(random, kind)]
  }
}

/**
 * A frame of 60 bytes or more; what is short is filled up, as a network card does. Two tags have an outer one of their own, since
 * Open vSwitch's cached answers do not say that there is no second. `metadata` is NSH's kind.
 */
export const randomFrame = (random: Random, metadata: 1 | 2): Uint8Array => {
  const [type, bytes] = network(random, pick(random, kinds), metadata)
  const tags = pick(random, [[], [], [], [0x81, 0, 0, 5], [0x81, 0, 0x60, 7], [0x88, 0xa8, 0, 9, 0x81, 0, 0, 6]])
  const frame = [...mac(random), ...mac(random), ...tags, ...u16(type), ...bytes]
  while (frame.length < 60) frame.push(0)
  const right = Uint8Array.from(frame)
  // Sometimes a wrong byte.
  if (random() < 0.05) frame[14 + below(random, frame.length - 14)] = below(random, 256)
  const wrong = Uint8Array.from(frame)
  const key = newKey()
  extract(Frame.from(wrong), key)
  return isFragmentOfTransport(key) || isUnreadNsh(key, wrong[14 + tags.length + 2] as number) ? right : wrong
}

/** A header of NSH that cannot be read, of kind 1 by its byte: Open vSwitch writes bytes of its memory to its contexts. */
const isUnreadNsh = (key: FlowKey, kind: number): boolean =>
  key[word.ethType]! >>> 16 === EtherType.nsh && (key[word.nsh]! & 0xff00) === 0 && (kind & 0xf) === 1

const isFragmentOfTransport = (key: FlowKey): boolean => {
  const later = ((key[word.ip]! >>> 24) & fragment.later) !== 0
  return later && [1, 6, 17, 58, 132].includes(key[word.ip]! & 0xff)
}
