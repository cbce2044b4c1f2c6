import type { PortNumber } from '../action.ts'

/** Ports from here on share one place. */
const mostPorts = 2 ** 16

/**
 * Which slots may hold answers that have become wrong. Doubts are numbered; a slot remembers the last doubt before it was
 * found right, a port the last one about frames that come in there. So to doubt a port's megaflows, however many, is to write one
 * number, and a frame compares two.
 */
export class Trust {
  private count = 0
  private slots = new Float64Array(64)
  private ports = new Float64Array(64)
  /** The last doubt about everything, which is that of ports without a place. */
  private all = 0
  /** The last doubt about ports that share one. */
  private others = 0

  /** The last doubt until now. */
  get last(): number {
    return this.count
  }

  /** What is in the slot is right, or was when `last` was this. */
  give(slot: number, last = this.count): void {
    if (slot >= this.slots.length) this.slots = grown(this.slots, slot + 1, 0)
    this.slots[slot] = last
  }

  /** What is in the slot may be wrong. */
  takeFrom(slot: number): void {
    this.slots[slot] = -1
  }

  /** What frames meet that come in at these ports may be wrong. */
  takeFromPorts(ports: Iterable<PortNumber>): void {
    this.count++
    for (const port of ports) {
      if (port >= mostPorts) this.others = this.count
      else {
        if (port >= this.ports.length) this.ports = grown(this.ports, port + 1, this.all)
        this.ports[port] = this.count
      }
    }
  }

  /** Everything may be wrong. */
  takeFromAll(): void {
    this.count++
    this.ports.fill(this.count)
    this.all = this.others = this.count
  }

  /** Whether what is in the slot is right for frames that came in at the port; without one, for frames of any port. */
  has(slot: number, port: PortNumber | undefined): boolean {
    return this.slots[slot]! >= (port === undefined ? this.count : this.doubtOf(port))
  }

  private doubtOf(port: PortNumber): number {
    if (port < this.ports.length) return this.ports[port]!
    return port < mostPorts ? this.all : this.others
  }
}

const grown = (from: Float64Array<ArrayBuffer>, size: number, filling: number): Float64Array<ArrayBuffer> => {
  const to = new Float64Array(Math.max(size, from.length * 2))
  to.fill(filling, from.length)
  to.set(from)
  return to
}
