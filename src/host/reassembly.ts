import { type Cancel, type Clock, second } from '../runtime/index.ts'
import type { Link } from './link.ts'

type Piece = { start: number; end: number; bytes: Uint8Array }
type Queue = {
  pieces: Piece[]
  total: number | undefined
  held: number
  head: Uint8Array | undefined
  link: Link | undefined
  cancel: Cancel
}

/** What became of a fragment; `whole` is the header of the first fragment and the payload, put together. */
export type Reassembled =
  | { kind: 'waiting' }
  | { kind: 'whole'; header: Uint8Array; payload: Uint8Array }
  | { kind: 'dropped'; why: 'overlap' | 'size' | 'memory' }

/** A fragment: its place in the payload in bytes, its bytes, the IP header that it came with, and the link. */
export type Fragment = { offset: number; more: boolean; bytes: Uint8Array; header: Uint8Array; link?: Link }

/** The header of a packet's first fragment, and the fragment's payload. */
export type FirstFragment = { header: Uint8Array; bytes: Uint8Array }

const overhead = 256
const waiting: Reassembled = { kind: 'waiting' }

/**
 * Puts fragments together (RFC 791 §3.2, RFC 8200 §4.5). Each packet has `lifetime` seconds; all together hold at most
 * `limit` bytes, beyond which new packets are refused. A fragment that overlaps another one ends its packet (RFC 5722;
 * Linux does so for IPv4 too); an exact copy is ignored.
 */
export class Reassembly {
  private readonly queues = new Map<string, Queue>()
  private held = 0
  private readonly clock: Clock
  /** Seconds that a packet has from its first fragment on. */
  lifetime: number
  /** Bytes that all packets may hold. */
  limit: number
  /** A packet's time ran out; `first` is the header and bytes of its first fragment, if that came. */
  onTimeout: (first: FirstFragment | undefined, link: Link | undefined) => void = () => {}

  constructor(clock: Clock, lifetime: number, limit: number) {
    this.clock = clock
    this.lifetime = lifetime
    this.limit = limit
  }

  /** Bytes held, with what it costs to hold them. */
  get size(): number {
    return this.held
  }

  add(key: string, fragment: Fragment): Reassembled {
    const { offset, more, bytes } = fragment
    const end = offset + bytes.length
    let queue = this.queues.get(key)
    if (end > 65535 || (more && (bytes.length === 0 || bytes.length % 8 !== 0))) return this.drop(key, queue, 'size')
    if (this.held + bytes.length + overhead > this.limit) return this.drop(key, queue, 'memory')
    if (queue === undefined) {
      const cancel = this.clock.at(this.clock.now() + this.lifetime * second, () => this.expire(key))
      queue = { pieces: [], total: undefined, held: 0, head: undefined, link: fragment.link, cancel }
      this.queues.set(key, queue)
    }
    const at = queue.pieces.findIndex(piece => piece.end > offset)
    const next = at < 0 ? undefined : (queue.pieces[at] as Piece)
    if (next !== undefined && next.start < end) {
      const copy = next.start === offset && next.end === end
      return copy ? waiting : this.drop(key, queue, 'overlap')
    }
    const last = queue.pieces.at(-1)?.end ?? 0
    if (!more) {
      if ((queue.total !== undefined && queue.total !== end) || last > end) return this.drop(key, queue, 'size')
      queue.total = end
    } else if (queue.total !== undefined && end > queue.total) return this.drop(key, queue, 'size')
    queue.pieces.splice(at < 0 ? queue.pieces.length : at, 0, { start: offset, end, bytes: bytes.slice() })
    queue.held += bytes.length + overhead
    this.held += bytes.length + overhead
    if (offset === 0) queue.head = fragment.header.slice()
    return this.complete(key, queue)
  }

  private complete(key: string, queue: Queue): Reassembled {
    if (queue.total === undefined || queue.head === undefined) return waiting
    let reached = 0
    for (const piece of queue.pieces) {
      if (piece.start !== reached) return waiting
      reached = piece.end
    }
    if (reached !== queue.total) return waiting
    const payload = new Uint8Array(queue.total)
    for (const piece of queue.pieces) payload.set(piece.bytes, piece.start)
    this.forget(key, queue)
    return { kind: 'whole', header: queue.head, payload }
  }

  private drop(key: string, queue: Queue | undefined, why: 'overlap' | 'size' | 'memory'): Reassembled {
    if (queue !== undefined) this.forget(key, queue)
    return { kind: 'dropped', why }
  }

  private expire(key: string): void {
    const queue = this.queues.get(key)
    if (queue === undefined) return
    this.forget(key, queue)
    const first = queue.pieces[0]
    this.onTimeout(queue.head && first ? { header: queue.head, bytes: first.bytes } : undefined, queue.link)
  }

  private forget(key: string, queue: Queue): void {
    queue.cancel()
    this.queues.delete(key)
    this.held -= queue.held
  }
}
