import type { FlowKey } from '../../flow/layout.ts'
import { word } from '../../flow/layout.ts'
import { copyMatch } from '../../flow/match.ts'
import type { BodyOf } from '../../openflow/message.ts'
import { type Cancel, type Clock, second } from '../../runtime/index.ts'

/** `controller_rate_limit` and `controller_burst_limit`: packet-ins a second, and how many at once. */
export type PacketInLimit = { rate: number; burst: number }

/** `limit` undefined for as many as come; `queueSize` is how many wait for a peer that reads slowly. */
export type PacketInSettings = { limit?: PacketInLimit | undefined; queueSize?: number }

type PacketInBody = BodyOf<'packet_in'>

/** A packet-in that outlives its event. */
const keep = (body: PacketInBody): PacketInBody => ({
  ...body,
  match: copyMatch(body.match),
  packet: body.packet.slice(),
})

/** Packet-ins that came as no flow matched are limited apart from those that flows sent. */
const missReasons: ReadonlySet<PacketInBody['reason']> = new Set(['no_match', 'explicit_miss', 'implicit_miss'])

/** How many packet-ins wait for a peer that reads slowly unless it was said (ovs-vswitchd.conf.db(5), `controller_queue_size`). */
const usualQueueSize = 100

/** Counts of the packet-ins that a limit was put on: those that wait now, did not have to wait, had to, and found no room. */
export type LimitCounts = { backlog: number; bypassed: number; queued: number; dropped: number }

/** The peer, as a queue of packet-ins needs it: `Connection` is one. */
export type PacketInPeer = { notify(body: PacketInBody): boolean; session: { waiting: number } }

/**
 * Packet-ins on their way to one controller. With a limit they wait, a queue for each port so that a busy one leaves the
 * others their share; what finds no room takes the place of one from the longest queue.
 */
export class PacketInQueue {
  /** What was thrown away for want of room. */
  dropped = 0
  private misses: Scheduler | undefined
  private others: Scheduler | undefined
  private readonly clock: Clock
  private readonly peer: PacketInPeer
  /** Of the packet-ins that were sent, those that the peer may not have taken yet. */
  private untaken = 0
  private size = usualQueueSize

  constructor(clock: Clock, peer: PacketInPeer, settings: PacketInSettings) {
    this.clock = clock
    this.peer = peer
    this.configure(settings)
  }

  /** Also while packet-ins wait; without a limit those that waited are lost. */
  configure({ limit, queueSize = usualQueueSize }: PacketInSettings): void {
    this.size = queueSize
    this.misses = this.limited(this.misses, limit)
    this.others = this.limited(this.others, limit)
  }

  /** Counts by kind of packet-in; undefined without a limit. */
  counts(): { action: LimitCounts; miss: LimitCounts } | undefined {
    if (this.others === undefined || this.misses === undefined) return undefined
    return { action: this.others.counts(), miss: this.misses.counts() }
  }

  /** Sends a packet-in, or keeps a copy of it. */
  offer(body: PacketInBody, key: FlowKey): void {
    const scheduler = missReasons.has(body.reason) ? this.misses : this.others
    if (scheduler === undefined) this.deliver(body)
    else scheduler.offer(body, key[word.inPort]!)
  }

  close(): void {
    this.misses?.close()
    this.others?.close()
  }

  private limited(scheduler: Scheduler | undefined, limit: PacketInLimit | undefined): Scheduler | undefined {
    if (limit === undefined) scheduler?.close()
    else if (scheduler === undefined) return new Scheduler(this.clock, limit, body => this.deliver(body))
    else scheduler.setLimit(limit)
    return limit && scheduler
  }

  private deliver(body: PacketInBody): void {
    if (this.peer.session.waiting === 0) this.untaken = 0
    if (this.untaken >= this.size || !this.peer.notify(body)) this.dropped++
    else this.untaken++
  }
}

/** A token bucket before queues by port that take turns. */
class Scheduler {
  private readonly queues = new Map<number, PacketInBody[]>()
  private waiting = 0
  private bypassed = 0
  private queued = 0
  private dropped = 0
  private tokens: number
  private filled: number
  private cancel: Cancel | undefined
  private readonly clock: Clock
  private limit: PacketInLimit
  private readonly deliver: (body: PacketInBody) => void

  constructor(clock: Clock, limit: PacketInLimit, deliver: (body: PacketInBody) => void) {
    this.clock = clock
    this.limit = usable(limit)
    this.tokens = this.limit.burst
    this.filled = clock.now()
    this.deliver = deliver
  }

  setLimit(limit: PacketInLimit): void {
    this.limit = usable(limit)
    while (this.waiting > this.limit.burst) this.dropLongest()
  }

  counts(): LimitCounts {
    const { waiting: backlog, bypassed, queued, dropped } = this
    return { backlog, bypassed, queued, dropped }
  }

  offer(body: PacketInBody, port: number): void {
    if (this.waiting === 0 && this.token()) {
      this.bypassed++
      this.deliver(body)
      return
    }
    this.queued++
    // As many wait as go at once.
    if (this.waiting >= this.limit.burst) this.dropLongest()
    const queue = this.queues.get(port)
    const kept = keep(body)
    if (queue === undefined) this.queues.set(port, [kept])
    else queue.push(kept)
    this.waiting++
    this.plan()
  }

  close(): void {
    this.cancel?.()
    this.queues.clear()
    this.waiting = 0
  }

  private token(): boolean {
    const now = this.clock.now()
    const { rate, burst } = this.limit
    this.tokens = Math.min(burst, this.tokens + ((now - this.filled) * rate) / second)
    this.filled = now
    if (this.tokens < 1) return false
    this.tokens--
    return true
  }

  private plan(): void {
    if (this.cancel !== undefined || this.waiting === 0) return
    const wait = Math.ceil(((1 - this.tokens) * second) / this.limit.rate)
    this.cancel = this.clock.at(this.clock.now() + Math.max(0, wait), () => {
      this.cancel = undefined
      while (this.waiting > 0 && this.token()) this.deliver(this.take())
      this.plan()
    })
  }

  /** The first of the queue whose turn it is; that queue goes to the end of the row. */
  private take(): PacketInBody {
    const [port, queue] = this.queues.entries().next().value as [number, PacketInBody[]]
    const body = queue.shift() as PacketInBody
    this.queues.delete(port)
    if (queue.length > 0) this.queues.set(port, queue)
    this.waiting--
    return body
  }

  private dropLongest(): void {
    let longest: [number, PacketInBody[]] | undefined
    for (const entry of this.queues) if (longest === undefined || entry[1].length > longest[1].length) longest = entry
    if (longest === undefined) return
    longest[1].shift()
    if (longest[1].length === 0) this.queues.delete(longest[0])
    this.waiting--
    this.dropped++
  }
}

const usable = ({ rate, burst }: PacketInLimit): PacketInLimit => {
  const least = Math.max(1, rate)
  return { rate: least, burst: Math.max(1, burst === 0 ? Math.floor(least / 4) : burst) }
}
