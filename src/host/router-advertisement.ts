import { second } from '../runtime/index.ts'
import { eui64, isLinkLocal6, mask6 } from '../wire/address.ts'
import type { Nd } from '../wire/nd.ts'
import type { NdOption } from '../wire/nd-options.ts'
import type { Received } from './received.ts'
import { stopSoliciting } from './router-discovery.ts'
import { RouteTable } from './routes.ts'
import type { Stack } from './stack.ts'

type Advertisement = Extract<Nd, { kind: 'router-advertisement' }>
type Prefix = Extract<NdOption, { kind: 'prefix' }>

/** What a router advertises (RFC 4861 §6.3.4, RFC 4862 §5.5): itself as default router, prefixes, an MTU. */
export const receiveAdvertisedRouter = (stack: Stack, packet: Received, ra: Advertisement): void => {
  const { link, src6: router } = packet
  const settings = stack.settings.of(link.name)
  if (!isLinkLocal6(router)) {
    stack.counters.add('Nd.InErrors.value')
    return
  }
  const listens = settings.accept_ra === 2 || (settings.accept_ra === 1 && settings.forwarding6 === 0)
  if (!listens) {
    stack.counters.add('Nd.AdvertisementsIgnored')
    return
  }
  stopSoliciting(link)
  if (ra.hopLimit !== 0) settings.hop_limit = ra.hopLimit
  const neighbours = stack.settings.neigh6.of(link.name)
  // RFC 4861 §6.3.4; an hour is the most that a reachable time may be (§6.2.1).
  if (ra.reachableTime !== 0 && ra.reachableTime <= 3600000) neighbours.base_reachable_time_ms = ra.reachableTime
  if (ra.retransTimer !== 0) neighbours.retrans_time_ms = ra.retransTimer
  for (const option of ra.options)
    if (option.kind === 'source') {
      const neighbour = stack.nd.get(link, router)
      const news = { mac: option.mac, solicited: false, override: true, isRouter: true }
      if (neighbour !== undefined) stack.nd.learn(neighbour, news)
    } else if (option.kind === 'prefix') advertisedPrefix(stack, packet, option)
    else if (option.kind === 'mtu') advertisedMtu(stack, packet, option.mtu)
  const wanted = { dst: 0n, length: 0, via: router, link, table: RouteTable.main } as const
  stack.routes6.remove({ ...wanted, protocol: 'ra' })
  if (ra.lifetime === 0) return
  const expires = stack.clock.now() + ra.lifetime * second
  const route = { ...wanted, type: 'unicast', metric: 1024, scope: 'global', protocol: 'ra', expires } as const
  if (stack.routes6.add(route).ok) stack.clock.at(expires, () => stack.routes6.removeWhere(other => other === route))
}

/** RFC 4861 §6.3.4: counts between the least that IPv6 needs and what the link can carry. */
const advertisedMtu = (stack: Stack, { link }: Received, mtu: number): void => {
  const settings = stack.settings.of(link.name)
  if (settings.accept_ra_mtu === 0 || settings.mtu6 === mtu) return
  if (mtu < 1280 || mtu > link.mtu) {
    stack.counters.add('Nd.MtusIgnored')
    return
  }
  settings.mtu6 = mtu
  stack.generation++
}

const advertisedPrefix = (stack: Stack, packet: Received, option: Prefix): void => {
  const { link } = packet
  const prefix = option.prefix & mask6(option.length)
  if (isLinkLocal6(prefix) || option.preferredLifetime > option.validLifetime) return
  const now = stack.clock.now()
  const forever = 0xffffffff
  const until = (seconds: number): number => (seconds === forever ? Number.POSITIVE_INFINITY : now + seconds * second)
  if (option.autonomous && option.length === 64 && stack.settings.of(link.name).autoconf !== 0) {
    const ip = prefix | eui64(link.mac)
    const known = stack.addresses.find(ip, link)
    if (known === undefined) {
      if (option.validLifetime === 0) return
      stack.configure(link, ip, option.length, option.validLifetime, option.preferredLifetime)
    } else if (known.origin === 'ra') {
      // RFC 4862 §5.5.3: a stranger must not make an address die within two hours.
      const left = known.validUntil - now
      const wanted = until(option.validLifetime) - now
      if (wanted > 7200 * second || wanted > left) known.validUntil = now + wanted
      else if (left > 7200 * second) known.validUntil = now + 7200 * second
      known.preferredUntil = until(option.preferredLifetime)
    }
  } else if (option.onLink && option.validLifetime > 0) {
    const common = { dst: prefix, length: option.length, link, table: RouteTable.main } as const
    const expires = until(option.validLifetime)
    const route = { ...common, type: 'unicast', metric: 256, scope: 'global', protocol: 'kernel', expires } as const
    if (stack.routes6.add(route).ok && expires < Number.POSITIVE_INFINITY)
      stack.clock.at(expires, () => stack.routes6.removeWhere(other => other === route))
  }
}
