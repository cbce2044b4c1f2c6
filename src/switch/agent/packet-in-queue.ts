import type { FlowKey } from '../../flow/layout.ts'
import { word } from '../../flow/layout.ts'
import type { BodyOf } from '../../openflow/message.ts'
import { type Cancel, type Clock, second } from '../../runtime/index.ts'

/** `controller_rate_limit` and `controller_burst_limit`: packet-ins a second, and how many at once. */
export type PacketInLimit = { rate: number; burst: number }

type PacketInBody = BodyOf<'packet_in'>

/** Packet-ins that came as no flow matched are limited apart from those that flows sent. */
const missReasons: ReadonlySet<PacketInBody['reason']> = new Set(['no_match', 'explicit_miss', 'implicit_miss'])

/** How many packet-ins wait altogether, in seconds' worth of the rate, at the least this many. */
const leastRoom = 100

/**
 * Packet-ins on their way to one controller. With a limit they wait, a queue for each port so that a busy one leaves the
 * others their share; what finds no room takes the place of one from the longest queue.
 */
export class PacketInQueue {
  /** What was thrown away for want of room. */
  dropped = 0
  private readonly misses: Scheduler | undefined
  private readonly others: Scheduler | undefined
  private readonly send: (body: PacketInBody) => boolean

  constructor(clock: Clock, limit: PacketInLimit | undefined, send: (body: PacketInBody) => boolean) {
    this.send = send
    const deliver = (body: PacketInBody): void => {
      if (!send(body)) this.dropped++
    }
    const lost = (): void => void this.dropped++
    this.misses = limit && new Scheduler(clock, limit, deliver, lost)
    this.others = limit && new Scheduler(clock, limit, deliver, lost)
  }

  offer(body: PacketInBody, key: FlowKey): void {
    const scheduler = missReasons.has(body.reason) ? this.misses : this.others
    if (scheduler === undefined) {
      if (!this.send(body)) this.dropped++
      return
    }
    scheduler.offer(body, key[word.inPort]!)
  }

  close(): void {
    this.misses?.close()
    this.others?.close()
  }
}

/** A token bucket before queues by port that take turns. */
class Scheduler {
  private readonly queues = new Map<number, PacketInBody[]>()
  private waiting = 0
  private tokens: number
  private filled: number
  private cancel: Cancel | undefined
  private readonly clock: Clock
  private readonly limit: PacketInLimit
  private readonly deliver: (body: PacketInBody) => void
  private readonly lost: () => void

  constructor(clock: Clock, limit: PacketInLimit, deliver: (body: PacketInBody) => void, lost: () => void) {
    this.clock = clock
    const rate = Math.max(1, limit.rate)
    this.limit = { rate, burst: Math.max(1, limit.burst === 0 ? rate / 4 : limit.burst) }
    this.tokens = this.limit.burst
    this.filled = clock.now()
    this.deliver = deliver
    this.lost = lost
  }

  offer(body: PacketInBody, port: number): void {
    if (this.waiting === 0 && this.token()) {
      this.deliver(body)
      return
    }
    if (this.waiting >= Math.max(leastRoom, this.limit.burst)) this.dropLongest()
    const queue = this.queues.get(port)
    if (queue === undefined) this.queues.set(port, [body])
    else queue.push(body)
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
    this.lost()
  }
}
