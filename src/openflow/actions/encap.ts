/** `encap`: a new outermost header (ovs-actions(7)). */
import { writeNumber } from '../../flow/fields.ts'
import { typeOf } from '../../flow/match.ts'
import type { EncapProperty, OfAction } from '../action.ts'
import type { Reader, Writer } from '../bytes.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import { parseUpTo } from '../number.ts'
import { protocol } from '../protocol.ts'
import { splitWords } from '../words.ts'
import { type ActionKind, type ActionParser, begin, nicira } from './codec.ts'
import { extension } from './form.ts'

/** Packet types, namespace 16 and type 16: Ethernet frames, and by EtherType (OpenFlow 1.5 §7.2.3.11). */
const headers = {
  ethernet: 0x00000000,
  nsh: 0x0001894f,
  mpls: 0x00018847,
  mpls_mc: 0x00018848,
} as const
export const nshPacketType = headers.nsh
const isHeader = (name: string): name is keyof typeof headers => Object.hasOwn(headers, name)

/** Class of NSH's properties, and the two there are. */
const nshClass = 4
const property = { mdType: 1, tlv: 2 } as const

/** `encap(nsh(md_type=2,tlv(0x1000,10,0x12345678)))`. */
const parse: ActionParser = argument => {
  const word = splitWords(argument)[0]
  if (word === undefined) return 'Missing encap hdr: '
  const { name, value } = word
  if (!isHeader(name)) return `Encap hdr not supported: ${value}`
  const properties: EncapProperty[] = []
  for (const item of splitWords(value)) {
    const parsed = name === 'nsh' ? parseProperty(item.name, item.value) : noProperty(item.name)
    if (typeof parsed === 'string') return parsed
    properties.push(parsed)
  }
  return { type: 'encap', packetType: headers[name], properties }
}

const noProperty = (name: string): string => `Invalid property: ${name}`

const parseProperty = (name: string, value: string): EncapProperty | string => {
  if (name !== 'md_type' && name !== 'tlv') return noProperty(name)
  if (value === '') return 'Value missing for encap property'
  if (name === 'tlv') return parseTlv(value)
  const number = parseUpTo(value, 255)
  if (number === undefined) return `invalid md_type "${value}"`
  return number === 1 || number === 2 ? { type: 'md_type', value: number } : 'invalid md_type'
}

/** `0x1000,10,0x12345678`: class, type and an even number of digits; what does not fit is cut off. */
const parseTlv = (text: string): EncapProperty | string => {
  const parts = /^0x([0-9a-fA-F]+),([0-9]+),0x([0-9a-fA-F]{1,251})/.exec(text)
  if (parts === null) return `Invalid NSH TLV header: ${text}`
  const [, tlvClass, type, digits] = parts as unknown as [string, string, string, string]
  return {
    type: 'tlv',
    class: Number(BigInt(`0x${tlvClass}`) & 0xffffn),
    number: Number(BigInt(type) & 0xffn),
    value: (digits.match(/../g) ?? []).map(pair => Number.parseInt(pair, 16)),
  }
}

const formatProperty = (it: EncapProperty): string => {
  if (it.type === 'md_type') return `md_type=${it.value}`
  const digits = it.value
    .map(byte => byte.toString(16).padStart(2, '0'))
    .join('')
    .replace(/^0+/, '')
  return `tlv(0x${it.class.toString(16).padStart(4, '0')},${it.number},${digits === '' ? '0' : `0x${digits}`})`
}

const decode = (bytes: Reader): Decoded<OfAction> => {
  // Size of the header, which nothing asks for.
  bytes.skip(2)
  const packetType = bytes.u32()
  if (!Object.values<number>(headers).includes(packetType)) return refused('NXBAC_BAD_HEADER_TYPE')
  const properties: EncapProperty[] = []
  while (bytes.left > 0) {
    const one = decodeProperty(bytes)
    if (!one.ok) return one
    properties.push(one.value)
  }
  return decoded({ type: 'encap', packetType, properties })
}

/** Properties are padded to 8 bytes, and those of a TLV say a length that is. */
const decodeProperty = (bytes: Reader): Decoded<EncapProperty> => {
  const [propertyClass, type, length] = [bytes.u16(), bytes.u8(), bytes.u8()]
  const padded = Math.ceil(length / 8) * 8
  if (length < 4 || padded - 4 > bytes.left) return refused('OFPBAC_BAD_LEN')
  const body = bytes.part(padded - 4)!
  if (propertyClass !== nshClass) return refused('NXBAC_UNKNOWN_ED_PROP')
  if (type === property.mdType) {
    return length > 8 ? refused('NXBAC_BAD_ED_PROP') : decoded({ type: 'md_type', value: body.u8() })
  }
  if (type !== property.tlv) return refused('NXBAC_UNKNOWN_ED_PROP')
  const [tlvClass, number, size] = [body.u16(), body.u8(), body.u8()]
  if (length !== 8 + Math.ceil(size / 8) * 8) return refused('NXBAC_BAD_ED_PROP')
  return decoded({ type: 'tlv', class: tlvClass, number, value: [...body.raw(size)] })
}

const encodeProperty = (it: EncapProperty, out: Writer): void => {
  const start = out.at
  out.u16(nshClass)
  if (it.type === 'md_type') {
    out.u8(property.mdType)
    out.u8(5)
    out.u8(it.value)
  } else {
    out.u8(property.tlv)
    out.u8(8 + Math.ceil(it.value.length / 8) * 8)
    out.u16(it.class)
    out.u8(it.number)
    out.u8(it.value.length)
    out.raw(it.value)
  }
  out.align(8, start)
}

export const encap: ActionKind<'encap'> = {
  type: 'encap',
  parsers: { encap: parse },
  format({ packetType, properties }, { paint }) {
    const name = Object.entries(headers).find(([, type]) => type === packetType)?.[0] ?? String(packetType)
    const [open, close] = [paint.paren('('), paint.paren(')')]
    const list = properties.length === 0 ? '' : `${open}${properties.map(formatProperty).join(',')}${close}`
    return `${paint.paren('encap(')}${name}${list}${close}`
  },
  forms: [extension('NXAST_ENCAP', 46, 16, decode, { from: 4, exact: false })],
  encode({ packetType, properties }, out) {
    const end = begin(out, 46, nicira)
    out.u16(0)
    out.u32(packetType)
    for (const one of properties) encodeProperty(one, out)
    end()
  },
  protocols: () => protocol.since13,
  check({ packetType }, { match }) {
    const { key } = match
    writeNumber(key, 'packet_type', packetType)
    if (packetType >>> 16 === 1) writeNumber(key, 'eth_type', packetType & 0xffff)
    const type = typeOf(key)
    if (type !== 0x0800 && type !== 0x86dd) writeNumber(key, 'nw_proto', 0)
    return undefined
  },
}
