import type { Reader, Writer } from '../bytes.ts'
import { type Count, digits, formatDuration, readCount, readDuration, writeCount, writeDuration } from '../counter.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import { formatRule } from '../flow-format.ts'
import { decodeMatch, encodeMatch, pullNxMatch, putNxMatch } from '../match-wire.ts'
import { type BodyOf, flowRemovedReasons } from '../message.ts'
import { emptyOxs, putOxs, takeOxs } from '../oxs.ts'
import type { DecodeContext, MessageCodec } from './codec.ts'
import { nxForm, plainForm } from './forms.ts'

type Fields = Omit<BodyOf<'flow_removed'>, 'type'>

const plain = plainForm('FLOW_REMOVED', 11)
const nxt = nxForm('FLOW_REMOVED', 14)

const unsaid = 0xffffffffffffffffn
const noTable = 0xff

const reasonNumber = (reason: Fields['reason']): number =>
  typeof reason === 'number' ? reason : flowRemovedReasons.indexOf(reason)
const reasonOf = (number: number): Fields['reason'] => flowRemovedReasons[number] ?? number

const encode10 = (body: Fields, out: Writer): void => {
  encodeMatch(out, body.match, 1)
  out.u64(body.cookie)
  out.u16(body.priority)
  out.u8(reasonNumber(body.reason))
  out.u8(0)
  writeDuration(body.duration, out)
  out.u16(body.idleTimeout)
  out.u16(0)
  writeCount(body.packets, out)
  writeCount(body.bytes, out)
}

const decode10 = (bytes: Reader): Decoded<Fields> => {
  const match = decodeMatch(bytes, 1)
  if (!match.ok) return match
  const cookie = bytes.u64()
  const priority = bytes.u16()
  const reason = reasonOf(bytes.u8())
  bytes.skip(1)
  const duration = readDuration(bytes)
  const idleTimeout = bytes.u16()
  bytes.skip(2)
  return decoded({
    table: undefined,
    priority,
    match: match.value,
    cookie,
    reason,
    duration,
    idleTimeout,
    hardTimeout: 0,
    packets: readCount(bytes),
    bytes: readCount(bytes),
  })
}

/** 1.1 to 1.4, and Nicira's extension, where the match's length stands for the hard timeout and a table is one more. */
const encode11 = (body: Fields, out: Writer, extended: boolean): void => {
  out.u64(body.cookie)
  out.u16(body.priority)
  out.u8(reasonNumber(body.reason))
  out.u8(extended ? (body.table === undefined ? 0 : body.table + 1) : (body.table ?? noTable))
  writeDuration(body.duration, out)
  out.u16(body.idleTimeout)
  out.u16(extended ? 0 : body.hardTimeout)
  writeCount(body.packets, out)
  writeCount(body.bytes, out)
}

const decode11 = (bytes: Reader, context: DecodeContext): Decoded<Fields> => {
  const { version, warn, form } = context
  const extended = form === nxt
  const cookie = bytes.u64()
  const priority = bytes.u16()
  const reason = reasonOf(bytes.u8())
  const said = bytes.u8()
  const table = extended ? said - 1 : said
  const duration = readDuration(bytes)
  const idleTimeout = bytes.u16()
  const last = bytes.u16()
  const packets = readCount(bytes)
  const size = readCount(bytes)
  const pulled = extended ? pullNxMatch(bytes, last, { warn }) : decodeMatch(bytes, version, { warn })
  if (!pulled.ok) return pulled
  return decoded({
    table: table < 0 || table === noTable ? undefined : table,
    priority,
    match: 'match' in pulled.value ? pulled.value.match : pulled.value,
    cookie,
    reason,
    duration,
    idleTimeout,
    hardTimeout: extended ? 0 : last,
    packets,
    bytes: size,
  })
}

const encode15 = (body: Fields, out: Writer): void => {
  out.u8(body.table ?? noTable)
  out.u8(reasonNumber(body.reason))
  out.u16(body.priority)
  out.u16(body.idleTimeout)
  out.u16(body.hardTimeout)
  out.u64(body.cookie)
  encodeMatch(out, body.match, 6)
  putOxs({ ...emptyOxs, duration: body.duration, packets: body.packets, bytes: body.bytes }, out)
}

const decode15 = (bytes: Reader, { warn }: DecodeContext): Decoded<Fields> => {
  const table = bytes.u8()
  const reason = reasonOf(bytes.u8())
  const priority = bytes.u16()
  const idleTimeout = bytes.u16()
  const hardTimeout = bytes.u16()
  const cookie = bytes.u64()
  const match = decodeMatch(bytes, 6, { warn })
  if (!match.ok) return match
  const oxs = takeOxs(bytes)
  if (oxs === undefined) return refused('OFPBMC_BAD_LEN')
  return decoded({
    table: table === noTable ? undefined : table,
    priority,
    match: match.value,
    cookie,
    reason,
    duration: oxs.duration,
    idleTimeout,
    hardTimeout,
    packets: oxs.packets,
    bytes: oxs.bytes,
  })
}

/** What is not said is all ones. */
const formatTime = (duration: number | undefined): string =>
  duration === undefined ? '4294967295.4294967295' : formatDuration(duration)

const formatCount = (count: Count | undefined): string => (count === undefined ? String(unsaid) : digits(count))

/** OFPT_FLOW_REMOVED and NXT_FLOW_REMOVED: a flow is gone that was added with `send_flow_rem`. */
export const flowRemoved: MessageCodec<'flow_removed'> = {
  type: 'flow_removed',
  forms: [plain, nxt],
  choose: (_, { version, nxm }) => (version === 1 && nxm ? nxt : plain),
  encode(removed, out, { version, form }) {
    // Open vSwitch takes the end of a meter, which 1.4 has a reason for, for a deletion before.
    const body = removed.reason === 'meter_delete' && version < 5 ? { ...removed, reason: 'delete' as const } : removed
    if (form === nxt) {
      const start = out.at
      encode11(body, out, true)
      out.put16(start + 22, putNxMatch(out, body.match))
    } else if (version === 1) encode10(body, out)
    else if (version === 6) encode15(body, out)
    else {
      encode11(body, out, false)
      encodeMatch(out, body.match, version)
    }
  },
  decode(bytes, context) {
    const { version, form } = context
    const fields =
      form === nxt
        ? decode11(bytes, context)
        : version === 1
          ? decode10(bytes)
          : version === 6
            ? decode15(bytes, context)
            : decode11(bytes, context)
    return fields.ok ? decoded({ type: 'flow_removed', ...fields.value }) : fields
  },
  print(body, { ports, paint }) {
    const words = [formatRule(body.match, body.priority, ports, paint), `reason=${body.reason}`]
    if (body.table !== undefined) words.push(`table_id=${body.table}`)
    if (body.cookie !== 0n) words.push(`cookie:0x${body.cookie.toString(16)}`)
    words.push(`duration${formatTime(body.duration)}s`, `idle${body.idleTimeout}`)
    // Only versions that say it have it.
    if (body.hardTimeout !== 0) words.push(`hard${body.hardTimeout}`)
    words.push(`pkts${formatCount(body.packets)}`, `bytes${formatCount(body.bytes)}`)
    return ` ${words.join(' ')}\n`
  },
}
