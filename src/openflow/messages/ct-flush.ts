/** NXT_CT_FLUSH: take connections off the tracker, those of a zone, or that a tuple of each direction fits. */
import { formatIp4, formatIp6 } from '../../wire/address.ts'
import type { Reader, Writer } from '../bytes.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import type { CtTuple } from '../message.ts'
import { beginProperty, property8, property16, takeProperty } from '../property.ts'
import type { MessageCodec } from './codec.ts'
import { formIn, nxForm } from './forms.ts'

const forms = [nxForm('CT_FLUSH', 32)]
/** NXT_CT_*: properties of the message. */
const Property = { original: 0, reply: 1, zone: 2 } as const
/** NXT_CT_TUPLE_*: properties of a tuple. */
const Part = {
  source: 0,
  destination: 1,
  sourcePort: 2,
  destinationPort: 3,
  icmpId: 4,
  icmpType: 5,
  icmpCode: 6,
} as const

export const anyTuple: CtTuple = {
  protocol: 0,
  source: 0n,
  destination: 0n,
  sourcePort: 0,
  destinationPort: 0,
  icmpId: 0,
  icmpType: 0,
  icmpCode: 0,
}

const icmp = 1
const icmp6 = 58
const isIcmp = (protocol: number): boolean => protocol === icmp || protocol === icmp6

const isMapped = (address: bigint): boolean => address >> 32n === 0xffffn

const writeAddress = (type: number, address: bigint, out: Writer): void => {
  if (address === 0n) return
  const end = beginProperty(out, type)
  out.big(address, 16)
  end()
}
const write16 = (type: number, value: number, out: Writer): void => {
  const end = beginProperty(out, type)
  out.u16(value)
  out.u16(0)
  end()
}
const write8 = (type: number, value: number, out: Writer): void => {
  const end = beginProperty(out, type)
  out.u8(value)
  end()
}

/** Writes a tuple's parts; those of ICMP are all there if any is. */
const writeParts = (tuple: CtTuple, protocol: number, out: Writer): void => {
  writeAddress(Part.source, tuple.source, out)
  writeAddress(Part.destination, tuple.destination, out)
  if (isIcmp(protocol)) {
    write16(Part.icmpId, tuple.icmpId, out)
    write8(Part.icmpType, tuple.icmpType, out)
    write8(Part.icmpCode, tuple.icmpCode, out)
    return
  }
  if (tuple.sourcePort !== 0) write16(Part.sourcePort, tuple.sourcePort, out)
  if (tuple.destinationPort !== 0) write16(Part.destinationPort, tuple.destinationPort, out)
}

const isAny = (tuple: CtTuple): boolean =>
  (Object.keys(anyTuple) as (keyof CtTuple)[]).every(part => part === 'protocol' || tuple[part] === anyTuple[part])

const writeTuple = (type: number, tuple: CtTuple, protocol: number, out: Writer): void => {
  if (isAny(tuple) && !isIcmp(protocol)) return
  const end = beginProperty(out, type)
  out.u32(0)
  writeParts(tuple, protocol, out)
  end()
}

/** Which family the addresses that were read so far are of. */
type Family = { mapped: boolean | undefined }

const readAddress = (bytes: Reader, family: Family): Decoded<bigint> => {
  if (bytes.left < 16) return refused('OFPBPC_BAD_LEN')
  const address = bytes.big(16)
  if (address === 0n) return decoded(address)
  const mapped = isMapped(address)
  if (family.mapped !== undefined && family.mapped !== mapped) return refused('OFPBPC_BAD_VALUE')
  family.mapped = mapped
  return decoded(address)
}

const partNames = Object.fromEntries(Object.entries(Part).map(([name, type]) => [type, name])) as Record<
  number,
  keyof typeof Part | undefined
>

const readTuple = (bytes: Reader, protocol: number, family: Family): Decoded<CtTuple> => {
  if (bytes.left < 4) return refused('OFPBPC_BAD_LEN')
  bytes.skip(4)
  const tuple: CtTuple = { ...anyTuple, protocol }
  // Ports and what ICMP has instead share their place: the type is the lower byte, the code the upper.
  let [first, second] = [0, 0]
  while (bytes.left > 0) {
    const property = takeProperty(bytes)
    if (!property.ok) return property
    const name = partNames[property.value.type]
    if (name === undefined) continue
    if (name === 'source' || name === 'destination') {
      const address = readAddress(property.value.bytes, family)
      if (!address.ok) return address
      tuple[name] = address.value
    } else {
      const value = (name === 'icmpType' || name === 'icmpCode' ? property8 : property16)(property.value)
      if (!value.ok) return value
      if (name === 'sourcePort' || name === 'icmpId') first = value.value
      else if (name === 'destinationPort') second = value.value
      else if (name === 'icmpType') second = (second & 0xff00) | value.value
      else second = (second & 0xff) | (value.value << 8)
    }
  }
  const ports = isIcmp(protocol)
    ? { icmpId: first, icmpType: second & 0xff, icmpCode: second >>> 8 }
    : { sourcePort: first, destinationPort: second }
  return decoded({ ...tuple, ...ports })
}

const formatTuple = (tuple: CtTuple, protocol: number, mapped: boolean): string => {
  const name = mapped ? 'nw' : 'ipv6'
  const address = (value: bigint): string =>
    isMapped(value) ? formatIp4(Number(value & 0xffffffffn)) : formatIp6(value)
  const rest = isIcmp(protocol)
    ? `icmp_id=${tuple.icmpId},icmp_type=${tuple.icmpType},icmp_code=${tuple.icmpCode}`
    : `ct_tp_src=${tuple.sourcePort},ct_tp_dst=${tuple.destinationPort}`
  return `ct_${name}_src=${address(tuple.source)},ct_${name}_dst=${address(tuple.destination)},${rest}`
}

export const ctFlush: MessageCodec<'ct_flush'> = {
  type: 'ct_flush',
  forms,
  choose: (_, speech) => formIn(forms, speech),
  encode({ zone, original, reply }, out) {
    out.u8(original.protocol)
    out.zeros(7)
    writeTuple(Property.original, original, original.protocol, out)
    writeTuple(Property.reply, reply, original.protocol, out)
    if (zone !== undefined) write16(Property.zone, zone, out)
  },
  decode(bytes) {
    const protocol = bytes.u8()
    if (bytes.raw(7).some(byte => byte !== 0)) return refused('NXBRC_MUST_BE_ZERO')
    const family: Family = { mapped: undefined }
    const body = {
      type: 'ct_flush' as const,
      zone: undefined as number | undefined,
      original: { ...anyTuple, protocol },
      reply: { ...anyTuple, protocol },
    }
    while (bytes.left > 0) {
      const property = takeProperty(bytes)
      if (!property.ok) return property
      const { type } = property.value
      if (type === Property.zone) {
        const zone = property16(property.value)
        if (!zone.ok) return zone
        body.zone = zone.value
      } else if (type === Property.original || type === Property.reply) {
        const tuple = readTuple(property.value.bytes, protocol, family)
        if (!tuple.ok) return tuple
        if (type === Property.original) body.original = tuple.value
        else body.reply = tuple.value
      }
    }
    return decoded(body)
  },
  print({ zone, original, reply }) {
    const mapped = [original, reply].some(tuple => isMapped(tuple.source) || isMapped(tuple.destination))
    const { protocol } = original
    const first = `${formatTuple(original, protocol, mapped)},ct_nw_proto=${protocol}`
    return ` zone=${zone ?? 0} '${first}' '${formatTuple(reply, protocol, mapped)}'`
  },
}
