import { seeded, start, VirtualClock } from '../runtime/index.ts'
import type { Commands } from './command.ts'
import { baseCommands } from './commands/index.ts'
import { Machine, type Ran } from './machine.ts'

/** A machine without a network in virtual time, and a way to run a line on it to its end. */
export const testMachine = (more: Commands = {}) => {
  const clock = new VirtualClock()
  const machine = new Machine({
    kernel: { root: { name: '' } },
    clock,
    random: seeded(1),
    hostname: 'hv1',
    commands: { ...baseCommands, ...more },
  })
  /** Runs a line or a program to its end; fails when it waits for what never comes. */
  const run = (line: string | readonly string[], cwd?: string): Ran => {
    let ran: Ran | undefined
    start(machine.exec(line, cwd), { done: value => (ran = value) })
    for (let steps = 0; ran === undefined && steps < 1_000_000; steps++) if (!clock.step()) break
    if (ran === undefined) throw new Error(`it never ends: ${line}`)
    return ran
  }
  return { machine, clock, run }
}

/** What a line prints on a new machine; stderr follows stdout. */
export const output = (line: string): string => {
  const { run } = testMachine()
  const ran = run(line)
  return ran.stdout + ran.stderr
}
