import type { SparseKey } from '../../datapath/action.ts'
import { type FlowKey, word } from '../../flow/layout.ts'
import { EtherType } from '../../wire/ethernet.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import type { Context, PendingEncap } from './context.ts'
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
  commitEncap(context)
  if (flow[word.packetType] === PacketType.ethernet && base[word.packetType] === PacketType.ethernet)
    set(context, ethernetParts)
  const ethType = flow[word.ethType]! >>> 16
  // Nothing can be written below labels before they are taken off.
  const labelsFirst = isMpls(base[word.ethType]! >>> 16) && !isMpls(ethType)
  if (labelsFirst) commitLabels(context)
  if (ethType === EtherType.nsh) commitNsh(context)
  commitNetwork(context, base[word.ethType]! >>> 16)
  commitIcmp(context)
  if (!labelsFirst) commitLabels(context)
  commitVlans(context)
  set(context, priorityParts)
  set(context, markParts)
}

/** A protocol, or an operation of ARP, of 0 is no header that could be written to. What the frame is, it is before this. */
const commitNetwork = (context: Context, ethType: number): void => {
  const { flow } = context
  const parts = networkParts(ethType)
  if (parts === undefined) return
  const protocol = flow[word.ip]! & 0xff
  if (protocol === 0) return
  if (parts === arpParts) setSlowly(context, parts)
  else {
    set(context, looksAtOuter(context) ? withoutEcn(parts) : parts)
    if (parts === ipv6Parts && protocol === IpProtocol.icmp6) commitNeighbour(context)
    else if (hasPorts(protocol)) set(context, transportParts)
  }
}

/** A tunnel that a frame goes into looks at its ECN field: that alone does not make it one that is written. */
const looksAtOuter = ({ flow, base, tunnel }: Context): boolean =>
  ((flow[word.ip]! ^ base[word.ip]!) & ecnBits) === 0 && tunnel !== undefined

