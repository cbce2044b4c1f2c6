/** What ends a command from outside: the time of `-t`, and signals. */
import { type Cancel, second } from '../../runtime/index.ts'
import { start } from '../../runtime/task.ts'
import { type Call, flushLog } from './command.ts'

/** A process that a signal ends has this and the signal's number as its status in a shell. */
const bySignal = 128
const alarm = 14

/** As a shell names them. */
const signalNames: Readonly<Record<string, string>> = { SIGTERM: 'Terminated', SIGINT: 'Interrupt', SIGHUP: 'Hangup' }

const die = (call: Call, number: number, name: string, end: (status: number) => void): void => {
  call.warn('fatal_signal', `terminating with signal ${number} (${name})`)
  start(flushLog(call), { done: () => end(bySignal + number) })
}

/** Ends the command when the time of `-t` is over, as the alarm clock ends a process. */
export const dieInTime = (call: Call, end: (status: number) => void): Cancel => {
  const { timeout } = call.options
  if (timeout === undefined) return () => {}
  const { clock } = call.connect
  return clock.at(clock.now() + timeout * second, () => die(call, alarm, 'Alarm clock', end))
}

/** Ends the command when a signal asks the process to. */
export const dieOfSignals = (call: Call, end: (status: number) => void): Cancel =>
  call.connect.system?.onSignal((name, number) => die(call, number, signalNames[name] ?? name, end)) ?? (() => {})
