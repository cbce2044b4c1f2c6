import type { Clock, Random } from '../runtime/index.ts'
import type { Frame, FrameSink } from '../wire/frame.ts'
import { segmentCount, segmentsOf, wireSize } from '../wire/tcp-segments.ts'

/** What a cable does to frames, each way by itself. Nothing given: no delay, no bound, no loss. */
export type CableOptions = {
  /** Bits a second, of the frame as captured plus 24 bytes of preamble, check sequence and gap, as on Ethernet. */
  bandwidth?: number
  /** Propagation, ns. */
  delay?: number
  /** Added to the delay, 0 to this many ns evenly; a frame never overtakes the one before. */
  jitter?: number
  /** The part of frames lost, 0 to 1. */
  loss?: number
  /** Frames that may wait to be sent while the cable is busy; 1000 unless told otherwise. */
  queue?: number
}

/** Why a cable did not deliver a frame. */
export type CableDrop = 'queue_full' | 'lost' | 'unplugged'

export type CableCounters = { frames: number; bytes: number; dropped: { [D in CableDrop]: number } }

/** Sees every frame that a cable end sends, when its last bit leaves; the frame is not the tap's to keep or change. */
export type CableTap = (end: CableEnd, frame: Frame, time: number) => void

/** Ethernet's preamble and start of frame (8), frame check sequence (4) and gap (12), IEEE 802.3. */
const framing = 24
/** The shortest frame without its check sequence. */
const shortest = 60

/** A run of segments travels as one if it is through in so many ns: a NIC would not interrupt its machine more often. */
const longestRun = 100_000

/**
 * One end of a cable: what is sent here comes out at the other end. The order of frames is kept, and each frame is one
 * entry of the clock. Runs of TCP segments count by their packets; they stay together where nobody looks at each of them
 * and the cable is fast, and come out with their last bit.
 */
export class CableEnd implements FrameSink {
  readonly takesRuns = true
  readonly cable: Cable
  /** `hv1:eth0`, for captures and drawings. */
  readonly name: string
  readonly counters: CableCounters = { frames: 0, bytes: 0, dropped: { queue_full: 0, lost: 0, unplugged: 0 } }
  /** Where frames that come out at this end go. */
  output: FrameSink | undefined
  private freeAt = 0
  private lastArrival = 0
  private waiting = 0

  constructor(cable: Cable, name: string) {
    this.cable = cable
    this.name = name
  }

  get other(): CableEnd {
    return this === this.cable.a ? this.cable.b : this.cable.a
  }

  send(frame: Frame): void {
    const { options, clock, random } = this.cable
    const { dropped } = this.counters
    if (!this.cable.plugged) {
      dropped.unplugged++
      return
    }
    const bits = this.bits(frame)
    if (frame.gso > 0 && this.parts(bits)) {
      for (const packet of segmentsOf(frame)) this.send(packet)
      return
    }
    const count = segmentCount(frame)
    const now = clock.now()
    let sent = now
    if (options.bandwidth !== undefined) {
      const begins = Math.max(this.freeAt, now)
      if (begins > now && this.waiting + count > (options.queue ?? 1000)) {
        dropped.queue_full += count
        return
      }
      sent = begins + bits * (1e9 / options.bandwidth)
      this.freeAt = sent
      if (begins > now) {
        this.waiting += count
        clock.at(begins, () => {
          this.waiting -= count
        })
      }
    }
    this.counters.frames += count
    this.counters.bytes += wireSize(frame)
    for (const tap of this.cable.taps) tap(this, frame, sent)
    // Lost on the way: it took its time on the cable, and a capture at the sender saw it.
    if (options.loss !== undefined && options.loss > 0 && random() < options.loss) {
      dropped.lost++
      return
    }
    const jitter = options.jitter === undefined || options.jitter === 0 ? 0 : random() * options.jitter
    const arrival = Math.max(sent + (options.delay ?? 0) + jitter, this.lastArrival)
    this.lastArrival = arrival
    clock.at(arrival, () => this.arrive(frame))
  }

  /** Bits that a frame is on the cable. */
  private bits(frame: Frame): number {
    if (frame.gso === 0) return (Math.max(frame.size, shortest) + framing) * 8
    return (wireSize(frame) + segmentCount(frame) * framing) * 8
  }

  /** Whether a run of so many bits must go in its packets. */
  private parts(bits: number): boolean {
    const { taps, options } = this.cable
    const { bandwidth, loss, jitter, queue } = options
    if (taps.size > 0 || (loss ?? 0) > 0 || (jitter ?? 0) > 0 || (queue ?? 1000) < 100) return true
    return bandwidth !== undefined && bits * (1e9 / bandwidth) > longestRun
  }

  private arrive(frame: Frame): void {
    if (!this.cable.plugged) this.counters.dropped.unplugged += segmentCount(frame)
    else {
      const { output } = this.other
      if (frame.gso === 0 || output?.takesRuns === true) output?.send(frame)
      else for (const packet of segmentsOf(frame)) output?.send(packet)
    }
  }
}

/** Two ends, and what happens between them. Options may be changed at any time and hold for the frames sent after. */
export class Cable {
  readonly a: CableEnd
  readonly b: CableEnd
  readonly clock: Clock
  readonly random: Random
  readonly taps = new Set<CableTap>()
  options: CableOptions
  /** Told when the cable is plugged in or pulled out. */
  readonly onPlug = new Set<(plugged: boolean) => void>()
  private isPlugged = true

  constructor(names: [a: string, b: string], world: { clock: Clock; random: Random }, options: CableOptions = {}) {
    this.clock = world.clock
    this.random = world.random
    this.options = options
    this.a = new CableEnd(this, names[0])
    this.b = new CableEnd(this, names[1])
  }

  get plugged(): boolean {
    return this.isPlugged
  }

  /** Frames on the way when a cable is pulled out are lost. */
  set plugged(plugged: boolean) {
    if (plugged === this.isPlugged) return
    this.isPlugged = plugged
    for (const told of this.onPlug) told(plugged)
  }
}
