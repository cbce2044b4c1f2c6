/**
 * Neighbours: which MAC address an IP address on a link has. ARP and neighbour discovery differ in how they ask and in
 * what an answer means; the states, timers and queues are one machine (RFC 4861 §7.3.2, and Linux's defaults):
 *
 *     (new) -> INCOMPLETE -> REACHABLE -> STALE -> DELAY -> PROBE -> FAILED
 *                   |  3 multicast questions, 1 s apart     3 unicast ones, 1 s apart
 *
 * Frames wait while INCOMPLETE, and go out meanwhile in STALE, DELAY and PROBE, to the address that was right last.
 * What may be wrong and still safe: an entry that a full table drops is asked for again by the next packet.
 */
import type { Cancel, Clock, Counters, Random } from '../runtime/index.ts'
import type { Ip, Mac } from '../wire/address.ts'
import type { Frame } from '../wire/frame.ts'
import type { Link } from './link.ts'
import { NeighbourConfig, type NeighbourSettings, nanosecondsOf } from './neighbour-settings.ts'

export type NeighbourState =
  | 'NONE'
  | 'INCOMPLETE'
  | 'REACHABLE'
  | 'STALE'
  | 'DELAY'
  | 'PROBE'
  | 'FAILED'
  | 'NOARP'
  | 'PERMANENT'

/** One entry. `mac` has a meaning in the states from REACHABLE to PROBE, NOARP and PERMANENT. */
export class Neighbour {
  readonly ip: Ip
  readonly link: Link
  mac: Mac = 0
  state: NeighbourState = 'NONE'
  isRouter = false
  /** Times of the last proof that it is there, the last change, and the last use. */
  confirmed = 0
  updated = 0
  used = 0
  probes = 0
  readonly queue: Frame[] = []
  cancel: Cancel | undefined

  constructor(link: Link, ip: Ip) {
    this.link = link
    this.ip = ip
  }

  /** Frames may go out without a second thought. */
  get connected(): boolean {
    return this.state === 'REACHABLE' || this.state === 'PERMANENT' || this.state === 'NOARP'
  }

  /** There is an address to send to, right or not. */
  get usable(): boolean {
    return this.connected || this.state === 'STALE' || this.state === 'DELAY' || this.state === 'PROBE'
  }
}

/** What the protocol does for the table. */
export interface NeighbourProtocol {
  /** Asks for the address: by multicast, or (PROBE) the MAC that it had. */
  solicit(neighbour: Neighbour, mac: Mac | undefined): void
  /** A frame (at its IP header) waited in vain. */
  unreachable(neighbour: Neighbour, frame: Frame): void
  /** An address a cached path relied on changed. */
  changed(): void
}

export type NeighbourCount = 'Neigh.QueueDiscards' | 'Neigh.ResolveFails' | 'Neigh.TableFulls'

/** One news about a neighbour, from ARP or ND. */
export type NeighbourNews = {
  mac: Mac | undefined
  /** The answer to our question: proof that it is reachable. */
  solicited: boolean
  /** Takes the place of a different address. */
  override: boolean
  isRouter?: boolean
}

/** The neighbours of one address family in one namespace. */
export class Neighbours {
  private readonly links = new Map<Link, Map<Ip, Neighbour>>()
  private count = 0
  /** From 0.5 to 1.5, so that hosts do not ask all at once (RFC 4861 §6.3.2). */
  private readonly spread: number
  private readonly config: NeighbourConfig
  private readonly clock: Clock
  private readonly counters: Counters
  private readonly etherType: number
  private readonly protocol: NeighbourProtocol

  constructor(
    clock: Clock,
    random: Random,
    counters: Counters,
    etherType: number,
    protocol: NeighbourProtocol,
    config = new NeighbourConfig(),
  ) {
    this.clock = clock
    this.counters = counters
    this.etherType = etherType
    this.protocol = protocol
    this.config = config
    this.spread = 0.5 + random()
  }

  get size(): number {
    return this.count
  }

  all(): Neighbour[] {
    return [...this.links.values()].flatMap(entries => [...entries.values()])
  }

  find(link: Link, ip: Ip): Neighbour | undefined {
    return this.links.get(link)?.get(ip)
  }

  /** The entry, made if need be; undefined if the table is full of entries in use. */
  get(link: Link, ip: Ip): Neighbour | undefined {
    const found = this.links.get(link)?.get(ip)
    if (found !== undefined) return found
    if (this.count >= this.config.limits.gc_thresh1) this.collect()
    if (this.count >= this.config.limits.gc_thresh3) {
      this.counters.add('Neigh.TableFulls')
      return undefined
    }
    const neighbour = new Neighbour(link, ip)
    neighbour.updated = this.clock.now()
    let entries = this.links.get(link)
    if (entries === undefined) {
      entries = new Map()
      this.links.set(link, entries)
    }
    entries.set(ip, neighbour)
    this.count++
    return neighbour
  }

