import { type FlowKey, word } from '../../flow/layout.ts'

/** The headers that a `set` of the datapath writes, and where their fields are in a key. */

/** A field as bits of words. */
export type Part = readonly (readonly [word: number, bits: number])[]

/**
 * `keySize` is what the datapath has for it, bytes (linux/openvswitch.h). `hasMore`: fields that are never written are
 * among them, so that a mask is never whole.
 */
export type Header = { parts: readonly Part[]; keySize: number; hasMore?: true }

export const whole = 0xffffffff
const words = (first: number, count: number): Part =>
  Array.from({ length: count }, (_, i): readonly [number, number] => [first + i, whole])

const hardwarePair: readonly Part[] = [
  [
    [word.arpSha, whole],
    [word.arpSha + 1, 0xffff0000],
  ],
  [
    [word.arpSha + 1, 0x0000ffff],
    [word.arpSha + 2, whole],
  ],
]

export const ethernet: Header = {
  parts: [
    [
      [word.ethernet1, 0x0000ffff],
      [word.ethernet2, whole],
    ],
    [
      [word.ethernet, whole],
      [word.ethernet1, 0xffff0000],
    ],
  ],
  keySize: 12,
}

const addresses4 = [words(word.ipv4Src, 1), words(word.ipv4Dst, 1)]
const addresses6 = [words(word.ipv6Src, 4), words(word.ipv6Dst, 4), words(word.ipv6Label, 1)]
const tos: Part = [[word.ip, 0x00ff0000]]
const dscp: Part = [[word.ip, 0x00fc0000]]
const ttl: Part = [[word.ip, 0x0000ff00]]
export const ipv4: Header = { parts: [...addresses4, tos, ttl], keySize: 12, hasMore: true }
export const ipv6: Header = { parts: [...addresses6, tos, ttl], keySize: 40, hasMore: true }
/** The same without congestion's mark. */
export const ecnless: ReadonlyMap<Header, Header> = new Map([
  [ipv4, { ...ipv4, parts: [...addresses4, dscp, ttl] }],
  [ipv6, { ...ipv6, parts: [...addresses6, dscp, ttl] }],
])
export const arp: Header = {
  parts: [...addresses4, [[word.ip, 0x000000ff]], ...hardwarePair],
  keySize: 24,
}
export const neighbour: Header = { parts: [words(word.ndTarget, 4), ...hardwarePair], keySize: 28 }
export const neighbourExtension: Header = {
  parts: [words(word.ndReserved, 1), [[word.ndOptionsType, 0xff]]],
  keySize: 8,
  hasMore: true,
}
export const icmp: Header = { parts: [[[word.transport, 0x00ff00ff]]], keySize: 2 }
export const ports: Header = {
  parts: [[[word.transport, 0xffff0000]], [[word.transport, 0x0000ffff]]],
  keySize: 4,
}
export const priority: Header = { parts: [words(word.skbPriority, 1)], keySize: 4 }
export const mark: Header = { parts: [words(word.pktMark, 1)], keySize: 4 }
export const labelSize = 4

export const nshFields: readonly Part[] = [[[word.nsh, 0xff000000]], [[word.nsh, 0x00ff0000]], words(word.nshPath, 1)]
export const nshContexts: Part = words(word.nshContext, 4)
/** Which of the kinds of metadata it is. */
export const nshKind: Part = [[word.nsh, 0x0000ff00]]

export const differs = (a: FlowKey, b: FlowKey, part: Part): boolean => {
  for (let i = 0; i < part.length; i++) {
    const [at, covered] = part[i]!
    if (((a[at]! ^ b[at]!) & covered) !== 0) return true
  }
  return false
}
