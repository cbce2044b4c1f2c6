import { second } from '../../runtime/clock.ts'
import type { Mac } from '../../wire/address.ts'
import type { Frame } from '../../wire/frame.ts'
import type { BridgePort } from '../port.ts'
import type { VlanSettings } from '../vlan.ts'
import { apply, type Change, type Hearing } from './hearing.ts'
import { Querier } from './querier.ts'
import { GroupTable, type SnoopingOptions } from './table.ts'

/** What snooping needs of its bridge. */
export interface SnoopingHost {
  readonly ports: ReadonlyMap<number, BridgePort>
  readonly mac: Mac
  /** VLANs that frames have been in of late. */
  busyVlans(): Iterable<number>
  now(): number
  at(when: number, run: () => void): () => void
  /** Multicast goes elsewhere now. */
  changed(): void
  /** Floods a frame in the VLAN of its tag. Owns it. */
  flood(frame: Frame): void
}

/** The table of groups of a bridge that listens to hosts and routers: kept young, and told to whoever forwards. */
export class Snooping {
  readonly table: GroupTable
  private readonly host: SnoopingHost
  private querier: Querier | undefined
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
    if (options.querier === undefined) this.querier = undefined
    else {
      this.querier ??= this.makeQuerier()
      this.querier.configure(options.querier)
    }
    this.schedule()
    this.host.changed()
  }

  /** Whether the bridge is the one that asks in a VLAN; `family` is 0 for IPv4, 0n for IPv6. */
  asks(vlan: number, family: 0 | 0n): boolean {
    return this.querier?.asks(vlan, family) === true
  }

  /** Does what a message asks for. */
  hear(changes: readonly Change[], vlan: number, port: number): void {
    let changed = false
    for (const change of changes) changed = this.take(change, vlan, port) || changed
    if (changed) this.host.changed()
    // Whatever has just been heard lives at least so long.
    this.wakeBy(this.host.now() + this.table.shortestLife * second)
    this.wakeForQuerier()
  }

  /** The table as it will be when these have been heard; whom the bridge would ask before they leave are still in it. */
  after(said: readonly Hearing[]): { table: GroupTable; isChanged: boolean } {
    const table = this.table.copy()
    let isChanged = false
    for (const { changes, vlan, port } of said)
      for (const change of changes)
        if (change.do !== 'leave' || this.querier?.asks(vlan, typeof change.group === 'number' ? 0 : 0n) !== true)
          isChanged = apply(table, this.host.now(), change, vlan, port) || isChanged
    return { table, isChanged }
  }

  private take(change: Change, vlan: number, port: number): boolean {
    const { querier, table } = this
    if (change.do === 'router') querier?.heard(vlan, change.source)
    else if (change.do === 'join') querier?.joins(vlan, change.group, port)
    else if (table.wouldLeave(vlan, change.group, port) && querier?.leaves(vlan, change.group, port)) return false
    return apply(table, this.host.now(), change, vlan, port)
  }

  /** `mdb/flush`, and what topology changes do: forgets what was heard, on one port or on all. */
  flush(port?: number): void {
    if (port === undefined) this.table.clear()
    else this.table.forgetPort(port)
    this.host.changed()
    this.askAnew()
  }

  /** There may be hosts that were not asked yet. */
  askAnew(): void {
    this.querier?.begin()
    this.wakeForQuerier()
  }

  close(): void {
    this.cancel?.()
    this.cancel = undefined
  }

  private makeQuerier(): Querier {
    const { host } = this
    return new Querier({
      get mac() {
        return host.mac
      },
      vlans: () => vlansOf(host),
      now: () => host.now(),
      send: frame => host.flood(frame),
      left: (vlan, group, port) => {
        if (this.table.leave(vlan, group, port)) host.changed()
      },
    })
  }

  private wakeForQuerier(): void {
    if (this.querier !== undefined) this.wakeBy(this.querier.nextWake())
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
    this.querier?.wake()
    this.schedule()
  }

  private schedule(): void {
    const next = this.table.nextExpiry()
    if (next !== undefined) this.wakeBy(next)
    this.wakeForQuerier()
  }
}

/** The VLANs that ports name, and those that frames are in. */
const vlansOf = ({ ports, busyVlans }: SnoopingHost): Set<number> => {
  const vlans = new Set(busyVlans())
  for (const { vlan } of ports.values()) for (const id of namedVlans(vlan)) vlans.add(id)
  return vlans
}

const namedVlans = ({ mode, tag, trunks }: VlanSettings): Iterable<number> =>
  mode === 'trunk' ? (trunks ?? [0]) : mode.startsWith('native') ? [tag, ...(trunks ?? [])] : [tag]
