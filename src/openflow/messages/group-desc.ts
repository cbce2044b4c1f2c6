import { nicira } from '../actions/codec.ts'
import type { Reader, Writer } from '../bytes.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import { noSelection, OfGroup } from '../group.ts'
import { formatGroup } from '../group-format.ts'
import {
  decodeBuckets,
  decodeSelection,
  encodeBuckets,
  encodeSelection,
  groupTypes,
  hasBucketIds,
} from '../group-wire.ts'
import type { GroupDesc } from '../message.ts'
import type { Warn } from '../port-text.ts'
import type { Version } from '../protocol.ts'
import type { MessageCodec } from './codec.ts'
import { formOf, listBody, statsForm, takeEntry, takeList, vendorStatsForm } from './stats.ts'

const forms = (side: 'request' | 'reply') => [
  vendorStatsForm('NXST_GROUP_DESC', side, nicira, 8, 1, 1),
  statsForm('GROUP_DESC', side, 7, 2),
]
const requestForms = forms('request')
const replyForms = forms('reply')

/** `ALL`, `ANY` or a number. */
export const formatGroupId = (group: number): string =>
  group === OfGroup.all ? 'ALL' : group === OfGroup.any ? 'ANY' : String(group)

/** Only 1.5's, and the extension of 1.0, can say which group. */
export const groupDescRequest: MessageCodec<'group_desc_request'> = {
  type: 'group_desc_request',
  forms: requestForms,
  choose: (_, speech) => formOf(requestForms, speech),
  encode({ group }, out, { version }) {
    if (!hasBucketIds(version)) return
    out.u32(group)
    out.zeros(4)
  },
  decode: (bytes, { version }) =>
    decoded({ type: 'group_desc_request', group: hasBucketIds(version) ? bytes.u32() : OfGroup.all }),
  print: ({ group }) => ` group_id=${formatGroupId(group)}`,
}

/** ofp11_group_desc_stats, ofp15_group_desc_stats. */
const headSize = (version: Version): number => (hasBucketIds(version) ? 16 : 8)

const complain = (warn: Warn, what: string, length: number): ReturnType<typeof refused> => {
  warn('ofp_group', `OFPST11_GROUP_DESC reply claims invalid ${what} ${length}`)
  return refused('OFPBRC_BAD_LEN')
}

const takeDesc = (bytes: Reader, version: Version, warn: Warn): Decoded<GroupDesc> => {
  const length = bytes.left < 2 ? 0 : (bytes.bytes[bytes.at]! << 8) | bytes.bytes[bytes.at + 1]!
  const entry = takeEntry(bytes, headSize(version))
  if (entry === undefined) return complain(warn, 'length', length)
  const type = groupTypes[entry.u8()]
  entry.skip(1)
  const group = entry.u32()
  const desc = { group, type: type ?? ('unknown' as const) }
  if (!hasBucketIds(version)) {
    const buckets = decodeBuckets(entry, version, type, warn)
    return buckets.ok ? decoded({ ...desc, selection: noSelection, buckets: buckets.value }) : buckets
  }
  const size = entry.u16()
  entry.skip(6)
  const part = entry.part(size)
  if (part === undefined) return complain(warn, 'bucket list length', size)
  const buckets = decodeBuckets(part, version, type, warn)
  if (!buckets.ok) return buckets
  const selection = decodeSelection(entry, version, type, undefined, warn)
  return selection.ok ? decoded({ ...desc, selection: selection.value, buckets: buckets.value }) : selection
}

const putDesc = ({ group, type, selection, buckets }: GroupDesc, out: Writer, version: Version): void => {
  const start = out.at
  const known = type === 'unknown' ? 'all' : type
  out.u16(0)
  out.u8(groupTypes.indexOf(known))
  out.u8(0)
  out.u32(group)
  if (hasBucketIds(version)) out.zeros(8)
  const from = out.at
  encodeBuckets(buckets, known, out, version)
  if (hasBucketIds(version)) {
    out.put16(start + 8, out.at - from)
    encodeSelection(selection, out, version)
  }
  out.put16(start, out.at - start)
}

export const groupDescReply: MessageCodec<'group_desc_reply'> = {
  type: 'group_desc_reply',
  forms: replyForms,
  choose: (_, speech) => formOf(replyForms, speech),
  encode({ groups }, out, { version }) {
    for (const group of groups) putDesc(group, out, version)
  },
  decode(bytes, { version, warn }) {
    const read = takeList(bytes, reader => takeDesc(reader, version, warn))
    return listBody({ type: 'group_desc_reply', groups: read.items }, read)
  },
  print: ({ groups }, options) => `\n${groups.map(group => ` ${formatGroup(group, options)}\n`).join('')}`,
}
