/** Groups as bytes: buckets of 1.1 and of 1.5, and how a group selects. */

import { type FieldName, fieldNames } from '../flow/fields.ts'
import { decodeActions, encodeActions } from './action-wire.ts'
import type { Reader, Writer } from './bytes.ts'
import { type Decoded, decoded, type OfErrorName, refused } from './error.ts'
import { type Bucket, type GroupType, noSelection, OfBucket, type Selection } from './group.ts'
import { pullField, putField } from './oxm.ts'
import { fromPort11, toPort11 } from './port-number.ts'
import type { Warn } from './port-text.ts'
import { beginProperty, type Property, takeProperty } from './property.ts'
import type { Version } from './protocol.ts'

/** OFPGT_*, by number. */
export const groupTypes = ['all', 'select', 'indirect', 'fast_failover'] as const satisfies readonly GroupType[]

/** OFPP_ANY, OFPG_ANY: nothing is watched. */
const none = 0xffffffff
/** How many buckets one says that are as likely as others. */
export const defaultWeight = (type: string | undefined): number => (type === 'select' ? 1 : 0)

/** Whether buckets stand as in 1.5: with numbers and properties. Nicira's extension of 1.0 has them so too. */
export const hasBucketIds = (version: Version): boolean => version === 1 || version === 6

/** Where messages about groups come from in the original's log. */
const module = 'ofp_group'

/** Reads buckets up to the reader's end. */
export const decodeBuckets = (
  bytes: Reader,
  version: Version,
  type: GroupType | undefined,
  warn: Warn,
): Decoded<Bucket[]> => {
  const buckets: Bucket[] = []
  while (bytes.left > 0) {
    const bucket = hasBucketIds(version) ? take15(bytes, version, type, warn) : take11(bytes, version, warn)
    if (!bucket.ok) return bucket
    buckets.push(bucket.value)
  }
  const ids = new Set(buckets.map(({ id }) => id))
  if (!hasBucketIds(version) || ids.size === buckets.length) return decoded(buckets)
  warn(module, 'Duplicate bucket id')
  return refused('OFPGMFC_BAD_BUCKET')
}

/** A bucket's bytes; its length stands in front and is counted. */
const takeBucket = (bytes: Reader, least: number, warn: Warn): Decoded<Reader> => {
  const bad = refused('OFPGMFC_BAD_BUCKET')
  const start = bytes.at
  const { left } = bytes
  if (left < least) {
    warn(module, `buckets end with ${left} leftover bytes`)
    return bad
  }
  const length = bytes.u16()
  if (length < least) {
    warn(module, `OpenFlow message bucket length ${length} is not valid`)
    return bad
  }
  if (length > left) {
    warn(module, `OpenFlow message bucket length ${length} exceeds remaining buckets data size ${left}`)
    return bad
  }
  bytes.at = start
  return decoded(bytes.part(length) as Reader)
}

/** ofp11_bucket, ofp15_bucket without actions and properties. */
const size11 = 16
const size15 = 8

const watched = (number: number): number | undefined => (number === none ? undefined : number)

/** Undefined if nothing is watched, -1 if there cannot be such a port. */
const watchedPort = (number: number, warn: Warn): number | undefined =>
  number === none ? undefined : (fromPort11(number, warn) ?? -1)

const take11 = (bytes: Reader, version: Version, warn: Warn): Decoded<Bucket> => {
  const whole = takeBucket(bytes, size11, warn)
  if (!whole.ok) return whole
  const body = whole.value
  body.skip(2)
  const weight = body.u16()
  const watchPort = watchedPort(body.u32(), warn)
  const watchGroup = watched(body.u32())
  body.skip(4)
  if (watchPort === -1) return refused('OFPGMFC_BAD_WATCH')
  const actions = decodeActions(body, version, { warn })
  if (!actions.ok) return actions
  return decoded({ id: undefined, weight, watchPort, watchGroup, actions: actions.value })
}

