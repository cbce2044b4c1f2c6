import { type Cancel, second } from '../../runtime/index.ts'
import { start } from '../../runtime/task.ts'
import { type Call, flushLog } from './command.ts'

/** A process that a signal ends has this and the signal's number as its status in a shell. */
const bySignal = 128
const alarm = 14

/** Ends the command when the time of `-t` is over, as the alarm clock ends a process. */
export const dieInTime = (call: Call, end: (status: number) => void): Cancel => {
  const { timeout } = call.options
  if (timeout === undefined) return () => {}
  const { clock } = call.connect
  return clock.at(clock.now() + timeout * second, () => {
    call.warn('fatal_signal', `terminating with signal ${alarm} (Alarm clock)`)
    start(flushLog(call), { done: () => end(bySignal + alarm) })
  })
}