  /** Sends a frame, which starts at its IP header, to a next hop on the link; it may wait there, or be refused. */
  output(link: Link, hop: Ip, frame: Frame): void {
    const neighbour = this.get(link, hop)
    if (neighbour === undefined) return
    if (neighbour.connected || this.prepare(neighbour)) this.transmit(neighbour, frame)
    else this.wait(neighbour, frame)
  }

  /** Asks for an address without a frame to send. */
  resolve(link: Link, hop: Ip): Neighbour | undefined {
    const neighbour = this.get(link, hop)
    if (neighbour !== undefined && !neighbour.connected) this.prepare(neighbour)
    return neighbour
  }

  /** Moves the machine on because somebody sends; true if there is an address to send to. */
  prepare(neighbour: Neighbour): boolean {
    const now = this.clock.now()
    neighbour.used = now
    switch (neighbour.state) {
      case 'NONE':
      case 'FAILED':
        if (!neighbour.link.resolves) {
          neighbour.mac = neighbour.link.isLoopback ? 0 : neighbour.link.mac
          this.enter(neighbour, 'NOARP')
          return true
        }
        neighbour.probes = 0
        this.enter(neighbour, 'INCOMPLETE')
        this.ask(neighbour)
        // The question may have been answered before it returned.
        return neighbour.usable
      case 'INCOMPLETE':
        return false
      case 'STALE':
        this.enter(neighbour, 'DELAY')
        this.wake(neighbour, nanosecondsOf.delayFirstProbe(this.settings(neighbour)))
        return true
      default:
        return true
    }
  }

  /** Puts the Ethernet header in front and sends. */
  transmit(neighbour: Neighbour, frame: Frame): void {
    const { link, mac } = neighbour
    writeLinkHeader(frame, mac, link.mac, this.etherType)
    link.transmit(frame)
  }

  private wait(neighbour: Neighbour, frame: Frame): void {
    if (neighbour.queue.length >= this.settings(neighbour).unres_qlen) {
      neighbour.queue.shift()
      this.counters.add('Neigh.QueueDiscards')
    }
    neighbour.queue.push(frame)
  }

  /** What a packet from the neighbour or from a user tells. Entries are not made here. */
  learn(neighbour: Neighbour, news: NeighbourNews): void {
    if (neighbour.state === 'PERMANENT' || neighbour.state === 'NOARP') return
    const now = this.clock.now()
    if (news.isRouter !== undefined) neighbour.isRouter = news.isRouter
    const known = neighbour.usable
    const mac = news.mac ?? (known ? neighbour.mac : undefined)
    if (mac === undefined) return
    const different = !known || mac !== neighbour.mac
    if (known && different && !news.override) {
      // Somebody else claims the address: doubt what we have (RFC 4861 §7.2.5).
      if (neighbour.state === 'REACHABLE') this.enter(neighbour, 'STALE')
      return
    }
    neighbour.mac = mac
    if (different) this.protocol.changed()
    if (news.solicited) {
      neighbour.confirmed = now
      this.enter(neighbour, 'REACHABLE')
      this.wake(neighbour, this.reachable(neighbour))
    } else if (different) this.enter(neighbour, 'STALE')
    this.flush(neighbour)
  }

  /** An upper layer saw an answer (MSG_CONFIRM): as good as one to a probe, when the timer next asks. */
  confirm(neighbour: Neighbour): void {
    if (neighbour.usable) neighbour.confirmed = this.clock.now()
  }

  /** A user's entry. Gives undefined if the table is full. */
  set(link: Link, ip: Ip, mac: Mac, state: 'PERMANENT' | 'REACHABLE' | 'STALE' | 'NOARP'): Neighbour | undefined {
    const neighbour = this.get(link, ip)
    if (neighbour === undefined) return undefined
    neighbour.mac = mac
    neighbour.confirmed = this.clock.now()
    this.enter(neighbour, state)
    if (state === 'REACHABLE') this.wake(neighbour, this.reachable(neighbour))
    this.protocol.changed()
    this.flush(neighbour)
    return neighbour
  }

  delete(neighbour: Neighbour): void {
    const entries = this.links.get(neighbour.link)
    if (entries?.get(neighbour.ip) !== neighbour) return
    entries.delete(neighbour.ip)
    if (entries.size === 0) this.links.delete(neighbour.link)
    this.count--
    neighbour.cancel?.()
    neighbour.state = 'NONE'
    neighbour.queue.length = 0
    this.protocol.changed()
  }

  /** Forgets all of a link, as when it goes down; `keepPermanent` as when it only lost its carrier. */
  flushLink(link: Link, keepPermanent = false): void {
    for (const neighbour of [...(this.links.get(link)?.values() ?? [])])
      if (!keepPermanent || neighbour.state !== 'PERMANENT') this.delete(neighbour)
  }

