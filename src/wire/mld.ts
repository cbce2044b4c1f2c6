/** Multicast listener discovery for IPv6, versions 1 (RFC 2710) and 2 (RFC 3810): ICMPv6 messages of types 130 to 132 and 143. */
import type { Ip6 } from './address.ts'
import { Frame } from './frame.ts'
import {
  decodeTime8,
  decodeTime16,
  encodeTime8,
  encodeTime16,
  type GroupRecord,
  type QueryDetails,
} from './group-code.ts'
import { header, u8, u16, u128 } from './header.ts'
import { fillIcmp6Checksum, Icmp6Type } from './icmp6.ts'
import { type Parsed, parsed, refused } from './parsed.ts'
import type { Ends } from './transport-checksum.ts'

/** Version 1, and the beginning of a version 2 query. */
export const MldHeader = header('MLD', 24, {
  type: [0, u8],
  code: [1, u8],
  checksum: [2, u16],
  maxResponse: [4, u16],
  group: [8, u128],
})

/** `maxResponse` is in milliseconds; `group` is `::` in a general query. A query with `v2` is of version 2. */
export type Mld =
  | { kind: 'query'; group: Ip6; maxResponse: number; v2?: QueryDetails<Ip6> }
  | { kind: 'report'; group: Ip6 }
  | { kind: 'done'; group: Ip6 }
  | { kind: 'report2'; records: GroupRecord<Ip6>[] }

/** Whether an ICMPv6 type is one of these messages. */
export const isMldType = (type: number): boolean =>
  (type >= Icmp6Type.mldQuery && type <= Icmp6Type.mldDone) || type === Icmp6Type.mldReport2

/**
 * From the ICMPv6 type on; the message ends at `end`. The version of a query is told by its size (RFC 3810 §8.1): 24 bytes
 * are 1, 28 and more are 2, those between are refused as `length`. Refuses `short`, and `value` for another type.
 */
export const parseMld = (bytes: Uint8Array, start: number, end: number): Parsed<Mld & { payload: number }> => {
  if (start + 8 > end) return refused('short')
  const { at } = MldHeader
  const type = at.type(bytes, start)
  if (type === Icmp6Type.mldReport2) return parseReport2(bytes, start, end)
  if (!isMldType(type)) return refused('value')
  if (start + 24 > end) return refused('short')
  const group = at.group(bytes, start)
  if (type === Icmp6Type.mldReport) return parsed({ kind: 'report', group, payload: start + 24 })
  if (type === Icmp6Type.mldDone) return parsed({ kind: 'done', group, payload: start + 24 })
  const code = at.maxResponse(bytes, start)
  if (end - start === 24) return parsed({ kind: 'query', group, maxResponse: code, payload: start + 24 })
  if (start + 28 > end) return refused('length')
  const count = u16.get(bytes, start + 26)
  if (start + 28 + 16 * count > end) return refused('short')
  const flags = bytes[start + 24]!
  return parsed({
    kind: 'query',
    group,
    maxResponse: decodeTime16(code),
    v2: {
      suppress: (flags & 8) !== 0,
      robustness: flags & 7,
      interval: decodeTime8(bytes[start + 25]!),
      sources: readSources(bytes, start + 28, count),
    },
    payload: start + 28 + 16 * count,
  })
}

const parseReport2 = (bytes: Uint8Array, start: number, end: number): Parsed<Mld & { payload: number }> => {
  const records: GroupRecord<Ip6>[] = []
  let at = start + 8
  for (let left = u16.get(bytes, start + 6); left > 0; left--) {
    if (at + 20 > end) return refused('short')
    const count = u16.get(bytes, at + 2)
    const size = 20 + 16 * count + 4 * bytes[at + 1]!
    if (at + size > end) return refused('short')
    records.push({ type: bytes[at]!, group: u128.get(bytes, at + 4), sources: readSources(bytes, at + 20, count) })
    at += size
  }
  return parsed({ kind: 'report2', records, payload: at })
}

const readSources = (bytes: Uint8Array, start: number, count: number): Ip6[] => {
  const sources: Ip6[] = []
  for (let i = 0; i < count; i++) sources.push(u128.get(bytes, start + 16 * i))
  return sources
}

/** The size of the message in bytes. */
export const mldSize = (mld: Mld): number => {
  if (mld.kind === 'query' && mld.v2 !== undefined) return 28 + 16 * mld.v2.sources.length
  if (mld.kind !== 'report2') return 24
  return mld.records.reduce((size, record) => size + 20 + 16 * record.sources.length, 8)
}

const types = {
  query: Icmp6Type.mldQuery,
  report: Icmp6Type.mldReport,
  done: Icmp6Type.mldDone,
  report2: Icmp6Type.mldReport2,
} as const

/** Writes the message, its checksum 0; returns its size. */
export const writeMld = (bytes: Uint8Array, at: number, mld: Mld): number => {
  const size = mldSize(mld)
  bytes.fill(0, at, at + size)
  const { put } = MldHeader
  put.type(bytes, at, types[mld.kind])
  if (mld.kind === 'report2') {
    u16.set(bytes, at + 6, mld.records.length)
    let i = at + 8
    for (const { type, group, sources } of mld.records) {
      bytes[i] = type
      u16.set(bytes, i + 2, sources.length)
      u128.set(bytes, i + 4, group)
      for (const [n, source] of sources.entries()) u128.set(bytes, i + 20 + 16 * n, source)
      i += 20 + 16 * sources.length
    }
    return size
  }
  put.group(bytes, at, mld.group)
  if (mld.kind === 'query') {
    const { v2, maxResponse } = mld
    put.maxResponse(bytes, at, v2 === undefined ? maxResponse : encodeTime16(maxResponse))
    if (v2 !== undefined) {
      bytes[at + 24] = (v2.suppress ? 8 : 0) | (v2.robustness & 7)
      bytes[at + 25] = encodeTime8(v2.interval)
      u16.set(bytes, at + 26, v2.sources.length)
      for (const [n, source] of v2.sources.entries()) u128.set(bytes, at + 28 + 16 * n, source)
    }
  }
  return size
}

/** A frame that holds the message with its checksum, to be followed by a router alert and `pushIpv6` with hop limit 1. */
export const mldFrame = (mld: Mld, ends: Ends): Frame => {
  const frame = Frame.of(mldSize(mld))
  writeMld(frame.bytes, frame.start, mld)
  return fillIcmp6Checksum(frame, ends)
}
