import type { SparseKey } from '../../datapath/action.ts'
import { setNshSize, setSize } from '../../datapath/action-size.ts'
import { type FlowKey, word } from '../../flow/layout.ts'
import { typeOf } from '../../flow/match.ts'
import { EtherType } from '../../wire/ethernet.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { type Context, type PendingEncap, put } from './context.ts'
import {
  arp,
  differs,
  ecnless,
  ethernet,
  type Header,
  icmp,
  ipv4,
  ipv6,
  labelSize,
  mark,
  neighbour,
  neighbourExtension,
  nshContexts,
  nshFields,
  nshKind,
  type Part,
  ports,
  priority,
  whole,
} from './headers.ts'
import { countLabels, isMpls, popLabel, pushLabel } from './mpls-labels.ts'
import { PacketType } from './packet-type.ts'
import { lookAtTags, vlanPresent } from './vlan-tag.ts'

/**
 * Writes out what actions have changed since the last time: OpenFlow actions only change the key, and a frame's headers
 * follow when it goes somewhere. So a rewrite that is undone before an output costs nothing, and several rewrites of one
 * header are one `set`.
 *
 * The order is Open vSwitch's: Ethernet, network, transport, VLAN, priority, mark. A `set` names, of a header's fields,
 * those that differ, with the bits that the megaflow's mask has: whoever changed a field has set those.
 */
export const commit = (context: Context): void => {
  const { flow, base } = context
  if (context.pendingEncap === undefined && !context.pendingDecap && isSame(flow, base)) return
  commitEncap(context)
  if (flow[word.packetType] === PacketType.ethernet && base[word.packetType] === PacketType.ethernet)
    set(context, ethernet)
  const ethType = flow[word.ethType]! >>> 16
  // Nothing can be written below labels before they are taken off.
  const labelsFirst = isMpls(base[word.ethType]! >>> 16) && !isMpls(ethType)
  if (labelsFirst) commitLabels(context)
  if (ethType === EtherType.nsh) commitNsh(context)
  commitNetwork(context, base[word.ethType]! >>> 16)
  commitIcmp(context)
  if (!labelsFirst) commitLabels(context)
  commitVlans(context)
  set(context, priority)
  set(context, mark)
}

/** Most frames go out as they came in. */
const isSame = (a: FlowKey, b: FlowKey): boolean => {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}

/** A protocol, or an operation of ARP, of 0 is no header that could be written to. What the frame is, it is before this. */
const commitNetwork = (context: Context, ethType: number): void => {
  const { flow, base } = context
  const header = networkHeader(ethType)
  const protocol = flow[word.ip]! & 0xff
  if (header === undefined) {
    // What only its packet type says to be IP has ports all the same.
    if (networkHeader(typeOf(base)) !== undefined && hasPorts(protocol)) set(context, ports)
    return
  }
  if (protocol === 0) return
  if (header === arp) setSlowly(context, header)
  else {
    set(context, (looksAtOuter(context) ? ecnless.get(header) : undefined) ?? header)
    if (header === ipv6 && protocol === IpProtocol.icmp6) commitNeighbour(context)
    else if (hasPorts(protocol)) set(context, ports)
  }
}

/** A tunnel that a frame goes into looks at its ECN field: that alone does not make it one that is written. */
const looksAtOuter = ({ flow, base, tunnel }: Context): boolean =>
  ((flow[word.ip]! ^ base[word.ip]!) & ecnBits) === 0 && tunnel !== undefined
const ecnBits = 0x00030000

const networkHeader = (ethType: number): Header | undefined => {
  switch (ethType) {
    case EtherType.ipv4:
      return ipv4
    case EtherType.ipv6:
      return ipv6
    case EtherType.arp:
      return arp
    default:
      return undefined
  }
}

/** A header that was put on or taken off as a whole. */
const commitEncap = (context: Context): void => {
  const { flow, base, mask, pendingEncap, pendingDecap } = context
  if (pendingEncap !== undefined) pushHeader(context, pendingEncap)
  else if (pendingDecap || flow[word.packetType] !== base[word.packetType]) popHeader(context)
  else return
  mask[word.packetType] = whole
  context.pendingEncap = undefined
  context.pendingDecap = false
}

