import type { Waiting } from '../lab/index.ts'
import { millisecond, second, type VirtualClock } from '../runtime/index.ts'
import { Pace } from './pace.ts'

/** Who lets a lab's time pass while someone waits for a command. */
export interface Drive {
  /**
   * Lets time pass until `ended`; keyboard and signals are attended to on the way. `waiting` tells what for, time unless
   * told otherwise.
   */
  finish(ended: () => boolean, waiting?: () => Waiting): Promise<void>
  /** Something happened outside: a line was typed, a command interrupted. */
  poke(): void
  stop(): void
}

/** How long the clock runs before the keyboard gets a turn, in ms. */
const slice = 8
/**
 * It gets it where nothing is about to happen for this much simulated time, so that Ctrl-C does not cut a ping off from its
 * answer; but after four times as long in any case.
 */
const lull = 5 * millisecond
/** A command that still prints after this much simulated time is slowed to real time, so that a person can follow. */
const patience = 10 * second

/** How often the clock follows the real one while a person may type and jobs run in the background, in ms. */
const beat = 20

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Virtual time: as fast as it goes while a command runs, standing still in between and while a program wants a line. */
export class VirtualDrive implements Drive {
  private readonly clock: VirtualClock
  private readonly printed: () => number
  private wake: (() => void) | undefined

  /** `printed` counts what was printed so far, in any unit. */
  constructor(clock: VirtualClock, printed: () => number) {
    this.clock = clock
    this.printed = printed
  }

  async finish(ended: () => boolean, waiting: () => Waiting = () => 'time'): Promise<void> {
    let began = this.clock.now()
    let last = began
    while (!ended()) {
      if (waiting() !== 'time') {
        if (waiting() === 'line') await this.pause(undefined)
        else await this.keepPace()
        began = last = this.clock.now()
        continue
      }
      const said = this.printed()
      const until = performance.now() + slice
      let idle = false
      while (!ended() && waiting() === 'time' && !idle && !this.hasHadItsTurn(until)) {
        const before = this.printed()
        idle = !this.clock.step()
        if (this.printed() !== before && this.clock.now() - began > patience) break
      }
      if (ended()) return
      if (this.printed() !== said) {
        const now = this.clock.now()
        const passed = Math.min(now - last, second) / 1e6
        last = now
        if (now - began > patience) {
          await this.pause(passed)
          continue
        }
      }
      if (idle) await this.pause(undefined)
      else await turn()
    }
  }

  poke(): void {
    this.wake?.()
  }

  stop(): void {}

  private hasHadItsTurn(until: number): boolean {
    const now = performance.now()
    if (now < until) return false
    return now >= until + 3 * slice || (this.clock.next() ?? 0) - this.clock.now() >= lull
  }

  private async keepPace(): Promise<void> {
    const began = performance.now()
    await this.pause(beat)
    this.clock.runUntil(this.clock.now() + (performance.now() - began) * 1e6)
  }

  /** Waits for a time in ms, or for a poke. */
  private pause(ms: number | undefined): Promise<void> {
    return new Promise(resolve => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms)
      this.wake = () => {
        this.wake = undefined
        if (timer !== undefined) clearTimeout(timer)
        resolve()
      }
    })
  }
}

/** Real time: the lab goes on whether a command runs or not. */
export class PacedDrive implements Drive {
  private readonly pace: Pace

  constructor(clock: VirtualClock) {
    this.pace = new Pace(clock)
  }

  async finish(ended: () => boolean): Promise<void> {
    this.poke()
    while (!ended()) await new Promise(resolve => setTimeout(resolve, 1))
  }

  poke(): void {
    this.pace.enter(() => {})
  }

  /** Lets something from outside happen at the lab's present time. */
  enter(happen: () => void): void {
    this.pace.enter(happen)
  }

  stop(): void {
    this.pace.stop()
  }
}
