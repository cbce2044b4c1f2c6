import type { Frame } from '../../wire/frame.ts'

/** `5:1`: the number of a queueing discipline in the upper half, that of a class of its own in the lower; times 65536. */
export type Handle = number

/** A discipline's major number, as a handle. */
export const majorOf = (handle: Handle): Handle => handle - (handle % 0x10000)
export const minorOf = (handle: Handle): number => handle % 0x10000

/** What `tc -s` shows; `overlimits` is how often a frame had to wait. */
export type QueueStats = {
  bytes: number
  packets: number
  dropped: number
  overlimits: number
  backlogBytes: number
  backlogPackets: number
}

export const newStats = (): QueueStats => ({
  bytes: 0,
  packets: 0,
  dropped: 0,
  overlimits: 0,
  backlogBytes: 0,
  backlogPackets: 0,
})

/** A queueing discipline. Times are ns of the clock. */
export interface Qdisc {
  readonly kind: string
  readonly handle: Handle
  readonly stats: QueueStats
  /** Takes a frame; false if one was dropped for it. Frames that are not given on are nobody's. */
  enqueue(frame: Frame, now: number): boolean
  /** The next frame whose turn it is. */
  dequeue(now: number): Frame | undefined
  /** From when on `dequeue` may give something; undefined while there is nothing to wait for. */
  readyAt(now: number): number | undefined
  /** Forgets all frames, as when the link is set down. */
  reset(): void
  /** The classes that others may hang from, by handle. */
  readonly classes?: ReadonlyMap<Handle, Place>
}

/** Where a discipline may hang: what is there now. */
export interface Place {
  child: Qdisc
}

/** What most disciplines do alike: they count. */
export abstract class CountingQdisc implements Qdisc {
  abstract readonly kind: string
  readonly handle: Handle
  readonly stats = newStats()

  constructor(handle: Handle) {
    this.handle = handle
  }

  abstract enqueue(frame: Frame, now: number): boolean
  abstract dequeue(now: number): Frame | undefined
  abstract readyAt(now: number): number | undefined

  reset(): void {
    this.stats.backlogBytes = 0
    this.stats.backlogPackets = 0
  }

  protected took(size: number): void {
    this.stats.backlogBytes += size
    this.stats.backlogPackets++
  }

  protected gave(size: number): void {
    const { stats } = this
    stats.backlogBytes -= size
    stats.backlogPackets--
    stats.bytes += size
    stats.packets++
  }
}
