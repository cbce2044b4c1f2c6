import { second } from '../../runtime/clock.ts'
import type { Group } from './group.ts'
import type { QuerierOptions } from './querier.ts'

/** `mcast_snooping_enable` with `other_config:mcast-snooping-*` of the Bridge table; what is left out is the usual. */
export type SnoopingOptions = {
  /** Seconds without a report after which a group goes from a port: 300, held to 15 to 3600. */
  agingTime?: number | undefined
  /** Groups that are remembered: 2048, held to 10 to 1,000,000. */
  tableSize?: number | undefined
  /** Groups that nobody joined go to routers only. */
  disableFloodUnregistered?: boolean | undefined
  /** The bridge asks who wants what; undefined: it leaves that to routers. */
  querier?: QuerierOptions | undefined
}

/** `other_config:mcast-snooping-*` of the Port table. */
export type SnoopingPortOptions = {
  /** All multicast but reports goes out here. */
  flood?: boolean | undefined
  /** All reports go out here. */
  floodReports?: boolean | undefined
}

/** Ports in the order in which they were last heard, with when that was, ns. */
type Heard = Map<number, number>
type Entry = { readonly group: Group; readonly vlan: number; readonly ports: Heard }

/** A port of a router of a VLAN. */
export type RouterPort = { readonly vlan: number; readonly port: number; heard: number }

/** Seconds without a query after which a port leads to no router any more. */
const routerIdle = 180

const held = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most)
const keyOf = (vlan: number, group: Group): string => `${vlan}/${typeof group}/${group}`

/**
 * Which ports of which VLAN want which group, and which lead to routers (RFC 4541 §2): as ovs-vswitchd keeps it. Maps hold
 * the order of insertion, so taking an entry out and putting it back makes a map a list by age.
 */
export class GroupTable {
  private readonly entries = new Map<string, Entry>()
  private readonly routerPorts = new Map<string, RouterPort>()
  private aging = 300
  private limit = 2048
  floodsUnregistered = true
  /** Whether a port gets everything anyway, and whether it gets all reports. */
  private readonly floods: (port: number) => boolean
  private readonly takesReports: (port: number) => boolean

  constructor(floods: (port: number) => boolean, takesReports: (port: number) => boolean) {
    this.floods = floods
    this.takesReports = takesReports
  }

  configure({ agingTime = 300, tableSize = 2048, disableFloodUnregistered = false }: SnoopingOptions): void {
    this.aging = held(agingTime, 15, 3600)
    this.limit = held(tableSize, 10, 1_000_000)
    this.floodsUnregistered = !disableFloodUnregistered
    while (this.entries.size > this.limit) this.evict()
  }

  /** One that knows the same, and whose changes do not change this one. */
  copy(): GroupTable {
    const copy = new GroupTable(this.floods, this.takesReports)
    copy.aging = this.aging
    copy.limit = this.limit
    copy.floodsUnregistered = this.floodsUnregistered
    for (const [key, entry] of this.entries) copy.entries.set(key, { ...entry, ports: new Map(entry.ports) })
    for (const [key, router] of this.routerPorts) copy.routerPorts.set(key, { ...router })
    return copy
  }

  /** Seconds that anything is remembered, at least. */
  get shortestLife(): number {
    return Math.min(this.aging, routerIdle)
  }

  /** The ports that want a group; undefined if none does. */
  members(vlan: number, group: Group): Iterable<number> | undefined {
    return this.entries.get(keyOf(vlan, group))?.ports.keys()
  }

  routers(): Iterable<RouterPort> {
    return this.routerPorts.values()
  }

  /** Groups by age, each with its ports by age: what `mdb/show` lists. */
  *list(): Generator<{ port: number; vlan: number; group: Group; heard: number }> {
    for (const { group, vlan, ports } of this.entries.values())
      for (const [port, heard] of ports) yield { port, vlan, group, heard }
  }

