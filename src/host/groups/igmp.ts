/** IGMP of a host: what a `Reporter` says, as packets, and what comes in (RFC 2236, RFC 3376). */
import { millisecond, second } from '../../runtime/index.ts'
import type { Ip4 } from '../../wire/address.ts'
import type { GroupRecord } from '../../wire/group-code.ts'
import { type Igmp, igmpFrame, isIgmpChecksumRight, parseIgmp, routerAlertOption } from '../../wire/igmp.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { send4Over } from '../ipv4-output.ts'
import type { Link } from '../link.ts'
import type { Received } from '../received.ts'
import type { Stack } from '../stack.ts'
import { pack } from './pack.ts'
import type { GroupMessage, Reporter } from './reporter.ts'

const allRouters = 0xe0000002
const allReporting = 0xe0000016
/** RFC 3376 §4: the precedence of internetwork control. */
const internetControl = 0xc0
/** An IPv4 header with router alert, and the head of a report. */
const heads = 24 + 8

/** Sends what a reporter says over a link, with the address that the link has or 0.0.0.0. */
export const sendIgmp = (stack: Stack, link: Link, message: GroupMessage): void => {
  if (message.kind === 'records') {
    for (const records of pack(message.records, link.mtu - heads))
      send(stack, link, allReporting, { kind: 'report3', records: records as GroupRecord<Ip4>[] })
    return
  }
  const group = message.group as Ip4
  if (message.kind === 'leave') send(stack, link, allRouters, { kind: 'leave', group })
  else send(stack, link, group, { kind: 'report', version: message.version, group })
}

const send = (stack: Stack, link: Link, dst: Ip4, igmp: Igmp): void => {
  if (!link.up) return
  const path = { link, hop: dst, src: stack.addresses.source4(link, 0), mtu: link.mtu, cast: 'multicast' } as const
  const packet = {
    src: path.src,
    dst,
    protocol: IpProtocol.igmp,
    ttl: 1,
    tos: internetControl,
    dontFragment: true,
    id: 0,
    options: routerAlertOption,
    multicastLoop: false,
  }
  send4Over(stack, igmpFrame(igmp), packet, path)
}

/** Takes a message for this host; `reporterOf` gives the reporter of a link, if it has anything to report. */
export const receiveIgmp = (packet: Received, reporterOf: (link: Link) => Reporter | undefined): void => {
  const { bytes, end } = packet.frame
  if (!isIgmpChecksumRight(bytes, packet.payload, end)) return
  const read = parseIgmp(bytes, packet.payload, end)
  if (!read.ok) return
  const igmp = read.value
  if (igmp.kind !== 'query' && igmp.kind !== 'report') return
  const reporter = reporterOf(packet.link)
  if (igmp.kind === 'report') {
    reporter?.heard(igmp.group)
    return
  }
  const { group, maxResponse, v3 } = igmp
  reporter?.query({
    version: v3 !== undefined ? 3 : maxResponse === 0 ? 1 : 2,
    group: group === 0 ? undefined : group,
    sources: v3?.sources ?? [],
    maxResponse: maxResponse * 100 * millisecond,
    robustness: v3?.robustness ?? 0,
    interval: (v3?.interval ?? 0) * second,
  })
}