const pushHeader = (context: Context, { tlvs }: PendingEncap): void => {
  const { flow, base } = context
  const type = flow[word.packetType]!
  if (type === PacketType.ethernet) {
    base[word.packetType] = type
    put(context, { type: 'push_eth', ...macsOf(flow) })
    base.set(flow.subarray(word.ethernet, word.ethernet + 3), word.ethernet)
    return
  }
  if (type === PacketType.nsh) {
    base[word.packetType] = type
    const key = range(word.nsh, word.packetType - word.nsh).map((at): readonly [number, number] => [at, flow[at]!])
    // Of the flags a header has no more than two (RFC 8300 §2.2).
    key[0] = [word.nsh, flow[word.nsh]! & 0x03ffffff]
    put(context, { type: 'push_nsh', key, mdType: (flow[word.nsh]! >>> 8) & 0xff, tlvs })
    base.set(flow.subarray(word.ethernet, word.packetType), word.ethernet)
    return
  }
  if (countLabels(flow) > countLabels(base))
    put(context, { type: 'add_mpls', label: flow[word.mpls]!, ethType: type & 0xffff, inner: true })
  base[word.ethType] = flow[word.ethType]!
  base.set(flow.subarray(word.mpls, word.nsh), word.mpls)
}

const popHeader = (context: Context): void => {
  const { flow, base } = context
  const type = flow[word.packetType]!
  if (type >>> 16 === 1 && base[word.packetType] === PacketType.ethernet) {
    put(context, { type: 'pop_eth' })
    base[word.packetType] = type
    base.fill(0, word.ethernet, word.ethernet + 3)
  } else if (base[word.packetType] === PacketType.nsh) put(context, { type: 'pop_nsh' })
  else if (isMpls(base[word.packetType]! & 0xffff)) commitLabels(context)
}

const macsOf = (key: FlowKey): { src: number; dst: number } => ({
  dst: key[word.ethernet]! * 0x10000 + (key[word.ethernet1]! >>> 16),
  src: (key[word.ethernet1]! & 0xffff) * 0x100000000 + key[word.ethernet2]!,
})

const range = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i)

/**
 * Labels that flow and base have in common, from the innermost, stay; of the others the last that is left is rewritten in
 * place, the rest are popped, and what is missing is pushed.
 */
const commitLabels = (context: Context): void => {
  const { flow, base, mask, asked } = context
  const wanted = countLabels(flow)
  let have = countLabels(base)
  let common = commonLabels(flow, wanted, base, have)
  while (have > common) {
    if (have - 1 === common && wanted > common) {
      const label = flow[word.mpls + wanted - have]!
      // Of a label that came with the frame only what was looked at is the same for all frames.
      const bits = have === countLabels(asked) ? mask[word.mpls]! : whole
      put(context, { type: 'set', key: [[word.mpls, label]], mask: [[word.mpls, bits]] }, setSize(labelSize, true))
      base[word.mpls] = label
      common++
      continue
    }
    const type = flow[word.ethType]! >>> 16
    put(context, { type: 'pop_mpls', ethType: !isMpls(type) && have > 1 ? EtherType.mpls : type })
    popLabel(base, have, type)
    have--
    // Popping all but one sets a type that is no label's; the labels left are counted here.
  }
  for (; have < wanted; have++) {
    const label = flow[word.mpls + wanted - have - 1]!
    const type = flow[word.ethType]! >>> 16
    put(context, { type: 'push_mpls', label, ethType: type })
    pushLabel(base, have, type)
    base[word.mpls] = label
  }
}

const commonLabels = (a: FlowKey, ofA: number, b: FlowKey, ofB: number): number => {
  const most = Math.min(ofA, ofB)
  for (let i = 0; i < most; i++) if (a[word.mpls + ofA - 1 - i] !== b[word.mpls + ofB - 1 - i]) return i
  return most
}

const hasPorts = (protocol: number): boolean =>
  protocol === IpProtocol.tcp || protocol === IpProtocol.udp || protocol === IpProtocol.sctp

const commitNeighbour = (context: Context): void => {
  setSlowly(context, neighbourExtension)
  setSlowly(context, neighbour)
}

/** Of ICMP it counts what the frame is to be, not what it is before this; its mask is full, whatever the megaflow looked at. */
const commitIcmp = (context: Context): void => {
  const { flow, base, mask } = context
  const protocol = flow[word.ip]! & 0xff
  const type = flow[word.ethType]! >>> 16
  const isIcmp =
    type === EtherType.ipv4 ? protocol === IpProtocol.icmp : type === EtherType.ipv6 && protocol === IpProtocol.icmp6
  if (!isIcmp || !icmp.parts.some(part => differs(flow, base, part))) return
  for (const part of icmp.parts) for (const [at, bits] of part) mask[at] = bits
  setSlowly(context, icmp)
}

