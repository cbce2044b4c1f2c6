import { second } from '../runtime/clock.ts'
import type { Mac } from '../wire/address.ts'
import { isMulticastMac } from '../wire/address.ts'

/** A MAC that was seen as a source, or set by hand. `port` is an OpenFlow port number. */
export type MacEntry = {
  readonly mac: Mac
  readonly vlan: number
  port: number
  /** When a frame from it was last seen, ns; a static entry does not age. */
  used: number
  isStatic: boolean
}

export type MacStats = {
  entries: number
  maximum: number
  learned: number
  expired: number
  evicted: number
  moved: number
}

/** What a learning step changed: nothing but the age, or which port the MAC is on. */
export type Learned = 'refreshed' | 'added' | 'moved' | 'refused'

/**
 * The MAC table of a bridge: (VLAN, MAC) to port, as ovs-vswitchd keeps it. It ages entries out (300 s by default), and
 * when it is full (8192 by default) the oldest entry of the port that has most goes, so that one port that floods
 * random sources cannot push out the others'.
 *
 * JavaScript's `Set` keeps insertion order, so taking an entry out and putting it back makes a set an LRU list.
 */
export class MacLearning {
  private readonly byVlan = new Map<number, Map<Mac, MacEntry>>()
  private readonly order = new Set<MacEntry>()
  private readonly byPort = new Map<number, Set<MacEntry>>()
  private readonly counts = { learned: 0, expired: 0, evicted: 0, moved: 0 }
  /** Those that were cleared. */
  private readonly cleared = { learned: 0, expired: 0, evicted: 0, moved: 0 }
  /** Nanoseconds without a frame after which an entry goes. */
  private ageing = 300 * second
  private limit = 8192

  /** `mac-aging-time`, seconds, held to 15 to 3600 as Open vSwitch does. */
  setAgeing(seconds: number): void {
    this.ageing = Math.min(Math.max(seconds, 15), 3600) * second
  }

  /** `mac-table-size`, held to 10 to 1,000,000. Returns what had to go. */
  setLimit(limit: number): MacEntry[] {
    this.limit = Math.min(Math.max(limit, 10), 1_000_000)
    const gone: MacEntry[] = []
    while (this.order.size > this.limit) {
      const victim = this.evict()
      if (victim === undefined) break
      gone.push(victim)
    }
    return gone
  }

  get size(): number {
    return this.order.size
  }

  /** The entry, of whatever age: call `expire` first. */
  lookup(vlan: number, mac: Mac): MacEntry | undefined {
    return this.byVlan.get(vlan)?.get(mac)
  }

  /** Whether a source address may be learned: not a group's. */
  mayLearn(mac: Mac): boolean {
    return !isMulticastMac(mac)
  }

  /** A frame from `mac` came in on `port` at time `used`. An older time than the entry's own refreshes nothing. */
  learn(vlan: number, mac: Mac, port: number, used: number): { what: Learned; evicted?: MacEntry } {
    if (!this.mayLearn(mac)) return { what: 'refused' }
    const known = this.lookup(vlan, mac)
    if (known !== undefined) {
      if (known.isStatic) return { what: 'refused' }
      const moved = known.port !== port
      if (used < known.used) return { what: 'refreshed' }
      this.unlink(known)
      known.port = port
      known.used = used
      this.link(known)
      if (!moved) return { what: 'refreshed' }
      this.counts.moved++
      return { what: 'moved' }
    }
    const evicted = this.order.size >= this.limit ? this.evict() : undefined
    if (this.order.size >= this.limit) return { what: 'refused' }
    this.insert({ mac, vlan, port, used, isStatic: false })
    this.counts.learned++
    return evicted === undefined ? { what: 'added' } : { what: 'added', evicted }
  }

  /** `fdb/add`: an entry that stays until it is deleted. */
  setStatic(vlan: number, mac: Mac, port: number, now: number): void {
    this.remove(vlan, mac)
    this.insert({ mac, vlan, port, used: now, isStatic: true })
  }

