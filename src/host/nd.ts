import { type Ip6, isMulticastIp, type Mac, solicitedNode } from '../wire/address.ts'
import { Icmp6Type } from '../wire/icmp6.ts'
import { type Nd, ndFrame, parseNd } from '../wire/nd.ts'
import type { NdOption } from '../wire/nd-options.ts'
import { duplicate } from './dad.ts'
import { allNodes6 } from './groups.ts'
import { countIcmp6Out } from './icmp6-count.ts'
import { send6, send6Over } from './ipv6-output.ts'
import type { Link } from './link.ts'
import type { Neighbour } from './neighbour.ts'
import type { Received } from './received.ts'
import { takeRedirect6 } from './redirect6.ts'
import { receiveAdvertisedRouter } from './router-advertisement.ts'
import type { Stack } from './stack.ts'

type Of<K extends Nd['kind']> = Extract<Nd, { kind: K }>

/** Neighbour discovery for this host (RFC 4861 §7); the checksum is right. Only neighbours can send hop limit 255. */
export const receiveNd = (stack: Stack, packet: Received): void => {
  const { counters } = stack
  if (packet.ttl !== 255) {
    counters.add('Nd.InErrors.hop_limit')
    return
  }
  const nd = parseNd(packet.frame.bytes, packet.payload, packet.frame.end)
  if (!nd.ok) {
    counters.add(`Nd.InErrors.${nd.why}`)
    return
  }
  counters.add('Nd.InMsgs')
  switch (nd.value.kind) {
    case 'neighbor-solicitation':
      solicited(stack, packet, nd.value)
      return
    case 'neighbor-advertisement':
      advertised(stack, packet, nd.value)
      return
    case 'router-advertisement':
      receiveAdvertisedRouter(stack, packet, nd.value)
      return
    case 'router-solicitation':
      learnSource(stack, packet, nd.value.options)
      return
    default:
      if (!takeRedirect6(stack, packet, nd.value)) counters.add('Nd.RedirectsIgnored')
      return
  }
}

const macOf = (options: NdOption[], kind: 'source' | 'target'): Mac | undefined => {
  for (const option of options) if (option.kind === kind && 'mac' in option) return option.mac
  return undefined
}

const learnSource = (stack: Stack, packet: Received, options: NdOption[]): void => {
  const mac = macOf(options, 'source')
  if (mac === undefined || packet.src6 === 0n) return
  const neighbour = stack.nd.get(packet.link, packet.src6)
  if (neighbour !== undefined) stack.nd.learn(neighbour, { mac, solicited: false, override: true })
}

const solicited = (stack: Stack, packet: Received, { target, options }: Of<'neighbor-solicitation'>): void => {
  const { link, src6: src } = packet
  if (isMulticastIp(target)) {
    stack.counters.add('Nd.InErrors.value')
    return
  }
  const address = stack.addresses.find(target, link)
  if (address === undefined) return
  if (address.tentative) {
    // Another node asks for the same address before either has it (RFC 4862 §5.4.3).
    if (src === 0n && !stack.looping && !address.dadFailed) duplicate(stack, address)
    return
  }
  if (src === 0n) {
    advertise(stack, link, target, target, allNodes6, false)
    return
  }
  learnSource(stack, packet, options)
  advertise(stack, link, target, target, src, true)
}

const advertise = (stack: Stack, link: Link, target: Ip6, src: Ip6, dst: Ip6, solicited: boolean): void => {
  const router = stack.settings.of(link.name).forwarding6 !== 0
  const options: NdOption[] = [{ kind: 'target', mac: link.mac }]
  const message: Nd = { kind: 'neighbor-advertisement', target, router, solicited, override: true, options }
  const frame = ndFrame(message, { src, dst })
  countIcmp6Out(stack, Icmp6Type.neighborAdvertisement)
  send6(stack, frame, { src, dst, protocol: 58, hopLimit: 255, link, multicastLoop: false })
}

const advertised = (stack: Stack, packet: Received, na: Of<'neighbor-advertisement'>): void => {
  const { link } = packet
  const { target } = na
  if (isMulticastIp(target) || (packet.cast === 'multicast' && na.solicited)) {
    stack.counters.add('Nd.InErrors.value')
    return
  }
  const own = stack.addresses.find(target, link)
  if (own !== undefined) {
    if (own.tentative && !own.dadFailed) duplicate(stack, own)
    else stack.counters.add('Nd.InConflicts')
    return
  }
  const neighbour = stack.nd.find(link, target)
  if (neighbour === undefined) return
  const mac = macOf(na.options, 'target')
  stack.nd.learn(neighbour, { mac, solicited: na.solicited, override: na.override, isRouter: na.router })
}

/** Asks who has an address: its solicited-node group, or (a probe) the one who had it. */
export const solicitNd = (stack: Stack, neighbour: Neighbour, mac: Mac | undefined): void => {
  const { link } = neighbour
  const target = neighbour.ip as Ip6
  const src = stack.addresses.source6(link, target, stack.clock.now())
  if (src === undefined) return
  const options: NdOption[] = [{ kind: 'source', mac: link.mac }]
  const dst = mac === undefined ? solicitedNode(target) : target
  const frame = ndFrame({ kind: 'neighbor-solicitation', target, options }, { src, dst })
  const path = { link, hop: dst, src, mtu: link.mtu, cast: mac === undefined ? 'multicast' : 'unicast' } as const
  countIcmp6Out(stack, Icmp6Type.neighborSolicitation)
  send6Over(stack, frame, { src, dst, protocol: 58, hopLimit: 255, multicastLoop: false }, path)
}
