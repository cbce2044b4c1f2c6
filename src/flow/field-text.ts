import { formatIp4, formatIp6, formatMac, mask4, mask6, parseIp6 } from '../wire/address.ts'
import { type Field, type FieldName, field, fullMask } from './fields.ts'
import { ctStates, formatFlags, parseFlags, parseNumber, tcpFlags, tunnelFlags } from './flags.ts'
import { formatPort, type PortName, type PortNumber, parsePort, type Warn } from './port-text.ts'

/** A field's value with the bits that count, or what ovs-ofctl says of the text. */
export type FieldValue = { value: bigint; mask: bigint } | { wrong: string }

/** nw_frag by name: value and mask (ovs-fields(7), ip_frag). */
const fragments: Readonly<Record<string, readonly [bigint, bigint]>> = {
  no: [0n, 3n],
  yes: [1n, 1n],
  first: [1n, 3n],
  later: [3n, 3n],
  not_later: [0n, 2n],
}

const wrong = (text: string): FieldValue => ({ wrong: text })

export type ParseOptions = {
  /** A bridge's port by its name. */
  portNumber?: PortNumber
  /** Hears what the original tool logs of it. */
  warn?: Warn
}

/** Reads `VALUE` or `VALUE/MASK` in the field's own format; `*` is any value. The value has no bits outside the mask. */
export const parseFieldValue = (name: FieldName, text: string, options: ParseOptions = {}): FieldValue => {
  const parsed = readFieldValue(name, text, options)
  return 'wrong' in parsed ? parsed : { ...parsed, value: parsed.value & parsed.mask }
}

/** The same, with the bits that stand there but do not count. */
export const readFieldValue = (name: FieldName, text: string, { portNumber, warn }: ParseOptions = {}): FieldValue => {
  const { format } = field(name)
  if (text === '*') return { value: 0n, mask: 0n }
  switch (format) {
    case 'decimal':
    case 'hex':
      return parseInteger(name, text)
    case 'ethernet':
      return (
        split(
          text,
          macOf,
          mac => BigInt(mac),
          () => undefined,
        ) ?? wrong(`${text}: invalid Ethernet address`)
      )
    case 'ipv4':
      return ipv4(text)
    case 'ipv6':
      return ipv6(text)
    case 'port': {
      const port = parsePort(text, portNumber, warn)
      return port === undefined
        ? wrong(`${text}: invalid or unknown port for ${name}`)
        : { value: BigInt(port), mask: fullMask(name) }
    }
    case 'frag': {
      const known = Object.hasOwn(fragments, text) ? fragments[text] : undefined
      if (known !== undefined) return { value: known[0], mask: known[1] }
      return wrong(`${text}: unknown fragment type (valid types are "no", "yes", "first", "later", "not_later"`)
    }
    case 'tcp flags':
      return parseFlags(text, tcpFlags, 'TCP')
    case 'ct state':
      return parseFlags(text, ctStates, 'ct_state')
    case 'tunnel flags':
      return parseFlags(text, tunnelFlags, 'tunnel')
    case 'packet type':
      return packetType(text)
  }
}

/** Both sides of a `/` with one parser; a mask that is a plain number goes to `prefix`. */
const split = <T>(
  text: string,
  parse: (text: string) => T | undefined,
  number: (value: T) => bigint,
  prefix: (length: string) => bigint | undefined,
): { value: bigint; mask: bigint } | undefined => {
  const cut = text.indexOf('/')
  const value = parse(cut < 0 ? text : text.slice(0, cut))
  if (value === undefined) return undefined
  if (cut < 0) return { value: number(value), mask: -1n }
  const rest = text.slice(cut + 1)
  const mask = parse(rest)
  const bits = mask === undefined ? prefix(rest) : number(mask)
  return bits === undefined ? undefined : { value: number(value), mask: bits }
}

/** A number, whatever the field's format. */
const parseInteger = (name: FieldName, text: string): FieldValue => {
  const row = field(name)
  const bytes = (row.wireBits ?? row.bits) / 8
  const [valueText, maskText] = cutOnce(text, '/')
  const value = parseSized(valueText, bytes)
  if (value === 'bad') return wrong(`${text}: bad syntax for ${name} value`)
  if (value === 'large') return wrong(`${text}: value too large for ${bytes}-byte field ${name}`)
  // 0xffff, beyond its 12 bits, means no tag.
  const full = name === 'dl_vlan' ? 0xffffn : fullMask(name)
  if (maskText === undefined) return { value: value & full, mask: full }
  const mask = parseSized(maskText, bytes)
  if (mask === 'bad') return wrong(`${text}: bad syntax for ${name} mask`)
  if (mask === 'large') return wrong(`${text}: mask too large for ${bytes}-byte field ${name}`)
  if (!row.maskable && mask !== 0n && mask !== (1n << BigInt(bytes * 8)) - 1n)
    return wrong(`${text}: invalid mask for field ${name}`)
  return { value: value & mask & full, mask: mask & full }
}

