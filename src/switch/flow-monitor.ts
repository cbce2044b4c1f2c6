import { covers } from '../flow/match.ts'
import type { OfAction } from '../openflow/action.ts'
import type { OfErrorName } from '../openflow/error.ts'
import type { FlowMonitorRequest, FlowUpdate } from '../openflow/message.ts'
import { equalActions } from './action-lists.ts'
import type { FlowEvent } from './flow-event.ts'
import { outputsTo, sendsToGroup } from './flow-select.ts'
import type { FlowStore } from './flow-store.ts'
import type { Rule } from './rule.ts'

/** A controller that watches flows. */
export interface MonitorPeer {
  /** The changes of one message or bundle, in order. */
  updates(updates: readonly FlowUpdate[]): void
  paused(): void
  resumed(): void
  /** Bytes that wait to be sent. */
  backlog(): number
}

/** When so many bytes wait, updates pause until all are gone. */
const maxBacklog = 128 * 1024

type Watcher = {
  peer: MonitorPeer
  monitors: Map<number, FlowMonitorRequest>
  waiting: FlowUpdate[]
  abbreviated: boolean
  /** While paused: flows that came or changed since, to be told when it goes on. */
  missed: Map<Rule, 'added' | 'modified'> | undefined
}

/**
 * Flow monitors (NXST_FLOW_MONITOR and OFPMP_FLOW_MONITOR): who wants to hear of which changes. A controller's own changes
 * are told in short, by the number of its message, unless it wants them whole. One that does not keep up is told so,
 * and later what became of the flows meanwhile; only removals of flows that it knows are always told.
 */
export class FlowMonitors {
  private readonly watchers = new Map<object, Watcher>()
  private readonly flows: FlowStore

  constructor(flows: FlowStore) {
    this.flows = flows
  }

  /** Whether anybody watches. */
  get isIdle(): boolean {
    return this.watchers.size === 0
  }

  /**
   * Adds monitors for a connection (the same object that `Requestor` has). Gives the flows that those monitors want to
   * know at the beginning, or why it cannot; then none is added.
   */
  request(
    connection: object,
    peer: MonitorPeer,
    requests: readonly FlowMonitorRequest[],
  ): { ok: true; updates: FlowUpdate[] } | { ok: false; error: OfErrorName } {
    const known = this.watchers.get(connection)?.monitors
    const ids = new Set(known?.keys())
    for (const { id, command } of requests) {
      const exists = ids.has(id)
      if (command === 'add' && exists) return { ok: false, error: 'OFPMOFC_MONITOR_EXISTS' }
      if (command !== 'add' && !exists) return { ok: false, error: 'OFPMOFC_UNKNOWN_MONITOR' }
      if (command === 'delete') ids.delete(id)
      else ids.add(id)
    }
    const watcher = this.watcherOf(connection, peer)
    const fresh: FlowMonitorRequest[] = []
    for (const monitor of requests) {
      if (monitor.command === 'delete') watcher.monitors.delete(monitor.id)
      else {
        watcher.monitors.set(monitor.id, monitor)
        if (monitor.flags.initial) fresh.push(monitor)
      }
    }
    if (watcher.monitors.size === 0) this.watchers.delete(connection)
    return { ok: true, updates: this.initial(fresh) }
  }

  cancel(connection: object, id: number): OfErrorName | undefined {
    const watcher = this.watchers.get(connection)
    if (watcher?.monitors.delete(id) !== true) return 'OFPMOFC_UNKNOWN_MONITOR'
    if (watcher.monitors.size === 0) this.watchers.delete(connection)
    return undefined
  }

  /** The connection is gone. */
  close(connection: object): void {
    this.watchers.delete(connection)
  }

  /** Takes what the store tells; `flush` sends it on. */
  event(event: FlowEvent): void {
    if (this.isIdle || event.what === 'vacancy' || event.rule.isHidden) return
    for (const [connection, watcher] of this.watchers) this.tell(connection, watcher, event)
  }

  /** Ends a message or bundle: what came together goes out together. */
  flush(): void {
    if (this.isIdle) return
    for (const watcher of this.watchers.values()) {
      if (watcher.waiting.length > 0) {
        const updates = watcher.waiting
        watcher.waiting = []
        watcher.abbreviated = false
        watcher.peer.updates(updates)
      }
      if (watcher.missed !== undefined || watcher.peer.backlog() <= maxBacklog) continue
      watcher.missed = new Map()
      watcher.peer.paused()
    }
  }

