/** MLD of a host: what a `Reporter` says, as packets, and what comes in (RFC 2710, RFC 3810). */
import { millisecond, second } from '../../runtime/index.ts'
import { type Ip6, isLinkLocal6 } from '../../wire/address.ts'
import type { GroupRecord } from '../../wire/group-code.ts'
import { Icmp6Type } from '../../wire/icmp6.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { Ipv6OptionType, parseIpv6Options, pushIpv6Options, routerAlertMld } from '../../wire/ipv6-options.ts'
import { type Mld, mldFrame, parseMld } from '../../wire/mld.ts'
import { allRouters6 } from '../groups.ts'
import { countIcmp6Out } from '../icmp6-count.ts'
import { send6Over } from '../ipv6-output.ts'
import type { Link } from '../link.ts'
import type { Received } from '../received.ts'
import type { Stack } from '../stack.ts'
import { pack } from './pack.ts'
import type { GroupMessage, Reporter } from './reporter.ts'

const allReporting = (0xff02n << 112n) | 0x16n
/** An IPv6 header, router alert, and the head of a report. */
const heads = 40 + 8 + 8

/** Sends what a reporter says over a link, from its link-local address or `::` (RFC 3810 §5.2.13). */
export const sendMld = (stack: Stack, link: Link, message: GroupMessage): void => {
  if (message.kind === 'records') {
    for (const records of pack(message.records, link.mtu - heads))
      send(stack, link, allReporting, { kind: 'report2', records: records as GroupRecord<Ip6>[] })
    return
  }
  const group = message.group as Ip6
  if (message.kind === 'leave') send(stack, link, allRouters6, { kind: 'done', group })
  else send(stack, link, group, { kind: 'report', group })
}

const types = {
  query: Icmp6Type.mldQuery,
  report: Icmp6Type.mldReport,
  done: Icmp6Type.mldDone,
  report2: Icmp6Type.mldReport2,
}

const send = (stack: Stack, link: Link, dst: Ip6, mld: Mld): void => {
  if (!link.up || stack.settings.of(link.name).disable_ipv6 !== 0) return
  const own = stack.addresses.of(link, 6).find(({ scope, tentative }) => scope === 'link' && !tentative)
  const src = (own?.ip as Ip6 | undefined) ?? 0n
  const frame = pushIpv6Options(mldFrame(mld, { src, dst }), IpProtocol.icmp6, [routerAlertMld])
  const path = { link, hop: dst, src, mtu: link.mtu, cast: 'multicast' } as const
  countIcmp6Out(stack, types[mld.kind])
  send6Over(stack, frame, { src, dst, protocol: IpProtocol.hopByHop, hopLimit: 1, multicastLoop: false }, path)
}

/**
 * Takes a message for this host, its checksum right. Those that are not a neighbour's, or that do not ask routers to look,
 * are nobody's (RFC 3810 §6.2).
 */
export const receiveMld = (packet: Received, reporterOf: (link: Link) => Reporter | undefined): void => {
  const { bytes, end } = packet.frame
  if (packet.ttl !== 1 || !hasAlert(packet)) return
  const read = parseMld(bytes, packet.payload, end)
  if (!read.ok) return
  const mld = read.value
  if (mld.kind === 'report') {
    if (packet.src6 === 0n || isLinkLocal6(packet.src6)) reporterOf(packet.link)?.heard(mld.group)
    return
  }
  if (mld.kind !== 'query' || !isLinkLocal6(packet.src6)) return
  const { group, maxResponse, v2 } = mld
  reporterOf(packet.link)?.query({
    version: v2 === undefined ? 2 : 3,
    group: group === 0n ? undefined : group,
    sources: v2?.sources ?? [],
    maxResponse: maxResponse * millisecond,
    robustness: v2?.robustness ?? 0,
    interval: (v2?.interval ?? 0) * second,
  })
}

const hasAlert = ({ frame, ip }: Received): boolean => {
  const { bytes, end } = frame
  const at = ip + 40
  if (bytes[ip + 6] !== IpProtocol.hopByHop || at + 8 > end) return false
  const size = ((bytes[at + 1] as number) + 1) * 8
  const options = at + size > end ? undefined : parseIpv6Options(bytes, at, size)
  return options?.ok === true && options.value.some(({ type }) => type === Ipv6OptionType.routerAlert)
}
