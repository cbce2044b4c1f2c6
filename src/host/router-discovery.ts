import { type Cancel, second } from '../runtime/index.ts'
import type { Ip6 } from '../wire/address.ts'
import { Icmp6Type } from '../wire/icmp6.ts'
import { ndFrame } from '../wire/nd.ts'
import { allRouters6 } from './groups.ts'
import { countIcmp6Out } from './icmp6-count.ts'
import { send6 } from './ipv6-output.ts'
import type { Link } from './link.ts'
import type { Stack } from './stack.ts'

const soliciting = new WeakMap<Link, Cancel>()

/**
 * Asks for routers (RFC 4861 §6.3.7) until one answers: 4 seconds apart at first, then twice as far each time, up to an
 * hour (RFC 7559, as Linux does with router_solicitations -1). A router does not ask.
 */
export const solicitRouters = (stack: Stack, link: Link): void => {
  stopSoliciting(link)
  const settings = stack.settings.of(link.name)
  const listens = settings.accept_ra === 2 || (settings.accept_ra === 1 && settings.forwarding6 === 0)
  if (!listens) return
  let interval = 4 * second
  const ask = (): void => {
    if (!link.running) return
    soliciting.set(link, stack.clock.at(stack.clock.now() + interval * (0.9 + 0.2 * stack.random()), ask))
    interval = Math.min(2 * interval, 3600 * second)
    const src: Ip6 = stack.addresses.of(link, 6).find(a => a.scope === 'link' && !a.tentative)?.ip as Ip6
    if (src === undefined) return
    const options = [{ kind: 'source', mac: link.mac } as const]
    const ends = { src, dst: allRouters6 }
    const frame = ndFrame({ kind: 'router-solicitation', options }, ends)
    countIcmp6Out(stack, Icmp6Type.routerSolicitation)
    send6(stack, frame, { ...ends, protocol: 58, hopLimit: 255, link, multicastLoop: false })
  }
  soliciting.set(link, stack.clock.at(stack.clock.now() + stack.random() * second, ask))
}

/** A router answered, or the link is gone. */
export const stopSoliciting = (link: Link): void => {
  soliciting.get(link)?.()
  soliciting.delete(link)
}