  /** All that waited for this connection has been sent: goes on, if it had paused. */
  drained(connection: object): void {
    const watcher = this.watchers.get(connection)
    if (watcher?.missed === undefined) return
    const { missed, monitors } = watcher
    watcher.missed = undefined
    const updates: FlowUpdate[] = []
    for (const [rule, what] of missed) {
      if (rule.removed) continue
      const interested = [...monitors.values()].filter(
        monitor => (monitor.flags.modify || (what === 'added' && monitor.flags.add)) && watches(monitor, rule),
      )
      if (interested.length > 0) updates.push(updateOf(what, rule, interested.some(wantsActions)))
    }
    if (updates.length > 0) watcher.peer.updates(updates)
    watcher.peer.resumed()
  }

  private watcherOf(connection: object, peer: MonitorPeer): Watcher {
    let watcher = this.watchers.get(connection)
    if (watcher === undefined) {
      watcher = { peer, monitors: new Map(), waiting: [], abbreviated: false, missed: undefined }
      this.watchers.set(connection, watcher)
    }
    return watcher
  }

  private initial(monitors: readonly FlowMonitorRequest[]): FlowUpdate[] {
    const wanted = new Map<Rule, boolean>()
    for (const monitor of monitors) {
      const { table, match, outPort, outGroup } = monitor
      for (const rule of this.flows.dump({ table, match, outPort, outGroup }))
        wanted.set(rule, wanted.get(rule) === true || wantsActions(monitor))
    }
    return [...wanted].map(([rule, actions]) => updateOf('initial', rule, actions))
  }

  private tell(connection: object, watcher: Watcher, event: Exclude<FlowEvent, { what: 'vacancy' }>): void {
    const { rule, what, by } = event
    const { missed } = watcher
    if (missed !== undefined && what !== 'removed') {
      if (what === 'added' || !missed.has(rule)) missed.set(rule, what)
      return
    }
    if (missed?.get(rule) === 'added') {
      missed.delete(rule)
      return
    }
    missed?.delete(rule)
    const before = event.what === 'modified' ? event.before : undefined
    const changed = before === undefined || equalActions(before.actions, rule.actions) ? undefined : before.actions
    if (before !== undefined && changed === undefined && before.cookie === rule.cookie) return
    const interested = [...watcher.monitors.values()].filter(
      monitor =>
        (what === 'added' ? monitor.flags.add : what === 'removed' ? monitor.flags.removed : monitor.flags.modify) &&
        watches(monitor, rule, changed),
    )
    if (interested.length === 0) return
    const own = by !== undefined && by.connection === connection
    if (!own || missed !== undefined || interested.some(({ flags }) => flags.onlyOwn)) {
      const reason = event.what === 'removed' ? event.reason : undefined
      watcher.waiting.push(updateOf(what, rule, interested.some(wantsActions), reason))
    } else if (!watcher.abbreviated) {
      watcher.abbreviated = true
      watcher.waiting.push({ event: 'abbreviated', xid: by.xid })
    }
  }
}

const wantsActions = ({ flags }: FlowMonitorRequest): boolean => flags.instructions

/** Whether a rule is one that a monitor is about. `before` are the actions that it had, if others. */
const watches = (
  { table, match, outPort, outGroup }: FlowMonitorRequest,
  rule: Rule,
  before?: readonly OfAction[],
): boolean =>
  (table === undefined || table === rule.table) &&
  (outPort === undefined || outputsTo(rule.actions, outPort) || (before !== undefined && outputsTo(before, outPort))) &&
  (outGroup === undefined ||
    sendsToGroup(rule.actions, outGroup) ||
    (before !== undefined && sendsToGroup(before, outGroup))) &&
  covers(match, rule.match)

const updateOf = (
  event: 'initial' | 'added' | 'removed' | 'modified',
  rule: Rule,
  actions: boolean,
  reason?: Extract<FlowEvent, { what: 'removed' }>['reason'],
): FlowUpdate => ({
  event,
  table: rule.table,
  priority: rule.priority,
  match: rule.match,
  cookie: rule.cookie,
  reason,
  idleTimeout: rule.idleTimeout,
  hardTimeout: rule.hardTimeout,
  actions: actions ? rule.actions : undefined,
})
