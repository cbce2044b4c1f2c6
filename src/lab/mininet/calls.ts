import { type Running, start, type Task, type VirtualClock } from '../../runtime/index.ts'
import type { Waiting } from '../session.ts'
import { breathe } from './platform.ts'

/** Lets time pass until something has ended. */
export interface Drive {
  finish(ended: () => boolean, waiting?: () => Waiting): Promise<void>
}

/** Ctrl-C ended a call. */
export class Interrupted extends Error {
  override name = 'Interrupted'
}

/** How many entries of the clock run before the platform gets a turn. */
const slice = 20_000

/** Virtual time, as fast as it goes. */
export class FreeDrive implements Drive {
  private readonly clock: VirtualClock

  constructor(clock: VirtualClock) {
    this.clock = clock
  }

  async finish(ended: () => boolean): Promise<void> {
    for (;;) {
      for (let left = slice; left > 0 && !ended(); left--) {
        if (!this.clock.step() && !ended()) throw new Error('a call waits for something that cannot happen')
      }
      if (ended()) return
      await breathe()
    }
  }
}

type Call = { readonly running: Running; fail(error: unknown): void }

/**
 * Tasks as promises. The clock runs only while a call waits, and stands where a call has ended until those who waited for it
 * have gone on: what they do next happens at that time, however long the platform takes to tell them.
 */
export class Calls {
  drive: Drive
  /** What calls wait for besides time: told to the drive. */
  waiting: (() => Waiting) | undefined
  private readonly open = new Set<Call>()
  private ended = 0
  /** Ctrl-C came while no call waited: it is for the next. */
  private pending = false
  private pumping = false

  constructor(drive: Drive) {
    this.drive = drive
  }

  /** Runs a task to its end. One that never waits has ended when this returns. */
  run<T>(task: Task<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.refuseInterrupted()
      let call: Call | undefined
      let over = false
      const end = (): void => {
        over = true
        if (call !== undefined) this.open.delete(call)
        this.ended++
      }
      const running = start(task, {
        done: value => {
          end()
          resolve(value)
        },
        failed: error => {
          end()
          reject(error)
        },
      })
      if (over) return
      call = {
        running,
        fail: error => {
          running.stop()
          end()
          reject(error)
        },
      }
      this.open.add(call)
      if (!this.pumping) void this.pump()
    })
  }

  /** Whether a call waits. */
  get busy(): boolean {
    return this.open.size > 0
  }

  /** Ends all calls that wait, each with `Interrupted`; the next one if none does. */
  interrupt(): void {
    this.pending = this.open.size === 0
    for (const call of [...this.open]) call.fail(new Interrupted('interrupted'))
  }

  /** Lets the platform have its turn, for work that is no call; throws `Interrupted` if that is what came. */
  async pause(): Promise<void> {
    await breathe()
    this.refuseInterrupted()
  }

  /** Throws `Interrupted` if Ctrl-C came while no call waited. */
  refuseInterrupted(): void {
    if (!this.pending) return
    this.pending = false
    throw new Interrupted('interrupted')
  }

  private async pump(): Promise<void> {
    this.pumping = true
    try {
      while (this.open.size > 0) {
        const before = this.ended
        await this.drive.finish(() => this.ended !== before, this.waiting)
        // Whoever waited for it goes on before time does.
        await breathe()
      }
    } catch (error) {
      for (const call of [...this.open]) call.fail(error)
    } finally {
      this.pumping = false
    }
  }
}
