/** Whether the parts of a flow in a datapath's notation belong together: each kind of packet has its own, all of them. */
import { type FlowKey, fragment, word } from './layout.ts'
import type { Match } from './match.ts'
import { formatOdpFlow } from './odp-flow-text.ts'
import type { OdpFlow } from './odp-parse.ts'
import { mostLabels, type OdpPart } from './odp-parts.ts'

/**
 * How parts fit: `much`, one is there that such a packet does not have; `little`, one is missing; `wrong`, one contradicts
 * another. Open vSwitch numbers them 1, 2, 3. `why` is told of some that are wrong.
 */
export type OdpFit = { fit: 'perfect' } | { fit: 'much' } | { fit: 'little' } | { fit: 'wrong'; why: string }

/** Which protocol of IP has which part of its own. */
const transports: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp', 132: 'sctp' }
const icmp6Protocol = 58
const neighbourTypes = new Set([135, 136])

const arpTypes = new Set([0x0806, 0x8035])
const tagTypes = new Set([0x8100, 0x88a8])
const labelTypes = new Set([0x8847, 0x8848])
const nshType = 0x894f

/** Parts that any packet may have, and those that come with others but need not be there. */
const free = new Set(
  (
    'skb_priority skb_mark recirc_id dp_hash ct_state ct_zone ct_mark ct_label ct_tuple4 ct_tuple6 tunnel in_port ' +
    'packet_type eth eth_type'
  ).split(' '),
)

const perfect: OdpFit = { fit: 'perfect' }

/** What parts say a packet is. */
type Packet = { key: FlowKey; parts: readonly OdpPart[] }

/** Whether the key alone is that of a packet. */
export const fitOdpKey = ({ key, parts }: Packet): OdpFit => {
  const found = fitLevel(key, parts, 0)
  if (found.fit !== 'wrong') return found
  const shown = formatOdpFlow({ key, mask: key, parts }, { masks: false, all: false })
  return { fit: 'wrong', why: `${found.why}; the flow key in error is: ${shown}` }
}

const fitLevel = (key: FlowKey, parts: readonly OdpPart[], tags: number): OdpFit => {
  const names = new Set<string>()
  for (const { name } of parts) {
    if (names.has(name)) return { fit: 'wrong', why: `duplicate ${name} attribute in flow key` }
    names.add(name)
  }
  if (names.has('tunnel') && (key[word.tunFlags]! & 255) === 0)
    return { fit: 'wrong', why: 'tunnel options missing TTL' }
  const type = typeOf(key, names, tags)
  if (names.has('eth_type') && (type < 0x600 || type === noType))
    return { fit: 'wrong', why: `invalid Ethertype ${type === noType ? 0 : type} in flow key` }
  if (tagTypes.has(type) && tags < 2) return fitTag(key, parts, names, tags)
  const op = parts.find(({ name }) => name === 'arp')?.op
  if (op !== undefined) return { fit: 'wrong', why: `unsupported ARP opcode ${op} in flow key` }
  const { needed, allowed } = wantedBy(key, type)
  return compare(names, needed, allowed, key, parts)
}

const noType = 0x05ff

/** The type that the parts of one level tell; without `eth_type` that of the header that is there. */
const typeOf = (key: FlowKey, names: ReadonlySet<string>, tags: number): number => {
  if (names.has('eth_type')) {
    const at = names.has('vlan') ? word.vlan + Math.min(tags, 1) : word.ethType
    return key[at]! >>> 16
  }
  if (names.has('ipv6')) return 0x86dd
  if (names.has('ipv4')) return 0x0800
  return names.has('mpls') ? 0x8847 : noType
}

const fitTag = (key: FlowKey, parts: readonly OdpPart[], names: ReadonlySet<string>, tags: number): OdpFit => {
  const encap = parts.find(({ name }) => name === 'encap')
  const outside = compare(names, ['encap'], ['vlan'], key, [])
  const tci = key[word.vlan + Math.min(tags, 1)]! & 0xffff
  // A header that ends behind the type has no more to tell.
  if (!names.has('vlan') || tci === 0)
    return outside.fit === 'perfect' && (encap?.inner?.length ?? 0) > 0 ? { fit: 'much' } : outside
  if ((tci & 0x1000) === 0) {
    const bits = tci.toString(16).padStart(4, '0')
    return { fit: 'wrong', why: `OVS_KEY_ATTR_VLAN 0x${bits} is nonzero but CFI bit is not set` }
  }
  if (outside.fit !== 'perfect' || encap === undefined) return outside
  return fitLevel(key, encap.inner ?? [], tags + 1)
}

