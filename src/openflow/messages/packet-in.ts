/** OFPT_PACKET_IN of all versions and NXT_PACKET_IN; `packet-in2.ts` has the form that is made of properties. */
import { getField, type Match, newMatch, setField } from '../../flow/match.ts'
import { formatMatch } from '../../flow/match-text.ts'
import type { Reader, Writer } from '../bytes.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import { decodeMatch, encodeMatch, pullNxMatch, putNxMatch } from '../match-wire.ts'
import { noBuffer, noCookie, type PacketInBody } from '../message.ts'
import { formatPacketAt } from '../packet-text.ts'
import { fromPort11, toPort11 } from '../port-number.ts'
import type { Version } from '../protocol.ts'
import type { DecodeContext, MessageCodec, PrintOptions } from './codec.ts'
import { decodeContinuation, formatContinuation } from './continuation.ts'
import { nxForm, plainForm } from './forms.ts'
import { reasonNumber, reasonOf, reasonText } from './packet-in-reason.ts'
import { decodePacketIn2, encodePacketIn2 } from './packet-in2.ts'

type Fields = Omit<PacketInBody, 'type'>

const plain = plainForm('PACKET_IN', 10)
const nxt = nxForm('PACKET_IN', 17)
const nxt2 = nxForm('PACKET_IN2', 30)

const noFields = { table: 0, cookie: noCookie, userdata: new Uint8Array(0), continuation: undefined }

const inPortOf = (match: Match): number => Number(getField(match, 'in_port').value)
const matchOfPort = (port: number): Match => {
  const match = newMatch()
  setField(match, 'in_port', BigInt(port))
  return match
}

const encode10 = (body: Fields, out: Writer): void => {
  out.u32(body.bufferId)
  out.u16(body.total)
  out.u16(inPortOf(body.match))
  out.u8(reasonNumber(body.reason, 1))
  out.u8(0)
}

const decode10 = (bytes: Reader): Decoded<Fields> => {
  const bufferId = bytes.u32()
  const total = bytes.u16()
  const match = matchOfPort(bytes.u16())
  const reason = reasonOf(bytes.u8())
  bytes.skip(1)
  return decoded({ ...noFields, bufferId, total, match, reason, packet: bytes.rest() })
}

const encode11 = (body: Fields, out: Writer): void => {
  const port = toPort11(inPortOf(body.match))
  out.u32(body.bufferId)
  out.u32(port)
  out.u32(port)
  out.u16(body.total)
  out.u8(reasonNumber(body.reason, 2))
  out.u8(body.table)
}

const decode11 = (bytes: Reader, { warn }: DecodeContext): Decoded<Fields> => {
  const bufferId = bytes.u32()
  const port = fromPort11(bytes.u32(), warn)
  if (port === undefined) return refused('OFPBAC_BAD_OUT_PORT')
  bytes.skip(4)
  const total = bytes.u16()
  const reason = reasonOf(bytes.u8())
  const table = bytes.u8()
  return decoded({ ...noFields, bufferId, total, match: matchOfPort(port), reason, table, packet: bytes.rest() })
}

const encode12 = (body: Fields, out: Writer, version: Version): void => {
  out.u32(body.bufferId)
  out.u16(body.total)
  out.u8(reasonNumber(body.reason, version))
  out.u8(body.table)
  if (version >= 4) out.u64(body.cookie)
  encodeMatch(out, body.match, version)
  out.u16(0)
}

const decode12 = (bytes: Reader, { version, warn }: DecodeContext): Decoded<Fields> => {
  const bufferId = bytes.u32()
  const total = bytes.u16()
  const reason = reasonOf(bytes.u8())
  const table = bytes.u8()
  const cookie = version >= 4 ? bytes.u64() : noCookie
  const match = decodeMatch(bytes, version, { loose: true, warn })
  if (!match.ok) return match
  if (bytes.left < 2) return refused('OFPBRC_BAD_LEN')
  bytes.skip(2)
  const { userdata, continuation } = noFields
  const packet = bytes.rest()
  return decoded({ bufferId, total, reason, table, cookie, match: match.value, packet, userdata, continuation })
}

const encodeNxt = (body: Fields, out: Writer, version: Version): void => {
  out.u32(body.bufferId)
  out.u16(body.total)
  out.u8(reasonNumber(body.reason, version))
  out.u8(body.table)
  out.u64(body.cookie)
  const length = out.at
  out.zeros(8)
  out.put16(length, putNxMatch(out, body.match))
  out.u16(0)
}

