/** IGMP versions 1 (RFC 1112 appendix I), 2 (RFC 2236) and 3 (RFC 3376). */
import type { Ip4 } from './address.ts'
import { sum16 } from './checksum.ts'
import { Frame } from './frame.ts'
import { decodeTime8, encodeTime8, type GroupRecord, type QueryDetails } from './group-code.ts'
import { header, u8, u16, u32 } from './header.ts'
import { type Parsed, parsed, refused } from './parsed.ts'
import { storeChecksum } from './transport-checksum.ts'

export const IgmpType = { query: 0x11, report1: 0x12, report2: 0x16, leave: 0x17, report3: 0x22 } as const

/** Versions 1 and 2, and the beginning of a version 3 query. */
export const IgmpHeader = header('IGMP', 8, {
  type: [0, u8],
  maxResponse: [1, u8],
  checksum: [2, u16],
  group: [4, u32],
})

/** `maxResponse` is in tenths of a second; `group` is 0 in a general query. A query with `v3` is of version 3. */
export type Igmp =
  | { kind: 'query'; group: Ip4; maxResponse: number; v3?: QueryDetails<Ip4> }
  | { kind: 'report'; version: 1 | 2; group: Ip4 }
  | { kind: 'leave'; group: Ip4 }
  | { kind: 'report3'; records: GroupRecord<Ip4>[] }
  | { kind: 'other'; type: number; code: number; group: Ip4 }

/**
 * The version of a query is told by its size, as RFC 3376 §7.1 says: 8 bytes are 1 or 2, 12 and more are 3, those between
 * are refused as `length`. Refuses `short` too. The checksum is not looked at: `isIgmpChecksumRight`.
 */
export const parseIgmp = (bytes: Uint8Array, start: number, end: number): Parsed<Igmp & { payload: number }> => {
  if (start + 8 > end) return refused('short')
  const { at } = IgmpHeader
  const type = at.type(bytes, start)
  const code = at.maxResponse(bytes, start)
  const group = at.group(bytes, start)
  const payload = start + 8
  switch (type) {
    case IgmpType.query:
      return parseQuery(bytes, start, end, code, group)
    case IgmpType.report1:
      return parsed({ kind: 'report', version: 1, group, payload })
    case IgmpType.report2:
      return parsed({ kind: 'report', version: 2, group, payload })
    case IgmpType.leave:
      return parsed({ kind: 'leave', group, payload })
    case IgmpType.report3:
      return parseReport3(bytes, start, end)
    default:
      return parsed({ kind: 'other', type, code, group, payload })
  }
}

const parseQuery = (
  bytes: Uint8Array,
  start: number,
  end: number,
  code: number,
  group: Ip4,
): Parsed<Igmp & { payload: number }> => {
  if (end - start === 8) return parsed({ kind: 'query', group, maxResponse: code, payload: start + 8 })
  if (start + 12 > end) return refused('length')
  const count = u16.get(bytes, start + 10)
  if (start + 12 + 4 * count > end) return refused('short')
  const flags = bytes[start + 8]!
  return parsed({
    kind: 'query',
    group,
    maxResponse: decodeTime8(code),
    v3: {
      suppress: (flags & 8) !== 0,
      robustness: flags & 7,
      interval: decodeTime8(bytes[start + 9]!),
      sources: readSources(bytes, start + 12, count),
    },
    payload: start + 12 + 4 * count,
  })
}

const parseReport3 = (bytes: Uint8Array, start: number, end: number): Parsed<Igmp & { payload: number }> => {
  const records: GroupRecord<Ip4>[] = []
  let at = start + 8
  for (let left = u16.get(bytes, start + 6); left > 0; left--) {
    if (at + 8 > end) return refused('short')
    const count = u16.get(bytes, at + 2)
    const size = 8 + 4 * count + 4 * bytes[at + 1]!
    if (at + size > end) return refused('short')
    records.push({ type: bytes[at]!, group: u32.get(bytes, at + 4), sources: readSources(bytes, at + 8, count) })
    at += size
  }
  return parsed({ kind: 'report3', records, payload: at })
}

const readSources = (bytes: Uint8Array, start: number, count: number): Ip4[] => {
  const sources: Ip4[] = []
  for (let i = 0; i < count; i++) sources.push(u32.get(bytes, start + 4 * i))
  return sources
}

/** The size of the message in bytes. */
export const igmpSize = (igmp: Igmp): number => {
  if (igmp.kind === 'query' && igmp.v3 !== undefined) return 12 + 4 * igmp.v3.sources.length
  if (igmp.kind !== 'report3') return 8
  return igmp.records.reduce((size, record) => size + 8 + 4 * record.sources.length, 8)
}

/** Writes the message with its checksum; returns its size. */
export const writeIgmp = (bytes: Uint8Array, at: number, igmp: Igmp): number => {
  const size = igmpSize(igmp)
  bytes.fill(0, at, at + size)
  const { put } = IgmpHeader
  put.type(bytes, at, typeOf(igmp))
  if (igmp.kind === 'report3') {
    u16.set(bytes, at + 6, igmp.records.length)
    let i = at + 8
    for (const { type, group, sources } of igmp.records) {
      bytes[i] = type
      u16.set(bytes, i + 2, sources.length)
      u32.set(bytes, i + 4, group)
      for (const [n, source] of sources.entries()) u32.set(bytes, i + 8 + 4 * n, source)
      i += 8 + 4 * sources.length
    }
  } else put.group(bytes, at, igmp.group)
  if (igmp.kind === 'other') put.maxResponse(bytes, at, igmp.code)
  if (igmp.kind === 'query') {
    const { v3, maxResponse } = igmp
    put.maxResponse(bytes, at, v3 === undefined ? maxResponse : encodeTime8(maxResponse))
    if (v3 !== undefined) {
      bytes[at + 8] = (v3.suppress ? 8 : 0) | (v3.robustness & 7)
      bytes[at + 9] = encodeTime8(v3.interval)
      u16.set(bytes, at + 10, v3.sources.length)
      for (const [n, source] of v3.sources.entries()) u32.set(bytes, at + 12 + 4 * n, source)
    }
  }
  storeChecksum(bytes, at + 2, at, at + size, 0)
  return size
}

const typeOf = (igmp: Igmp): number => {
  if (igmp.kind === 'other') return igmp.type
  if (igmp.kind === 'report') return igmp.version === 1 ? IgmpType.report1 : IgmpType.report2
  return IgmpType[igmp.kind]
}

/** A frame that holds the message, to be followed by `pushIpv4` with TTL 1 and the router alert option. */
export const igmpFrame = (igmp: Igmp): Frame => {
  const frame = Frame.of(igmpSize(igmp))
  writeIgmp(frame.bytes, frame.start, igmp)
  return frame
}

/** RFC 2113: every router on the way looks at this packet. As `options` of an IPv4 header. */
export const routerAlertOption: Uint8Array = Uint8Array.of(148, 4, 0, 0)

export const isIgmpChecksumRight = (bytes: Uint8Array, at: number, end: number): boolean =>
  sum16(bytes, at, end) === 0xffff
