/** Words that say which connections are meant (ovs-dpctl(8), `flush-conntrack`), and limits of zones. */
import { parseIp4, parseIp6 } from '../../wire/address.ts'

/** A number at the beginning of a text, as scanf(3) reads one of so many bits; what stands behind it does not count. */
export const scanned = (text: string, bits: 8 | 16 | 32): number | undefined => {
  const [, digits] = /^\s*\+?([0-9]+)/.exec(text) ?? []
  const value = Number(digits ?? Number.NaN)
  return value < 2 ** bits ? value : undefined
}

/** `key=value,key(value),…`: pairs; a value is empty if there is none. */
export const pairsOf = (text: string): [key: string, value: string][] =>
  [...text.matchAll(/[^,\s]+/g)].map(([item]) => {
    const [, key = '', mark = '', rest = ''] = /^([^:=(]*)([:=(]?)(.*)$/s.exec(item) ?? []
    return [key, mark === '(' ? rest.replace(/\)$/, '') : rest]
  })

type Field = { bits: 8 | 16; of: 'protocol' | 'port' | 'icmp' }
const numbers: Readonly<Record<string, Field>> = {
  ct_nw_proto: { bits: 8, of: 'protocol' },
  ct_tp_src: { bits: 16, of: 'port' },
  ct_tp_dst: { bits: 16, of: 'port' },
  icmp_type: { bits: 8, of: 'icmp' },
  icmp_code: { bits: 8, of: 'icmp' },
  icmp_id: { bits: 16, of: 'icmp' },
}
const icmp = [1, 58]

/** What is wrong with a tuple; undefined: it says of which connections something is. */
export const tupleError = (text: string): string | undefined => {
  let family: string | undefined
  const seen: Record<Field['of'], number> = { protocol: 0, port: 0, icmp: 0 }
  for (const [key, value] of pairsOf(text)) {
    if (value === '') return `field ${key} missing value`
    const [, version] = /^ct_(nw|ipv6)_(?:src|dst)$/.exec(key) ?? []
    const number = Object.hasOwn(numbers, key) ? numbers[key] : undefined
    if (version !== undefined) {
      if (family !== undefined && family !== version) return `the L3 protocol does not match ${value}`
      family = version
      if ((version === 'nw' ? parseIp4(value) : parseIp6(value)) === undefined) return `failed to parse field ${key}`
    } else if (number === undefined) return `invalid conntrack tuple field: ${key}`
    else {
      const read = scanned(value, number.bits)
      if (read === undefined) return `failed to parse field ${key}`
      seen[number.of] = Math.max(seen[number.of], read)
    }
  }
  if (seen.port > 0 && seen.protocol === 0) return 'port is set without protocol'
  return seen.icmp > 0 && !icmp.includes(seen.protocol) ? 'invalid L4 fields' : undefined
}

/** `zone=N,limit=N`; a text is what is wrong. */
export const zoneLimitOf = (text: string): { zone: number; limit: number } | string => {
  const found: { zone?: number | undefined; limit?: number | undefined } = {}
  for (const [key, value] of pairsOf(text)) {
    if (value === '') return `field ${key} missing value`
    if (key !== 'zone' && key !== 'limit') return `invalid zone limit field: ${key}`
    found[key] = scanned(value, key === 'zone' ? 16 : 32)
    if (found[key] === undefined) return `failed to parse field ${key}`
  }
  const { zone, limit } = found
  return zone === undefined || limit === undefined ? 'failed to parse zone limit' : { zone, limit }
}

/** `zone=N,N,…`; a text is what is wrong. */
export const zonesOf = (text: string): number[] | string => {
  if (!text.startsWith('zone=')) return `invalid argument ${text}`
  const zones = text.slice(5).split(',').filter(Boolean)
  const numbers = zones.map(zone => scanned(zone, 16))
  return numbers.includes(undefined) ? 'invalid zone' : numbers.filter(zone => zone !== undefined)
}
