import type { Place } from '../flow/classifier.ts'
import { newMatch } from '../flow/match.ts'
import type { OfAction } from '../openflow/action.ts'
import type { OfErrorName } from '../openflow/error.ts'
import type { TableConfig } from '../openflow/message.ts'
import { equalActions } from './action-lists.ts'
import { deadline } from './eviction.ts'
import { type FlowChange, filterOf, specOf } from './flow-change.ts'
import type { FlowEvent } from './flow-event.ts'
import { selectRules } from './flow-select.ts'
import { FlowTable, internalTable } from './flow-table.ts'
import { Journal } from './journal.ts'
import { LearnedFlows } from './learned-flows.ts'
import { References, type ReferredBy } from './references.ts'
import { type FlowAggregate, type FlowFilter, type FlowSpec, type RemovedReason, type Requestor, Rule } from './rule.ts'
import { RuleHeap } from './rule-heap.ts'
import type { TableOptions } from './table-settings.ts'

/** What a store asks of the bridge it belongs to. */
export interface FlowStoreOwner {
  now(): number
  /** Called before statistics are read or rules change, so that counts are exact at that time. */
  pullStats(): void
  /** Called after any change that may change a translation. */
  changed(): void
  /** Called after a change of flows is certain. */
  event(event: FlowEvent): void
  /** Called when an operation has told all its events. */
  settled?(): void
}

/**
 * The flows of a bridge in their tables, and what OpenFlow lets one do with them. Every operation pulls statistics
 * first: packets that were forwarded before it are counted on the flows as they were.
 *
 * Changes are written down in the journal, so that a bundle can be taken back (`flow-bundle.ts`); events wait until then.
 * A refused change leaves everything as it was.
 */
export class FlowStore {
  private readonly tables: (FlowTable | undefined)[] = []
  private readonly timed = new RuleHeap('timer')
  private readonly owner: FlowStoreOwner
  private readonly journal: Journal
  private readonly references: References
  private readonly learned = new LearnedFlows()
  private events: FlowEvent[] = []
  /** Tables whose number of flows changed and which want to tell. */
  private readonly resized = new Set<FlowTable>()
  /** Those who go on reading rules that `dump` gave: called before one of these changes. One that is taken out stays as it is. */
  readonly readers = new Set<() => void>()

  constructor(owner: FlowStoreOwner, referred: ReferredBy = {}, journal = new Journal()) {
    this.owner = owner
    this.journal = journal
    this.references = new References(referred)
  }

  table(id: number): FlowTable | undefined {
    return this.tables[id]
  }

  /** The table with this number, made if there was none. */
  obtainTable(id: number): FlowTable {
    let table = this.tables[id]
    if (table === undefined) {
      table = new FlowTable(id)
      this.tables[id] = table
    }
    return table
  }

  /** Flows in all tables that OpenFlow can use. */
  get size(): number {
    let size = 0
    for (let id = 0; id < internalTable; id++) size += this.tables[id]?.size ?? 0
    return size
  }

  /** Whether all groups and meters that actions name are there. */
  check(actions: readonly OfAction[]): OfErrorName | undefined {
    return this.references.check(actions)
  }

  /** Does what a flow_mod says. */
  apply(mod: FlowChange, by?: Requestor): OfErrorName | undefined {
    const { command } = mod
    if (command === 'delete' || command === 'delete_strict') {
      const gone = this.delete(filterOf(mod), 'delete', by)
      return typeof gone === 'string' ? gone : undefined
    }
    const done =
      command === 'add'
        ? this.add(specOf(mod), by)
        : // A flow that is looked for by its cookie is not added when it is not there.
          this.modify(filterOf(mod), specOf(mod), mod.newCookie !== undefined && mod.cookieMask === 0n, by)
    return typeof done === 'string' ? done : undefined
  }

  /** What is wrong with a flow_mod whatever flows there are: a bundle refuses such a message at once. */
  checkTable({ command, table = 0 }: Pick<FlowChange, 'command' | 'table'>): OfErrorName | undefined {
    if (command === 'delete' || command === 'delete_strict' || table === 255) return undefined
    if (table < 0 || table > internalTable) return 'OFPBRC_BAD_TABLE_ID'
    return table === internalTable ? 'OFPBRC_EPERM' : undefined
  }

  /** Adds a flow; one with the same table, match and priority is replaced and, unless told to reset, hands on its counts. */
  add(spec: FlowSpec, by?: Requestor): Rule | OfErrorName {
    const id = spec.table ?? 0
    if (id < 0 || id > internalTable) return 'OFPBRC_BAD_TABLE_ID'
    if (id === internalTable) return 'OFPBRC_EPERM'
    return this.put(spec, by)
  }

