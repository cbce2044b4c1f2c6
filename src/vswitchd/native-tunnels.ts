import type { NativeTunnels, TunnelRoute } from '../switch/native-tunnels.ts'
import type { Ip, Mac } from '../wire/address.ts'
import { Neighbours } from './appctl/neighbours.ts'
import { type OwnAddress, UserRoutes } from './appctl/user-routes.ts'

/** What a daemon whose datapath makes tunnels itself knows of the network: what commands and frames told it. */
export class Underlay implements NativeTunnels {
  readonly neighbours = new Neighbours()
  readonly routes = new UserRoutes()
  readonly sourcePorts = { least: 32768, most: 61000 }
  onChange: (() => void) | undefined
  /** A device's own addresses. */
  addressesOf: (name: string) => readonly OwnAddress[] = () => []
  private readonly now: () => number

  /** `now` is ns. */
  constructor(now: () => number) {
    this.now = now
    const changed = (): void => this.onChange?.()
    this.neighbours.onChange = changed
    this.routes.onChange = changed
  }

  route(to: Ip, mark: number): TunnelRoute | undefined {
    return this.routes.lookup(to, mark)
  }

  neighbour(bridge: string, ip: Ip): Mac | undefined {
    return this.neighbours.lookup(bridge, ip, this.now())
  }

  addresses(bridge: string): readonly Ip[] {
    return this.addressesOf(bridge).map(({ address }) => address)
  }

  endsAt(bridge: string): boolean {
    return this.routes.goesBy(bridge)
  }

  learn(bridge: string, ip: Ip, mac: Mac): void {
    this.neighbours.set(bridge, ip, mac, this.now())
  }
}
