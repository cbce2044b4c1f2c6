import { nicira } from '../actions/codec.ts'
import type { Reader } from '../bytes.ts'
import { type Decoded, decoded, type OfErrorName, refused } from '../error.ts'
import { type Bucket, type GroupCommand, type GroupMod, type GroupType, noSelection, OfBucket } from '../group.ts'
import { formatGroupMod } from '../group-format.ts'
import {
  decodeBuckets,
  decodeSelection,
  encodeBuckets,
  encodeSelection,
  groupTypes,
  hasBucketIds,
} from '../group-wire.ts'
import type { Warn } from '../port-text.ts'
import type { Version } from '../protocol.ts'
import type { MessageCodec, MessageForm } from './codec.ts'
import { formOf } from './stats.ts'

const forms: readonly MessageForm[] = [
  { name: 'NXT_GROUP_MOD', from: 1, to: 1, experimenter: { vendor: nicira, subtype: 31 } },
  { name: 'OFPT_GROUP_MOD', from: 2, to: 6, number: 15 },
]

/** OFPGC_*. */
const commands: Readonly<Record<GroupCommand, number>> = {
  add: 0,
  modify: 1,
  delete: 2,
  insert_bucket: 3,
  remove_bucket: 5,
  add_or_mod: 0x8000,
}
const commandOf = new Map(Object.entries(commands).map(([name, number]) => [number, name as GroupCommand]))

const takeBuckets11 = (bytes: Reader, version: Version, type: GroupType | undefined, warn: Warn) => {
  const buckets = decodeBuckets(bytes, version, type, warn)
  return buckets.ok ? decoded({ commandBucket: OfBucket.all, buckets: buckets.value, selection: noSelection }) : buckets
}

type Rest = Pick<GroupMod, 'commandBucket' | 'buckets' | 'selection'>

const takeBuckets15 = (
  bytes: Reader,
  version: Version,
  command: GroupCommand | undefined,
  type: GroupType | undefined,
  warn: Warn,
): Decoded<Rest> => {
  const size = bytes.u16()
  bytes.skip(2)
  const commandBucket = bytes.u32()
  const part = bytes.part(size)
  if (part === undefined) return refused('OFPBRC_BAD_LEN')
  if (!commandBucketFits(command, commandBucket)) {
    warn('ofp_group', `group command bucket id (${commandBucket}) is out of range`)
    return refused('OFPGMFC_BAD_BUCKET')
  }
  const buckets = decodeBuckets(part, version, type, warn)
  if (!buckets.ok) return buckets
  const selection = decodeSelection(bytes, version, type, command ?? 'unknown', warn)
  return selection.ok ? decoded({ commandBucket, buckets: buckets.value, selection: selection.value }) : selection
}

const commandBucketFits = (command: GroupCommand | undefined, bucket: number): boolean => {
  const one = bucket <= OfBucket.max || bucket === OfBucket.first || bucket === OfBucket.last
  if (command === 'insert_bucket') return one
  return command === 'remove_bucket' ? one || bucket === OfBucket.all : bucket === OfBucket.all
}

/** What is wrong with a group-mod that was read, if anything; a type or command that no one knows is undefined. */
const complaint = (
  command: GroupCommand | undefined,
  type: GroupType | undefined,
  buckets: readonly Bucket[],
): OfErrorName | undefined => {
  if (type === 'indirect' && command !== 'delete' && buckets.length !== 1) return 'OFPGMFC_INVALID_GROUP'
  if (type === undefined) return 'OFPGMFC_BAD_TYPE'
  if (command === undefined) return 'OFPGMFC_BAD_COMMAND'
  if (command === 'remove_bucket' && buckets.length > 0) return 'OFPGMFC_BAD_BUCKET'
  for (const bucket of buckets) {
    if (bucket.weight !== 0 && type !== 'select') return 'OFPGMFC_INVALID_GROUP'
    const live = bucket.watchPort !== undefined || bucket.watchGroup !== undefined
    if ((type === 'all' || type === 'indirect') && live) return 'OFPGMFC_WATCH_UNSUPPORTED'
    if (type === 'fast_failover' && !live) return 'OFPGMFC_INVALID_GROUP'
  }
  return undefined
}

/** OFPT_GROUP_MOD; on 1.0 Nicira's extension, which is as 1.5's. */
export const groupMod: MessageCodec<'group_mod'> = {
  type: 'group_mod',
  forms,
  choose: (_, speech) => formOf(forms, speech),
  encode({ mod }, out, { version }) {
    out.u16(commands[mod.command])
    out.u8(groupTypes.indexOf(mod.type))
    out.u8(0)
    out.u32(mod.group)
    if (!hasBucketIds(version)) {
      encodeBuckets(mod.buckets, mod.type, out, version)
      return
    }
    const at = out.at
    out.u32(0)
    out.u32(mod.commandBucket)
    encodeBuckets(mod.buckets, mod.type, out, version)
    out.put16(at, out.at - at - 8)
    encodeSelection(mod.selection, out, version)
  },
  decode(bytes, { version, warn }) {
    const command = commandOf.get(bytes.u16())
    const type = groupTypes[bytes.u8()]
    bytes.skip(1)
    const group = bytes.u32()
    const rest = hasBucketIds(version)
      ? takeBuckets15(bytes, version, command, type, warn)
      : takeBuckets11(bytes, version, type, warn)
    if (!rest.ok) return rest
    if (!hasBucketIds(version) && command === 'delete' && rest.value.buckets.length > 0)
      return refused('OFPGMFC_INVALID_GROUP')
    const error = complaint(command, type, rest.value.buckets)
    if (error !== undefined || command === undefined || type === undefined) return refused(error ?? 'OFPGMFC_BAD_TYPE')
    return decoded({ type: 'group_mod', mod: { command, type, group, ...rest.value } })
  },
  print: ({ mod }, options) => `\n ${formatGroupMod(mod, options)}\n`,
}
