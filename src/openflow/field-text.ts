/** Fields as the texts of actions name them and write their values. */

import * as inFlow from '../flow/field-text.ts'
import { type FieldName, field, fieldNamed, fullMask } from '../flow/fields.ts'
import { parseNumber } from '../flow/flags.ts'
import { ones } from './number.ts'
import { formatPort, type PortNames, parsePort, type Warn } from './port-text.ts'

/** Where it is not the bits of the flow key: a VLAN ID's bit for "there is a tag" is beyond them. */
const widths: { readonly [N in FieldName]?: number } = {
  vlan_vid: 12,
  in_port: 16,
  arp_op: 16,
  icmp_type: 8,
  icmp_code: 8,
  icmpv6_type: 8,
  icmpv6_code: 8,
  ct_state: 32,
}
/** Bits that `load` and `move` may touch. */
export const widthOf = (name: FieldName): number => widths[name] ?? field(name).bits
export const isWritable = (name: FieldName): boolean => field(name).writable === true
/** Whether only a connection tracker writes it. */
export const isOfConnection = (name: FieldName): boolean => name.startsWith('ct_')

/** `NXM_OF_ETH_SRC`: Nicira's name if there is one, else OpenFlow's. */
export const headerName = (name: FieldName): string => {
  const codes = field(name).codes ?? []
  return (codes.find(code => code.name.startsWith('NXM_')) ?? codes[0])?.name ?? name
}

/** What `set_field` takes: the field's own names, not those of NXM and OXM. */
export const setFieldName = (text: string): FieldName | undefined =>
  /^[A-Z]/.test(text) || text.includes('[') ? undefined : fieldNamed(text)

/** What `load` and `move` take: any name. */
export const subfieldName = (text: string): FieldName | undefined => fieldNamed(text)

/** `partial`: the mask has all bits of the field, but not all that the wire has for it. */
export type FieldValue = { value: bigint; mask: bigint; partial?: true }

/** All bits that the wire has for a field, which may be more than a value of it has. */
const wireMask = (name: FieldName): bigint => {
  const { bits, wireBits = bits } = field(name)
  return ones(8 * Math.ceil(wireBits / 8))
}

/** A mask as it was said: of one with all bits of the wire no more is kept than the field has. */
export const maskAsSaid = (name: FieldName, mask: bigint): Pick<FieldValue, 'mask' | 'partial'> => {
  const all = wireMask(name)
  const full = fullMask(name)
  if (mask === all) return { mask: full }
  return mask === full ? { mask, partial: true } : { mask }
}

/**
 * Reads `VALUE` or `VALUE/MASK`; a string says what is wrong, in the words of ovs-ofctl. With `beyond`, bits that the field
 * has on the wire but that no value of it may have are let pass: `learn` does not ask.
 */
export const parseFieldValue = (
  name: FieldName,
  text: string,
  ports: PortNames | undefined,
  warn: Warn,
  beyond = false,
): FieldValue | string => {
  if (text === '*') return { value: 0n, mask: 0n }
  const { format } = field(name)
  if (format === 'port') {
    const port = parsePort(text, ports, warn)
    if (port !== undefined) return { value: BigInt(port), mask: fullMask(name) }
    return `${text}: ${name === 'in_port' ? 'invalid or unknown port' : 'port value out of range'} for ${name}`
  }
  if (format === 'decimal' || format === 'hex') return parseNumberField(name, text, beyond)
  const parsed = inFlow.readFieldValue(name, text)
  if ('wrong' in parsed) return parsed.wrong
  const mask = parsed.mask & fullMask(name)
  return {
    value: parsed.value,
    ...(format === 'tunnel flags' && /[/+-]/.test(text) ? maskAsSaid(name, mask) : { mask }),
  }
}

const parseNumberField = (name: FieldName, text: string, beyond: boolean): FieldValue | string => {
  const slash = text.indexOf('/')
  const value = parseOne(name, slash < 0 ? text : text.slice(0, slash), text, 'value')
  if (typeof value === 'string') return value
  const invalid = !beyond && (value & ~fullMask(name)) !== 0n
  const wrong = invalid ? `${text} is not a valid value for field ${name}` : undefined
  if (slash < 0) return wrong ?? { value, mask: fullMask(name) }
  const mask = parseOne(name, text.slice(slash + 1), text, 'mask')
  if (typeof mask === 'string') return mask
  const fits = field(name).maskable === true || mask === 0n || mask === wireMask(name)
  if (!fits) return `${text}: invalid mask for field ${name}`
  return wrong ?? { value, ...maskAsSaid(name, mask) }
}

const parseOne = (name: FieldName, text: string, whole: string, part: 'value' | 'mask'): bigint | string => {
  const { bits, wireBits = bits } = field(name)
  const size = Math.ceil(wireBits / 8)
  const negative = text.startsWith('-')
  const digits = parseNumber(negative ? text.slice(1) : text)
  if (digits === undefined) return `${whole}: bad syntax for ${name} ${part}`
  // What is not hexadecimal is read with 64 bits, where a minus sign wraps around.
  const number = negative ? BigInt.asUintN(64, -digits) : digits
  const most = /^0[xX]/.test(text) ? 8 * size : Math.min(8 * size, 64)
  return number >> BigInt(most) === 0n ? number : `${whole}: value too large for ${size}-byte field ${name}`
}

/** As after `set_field:`, the mask only if it is not whole. It is in hexadecimal even where the value is decimal. */
export const formatFieldValue = (
  name: FieldName,
  value: bigint,
  mask: bigint,
  ports?: PortNames,
  partial?: true,
): string => {
  const { format } = field(name)
  const isWhole = mask === fullMask(name) && partial === undefined
  if (format === 'port') return isWhole ? formatPort(Number(value), ports) : `${value}/${inFlow.hex(mask)}`
  if (format === 'decimal' || format === 'hex') {
    const digits = format === 'decimal' ? `${value}` : inFlow.hex(value)
    return isWhole ? digits : `${digits}/${inFlow.hex(mask)}`
  }
  if (format === 'tunnel flags' && (mask & fullMask(name)) === fullMask(name)) return formatTunnelFlags(value)
  return inFlow.formatFieldValue(name, value, mask)
}

const tunnelFlags = ['oam', 'df', 'csum', 'key'] as const

/** The names of the flags that are set, and what has no name as a number. */
const formatTunnelFlags = (value: bigint): string => {
  const parts: string[] = tunnelFlags.filter((_, bit) => ((value >> BigInt(bit)) & 1n) === 1n)
  const rest = value & ~0xfn
  if (rest !== 0n || parts.length === 0) parts.push(inFlow.hex(rest))
  return parts.join('|')
}
