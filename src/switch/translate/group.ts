import type { Group, GroupBucket } from '../group.ts'
import { orderActionSet } from './action-set.ts'
import { type Context, type Run, record } from './context.ts'
import { finishFreezing } from './freeze.ts'
import { pickBucket } from './group-select.ts'
import { hasRoom, isLimit } from './limits.ts'
import { preparedOnce } from './written.ts'

/** `group`: a copy for each bucket, or for one of them. */
export const group: Run<'group'> = (context, { group: id }, { last }) => {
  if (!hasRoom(context)) return undefined
  const found = context.bridge.group(id)
  if (found === undefined) {
    record(context, { kind: 'detail', detail: { what: 'no_group', group: id } })
    return 'stop'
  }
  if (found.type === 'all' || found.type === 'indirect') runAll(context, found, last)
  else runOne(context, found, last)
  return undefined
}

const runAll = (context: Context, group: Group, last: boolean): void => {
  group.buckets.forEach((bucket, i) => {
    runBucket(context, bucket, last && i === group.buckets.length - 1)
  })
  context.credits.push({ type: 'group', group, buckets: group.buckets })
}

const runOne = (context: Context, group: Group, last: boolean): void => {
  const bucket = pickBucket(context, group)
  if (bucket === undefined) {
    record(context, { kind: 'detail', detail: { what: 'no_live_bucket' } })
    return
  }
  record(context, { kind: 'detail', detail: { what: 'bucket', bucket: bucket.id } })
  runBucket(context, bucket, last)
  context.credits.push({ type: 'group', group, buckets: [bucket] })
}

/** A bucket is an action set. What it does to the frame, and that it ended early or went wrong, is forgotten. */
const runBucket = (context: Context, bucket: GroupBucket, last: boolean): void => {
  const { flow, wasMpls } = context
  const before = flow.slice()
  const actions = setOf(bucket)
  context.recorder?.enter({ kind: 'bucket', bucket: bucket.id })
  context.depth++
  context.run(context, actions, preparedOnce(actions), { last, inBucket: true })
  context.depth--
  finishFreezing(context)
  context.recorder?.leave()
  flow.set(before)
  context.wasMpls = wasMpls
  context.exited = false
  // What was reached of a limit ends all, what else went wrong this bucket alone.
  if (context.failure === undefined || isLimit(context.failure)) return
  context.limit ??= context.failure
  context.failure = undefined
}

const sets = new WeakMap<GroupBucket['actions'], GroupBucket['actions']>()

const setOf = ({ actions }: GroupBucket): GroupBucket['actions'] => {
  const known = sets.get(actions)
  if (known !== undefined) return known
  const ordered = orderActionSet(actions)
  sets.set(actions, ordered)
  return ordered
}
