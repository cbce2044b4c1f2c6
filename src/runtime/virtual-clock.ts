import type { Cancel, Clock } from './clock.ts'

type Entry = { when: number; order: number; run: (() => void) | undefined }

/**
 * A clock that stands still until it is told to run, then jumps from one entry to the next.
 * The earliest entry runs first; entries of the same time run in the order in which they were requested.
 * A cancelled entry stays in the heap without its function until its time comes, or until such entries are the majority.
 */
export class VirtualClock implements Clock {
  private time = 0
  private order = 0
  private heap: Entry[] = []
  private cancelled = 0

  now(): number {
    return this.time
  }

  /** Entries that wait and are not cancelled. */
  get pending(): number {
    return this.heap.length - this.cancelled
  }

  at(when: number, run: () => void): Cancel {
    if (!(when < Number.POSITIVE_INFINITY)) throw new RangeError(`a clock cannot reach ${when}`)
    const entry: Entry = { when: Math.max(when, this.time), order: this.order++, run }
    this.push(entry)
    return () => {
      if (entry.run === undefined) return
      entry.run = undefined
      this.cancelled++
      if (this.cancelled > 64 && this.cancelled * 2 > this.heap.length) this.sweep()
    }
  }

  /** The time of the earliest entry, or undefined if nothing waits. */
  next(): number | undefined {
    this.dropCancelled()
    return this.heap[0]?.when
  }

  /** Runs the earliest entry, moving the time to it. False if nothing waits. */
  step(): boolean {
    this.dropCancelled()
    if (this.heap.length === 0) return false
    const entry = this.pop()
    this.time = entry.when
    const run = entry.run as () => void
    entry.run = undefined
    run()
    return true
  }

  /** Runs all entries up to and including time `until`, then stands at `until`. */
  runUntil(until: number): void {
    for (let when = this.next(); when !== undefined && when <= until; when = this.next()) this.step()
    if (until > this.time) this.time = until
  }

  /** Runs until `done` says so or nothing waits. Returns what `done` said last. */
  runWhile(waiting: () => boolean): boolean {
    while (waiting()) if (!this.step()) return false
    return true
  }

  private dropCancelled(): void {
    while (this.heap.length > 0 && (this.heap[0] as Entry).run === undefined) {
      this.pop()
      this.cancelled--
    }
  }

  private sweep(): void {
    const live = this.heap.filter(entry => entry.run !== undefined)
    this.cancelled = 0
    // A sorted array is a heap.
    this.heap = live.sort((a, b) => a.when - b.when || a.order - b.order)
  }

  private push(entry: Entry): void {
    const { heap } = this
    let at = heap.length
    heap.push(entry)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as Entry
      if (!earlier(entry, above)) break
      heap[at] = above
      at = parent
    }
    heap[at] = entry
  }

  private pop(): Entry {
    const { heap } = this
    const first = heap[0] as Entry
    const last = heap.pop() as Entry
    const size = heap.length
    if (size === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && earlier(heap[child + 1] as Entry, heap[child] as Entry)) child++
      const below = heap[child] as Entry
      if (!earlier(below, last)) break
      heap[at] = below
      at = child
    }
    heap[at] = last
    return first
  }
}

const earlier = (a: Entry, b: Entry): boolean => a.when < b.when || (a.when === b.when && a.order < b.order)
