import { Signal } from '../runtime/index.ts'
import { Frame } from '../wire/frame.ts'
import type { Errno } from './errno.ts'
import type { Link, LinkTap } from './link.ts'

/** A frame as a packet socket saw it, from its Ethernet header on. */
export type SeenFrame = { bytes: Uint8Array; direction: 'in' | 'out'; time: number; link: Link }

/** A packet socket (packet(7)): sees the frames of links both ways, and sends frames as they are. */
export class PacketSocket {
  readonly onReadable = new Signal()
  /** Frames that found the queue full. */
  dropped = 0
  closed = false
  private readonly links: readonly Link[]
  private readonly wants: (frame: Frame, direction: 'in' | 'out') => boolean
  private readonly frames: SeenFrame[] = []
  private readonly limit: number
  private readonly tap: LinkTap

  /** `wants` chooses frames before they are copied; `limit` is how many may wait. */
  constructor(
    links: readonly Link[],
    wants: (frame: Frame, direction: 'in' | 'out') => boolean = () => true,
    limit = 4096,
  ) {
    this.links = links
    this.wants = wants
    this.limit = limit
    this.tap = (direction, frame, time, link) => this.see(direction, frame, time, link)
    for (const link of links) link.taps.add(this.tap)
  }

  recv(): SeenFrame | undefined {
    return this.frames.shift()
  }

  get readable(): boolean {
    return this.frames.length > 0
  }

  /** Sends a frame, Ethernet header included, out of a link. EINVAL under 14 bytes, EMSGSIZE over the MTU, ENETDOWN. */
  send(bytes: Uint8Array, link = this.links[0]): Errno | undefined {
    if (link === undefined || bytes.length < 14) return 'EINVAL'
    if (!link.up) return 'ENETDOWN'
    if (bytes.length > link.mtu + 18) return 'EMSGSIZE'
    link.transmit(Frame.from(bytes))
    return undefined
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    for (const link of this.links) link.taps.delete(this.tap)
    this.frames.length = 0
    this.onReadable.wake()
  }

  private see(direction: 'in' | 'out', frame: Frame, time: number, link: Link): void {
    if (!this.wants(frame, direction)) return
    if (this.frames.length >= this.limit) {
      this.dropped++
      return
    }
    this.frames.push({ bytes: frame.bytes.slice(frame.start, frame.end), direction, time, link })
    this.onReadable.wake()
  }
}