  /** Adds a flow of the switch's own, to any table and of any priority. */
  addInternal(spec: FlowSpec): Rule | OfErrorName {
    return this.put(spec, undefined)
  }

  private put(spec: FlowSpec, by: Requestor | undefined): Rule | OfErrorName {
    const refusal = this.references.check(spec.actions)
    if (refusal !== undefined) return refusal
    const table = this.obtainTable(spec.table ?? 0)
    const rule = new Rule(spec, this.owner.now())
    let place = table.placeOf(spec.match)
    const old = table.find(spec.match, rule.priority, place)
    // What others have counted is theirs still when the rule is there, unless one of them makes room for it.
    if (old !== undefined || table.size >= table.settings.limit) this.owner.pullStats()
    if (old === undefined) {
      if (rule.flags.checkOverlap && table.overlaps(spec.match, rule.priority)) return 'OFPFMFC_OVERLAP'
      if (table.size >= table.settings.limit) {
        const victim = table.settings.eviction?.choose()
        if (victim === undefined) return 'OFPFMFC_TABLE_FULL'
        place = undefined
        this.drop(victim, 'eviction', by)
      }
    } else {
      if (!rule.flags.resetCounts) {
        rule.packets = old.packets
        rule.bytes = old.bytes
      }
      rule.used = old.used
    }
    if (old === undefined) this.insert(rule, spec, place)
    else this.replace(old, rule, spec)
    this.note({ what: 'added', rule, by })
    this.finish(true)
    return rule
  }

  /**
   * Gives the flows that `filter` selects new actions (and a new cookie, if `cookie` is given). With `addIfNone` the flow
   * is added when there is none. Returns how many there were.
   */
  modify(filter: FlowFilter, spec: FlowSpec, addIfNone = false, by?: Requestor): number | OfErrorName {
    if (filter.table === internalTable) return 'OFPBRC_EPERM'
    this.owner.pullStats()
    const chosen = this.writable(filter)
    if (typeof chosen === 'string') return chosen
    if (chosen.length === 0) {
      if (!addIfNone) return 0
      const added = this.add(spec, by)
      return typeof added === 'string' ? added : 1
    }
    const refusal = this.references.check(spec.actions)
    if (refusal !== undefined) return refusal
    const change: Changed = {
      actions: spec.actions,
      modified: this.owner.now(),
      ...(spec.cookie === undefined ? {} : { cookie: spec.cookie }),
      ...(spec.flags?.resetCounts === true ? { packets: 0, bytes: 0 } : {}),
    }
    for (const rule of chosen) {
      this.note({ what: 'modified', rule, by, before: { actions: rule.actions, cookie: rule.cookie } })
      this.change(rule, change)
    }
    this.finish(true)
    return chosen.length
  }

  /** Removes the flows that `filter` selects. Returns how many there were. */
  delete(filter: FlowFilter, reason: RemovedReason = 'delete', by?: Requestor): number | OfErrorName {
    this.owner.pullStats()
    const chosen = this.writable(filter)
    if (typeof chosen === 'string') return chosen
    for (const rule of chosen) this.drop(rule, reason, by)
    this.finish(chosen.length > 0)
    return chosen.length
  }

  /** Removes these flows: those of a group or a meter that goes. */
  deleteRules(rules: Iterable<Rule>, reason: RemovedReason, by?: Requestor): void {
    this.owner.pullStats()
    const chosen = [...rules]
    for (const rule of chosen) this.drop(rule, reason, by)
    this.finish(chosen.length > 0)
  }

  /** Removes all flows, hidden ones too, but for the internal table's. */
  clear(): void {
    this.deleteRules(
      this.tables.slice(0, internalTable).flatMap(table => [...(table?.rules() ?? [])]),
      'delete',
    )
  }

  /** The flows that `filter` selects with exact statistics, by table, then as the tables keep them. */
  dump(filter: FlowFilter = {}): Rule[] {
    this.owner.pullStats()
    return this.select(filter)
  }

  /** All flows that there are, hidden and internal ones too, with exact statistics. */
  dumpAll(): Rule[] {
    this.owner.pullStats()
    return this.tables.flatMap(table => [...(table?.rules() ?? [])])
  }

  aggregate(filter: FlowFilter = {}): FlowAggregate {
    const sum: FlowAggregate = { packets: 0, bytes: 0, flows: 0 }
    for (const rule of this.dump(filter)) {
      sum.packets += rule.packets
      sum.bytes += rule.bytes
      sum.flows++
    }
    return sum
  }

  /** When the next flow may have timed out, ns; undefined if none can. A packet may have moved it by then. */
  nextExpiry(): number | undefined {
    return this.timed.firstKey()
  }