  /** A port wants a group. Returns whether that is new. A port that gets everything need not be remembered. */
  join(now: number, vlan: number, group: Group, port: number): boolean {
    if (!this.mayJoin(vlan, port)) return false
    const key = keyOf(vlan, group)
    const before = this.entries.get(key)
    if (before === undefined && this.entries.size >= this.limit) this.evict()
    const entry = before ?? { group, vlan, ports: new Map<number, number>() }
    const isNew = !entry.ports.delete(port)
    entry.ports.set(port, now)
    this.entries.delete(key)
    this.entries.set(key, entry)
    return isNew
  }

  /** Whether the group would be new, on whatever port: only of that Open vSwitch tells. */
  wouldBegin(vlan: number, group: Group, port: number): boolean {
    return this.mayJoin(vlan, port) && !this.entries.has(keyOf(vlan, group))
  }

  private mayJoin(vlan: number, port: number): boolean {
    return !this.routerPorts.has(keyOf(vlan, port)) && !this.floods(port)
  }

  /** Whether `leave` would change anything: behind a port that gets all reports there may be many. */
  wouldLeave(vlan: number, group: Group, port: number): boolean {
    return !this.takesReports(port) && this.entries.get(keyOf(vlan, group))?.ports.has(port) === true
  }

  /** A port does not want a group any more. Returns whether it did. */
  leave(vlan: number, group: Group, port: number): boolean {
    if (!this.wouldLeave(vlan, group, port)) return false
    const key = keyOf(vlan, group)
    const entry = this.entries.get(key)
    entry?.ports.delete(port)
    if (entry?.ports.size === 0) this.entries.delete(key)
    return true
  }

  /** A router asked on a port. Returns whether that is new. */
  addRouter(now: number, vlan: number, port: number): boolean {
    if (this.floods(port)) return false
    const key = keyOf(vlan, port)
    const isNew = !this.routerPorts.delete(key)
    this.routerPorts.set(key, { vlan, port, heard: now })
    return isNew
  }

  wouldAddRouter(vlan: number, port: number): boolean {
    return this.mayAddRouter(port) && !this.routerPorts.has(keyOf(vlan, port))
  }

  mayAddRouter(port: number): boolean {
    return !this.floods(port)
  }

  /** Forgets everything. */
  clear(): void {
    this.entries.clear()
    this.routerPorts.clear()
  }

  /** Forgets what was heard on a port. Returns whether that was anything. */
  forgetPort(port: number): boolean {
    let changed = false
    for (const [key, { ports }] of this.entries) {
      if (ports.delete(port)) changed = true
      if (ports.size === 0) this.entries.delete(key)
    }
    for (const [key, router] of this.routerPorts)
      if (router.port === port) changed = this.routerPorts.delete(key) || changed
    return changed
  }

  /** When something will be too old; undefined if there is nothing. */
  nextExpiry(): number | undefined {
    let next = Number.POSITIVE_INFINITY
    for (const { ports } of this.entries.values())
      for (const heard of ports.values()) next = Math.min(next, heard + this.aging * second)
    const [router] = this.routerPorts.values()
    if (router !== undefined) next = Math.min(next, router.heard + routerIdle * second)
    return next === Number.POSITIVE_INFINITY ? undefined : next
  }

  /** Forgets what is too old. Returns whether that was anything. */
  expire(now: number): boolean {
    let changed = false
    for (const [key, { ports }] of this.entries) {
      for (const [port, heard] of ports) if (heard + this.aging * second <= now) changed = ports.delete(port) || changed
      if (ports.size === 0) this.entries.delete(key)
    }
    for (const [key, { heard }] of this.routerPorts)
      if (heard + routerIdle * second <= now) changed = this.routerPorts.delete(key) || changed
    return changed
  }

  private evict(): void {
    const [oldest] = this.entries.keys()
    if (oldest !== undefined) this.entries.delete(oldest)
  }
}
