import type { Ip, Mac } from '../wire/address.ts'

/** By which bridge a tunnel's far end is reached, from which of its own addresses, and through whom. */
export type TunnelRoute = { bridge: string; source: Ip; gateway: Ip | undefined }

/** What is known of the network that tunnels go through which the datapath makes itself: bridges, their addresses, neighbours. */
export interface NativeTunnels {
  route(to: Ip, mark: number): TunnelRoute | undefined
  neighbour(bridge: string, ip: Ip): Mac | undefined
  /** A bridge's own addresses. */
  addresses(bridge: string): readonly Ip[]
  /** Whether tunnels end at a bridge: a route goes by it. */
  endsAt(bridge: string): boolean
  /** A frame told where a neighbour is. */
  learn(bridge: string, ip: Ip, mac: Mac): void
  /** UDP source ports that tunnels use; may change. */
  readonly sourcePorts: Readonly<{ least: number; most: number }>
  /** Told when any of it changed. */
  onChange: (() => void) | undefined
}

/** What frames do to that, or want of it; the caller of a translation sees to it. */
export type TunnelNews =
  | { type: 'neighbour'; bridge: string; ip: Ip; mac: Mac }
  /** A neighbour is not known: somebody has to ask, by the bridge's own port. */
  | { type: 'ask'; bridge: string; mac: Mac; source: Ip; ip: Ip }
