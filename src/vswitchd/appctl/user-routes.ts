import { formatIp, type Ip, inPrefix, isIp6 } from '../../wire/address.ts'

export type Route = {
  prefix: Ip
  length: number
  mark: number
  bridge: string
  gateway: Ip | undefined
  /** The bridge's own address by which the route goes. */
  source: Ip
}

/** An address with the length of its network's prefix, as devices have them. */
export type OwnAddress = { address: Ip; length: number }

const same = (a: Route, b: Pick<Route, 'prefix' | 'length' | 'mark'>): boolean =>
  a.length === b.length && a.mark === b.mark && a.prefix === b.prefix

/** Routes set by `ovs/route/add`, the only ones where the system's are not looked at (`--disable-system-route`). */
export class UserRoutes {
  /** Told when there is another one, or one less. */
  onChange: (() => void) | undefined
  private readonly routes: Route[] = []

  /** One of the same prefix and mark is replaced. */
  add(route: Route): void {
    this.remove(route)
    this.routes.push(route)
    this.onChange?.()
  }

  /** False if there is none. */
  remove(route: Pick<Route, 'prefix' | 'length' | 'mark'>): boolean {
    const at = this.routes.findIndex(each => same(each, route))
    if (at < 0) return false
    this.routes.splice(at, 1)
    this.onChange?.()
    return true
  }

  /** The one of the longest prefix, of the same mark. */
  lookup(ip: Ip, mark: number): Route | undefined {
    return this.routes
      .filter(route => route.mark === mark && contains(route, ip))
      .sort((a, b) => b.length - a.length)[0]
  }

  /** Whether any goes by this bridge. */
  goesBy(bridge: string): boolean {
    return this.routes.some(route => route.bridge === bridge)
  }

  /** `ovs/route/show`. */
  show(): string {
    const rows = sorted(this.routes).map(({ prefix, length, mark, bridge, gateway, source }) => {
      const marked = mark === 0 ? '' : ` MARK ${mark}`
      const through = gateway === undefined ? '' : ` GW ${formatIp(gateway)}`
      return `User: ${formatIp(prefix)}/${length}${marked} dev ${bridge}${through} SRC ${formatIp(source)}\n`
    })
    return `Route Table:\n${rows.join('')}`
  }
}

/** Longer prefixes first, and of the same those without a mark. */
const sorted = (routes: readonly Route[]): Route[] => {
  const place = ({ prefix, length }: Route): number => length + (isIp6(prefix) ? 0 : 96)
  return [...routes].sort((a, b) => place(b) - place(a) || a.mark - b.mark)
}

const contains = ({ prefix, length }: Pick<Route, 'prefix' | 'length'>, ip: Ip): boolean =>
  isIp6(prefix) === isIp6(ip) && inPrefix(ip, prefix, length)

/** The address of a device that is in one network with another address. */
export const sourceFor = (addresses: readonly OwnAddress[], other: Ip): Ip | undefined =>
  addresses.find(({ address, length }) => contains({ prefix: address, length }, other))?.address
