/** Neighbour discovery for IPv6 (RFC 4861 §4): ICMPv6 messages of types 133 to 137, valid only with hop limit 255. */
import type { Ip6 } from './address.ts'
import { Frame } from './frame.ts'
import { bit, header, u8, u16, u32, u128 } from './header.ts'
import { fillIcmp6Checksum, Icmp6Type } from './icmp6.ts'
import { type NdOption, ndOptionSize, parseNdOptions, writeNdOptions } from './nd-options.ts'
import { type Parsed, parsed, refused } from './parsed.ts'
import type { Ends } from './transport-checksum.ts'

/** Solicitation, advertisement and redirect; the flags are the advertisement's. */
export const NdHeader = header('ND', 24, {
  type: [0, u8],
  code: [1, u8],
  checksum: [2, u16],
  router: [4, bit(0)],
  solicited: [4, bit(1)],
  override: [4, bit(2)],
  target: [8, u128],
})

/** Router advertisement; the lifetime is seconds, the two timers milliseconds. */
export const NdRouterHeader = header('ND router advertisement', 16, {
  type: [0, u8],
  code: [1, u8],
  checksum: [2, u16],
  hopLimit: [4, u8],
  managed: [5, bit(0)],
  other: [5, bit(1)],
  lifetime: [6, u16],
  reachableTime: [8, u32],
  retransTimer: [12, u32],
})

/** RS, RA, NS, NA, and redirect, by the names RFC 4861 uses. */
export type Nd = { options: NdOption[] } & (
  | { kind: 'router-solicitation' }
  | {
      kind: 'router-advertisement'
      hopLimit: number
      managed: boolean
      other: boolean
      lifetime: number
      reachableTime: number
      retransTimer: number
    }
  | { kind: 'neighbor-solicitation'; target: Ip6 }
  | { kind: 'neighbor-advertisement'; target: Ip6; router: boolean; solicited: boolean; override: boolean }
  | { kind: 'redirect'; target: Ip6; destination: Ip6 }
)

const types = {
  'router-solicitation': Icmp6Type.routerSolicitation,
  'router-advertisement': Icmp6Type.routerAdvertisement,
  'neighbor-solicitation': Icmp6Type.neighborSolicitation,
  'neighbor-advertisement': Icmp6Type.neighborAdvertisement,
  redirect: Icmp6Type.redirect,
} as const

const sizes = {
  'router-solicitation': 8,
  'router-advertisement': 16,
  'neighbor-solicitation': 24,
  'neighbor-advertisement': 24,
  redirect: 40,
} as const

const kinds = new Map<number, Nd['kind']>(Object.entries(types).map(([kind, type]) => [type, kind as Nd['kind']]))

/** Whether an ICMPv6 type is one of these messages. */
export const isNdType = (type: number): boolean => type >= 133 && type <= 137

/**
 * From the ICMPv6 type on; the message ends at `end`. Refuses `short`, `length` (an option of length 0), `value` for another
 * type or a code that is not 0. Hop limit and checksum are the caller's to check.
 */
export const parseNd = (bytes: Uint8Array, start: number, end: number): Parsed<Nd & { payload: number }> => {
  if (start + 8 > end) return refused('short')
  const kind = kinds.get(bytes[start]!)
  if (kind === undefined || bytes[start + 1] !== 0) return refused('value')
  if (start + sizes[kind] > end) return refused('short')
  const found = parseNdOptions(bytes, start + sizes[kind], end)
  if (!found.ok) return found
  const options = found.value
  const payload = end
  const { at } = NdHeader
  switch (kind) {
    case 'router-solicitation':
      return parsed({ kind, options, payload })
    case 'router-advertisement': {
      const router = NdRouterHeader.at
      return parsed({
        kind,
        hopLimit: router.hopLimit(bytes, start),
        managed: router.managed(bytes, start),
        other: router.other(bytes, start),
        lifetime: router.lifetime(bytes, start),
        reachableTime: router.reachableTime(bytes, start),
        retransTimer: router.retransTimer(bytes, start),
        options,
        payload,
      })
    }
    case 'neighbor-solicitation':
      return parsed({ kind, target: at.target(bytes, start), options, payload })
    case 'neighbor-advertisement':
      return parsed({
        kind,
        target: at.target(bytes, start),
        router: at.router(bytes, start),
        solicited: at.solicited(bytes, start),
        override: at.override(bytes, start),
        options,
        payload,
      })
    case 'redirect':
      return parsed({
        kind,
        target: at.target(bytes, start),
        destination: u128.get(bytes, start + 24),
        options,
        payload,
      })
  }
}

/** The size of the whole message in bytes. */
export const ndSize = (nd: Nd): number =>
  nd.options.reduce<number>((size, option) => size + ndOptionSize(option), sizes[nd.kind])

/** Writes the message, its checksum 0; returns its size. */
export const writeNd = (bytes: Uint8Array, at: number, nd: Nd): number => {
  const size = sizes[nd.kind]
  bytes.fill(0, at, at + size)
  bytes[at] = types[nd.kind]
  const { put } = NdHeader
  switch (nd.kind) {
    case 'router-advertisement': {
      const router = NdRouterHeader.put
      router.hopLimit(bytes, at, nd.hopLimit)
      router.managed(bytes, at, nd.managed)
      router.other(bytes, at, nd.other)
      router.lifetime(bytes, at, nd.lifetime)
      router.reachableTime(bytes, at, nd.reachableTime)
      router.retransTimer(bytes, at, nd.retransTimer)
      break
    }
    case 'neighbor-solicitation':
      put.target(bytes, at, nd.target)
      break
    case 'neighbor-advertisement':
      put.target(bytes, at, nd.target)
      put.router(bytes, at, nd.router)
      put.solicited(bytes, at, nd.solicited)
      put.override(bytes, at, nd.override)
      break
    case 'redirect':
      put.target(bytes, at, nd.target)
      u128.set(bytes, at + 24, nd.destination)
  }
  return size + writeNdOptions(bytes, at + size, nd.options)
}

/** A frame that holds the message with its checksum, to be followed by `pushIpv6` with hop limit 255. */
export const ndFrame = (nd: Nd, ends: Ends): Frame => {
  const frame = Frame.of(ndSize(nd))
  writeNd(frame.bytes, frame.start, nd)
  return fillIcmp6Checksum(frame, ends)
}
