import type { FieldName } from '../flow/fields.ts'
import type { OfAction } from './action.ts'

export type GroupType = 'all' | 'select' | 'indirect' | 'fast_failover'

/** Numbers of groups: 0 to `max` are groups, the others have a meaning of their own. */
export const OfGroup = { max: 0xffffff00, all: 0xfffffffc, any: 0xffffffff } as const

/** One way a group may send a frame. */
export type Bucket = {
  /** Undefined if the peer's version has no numbers for buckets; the switch gives them then, from 0 up. */
  id: number | undefined
  /** Only of `select`. */
  weight: number
  watchPort: number | undefined
  watchGroup: number | undefined
  actions: readonly OfAction[]
}

/** How a `select` group chooses: NTR experimenter property `selection_method` (ovs-ofctl(8), "Group Syntax"). */
export type Selection = {
  /** Empty for the default; else `hash` or `dp_hash`. */
  method: string
  parameter: bigint
  /** Fields that `hash` takes, with their masks, in the order they were given. */
  fields: readonly { field: FieldName; mask: bigint }[]
}

export type GroupCommand = 'add' | 'modify' | 'add_or_mod' | 'delete' | 'insert_bucket' | 'remove_bucket'

/** Buckets' numbers in `insert_bucket` and `remove_bucket`. */
export const OfBucket = { max: 0xffffff00, first: 0xfffffffd, last: 0xfffffffe, all: 0xffffffff } as const

/** A change of groups, as OFPT_GROUP_MOD says it. */
export type GroupMod = {
  command: GroupCommand
  type: GroupType
  group: number
  /** For `insert_bucket`, `remove_bucket`: where, `OfBucket.all` otherwise. */
  commandBucket: number
  buckets: readonly Bucket[]
  selection: Selection
}

export const noSelection: Selection = { method: '', parameter: 0n, fields: [] }
