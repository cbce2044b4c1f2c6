/**
 * How a `select` or `fast_failover` group chooses a bucket (ovs-ofctl(8), "Group Syntax"). By default, and as `dp_hash`, the
 * datapath hashes the frame and it comes back with the hash; a table that spreads hash values over buckets by weight
 * has the answer. As `hash`, fields of the frame are hashed here, and the bucket of the highest score wins.
 */
import { type FieldName, field, readField } from '../../flow/fields.ts'
import { hashPair } from '../../flow/key-hash.ts'
import { word } from '../../flow/layout.ts'
import type { Group, GroupBucket } from '../group.ts'
import { type Context, record } from './context.ts'
import { hash64, hashBytes, maskHashFields, symmetricL4 } from './flow-hash.ts'
import { triggerFreeze } from './freeze.ts'
import { hasField } from './prerequisite.ts'
import { markField } from './written.ts'

/** The bucket, or undefined: none is alive, or the frame has to be hashed first. */
export const pickBucket = (context: Context, group: Group): GroupBucket | undefined => {
  if (group.type === 'fast_failover') return firstAlive(context, group, 0)
  // What is under a label that was taken off must be known before anything is hashed.
  if (context.wasMpls) {
    triggerFreeze(context)
    return undefined
  }
  const { method, parameter, fields } = group.selection
  if (method === 'hash' && fields.length > 0) return byScore(context, group, hashOfFields(context, group))
  const table = method === 'hash' ? undefined : tableOf(group)
  if (table === undefined) {
    maskHashFields(context.flow, context.mask, 'symmetric_l4')
    return byScore(context, group, symmetricL4(context.flow, 0))
  }
  const { flow, mask } = context
  const hash = flow[word.dpHash]!
  if (hash === 0) {
    const isL4 = method !== '' && parameter >> 32n !== 1n
    const basis = method === '' ? 0 : Number(parameter & 0xffffffffn)
    triggerFreeze(context, { hash: { algorithm: isL4 ? 'l4' : 'sym_l4', basis } })
    return undefined
  }
  const last = table.length - 1
  mask[word.dpHash] = mask[word.dpHash]! | last
  for (let i = 0; i <= last; i++) {
    const bucket = table[(hash + i) & last]!
    if (isAlive(context, group, bucket, 0)) return bucket
  }
  return undefined
}

const tables = new WeakMap<readonly GroupBucket[], GroupBucket[] | null>()

/** Which bucket each hash value has: Webster's method gives out one seat after the other. Undefined if they would be too many. */
const tableOf = ({ buckets }: Group): GroupBucket[] | undefined => {
  let table = tables.get(buckets)
  if (table === undefined) {
    table = makeTable(buckets) ?? null
    tables.set(buckets, table)
  }
  return table ?? undefined
}

const makeTable = (buckets: readonly GroupBucket[]): GroupBucket[] | undefined => {
  const weights = buckets.map(({ weight }) => weight).filter(weight => weight > 0)
  if (weights.length === 0) return undefined
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const least = Math.min(...weights)
  const seats = Math.max(16, 2 ** Math.ceil(Math.log2(Math.ceil(total / least))))
  if (seats > 256) return undefined
  const parties = buckets.map(bucket => ({ bucket, divisor: 1, value: bucket.weight }))
  return Array.from({ length: seats }, () => {
    const winner = parties.reduce((best, party) => (party.value > best.value ? party : best))
    winner.divisor += 2
    winner.value = winner.bucket.weight / winner.divisor
    return winner.bucket
  })
}

const byScore = (context: Context, group: Group, basis: number): GroupBucket | undefined => {
  let best: GroupBucket | undefined
  let bestScore = 0
  for (const bucket of group.buckets) {
    if (!isAliveOrTold(context, group, bucket, 0)) continue
    const score = ((hashPair(bucket.id, basis) & 0xffff) * bucket.weight) % 2 ** 32
    record(context, { kind: 'detail', detail: { what: 'score', bucket: bucket.id, score } })
    if (score < bestScore) continue
    best = bucket
    bestScore = score
  }
  return best
}

const hashOfFields = ({ flow, mask }: Context, { selection }: Group): number => {
  let hash = hash64(selection.parameter)
  for (const { field: name, mask: bits } of selection.fields) {
    if (!hasField(flow, mask, name)) continue
    hash = hashBytes(bytesOf(name, readField(flow, name) & bits), hash)
    markField(mask, name, bits)
  }
  return hash
}

const bytesOf = (name: FieldName, value: bigint): Uint8Array => {
  const { bits, wireBits } = field(name)
  const bytes = new Uint8Array(Math.ceil((wireBits ?? bits) / 8))
  for (let i = bytes.length - 1, left = value; i >= 0; i--, left >>= 8n) bytes[i] = Number(left & 0xffn)
  return bytes
}

const firstAlive = (context: Context, group: Group, depth: number): GroupBucket | undefined =>
  group.buckets.find(bucket => isAliveOrTold(context, group, bucket, depth))

/** A trace has a line for each bucket that is not alive, but not where the datapath's hash picks one. */
const isAliveOrTold = (context: Context, group: Group, bucket: GroupBucket, depth: number): boolean => {
  if (isAlive(context, group, bucket, depth)) return true
  const { id, watchPort, watchGroup } = bucket
  record(context, { kind: 'detail', detail: { what: 'bucket_down', bucket: id, watchPort, watchGroup } })
  return false
}

/** Groups may watch groups so deep. */
const maxWatching = 128

/** A bucket that watches nothing is always there, but a `select` group uses none of weight 0. */
const isAlive = (
  context: Context,
  { type }: Group,
  { weight, watchPort, watchGroup }: GroupBucket,
  depth: number,
): boolean => {
  if (depth >= maxWatching || (type === 'select' && weight === 0)) return false
  if (watchPort === undefined && watchGroup === undefined) return true
  const port = watchPort === undefined ? undefined : context.bridge.ports.get(watchPort)
  if (port?.linkUp === true && !port.config.down) return true
  const watched = watchGroup === undefined ? undefined : context.bridge.group(watchGroup)
  return watched !== undefined && firstAlive(context, watched, depth + 1) !== undefined
}
