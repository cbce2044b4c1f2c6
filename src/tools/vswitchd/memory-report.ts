import { type Cancel, type Clock, type Log, second } from '../../runtime/index.ts'

/** How often the memory is looked at. */
const interval = 10 * second
/** How much more it is that is worth a line. */
const growth = 1.5

const seconds = (duration: number): string => (duration / second).toFixed(1)

/**
 * Tells the log, some time after the start and then whenever it is half as much again, how much memory the process has had
 * (`peak`, kB), and what for (`usage`, empty for nothing). Gives how to stop.
 */
export const reportMemory = (clock: Clock, log: Log, peak: () => number, usage: () => string): Cancel => {
  const began = clock.now()
  let last: { at: number; size: number } | undefined
  let cancel: Cancel
  const look = (): void => {
    const now = clock.now()
    cancel = clock.at(now + interval, look)
    const size = peak()
    if (last !== undefined && size < growth * last.size) return
    const text =
      last === undefined
        ? `${size} kB peak resident set size after ${seconds(now - began)} seconds`
        : `peak resident set size grew ${Math.round(100 * (size / last.size - 1))}% in last ${seconds(now - last.at)} seconds, from ${last.size} kB to ${size} kB`
    last = { at: now, size }
    log('memory', 'info', text)
    const told = usage().trimEnd()
    if (told !== '') log('memory', 'info', told)
  }
  cancel = clock.at(began + interval, look)
  return () => cancel()
}