  /** `fdb/del`; false if there is none. */
  remove(vlan: number, mac: Mac): boolean {
    const entry = this.lookup(vlan, mac)
    if (entry === undefined) return false
    this.delete(entry)
    return true
  }

  /** Takes out what has not been seen for the ageing time, the oldest first, and returns it. */
  expire(now: number): MacEntry[] {
    const gone: MacEntry[] = []
    for (const entry of this.order) {
      if (entry.isStatic) continue
      if (now - entry.used < this.ageing) break
      gone.push(entry)
    }
    for (const entry of gone) this.delete(entry)
    this.counts.expired += gone.length
    return gone
  }

  /** When the next entry will have aged out, ns; undefined if none will. */
  nextExpiry(): number | undefined {
    for (const entry of this.order) if (!entry.isStatic) return entry.used + this.ageing
    return undefined
  }

  /** Forgets what was learned, on one port or on all; static entries stay. */
  flush(port?: number): MacEntry[] {
    const gone = [...(port === undefined ? this.order : (this.byPort.get(port) ?? []))].filter(e => !e.isStatic)
    for (const entry of gone) this.delete(entry)
    return gone
  }

  /** Forgets a port that goes away, static entries too. */
  forgetPort(port: number): MacEntry[] {
    const gone = [...(this.byPort.get(port) ?? [])]
    for (const entry of gone) this.delete(entry)
    return gone
  }

  /** In the order of `fdb/show`: the one not seen for longest first. */
  entries(): IterableIterator<MacEntry> {
    return this.order.values()
  }

  /** The VLANs in which a MAC is known. */
  vlans(): Iterable<number> {
    return this.byVlan.keys()
  }

  /** `fdb/stats-clear`: counts begin anew. */
  clearStats(): void {
    Object.assign(this.cleared, this.totals())
    Object.assign(this.counts, { learned: 0, expired: 0, evicted: 0, moved: 0 })
  }

  /** Since the bridge was made, whatever was cleared. */
  totals(): Pick<MacStats, 'learned' | 'expired' | 'evicted' | 'moved'> {
    const { counts, cleared } = this
    return {
      learned: counts.learned + cleared.learned,
      expired: counts.expired + cleared.expired,
      evicted: counts.evicted + cleared.evicted,
      moved: counts.moved + cleared.moved,
    }
  }

  /** For `fdb/stats-show`. */
  stats(): MacStats {
    return { entries: this.order.size, maximum: this.limit, ...this.counts }
  }

  private insert(entry: MacEntry): void {
    let macs = this.byVlan.get(entry.vlan)
    if (macs === undefined) {
      macs = new Map()
      this.byVlan.set(entry.vlan, macs)
    }
    macs.set(entry.mac, entry)
    this.link(entry)
  }

  private delete(entry: MacEntry): void {
    this.unlink(entry)
    const macs = this.byVlan.get(entry.vlan)
    macs?.delete(entry.mac)
    if (macs?.size === 0) this.byVlan.delete(entry.vlan)
  }

  private link(entry: MacEntry): void {
    this.order.add(entry)
    let own = this.byPort.get(entry.port)
    if (own === undefined) {
      own = new Set()
      this.byPort.set(entry.port, own)
    }
    own.add(entry)
  }

  private unlink(entry: MacEntry): void {
    this.order.delete(entry)
    const own = this.byPort.get(entry.port)
    own?.delete(entry)
    if (own?.size === 0) this.byPort.delete(entry.port)
  }

  private evict(): MacEntry | undefined {
    let most: Set<MacEntry> | undefined
    for (const own of this.byPort.values()) if (own.size > (most?.size ?? 0)) most = own
    for (const entries of [most ?? [], this.order]) {
      for (const entry of entries) {
        if (entry.isStatic) continue
        this.delete(entry)
        this.counts.evicted++
        return entry
      }
    }
    return undefined
  }
}
