import type { Bucket, GroupType, Selection } from '../openflow/group.ts'
import type { Rule } from './rule.ts'
import type { Written } from './translate/written.ts'

/** A bucket in a group of the switch: it has a number, what `prepare` made of its actions, and counts. */
export type GroupBucket = Bucket & {
  id: number
  readonly written: readonly (Written | undefined)[]
  packets: number
  bytes: number
}

/** A group in the switch. Times are the clock's nanoseconds. */
export type Group = {
  readonly id: number
  type: GroupType
  selection: Selection
  buckets: GroupBucket[]
  created: number
  packets: number
  bytes: number
  /** Flows that have an action to this group, and how many such actions there are. */
  readonly users: Set<Rule>
  references: number
}
