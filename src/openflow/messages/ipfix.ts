/** Nicira's statistics of IPFIX exporters. */
import { nicira } from '../actions/codec.ts'
import type { Reader, Writer } from '../bytes.ts'
import { formatCount, readCount, writeCount } from '../counter.ts'
import { decoded, refused } from '../error.ts'
import type { IpfixStats } from '../message.ts'
import type { MessageCodec } from './codec.ts'
import { countedBody, formOf, takeList, vendorStatsForm } from './stats.ts'

const size = 88
/** Counters in the order of the wire. */
const counters = [
  'flows',
  'currentFlows',
  'packets',
  'ip4Packets',
  'ip6Packets',
  'errorPackets',
  'ip4ErrorPackets',
  'ip6ErrorPackets',
  'txPackets',
  'txErrors',
] as const satisfies readonly (keyof IpfixStats)[]

const put = (stats: IpfixStats, out: Writer): void => {
  for (const name of counters) writeCount(stats[name], out)
  out.u32(stats.collectorSet)
  out.u32(0)
}

const take = (bytes: Reader): IpfixStats => {
  const stats = { collectorSet: 0 } as IpfixStats
  for (const name of counters) stats[name] = readCount(bytes)
  stats.collectorSet = bytes.u32()
  bytes.skip(4)
  return stats
}

const format = (stats: IpfixStats, lead: string, indent: number): string => {
  const count = (name: (typeof counters)[number]): string => formatCount(stats[name])
  return (
    `${lead}: flows=${count('flows')}, current flows=${count('currentFlows')}, sampled pkts=${count('packets')}, ` +
    `ipv4 ok=${count('ip4Packets')}, ipv6 ok=${count('ip6Packets')}, tx pkts=${count('txPackets')}\n` +
    `${' '.repeat(indent)}pkts errs=${count('errorPackets')}, ipv4 errs=${count('ip4ErrorPackets')}, ` +
    `ipv6 errs=${count('ip6ErrorPackets')}, tx errs=${count('txErrors')}\n`
  )
}

const bridgeForms = [vendorStatsForm('NXST_IPFIX_BRIDGE', 'reply', nicira, 3, 1, 6)]
export const ipfixBridgeReply: MessageCodec<'ipfix_bridge_reply'> = {
  type: 'ipfix_bridge_reply',
  forms: bridgeForms,
  choose: (_, speech) => formOf(bridgeForms, speech),
  encode: ({ stats }, out) => put(stats, out),
  decode: bytes => decoded({ type: 'ipfix_bridge_reply', stats: take(bytes) }),
  print: ({ stats }) => `\n${format(stats, '  bridge ipfix', 16)}`,
}

const flowForms = [vendorStatsForm('NXST_IPFIX_FLOW', 'reply', nicira, 4, 1, 6)]
export const ipfixFlowReply: MessageCodec<'ipfix_flow_reply'> = {
  type: 'ipfix_flow_reply',
  forms: flowForms,
  choose: (_, speech) => formOf(flowForms, speech),
  encode({ stats }, out) {
    for (const each of stats) put(each, out)
  },
  decode(bytes) {
    const read = takeList(bytes, reader => (reader.left < size ? refused('OFPBRC_BAD_LEN') : decoded(take(reader))))
    return countedBody({ type: 'ipfix_flow_reply', stats: read.items }, read)
  },
  print: ({ stats }) =>
    ` ${stats.length} ids\n${stats.map(each => format(each, `  id ${String(each.collectorSet).padStart(3)}`, 10)).join('')}`,
}