const networkParts = (ethType: number): Part[] | undefined => {
  switch (ethType) {
    case EtherType.ipv4:
      return ipv4Parts
    case EtherType.ipv6:
      return ipv6Parts
    case EtherType.arp:
      return arpParts
    default:
      return undefined
  }
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
const ecnBits = 0x00030000
const dscpPart: Part = [[word.ip, 0x00fc0000]]
const ecnless = new Map(
  [ipv4Parts, ipv6Parts].map(parts => [parts, parts.map(part => (part === tosPart ? dscpPart : part))]),
)
const withoutEcn = (parts: Part[]): readonly Part[] => ecnless.get(parts) ?? parts
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
const neighbourExtensionParts: Part[] = [words(word.ndReserved, 1), [[word.ndOptionsType, 0xff]]]
const icmpParts: Part[] = [[[word.transport, 0x00ff00ff]]]
const transportParts: Part[] = [[[word.transport, 0xffff0000]], [[word.transport, 0x0000ffff]]]
const nshParts: Part[] = [[[word.nsh, 0xff000000]], [[word.nsh, 0x00ff0000]], words(word.nshPath, 1)]
const nshContexts: Part = words(word.nshContext, 4)
const priorityParts: Part[] = [words(word.skbPriority, 1)]
const markParts: Part[] = [words(word.pktMark, 1)]

/** A header that was put on or taken off as a whole. */
const commitEncap = (context: Context): void => {
  const { flow, base, mask, actions, pendingEncap, pendingDecap } = context
  if (pendingEncap !== undefined) pushHeader(context, pendingEncap)
  else if (pendingDecap || flow[word.packetType] !== base[word.packetType]) popHeader(context)
  else return
  mask[word.packetType] = whole
  context.pendingEncap = undefined
  context.pendingDecap = false
  context.actions = actions
}

const pushHeader = (context: Context, { tlvs }: PendingEncap): void => {
  const { flow, base, actions } = context
  const type = flow[word.packetType]!
  if (type === PacketType.ethernet) {
    base[word.packetType] = type
    actions.push({ type: 'push_eth', ...macsOf(flow) })
    base.set(flow.subarray(word.ethernet, word.ethernet + 3), word.ethernet)
    return
  }
  if (type === PacketType.nsh) {
    base[word.packetType] = type
    const key = range(word.nsh, word.packetType - word.nsh).map((at): readonly [number, number] => [at, flow[at]!])
    actions.push({ type: 'push_nsh', key, mdType: (flow[word.nsh]! >>> 8) & 0xff, tlvs })
    base.set(flow.subarray(word.ethernet, word.packetType), word.ethernet)
    return
  }
  if (countLabels(flow) > countLabels(base))
    actions.push({ type: 'add_mpls', label: flow[word.mpls]!, ethType: type & 0xffff, inner: true })
  base[word.ethType] = flow[word.ethType]!
  base.set(flow.subarray(word.mpls, word.nsh), word.mpls)
}

const popHeader = (context: Context): void => {
  const { flow, base, actions } = context
  const type = flow[word.packetType]!
  if (type >>> 16 === 1 && base[word.packetType] === PacketType.ethernet) {
    actions.push({ type: 'pop_eth' })
    base[word.packetType] = type
    base.fill(0, word.ethernet, word.ethernet + 3)
  } else if (base[word.packetType] === PacketType.nsh) actions.push({ type: 'pop_nsh' })
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
const commitLabels = ({ flow, base, mask, asked, actions }: Context): void => {
  const wanted = countLabels(flow)
  let have = countLabels(base)
  let common = commonLabels(flow, wanted, base, have)
  while (have > common) {
    if (have - 1 === common && wanted > common) {
      const label = flow[word.mpls + wanted - have]!
      // Of a label that came with the frame only what was looked at is the same for all frames.
      const bits = have === countLabels(asked) ? mask[word.mpls]! : whole
      actions.push({ type: 'set', key: [[word.mpls, label]], mask: [[word.mpls, bits]] })
      base[word.mpls] = label
      common++
      continue
    }
    const type = flow[word.ethType]! >>> 16
    actions.push({ type: 'pop_mpls', ethType: !isMpls(type) && have > 1 ? EtherType.mpls : type })
    popLabel(base, have, type)
    have--
    // Popping all but one sets a type that is no label's; the labels left are counted here.
  }
  for (; have < wanted; have++) {
    const label = flow[word.mpls + wanted - have - 1]!
    const type = flow[word.ethType]! >>> 16
    actions.push({ type: 'push_mpls', label, ethType: type })
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
  setSlowly(context, neighbourExtensionParts)
  setSlowly(context, neighbourParts)
}

/** Of ICMP it counts what the frame is to be, not what it is before this. */
const commitIcmp = (context: Context): void => {
  const { flow } = context
  const protocol = flow[word.ip]! & 0xff
  const type = flow[word.ethType]! >>> 16
  const isIcmp =
    type === EtherType.ipv4 ? protocol === IpProtocol.icmp : type === EtherType.ipv6 && protocol === IpProtocol.icmp6
  if (isIcmp) setSlowly(context, icmpParts, true)
}

/** A `set` that datapaths leave to the switch. `whole`: its mask is full, whatever the megaflow looked at, and so is the megaflow's. */
const setSlowly = (context: Context, parts: readonly Part[], whole = false): void => {
  if (!parts.some(part => differs(context.flow, context.base, part))) return
  context.slow.add('action')
  if (whole) for (const part of parts) for (const [at, bits] of part) context.mask[at] = bits
  set(context, whole ? [parts.flat()] : parts)
}

/** One `set` for those parts that differ. */
const set = (context: Context, parts: readonly Part[]): void => {
  const changed = parts.filter(part => differs(context.flow, context.base, part))
  if (changed.length > 0) write(context, changed)
}

/** A `set` of these parts, as far as the megaflow's mask has them; the key also has the bits of `told`. */
const write = ({ flow, base, mask, actions }: Context, parts: readonly Part[], told: Part = []): void => {
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
  actions.push({ type: 'set', key: sparse(key), mask: sparse(bits) })
}

/**
 * Of NSH all that the mask has is written together, whether it differs or not. Only a header of kind 1 has contexts of fixed
 * length, whatever actions have made of them; the kind is told to whoever reads the action.
 */
const commitNsh = (context: Context): void => {
  const hasContexts = ((context.flow[word.nsh]! >>> 8) & 0xff) === 1
  const parts = hasContexts ? [...nshParts, nshContexts] : nshParts
  if (parts.some(part => differs(context.flow, context.base, part))) write(context, parts, nshKind)
}
const nshKind: Part = [[word.nsh, 0x0000ff00]]

const differs = (a: FlowKey, b: FlowKey, part: Part): boolean => {
  for (const [at, covered] of part) if (((a[at]! ^ b[at]!) & covered) !== 0) return true
  return false
}

const sparse = (values: Map<number, number>): SparseKey => [...values].sort(([a], [b]) => a - b)

/** Tags that differ are popped, from the outermost, and pushed anew: no datapath action rewrites one in place. */
const commitVlans = ({ flow, base, mask, asked, actions }: Context): void => {
  if (flow[word.vlan] === base[word.vlan] && flow[word.vlan1] === base[word.vlan1]) return
  const before = tags(base)
  const after = tags(flow)
  while (before.length > 0 && after.length > 0 && before.at(-1) === after.at(-1)) {
    before.pop()
    after.pop()
  }
  for (const place of before.keys()) {
    actions.push({ type: 'pop_vlan' })
    // What is popped is looked at, as it was when the frame came in.
    mask[word.vlan + place] = whole
  }
  for (const tag of after.reverse()) actions.push({ type: 'push_vlan', tpid: tag >>> 16, tci: tag & 0xffff })
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
