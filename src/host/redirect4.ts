/** ICMP redirects (RFC 1122 §3.2.2.2, RFC 1812 §5.2.7.2): a router tells a host on its own link of a better router there. */
import { type Ip4, isMulticastIp } from '../wire/address.ts'
import { IcmpType } from '../wire/icmp.ts'
import { icmpError } from './icmp-error.ts'
import type { Link } from './link.ts'
import type { Path4 } from './path.ts'
import type { Received } from './received.ts'
import type { Stack } from './stack.ts'

const forHost = 1

/** Called for a packet that leaves by the link it came in on. What comes of it is an ICMP message at most. */
export const redirect4 = (stack: Stack, packet: Received, path: Path4): void => {
  const { settings } = stack
  const { link, src4 } = packet
  const own = settings.of(link.name)
  if (own.send_redirects === 0 && settings.all.send_redirects === 0) return
  // Without shared_media only those who have the next hop on their subnet are told.
  if (own.shared_media === 0 && settings.all.shared_media === 0 && !sameSubnet(stack, link, src4, path.hop)) return
  // Source routes are the sender's own choice.
  if (packet.payload - packet.ip > 20 && hasSourceRoute(packet)) return
  if (stack.redirectLimit.allow(src4)) icmpError(stack, packet, IcmpType.redirect, forHost, path.hop)
}

const sameSubnet = (stack: Stack, link: Link, a: Ip4, b: Ip4): boolean => {
  const route = stack.routes4.lookupMain(a, { link })
  const other = stack.routes4.lookupMain(b, { link })
  return route !== undefined && route.via === undefined && route === other
}

const hasSourceRoute = ({ frame: { bytes }, ip, payload }: Received): boolean => {
  for (let at = ip + 20; at < payload; ) {
    const type = bytes[at] as number
    if (type === 0) return false
    if (type === 131 || type === 137) return true
    const size = type === 1 ? 1 : (bytes[at + 1] as number)
    if (size < 1) return false
    at += size
  }
  return false
}

/**
 * A router told of `via` as the better way to `dst`. It is believed if it is the router that we use for `dst` now, if
 * `via` is a neighbour's address, and if accept_redirects lets us; false if not. A next hop whose MAC is not known is
 * asked for it first, and used when the router says so again, as Linux does.
 */
export const takeRedirect4 = (stack: Stack, packet: Received, dst: Ip4, via: Ip4): boolean => {
  const { link, src4: router } = packet
  const { settings } = stack
  const own = settings.of(link.name)
  const accept =
    own.forwarding !== 0
      ? own.accept_redirects !== 0 && settings.all.accept_redirects !== 0
      : own.accept_redirects !== 0 || settings.all.accept_redirects !== 0
  if (!accept || via === 0 || via === 0xffffffff || isMulticastIp(via)) return false
  const route = stack.routes4.lookup(dst)
  if (route?.type !== 'unicast' || route.link !== link) return false
  const used = stack.redirects4.hop(dst, link) ?? route.via
  if (used !== router) return false
  const back = stack.routes4.lookup(via, { link })
  if (back?.type !== 'unicast' || stack.addresses.isLocal(via)) return false
  if (own.shared_media === 0 && settings.all.shared_media === 0) {
    if (back.via !== undefined) return false
    const secure = own.secure_redirects !== 0 || settings.all.secure_redirects !== 0
    const listed = stack.routes4.list().some(r => r.length === 0 && r.via === via && r.link === link)
    if (secure && !listed) return false
  }
  const neighbour = stack.arp.find(link, via)
  if (neighbour?.usable) stack.redirects4.learn(dst, link, via)
  else stack.arp.resolve(link, via)
  return true
}
