import { second } from '../../runtime/clock.ts'
import type { BridgePort } from '../port.ts'
import { apply, type Change } from './hearing.ts'
import { GroupTable, type SnoopingOptions } from './table.ts'

/** What snooping needs of its bridge. */
export interface SnoopingHost {
  readonly ports: ReadonlyMap<number, BridgePort>
  now(): number
  at(when: number, run: () => void): () => void
  /** Multicast goes elsewhere now. */
  changed(): void
}

/** The table of groups of a bridge that listens to hosts and routers: kept young, and told to whoever forwards. */
export class Snooping {
  readonly table: GroupTable
  private readonly host: SnoopingHost
  private cancel: (() => void) | undefined
  private wakeAt = Number.POSITIVE_INFINITY

  constructor(host: SnoopingHost) {
    this.host = host
    this.table = new GroupTable(
      port => host.ports.get(port)?.snooping.flood === true,
      port => host.ports.get(port)?.snooping.floodReports === true,
    )
  }

  configure(options: SnoopingOptions): void {
    this.table.configure(options)
    this.host.changed()
  }

  /** Does what a message asks for. */
  hear(changes: readonly Change[], vlan: number, port: number): void {
    let changed = false
    for (const change of changes) changed = apply(this.table, this.host.now(), change, vlan, port) || changed
    if (changed) this.host.changed()
    // Whatever has just been heard lives at least so long.
    this.wakeBy(this.host.now() + this.table.shortestLife * second)
  }

  /** `mdb/flush`, and what topology changes do: forgets what was heard, on one port or on all. */
  flush(port?: number): void {
    if (port === undefined) this.table.clear()
    else this.table.forgetPort(port)
    this.host.changed()
  }

  close(): void {
    this.cancel?.()
    this.cancel = undefined
  }

  private wakeBy(when: number): void {
    if (when >= this.wakeAt) return
    this.cancel?.()
    this.wakeAt = when
    this.cancel = this.host.at(when, () => this.wake())
  }

  private wake(): void {
    this.cancel = undefined
    this.wakeAt = Number.POSITIVE_INFINITY
    if (this.table.expire(this.host.now())) this.host.changed()
    const next = this.table.nextExpiry()
    if (next !== undefined) this.wakeBy(next)
  }
}
