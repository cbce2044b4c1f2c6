import { formatIp, type Ip, isIp6, mask4, parseIp, parseIp4 } from '../../../../wire/address.ts'
import { Refusal } from '../refusal.ts'

/** An address or network as it was written, and whether a length was. */
export type Prefix = { ip: Ip; length: number; explicit: boolean }

/** `10.0.0.1/24`, `10.1/16`, `2001:db8::/64`, or an address alone; undefined for anything else. */
export const parsePrefix = (word: string): Prefix | undefined => {
  const slash = word.indexOf('/')
  const text = slash < 0 ? word : word.slice(0, slash)
  const ip = text.includes(':') ? parseIp(text) : parseShort(text)
  if (ip === undefined) return undefined
  const bits = isIp6(ip) ? 128 : 32
  if (slash < 0) return { ip, length: bits, explicit: false }
  const rest = word.slice(slash + 1)
  const length = /^\d{1,3}$/.test(rest) ? Number(rest) : isIp6(ip) ? undefined : maskLength(rest)
  return length === undefined || length > bits ? undefined : { ip, length, explicit: true }
}

/** `10.1` is 10.1.0.0 to iproute2. */
const parseShort = (text: string): number | undefined => {
  if (!/^\d+(\.\d+){0,3}$/.test(text)) return undefined
  return parseIp4([...text.split('.'), '0', '0', '0'].slice(0, 4).join('.'))
}

/** The length of `255.255.255.0`. */
export const maskLength = (text: string): number | undefined => {
  const mask = parseIp4(text)
  if (mask === undefined) return undefined
  const length = Math.clz32(~mask >>> 0)
  return mask4(length) === mask ? length : undefined
}

/** A prefix that a command wants; `default`, `all` and `any` are the one that holds everything. */
export const needPrefix = (word: string, family: 4 | 6 | undefined): Prefix => {
  if (word === 'default' || word === 'all' || word === 'any')
    return { ip: family === 6 ? 0n : 0, length: 0, explicit: true }
  const prefix = parsePrefix(word)
  if (prefix === undefined || (family !== undefined && isIp6(prefix.ip) !== (family === 6)))
    throw new Refusal(`Error: ${familyName(family)} prefix is expected rather than "${word}".`, 1)
  return prefix
}

/** An address that a command wants. */
export const needAddress = (word: string, family: 4 | 6 | undefined): Ip => {
  const ip = parseIp(word)
  if (ip === undefined || (family !== undefined && isIp6(ip) !== (family === 6)))
    throw new Refusal(`Error: ${familyName(family)} address is expected rather than "${word}".`, 1)
  return ip
}

const familyName = (family: 4 | 6 | undefined): string =>
  family === undefined ? 'any valid' : family === 4 ? 'inet' : 'inet6'

/** A network as routes are listed: `default`, `10.0.0.0/24`, `10.0.0.1`. */
export const formatPrefix = (ip: Ip, length: number): string => {
  if (length === 0) return 'default'
  return length === (isIp6(ip) ? 128 : 32) ? formatIp(ip) : `${formatIp(ip)}/${length}`
}
