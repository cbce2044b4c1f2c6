import type { PrefixField } from '../flow/prefix-fields.ts'
import type { Subfield } from '../openflow/action.ts'
import type { TableConfig } from '../openflow/message.ts'
import { Eviction } from './eviction.ts'
import type { Rule } from './rule.ts'

/** How the database sets a table up (`Flow_Table`). What is left out is as if there were no row. */
export type TableOptions = {
  name?: string | undefined
  /** The most flows that it may have. */
  limit?: number | undefined
  /** What to do when it is full: refuse (undefined), or evict from groups of flows that agree in these fields. */
  evictBy?: readonly Subfield[] | undefined
  /** The fields whose prefixes make megaflows wider; undefined: those of IPv4 addresses. */
  prefixes?: readonly PrefixField[] | undefined
}

/** What a full or nearly full table does, and what becomes of frames that nothing matches. */
export class TableSettings {
  name: string | undefined
  limit = Number.POSITIVE_INFINITY
  /** 1.1 and 1.2 only: what OFPT_TABLE_MOD said of frames without a flow. */
  miss: NonNullable<TableConfig['miss']> | undefined
  /** There when flows may be evicted. */
  eviction: Eviction | undefined
  /** Percent of room that is left; `waits` is which event comes next. */
  vacancy: { down: number; up: number; waits: 'down' | 'up' } | undefined
  private evictBy: readonly Subfield[] | undefined
  private evictsForController = false
  private namedByDatabase = false
  private readonly rules: () => Iterable<Rule>

  constructor(rules: () => Iterable<Rule>) {
    this.rules = rules
  }

  /** OFPTC_EVICTION, as a controller set it. */
  get evictsByOpenFlow(): boolean {
    return this.evictsForController
  }

  configure({ name, limit, evictBy }: TableOptions): void {
    const named = name !== undefined && name !== ''
    if (named || this.namedByDatabase) this.name = named ? name : undefined
    this.namedByDatabase = named
    this.limit = limit ?? Number.POSITIVE_INFINITY
    this.setEviction(evictBy, this.evictsForController)
  }

  /** Whether a controller may give the table a name: not another than the database does. */
  mayBeNamed(name: string): boolean {
    return !this.namedByDatabase || this.name?.startsWith(name) === true
  }

  /** OFPMP_TABLE_FEATURES. */
  rename(name: string): void {
    if (!this.namedByDatabase) this.name = name === '' ? undefined : name
  }

  /** OFPT_TABLE_MOD; `size` is how many flows there are. */
  modify({ miss, eviction, vacancy }: TableConfig, size: number): void {
    if (miss !== undefined) this.miss = miss
    if (eviction !== undefined) this.setEviction(this.evictBy, eviction)
    if (vacancy === undefined) return
    const { enabled, down, up } = vacancy
    this.vacancy = enabled ? { down, up, waits: this.room(size) < up ? 'up' : 'down' } : undefined
  }

  /** How much of a table with so many flows is free, percent. */
  room(size: number): number {
    const { limit } = this
    if (limit === Number.POSITIVE_INFINITY) return 100
    return limit === 0 ? 0 : (Math.max(0, limit - size) * 100) / limit
  }

  /** After the number of flows changed: what there is to tell of it. */
  vacancyEvent(size: number): 'vacancy_down' | 'vacancy_up' | undefined {
    const { vacancy } = this
    if (vacancy === undefined) return undefined
    const room = this.room(size)
    if (vacancy.waits === 'down' && room < vacancy.down) {
      vacancy.waits = 'up'
      return 'vacancy_down'
    }
    if (vacancy.waits === 'up' && room > vacancy.up) {
      vacancy.waits = 'down'
      return 'vacancy_up'
    }
    return undefined
  }

  private setEviction(by: readonly Subfield[] | undefined, forController: boolean): void {
    const same = JSON.stringify(by) === JSON.stringify(this.evictBy)
    this.evictBy = by
    this.evictsForController = forController
    if (by === undefined && !forController) this.eviction = undefined
    else if (this.eviction === undefined || !same) {
      this.eviction = new Eviction(by ?? [])
      for (const rule of this.rules()) {
        rule.seat = -1
        this.eviction.add(rule)
      }
    }
  }
}
