import { second, type VirtualClock } from '../runtime/index.ts'
import { Pace } from './pace.ts'

/** Who lets a lab's time pass while someone waits for a command. */
export interface Drive {
  /** Lets time pass until `ended`; keyboard and signals are attended to on the way. */
  finish(ended: () => boolean): Promise<void>
  /** Something happened outside: a line was typed, a command interrupted. */
  poke(): void
  stop(): void
}

/** How long the clock runs before the keyboard gets a turn, in ms. */
const slice = 8
/** A command that still prints after this much simulated time is slowed to real time, so that a person can follow. */
const patience = 10 * second

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Virtual time: as fast as it goes while a command runs, standing still in between. */
export class VirtualDrive implements Drive {
  private readonly clock: VirtualClock
  private readonly printed: () => number
  private wake: (() => void) | undefined

  /** `printed` counts what was printed so far, in any unit. */
  constructor(clock: VirtualClock, printed: () => number) {
    this.clock = clock
    this.printed = printed
  }

  async finish(ended: () => boolean): Promise<void> {
    const began = this.clock.now()
    let last = began
    while (!ended()) {
      const said = this.printed()
      const until = performance.now() + slice
      let idle = false
      while (!ended() && !idle && performance.now() < until) {
        idle = !this.clock.step()
        if (this.printed() !== said && this.clock.now() - began > patience) break
      }
      if (ended()) return
      if (this.printed() !== said) {
        const now = this.clock.now()
        if (now - began > patience) await this.pause(Math.min(now - last, second) / 1e6)
        last = now
      }
      if (idle) await this.pause(undefined)
      else await turn()
    }
  }

  poke(): void {
    this.wake?.()
  }

  stop(): void {}

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
