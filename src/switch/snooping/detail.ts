/** What `ofproto/trace` says of multicast. */
import { formatIp4 } from '../../wire/address.ts'
import type { Detail, SaidOfGroups } from '../translate/recorder.ts'
import { formatGroup } from './show.ts'

type About<W extends Detail['what']> = Extract<Detail, { what: W }>

const floods: { readonly [H in About<'multicast'>['how']]: string } = {
  igmp_flood: 'multicast traffic, flooding',
  mld_flood: 'MLD query, flooding',
  local_flood: 'RFC4541: section 2.1.2, item 2, flooding',
  unregistered_flood: 'unregistered multicast, flooding',
}

export const formatMulticast = ({ how }: About<'multicast'>): string => floods[how]

const names = {
  group: 'mcast group port',
  router: 'mcast router port',
  flood: 'mcast flood port',
  report: 'mcast port',
}

export const formatMulticastPort = ({ kind, how }: About<'multicast_port'>): string => {
  const what = kind === 'report' ? ' the report' : ''
  if (how === 'forwarding')
    return kind === 'report' ? 'forwarding report to mcast flagged port' : `forwarding to ${names[kind]}`
  if (how === 'other_vlan') return 'mcast router is on another vlan, dropping'
  return `${names[kind]} is ${how === 'unknown' ? 'unknown' : 'input port'}, dropping${how === 'unknown' ? what : what.replace('report', 'Report')}`
}

export const formatHeard = ({ said, port, vlan }: About<'heard'>): string =>
  `multicast snooping ${formatSaid(said)} port ${port} in VLAN ${vlan}`

const formatSaid = (said: SaidOfGroups): string => {
  switch (said.kind) {
    case 'bad_checksum':
      return `received bad ${said.protocol} checksum on`
    case 'join':
      return `learned that ${formatGroup(said.group)} is on`
    case 'leave':
      return `leaving ${formatGroup(said.group)} is on`
    case 'query':
      return typeof said.source === 'number' ? `query from ${formatIp4(said.source)} is on` : 'query on'
    case 'counted':
      return `processed ${said.count} addresses on`
  }
}
