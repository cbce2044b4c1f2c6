import { nicira } from '../actions/codec.ts'
import type { Reader, Writer } from '../bytes.ts'
import { type Count, digits, formatDuration, readCount, readDuration, writeCount, writeDuration } from '../counter.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import type { Counted, GroupStats } from '../message.ts'
import type { Warn } from '../port-text.ts'
import type { Version } from '../protocol.ts'
import type { MessageCodec } from './codec.ts'
import { formatGroupId } from './group-desc.ts'
import { formOf, statsForm, takeList, vendorStatsForm } from './stats.ts'

const forms = (side: 'request' | 'reply') => [
  vendorStatsForm('NXST_GROUP', side, nicira, 7, 1, 1),
  statsForm('GROUP', side, 6, 2),
]
const requestForms = forms('request')
const replyForms = forms('reply')

export const groupRequest: MessageCodec<'group_request'> = {
  type: 'group_request',
  forms: requestForms,
  choose: (_, speech) => formOf(requestForms, speech),
  encode({ group }, out) {
    out.u32(group)
    out.zeros(4)
  },
  decode: bytes => decoded({ type: 'group_request', group: bytes.u32() }),
  print: ({ group }) => ` group_id=${formatGroupId(group)}`,
}

const hasDuration = (version: Version): boolean => version === 1 || version >= 4
/** ofp11_group_stats, ofp13_group_stats. */
const headSize = (version: Version): number => (hasDuration(version) ? 40 : 32)
const bucketSize = 16

export const readCounted = (bytes: Reader): Counted => ({ packets: readCount(bytes), bytes: readCount(bytes) })
export const writeCounted = (counted: Counted, out: Writer): void => {
  writeCount(counted.packets, out)
  writeCount(counted.bytes, out)
}

const takeStats = (bytes: Reader, version: Version, warn: Warn): Decoded<GroupStats> => {
  const size = headSize(version)
  const { left } = bytes
  const length = bytes.u16()
  const count = Math.floor((length - size) / bucketSize)
  const entry = bytes.part(size + count * bucketSize - 2)
  if (length < size || entry === undefined) {
    warn('ofp_group', `OFPST_GROUP reply reply has ${Math.max(0, left - size)} leftover bytes at end`)
    return refused('OFPBRC_BAD_LEN')
  }
  entry.skip(2)
  const group = entry.u32()
  const references = entry.u32()
  entry.skip(4)
  const counted = readCounted(entry)
  const duration = hasDuration(version) ? readDuration(entry) : undefined
  const buckets: Counted[] = []
  while (entry.left > 0) buckets.push(readCounted(entry))
  return decoded({ group, references, ...counted, duration, buckets })
}

const putStats = (stats: GroupStats, out: Writer, version: Version): void => {
  const start = out.at
  out.u32(0)
  out.u32(stats.group)
  out.u32(stats.references)
  out.u32(0)
  writeCounted(stats, out)
  if (hasDuration(version)) writeDuration(stats.duration, out)
  for (const bucket of stats.buckets) writeCounted(bucket, out)
  out.put16(start, out.at - start)
}

/** A counter that is printed even if it is not kept. */
export const formatRaw = (count: Count | undefined): string =>
  count === undefined ? '18446744073709551615' : digits(count)

const formatStats = ({ group, references, packets, bytes, duration, buckets }: GroupStats): string => {
  const time = duration === undefined ? '' : `duration=${formatDuration(duration)}s,`
  const each = buckets.map(({ packets, bytes }, i) =>
    packets === undefined ? '' : `,bucket${i}:packet_count=${digits(packets)},byte_count=${formatRaw(bytes)}`,
  )
  return `\n group_id=${group},${time}ref_count=${references},packet_count=${formatRaw(packets)},byte_count=${formatRaw(bytes)}${each.join('')}`
}

export const groupReply: MessageCodec<'group_reply'> = {
  type: 'group_reply',
  forms: replyForms,
  choose: (_, speech) => formOf(replyForms, speech),
  encode({ groups }, out, { version }) {
    for (const stats of groups) putStats(stats, out, version)
  },
  decode(bytes, { version, warn }) {
    const read = takeList(bytes, reader => takeStats(reader, version, warn))
    if (read.error === undefined) return decoded({ type: 'group_reply', groups: read.items })
    return { ok: false, error: read.error, partial: { type: 'group_reply', groups: read.items, torn: true } }
  },
  print: ({ groups, torn = false }) => `${groups.map(formatStats).join('')}${torn ? ' ***parse error***' : ''}\n`,
}
