import { second } from '../../runtime/index.ts'
import { type Ip4, mask4 } from '../../wire/address.ts'
import { type Dhcp, DhcpOption, dhcpAddresses, dhcpNumber } from '../../wire/dhcp.ts'

/** What a server lent: times are the clock's, in nanoseconds; `Infinity` for a lease that does not end. */
export type Lease = {
  readonly address: Ip4
  readonly server: Ip4
  /** All that the server said, by code. */
  readonly options: ReadonlyMap<number, Uint8Array>
  readonly renew: number
  readonly rebind: number
  readonly expire: number
}

const forever = 0xffffffff

/**
 * The lease in an acknowledgement that came at `now`; undefined without what a lease must have, which is a server's identifier, a
 * time, and an address for a host. RFC 2131 §4.4.5 says when T1 and T2 are if the server does not. `spread` (0 to 1) moves T1 forward
 * by up to a quarter, so that hosts that started together do not renew together.
 */
export const leaseOf = (ack: Dhcp, now: number, spread: number): Lease | undefined => {
  const [server] = dhcpAddresses(ack, DhcpOption.serverId)
  const seconds = dhcpNumber(ack, DhcpOption.leaseTime)
  if (server === undefined || seconds === undefined || !isHost(ack.yiaddr)) return undefined
  const given = { address: ack.yiaddr, server, options: ack.options }
  if (seconds === forever) {
    const never = Number.POSITIVE_INFINITY
    return { ...given, renew: never, rebind: never, expire: never }
  }
  const whole = Math.max(1, seconds)
  const rebindAfter = within(dhcpNumber(ack, DhcpOption.rebindingTime), whole, Math.floor(whole * 0.875))
  const renewAfter = within(dhcpNumber(ack, DhcpOption.renewalTime), rebindAfter, Math.floor(whole / 2))
  const early = Math.floor((renewAfter / 4) * spread)
  return {
    ...given,
    renew: now + Math.max(1, renewAfter - early) * second,
    rebind: now + Math.max(1, rebindAfter) * second,
    expire: now + whole * second,
  }
}

/** What the server said, if it is within `most`; T1 ≤ T2 ≤ the end. */
const within = (said: number | undefined, most: number, usual: number): number =>
  said !== undefined && said <= most ? said : Math.min(usual, most)

const isHost = (ip: Ip4): boolean => ip !== 0 && ip >>> 28 < 14 && ip >>> 24 !== 127

/** How many bits of a lease's address are its network: the mask's, or by class (RFC 950) without a mask that is one. */
export const lengthOf = ({ address, options }: Pick<Lease, 'address' | 'options'>): number => {
  const said = options.get(DhcpOption.subnetMask)
  if (said?.length === 4) {
    const mask = ((said[0]! << 24) | (said[1]! << 16) | (said[2]! << 8) | said[3]!) >>> 0
    for (let length = 0; length <= 32; length++) if (mask4(length) === mask) return length
  }
  return address >>> 31 === 0 ? 8 : address >>> 30 === 2 ? 16 : 24
}

/** One classless route: RFC 3442. `via` is 0 for what is on the link. */
export type ClasslessRoute = { dst: Ip4; length: number; via: Ip4 }

/** The routes of option 121; undefined if it is torn. */
export const classlessRoutes = (value: Uint8Array): ClasslessRoute[] | undefined => {
  const routes: ClasslessRoute[] = []
  for (let at = 0; at < value.length; ) {
    const length = value[at]!
    const size = Math.ceil(length / 8)
    if (length > 32 || at + 5 + size > value.length) return undefined
    const part = (from: number, count: number): Ip4 => {
      let ip = 0
      for (let i = 0; i < 4; i++) ip = ip * 256 + (i < count ? value[from + i]! : 0)
      return ip
    }
    routes.push({ dst: (part(at + 1, size) & mask4(length)) >>> 0, length, via: part(at + 1 + size, 4) })
    at += 5 + size
  }
  return routes
}

/** Routes as the value of option 121. */
export const classlessValue = (routes: readonly ClasslessRoute[]): Uint8Array =>
  Uint8Array.from(
    routes.flatMap(({ dst, length, via }) => [length, ...octets(dst).slice(0, Math.ceil(length / 8)), ...octets(via)]),
  )

const octets = (ip: Ip4): number[] => [ip >>> 24, (ip >>> 16) & 255, (ip >>> 8) & 255, ip & 255]
