import type { Ip4, Ip6 } from '../wire/address.ts'
import type { Link } from './link.ts'

/** Where a packet goes: the link, the next hop on it, the source chosen, the link's or route's MTU, and how it is cast. */
export type Path4 = {
  link: Link
  hop: Ip4
  src: Ip4
  mtu: number
  cast: 'local' | 'unicast' | 'broadcast' | 'multicast'
}

export type Path6 = { link: Link; hop: Ip6; src: Ip6; mtu: number; cast: 'local' | 'unicast' | 'multicast' }

/** The paths of destinations that packets were passed on to, right as long as `generation` is the stack's. */
export type ForwardPaths = { generation: number; readonly paths: Map<Ip4, Path4> }
export type ForwardPaths6 = { generation: number; readonly paths: Map<Ip6, Path6> }