/** Parts that a packet of a type must have, and that it may have. */
const wantedBy = (key: FlowKey, type: number): { needed: string[]; allowed: string[] } => {
  if (labelTypes.has(type)) return { needed: ['mpls'], allowed: [] }
  if (arpTypes.has(type)) return { needed: ['arp'], allowed: [] }
  if (type === nshType) return { needed: ['nsh'], allowed: [] }
  if (type !== 0x0800 && type !== 0x86dd) return { needed: [], allowed: [] }
  const needed = [type === 0x0800 ? 'ipv4' : 'ipv6']
  const allowed: string[] = []
  const protocol = key[word.ip]! & 255
  if (((key[word.ip]! >>> 24) & fragment.later) !== 0) return { needed, allowed }
  const transport = transports[protocol]
  if (transport !== undefined) needed.push(transport)
  if (transport === 'tcp') allowed.push('tcp_flags')
  if (protocol === 1 && type === 0x0800) needed.push('icmp')
  if (protocol === icmp6Protocol && type === 0x86dd) {
    needed.push('icmpv6')
    const kind = key[word.transport]! >>> 16
    if (neighbourTypes.has(kind) && (key[word.transport]! & 0xffff) === 0) {
      needed.push('nd')
      allowed.push('nd_ext')
    }
  }
  return { needed, allowed }
}

const compare = (
  names: ReadonlySet<string>,
  needed: readonly string[],
  allowed: readonly string[],
  key: FlowKey,
  parts: readonly OdpPart[],
): OdpFit => {
  if (needed.some(name => !names.has(name))) return { fit: 'little' }
  const known = new Set([...needed, ...allowed])
  if ([...names].some(name => !free.has(name) && !known.has(name))) return { fit: 'much' }
  const labels = parts.find(({ name }) => name === 'mpls')?.labels ?? 0
  return labels > 0 ? fitLabels(key, labels) : perfect
}

/** The last label that is there, and no other, is the bottom of the stack, unless there are as many as can be told. */
const fitLabels = (key: FlowKey, count: number): OdpFit => {
  const bottom = Array.from({ length: count }, (_, i) => (key[word.mpls + i]! & 0x100) !== 0).indexOf(true)
  if (bottom >= 0 && bottom < count - 1) return { fit: 'much' }
  return bottom < 0 && count < mostLabels ? { fit: 'little' } : perfect
}

/** A flow that a datapath can have; `log` are lines about what is wrong with one that it cannot. */
export type OdpMatch = { ok: true; match: Match } | { ok: false; log: readonly string[] }

/** The match of a flow whose key fits: which bits of the key count. */
export const matchOdpFlow = ({ key, mask, parts }: OdpFlow): OdpMatch => {
  const names = new Set(parts.map(({ name }) => name))
  const inmost = innermost(parts)
  if (inmost !== parts && !inmost.some(({ name }) => name === 'eth_type' || name === 'ipv4' || name === 'ipv6'))
    return { ok: false, log: [noTypeMask] }
  const ports = portsError(mask, new Set(inmost.map(({ name }) => name)))
  if (ports !== undefined) return { ok: false, log: [ports] }
  const isTyped = names.has('eth_type')
  const type = typeOf(key, names, 0)
  if (!isTyped && type === noType) return { ok: false, log: [noTypeMask] }
  const typeMask = isTyped ? mask[names.has('vlan') ? word.vlan : word.ethType]! >>> 16 : 0
  const isL3 = ['ipv4', 'ipv6', 'arp', 'mpls'].some(name => names.has(name))
  if (isL3 && typeMask !== 0xffff && wantsHeader(mask, names)) {
    const masked = `0x${type.toString(16)}/${typeMask === 0 ? '0' : `0x${typeMask.toString(16)}`}`
    return { ok: false, log: [`unexpected L3 matching with masked Ethertype ${masked}`] }
  }
  const all = mask.slice()
  all[word.inPort] = 0xffffffff
  all[word.recircId] = 0xffffffff
  return { ok: true, match: { key, mask: all } }
}

const noTypeMask = 'mask expected for non-Ethernet II frame'

/** The parts inside all tags. */
const innermost = (parts: readonly OdpPart[]): readonly OdpPart[] => {
  const inner = parts.find(({ name }) => name === 'encap')?.inner
  return inner === undefined ? parts : innermost(inner)
}

/** What is wrong with a mask of ports, or of types of ICMP. */
const portsError = (mask: FlowKey, names: ReadonlySet<string>): string | undefined => {
  const looksAt = mask[word.transport] !== 0
  if (looksAt && (mask[word.ip]! & 0xff) !== 0xff) return 'flow matches on L4 ports but does not define an L4 protocol'
  const [type, code] = [mask[word.transport]! >>> 16, mask[word.transport]! & 0xffff]
  if (!names.has('nd') || (type === 0xffff && code === 0xffff)) return undefined
  const hex = (bits: number): string => (bits === 0 ? '0' : `0x${(bits & 0xff).toString(16)}`)
  return `ICMP (src,dst) masks should be (0xff,0xff) but are actually (${hex(type)},${hex(code)})`
}

/** Whether any bit of the network header counts. */
const wantsHeader = (mask: FlowKey, names: ReadonlySet<string>): boolean => {
  const places = names.has('ipv6')
    ? [word.ip, ...Array.from({ length: 9 }, (_, i) => word.ipv6Src + i)]
    : names.has('mpls')
      ? [word.mpls]
      : [word.ip, word.ipv4Src, word.ipv4Dst, word.arpSha, word.arpSha + 1, word.arpSha + 2]
  return places.some(place => mask[place] !== 0)
}
