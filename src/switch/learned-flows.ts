import type { OfAction } from '../openflow/action.ts'
import { actionsWhere } from './action-lists.ts'

/** Flows of a table with a cookie. */
export type LearnedBy = { table: number; cookie: bigint }

type Learns = Extract<OfAction, { type: 'learn' }>
const deletes = (action: OfAction): action is Learns => action.type === 'learn' && action.learn.deleteLearned

/**
 * `learn(…,delete_learned)`: flows with its cookie in its table go when the last flow with such an action goes. Counts
 * the actions for each table and cookie.
 */
export class LearnedFlows {
  private readonly counts = new Map<string, LearnedBy & { count: number }>()
  private orphans: (LearnedBy & { count: number })[] = []

  add(actions: readonly OfAction[]): void {
    for (const { learn } of actionsWhere(actions, deletes)) {
      const { table, cookie } = learn
      const key = `${table} ${cookie}`
      const counted = this.counts.get(key)
      if (counted === undefined) this.counts.set(key, { table, cookie, count: 1 })
      else counted.count++
    }
  }

  remove(actions: readonly OfAction[]): void {
    for (const { learn } of actionsWhere(actions, deletes)) {
      const counted = this.counts.get(`${learn.table} ${learn.cookie}`)
      if (counted !== undefined && --counted.count === 0) this.orphans.push(counted)
    }
  }

  /** Whether `takeOrphans` may have something. */
  get hasOrphans(): boolean {
    return this.orphans.length > 0
  }

  /** The flows that are to go, each told once. */
  *takeOrphans(): Generator<LearnedBy> {
    while (this.orphans.length > 0) {
      const { orphans } = this
      this.orphans = []
      for (const orphan of orphans) {
        if (orphan.count > 0) continue
        const key = `${orphan.table} ${orphan.cookie}`
        if (this.counts.get(key) !== orphan) continue
        this.counts.delete(key)
        yield orphan
      }
    }
  }
}
