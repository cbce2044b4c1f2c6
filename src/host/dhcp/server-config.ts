import type { Ip4, Mac } from '../../wire/address.ts'

/** A range that is lent from. `seconds` is how long, `Infinity` for ever. */
export type DhcpRange = { from: Ip4; to: Ip4; mask: Ip4 | undefined; seconds: number; isStatic: boolean }

/** What a host gets that is known by its MAC, its identifier or its name. */
export type DhcpHost = {
  macs: readonly Mac[]
  clientId?: string
  name?: string
  address?: Ip4
  seconds?: number
  ignored: boolean
}

export type DhcpServerConfig = {
  ranges: readonly DhcpRange[]
  hosts: readonly DhcpHost[]
  /** By code; an empty value keeps an option from being sent. `forced` ones are sent to who did not ask too. */
  options: ReadonlyMap<number, { value: Uint8Array; forced: boolean }>
  /** The only server of its network: it also refuses, or takes over, leases that it does not know. */
  authoritative: boolean
  /** The lowest free address, not one that the MAC chooses. */
  sequential: boolean
  domain: string
  /** It also answers DNS, so it says so. */
  servesNames: boolean
  /** How many leases there are at most. */
  most: number
}

/** The link that a message came in by, and the server's own address there. */
export type DhcpPlace = { link: string; address: Ip4; mask: Ip4; broadcast: Ip4 }

/**
 * Where to look for a free address first: dnsmasq begins at a place that the MAC chooses, so that a host that comes back later is
 * likely to find its address free. The sum is that of sdbm.
 */
export const placeOf = (mac: Mac, count: number): number => {
  let sum = 0
  for (let i = 5; i >= 0; i--) {
    const byte = Math.floor(mac / 256 ** i) % 256
    sum = (byte + (sum << 6) + (sum << 16) - sum) >>> 0
  }
  return sum % count
}
