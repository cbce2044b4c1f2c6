/** Commands that every program with a control socket has: the log's, counters, and those about itself (ovs-appctl(8)). */
import type { Task } from '../runtime/index.ts'
import { Coverage } from '../vswitchd/unixctl/coverage.ts'
import { type Callable, commandFor, commandListing, type Reply, refuse, reply } from '../vswitchd/unixctl/dispatch.ts'
import type { Connect } from './program.ts'
import type { Log } from './vlog/log.ts'
import { openLogFile } from './vlog/open-log.ts'
import { listLevels, listPatterns, setLogLevels } from './vlog/settings.ts'

/** A command of a tool that stays; it may wait before it answers. */
export type ControlCommand = Callable & { run(args: readonly string[]): Task<Reply> }
export type ControlCommands = Readonly<Record<string, ControlCommand>>

const any = Number.POSITIVE_INFINITY

/** A command that answers at once. */
export const answering = (callable: Callable, run: (args: readonly string[]) => Reply): ControlCommand => ({
  ...callable,
  // biome-ignore lint/correctness/useYield: it never waits
  *run(args) {
    return run(args)
  },
})

const rateLimits =
  (log: Log) =>
  (args: readonly string[]): Reply => {
    const unknown = args.some(
      name => name.toLowerCase() !== 'any' && !log.settings.modules.includes(name.replaceAll('-', '_')),
    )
    return unknown ? refuse('unknown module') : reply('')
  }

const logCommands = (log: Log, connect: Connect): ControlCommands => {
  let closed: string | undefined
  return {
    'vlog/list': answering({ usage: '', min: 0, max: 0 }, () => reply(listLevels(log.settings))),
    'vlog/list-pattern': answering({ usage: '', min: 0, max: 0 }, () => reply(listPatterns(log.settings))),
    'vlog/set': answering({ usage: '{spec | PATTERN:destination:pattern}', min: 0, max: any }, args => {
      for (const spec of args.length === 0 ? [undefined] : args) {
        const wrong = setLogLevels(log.settings, spec)
        if (wrong !== undefined) return refuse(wrong)
      }
      return reply('')
    }),
    'vlog/close': answering({ usage: '', min: 0, max: 0 }, () => {
      closed = log.file?.path ?? closed
      log.file?.close()
      log.file = undefined
      return reply('')
    }),
    'vlog/reopen': answering({ usage: '', min: 0, max: 0 }, () => {
      const path = log.file?.path ?? closed
      if (path === undefined) return refuse('Logging to file not configured')
      log.file?.close()
      log.file = undefined
      const wrong = openLogFile(log, connect, path)
      return wrong === undefined ? reply('') : refuse(wrong)
    }),
    // No line is left out here for coming too often, so there is nothing to switch.
    'vlog/enable-rate-limit': answering({ usage: '[module]...', min: 0, max: any }, rateLimits(log)),
    'vlog/disable-rate-limit': answering({ usage: '[module]...', min: 0, max: any }, rateLimits(log)),
  }
}

/** How often things happened, by their names. */
export type Counters = Record<string, number>

/** What every program that stays counts of its control socket. */
export const controlCounters = (): Counters => ({ unixctl_received: 0, unixctl_replied: 0 })

/** `show` is of what a daemon's main loop collects from time to time; a tool has none, as the original, and lists nothing. */
const counterCommands = (counters: Counters): ControlCommands => {
  const none = new Coverage(() => Object.keys(counters).map(name => [name, 0] as const))
  return {
    'coverage/show': answering({ usage: '', min: 0, max: 0 }, () => reply(none.show())),
    'coverage/read-counter': answering({ usage: 'COUNTER', min: 1, max: 1 }, ([name = '']) =>
      Object.hasOwn(counters, name) ? reply(String(counters[name])) : refuse('No such counter'),
    ),
  }
}

/** The same of a program that looks at its counts from time to time. */
export const coverageCommands = (coverage: Coverage): ControlCommands => ({
  'coverage/show': answering({ usage: '', min: 0, max: 0 }, () => reply(coverage.show())),
  'coverage/read-counter': answering({ usage: 'COUNTER', min: 1, max: 1 }, ([name = '']) => {
    const count = coverage.read(name)
    return count === undefined ? refuse('No such counter') : reply(`${count}\n`)
  }),
})

export type ControlOptions = {
  program: string
  log: Log
  connect: Connect
  commands: ControlCommands
  counters: Counters
}

/** What the control socket of a tool answers to a command. */
export const controlAnswer = ({ program, log, connect, commands, counters }: ControlOptions) => {
  const all: ControlCommands = {
    ...logCommands(log, connect),
    ...counterCommands(counters),
    // A program may have more to tell of what it counts.
    ...commands,
    version: answering({ usage: '', min: 0, max: 0 }, () => reply(`${program} (Open vSwitch) 3.1.0`)),
    'list-commands': answering({ usage: '', min: 0, max: 0 }, () => reply(commandListing(all))),
  }
  return function* (name: string, args: readonly string[]): Task<Reply> {
    counters.unixctl_received = (counters.unixctl_received ?? 0) + 1
    const command = commandFor(all, name, args)
    const answer = typeof command === 'string' ? refuse(command) : yield* command.run(args)
    counters.unixctl_replied = (counters.unixctl_replied ?? 0) + 1
    return answer
  }
}
