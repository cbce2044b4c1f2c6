/**
 * A task is a program that waits: a generator that yields what it waits for. `ping` sends, waits a second, sends again.
 *
 * Why not `async` functions: a promise continues in a microtask, after the event that settled it has returned, and how
 * many microtasks later depends on how the code is written. A generator continues inside the event that it waited
 * for, so a lab in virtual time gives the same bytes at the same nanosecond on every run, and a task can be ended at the
 * place where it waits (`finally` blocks run, as they do when a signal ends a process).
 *
 *     function* beep(clock: Clock): Task<number> {
 *       for (let i = 0; i < 3; i++) yield* sleep(clock, second)
 *       return 0
 *     }
 *     const running = start(beep(clock), { done: status => print(status) })
 */
import type { Cancel, Clock } from './clock.ts'

/**
 * Something to wait for: asked to begin, it calls `resume` once, later or at once, and can be cancelled before that.
 */
export type Wait = (resume: () => void) => Cancel

/** A program that waits by yielding, and ends with a `T`. */
export type Task<T> = Generator<Wait, T, void>

/** How a task ended. A thrown value is a mistake of ours, except where a caller's task means it. */
export type Outcome<T> = { done?: (value: T) => void; failed?: (error: unknown) => void }

export interface Running {
  /** Ends the task where it waits, running its `finally` blocks; neither `done` nor `failed` is called. */
  stop(): void
  readonly ended: boolean
}

/** Starts a task at once; it runs inside this call until it first waits. Without `failed`, what it throws is thrown on. */
export const start = <T>(task: Task<T>, outcome: Outcome<T> = {}): Running => {
  let ended = false
  let cancel: Cancel | undefined
  // A wait may resume inside its own start; the loop below then continues instead of recursing.
  let stepping = false
  let resumed = false

  const step = (): void => {
    if (stepping) {
      resumed = true
      return
    }
    stepping = true
    // Called after the loop, so that what `done` and `failed` cause is not taken for a failure of this task.
    let after: (() => void) | undefined
    try {
      do {
        resumed = false
        cancel = undefined
        const next = task.next()
        if (next.done) {
          if (!ended) after = () => outcome.done?.(next.value)
          ended = true
          break
        }
        if (!ended) cancel = next.value(once(step))
        if (!ended) continue
        // It stopped itself, or what it waits for stopped it.
        cancel?.()
        task.return(undefined as T)
        break
      } while (resumed)
    } catch (error) {
      ended = true
      const { failed } = outcome
      if (failed === undefined) throw error
      after = () => failed(error)
    } finally {
      stepping = false
    }
    after?.()
  }

  const once = (run: () => void): (() => void) => {
    let ran = false
    return () => {
      if (ran || ended) return
      ran = true
      run()
    }
  }

  step()
  return {
    stop() {
      if (ended) return
      ended = true
      cancel?.()
      // A generator that is running now (a task that stops itself) ends when it next yields.
      if (!stepping) task.return(undefined as T)
    },
    get ended() {
      return ended
    },
  }
}

/** Waits for a time. */
export function* sleep(clock: Clock, duration: number): Task<void> {
  yield resume => clock.at(clock.now() + duration, resume)
}

/** What waits for a condition that others make true: `wake` resumes all that wait, and they look again. */
export class Signal {
  // Mostly one waits, and a set for it would be made anew each time.
  private only: (() => void) | undefined
  private waiting: Set<() => void> | undefined

  readonly wait: Wait = resume => {
    if (this.only === undefined && this.waiting === undefined) this.only = resume
    else if (this.only !== resume) {
      this.waiting ??= new Set()
      this.waiting.add(resume)
    }
    return () => {
      if (this.only === resume) this.only = undefined
      else this.waiting?.delete(resume)
    }
  }

  wake(): void {
    const { only, waiting } = this
    if (only === undefined && waiting === undefined) return
    this.only = undefined
    this.waiting = undefined
    only?.()
    if (waiting !== undefined) for (const resume of waiting) resume()
  }
}

/** Waits until the first of several; the others are cancelled. */
export const first = (...waits: Wait[]): Wait => {
  return resume => {
    let over = false
    const cancels: Cancel[] = []
    const finish = (): void => {
      if (over) return
      over = true
      for (const cancel of cancels) cancel()
      resume()
    }
    for (const wait of waits) {
      if (over) break
      cancels.push(wait(finish))
    }
    if (over) for (const cancel of cancels) cancel()
    return () => {
      over = true
      for (const cancel of cancels) cancel()
    }
  }
}

/** A wait that ends after a time; with `first`, a timeout. */
export const elapsed =
  (clock: Clock, duration: number): Wait =>
  resume =>
    clock.at(clock.now() + duration, resume)

/**
 * Calls a function from the loop that drives the task, not from inside the present calls: what is called may start tasks
 * that do the same, and the stack does not grow with the calls between them.
 */
export function* unwound<T>(run: () => T): Task<T> {
  let result: { value: T } | undefined
  yield resume => {
    result = { value: run() }
    resume()
    return () => {}
  }
  return (result as unknown as { value: T }).value
}

/** Runs a task as `yield*` would, but unwound: a program that calls itself needs a little stack for each call. */
export function* apart<T>(task: Task<T>): Task<T> {
  let result: { value: T } | undefined
  let failure: { error: unknown } | undefined
  yield resume => {
    const running = start(task, {
      done: value => {
        result = { value }
        resume()
      },
      failed: error => {
        failure = { error }
        resume()
      },
    })
    return () => running.stop()
  }
  if (failure !== undefined) throw (failure as { error: unknown }).error
  return (result as unknown as { value: T }).value
}
