/** Redirects of neighbour discovery (RFC 4861 §8): a router tells a host of a better next hop, or of a neighbour. */
import { type Ip6, isLinkLocal6, isMulticastIp, type Mac } from '../wire/address.ts'
import { Icmp6Type } from '../wire/icmp6.ts'
import { type Nd, ndFrame } from '../wire/nd.ts'
import { type NdOption, NdOptionType } from '../wire/nd-options.ts'
import { countIcmp6Out } from './icmp6-count.ts'
import { send6 } from './ipv6-output.ts'
import type { Path6 } from './path.ts'
import type { Received } from './received.ts'
import type { Stack } from './stack.ts'

/** Called for a packet that leaves by the link it came in on; at most one a second is told of a destination. */
export const redirect6 = (stack: Stack, packet: Received, path: Path6): void => {
  const { link, src6, dst6, frame, ip } = packet
  const target = path.hop
  // Hosts know their routers by link-local addresses, so another next hop could not be named (RFC 4861 §8.2).
  if (target !== dst6 && !isLinkLocal6(target)) return
  const own = stack.addresses.of(link, 6).find(a => a.scope === 'link' && !a.tentative)
  // The sender must be a neighbour: packets of strangers are their router's business.
  const back = stack.routes6.lookup(src6)
  if (own === undefined || back?.link !== link || back.via !== undefined || back.type !== 'unicast') return
  if (!stack.errorLimit.charge(dst6, 1000, 1)) return
  const src = own.ip as Ip6
  const options: NdOption[] = []
  const neighbour = stack.nd.find(link, target)
  if (neighbour?.usable) options.push({ kind: 'target', mac: neighbour.mac })
  // As much of the packet as leaves the whole within 1280 bytes, in units of eight.
  const room = 1280 - 40 - 40 - options.length * 8 - 8
  const quoted = Math.min(frame.end - ip, room) & ~7
  const data = new Uint8Array(6 + quoted)
  data.set(frame.bytes.subarray(ip, ip + quoted), 6)
  options.push({ kind: 'other', type: NdOptionType.redirected, data })
  const message = ndFrame({ kind: 'redirect', target, destination: dst6, options }, { src, dst: src6 })
  countIcmp6Out(stack, Icmp6Type.redirect)
  send6(stack, message, { src, dst: src6, protocol: 58, hopLimit: 255, link })
}

/** A router's redirect. False if it is not believed: not from the router in use, or to nowhere that can be. */
export const takeRedirect6 = (stack: Stack, packet: Received, nd: Extract<Nd, { kind: 'redirect' }>): boolean => {
  const { link, src6: router } = packet
  const { target, destination: dst } = nd
  const settings = stack.settings.of(link.name)
  if (settings.forwarding6 !== 0 || settings.accept_redirects6 === 0) return false
  if (!isLinkLocal6(router) || isMulticastIp(dst) || (target !== dst && !isLinkLocal6(target))) return false
  if (stack.addresses.isLocal(target)) return false
  const route = stack.routes6.lookup(dst)
  if (route?.type !== 'unicast' || route.link !== link) return false
  if ((stack.redirects6.hop(dst, link) ?? route.via) !== router) return false
  const mac = macOfTarget(nd.options)
  const neighbour = stack.nd.get(link, target)
  if (neighbour === undefined) return false
  if (mac !== undefined)
    stack.nd.learn(neighbour, {
      mac,
      solicited: false,
      override: true,
      ...(target === dst ? {} : { isRouter: true }),
    })
  stack.redirects6.learn(dst, link, target)
  return true
}

const macOfTarget = (options: readonly NdOption[]): Mac | undefined => {
  for (const option of options) if (option.kind === 'target') return option.mac
  return undefined
}
