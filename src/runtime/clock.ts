/** Takes back a request; calling it again, or after the request ran, does nothing. */
export type Cancel = () => void

/** Time, handed in. Nanoseconds as a number from 0, which is when the clock was made. */
export interface Clock {
  now(): number
  /** Runs `run` once when the clock reads `when` or later; a time in the past means as soon as possible. */
  at(when: number, run: () => void): Cancel
}

export const microsecond = 1e3
export const millisecond = 1e6
export const second = 1e9

/** Runs `run` every `period` nanoseconds, first after one period. */
export const every = (clock: Clock, period: number, run: () => void): Cancel => {
  let cancel: Cancel
  const tick = (): void => {
    cancel = clock.at(clock.now() + period, tick)
    run()
  }
  cancel = clock.at(clock.now() + period, tick)
  return () => cancel()
}