  /** Removes flows whose time is over. */
  expire(): void {
    const due = this.nextExpiry()
    const now = this.owner.now()
    if (due === undefined || due > now) return
    this.owner.pullStats()
    let gone = false
    for (let rule = this.timed.first(); rule !== undefined; rule = this.timed.first()) {
      if ((this.timed.firstKey() as number) > now) break
      const over = deadline(rule)
      if (over > now) {
        this.timed.set(rule, over)
        continue
      }
      const hard = rule.hardTimeout > 0 && rule.modified + rule.hardTimeout * 1e9 <= now
      this.drop(rule, hard ? 'hard' : 'idle', undefined)
      gone = true
    }
    this.finish(gone)
  }

  /**
   * `learn`: the hard timeout of a flow that says the same begins anew at time `used`, the idle one does not. Else, unless there
   * are `limit` flows with its cookie in the table (0: no limit), the flow is added, or one with its match gets its actions and
   * cookie and keeps the rest, as by a strict modification. Gives the new flow and what it took the place of; undefined if none was made.
   */
  learn(spec: FlowSpec, used: number, limit = 0): { rule: Rule; before: Rule | undefined } | undefined {
    const table = this.obtainTable(spec.table ?? 0)
    const wanted = new Rule(spec, used)
    const rule = table.find(spec.match, wanted.priority)
    if (rule !== undefined && saysTheSame(rule, wanted)) {
      rule.modified = Math.max(rule.modified, used)
      return undefined
    }
    if (!this.hasRoomFor(wanted, limit)) return undefined
    const made = rule === undefined ? this.add(spec) : this.relearn(rule, spec)
    return typeof made === 'string' ? undefined : { rule: made, before: rule }
  }

  /** Whether `learn` does anything with this flow: it is there, or there are fewer than `limit` with its cookie. */
  mayLearn(spec: FlowSpec, limit: number): boolean {
    if (limit === 0) return true
    const wanted = new Rule(spec, 0)
    const rule = this.tables[wanted.table]?.find(spec.match, wanted.priority)
    return (rule !== undefined && saysTheSame(rule, wanted)) || this.hasRoomFor(wanted, limit)
  }

  private hasRoomFor({ table, cookie }: Rule, limit: number): boolean {
    return limit === 0 || this.select({ table, cookie, cookieMask: -1n }).length < limit
  }

  /** A flow in the place of one that had the match, not that one changed: the frame that taught it still meets the old one. */
  private relearn(old: Rule, spec: FlowSpec): Rule | OfErrorName {
    const refusal = this.references.check(spec.actions)
    if (refusal !== undefined) return refusal
    this.owner.pullStats()
    const { idleTimeout, hardTimeout, importance, flags, created, used, packets, bytes } = old
    const rule = new Rule({ ...spec, idleTimeout, hardTimeout, importance, flags }, this.owner.now())
    Object.assign(rule, { created, used, packets, bytes })
    this.replace(old, rule, spec)
    this.note({ what: 'modified', rule, by: undefined, before: { actions: old.actions, cookie: old.cookie } })
    this.finish(true)
    return rule
  }

  /** `fin_timeout`: makes a flow's timeouts at most these; 0 leaves one as it is. */
  reduceTimeouts(rule: Rule, idle: number, hard: number): void {
    if (rule.removed) return
    this.warnReaders()
    rule.idleTimeout = reduced(rule.idleTimeout, idle)
    rule.hardTimeout = reduced(rule.hardTimeout, hard)
    this.schedule(rule)
  }

  /** A row of `Flow_Table`, or none: a table that became too small evicts what it may. */
  configureTable(id: number, options: TableOptions): void {
    const table = this.obtainTable(id)
    const { settings } = table
    this.owner.pullStats()
    settings.configure(options)
    table.keepPrefixes(options.prefixes)
    let gone = false
    while (table.size > settings.limit) {
      const victim = settings.eviction?.choose()
      if (victim === undefined) break
      this.drop(victim, 'eviction', undefined)
      gone = true
    }
    this.finish(gone)
  }

  /** OFPT_TABLE_MOD, of one table or of all (255). */
  modifyTable(id: number, config: TableConfig): OfErrorName | undefined {
    if (id > internalTable && id !== 255) return 'OFPTMFC_BAD_TABLE'
    if (id === internalTable) return 'OFPTMFC_EPERM'
    const all = Array.from({ length: internalTable }, (_, table) => table)
    for (const table of (id === 255 ? all : [id]).map(number => this.obtainTable(number)))
      table.settings.modify(config, table.size)
    this.owner.changed()
    return undefined
  }

  /** The tables that ever had a flow or were set up, the internal one not. */
  used(): FlowTable[] {
    return this.tables.slice(0, internalTable).filter(table => table !== undefined)
  }

  /** Tells what waited for the end of a bundle; if it was taken back there is nothing to tell. */
  settle(committed: boolean): void {
    if (!committed) {
      this.events = []
      this.resized.clear()
    }
    this.finish(true)
  }

