/** The frames in which a bridge asks who wants which group. */
import { second } from '../../runtime/clock.ts'
import { type Ip4, type Ip6, linkLocal, type Mac, multicastMac } from '../../wire/address.ts'
import { EtherType, pushEthernet } from '../../wire/ethernet.ts'
import type { Frame } from '../../wire/frame.ts'
import { igmpFrame, routerAlertOption } from '../../wire/igmp.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { pushIpv4 } from '../../wire/ipv4.ts'
import { pushIpv6 } from '../../wire/ipv6.ts'
import { pushIpv6Options, routerAlertMld } from '../../wire/ipv6-options.ts'
import { mldFrame } from '../../wire/mld.ts'
import { pushVlan, vlanTci } from '../../wire/vlan.ts'
import type { Group } from './group.ts'

export type QueryVersions = {
  /** 2 (RFC 2236) or 3 (RFC 3376); 3. */
  igmp: 2 | 3
  /** 1 (RFC 2710) or 2 (RFC 3810); 2. */
  mld: 1 | 2
}

/** What a question says: times in ns. */
export type Query = {
  vlan: number
  /** 0 or 0n asks for all groups of a family. */
  group: Group
  maxResponse: number
  interval: number
  robustness: number
}

/** Who asks: `address` is 0 for a bridge that has none, which a querier may be without becoming a router to others. */
export type Asker = { mac: Mac; address: Ip4; versions: QueryVersions }

/** RFC 3376 §4.1.12 and RFC 3810 §5.1.15: to all of a LAN, or to those who have joined the group. */
export const queryFrame = (asker: Asker, query: Query): Frame => {
  const { group, vlan } = query
  const frame = typeof group === 'number' ? igmpQuery(asker, query, group) : mldQuery(asker, query, group)
  return vlan === 0 ? frame : pushVlan(frame, EtherType.vlan, vlanTci(vlan))
}

const igmpQuery = ({ mac, address, versions }: Asker, query: Query, group: Ip4): Frame => {
  const { interval, robustness } = query
  const v3 = { suppress: false, robustness, interval: Math.floor(interval / second), sources: [] }
  const frame = igmpFrame({
    kind: 'query',
    group,
    maxResponse: Math.floor((query.maxResponse * 10) / second),
    ...(versions.igmp === 3 ? { v3 } : {}),
  })
  const dst = group === 0 ? allHosts : group
  pushIpv4(frame, {
    src: address,
    dst,
    protocol: IpProtocol.igmp,
    ttl: 1,
    tos: internetControl,
    options: routerAlertOption,
  })
  return pushEthernet(frame, { dst: multicastMac(dst), src: mac, type: EtherType.ipv4 })
}

const mldQuery = ({ mac, versions }: Asker, query: Query, group: Ip6): Frame => {
  const { interval, robustness } = query
  const v2 = { suppress: false, robustness, interval: Math.floor(interval / second), sources: [] }
  const ends = { src: linkLocal(mac), dst: group === 0n ? allNodes : group }
  const frame = mldFrame(
    {
      kind: 'query',
      group,
      maxResponse: Math.floor((query.maxResponse * 1000) / second),
      ...(versions.mld === 2 ? { v2 } : {}),
    },
    ends,
  )
  pushIpv6Options(frame, IpProtocol.icmp6, [routerAlertMld])
  pushIpv6(frame, { ...ends, nextHeader: IpProtocol.hopByHop, hopLimit: 1 })
  return pushEthernet(frame, { dst: multicastMac(ends.dst), src: mac, type: EtherType.ipv6 })
}

/** 224.0.0.1 and ff02::1. */
const allHosts: Ip4 = 0xe0000001
const allNodes: Ip6 = (0xff02n << 112n) | 1n
/** RFC 3376 §4: the type of service of IGMP. */
const internetControl = 0xc0
