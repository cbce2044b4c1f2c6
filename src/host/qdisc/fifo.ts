import type { Frame } from '../../wire/frame.ts'
import { CountingQdisc, type Handle } from './qdisc.ts'

/** Frames in the order in which they came. */
export class FrameQueue {
  private frames: Frame[] = []
  private head = 0

  get length(): number {
    return this.frames.length - this.head
  }

  push(frame: Frame): void {
    this.frames.push(frame)
  }

  shift(): Frame | undefined {
    const frame = this.frames[this.head]
    if (frame === undefined) return undefined
    this.head++
    if (this.head === this.frames.length) this.clear()
    else if (this.head > 1024) {
      this.frames = this.frames.slice(this.head)
      this.head = 0
    }
    return frame
  }

  clear(): void {
    this.frames = []
    this.head = 0
  }
}

/** `pfifo` with a limit of frames, `bfifo` of bytes. */
export class Fifo extends CountingQdisc {
  readonly kind: 'pfifo' | 'bfifo'
  limit: number
  private readonly queue = new FrameQueue()

  constructor(kind: 'pfifo' | 'bfifo', handle: Handle, limit: number) {
    super(handle)
    this.kind = kind
    this.limit = limit
  }

  enqueue(frame: Frame): boolean {
    const { stats } = this
    const held = this.kind === 'pfifo' ? stats.backlogPackets + 1 : stats.backlogBytes + frame.size
    if (held > this.limit) {
      stats.dropped++
      return false
    }
    this.queue.push(frame)
    this.took(frame.size)
    return true
  }

  dequeue(): Frame | undefined {
    const frame = this.queue.shift()
    if (frame !== undefined) this.gave(frame.size)
    return frame
  }

  readyAt(now: number): number | undefined {
    return this.queue.length > 0 ? now : undefined
  }

  override reset(): void {
    super.reset()
    this.queue.clear()
  }
}

/** The band of each priority, that is of bits 1 to 4 of IPv4's and IPv6's type of service (tc-prio(8)). */
export const usualPriorities: readonly number[] = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]
/** Linux's priority of each of those bits' values (`ip_tos2prio`). */
const priorityOfTos: readonly number[] = [0, 1, 0, 0, 2, 2, 2, 2, 6, 6, 6, 6, 4, 4, 4, 4]

/** `pfifo_fast`: three queues, of which a later one waits for those before it. */
export class PfifoFast extends CountingQdisc {
  readonly kind = 'pfifo_fast'
  private readonly limit: number
  private readonly bands = [new FrameQueue(), new FrameQueue(), new FrameQueue()]

  /** `limit` is frames for each band: the length of the link's queue. */
  constructor(handle: Handle, limit: number) {
    super(handle)
    this.limit = limit
  }

  enqueue(frame: Frame): boolean {
    const band = this.bands[bandOf(frame)] as FrameQueue
    if (band.length >= this.limit) {
      this.stats.dropped++
      return false
    }
    band.push(frame)
    this.took(frame.size)
    return true
  }

  dequeue(): Frame | undefined {
    for (const band of this.bands) {
      const frame = band.shift()
      if (frame === undefined) continue
      this.gave(frame.size)
      return frame
    }
    return undefined
  }

  readyAt(now: number): number | undefined {
    return this.stats.backlogPackets > 0 ? now : undefined
  }

  override reset(): void {
    super.reset()
    for (const band of this.bands) band.clear()
  }
}

const bandOf = ({ bytes, start }: Frame): number => {
  const type = ((bytes[start + 12] as number) << 8) | (bytes[start + 13] as number)
  const tos =
    type === 0x0800
      ? (bytes[start + 15] as number)
      : type === 0x86dd
        ? (((bytes[start + 14] as number) << 4) | ((bytes[start + 15] as number) >> 4)) & 0xff
        : 0
  return usualPriorities[priorityOfTos[(tos >> 1) & 15] as number] as number
}
