import { second } from '../runtime/index.ts'
import { type Ip6, solicitedNode } from '../wire/address.ts'
import { Icmp6Type } from '../wire/icmp6.ts'
import { ndFrame } from '../wire/nd.ts'
import type { Address } from './addresses.ts'
import { countIcmp6Out } from './icmp6-count.ts'
import { send6Over } from './ipv6-output.ts'
import type { Stack } from './stack.ts'

/**
 * Duplicate address detection (RFC 4862 §5.4): after a wait of up to a second, asks whether anybody has the address, and
 * calls `ready` if nobody says so within a second. An answer makes the address unusable: `duplicate`.
 */
export const startDad = (stack: Stack, address: Address, ready: () => void): void => {
  const { link } = address
  address.cancel?.()
  let left = stack.settings.of(link.name).dad_transmits
  if (left <= 0) {
    address.tentative = false
    ready()
    return
  }
  const step = (): void => {
    address.cancel = undefined
    if (left-- === 0) {
      ready()
      return
    }
    const target = address.ip as Ip6
    const dst = solicitedNode(target)
    const frame = ndFrame({ kind: 'neighbor-solicitation', target, options: [] }, { src: 0n, dst })
    const path = { link, hop: dst, src: 0n, mtu: link.mtu, cast: 'multicast' } as const
    address.cancel = stack.clock.at(stack.clock.now() + second, step)
    countIcmp6Out(stack, Icmp6Type.neighborSolicitation)
    send6Over(stack, frame, { src: 0n, dst, protocol: 58, hopLimit: 255, multicastLoop: false }, path)
  }
  address.cancel = stack.clock.at(stack.clock.now() + stack.random() * second, step)
}

/** Somebody else has the tentative address, or tries to get it at the same time. */
export const duplicate = (stack: Stack, address: Address): void => {
  address.cancel?.()
  address.cancel = undefined
  address.dadFailed = true
  stack.counters.add('Nd.DadFailures')
  stack.log('ipv6', 'info', `${address.link.name}: IPv6 duplicate address detected`)
}
