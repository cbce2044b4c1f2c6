import { readField } from '../flow/fields.ts'
import type { Subfield } from '../openflow/action.ts'
import { second } from '../runtime/clock.ts'
import type { Rule } from './rule.ts'
import { RuleHeap } from './rule-heap.ts'

/** When a rule's time is over if no packet hits it, ns; infinite without timeouts. */
export const deadline = (rule: Rule): number =>
  Math.min(
    rule.idleTimeout > 0 ? rule.used + rule.idleTimeout * second : Number.POSITIVE_INFINITY,
    rule.hardTimeout > 0 ? rule.modified + rule.hardTimeout * second : Number.POSITIVE_INFINITY,
  )

/**
 * Which flow a full table gives up (ovs-vswitchd.conf.db(5), "Flow_Table", `overflow_policy` and `groups`). Flows that
 * agree in certain fields are a group; the largest group loses its least important flow, and of those alike the one
 * that would time out first. Flows without timeouts stay.
 */
export class Eviction {
  private readonly fields: readonly Subfield[]
  private readonly groups = new Map<string, RuleHeap>()
  /** The groups that have so many rules. */
  private readonly bySize = new Map<number, Set<RuleHeap>>()
  private largest = 0

  constructor(fields: readonly Subfield[]) {
    this.fields = fields
  }

  /** A rule came, or its timeouts changed. */
  add(rule: Rule): void {
    if (rule.idleTimeout === 0 && rule.hardTimeout === 0) return
    const key = this.keyOf(rule)
    let group = this.groups.get(key)
    if (group === undefined) {
      group = new RuleHeap('seat')
      this.groups.set(key, group)
    }
    const before = group.size
    group.set(rule, worth(rule))
    this.resized(group, before)
  }

  remove(rule: Rule): void {
    if (rule.seat < 0) return
    const key = this.keyOf(rule)
    const group = this.groups.get(key)
    if (group === undefined) return
    const before = group.size
    group.remove(rule)
    this.resized(group, before)
    if (group.size === 0) this.groups.delete(key)
  }

  /** The rule to give up; undefined if none may go. */
  choose(): Rule | undefined {
    const [group] = this.bySize.get(this.largest) ?? []
    if (group === undefined) return undefined
    for (;;) {
      const rule = group.first() as Rule
      // Packets make a rule worth more, of which the heap hears only here.
      const now = worth(rule)
      if (now <= (group.firstKey() as number)) return rule
      group.set(rule, now)
    }
  }

  private resized(group: RuleHeap, before: number): void {
    if (group.size === before) return
    const former = this.bySize.get(before)
    former?.delete(group)
    if (former?.size === 0) this.bySize.delete(before)
    if (group.size > 0) {
      const same = this.bySize.get(group.size)
      if (same === undefined) this.bySize.set(group.size, new Set([group]))
      else same.add(group)
    }
    // Sizes change by one, so the largest does too.
    this.largest = Math.max(this.largest, group.size)
    while (this.largest > 0 && !this.bySize.has(this.largest)) this.largest--
  }

  private keyOf(rule: Rule): string {
    if (this.fields.length === 0) return ''
    const { key } = rule.match
    return this.fields
      .map(({ field, start, count }) => BigInt.asUintN(count, readField(key, field) >> BigInt(start)))
      .join()
  }
}

/** Importance first, then the time that is left, in steps of about a second. */
const worth = (rule: Rule): number => {
  const left = Math.floor(deadline(rule) / (1.024 * second))
  return rule.importance * 2 ** 32 + Math.min(left, 2 ** 32 - 1)
}