const take15 = (bytes: Reader, version: Version, type: GroupType | undefined, warn: Warn): Decoded<Bucket> => {
  const whole = takeBucket(bytes, size15, warn)
  if (!whole.ok) return whole
  const body = whole.value
  body.skip(2)
  const actionsSize = body.u16()
  const id = body.u32()
  if (id > OfBucket.max) {
    warn(module, `bucket id (${id}) is out of range`)
    return refused('OFPGMFC_BAD_BUCKET')
  }
  const { left } = body
  const part = body.part(actionsSize)
  if (part === undefined) {
    warn(module, `OpenFlow message bucket actions length ${actionsSize} exceeds remaining bucket data size ${left}`)
    return refused('OFPGMFC_BAD_BUCKET')
  }
  const actions = decodeActions(part, version, { warn })
  if (!actions.ok) return actions
  const bucket: Bucket = {
    id,
    weight: type === 'select' ? 1 : 0,
    watchPort: undefined,
    watchGroup: undefined,
    actions: actions.value,
  }
  while (body.left > 0) {
    const property = takeProperty(body)
    if (!property.ok) return property
    const error = takeBucketProperty(property.value, bucket, type, warn)
    if (error !== undefined) return refused(error)
  }
  return decoded(bucket)
}

const BucketProperty = { weight: 0, watchPort: 1, watchGroup: 2 } as const

const takeBucketProperty = (
  { type, experimenter, subtype, bytes }: Property,
  bucket: Bucket,
  group: GroupType | undefined,
  warn: Warn,
): OfErrorName | undefined => {
  if (experimenter !== undefined) {
    warn(module, `unknown group bucket property type for exp_id 0x${experimenter.toString(16)}, exp_type ${subtype}`)
    return 'OFPBPC_BAD_EXPERIMENTER'
  }
  switch (type) {
    case BucketProperty.weight:
      if (bytes.left !== 4) return 'OFPBPC_BAD_LEN'
      if (group === 'select') bucket.weight = bytes.u16()
      return undefined
    case BucketProperty.watchPort: {
      if (bytes.left !== 4) return 'OFPBPC_BAD_LEN'
      const port = watchedPort(bytes.u32(), warn)
      if (port === -1) return 'OFPGMFC_BAD_WATCH'
      bucket.watchPort = port
      return undefined
    }
    case BucketProperty.watchGroup:
      if (bytes.left !== 4) return 'OFPBPC_BAD_LEN'
      bucket.watchGroup = watched(bytes.u32())
      return undefined
    default:
      warn(module, `unknown group bucket property type ${type}`)
      return 'OFPBPC_BAD_TYPE'
  }
}

/**
 * Writes buckets. Those without a number get one, from 0 up, where the version has numbers; as with Open vSwitch, that may
 * be one that another bucket has been given.
 */
export const encodeBuckets = (buckets: readonly Bucket[], type: GroupType, out: Writer, version: Version): void => {
  let next = 0
  for (const bucket of buckets) {
    if (hasBucketIds(version)) put15(bucket, bucket.id ?? next++, type, out, version)
    else put11(bucket, out, version)
  }
}

const put11 = (bucket: Bucket, out: Writer, version: Version): void => {
  const start = out.at
  out.u16(0)
  out.u16(bucket.weight)
  out.u32(bucket.watchPort === undefined ? none : toPort11(bucket.watchPort))
  out.u32(bucket.watchGroup ?? none)
  out.u32(0)
  encodeActions(out, bucket.actions, version)
  out.put16(start, out.at - start)
}

const put15 = (bucket: Bucket, id: number, type: GroupType, out: Writer, version: Version): void => {
  const start = out.at
  out.u32(0)
  out.u32(id)
  encodeActions(out, bucket.actions, version)
  out.put16(start + 2, out.at - start - size15)
  if (type === 'select') {
    const end = beginProperty(out, BucketProperty.weight)
    out.u16(bucket.weight)
    out.zeros(2)
    end()
  }
  putWatch(BucketProperty.watchPort, bucket.watchPort === undefined ? undefined : toPort11(bucket.watchPort), out)
  putWatch(BucketProperty.watchGroup, bucket.watchGroup, out)
  out.put16(start, out.at - start)
}

