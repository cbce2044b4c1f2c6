import type { TreeState } from '../../switch/stp/spanning-tree.ts'
import type { Link } from '../link.ts'

/** What can be switched at a port (`bridge -d link`), with what it is at first. */
export const portFlags = {
  hairpin: false,
  guard: false,
  root_block: false,
  fastleave: false,
  learning: true,
  flood: true,
  mcast_flood: true,
  bcast_flood: true,
  mcast_to_unicast: false,
  neigh_suppress: false,
  vlan_tunnel: false,
  isolated: false,
  locked: false,
  proxy_arp: false,
  proxy_arp_wifi: false,
} as const satisfies Record<string, boolean>
export type PortFlag = keyof typeof portFlags

/** A port of a Linux bridge. Changed by its bridge alone. */
export class BridgePort {
  readonly link: Link
  /** From 1 on; the lower 10 bits of its identifier in the tree. */
  readonly number: number
  /** The upper 6 bits. */
  priority = 32
  pathCost: number
  readonly flags: Record<PortFlag, boolean> = { ...portFlags }
  state: TreeState = 'disabled'
  /** When it came into its state, ns. */
  since: number

  constructor(link: Link, number: number, now: number) {
    this.link = link
    this.number = number
    this.pathCost = usualCost(link)
    this.since = now
  }

  /** Its identifier in the tree. */
  get id(): number {
    return (this.priority << 10) | this.number
  }

  get forwards(): boolean {
    return this.state === 'forwarding'
  }

  get learns(): boolean {
    return this.flags.learning && (this.state === 'forwarding' || this.state === 'learning')
  }
}

/** By the speed that a device says it has: veths and taps 10 Gbit/s; 100 for one that does not know. */
const usualCost = ({ kind }: Link): number => (kind === 'veth' || kind === 'tap' ? 2 : 100)
