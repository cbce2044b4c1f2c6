/** Flexible matches field by field as text, `NXM_OF_IP_SRC_W(0a000000/ff000000)`: bytes in hexadecimal, names as in the headers. */
import { type FieldName, fieldNames } from '../flow/fields.ts'
import { Writer } from './bytes.ts'
import { cookieHeader, cookieMaskHeader, oxmField, oxmOf } from './oxm-fields.ts'

type Header = { first: number; experimenter: number }
const isExperimenter = ({ first }: Header): boolean => first >>> 16 === 0xffff
const hasMask = ({ first }: Header): boolean => (first & 0x100) !== 0
/** Bytes of what follows the header. */
const payloadOf = (header: Header): number => (header.first & 0xff) - (isExperimenter(header) ? 4 : 0)
const widthOf = (header: Header): number => Math.trunc(payloadOf(header) / (hasMask(header) ? 2 : 1))

/** Exact headers by their names. */
const byName = new Map<string, Header & { field: FieldName; maskable: boolean }>()
for (const field of fieldNames) {
  const { row, size, maskable } = oxmField(field)
  for (const { name, class: oxmClass, number, experimenter } of row.codes ?? []) {
    const length = size + (experimenter === undefined ? 0 : 4)
    const first = ((oxmClass << 16) | (number << 9) | length) >>> 0
    byName.set(name, { first, experimenter: experimenter ?? 0, field, maskable })
  }
}

/** The same header with a mask after the value. */
const masked = ({ first, experimenter }: Header): Header => {
  const extra = experimenter === 0 ? 0 : 4
  const length = ((first & 0xff) - extra) * 2 + extra
  return { first: ((first & ~0xff) | 0x100 | (length & 0xff)) >>> 0, experimenter }
}

/** A header by its name, or in hexadecimal: of 8 digits, or 16 with an experimenter. */
const headerNamed = (name: string): Header | undefined => {
  const known = byName.get(name.replace(/_W$/, ''))
  if (known !== undefined && !name.endsWith('_W')) return known
  if (known?.maskable === true) return masked(known)
  if (name === 'NXM_NX_COOKIE') return { first: cookieHeader, experimenter: 0 }
  if (name === 'NXM_NX_COOKIE_W') return { first: cookieMaskHeader, experimenter: 0 }
  if (/^[0-9a-fA-F]{8}$/.test(name) && Number.parseInt(name, 16) !== 0)
    return { first: Number.parseInt(name, 16), experimenter: 0 }
  if (/^[fF]{4}[0-9a-fA-F]{12}$/.test(name))
    return { first: Number.parseInt(name.slice(0, 8), 16), experimenter: Number.parseInt(name.slice(8), 16) }
  return undefined
}

/** Pairs of digits, with or without blanks before each, and where they end. */
const hexBytes = (text: string, from: number): { bytes: number[]; at: number } => {
  const bytes: number[] = []
  let at = from
  for (;;) {
    while (/[ \t\r\n]/.test(text[at] ?? 'x')) at++
    const pair = text.slice(at, at + 2)
    if (!/^[0-9a-fA-F]{2}$/.test(pair)) return { bytes, at }
    bytes.push(Number.parseInt(pair, 16))
    at += 2
  }
}

const putHeader = (out: Writer, header: Header): void => {
  out.u32(header.first)
  if (isExperimenter(header)) out.u32(header.experimenter)
}

const skip = (text: string, at: number, over: string): number => {
  let next = at
  while (next < text.length && over.includes(text[next] as string)) next++
  return next
}

/** The fields of a text as bytes, without padding; a string is what ovs-ofctl says of a bad one. */
export const parseNxMatch = (text: string): Uint8Array | string => {
  const out = new Writer()
  if (text === '<any>') return out.done()
  for (let at = skip(text, 0, ', '); at < text.length; at = skip(text, at, ', ')) {
    const open = text.indexOf('(', at)
    if (open < 0) return `${text}: missing ( at end of nx_match`
    const name = text.slice(at, open)
    const header = headerNamed(name)
    if (header === undefined) return `${text}: unknown field \`${name}'`
    const value = hexBytes(text, open + 1)
    const fitted = sized(header, value.bytes.length)
    if (typeof fitted === 'string') return fitted
    putHeader(out, fitted)
    out.raw(value.bytes)
    at = value.at
    if (hasMask(fitted)) {
      at = skip(text, at, ' ')
      if (text[at] !== '/') return `${text}: missing / in masked field ${name}`
      const mask = hexBytes(text, at + 1)
      at = mask.at
      if (mask.bytes.length !== widthOf(fitted)) return `${text.slice(at, at + 2)}: hex digits expected`
      out.raw(mask.bytes)
    }
    at = skip(text, at, ' ')
    if (text[at] !== ')') return `${text}: missing ) following field ${name}`
    at++
  }
  return out.done()
}

/** The header with the length of what was written, where the field's length is not fixed. */
const sized = (header: Header, size: number): Header | string => {
  const width = widthOf(header)
  if (size === width) return header
  const it = oxmOf(header.first, header.experimenter)
  if (it?.kind !== 'option') return `expected to read ${width} bytes but got ${size}`
  if (size > it.size) return `expected to read at most ${it.size} bytes but got ${size}`
  const length = hasMask(header) ? 2 * size : size
  return { first: ((header.first & ~0xff) | length) >>> 0, experimenter: header.experimenter }
}

const nameOf = (header: Header): string => {
  const suffix = hasMask(header) ? '_W' : ''
  if (header.first === cookieHeader || header.first === cookieMaskHeader) return `NXM_NX_COOKIE${suffix}`
  for (const [name, { first, experimenter }] of byName)
    if (first >>> 9 === header.first >>> 9 && experimenter === header.experimenter) return name + suffix
  return `${header.first >>> 16}:${(header.first >>> 9) & 127}`
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')

/** Fields as bytes, as text; of those that make no sense only how many. */
export const formatNxMatch = (bytes: Uint8Array): string => {
  if (bytes.length === 0) return '<any>'
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const parts: string[] = []
  let at = 0
  while (at < bytes.length) {
    const size = bytes.length - at >= 4 && view.getUint16(at) === 0xffff ? 8 : 4
    if (bytes.length - at < size) break
    const header = { first: view.getUint32(at), experimenter: size === 8 ? view.getUint32(at + 4) : 0 }
    const length = payloadOf(header)
    if (length < 0 || bytes.length - at - size < length) break
    const width = widthOf(header)
    const value = bytes.subarray(at + size, at + size + width)
    const mask = bytes.subarray(at + size + width, at + size + 2 * width)
    const shown = (part: Uint8Array): string => hex(asShown(header, part))
    parts.push(`${nameOf(header)}(${shown(value)}${hasMask(header) ? `/${shown(mask)}` : ''})`)
    at += size + length
  }
  if (at < bytes.length) parts.push(`<${bytes.length - at} invalid bytes>`)
  return parts.join(', ')
}

/** Of a tunnel option Open vSwitch prints the beginning of the 124 bytes at whose end the value stands: mostly zeros. */
const asShown = (header: Header, bytes: Uint8Array): Uint8Array => {
  const it = oxmOf(header.first, header.experimenter)
  if (it?.kind !== 'option') return bytes
  const whole = new Uint8Array(it.size)
  whole.set(bytes, it.size - bytes.length)
  return whole.subarray(0, bytes.length)
}
