/** Groups as ovs-ofctl prints them. */
import { fullMask } from '../flow/fields.ts'
import type { Paint } from '../flow/paint.ts'
import { formatActions } from './action-text.ts'
import { formatFieldValue } from './field-text.ts'
import { type Bucket, type GroupMod, type GroupType, OfBucket, type Selection } from './group.ts'
import { defaultWeight, hasBucketIds } from './group-wire.ts'
import { formatPort, type PortNames } from './port-text.ts'
import type { Version } from './protocol.ts'

export const groupTypeNames: Readonly<Record<GroupType | 'unknown', string>> = {
  unknown: 'unknown',
  all: 'all',
  select: 'select',
  indirect: 'indirect',
  fast_failover: 'ff',
}

const commandNames: Readonly<Record<GroupMod['command'], string>> = {
  add: 'ADD',
  modify: 'MOD',
  delete: 'DEL',
  add_or_mod: 'ADD_OR_MOD',
  insert_bucket: 'INSERT_BUCKET',
  remove_bucket: 'REMOVE_BUCKET',
}

const bucketNames: ReadonlyMap<number, string> = new Map([
  [OfBucket.first, 'first'],
  [OfBucket.last, 'last'],
  [OfBucket.all, 'all'],
])

export type GroupFormat = { version: Version; ports?: PortNames | undefined; paint?: Paint }

const formatBucket = (bucket: Bucket, type: GroupType | 'unknown', { version, ports, paint }: GroupFormat): string => {
  const { id, weight, watchPort, watchGroup, actions } = bucket
  const words: string[] = []
  if (hasBucketIds(version) && id !== undefined) words.push(`bucket_id:${id}`)
  if (weight !== defaultWeight(type)) words.push(`weight:${weight}`)
  if (watchPort !== undefined) words.push(`watch_port:${formatPort(watchPort, ports)}`)
  if (watchGroup !== undefined) words.push(`watch_group:${watchGroup}`)
  words.push(`actions=${formatActions(actions, ports, undefined, paint)}`)
  return `,bucket=${words.join(',')}`
}

/** `ip_src=255.255.255.0`; a field that counts whole is its name alone. */
const formatSelection = ({ method, parameter, fields }: Selection): string => {
  if (method === '') return ''
  const words = fields.map(({ field, mask }) =>
    mask === fullMask(field) ? field : `${field}=${formatFieldValue(field, mask, fullMask(field))}`,
  )
  const list = words.length === 0 ? '' : words.length === 1 ? `,fields=${words[0]}` : `,fields(${words.join(',')})`
  return `,selection_method=${method}${parameter === 0n ? '' : `,selection_method_param=${parameter}`}${list}`
}

/** A group: `group_id=1,type=select,…`. Changes of buckets do not tell the type. */
export const formatGroup = (
  group: {
    group: number
    type: GroupType | 'unknown'
    selection: Selection
    buckets: readonly Bucket[]
  },
  format: GroupFormat,
  withType = true,
): string => {
  const { group: number, type, selection, buckets } = group
  const kind = withType ? `,type=${groupTypeNames[type]}` : ''
  return `group_id=${number}${kind}${formatSelection(selection)}${buckets.map(bucket => formatBucket(bucket, type, format)).join('')}`
}

/** A change of groups, as it stands after the message's name. */
export const formatGroupMod = (mod: GroupMod, format: GroupFormat): string => {
  const ofBuckets = mod.command === 'insert_bucket' || mod.command === 'remove_bucket'
  const { commandBucket } = mod
  const bucket =
    ofBuckets && hasBucketIds(format.version)
      ? `command_bucket_id:${bucketNames.get(commandBucket) ?? commandBucket},`
      : ''
  const group = formatGroup(mod, format, !ofBuckets)
  return `${commandNames[mod.command]} ${bucket}${group}`
}