/**
 * A number of so many bytes as Open vSwitch reads it: hexadecimal of any length, and nothing after `0x` is 0; else what C
 * takes for an unsigned number of 64 bits, where a sign may stand and -1 is all ones.
 */
export const parseSized = (text: string, bytes: number): bigint | 'bad' | 'large' => {
  const hexits = /^0[xX]([0-9a-fA-F]*)$/.exec(text)
  const value = hexits === null ? parse64(text) : BigInt(`0x0${hexits[1]}`)
  if (typeof value === 'string') return value
  return value >> BigInt(bytes * 8) === 0n ? value : 'large'
}

const parse64 = (text: string): bigint | 'bad' | 'large' => {
  const [, sign, digits] = /^([+-]?)([0-9].*)$/.exec(text) ?? []
  const number = digits === undefined ? undefined : parseNumber(digits)
  if (number === undefined) return 'bad'
  if (number >> 64n !== 0n) return 'large'
  return sign === '-' ? BigInt.asUintN(64, -number) : number
}

const cutOnce = (text: string, at: string): [string, string | undefined] => {
  const place = text.indexOf(at)
  return place < 0 ? [text, undefined] : [text.slice(0, place), text.slice(place + 1)]
}

const dotted = (text: string): number | undefined => {
  const parts = /^([0-9]+)\.([0-9]+)\.([0-9]+)\.([0-9]+)$/.exec(text)
  // Each part counts modulo 256, as the original reads it.
  return parts?.slice(1).reduce((ip, part) => ip * 256 + (Number(part) % 256), 0)
}

/** What is wrong with a prefix length; undefined if it is none, or right. */
const prefixError = (text: string, longest: number, family: string): FieldValue | undefined => {
  const length = /\/([+-]?[0-9]+)/.exec(text)?.[1]
  if (length === undefined || (Number(length) >= 0 && Number(length) <= longest)) return undefined
  return wrong(`${text}: ${family} network prefix bits not between 0 and ${longest}, inclusive`)
}
const prefixOf = (text: string): number | undefined => (/^\+?[0-9]+$/.test(text) ? Number(text) : undefined)

const ipv4 = (text: string): FieldValue => {
  const parsed = split(
    text,
    dotted,
    ip => BigInt(ip),
    bits => {
      const length = prefixOf(bits)
      return length === undefined || length > 32 ? undefined : BigInt(mask4(length))
    },
  )
  if (parsed !== undefined) return parsed
  const isAddress = dotted(text.split('/')[0] as string) !== undefined
  return (isAddress ? prefixError(text, 32, 'IPv4') : undefined) ?? wrong(`${text}: invalid IP address`)
}

/** What begins with a digit after the slash is read as a length: of masks, only those that begin with a letter or a colon are. */
const ipv6 = (text: string): FieldValue => {
  const isLength = /\/[+-]?[0-9]/.test(text)
  const parsed = split(
    text,
    parseIp6,
    ip => ip,
    bits => {
      const length = prefixOf(bits)
      return length === undefined || length > 128 ? undefined : mask6(length)
    },
  )
  if (parsed !== undefined && (!isLength || /\/\+?[0-9]+$/.test(text))) return parsed
  const isAddress = parseIp6(text.split('/')[0] as string) !== undefined
  return (isAddress ? prefixError(text, 128, 'IPv6') : undefined) ?? wrong(`${text}: invalid IPv6 address`)
}

/** Six numbers in hexadecimal, of which the last two digits count. */
const macOf = (text: string): number | undefined => {
  if (!/^([0-9a-fA-F]+:){5}[0-9a-fA-F]+$/.test(text)) return undefined
  return text.split(':').reduce((mac, part) => mac * 256 + Number.parseInt(part.slice(-2), 16), 0)
}

/** `(NAMESPACE,TYPE)`; what follows the parenthesis is not looked at. */
const packetType = (text: string): FieldValue => {
  const bad = (rest: string, what: string): FieldValue => wrong(`${rest}: bad syntax for packet type ${what}`)
  if (!text.startsWith('(')) return bad(text, "missing '('")
  const start = numberAt(text.slice(1))
  if (start === undefined) return bad(text.slice(1), 'ns')
  if (start.rest[0] !== ',') return bad(text.slice(1), "missing ','")
  const end = numberAt(start.rest.slice(1))
  if (end === undefined) return bad(start.rest.slice(1), 'ns_type')
  if (end.rest[0] !== ')') return bad(start.rest.slice(1), "missing ')'")
  return { value: (start.value << 16n) | end.value, mask: 0xffffffffn }
}

