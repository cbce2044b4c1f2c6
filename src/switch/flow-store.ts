import { covers, overlaps } from '../flow/match.ts'
import type { OfAction } from '../openflow/action.ts'
import { second } from '../runtime/clock.ts'
import { FlowTable, tableCount } from './flow-table.ts'
import type { FlowAggregate, FlowFilter, FlowFlags, FlowSpec, RemovedReason } from './rule.ts'
import { noFlags, Rule } from './rule.ts'
import { prepare } from './translate/written.ts'

/** What a store asks of the bridge it belongs to. */
export interface FlowStoreOwner {
  now(): number
  /** Called before statistics are read or rules change, so that counts are exact at that time. */
  pullStats(): void
  /** Called after any change that may change a translation. */
  changed(): void
  removed(rule: Rule, reason: RemovedReason): void
}

/** OpenFlow's refusal of a flow: the names of its error types and codes. */
export type FlowError = 'OFPFMFC_OVERLAP' | 'OFPFMFC_BAD_TABLE_ID' | 'OFPFMFC_EPERM' | 'OFPBRC_BAD_TABLE_ID'

/**
 * The flows of a bridge in their tables, and what OpenFlow lets one do with them. Every operation pulls statistics
 * first: packets that were forwarded before it are counted on the flows as they were.
 */
export class FlowStore {
  private readonly tables: (FlowTable | undefined)[] = []
  private readonly timed = new Set<Rule>()
  private readonly owner: FlowStoreOwner

  constructor(owner: FlowStoreOwner) {
    this.owner = owner
  }

  table(id: number): FlowTable | undefined {
    return this.tables[id]
  }

  get size(): number {
    let size = 0
    for (const table of this.tables) size += table?.size ?? 0
    return size
  }

  /** Adds a flow; one with the same table, match and priority is replaced and, unless told to reset, hands on its counts. */
  add(spec: FlowSpec): Rule | FlowError {
    const id = spec.table ?? 0
    if (id === 255) return 'OFPFMFC_BAD_TABLE_ID'
    if (id < 0 || id >= tableCount) return id === 254 ? 'OFPFMFC_EPERM' : 'OFPBRC_BAD_TABLE_ID'
    const flags: FlowFlags = { ...noFlags, ...spec.flags }
    const priority = spec.priority ?? 0x8000
    let table = this.tables[id]
    if (flags.checkOverlap && table !== undefined) {
      for (const rule of table.rules())
        if (rule.priority === priority && overlaps(rule.match, spec.match)) return 'OFPFMFC_OVERLAP'
    }
    this.owner.pullStats()
    table ??= new FlowTable(id)
    this.tables[id] = table
    const now = this.owner.now()
    const old = table.find(spec.match, priority)
    const keepCounts = old !== undefined && !flags.resetCounts
    const rule = new Rule(spec, now)
    if (keepCounts) {
      rule.packets = old.packets
      rule.bytes = old.bytes
    }
    if (old !== undefined) this.take(table, old)
    table.insert(rule, spec.match)
    if (rule.idleTimeout > 0 || rule.hardTimeout > 0) this.timed.add(rule)
    this.owner.changed()
    return rule
  }

  /**
   * Gives the flows that `filter` selects new actions (and a new cookie, if `cookie` is given). OpenFlow 1.0 adds the
   * flow when there is none; that is `addIfNone`. Returns how many there were.
   */
  modify(filter: FlowFilter, spec: FlowSpec, addIfNone = false): number | FlowError {
    this.owner.pullStats()
    const chosen = this.select(filter)
    if (chosen.length === 0 && addIfNone) {
      const added = this.add(spec)
      return typeof added === 'string' ? added : 1
    }
    const now = this.owner.now()
    const written = prepare(spec.actions)
    for (const rule of chosen) {
      rule.actions = spec.actions
      rule.written = written
      rule.modified = now
      if (spec.cookie !== undefined) rule.cookie = spec.cookie
      if (spec.flags?.resetCounts === true) {
        rule.packets = 0
        rule.bytes = 0
      }
    }
    if (chosen.length > 0) this.owner.changed()
    return chosen.length
  }

  /** Removes the flows that `filter` selects. Returns how many there were. */
  delete(filter: FlowFilter, reason: RemovedReason = 'delete'): number {
    this.owner.pullStats()
    const chosen = this.select(filter)
    for (const rule of chosen) this.drop(rule, reason)
    if (chosen.length > 0) this.owner.changed()
    return chosen.length
  }

  /** The flows that `filter` selects with exact statistics, by table, then as the tables keep them. */
  dump(filter: FlowFilter = {}): Rule[] {
    this.owner.pullStats()
    return this.select(filter)
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
    let next: number | undefined
    for (const rule of this.timed) {
      const when = deadline(rule)
      if (next === undefined || when < next) next = when
    }
    return next
  }

  /** Removes flows whose time is over. */
  expire(): void {
    const due = this.nextExpiry()
    if (due === undefined || due > this.owner.now()) return
    this.owner.pullStats()
    const now = this.owner.now()
    let gone = false
    for (const rule of [...this.timed]) {
      if (deadline(rule) > now) continue
      const hard = rule.hardTimeout > 0 && rule.modified + rule.hardTimeout * second <= now
      this.drop(rule, hard ? 'hard' : 'idle')
      gone = true
    }
    if (gone) this.owner.changed()
  }

  /** The tables that ever had a flow. */
  used(): FlowTable[] {
    return this.tables.filter(table => table !== undefined)
  }

  private select(filter: FlowFilter): Rule[] {
    const chosen: Rule[] = []
    const { table: wanted, match, strict = false } = filter
    for (const table of wanted === undefined || wanted === 255 ? this.tables : [this.tables[wanted]]) {
      if (table === undefined) continue
      if (strict && match !== undefined) {
        const rule = table.find(match, filter.priority ?? 0x8000)
        if (rule !== undefined && selects(filter, rule)) chosen.push(rule)
      } else {
        for (const rule of table.rules())
          if ((match === undefined || covers(match, rule.match)) && selects(filter, rule)) chosen.push(rule)
      }
    }
    return chosen
  }

  private drop(rule: Rule, reason: RemovedReason): void {
    this.take(this.tables[rule.table] as FlowTable, rule)
    this.owner.removed(rule, reason)
  }

  private take(table: FlowTable, rule: Rule): void {
    table.remove(rule)
    this.timed.delete(rule)
    rule.removed = true
  }
}

const deadline = (rule: Rule): number =>
  Math.min(
    rule.idleTimeout > 0 ? rule.used + rule.idleTimeout * second : Number.POSITIVE_INFINITY,
    rule.hardTimeout > 0 ? rule.modified + rule.hardTimeout * second : Number.POSITIVE_INFINITY,
  )

const selects = (filter: FlowFilter, rule: Rule): boolean => {
  const { cookie = 0n, cookieMask = 0n, outPort } = filter
  if (((rule.cookie ^ cookie) & cookieMask) !== 0n) return false
  return outPort === undefined || rule.actions.some(action => outputsTo(action, outPort))
}

const outputsTo = (action: OfAction, port: number): boolean => action.type === 'output' && action.port === port
