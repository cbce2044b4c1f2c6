import { Kernel } from '../host/index.ts'
import { fromUtf8, Pipe, seeded, start, utf8, VirtualClock } from '../runtime/index.ts'
import type { Commands } from './command.ts'
import { baseCommands } from './commands/index.ts'
import { Machine, type Ran } from './machine.ts'
import { readEnd, sink } from './streams.ts'

/** A machine without links in virtual time, and a way to run a line on it to its end. */
export const testMachine = (more: Commands = {}) => {
  const clock = new VirtualClock()
  const random = seeded(1)
  const machine = new Machine({
    kernel: new Kernel({ clock, random }),
    clock,
    random,
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

/** Somebody at a terminal of a new machine: types, lets time pass, presses Ctrl-C, and sees the screen. */
export const terminal = (more: Commands = {}) => {
  const { machine, clock } = testMachine(more)
  const keys = new Pipe()
  const window = { columns: 80 }
  let text = ''
  /** What came to the screen since the last look. */
  const look = (): string => {
    const seen = text
    text = ''
    return seen
  }
  const shell = machine.shell({
    stdin: readEnd(keys, window),
    stdout: sink(bytes => {
      text += fromUtf8(bytes)
    }, window),
  })
  return {
    machine,
    clock,
    shell,
    /** Types and lets `seconds` pass; what came to the screen since the last time. */
    type(line: string, seconds = 0.1): string {
      keys.offer(utf8(line))
      clock.runUntil(clock.now() + seconds * 1e9)
      return look()
    },
    interrupt(seconds = 0.1): string {
      machine.interrupt(shell.pid)
      clock.runUntil(clock.now() + seconds * 1e9)
      return look()
    },
    hangUp(): string {
      keys.close()
      clock.runUntil(clock.now() + 1e9)
      return look()
    },
  }
}
