import { type Running, Signal, start, type Task } from '../../../runtime/index.ts'

/**
 * Tasks that a program runs beside each other, as threads: it waits for them with `join`, and ends them with `stop` in a
 * `finally`, so that none outlives it. What one throws (`Exit` for a closed pipe) is thrown by `join`.
 */
export class Crew {
  private readonly running = new Set<Running>()
  private readonly news = new Signal()
  private failure: { error: unknown } | undefined

  /** How many are not done. */
  get size(): number {
    return this.running.size
  }

  add(task: Task<void>): void {
    let running: Running | undefined
    let over = false
    const end = (): void => {
      over = true
      if (running !== undefined) this.running.delete(running)
      this.news.wake()
    }
    const failed = (error: unknown): void => {
      this.failure ??= { error }
      end()
    }
    running = start(task, { done: end, failed })
    if (!over) this.running.add(running)
  }

  /** Waits until `idle`, which is looked at whenever one is done; without it, until all are. */
  *join(idle: () => boolean = () => this.running.size === 0): Task<void> {
    while (this.failure === undefined && !idle()) yield this.news.wait
    if (this.failure !== undefined) throw this.failure.error
  }

  /** Something changed that `idle` may depend on. */
  look(): void {
    this.news.wake()
  }

  stop(): void {
    for (const running of this.running) running.stop()
    this.running.clear()
  }
}
