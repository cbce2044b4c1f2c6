/**
 * A bridge that asks by itself who wants which group, so that snooping knows it where no router asks (RFC 3376 §6, RFC 3810
 * §7; RFC 4541 §2.1.1 of a switch that does). It is quiet in VLANs where somebody with a lower address asks. Where it asks,
 * a host that leaves may not be the only one behind its port: the others are asked first, and have two seconds.
 */
import { second } from '../../runtime/clock.ts'
import { type Ip4, linkLocal, type Mac } from '../../wire/address.ts'
import type { Frame } from '../../wire/frame.ts'
import type { Group } from './group.ts'
import { type Asker, type QueryVersions, queryFrame } from './query.ts'

/** `other_config:weft-mcast-snooping-querier-*` of the Bridge table. */
export type QuerierOptions = {
  /** Seconds between questions: 125, held to 2 to 3600. */
  interval?: number | undefined
  /** The sender of IPv4 questions. Without, it is 0.0.0.0: hosts answer, but other switches do not send reports here. */
  address?: Ip4 | undefined
  igmpVersion?: 2 | 3 | undefined
  mldVersion?: 1 | 2 | undefined
}

/** What a querier needs of its bridge. */
export interface QuerierHost {
  readonly mac: Mac
  /** The VLANs in use; 0 is that of frames without a tag. */
  vlans(): Iterable<number>
  now(): number
  /** Floods a question. Owns it. */
  send(question: Frame): void
  /** Nobody behind a port wants the group any more. */
  left(vlan: number, group: Group, port: number): void
}

/** RFC 3376 §8: as it says they should be, times in ns. */
const robustness = 2
const responseTime = 10 * second
const lastMemberInterval = second

/** Whoever left, until when the others behind the port may answer, and when they are asked next. */
type Leaving = { vlan: number; group: Group; port: number; until: number; asks: number; left: number }

const families = [0, 0n] as const
const familyOf = (address: Group): 0 | 0n => (typeof address === 'number' ? 0 : 0n)
const keyOf = (vlan: number, family: 0 | 0n): string => `${vlan}/${typeof family}`
const leavingKey = (vlan: number, group: Group, port: number): string => `${vlan}/${typeof group}/${group}/${port}`

export class Querier {
  private readonly host: QuerierHost
  private interval = 125 * second
  private address: Ip4 = 0
  private versions: QueryVersions = { igmp: 3, mld: 2 }
  private configured = ''
  /** When all are asked next, and how many questions are left that follow a beginning quickly. */
  private asksAt = 0
  private askedAt = Number.NEGATIVE_INFINITY
  private startups = 0
  /** VLANs and families in which another asks, with when it is taken for gone. */
  private readonly others = new Map<string, { vlan: number; family: 0 | 0n; until: number }>()
  private readonly leaving = new Map<string, Leaving>()

  constructor(host: QuerierHost) {
    this.host = host
  }

  configure(options: QuerierOptions): void {
    const text = JSON.stringify(options)
    if (text === this.configured) return
    this.configured = text
    this.interval = Math.min(Math.max(options.interval ?? 125, 2), 3600) * second
    this.address = options.address ?? 0
    this.versions = { igmp: options.igmpVersion ?? 3, mld: options.mldVersion ?? 2 }
    this.others.clear()
    this.begin()
  }

  /** Something is new about the network: asks soon, and once more a quarter of the interval later (RFC 3376 §8.6). */
  begin(): void {
    this.startups = robustness
    this.asksAt = Math.max(this.host.now(), this.askedAt + second)
  }

  /** Whether the bridge is the one that asks; `family` is 0 for IPv4, 0n for IPv6. */
  asks(vlan: number, family: 0 | 0n): boolean {
    return !this.others.has(keyOf(vlan, family))
  }

  /** Somebody asked. The lower address goes on asking (RFC 3376 §6.6.2); nobody's is no router's. */
  heard(vlan: number, source: Group): void {
    const own = typeof source === 'number' ? this.address : linkLocal(this.host.mac)
    const isElected = source !== familyOf(source) && (own === 0 || source < own)
    if (!isElected) return
    const family = familyOf(source)
    const until = this.host.now() + robustness * this.interval + this.response / 2
    this.others.set(keyOf(vlan, family), { vlan, family, until })
  }

  /** Somebody leaves a group. Returns whether others behind the port are asked before it goes. */
  leaves(vlan: number, group: Group, port: number): boolean {
    if (!this.asks(vlan, familyOf(group))) return false
    const key = leavingKey(vlan, group, port)
    const now = this.host.now()
    if (!this.leaving.has(key)) {
      const until = now + robustness * lastMemberInterval
      this.leaving.set(key, { vlan, group, port, until, asks: now, left: robustness })
    }
    return true
  }

  /** Somebody behind a port wants a group. */
  joins(vlan: number, group: Group, port: number): void {
    this.leaving.delete(leavingKey(vlan, group, port))
  }

  nextWake(): number {
    let next = this.asksAt
    for (const { until } of this.others.values()) next = Math.min(next, until)
    for (const { until, asks, left } of this.leaving.values()) next = Math.min(next, left > 0 ? asks : until)
    return next
  }

  wake(): void {
    const now = this.host.now()
    this.retire(now)
    if (this.asksAt <= now) this.askAll(now)
    for (const [key, leaving] of this.leaving) this.follow(now, key, leaving)
  }

  /** Who has not asked for long does not any more: the bridge takes its place. */
  private retire(now: number): void {
    for (const [key, { vlan, family, until }] of this.others) {
      if (until > now) continue
      this.others.delete(key)
      if (this.asksAt > now) this.ask(vlan, family)
    }
  }

  private askAll(now: number): void {
    for (const vlan of this.host.vlans())
      for (const family of families) if (this.asks(vlan, family)) this.ask(vlan, family)
    this.startups = Math.max(0, this.startups - 1)
    this.askedAt = now
    this.asksAt = now + (this.startups > 0 ? this.interval / 4 : this.interval)
  }

  private follow(now: number, key: string, leaving: Leaving): void {
    const { vlan, group, port } = leaving
    if (leaving.left > 0 && leaving.asks <= now) {
      leaving.left--
      leaving.asks = now + lastMemberInterval
      this.ask(vlan, group)
    } else if (leaving.until <= now) {
      this.leaving.delete(key)
      this.host.left(vlan, group, port)
    }
  }

  private ask(vlan: number, group: Group): void {
    const isGeneral = group === familyOf(group)
    const maxResponse = isGeneral ? this.response : lastMemberInterval
    this.host.send(queryFrame(this.asker, { vlan, group, maxResponse, interval: this.interval, robustness }))
  }

  /** Answers are there before the next question (RFC 3376 §8.3). */
  private get response(): number {
    return Math.min(responseTime, this.interval / 2)
  }

  private get asker(): Asker {
    return { mac: this.host.mac, address: this.address, versions: this.versions }
  }
}
