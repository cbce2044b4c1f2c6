/** Fields as the texts of actions name them and write their values. */
import { type FieldName, field, fieldNamed, fullMask } from '../flow/fields.ts'
import { formatIp4, formatIp6, formatMac, parseIp4, parseIp6, parseMac } from '../wire/address.ts'
import { hex, parseInteger } from './number.ts'
import { formatPort, type PortNames, parsePort, type Warn } from './port-text.ts'

export const widthOf = (name: FieldName): number => field(name).bits
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

export type FieldValue = { value: bigint; mask: bigint }

/** Reads `VALUE` or `VALUE/MASK`; a string says what is wrong, in the words of ovs-ofctl. */
export const parseFieldValue = (
  name: FieldName,
  text: string,
  ports: PortNames | undefined,
  warn: Warn,
): FieldValue | string => {
  if (field(name).format === 'port') {
    const port = parsePort(text, ports, warn)
    return port === undefined
      ? `${text}: invalid or unknown port for ${name}`
      : { value: BigInt(port), mask: fullMask(name) }
  }
  const slash = text.indexOf('/')
  const value = parseOne(name, slash < 0 ? text : text.slice(0, slash), text, 'value')
  if (typeof value === 'string') return value
  if (slash < 0) return { value, mask: fullMask(name) }
  const mask = parseMask(name, text.slice(slash + 1), text)
  return typeof mask === 'string' ? mask : { value, mask }
}

const parseMask = (name: FieldName, text: string, whole: string): bigint | string => {
  const { format, bits } = field(name)
  const prefix = format === 'ipv4' || format === 'ipv6' ? /^[0-9]+$/.exec(text) : null
  if (prefix === null) return parseOne(name, text, whole, 'mask')
  const length = Number(prefix[0])
  if (length > bits) return `${whole}: network prefix bits not between 0 and ${bits}`
  return ((1n << BigInt(length)) - 1n) << BigInt(bits - length)
}

const parseOne = (name: FieldName, text: string, whole: string, part: 'value' | 'mask'): bigint | string => {
  const { format, bits, wireBits = bits } = field(name)
  switch (format) {
    case 'ethernet': {
      const mac = parseMac(text)
      return mac === undefined ? `${whole}: invalid Ethernet address` : BigInt(mac)
    }
    case 'ipv4': {
      const ip = parseIp4(text)
      return ip === undefined ? `${whole}: invalid IP address` : BigInt(ip)
    }
    case 'ipv6': {
      const ip = parseIp6(text)
      return ip === undefined ? `${whole}: invalid IPv6 address` : ip
    }
    case 'tunnel flags':
      if (text === 'oam') return 1n
  }
  const size = Math.ceil(wireBits / 8)
  if (/^-[0-9]+$/.test(text)) return `${whole}: value too large for ${size}-byte field ${name}`
  const number = parseInteger(text)
  if (number === undefined) return `${whole}: bad syntax for ${name} ${part}`
  if (number >> BigInt(8 * size) !== 0n) return `${whole}: value too large for ${size}-byte field ${name}`
  const valid = name === 'nw_tos' || name === 'vlan_vid' ? BigInt(validBits[name]) : fullMask(name)
  if (part === 'value' && (number & ~valid) !== 0n) return `${whole} is not a valid value for field ${name}`
  return number
}

const validBits = { nw_tos: 0xfc, vlan_vid: 0x1fff } as const

/** As after `set_field:`, the mask only if it is not whole. */
export const formatFieldValue = (name: FieldName, value: bigint, mask: bigint, ports?: PortNames): string => {
  const whole = mask === fullMask(name)
  const { format } = field(name)
  switch (format) {
    case 'ethernet': {
      const text = formatMac(Number(value))
      return whole ? text : `${text}/${formatMac(Number(mask))}`
    }
    case 'ipv4': {
      const text = formatIp4(Number(value))
      return whole ? text : `${text}/${prefixOf(mask, 32) ?? formatIp4(Number(mask))}`
    }
    case 'ipv6': {
      const text = formatIp6(value)
      return whole ? text : `${text}/${prefixOf(mask, 128) ?? formatIp6(mask)}`
    }
    case 'port':
      return formatPort(Number(value), ports)
    case 'decimal':
      return whole ? String(value) : `${hex(value)}/${hex(mask)}`
    default:
      return whole ? hex(value) : `${hex(value)}/${hex(mask)}`
  }
}

/** The length of a mask that is a prefix. */
const prefixOf = (mask: bigint, bits: number): number | undefined => {
  let length = 0
  while (length < bits && ((mask >> BigInt(bits - 1 - length)) & 1n) === 1n) length++
  return mask === ((1n << BigInt(length)) - 1n) << BigInt(bits - length) ? length : undefined
}
