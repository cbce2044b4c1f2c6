import type { Task } from '../runtime/index.ts'
import type { Enter } from './socket-duplex.ts'

/** A promise as something that a task waits for. */
export const awaited = <T>(enter: Enter, begin: () => Promise<T>, abort: (value: T) => void): Task<T> =>
  (function* () {
    const result: { value?: T } = {}
    yield resume => {
      let stopped = false
      void begin().then(value => {
        if (stopped) abort(value)
        else
          enter(() => {
            result.value = value
            resume()
          })
      })
      return () => {
        stopped = true
      }
    }
    return result.value as T
  })()

/** What is done with a connection that came too late. */
export const closeIt = (value: { close(): void } | string): void => {
  if (typeof value !== 'string') value.close()
}