  private flush(neighbour: Neighbour): void {
    while (neighbour.usable && neighbour.queue.length > 0) this.transmit(neighbour, neighbour.queue.shift() as Frame)
  }

  private enter(neighbour: Neighbour, state: NeighbourState): void {
    neighbour.cancel?.()
    neighbour.cancel = undefined
    if (neighbour.connected) this.protocol.changed()
    neighbour.state = state
    neighbour.updated = this.clock.now()
  }

  private wake(neighbour: Neighbour, after: number): void {
    neighbour.cancel?.()
    neighbour.cancel = this.clock.at(this.clock.now() + after, () => this.timeout(neighbour))
  }

  private timeout(neighbour: Neighbour): void {
    neighbour.cancel = undefined
    const now = this.clock.now()
    const delay = nanosecondsOf.delayFirstProbe(this.settings(neighbour))
    switch (neighbour.state) {
      case 'REACHABLE': {
        const left = neighbour.confirmed + this.reachable(neighbour) - now
        if (left > 0) {
          this.wake(neighbour, left)
          return
        }
        if (now <= neighbour.used + delay && neighbour.used > 0) {
          this.enter(neighbour, 'DELAY')
          this.wake(neighbour, delay)
          return
        }
        this.enter(neighbour, 'STALE')
        return
      }
      case 'DELAY':
        if (now <= neighbour.confirmed + delay && neighbour.confirmed > 0) {
          this.enter(neighbour, 'REACHABLE')
          this.wake(neighbour, this.reachable(neighbour))
          return
        }
        neighbour.probes = 0
        this.enter(neighbour, 'PROBE')
        this.ask(neighbour)
        return
      case 'INCOMPLETE':
      case 'PROBE':
        this.ask(neighbour)
        return
      default:
    }
  }

  private ask(neighbour: Neighbour): void {
    const probing = neighbour.state === 'PROBE'
    const settings = this.settings(neighbour)
    if (neighbour.probes >= (probing ? settings.ucast_solicit : settings.mcast_solicit)) {
      this.fail(neighbour)
      return
    }
    neighbour.probes++
    this.wake(neighbour, nanosecondsOf.retransmit(settings))
    this.protocol.solicit(neighbour, probing ? neighbour.mac : undefined)
  }

  private fail(neighbour: Neighbour): void {
    this.counters.add('Neigh.ResolveFails')
    this.enter(neighbour, 'FAILED')
    this.protocol.changed()
    for (const frame of neighbour.queue.splice(0)) this.protocol.unreachable(neighbour, frame)
  }

  private settings(neighbour: Neighbour): NeighbourSettings {
    return this.config.of(neighbour.link.name)
  }

  private reachable(neighbour: Neighbour): number {
    return nanosecondsOf.baseReachable(this.settings(neighbour)) * this.spread
  }

  /** Removes what was not used for gc_stale_time; if the table is full, what was used longest ago. */
  private collect(): void {
    const now = this.clock.now()
    const idle = this.all().filter(n => n.state === 'STALE' || n.state === 'FAILED' || n.state === 'NOARP')
    for (const neighbour of idle) {
      const last = Math.max(neighbour.used, neighbour.updated)
      if (last + nanosecondsOf.gcStale(this.settings(neighbour)) <= now) this.delete(neighbour)
    }
    const { gc_thresh1, gc_thresh3 } = this.config.limits
    if (this.count < gc_thresh3) return
    const oldest = idle.sort((a, b) => a.used - b.used).slice(0, gc_thresh1)
    for (const neighbour of oldest) this.delete(neighbour)
  }
}

/** An Ethernet header in front of the frame's bytes, written without an intermediate object: packet path. */
export const writeLinkHeader = (frame: Frame, dst: Mac, src: Mac, type: number): void => {
  frame.prepend(14)
  const { bytes, start } = frame
  const dstHigh = Math.floor(dst / 2 ** 32)
  const srcHigh = Math.floor(src / 2 ** 32)
  const dstLow = dst >>> 0
  const srcLow = src >>> 0
  bytes[start] = dstHigh >>> 8
  bytes[start + 1] = dstHigh
  bytes[start + 2] = dstLow >>> 24
  bytes[start + 3] = dstLow >>> 16
  bytes[start + 4] = dstLow >>> 8
  bytes[start + 5] = dstLow
  bytes[start + 6] = srcHigh >>> 8
  bytes[start + 7] = srcHigh
  bytes[start + 8] = srcLow >>> 24
  bytes[start + 9] = srcLow >>> 16
  bytes[start + 10] = srcLow >>> 8
  bytes[start + 11] = srcLow
  bytes[start + 12] = type >>> 8
  bytes[start + 13] = type
}
