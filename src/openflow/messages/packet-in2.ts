/** The properties of NXT_PACKET_IN2 and NXT_RESUME. */
import { newMatch } from '../../flow/match.ts'
import type { TlvLayout } from '../../flow/tlv.ts'
import type { Reader, Writer } from '../bytes.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import { pullFields, putFields } from '../match-wire.ts'
import { noBuffer, noCookie, type PacketInBody } from '../message.ts'
import {
  beginProperty,
  type Property,
  property8,
  property32,
  property64,
  takeProperty,
  unknownProperty,
} from '../property.ts'
import { type ContinuationOptions, decodeContinuation } from './continuation.ts'
import { reasonOf } from './packet-in-reason.ts'

type Fields = Omit<PacketInBody, 'type'>
type Reading = Required<ContinuationOptions> & { tlv: TlvLayout | undefined }

/** NXPINT_*. */
const Kind = {
  packet: 0,
  total: 1,
  bufferId: 2,
  table: 3,
  cookie: 4,
  reason: 5,
  metadata: 6,
  userdata: 7,
  continuation: 8,
} as const

const put = (type: number, out: Writer, write: () => void): void => {
  const end = beginProperty(out, type)
  write()
  end()
}

/** Writes the properties that say something; `reason` is OFPR_*'s number. */
export const encodePacketIn2 = (body: Fields, reason: number, out: Writer): void => {
  put(Kind.packet, out, () => out.raw(body.packet))
  if (body.total !== body.packet.length) put(Kind.total, out, () => out.u32(body.total))
  if (body.bufferId !== noBuffer) put(Kind.bufferId, out, () => out.u32(body.bufferId))
  put(Kind.table, out, () => out.u8(body.table))
  if (body.cookie !== noCookie)
    put(Kind.cookie, out, () => {
      out.u32(0)
      out.u64(body.cookie)
    })
  put(Kind.reason, out, () => out.u8(reason))
  put(Kind.metadata, out, () => putFields(out, body.match, 0))
  if (body.userdata.length > 0) put(Kind.userdata, out, () => out.raw(body.userdata))
  const { continuation } = body
  if (continuation !== undefined)
    put(Kind.continuation, out, () => {
      out.u32(0)
      out.raw(continuation)
    })
}

const take = <K extends keyof Fields>(into: Fields, key: K, value: Decoded<Fields[K]>): Decoded<undefined> => {
  if (!value.ok) return value
  into[key] = value.value
  return decoded(undefined)
}

/** The properties of a paused translation: they must be good, and are kept as they are. */
const takeContinuation = ({ bytes }: Property, how: ContinuationOptions): Decoded<Uint8Array> => {
  if (bytes.left < 4) return refused('OFPBPC_BAD_LEN')
  bytes.skip(4)
  const rest = bytes.rest()
  const good = decodeContinuation(rest, how)
  return good.ok ? decoded(rest) : good
}

const takeInto = (fields: Fields, property: Property, how: Reading): Decoded<undefined> => {
  const { bytes } = property
  const { warn, strict, tlv } = how
  switch (property.type) {
    case Kind.packet:
      return take(fields, 'packet', decoded(bytes.rest()))
    case Kind.total:
      return take(fields, 'total', property32(property))
    case Kind.bufferId:
      return take(fields, 'bufferId', property32(property))
    case Kind.table:
      return take(fields, 'table', property8(property))
    case Kind.cookie:
      return take(fields, 'cookie', property64(property))
    case Kind.reason: {
      const number = property8(property)
      return number.ok ? take(fields, 'reason', decoded(reasonOf(number.value))) : number
    }
    case Kind.metadata: {
      const pulled = pullFields(bytes, { loose: !strict, warn, tlv })
      return pulled.ok ? take(fields, 'match', decoded(pulled.value.match)) : pulled
    }
    case Kind.userdata:
      return take(fields, 'userdata', decoded(bytes.rest()))
    case Kind.continuation:
      return take(fields, 'continuation', takeContinuation(property, how))
    default:
      return strict ? unknownProperty(property) : decoded(undefined)
  }
}

/** Reads the properties; those that are not known are passed over unless `strict`. */
export const decodePacketIn2 = (bytes: Reader, how: Reading): Decoded<Fields> => {
  const { warn } = how
  const fields: Fields = {
    reason: reasonOf(0),
    packet: new Uint8Array(0),
    total: 0,
    bufferId: noBuffer,
    table: 0,
    cookie: noCookie,
    match: newMatch(),
    userdata: new Uint8Array(0),
    continuation: undefined,
  }
  while (bytes.left > 0) {
    const property = takeProperty(bytes)
    if (!property.ok) return property
    const taken = takeInto(fields, property.value, how)
    if (!taken.ok) return taken
  }
  if (fields.packet.length === 0) {
    warn('ofp_packet', 'NXT_PACKET_IN2 lacks packet')
    return refused('OFPBRC_BAD_LEN')
  }
  if (fields.total === 0) fields.total = fields.packet.length
  if (fields.total < fields.packet.length) {
    warn('ofp_packet', 'NXT_PACKET_IN2 claimed full_len < len')
    return refused('OFPBRC_BAD_LEN')
  }
  return decoded(fields)
}
