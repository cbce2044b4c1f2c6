/** Which connections are to be taken off the tracker, as `ovs-ofctl ct-flush` and `ovs-appctl dpctl/ct-flush` take it. */
import { parseIp4, parseIp6 } from '../wire/address.ts'
import type { CtTuple } from './message.ts'
import { parseUpTo } from './number.ts'
import { splitWords } from './words.ts'

/** What the two tuples of a connection have in common, and each one's own: ports and what ICMP has instead share their place. */
type State = { protocol: number; family: 4 | 6 | undefined }
type Raw = { source: bigint; destination: bigint; first: number; second: number }

export type CtTuples = { original: CtTuple; reply: CtTuple }

const isIcmp = (protocol: number): boolean => protocol === 1 || protocol === 58

/**
 * Reads tuples, `ct_nw_src=10.0.0.1,ct_nw_proto=17,ct_tp_dst=53`, that of the original direction first. A text says what is
 * wrong.
 */
export const parseCtTuples = (texts: readonly string[]): CtTuples | string => {
  const state: State = { protocol: 0, family: undefined }
  const [original, reply] = [noTuple(), noTuple()]
  for (const [i, raw] of [original, reply].entries()) {
    const wrong = texts[i] === undefined || texts[i] === '' ? undefined : takeTuple(texts[i], raw, state)
    if (wrong !== undefined) return wrong
  }
  return { original: tupleOf(original, state), reply: tupleOf(reply, state) }
}

const noTuple = (): Raw => ({ source: 0n, destination: 0n, first: 0, second: 0 })

const tupleOf = ({ source, destination, first, second }: Raw, { protocol }: State): CtTuple => ({
  protocol,
  source,
  destination,
  ...(isIcmp(protocol)
    ? { sourcePort: 0, destinationPort: 0, icmpId: first, icmpType: second & 0xff, icmpCode: second >>> 8 }
    : { sourcePort: first, destinationPort: second, icmpId: 0, icmpType: 0, icmpCode: 0 }),
})

const takeTuple = (text: string, raw: Raw, state: State): string | undefined => {
  for (const { name, value } of splitWords(text)) {
    if (value === '') return `field ${name} missing value`
    const wrong = takeWord(name, value, raw, state)
    if (wrong !== undefined) return wrong
  }
  if (state.protocol === 0 && (raw.first !== 0 || raw.second !== 0)) return 'port is set without protocol'
  return undefined
}

const takeWord = (name: string, value: string, raw: Raw, state: State): string | undefined => {
  switch (name) {
    case 'ct_nw_src':
    case 'ct_ipv6_src':
      return takeAddress(name, value, 'source', raw, state)
    case 'ct_nw_dst':
    case 'ct_ipv6_dst':
      return takeAddress(name, value, 'destination', raw, state)
    case 'ct_nw_proto':
      return take(name, value, 0xff, number => {
        state.protocol = number
      })
    case 'ct_tp_src':
      return take(name, value, 0xffff, number => {
        raw.first = number
      })
    case 'ct_tp_dst':
      return take(name, value, 0xffff, number => {
        raw.second = number
      })
    case 'icmp_type':
    case 'icmp_code':
    case 'icmp_id':
      return isIcmp(state.protocol) ? takeIcmp(name, value, raw) : 'invalid L4 fields'
    default:
      return `invalid conntrack tuple field: ${name}`
  }
}

const takeIcmp = (name: 'icmp_type' | 'icmp_code' | 'icmp_id', value: string, raw: Raw): string | undefined =>
  take(name, value, name === 'icmp_id' ? 0xffff : 0xff, number => {
    if (name === 'icmp_id') raw.first = number
    else if (name === 'icmp_type') raw.second = (raw.second & 0xff00) | number
    else raw.second = (raw.second & 0xff) | (number << 8)
  })

const take = (name: string, value: string, max: number, put: (number: number) => void): string | undefined => {
  const number = parseUpTo(value, max)
  if (number === undefined) return `failed to parse field ${name}`
  put(number)
  return undefined
}

/** IPv4 addresses stand as IPv6 has them (RFC 4291 §2.5.5.2). */
const mapped = 0xffff_0000_0000n

const takeAddress = (
  name: string,
  value: string,
  part: 'source' | 'destination',
  raw: Raw,
  state: State,
): string | undefined => {
  const family = name.startsWith('ct_nw') ? 4 : 6
  if (state.family !== undefined && state.family !== family) return `the L3 protocol does not match ${value}`
  if (raw[part] !== 0n) return `${name} is set multiple times`
  const ip4 = family === 4 ? parseIp4(value) : undefined
  const address = ip4 === undefined ? (family === 6 ? parseIp6(value) : undefined) : mapped | BigInt(ip4)
  if (address === undefined) return `failed to parse field ${name}`
  state.family = family
  raw[part] = address
  return undefined
}