/** The number of 16 bits that a text begins with, in C's notation, and what follows. */
const numberAt = (text: string): { value: bigint; rest: string } | undefined => {
  const digits = /^(0[xX][0-9a-fA-F]*|0[0-7]*|[1-9][0-9]*)/.exec(text)?.[0]
  if (digits === undefined) return undefined
  const value = /^0[xX]$/.test(digits) ? 0n : (parseNumber(digits) ?? 0n)
  return value > 0xffffn ? undefined : { value, rest: text.slice(digits.length) }
}

/** How many leading ones a mask of `width` bits has if it is a prefix; undefined if not. */
export const prefixLength = (mask: bigint, width: number): number | undefined => {
  const ones = mask.toString(2).padStart(width, '0')
  const length = ones.indexOf('0') < 0 ? width : ones.indexOf('0')
  return ones.indexOf('1', length) < 0 ? length : undefined
}

/** `10.0.0.0/8`, `10.0.0.1/255.0.0.255`, or the bare address under a full mask. */
export const formatMasked4 = (value: number, mask: number): string => {
  const address = formatIp4(value)
  if (mask === 0xffffffff) return address
  const wild = ~mask >>> 0
  return `${address}/${(wild & (wild + 1)) === 0 ? Math.clz32(wild) : formatIp4(mask)}`
}

export const formatMasked6 = (value: bigint, mask: bigint): string => {
  const length = prefixLength(mask, 128)
  const address = formatIp6(value)
  return length === 128 ? address : `${address}/${length ?? formatIp6(mask)}`
}

/** C's `%#x`: no prefix for zero. */
export const hex = (value: bigint | number): string => (value === 0 || value === 0n ? '0' : `0x${value.toString(16)}`)

/** One digit as it is, more in hexadecimal. */
const short = (value: number): string => (value < 10 ? `${value}` : hex(value))

/** A field's value as ovs-ofctl writes it, with its mask unless that is full. */
export const formatFieldValue = (name: FieldName, value: bigint, mask: bigint, portName?: PortName): string => {
  const row: Field = field(name)
  if (row.bits <= 32) return formatFieldNumber(name, Number(value), Number(mask), portName)
  const exact = mask === fullMask(name)
  if (row.format === 'ethernet') return formatMaskedMac(Number(value), Number(mask))
  if (row.format === 'ipv6') return formatMasked6(value, mask)
  if (!exact) return `${hex(value)}/${hex(mask)}`
  return row.format === 'decimal' ? value.toString() : hex(value)
}

export const formatMaskedMac = (value: number, mask: number): string =>
  formatMac(value) + (mask === 0xffffffffffff ? '' : `/${formatMac(mask)}`)

/** The same of a field of at most 32 bits. */
export const formatFieldNumber = (name: FieldName, value: number, mask: number, portName?: PortName): string => {
  const row: Field = field(name)
  switch (row.format) {
    case 'ipv4':
      return formatMasked4(value, mask)
    case 'port':
      return formatPort(value, portName)
    case 'frag':
      return fragmentNamed(value, mask) ?? `${hex(value)}/${hex(mask)}`
    case 'tcp flags':
      return formatFlags(BigInt(value), BigInt(mask), tcpFlags)
    case 'ct state':
      return formatFlags(BigInt(value), BigInt(mask), ctStates)
    case 'tunnel flags':
      return formatFlags(BigInt(value), BigInt(mask), tunnelFlags, true)
    case 'packet type':
      return `(${short(value >>> 16)},${short(value & 0xffff)})`
    default:
      return formatInteger(name, row, value, mask)
  }
}

const fragmentNamed = (value: number, mask: number): string | undefined =>
  Object.keys(fragments).find(
    known => Number(fragments[known]?.[0]) === value && Number(fragments[known]?.[1]) === mask,
  )

/** Written with 0x even before a zero. */
const isPrefixed = (name: FieldName): boolean => name.startsWith('nsh_') && /^nsh_(spi|c\d)$/.test(name)

const formatInteger = (name: FieldName, { bits, valid, format }: Field, value: number, mask: number): string => {
  const exact = mask === (valid ?? 2 ** bits - 1)
  if (isPrefixed(name)) return `0x${value.toString(16)}${exact ? '' : `/0x${mask.toString(16)}`}`
  if (exact) return format === 'decimal' ? String(value) : hex(value)
  if (bits > 16) return `${hex(value)}/${hex(mask)}`
  // 8 and 16 bits under a mask: with 0x even before a zero.
  const digits = (number: number): string => `0x${number.toString(16).padStart(bits === 8 ? 2 : 1, '0')}`
  return `${digits(value)}/${digits(mask)}`
}
