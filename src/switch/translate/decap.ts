import { word } from '../../flow/layout.ts'
import { commit } from './commit.ts'
import { type Context, type Run, record } from './context.ts'
import { triggerFreeze } from './freeze.ts'
import { failToPop } from './mpls.ts'
import { countLabels, maxLabels, popLabel } from './mpls-labels.ts'
import { nshProtocols, PacketType } from './packet-type.ts'
import { hasTag, lookAtTags } from './vlan-tag.ts'

/** `decap()`: the outermost header. Behind NSH and MPLS, what is inside is known after another pass. */
export const decap: Run<'decap'> = (context, { packetType }) => {
  commit(context)
  const { flow, mask } = context
  switch (flow[word.packetType]) {
    case PacketType.ethernet:
      lookAtTags(flow, mask)
      if (hasTag(flow)) return refuse(context, 'Dropping packet, cannot decap Ethernet if VLAN is present.')
      flow[word.packetType] = 0x10000 | (flow[word.ethType]! >>> 16)
      flow.fill(0, word.ethernet, word.ethernet + 3)
      mask[word.ethType] = mask[word.ethType]! | 0xffff0000
      return undefined
    case PacketType.mpls:
    case PacketType.mplsMulticast:
      return outOfMpls(context, packetType)
    case PacketType.nsh:
      return outOfNsh(context)
    default: {
      const type = flow[word.packetType]!
      return refuse(
        context,
        `Dropping packet as the decap() does not support packet type (${type >>> 16},0x${(type & 0xffff).toString(16)})`,
      )
    }
  }
}

const refuse = (context: Context, remark: string): undefined => {
  record(context, { kind: 'detail', detail: { what: 'encap_refused', remark } })
  context.failure ??= 'packet_type'
  return undefined
}

const outOfNsh = (context: Context): 'next' | undefined => {
  const { flow, mask } = context
  const protocol = flow[word.nsh]! & 0xff
  const inner = [...nshProtocols].find(([, number]) => number === protocol)
  if (inner === undefined) return refuse(context, `Dropping packet as NSH next protocol ${protocol} is not supported`)
  flow[word.packetType] = inner[0]
  mask[word.nsh] = mask[word.nsh]! | 0xff
  context.pendingDecap = true
  triggerFreeze(context)
  return 'next'
}

/** `packet_type` where nothing says what is inside: a label does not. */
const nextProtocol = 0xfffe
const transparentEthernet = 0x6558

const outOfMpls = (context: Context, packetType: number | undefined): 'next' | undefined => {
  const { flow, mask } = context
  const type = packetType ?? nextProtocol
  const count = countLabels(flow, mask)
  flow[word.packetType] = type
  if (!popLabel(flow, count, type & 0xffff || transparentEthernet, mask)) {
    if (count >= maxLabels) failToPop(context, 'decap')
    return undefined
  }
  // Under a label that is not the last there is another, whatever the new type says.
  if (count > 1) return undefined
  context.pendingDecap = true
  triggerFreeze(context)
  return 'next'
}