const decodeNxt = (bytes: Reader, { warn }: DecodeContext): Decoded<Fields> => {
  const bufferId = bytes.u32()
  const total = bytes.u16()
  const reason = reasonOf(bytes.u8())
  const table = bytes.u8()
  const cookie = bytes.u64()
  const length = bytes.u16()
  bytes.skip(6)
  const pulled = pullNxMatch(bytes, length, { loose: true, warn })
  if (!pulled.ok) return pulled
  if (bytes.left < 2) return refused('OFPBRC_BAD_LEN')
  bytes.skip(2)
  const { match } = pulled.value
  return decoded({ ...noFields, bufferId, total, reason, table, cookie, match, packet: bytes.rest() })
}

const decodeFields = (bytes: Reader, context: DecodeContext): Decoded<Fields> => {
  if (context.form === nxt2)
    return decodePacketIn2(bytes, { version: context.version, warn: context.warn, strict: false, tlv: context.tlv })
  if (context.form === nxt) return decodeNxt(bytes, context)
  if (context.version === 1) return decode10(bytes)
  return context.version === 2 ? decode11(bytes, context) : decode12(bytes, context)
}

/** What there is of a packet, and whether that is all. */
const formatSizes = ({ bufferId, total, packet }: Fields): string => {
  if (bufferId === noBuffer) return ` (unbuffered)${total === packet.length ? '' : ' (***total_len != data_len***)'}`
  const short = total < packet.length ? ' (***total_len < data_len***)' : ''
  return ` buffer=0x${bufferId.toString(16).padStart(8, '0')}${short}`
}

const dotted = (bytes: Uint8Array): string => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('.')

/** Prints a packet-in, or a resume, which is one that goes back. */
export const printPacketIn = (body: Fields, { ports, paint, verbosity, version }: PrintOptions): string => {
  const table = body.table === 0 ? '' : ` table_id=${body.table}`
  const cookie = body.cookie === noCookie ? '' : ` cookie=0x${body.cookie.toString(16)}`
  const match = formatMatch(body.match, {
    ...(ports && { portName: port => ports.name(port) }),
    ...(paint && { paint }),
  })
  const reason = reasonText(body.reason)
  const userdata = body.userdata.length === 0 ? '' : ` userdata=${dotted(body.userdata)}\n`
  const continuation = body.continuation === undefined ? undefined : decodeContinuation(body.continuation, { version })
  const paused = continuation?.ok === true ? formatContinuation(continuation.value, ports, paint) : ''
  return (
    `${table}${cookie} total_len=${body.total} ${match} (via ${reason}) data_len=${body.packet.length}` +
    `${formatSizes(body)}\n${userdata}${paused}${formatPacketAt(body.packet, verbosity, paint)}`
  )
}

export const packetIn: MessageCodec<'packet_in'> = {
  type: 'packet_in',
  forms: [plain, nxt, nxt2],
  choose: (_, { packetIn = 'standard' }) =>
    packetIn === 'standard' ? plain : packetIn === 'nxt_packet_in' ? nxt : nxt2,
  encode(body, out, { version, form }) {
    if (form === nxt2) {
      encodePacketIn2(body, reasonNumber(body.reason, version), out)
      return
    }
    if (form === nxt) encodeNxt(body, out, version)
    else if (version === 1) encode10(body, out)
    else if (version === 2) encode11(body, out)
    else encode12(body, out, version)
    out.raw(body.packet)
  },
  decode(bytes, context) {
    const fields = decodeFields(bytes, context)
    return fields.ok ? decoded({ type: 'packet_in', ...fields.value }) : fields
  },
  print: printPacketIn,
}

const resumeForm = nxForm('RESUME', 28)

/** NXT_RESUME: a packet-in with a continuation, back to where it came from. */
export const resume: MessageCodec<'resume'> = {
  type: 'resume',
  forms: [resumeForm],
  choose: () => resumeForm,
  encode: (body, out, { version }) => encodePacketIn2(body, reasonNumber(body.reason, version), out),
  decode(bytes, { version, warn, strict = false, tlv }) {
    const fields = decodePacketIn2(bytes, { version, warn, strict, tlv })
    return fields.ok ? decoded({ type: 'resume', ...fields.value }) : fields
  },
  print: printPacketIn,
}
