/** IPv4 addresses as IPv6 sockets see them: `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2, RFC 3493 §3.7). They are never on a wire. */
import { type Ip, type Ip4, type Ip6, isIp6 } from '../wire/address.ts'

export const isMapped = (ip: Ip): ip is Ip6 => isIp6(ip) && ip >> 32n === 0xffffn
export const toMapped = (ip: Ip4): Ip6 => (0xffffn << 32n) | BigInt(ip)
export const fromMapped = (ip: Ip6): Ip4 => Number(ip & 0xffffffffn)

/** The address as a socket of the family shows it. */
export const seenBy = (family: 4 | 6, ip: Ip): Ip => (family === 6 && !isIp6(ip) ? toMapped(ip) : ip)
/** The address as it is on the wire. */
export const onWire = (ip: Ip): Ip => (isMapped(ip) ? fromMapped(ip) : ip)
