/** `nat(src=…)` as text (ovs-actions(7), "The ct action"). */
import { formatIp4, formatIp6, parseIp6 } from '../../wire/address.ts'
import { atoi } from '../c-number.ts'
import type { Nat } from '../nat.ts'
import { splitWords } from '../words.ts'
import type { ActionFormatter, ActionParser } from './codec.ts'

/** `nat`, `nat(src=10.0.0.1-10.0.0.9:1000-2000,persistent,hash)`. */
export const parseNat: ActionParser = argument => {
  let nat: Nat = { side: undefined, addresses: undefined, ports: undefined, persistent: false, mapping: undefined }
  const words = splitWords(argument)
  const named = new Set(words.map(word => word.name))
  for (const { name, value } of words) {
    switch (name) {
      case 'src':
      case 'dst': {
        const range = parseRange(value)
        if (typeof range === 'string') return range
        nat = { ...nat, ...range, side: name }
        break
      }
      case 'persistent':
        nat = { ...nat, persistent: true }
        break
      case 'hash':
      case 'random':
        nat = { ...nat, mapping: name }
        break
      default:
        return `invalid key "${name}" in "nat" argument`
    }
  }
  if (named.has('src') && named.has('dst')) return 'May only specify one of "src" or "dst".'
  if (nat.side === undefined && named.size > 0) return 'Flags allowed only with "src" or "dst".'
  if (named.has('hash') && named.has('random')) return 'Both "hash" and "random" are not allowed.'
  return { type: 'nat', nat }
}

/** Reads from the front of a text; `at` is how far. */
type Scan = { text: string; at: number }
const scan = (it: Scan, pattern: RegExp): RegExpExecArray | undefined => {
  const found = pattern.exec(it.text.slice(it.at))
  if (found === null) return undefined
  it.at += found[0].length
  return found
}

/** Four numbers, which may even have signs. */
const dotted = /^([+-]?[0-9]+)\.([+-]?[0-9]+)\.([+-]?[0-9]+)\.([+-]?[0-9]+)/

const scan4 = (it: Scan): bigint | undefined => {
  const parts = scan(it, dotted)
  // Each part counts modulo 256, as the original reads it.
  return parts?.slice(1).reduce((ip, part) => ip * 256n + BigInt(atoi(part, 8)), 0n)
}

/** Letters and digits of an IPv6 address, bare or in brackets, are taken whether or not they make one. */
const scan6 = (it: Scan): bigint | undefined => {
  const found = scan(it, /^([0-9a-fA-F:.]{1,46})/) ?? scan(it, /^\[([0-9a-fA-F:.]{1,46})\]/)
  return found === undefined ? undefined : parseIp6(found[1] as string)
}

const scanPort = (it: Scan): number | undefined => {
  const found = scan(it, /^\s*[+-]?[0-9]+/)
  return found === undefined ? undefined : atoi(found[0], 16)
}

/** `first`, or `first-last` in order; undefined if it is wrong. */
const scanRange = <T extends bigint | number>(
  it: Scan,
  first: T,
  next: (it: Scan) => T | undefined,
): { first: T; last: T; ranged?: boolean } | undefined => {
  if (it.text[it.at] !== '-') return { first, last: first }
  it.at++
  const last = next(it)
  if (last === undefined || first > last) return undefined
  return first === last ? { first, last, ranged: true } : { first, last }
}

const parseRange = (text: string): Pick<Nat, 'addresses' | 'ports'> | string => {
  const wrong = `invalid nat range "${text}"`
  const it: Scan = { text, at: 0 }
  const version = dotted.test(text) ? 4 : 6
  const next = version === 4 ? scan4 : scan6
  const first = next(it)
  const addresses = first === undefined ? undefined : scanRange(it, first, next)
  if (first !== undefined && addresses === undefined) return wrong
  let ports: Nat['ports']
  if (addresses !== undefined && text[it.at] === ':') {
    it.at++
    const port = scanPort(it)
    ports = port === undefined ? undefined : scanRange(it, port, scanPort)
    if (ports === undefined) return wrong
  }
  if (it.at < text.length) return `garbage (${text.slice(it.at)}) after nat range "${text}" (pos: ${it.at})`
  return { addresses: addresses === undefined ? undefined : { version, ...addresses }, ports }
}

export const formatNat: ActionFormatter<'nat'> = ({ nat }, { paint }) => {
  const { side, addresses, ports, persistent, mapping } = nat
  const name = paint.paren('nat')
  if (side === undefined) return name
  const parts = [paint.param(side)]
  if (addresses !== undefined) {
    parts[0] += `${paint.param('=')}${formatAddresses(addresses, hasPorts(ports))}${formatPorts(ports)}`
    if (persistent) parts.push(paint.value('persistent'))
    if (mapping !== undefined) parts.push(paint.value(mapping))
  }
  return `${name}${paint.paren('(')}${parts.join(',')}${paint.paren(')')}`
}

const hasPorts = (ports: Nat['ports']): boolean => ports !== undefined && ports.first !== 0

/** IPv6 addresses before a port stand in brackets. */
const formatAddresses = ({ version, first, last }: NonNullable<Nat['addresses']>, brackets: boolean): string => {
  const one = (ip: bigint): string => {
    if (version === 4) return formatIp4(Number(ip))
    return brackets ? `[${formatIp6(ip)}]` : formatIp6(ip)
  }
  return first === last ? one(first) : `${one(first)}-${one(last)}`
}

const formatPorts = (ports: Nat['ports']): string => {
  if (ports === undefined || ports.first === 0) return ''
  return ports.first === ports.last ? `:${ports.first}` : `:${ports.first}-${ports.last}`
}
