import { type Clock, second, start, type Task } from '../runtime/index.ts'

/** Runs a task, but no longer than some seconds; undefined if it would take longer, or gives nothing. */
export function* within<T>(clock: Clock, limit: number | undefined, task: Task<T>): Task<T | undefined> {
  if (limit === undefined) return yield* task
  const result: { value?: T; error?: unknown; failed?: boolean } = {}
  yield resume => {
    const cancel = clock.at(clock.now() + limit * second, resume)
    const running = start(task, {
      done(value) {
        result.value = value
        resume()
      },
      failed(error) {
        result.failed = true
        result.error = error
        resume()
      },
    })
    return () => {
      cancel()
      running.stop()
    }
  }
  if (result.failed) throw result.error
  return result.value
}
