import type { Task } from '../runtime/index.ts'
import { unixctl } from '../vswitchd/appctl.ts'
import { inLines, type Reply } from '../vswitchd/unixctl/dispatch.ts'
import { askUnixctl } from '../vswitchd/unixctl/socket.ts'
import { appctlHelp } from './appctl-help.ts'
import { listOptions, readOptions, type Shape, secondsOf } from './getopt.ts'
import { checkPidFile, notRunning } from './pid-file.ts'
import type { Connect, Program, Stdio } from './program.ts'
import { type Log, type LogStep, logStepOf, newLogSettings, ofctlModules, openLog } from './vlog/index.ts'
import { within } from './within.ts'

const program = 'ovs-appctl'
const usualTarget = 'ovs-vswitchd'

/** In the order in which `--option` lists them. */
const shapes: readonly Shape[] = [
  { long: 'target', short: 't', takes: 'value' },
  { long: 'execute', short: 'e' },
  { long: 'help', short: 'h' },
  { long: 'option', short: 'o' },
  { long: 'version', short: 'V' },
  { long: 'timeout', short: 'T', takes: 'value' },
  { long: 'verbose', short: 'v', takes: 'perhaps' },
  { long: 'log-file', takes: 'perhaps' },
  { long: 'syslog-method', takes: 'value' },
  { long: 'syslog-target', takes: 'value' },
]

/** Modules of ovs-ofctl that ovs-appctl has not. */
const notHere = new Set(['ofctl', 'pcap', 'vconn', 'vconn_stream'])
const modules = ofctlModules.filter(name => !notHere.has(name))

type Options = {
  target: string
  /** Seconds. */
  timeout: number | undefined
  logging: LogStep[]
  shows: 'help' | 'options' | 'version' | undefined
}
type Parsed = { options: Options; words: string[] }

/** Options end where the command begins: what follows is the command's. A text is what is wrong. */
const parse = (args: readonly string[]): Parsed | string => {
  const read = readOptions(args, shapes, 'leading')
  const options: Options = { target: usualTarget, timeout: undefined, logging: [], shows: undefined }
  for (const { name, value } of read.options) {
    if (name === 'target') options.target = value ?? ''
    else if (name === 'timeout') {
      const seconds = secondsOf(value ?? '')
      if (seconds === undefined) return `value ${value} on -T or --timeout is invalid`
      options.timeout = seconds
    } else if (name === 'help') options.shows = 'help'
    else if (name === 'option') options.shows = 'options'
    else if (name === 'version') options.shows = 'version'
    else {
      const step = logStepOf(name, value, newLogSettings(modules))
      if (typeof step === 'string') return step
      if (step !== undefined) options.logging.push(step)
    }
    // Those that print something do not wait for what comes after them.
    if (options.shows !== undefined) return { options, words: [] }
  }
  return read.error ?? { options, words: read.words }
}

const shown = { help: appctlHelp, options: listOptions(shapes), version: `${program} (Open vSwitch) 3.1.0\n` } as const

/** `ovs-appctl`: one command for a daemon's control socket, and its answer. */
export const appctl: Program = function* (args, stdio, connect) {
  const parsed = parse(args.slice(1))
  if (typeof parsed === 'string') return yield* fail(stdio, parsed)
  const { options, words } = parsed
  if (options.shows !== undefined) {
    yield* stdio.print(shown[options.shows])
    return 0
  }
  const { log, usable } = openLog(connect, { program, modules, steps: options.logging })
  const [name, ...rest] = words
  const call: Call = { log, stdio, connect, target: options.target }
  const status = !usable
    ? 1
    : name === undefined
      ? yield* fail(stdio, 'at least one non-option argument is required (use --help for help)')
      : yield* within(connect.clock, options.timeout, ask(call, name, rest))
  if (status === undefined) log.warn('fatal_signal', 'terminating with signal 14 (Alarm clock)')
  yield* flush(call)
  return status ?? 128 + 14
}

type Call = { log: Log; stdio: Stdio; connect: Connect; target: string }

function* flush({ log, stdio }: Pick<Call, 'log' | 'stdio'>): Task<void> {
  for (const line of log.lines.splice(0)) yield* stdio.error(line)
}

function* fail(stdio: Stdio, text: string): Task<number> {
  yield* stdio.error(`${program}: ${text}`)
  return 1
}

function* ask(call: Call, name: string, args: readonly string[]): Task<number> {
  const { stdio, connect, target } = call
  const daemon = target === usualTarget ? connect.vswitchd() : undefined
  const answer = daemon === undefined ? yield* askSocket(call, name, args) : unixctl(daemon, name, args)
  if (typeof answer === 'number') return answer
  if (answer.ok) {
    yield* stdio.print(daemon === undefined ? answer.text : inLines(answer.text))
    return 0
  }
  // The end of the line is the daemon's to say.
  const error = daemon === undefined ? answer.error : inLines(answer.error)
  yield* stdio.error(`${error}${program}: ${target}: server returned an error`)
  return 2
}

/** The answer of a daemon's socket, or the status to end with. */
function* askSocket(call: Call, name: string, args: readonly string[]): Task<Reply | number> {
  const { log, stdio, connect, target } = call
  const path = socketOf(call)
  if (!path.ok) {
    yield* flush(call)
    return yield* fail(stdio, path.error)
  }
  const duplex = yield* connect.open(`unix:${path.value}`)
  if (typeof duplex === 'string') {
    log.warn('unixctl', `failed to connect to ${path.value}`)
    yield* flush(call)
    return yield* fail(stdio, `cannot connect to "${path.value}" (${duplex})`)
  }
  const answer = yield* askUnixctl(duplex, name, args)
  duplex.close()
  if (typeof answer !== 'string') return answer
  log.warn('unixctl', `error communicating with unix:${path.value}: ${answer}`)
  yield* flush(call)
  return yield* fail(stdio, `${target}: transaction error (${answer})`)
}

/** A target that begins with `/` is a socket; others are the names of programs that have left a pid file. */
const socketOf = ({ log, connect, target }: Call): { ok: true; value: string } | { ok: false; error: string } => {
  if (target.startsWith('/')) return { ok: true, value: target }
  const file = `${connect.runDirectory}/${target}.pid`
  const state = checkPidFile(connect, file, log.warn)
  if (state.is === 'running') return { ok: true, value: `${connect.runDirectory}/${target}.${state.pid}.ctl` }
  if (state.is === 'unreadable') log.warn('daemon_unix', `${file}: open: ${state.why}`)
  const why = state.is === 'unreadable' ? state.why : notRunning
  return { ok: false, error: `cannot read pidfile "${file}" (${why})` }
}
