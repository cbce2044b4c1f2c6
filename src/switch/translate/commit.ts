import type { SparseKey } from '../../datapath/action.ts'
import { type FlowKey, word } from '../../flow/layout.ts'
import { EtherType } from '../../wire/ethernet.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import type { Context } from './context.ts'
import { vlanPresent } from './vlan-tag.ts'

/**
 * Writes out what actions have changed since the last time: OpenFlow actions only change the key, and a frame's headers
 * follow when it goes somewhere. So a rewrite that is undone before an output costs nothing, and several rewrites of one
 * header are one `set`.
 *
 * The order is Open vSwitch's: Ethernet, network, transport, VLAN, priority, mark. A `set` names, of a header's fields,
 * those that differ, with the bits that the megaflow's mask has: whoever changed a field has set those.
 */
export const commit = (context: Context): void => {
  const { flow } = context
  set(context, ethernetParts)
  const ethType = flow[word.ethType]! >>> 16
  if (ethType === EtherType.ipv4) {
    set(context, ipv4Parts)
    transport(context, flow[word.ip]! & 0xff, IpProtocol.icmp)
  } else if (ethType === EtherType.ipv6) {
    set(context, ipv6Parts)
    transport(context, flow[word.ip]! & 0xff, IpProtocol.icmp6)
  } else if (ethType === EtherType.arp || ethType === EtherType.rarp) set(context, arpParts)
  else if (ethType === EtherType.mpls || ethType === EtherType.mplsMulticast) set(context, mplsParts)
  commitVlans(context)
  set(context, priorityParts)
  set(context, markParts)
}

/** A field as bits of words. */
type Part = readonly (readonly [word: number, bits: number])[]

const whole = 0xffffffff
const words = (first: number, count: number): Part =>
  Array.from({ length: count }, (_, i): readonly [number, number] => [first + i, whole])

const ethernetParts: Part[] = [
  [
    [word.ethernet1, 0x0000ffff],
    [word.ethernet2, whole],
  ],
  [
    [word.ethernet, whole],
    [word.ethernet1, 0xffff0000],
  ],
]
const tosPart: Part = [[word.ip, 0x00ff0000]]
const ttlPart: Part = [[word.ip, 0x0000ff00]]
const ipv4Parts: Part[] = [words(word.ipv4Src, 1), words(word.ipv4Dst, 1), tosPart, ttlPart]
const ipv6Parts: Part[] = [words(word.ipv6Src, 4), words(word.ipv6Dst, 4), words(word.ipv6Label, 1), tosPart, ttlPart]
const hardwarePair: Part[] = [
  [
    [word.arpSha, whole],
    [word.arpSha + 1, 0xffff0000],
  ],
  [
    [word.arpSha + 1, 0x0000ffff],
    [word.arpSha + 2, whole],
  ],
]
const arpParts: Part[] = [words(word.ipv4Src, 1), words(word.ipv4Dst, 1), [[word.ip, 0x000000ff]], ...hardwarePair]
const neighbourParts: Part[] = [words(word.ndTarget, 4), ...hardwarePair]
const transportParts: Part[] = [[[word.transport, 0xffff0000]], [[word.transport, 0x0000ffff]]]
const mplsParts: Part[] = [words(word.mpls, 1)]
const priorityParts: Part[] = [words(word.skbPriority, 1)]
const markParts: Part[] = [words(word.pktMark, 1)]

const transport = (context: Context, protocol: number, icmp: number): void => {
  if (protocol === icmp) {
    set(context, transportParts)
    if (icmp === IpProtocol.icmp6) set(context, neighbourParts)
  } else if (protocol === IpProtocol.tcp || protocol === IpProtocol.udp || protocol === IpProtocol.sctp)
    set(context, transportParts)
}

/** One `set` for those parts that differ. */
const set = (context: Context, parts: readonly Part[]): void => {
  const { flow, base, mask } = context
  if (!parts.some(part => differs(flow, base, part))) return
  const key = new Map<number, number>()
  const bits = new Map<number, number>()
  for (const part of parts) {
    if (!differs(flow, base, part)) continue
    for (const [at, covered] of part) {
      const own = mask[at]! & covered
      if (own === 0) continue
      bits.set(at, ((bits.get(at) ?? 0) | own) >>> 0)
      key.set(at, ((key.get(at) ?? 0) | (flow[at]! & own)) >>> 0)
    }
    for (const [at, covered] of part) base[at] = (base[at]! & ~covered) | (flow[at]! & covered)
  }
  context.actions.push({ type: 'set', key: sparse(key), mask: sparse(bits) })
}

const differs = (a: FlowKey, b: FlowKey, part: Part): boolean => {
  for (const [at, covered] of part) if (((a[at]! ^ b[at]!) & covered) !== 0) return true
  return false
}

const sparse = (values: Map<number, number>): SparseKey => [...values].sort(([a], [b]) => a - b)

/** Tags that differ are popped, from the outermost, and pushed anew: no datapath action rewrites one in place. */
const commitVlans = ({ flow, base, mask, actions }: Context): void => {
  if (flow[word.vlan] === base[word.vlan] && flow[word.vlan1] === base[word.vlan1]) return
  const before = tags(base)
  const after = tags(flow)
  while (before.length > 0 && after.length > 0 && before.at(-1) === after.at(-1)) {
    before.pop()
    after.pop()
  }
  for (const _ of before) actions.push({ type: 'pop_vlan' })
  for (const tag of after.reverse()) actions.push({ type: 'push_vlan', tpid: tag >>> 16, tci: tag & 0xffff })
  // What is pushed was made of the tags that came in, priority and all.
  mask[word.vlan] = whole
  mask[word.vlan1] = whole
  base[word.vlan] = flow[word.vlan]!
  base[word.vlan1] = flow[word.vlan1]!
}

/** The tags there are, outermost first. */
const tags = (key: FlowKey): number[] => [key[word.vlan]!, key[word.vlan1]!].filter(tag => (tag & vlanPresent) !== 0)
