import type { Address, Namespace } from '../../../../host/index.ts'
import { second } from '../../../../runtime/index.ts'
import { formatIp, formatIp4, isIp6 } from '../../../../wire/address.ts'
import { addressesOf } from '../address-order.ts'
import type { IpCall } from './call.ts'
import type { Json } from './json.ts'

/** Words behind the scope, in the order in which they stand. */
export const addressFlags = (address: Address, now: number): string[] => {
  const flags: string[] = []
  if (address.secondary) flags.push('secondary')
  if (address.dadFailed) flags.push('dadfailed')
  if (isIp6(address.ip) && address.preferredUntil <= now) flags.push('deprecated')
  if (address.tentative) flags.push('tentative')
  if (address.validUntil !== Number.POSITIVE_INFINITY) flags.push('dynamic')
  if (address.origin === 'ra') flags.push('mngtmpaddr')
  if (address.noPrefixRoute && address.origin === 'user') flags.push('noprefixroute')
  return flags
}

const lifetime = (until: number, now: number): string =>
  until === Number.POSITIVE_INFINITY ? 'forever' : `${Math.max(0, Math.floor((until - now) / second))}sec`

/** The local address and the prefix: `10.0.0.1/24`, `10.0.0.1 peer 10.0.0.2/32`. */
const prefixText = (a: Address): string =>
  `${formatIp(a.ip)}${a.peer === undefined ? '' : ` peer ${formatIp(a.peer)}`}/${a.length}`

/** The two lines of an address, each with its `\n`. */
export const addressText = (address: Address, now: number): string => {
  const { ip, broadcast, scope, label, validUntil, preferredUntil } = address
  const brd = broadcast === undefined ? '' : ` brd ${formatIp4(broadcast)}`
  const flags = addressFlags(address, now).map(flag => `${flag} `)
  const start = `    inet${isIp6(ip) ? '6' : ''} ${prefixText(address)}${brd} scope ${scope} ${flags.join('')}`
  const times = `valid_lft ${lifetime(validUntil, now)} preferred_lft ${lifetime(preferredUntil, now)}`
  return `${start}${isIp6(ip) ? '' : label}\n       ${times}\n`
}

const seconds = (until: number, now: number): number =>
  until === Number.POSITIVE_INFINITY ? 0xffffffff : Math.max(0, Math.floor((until - now) / second))

/** An address as `ip -j addr` shows it. */
export const addressRecord = (address: Address, now: number): Record<string, Json> => {
  const { ip, peer, broadcast, scope, label, length } = address
  const flags = addressFlags(address, now).map(flag => [flag, true] as const)
  return {
    family: isIp6(ip) ? 'inet6' : 'inet',
    local: formatIp(ip),
    ...(peer === undefined ? {} : { address: formatIp(peer) }),
    prefixlen: length,
    ...(broadcast === undefined ? {} : { broadcast: formatIp4(broadcast) }),
    scope,
    ...Object.fromEntries(flags),
    ...(isIp6(ip) ? {} : { label }),
    valid_life_time: seconds(address.validUntil, now),
    preferred_life_time: seconds(address.preferredUntil, now),
  }
}

/** What `ip -br addr` shows of an address. */
export const briefAddress = (address: Address): string => `${prefixText(address)} `

/** What `ip -br -j addr` shows of an address. */
export const briefRecord = ({ ip, peer, length }: Address): Record<string, Json> => ({
  local: formatIp(ip),
  ...(peer === undefined ? {} : { address: formatIp(peer) }),
  prefixlen: length,
})

/** Addresses of a link in the order and of the family that a call wants. */
export const wantedAddresses = (call: IpCall, namespace: Namespace, link: Address['link']): Address[] =>
  addressesOf(namespace, link).filter(
    a => call.options.family === undefined || isIp6(a.ip) === (call.options.family === 6),
  )
