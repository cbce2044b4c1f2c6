/** What ends a command from outside: the time of `-t`, and signals. */
import { type Cancel, second, start, type Task, type Wait } from '../runtime/index.ts'
import { flushLog } from './daemon/index.ts'
import type { Connect, Stdio } from './program.ts'
import type { Log } from './vlog/index.ts'

/** What is to end, and in how many seconds at the latest. */
export type Ending = { log: Log; stdio: Stdio; connect: Connect; options: { timeout: number | undefined } }

/** A process that a signal ends has this and the signal's number as its status in a shell. */
const bySignal = 128
const alarm = 14

/** As a shell names them. */
const signalNames: Readonly<Record<string, string>> = { SIGTERM: 'Terminated', SIGINT: 'Interrupt', SIGHUP: 'Hangup' }

const die = (call: Ending, number: number, name: string, end: (status: number) => void): void => {
  call.log.warn('fatal_signal', `terminating with signal ${number} (${name})`)
  start(flushLog(call), { done: () => end(bySignal + number) })
}

/** Ends the command when the time of `-t` is over, as the alarm clock ends a process. */
export const dieInTime = (call: Ending, end: (status: number) => void): Cancel => {
  const { timeout } = call.options
  if (timeout === undefined) return () => {}
  const { clock } = call.connect
  return clock.at(clock.now() + timeout * second, () => die(call, alarm, 'Alarm clock', end))
}

/** Ends the command when a signal asks the process to. */
export const dieOfSignals = (call: Ending, end: (status: number) => void): Cancel =>
  call.connect.system?.onSignal((name, number) => die(call, number, signalNames[name] ?? name, end)) ?? (() => {})

/** Ends a program where it stands, as `exit` ends a process; `finally` blocks run. */
export type Exit = (status: number) => Wait

/**
 * Runs a program to its end, or until its time is over or a signal ends it; ends with its status. One that is made with
 * `exit` can also end itself anywhere.
 */
export function* bounded(ending: Ending, program: Task<number> | ((exit: Exit) => Task<number>)): Task<number> {
  const result: { status?: number; error?: unknown; failed?: boolean } = {}
  const cancels: Cancel[] = []
  try {
    yield resume => {
      const end = (status: number): void => {
        result.status ??= status
        resume()
      }
      const exit: Exit = status => () => {
        end(status)
        return () => {}
      }
      const running = start(typeof program === 'function' ? program(exit) : program, {
        done: end,
        failed(error) {
          Object.assign(result, { error, failed: true })
          resume()
        },
      })
      cancels.push(() => running.stop())
      if (!running.ended) cancels.push(dieInTime(ending, end), dieOfSignals(ending, end))
      return () => {}
    }
  } finally {
    for (const cancel of cancels) cancel()
  }
  if (result.failed) throw result.error
  return result.status as number
}