const putWatch = (type: number, number: number | undefined, out: Writer): void => {
  if (number === undefined) return
  const end = beginProperty(out, type)
  out.u32(number)
  end()
}

/** Netronome, who defined how groups select. */
const netronome = 0x154d
const selectionMethod = 1
const methodSize = 16
/** Padding, method and parameter. */
const selectionSize = 4 + methodSize + 8

/** Reads a group's properties up to the reader's end. `command` is a group-mod's, none for a description. */
export const decodeSelection = (
  bytes: Reader,
  version: Version,
  type: GroupType | undefined,
  command: string | undefined,
  warn: Warn,
): Decoded<Selection> => {
  let selection = noSelection
  while (bytes.left > 0) {
    const property = takeProperty(bytes)
    if (!property.ok) return property
    const { experimenter, subtype } = property.value
    if (experimenter === undefined) {
      warn(module, `unknown group property type ${property.value.type}`)
      return refused('OFPBPC_BAD_TYPE')
    }
    if (experimenter !== netronome || subtype !== selectionMethod) {
      warn(module, `unknown group property type for exp_id 0x${experimenter.toString(16)}, exp_type ${subtype}`)
      return refused('OFPBPC_BAD_EXP_TYPE')
    }
    const read = takeSelection(property.value.bytes, version, type, command, warn)
    if (!read.ok) return read
    selection = read.value
  }
  return decoded(selection)
}

const takeSelection = (
  bytes: Reader,
  version: Version,
  type: GroupType | undefined,
  command: string | undefined,
  warn: Warn,
): Decoded<Selection> => {
  const bad = (why: string): Decoded<Selection> => {
    warn(module, `ntr selection method ${why}`)
    return refused('OFPBPC_BAD_VALUE')
  }
  if (bytes.left < selectionSize) {
    warn(module, `ntr selection method property length ${bytes.left + 12} is not valid`)
    return refused('OFPBPC_BAD_LEN')
  }
  bytes.skip(4)
  if (type !== 'select') return bad('property is only allowed for select groups')
  if (command !== undefined && command !== 'add' && command !== 'modify')
    return bad('property is only allowed for add and delete group modifications')
  const last = bytes.bytes[bytes.at + methodSize - 1]
  const method = bytes.text(methodSize)
  if (last !== 0) return bad('is not null terminated')
  if (method !== 'hash' && method !== 'dp_hash') return bad(`'${method}' is not supported`)
  const parameter = bytes.u64()
  if (method !== 'hash' && bytes.left > 0) return bad(`${method} does not support fields`)
  const fields = takeFields(bytes, version, warn)
  if (fields.ok) return decoded({ method, parameter, fields: fields.value })
  warn(module, 'ntr selection method fields are invalid')
  return fields
}

/** Fields with their values, which are masks here; they come in the order of the field table. */
const takeFields = (bytes: Reader, _version: Version, warn: Warn): Decoded<Selection['fields']> => {
  const masks = new Map<FieldName, bigint>()
  while (bytes.left > 0) {
    const pulled = pullField(bytes, { warn })
    if (!pulled.ok) return pulled
    const { field, value } = pulled.value
    if (masks.has(field)) return refused('OFPBMC_DUP_FIELD')
    masks.set(field, value)
  }
  return decoded(fieldNames.flatMap(field => (masks.has(field) ? [{ field, mask: masks.get(field) as bigint }] : [])))
}

/** Writes how a group selects, if it says. */
export const encodeSelection = ({ method, parameter, fields }: Selection, out: Writer, version: Version): void => {
  if (method === '') return
  const end = beginProperty(out, 0xffff)
  out.u32(netronome)
  out.u32(selectionMethod)
  out.u32(0)
  out.text(method, methodSize)
  out.u64(parameter)
  for (const { field, mask } of fields) putField(out, field, mask, undefined, version)
  end()
}
