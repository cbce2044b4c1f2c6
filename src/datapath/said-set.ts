import { word } from '../flow/layout.ts'
import type { Action, SparseKey } from './action.ts'

/** Headers that `set` writes; a text may name others, which are told and not written. */
const writable = new Set(
  'eth vlan mpls ipv4 ipv6 arp tcp udp sctp icmp icmpv6 nd nd_ext skb_priority skb_mark'.split(' '),
)

/** Bits of them that it does not: of a fragment, the protocol, the bit that says that a tag is there. */
const untouched: Readonly<Record<string, readonly [place: number, bits: number]>> = {
  ipv4: [word.ip, 0xff0000ff],
  ipv6: [word.ip, 0xff0000ff],
  vlan: [word.vlan, 0xffff1000],
}

/** The bits of a `set` that are written into frames. */
export const writtenBits = ({ mask, part }: Action & { type: 'set' }): SparseKey => {
  if (part === undefined) return mask
  if (!writable.has(part.name)) return []
  const [place, bits] = untouched[part.name] ?? [-1, 0]
  return mask.map(([at, value]) => [at, at === place ? (value & ~bits) >>> 0 : value] as const)
}
