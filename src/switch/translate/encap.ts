import { type FlowKey, word } from '../../flow/layout.ts'
import type { EncapProperty } from '../../openflow/action.ts'
import { EtherType } from '../../wire/ethernet.ts'
import { commit } from './commit.ts'
import { type Context, type Run, record } from './context.ts'
import { bottom, countLabels, maxLabels, pushLabel, typeOf } from './mpls-labels.ts'
import { nshProtocols, PacketType } from './packet-type.ts'

/** `encap(…)`: a header before all others; the next commit puts it on. */
export const encap: Run<'encap'> = (context, { packetType, properties }) => {
  commit(context)
  const tlvs =
    packetType === PacketType.ethernet
      ? intoEthernet(context)
      : packetType === PacketType.nsh
        ? intoNsh(context, properties)
        : intoMpls(context, packetType)
  if (context.failure === undefined) context.pendingEncap = { tlvs }
}

const refuse = (context: Context, remark: string): number[] => {
  record(context, { kind: 'detail', detail: { what: 'encap_refused', remark } })
  context.failure ??= 'packet_type'
  return []
}

const intoEthernet = (context: Context): number[] => {
  const { flow, mask } = context
  const before = flow[word.packetType]!
  mask[word.packetType] = 0xffffffff
  if (before >>> 16 !== 1)
    return refuse(context, 'Dropping packet as encap(ethernet) is not supported for packet type ethernet.')
  flow[word.packetType] = PacketType.ethernet
  flow.fill(0, word.ethernet, word.ethernet + 3)
  flow[word.ethType] = (before & 0xffff) << 16
  return []
}

const intoNsh = (context: Context, properties: readonly EncapProperty[]): number[] => {
  const { flow, mask } = context
  const before = flow[word.packetType]!
  const protocol = nshProtocols.get(before)
  if (protocol === undefined)
    return refuse(
      context,
      `Dropping packet as encap(nsh) is not supported for packet type (${before >>> 16},0x${(before & 0xffff).toString(16)})`,
    )
  mask[word.packetType] = 0xffffffff
  clearFrame(flow)
  flow[word.packetType] = PacketType.nsh
  flow[word.ethType] = EtherType.nsh << 16
  const mdType = properties.findLast(property => property.type === 'md_type')?.value ?? 1
  // No flags, TTL 63 (RFC 8300 §2.2), path 0 at index 255.
  flow[word.nsh] = (63 << 16) | (mdType << 8) | protocol
  flow[word.nshPath] = 255
  if (mdType !== 2) return []
  return properties.flatMap(property => (property.type === 'tlv' ? tlvBytes(property) : []))
}

/** Class 16, type 8, length 8, and the value filled up to words (RFC 8300 §2.5.1). */
const tlvBytes = (tlv: Extract<EncapProperty, { type: 'tlv' }>): number[] => {
  const { value } = tlv
  const filling = new Array<number>((4 - (value.length % 4)) % 4).fill(0)
  return [tlv.class >>> 8, tlv.class & 0xff, tlv.number, value.length, ...value, ...filling]
}

/**
 * Over labels a copy of the outermost, as `push_mpls` makes it; over others a label of its own, not made of the packet's header,
 * and tags stay. Of a frame that came with labels of unicast packets Open vSwitch forgets them all.
 */
const intoMpls = (context: Context, packetType: number): number[] => {
  const { flow, base, mask } = context
  mask[word.packetType] = whole
  const count = countLabels(flow, mask)
  if (count >= maxLabels) {
    if (context.learning) record(context, { kind: 'detail', detail: { what: 'too_many_labels', action: 'encap' } })
    context.failure ??= 'labels'
    return []
  }
  if (flow[word.packetType] === PacketType.ethernet && typeOf(flow) === EtherType.mpls)
    for (const key of [flow, base, mask]) key.fill(0, word.mpls, word.mpls + maxLabels)
  if (count > 0) {
    pushLabel(flow, count, packetType & 0xffff, mask)
    flow.fill(0, word.ethernet, word.ethernet + 3)
  } else {
    const explicitNull = typeOf(flow) === EtherType.ipv6 ? 2 : 0
    const tags = flow.slice(word.vlan, word.vlan1 + 1)
    clearFrame(flow)
    flow.set(tags, word.vlan)
    flow[word.mpls] = (explicitNull << 12) | bottom | 64
    flow[word.ethType] = (packetType & 0xffff) << 16
  }
  flow[word.packetType] = packetType
  return []
}

const whole = 0xffffffff

/** Nothing of the frame's own headers is seen any more. */
const clearFrame = (flow: FlowKey): void => {
  flow.fill(0, word.ethernet, word.packetType)
  flow.fill(0, word.ctIpv4Src, word.ctProto)
}
