import type { Cancel, Clock } from '../../runtime/index.ts'
import type { Frame } from '../../wire/frame.ts'
import { segmentsOf } from '../../wire/tcp-segments.ts'
import { type Handle, majorOf, type Place, type Qdisc } from './qdisc.ts'

/** Frames that leave by one link: they wait in the discipline at its root, which is asked again when it has something. */
export class Egress implements Place {
  child: Qdisc
  private readonly clock: Clock
  private readonly emit: (frame: Frame) => void
  private timer: Cancel | undefined
  private timerAt = Number.POSITIVE_INFINITY
  private isRunning = false

  constructor(clock: Clock, root: Qdisc, emit: (frame: Frame) => void) {
    this.clock = clock
    this.child = root
    this.emit = emit
  }

  /** Takes a frame; false if it was dropped at once. */
  send(frame: Frame): boolean {
    const now = this.clock.now()
    let taken = true
    // Each packet of a run waits by itself: a bucket need not hold all of it.
    for (const packet of segmentsOf(frame)) taken = this.child.enqueue(packet, now) && taken
    this.run()
    return taken
  }

  /** Gives on whose turn it is. What that makes others send on the same link waits until this is done. */
  run(): void {
    if (this.isRunning) return
    this.isRunning = true
    const { clock } = this
    try {
      for (let frame = this.child.dequeue(clock.now()); frame; frame = this.child.dequeue(clock.now())) this.emit(frame)
    } finally {
      this.isRunning = false
    }
    this.wait(this.child.readyAt(clock.now()))
  }

  private wait(when: number | undefined): void {
    if (when === undefined || when >= this.timerAt) return
    this.timer?.()
    this.timerAt = when
    this.timer = this.clock.at(Math.max(when, this.clock.now() + 1), () => {
      this.timer = undefined
      this.timerAt = Number.POSITIVE_INFINITY
      this.run()
    })
  }

  /** The link goes down: what waited is lost. */
  reset(): void {
    this.timer?.()
    this.timer = undefined
    this.timerAt = Number.POSITIVE_INFINITY
    this.child.reset()
  }

  /** All disciplines with where they hang: the root first, each before what hangs from it. */
  all(): Hung[] {
    const found: Hung[] = []
    const visit = (place: Place, parent: Handle | undefined): void => {
      if (place.child.handle === 0 && parent !== undefined) return
      found.push({ qdisc: place.child, place, parent })
      for (const [handle, below] of place.child.classes ?? []) visit(below, handle)
    }
    visit(this, undefined)
    return found
  }

  /** The discipline with this number, as `5:`. */
  find(handle: Handle): Hung | undefined {
    return this.all().find(({ qdisc }) => qdisc.handle === majorOf(handle))
  }

  /** The place of a class, as `5:1`; it need not have anything of its own. */
  place(handle: Handle): Place | undefined {
    return this.find(handle)?.qdisc.classes?.get(handle)
  }
}

/** A discipline, where it is, and the class that it hangs from; none for the root. */
export type Hung = { qdisc: Qdisc; place: Place; parent: Handle | undefined }
