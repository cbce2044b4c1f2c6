/**
 * Addresses are numbers: comparable with `===`, keys of a `Map`, masked with `&`.
 * A MAC is 48 bits in a number, IPv4 is 32 bits in a number, IPv6 is 128 bits in a bigint, so `typeof` tells an
 * IPv4 address from an IPv6 one.
 */
export type Mac = number
export type Ip4 = number
export type Ip6 = bigint
export type Ip = Ip4 | Ip6

export const isIp6 = (ip: Ip): ip is Ip6 => typeof ip === 'bigint'

export const broadcastMac: Mac = 0xffffffffffff

/** Broadcast or multicast: the first bit on the wire, the least significant of the first byte. */
export const isMulticastMac = (mac: Mac): boolean => Math.floor(mac / 2 ** 40) % 2 === 1

export const formatMac = (mac: Mac): string => {
  const digits = mac.toString(16).padStart(12, '0')
  return `${digits.slice(0, 2)}:${digits.slice(2, 4)}:${digits.slice(4, 6)}:${digits.slice(6, 8)}:${digits.slice(8, 10)}:${digits.slice(10)}`
}

/** Six pairs of hex digits (one digit will do) with colons; undefined for anything else. */
export const parseMac = (text: string): Mac | undefined => {
  const parts = text.split(':')
  if (parts.length !== 6) return undefined
  let mac = 0
  for (const part of parts) {
    if (!/^[0-9a-fA-F]{1,2}$/.test(part)) return undefined
    mac = mac * 256 + Number.parseInt(part, 16)
  }
  return mac
}

export const formatIp4 = (ip: Ip4): string => `${ip >>> 24}.${(ip >>> 16) & 255}.${(ip >>> 8) & 255}.${ip & 255}`

/** Dotted decimal with four parts; undefined for anything else. */
export const parseIp4 = (text: string): Ip4 | undefined => {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let ip = 0
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined
    ip = ip * 256 + Number(part)
  }
  return ip
}

/** RFC 5952: lower case, the longest run of two or more zero groups shortened, the first of equals. */
export const formatIp6 = (ip: Ip6): string => {
  const groups: number[] = []
  for (let i = 7n; i >= 0n; i--) groups.push(Number((ip >> (i * 16n)) & 0xffffn))
  // RFC 5952 §5: a well-known prefix for mapped IPv4 addresses is written with dots.
  if (ip >> 32n === 0xffffn) return `::ffff:${formatIp4(Number(ip & 0xffffffffn))}`
  let best = -1
  let bestCount = 1
  for (let i = 0; i < 8; i++) {
    let count = 0
    while (i + count < 8 && groups[i + count] === 0) count++
    if (count > bestCount) {
      best = i
      bestCount = count
    }
    if (count > 0) i += count - 1
  }
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map(group => group.toString(16))
      .join(':')
  // Six zeros in front mean IPv4 too, as inet_ntop writes it.
  if (best === 0 && bestCount === 6) return `::${formatIp4(Number(ip & 0xffffffffn))}`
  return best < 0 ? text(0, 8) : `${text(0, best)}::${text(best + bestCount, 8)}`
}

/** RFC 4291 §2.2, with `::` and a dotted IPv4 tail; undefined for anything else (a zone such as `%eth0` too). */
export const parseIp6 = (text: string): Ip6 | undefined => {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const groups = (half: string, last: boolean): number[] | undefined => {
    if (half === '') return []
    const out: number[] = []
    const parts = half.split(':')
    for (const [i, part] of parts.entries()) {
      if (last && i === parts.length - 1 && part.includes('.')) {
        const ip = parseIp4(part)
        if (ip === undefined) return undefined
        out.push(ip >>> 16, ip & 0xffff)
      } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) out.push(Number.parseInt(part, 16))
      else return undefined
    }
    return out
  }
  const head = groups(halves[0] as string, halves.length === 1)
  const tail = halves.length === 2 ? groups(halves[1] as string, true) : []
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  let ip = 0n
  for (const group of [...head, ...new Array<number>(missing).fill(0), ...tail]) ip = (ip << 16n) | BigInt(group)
  return ip
}

export const parseIp = (text: string): Ip | undefined => (text.includes(':') ? parseIp6(text) : parseIp4(text))
export const formatIp = (ip: Ip): string => (isIp6(ip) ? formatIp6(ip) : formatIp4(ip))

/** The mask of a prefix length. */
export const mask4 = (length: number): Ip4 => (length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0)
export const mask6 = (length: number): Ip6 => ((1n << BigInt(length)) - 1n) << BigInt(128 - length)

/** Whether `ip` is in the prefix; addresses of different families are in none of each other's. */
export const inPrefix = (ip: Ip, prefix: Ip, length: number): boolean => {
  if (typeof ip === 'number') return typeof prefix === 'number' && ((ip ^ prefix) & mask4(length)) === 0
  return typeof prefix === 'bigint' && ((ip ^ prefix) & mask6(length)) === 0n
}

export const isMulticastIp = (ip: Ip): boolean => (isIp6(ip) ? ip >> 120n === 0xffn : ip >>> 28 === 0xe)
export const isLinkLocal6 = (ip: Ip6): boolean => ip >> 118n === 0x3fan

/** RFC 1112 §6.4 and RFC 2464 §7: the MAC that a multicast address is sent to. */
export const multicastMac = (ip: Ip): Mac =>
  isIp6(ip) ? 0x333300000000 + Number(ip & 0xffffffffn) : 0x01005e000000 + (ip & 0x7fffff)

/** RFC 4291 appendix A: the interface identifier made of a MAC address. */
export const eui64 = (mac: Mac): bigint => {
  const m = BigInt(mac)
  return (((m >> 24n) ^ 0x020000n) << 40n) | (0xfffen << 24n) | (m & 0xffffffn)
}

/** RFC 4862 §5.3. */
export const linkLocal = (mac: Mac): Ip6 => (0xfe80n << 112n) | eui64(mac)

/** RFC 4291 §2.7.1. */
export const solicitedNode = (ip: Ip6): Ip6 => (0xff02n << 112n) | (0x1ffn << 24n) | (ip & 0xffffffn)
