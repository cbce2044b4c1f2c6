/** `ovsdb-tool` (ovsdb-tool(1)): makes files of databases, looks into them, changes them while no server serves them. */
import type { Task } from '../../runtime/index.ts'
import { flushLog, logShapes } from '../daemon/index.ts'
import { readOptions, type Shape } from '../getopt.ts'
import type { DatabaseHost } from '../ovsdb-server/host.ts'
import { ovsdbServerModules } from '../ovsdb-server/modules.ts'
import type { Connect, Stdio } from '../program.ts'
import { type LogStep, logStepOf, newLogSettings, openLog } from '../vlog/index.ts'
import { toolCommands, usualDatabase, usualSchema } from './commands.ts'
import { ovsdbToolHelp } from './help.ts'

const program = 'ovsdb-tool'

const shapes: readonly Shape[] = [
  { long: 'more', short: 'm' },
  { long: 'help', short: 'h' },
  { long: 'version', short: 'V' },
  ...logShapes,
]

export function* ovsdbTool(args: readonly string[], stdio: Stdio, connect: Connect, host: DatabaseHost): Task<number> {
  const fail = function* (text: string): Task<number> {
    yield* stdio.error(`${program}: ${text}`)
    return 1
  }
  const read = readOptions(args.slice(1), shapes)
  const help = ovsdbToolHelp(usualDatabase(host), usualSchema(host), connect.system?.logDirectory ?? '')
  const steps: LogStep[] = []
  for (const { name, value } of read.options) {
    if (name === 'help' || name === 'version') {
      yield* stdio.print(name === 'help' ? help : 'ovsdb-tool (Open vSwitch) 3.1.0\n')
      return 0
    }
    const step = logStepOf(name, value, newLogSettings(ovsdbServerModules))
    if (typeof step === 'string') return yield* fail(step)
    if (step !== undefined) steps.push(step)
  }
  if (read.error !== undefined) return yield* fail(read.error)
  const [name, ...words] = read.words
  if (name === undefined) return yield* fail('missing command name; use --help for help')
  if (name === 'help') {
    yield* stdio.print(help)
    return 0
  }
  const command = Object.hasOwn(toolCommands, name) ? toolCommands[name] : undefined
  if (command === undefined) return yield* fail(`unknown command '${name}'; use --help for help`)
  if (words.length < command.min) return yield* fail(`'${name}' command requires at least ${command.min} arguments`)
  if (words.length > command.max) return yield* fail(`'${name}' command takes at most ${command.max} arguments`)
  const { log, usable } = openLog(connect, { program, modules: ovsdbServerModules, steps })
  yield* flushLog({ log, stdio })
  if (!usable) return 1
  const verbosity = read.options.filter(option => option.name === 'more').length
  const { text, error, status = 0 } = command.run({ args: words, verbosity, connect, host })
  if (text !== undefined) yield* stdio.print(text)
  return error === undefined ? status : yield* fail(error)
}
