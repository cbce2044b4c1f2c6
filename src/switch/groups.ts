import type { OfErrorName } from '../openflow/error.ts'
import { type Bucket, type GroupMod, OfBucket, OfGroup } from '../openflow/group.ts'
import type { Group, GroupBucket } from './group.ts'
import type { Journal } from './journal.ts'
import { preparedOf, type Requestor, type Rule } from './rule.ts'

/** What groups ask of their bridge. */
export interface GroupsOwner {
  now(): number
  pullStats(): void
  changed(): void
  /** Flows that send to a group which is gone. */
  removeUsers(rules: Iterable<Rule>, by: Requestor | undefined): void
}

/** As many of each type as there are numbers (OFPMP_GROUP_FEATURES). */
const maxGroups = OfGroup.max

/**
 * The groups of a bridge, by number. A bucket may name any port or group, also one that is not there or leads back:
 * only translation finds out, as in Open vSwitch.
 */
export class Groups {
  private readonly groups = new Map<number, Group>()
  private readonly owner: GroupsOwner
  private readonly journal: Journal

  constructor(owner: GroupsOwner, journal: Journal) {
    this.owner = owner
    this.journal = journal
  }

  get size(): number {
    return this.groups.size
  }

  get(id: number): Group | undefined {
    return this.groups.get(id)
  }

  /** With exact statistics, by number; one of them or all (`OfGroup.all`). */
  list(id: number = OfGroup.all): Group[] {
    this.owner.pullStats()
    const chosen = [...this.groups.values()].filter(group => id === OfGroup.all || group.id === id)
    return chosen.sort((a, b) => a.id - b.id)
  }

  /** Does what a group_mod says; a refusal leaves everything as it was. */
  apply(mod: GroupMod, by?: Requestor): OfErrorName | undefined {
    this.owner.pullStats()
    const refusal = this.run(mod, by)
    if (refusal === undefined) this.owner.changed()
    return refusal
  }

  private run(mod: GroupMod, by: Requestor | undefined): OfErrorName | undefined {
    const group = this.groups.get(mod.group)
    switch (mod.command) {
      case 'add':
        return group === undefined ? this.add(mod) : 'OFPGMFC_GROUP_EXISTS'
      case 'modify':
        return group === undefined ? 'OFPGMFC_UNKNOWN_GROUP' : this.modify(group, mod)
      case 'add_or_mod':
        return group === undefined ? this.add(mod) : this.modify(group, mod)
      case 'insert_bucket':
        return group === undefined ? 'OFPGMFC_UNKNOWN_GROUP' : this.insertBuckets(group, mod)
      case 'remove_bucket':
        return group === undefined ? 'OFPGMFC_UNKNOWN_GROUP' : this.removeBuckets(group, mod)
      case 'delete':
        this.delete(mod.group, by)
        return undefined
    }
  }

  private add(mod: GroupMod): OfErrorName | undefined {
    const refusal = checkGroup(mod)
    if (refusal !== undefined) return refusal
    const { type, selection } = mod
    const group: Group = {
      id: mod.group,
      type,
      selection,
      buckets: bucketsOf(mod.buckets),
      created: this.owner.now(),
      packets: 0,
      bytes: 0,
      users: new Set(),
      references: 0,
    }
    this.groups.set(group.id, group)
    this.journal.note(() => this.groups.delete(group.id))
    return undefined
  }

  private modify(group: Group, mod: GroupMod): OfErrorName | undefined {
    const refusal = checkGroup(mod)
    if (refusal !== undefined) return refusal
    this.change(group, { type: mod.type, selection: mod.selection, buckets: bucketsOf(mod.buckets) })
    return undefined
  }

  /** The group's count begins anew; buckets that stay keep theirs. */
  private change(group: Group, change: Partial<Pick<Group, 'type' | 'selection' | 'buckets'>>): void {
    const { type, selection, buckets, packets, bytes } = group
    Object.assign(group, change, { packets: 0, bytes: 0 })
    this.journal.note(() => Object.assign(group, { type, selection, buckets, packets, bytes }))
  }

  private insertBuckets(group: Group, mod: GroupMod): OfErrorName | undefined {
    const { commandBucket } = mod
    const at =
      commandBucket === OfBucket.first
        ? 0
        : commandBucket === OfBucket.last
          ? group.buckets.length
          : group.buckets.findIndex(({ id }) => id === commandBucket) + 1
    if (at === 0 && commandBucket !== OfBucket.first) return 'OFPGMFC_UNKNOWN_BUCKET'
    const added = bucketsOf(mod.buckets)
    const buckets = [...group.buckets.slice(0, at), ...added, ...group.buckets.slice(at)]
    if (hasDuplicates(buckets)) return 'OFPGMFC_BUCKET_EXISTS'
    this.change(group, { buckets })
    return undefined
  }

  private removeBuckets(group: Group, { commandBucket }: GroupMod): OfErrorName | undefined {
    const { buckets } = group
    let left: GroupBucket[]
    if (commandBucket === OfBucket.all) left = []
    else if (commandBucket === OfBucket.first) left = buckets.slice(1)
    else if (commandBucket === OfBucket.last) left = buckets.slice(0, -1)
    else {
      left = buckets.filter(({ id }) => id !== commandBucket)
      if (left.length === buckets.length) return 'OFPGMFC_UNKNOWN_BUCKET'
    }
    this.change(group, { buckets: left })
    return undefined
  }

  private delete(id: number, by: Requestor | undefined): void {
    const going = id === OfGroup.all ? [...this.groups.values()] : [this.groups.get(id)]
    for (const group of going) {
      if (group === undefined) continue
      this.owner.removeUsers(group.users, by)
      this.groups.delete(group.id)
      this.journal.note(() => this.groups.set(group.id, group))
    }
  }
}

/** Buckets without a number get their place as one. */
const bucketsOf = (buckets: readonly Bucket[]): GroupBucket[] =>
  buckets.map((bucket, place) => ({
    ...bucket,
    id: bucket.id ?? place,
    written: preparedOf(bucket.actions),
    packets: 0,
    bytes: 0,
  }))

/** What is wrong with a group by itself. */
const checkGroup = (mod: Pick<GroupMod, 'type' | 'group' | 'buckets'>): OfErrorName | undefined => {
  const { type, buckets, group } = mod
  if (group > maxGroups) return 'OFPGMFC_INVALID_GROUP'
  if (type === 'indirect' && buckets.length !== 1) return 'OFPGMFC_INVALID_GROUP'
  return hasDuplicates(buckets) ? 'OFPGMFC_BAD_BUCKET' : undefined
}

const hasDuplicates = (buckets: readonly Bucket[]): boolean => {
  const numbers = buckets.map(({ id }) => id).filter(id => id !== undefined)
  return new Set(numbers).size < numbers.length
}