  private select(filter: FlowFilter): Rule[] {
    const { table } = filter
    const among = table === undefined || table === 255 ? this.tables.slice(0, internalTable) : [this.tables[table]]
    return among.flatMap(one => (one === undefined ? [] : selectRules(one, filter)))
  }

  private writable(filter: FlowFilter): Rule[] | OfErrorName {
    const chosen = this.select(filter)
    return chosen.length > 0 && filter.table === internalTable ? 'OFPBRC_EPERM' : chosen
  }

  private insert(rule: Rule, { match }: Pick<FlowSpec, 'match'>, place?: Place<Rule>): void {
    const table = this.obtainTable(rule.table)
    table.insert(rule, match, place)
    this.hold(rule)
    if (table.settings.vacancy !== undefined) this.resized.add(table)
    if (this.journal.isOpen) this.journal.note(() => this.take(rule))
  }

  private take(rule: Rule): void {
    const table = this.tables[rule.table] as FlowTable
    table.remove(rule)
    this.release(rule)
    if (table.settings.vacancy !== undefined) this.resized.add(table)
    if (this.journal.isOpen) this.journal.note(() => this.insert(rule, rule))
  }

  private replace(old: Rule, rule: Rule, { match }: Pick<FlowSpec, 'match'>): void {
    const table = this.tables[rule.table] as FlowTable
    table.replace(old, rule, match)
    this.release(old)
    this.hold(rule)
    if (this.journal.isOpen) this.journal.note(() => this.replace(rule, old, old))
  }

  /** What knows of the rules that are in a table knows of this one from now on. */
  private hold(rule: Rule): void {
    rule.removed = false
    this.references.add(rule)
    this.learned.add(rule.actions)
    this.schedule(rule)
  }

  private release(rule: Rule): void {
    this.timed.remove(rule)
    this.references.remove(rule)
    this.learned.remove(rule.actions)
    rule.removed = true
  }

  private drop(rule: Rule, reason: RemovedReason, by: Requestor | undefined): void {
    this.take(rule)
    this.note({ what: 'removed', rule, by, reason })
  }

  private change(rule: Rule, change: Changed): void {
    this.warnReaders()
    const { actions, modified, cookie, packets, bytes } = rule
    this.references.remove(rule)
    this.learned.add(change.actions)
    this.learned.remove(actions)
    Object.assign(rule, change)
    rule.act(change.actions)
    this.references.add(rule)
    this.tables[rule.table]?.renew(rule)
    if (this.journal.isOpen) this.journal.note(() => this.change(rule, { actions, modified, cookie, packets, bytes }))
  }

  private warnReaders(): void {
    for (const warn of this.readers) warn()
  }

  private schedule(rule: Rule): void {
    if (rule.idleTimeout === 0 && rule.hardTimeout === 0) return
    this.timed.set(rule, deadline(rule))
    this.tables[rule.table]?.settings.eviction?.add(rule)
  }

  /** Ends an operation: flows that were learned by flows that are gone go too, and what happened is told. */
  private finish(changed: boolean): void {
    if (this.journal.isOpen) return
    if (this.learned.hasOrphans) this.dropOrphans()
    if (changed) this.owner.changed()
    this.tell()
  }

  /** Keeps an event until the operation is done. Most have one. */
  private note(event: FlowEvent): void {
    if (this.events.length === 0) this.events = [event]
    else this.events.push(event)
  }

  private dropOrphans(): void {
    for (const { table, cookie } of this.learned.takeOrphans())
      for (const rule of this.select({ table, match: newMatch(), cookie, cookieMask: -1n }))
        this.drop(rule, 'delete', undefined)
  }

  private tell(): void {
    const { events } = this
    if (events.length > 0) {
      this.events = []
      for (const event of events) this.owner.event(event)
    }
    if (this.resized.size > 0) this.tellResized()
    this.owner.settled?.()
  }

  private tellResized(): void {
    for (const { id, settings, size } of this.resized) {
      const reason = settings.vacancyEvent(size)
      if (reason !== undefined) this.owner.event({ what: 'vacancy', table: id, reason })
    }
    this.resized.clear()
  }
}

/** What `modify` changes of a rule. */
type Changed = {
  actions: readonly OfAction[]
  modified: number
  cookie?: bigint
  packets?: number
  bytes?: number
}

const saysTheSame = (a: Rule, b: Rule): boolean =>
  a.idleTimeout === b.idleTimeout &&
  a.hardTimeout === b.hardTimeout &&
  a.cookie === b.cookie &&
  a.flags === b.flags &&
  equalActions(a.actions, b.actions)

const reduced = (timeout: number, limit: number): number =>
  limit > 0 && (timeout === 0 || timeout > limit) ? limit : timeout