/** A `set` that datapaths leave to the switch. */
const setSlowly = (context: Context, header: Header): void => {
  if (set(context, header)) context.slow.add('action')
}

/** One `set` for those parts that differ, if any do. */
const set = (context: Context, { parts, keySize, hasMore }: Header): boolean => {
  const { flow, base, mask } = context
  if (!anyDiffers(flow, base, parts)) return false
  const changed = parts.filter(part => differs(flow, base, part))
  const isWhole = hasMore !== true && changed.length === parts.length && changed.every(part => isLookedAt(mask, part))
  write(context, changed, setSize(keySize, isWhole))
  return true
}

/** Mostly none does, and then no list of them is made. */
const anyDiffers = (a: FlowKey, b: FlowKey, parts: readonly Part[]): boolean => {
  for (let i = 0; i < parts.length; i++) if (differs(a, b, parts[i]!)) return true
  return false
}

const isLookedAt = (mask: FlowKey, part: Part): boolean =>
  part.every(([at, covered]) => (mask[at]! & covered) >>> 0 === covered)

/** A `set` of these parts, as far as the megaflow's mask has them; the key also has the bits of `told`. */
const write = (context: Context, parts: readonly Part[], size: number, told: Part = []): void => {
  const { flow, base, mask } = context
  const key = new Map<number, number>(told.map(([at, covered]) => [at, flow[at]! & covered]))
  const bits = new Map<number, number>()
  for (const part of parts) {
    for (const [at, covered] of part) {
      const own = mask[at]! & covered
      if (own === 0) continue
      bits.set(at, ((bits.get(at) ?? 0) | own) >>> 0)
      key.set(at, ((key.get(at) ?? 0) | (flow[at]! & own)) >>> 0)
    }
    for (const [at, covered] of part) base[at] = (base[at]! & ~covered) | (flow[at]! & covered)
  }
  // Open vSwitch writes what nothing looked at with an empty mask; there is no more to tell of it than where it is.
  const [first] = parts[0] ?? []
  if (bits.size === 0 && first !== undefined) for (const row of [key, bits]) row.set(first[0], row.get(first[0]) ?? 0)
  put(context, { type: 'set', key: sparse(key), mask: sparse(bits) }, size)
}

/**
 * Of NSH all that the mask has is written together, whether it differs or not. Only a header of kind 1 has contexts of fixed
 * length, whatever actions have made of them; the kind is told to whoever reads the action.
 */
const commitNsh = (context: Context): void => {
  const { flow, base } = context
  const hasContexts = ((flow[word.nsh]! >>> 8) & 0xff) === 1
  const parts = hasContexts ? [...nshFields, nshContexts] : nshFields
  if (!parts.some(part => differs(flow, base, part))) return
  write(context, parts, setNshSize(hasContexts), nshKind)
}

const sparse = (values: Map<number, number>): SparseKey => [...values].sort(([a], [b]) => a - b)

/** Tags that differ are popped, from the outermost, and pushed anew: no datapath action rewrites one in place. */
const commitVlans = (context: Context): void => {
  const { flow, base, mask, asked } = context
  if (flow[word.vlan] === base[word.vlan] && flow[word.vlan1] === base[word.vlan1]) return
  const before = tags(base)
  const after = tags(flow)
  while (before.length > 0 && after.length > 0 && before.at(-1) === after.at(-1)) {
    before.pop()
    after.pop()
  }
  for (const place of before.keys()) {
    put(context, { type: 'pop_vlan' })
    // What is popped is looked at, as it was when the frame came in.
    mask[word.vlan + place] = whole
  }
  for (const tag of after.reverse()) put(context, { type: 'push_vlan', tpid: tag >>> 16, tci: tag & 0xffff })
  lookAtTags(asked, mask)
  base[word.vlan] = flow[word.vlan]!
  base[word.vlan1] = flow[word.vlan1]!
}

/** The tags there are, outermost first. */
const tags = (key: FlowKey): number[] => {
  const both = [key[word.vlan]!, key[word.vlan1]!]
  const end = both.findIndex(tag => (tag & vlanPresent) === 0)
  return end < 0 ? both : both.slice(0, end)
}
