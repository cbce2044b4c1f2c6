import { type Ip, isIp6 } from '../../../../wire/address.ts'

/** The name under which an address has its name (RFC 1035 §3.5, RFC 3596 §2.5). */
export const reverseName = (ip: Ip): string => {
  if (!isIp6(ip)) return `${[ip & 255, (ip >>> 8) & 255, (ip >>> 16) & 255, ip >>> 24].join('.')}.in-addr.arpa.`
  const digits = ip.toString(16).padStart(32, '0')
  return `${[...digits].reverse().join('.')}.ip6.arpa.`
}

/** The address of such a name; undefined for another name, or a part of an address. */
export const reversedIp = (name: string): Ip | undefined => {
  const text = name.toLowerCase().replace(/\.$/, '')
  const [, four] = /^((?:\d{1,3}\.){4})in-addr\.arpa$/.exec(text) ?? []
  if (four !== undefined) {
    const parts = four.split('.').slice(0, 4).map(Number)
    return parts.every(part => part < 256) ? parts.reduceRight((sum, part) => sum * 256 + part, 0) : undefined
  }
  const [, six] = /^((?:[0-9a-f]\.){32})ip6\.arpa$/.exec(text) ?? []
  return six === undefined ? undefined : BigInt(`0x${[...six.replaceAll('.', '')].reverse().join('')}`)
}
