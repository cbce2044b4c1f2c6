/**
 * A program that stays (ovs-ofctl(8), ovsdb-server(1), ovs-vswitchd(8), "Daemon Options"): its processes. `--detach` runs
 * the same command line again in the background, in the place of what `fork` does; with `--monitor` another process stands
 * between, which starts the work again when it has crashed. `stay.ts` has its pid file and its control socket, `options.ts`
 * its options, which `ovs-ofctl`, `ovsdb-server` and `ovs-vswitchd` have in common.
 */
import { second, sleep, type Task } from '../../runtime/index.ts'
import type { Counters } from '../control-commands.ts'
import type { Connect, Stdio, System } from '../program.ts'
import { type Log, type LogStep, openLog, openLogFile, setLevel } from '../vlog/index.ts'

export type DaemonOptions = {
  detach: boolean
  /** `--no-chdir`: stay in the directory when going into the background. */
  keepsDirectory: boolean
  /** `--monitor`: start again after a crash. */
  watched: boolean
  /** `--pidfile`; empty for the usual place. */
  pidfile: string | undefined
  overwritePidfile: boolean
  /** `--unixctl`; `none` for no control socket. */
  unixctl: string | undefined
  logging: LogStep[]
  /** Whether what it prints in the background is still for whoever called it. */
  keepsOutput?: boolean
}

/** A program by name, with the modules that its log knows. */
export type ProgramName = { program: string; modules: readonly string[] }

/** The part of a program that does the work, with its log open. */
export type Daemon = {
  readonly program: string
  readonly options: DaemonOptions
  readonly connect: Connect
  readonly stdio: Stdio
  readonly log: Log
  readonly counters: Counters
}

/** Prints the log lines so far. */
export function* flushLog({ log, stdio }: { log: Log; stdio: Stdio }): Task<void> {
  for (const line of log.lines.splice(0)) yield* stdio.error(line)
}

/** Runs the other parts of the program, if this process is not the one that does the work: then the status it ends with. */
export function* otherParts(
  name: ProgramName,
  options: DaemonOptions,
  stdio: Stdio,
  connect: Connect,
): Task<number | undefined> {
  const { system } = connect
  if (system === undefined || system.role === 'daemon') return undefined
  if (options.detach && system.role === 'called') {
    const ended = yield* system.run(options.watched ? 'monitor' : 'daemon', options)
    return ended === 'ready' ? 0 : 'status' in ended ? ended.status : 128 + ended.number
  }
  return options.watched ? yield* watchOver(name, options, stdio, connect, system) : undefined
}

/** Signals that are a mistake of the program's, and not someone's wish. */
const crashes = new Set('SIGABRT SIGALRM SIGBUS SIGFPE SIGILL SIGPIPE SIGSEGV SIGXCPU SIGXFSZ'.split(' '))
const signalTexts: Readonly<Record<string, string>> = {
  SIGABRT: 'Aborted',
  SIGALRM: 'Alarm clock',
  SIGBUS: 'Bus error',
  SIGFPE: 'Floating point exception',
  SIGHUP: 'Hangup',
  SIGILL: 'Illegal instruction',
  SIGINT: 'Interrupt',
  SIGKILL: 'Killed',
  SIGPIPE: 'Broken pipe',
  SIGSEGV: 'Segmentation fault',
  SIGTERM: 'Terminated',
}
/** What crashes is not started again sooner than this after the time before. */
const patience = 10 * second

function* watchOver(
  { program, modules }: ProgramName,
  options: DaemonOptions,
  stdio: Stdio,
  connect: Connect,
  system: System,
): Task<number> {
  const { log } = openLog(connect, { program, modules, steps: options.logging.filter(step => step.do !== 'file') })
  const path = options.logging.findLast(step => step.do === 'file')
  log.part = 'monitor'
  setLevel(log.settings, undefined, 'console', 'off')
  const { clock } = connect
  for (let count = 1, last = Number.NEGATIVE_INFINITY; ; count++) {
    if (clock.now() - last < patience) yield* sleep(clock, last + patience - clock.now())
    last = count === 1 ? Number.NEGATIVE_INFINITY : clock.now()
    const ended = yield* system.run('daemon', { ...options, ready: () => system.ready() })
    if (path !== undefined && log.file === undefined)
      openLogFile(log, connect, path.path ?? `${system.logDirectory}/${program}.log`)
    if (ended === 'ready') continue
    const how =
      'status' in ended ? `exit status ${ended.status}` : `killed (${signalTexts[ended.signal] ?? ended.signal})`
    if ('status' in ended || !crashes.has(ended.signal)) {
      log.add('daemon_unix', 'info', `pid ${ended.pid} died, ${how}, exiting`)
      yield* flushLog({ log, stdio })
      return 'status' in ended ? ended.status : 0
    }
    log.add('daemon_unix', 'err', `${count} crashes: pid ${ended.pid} died, ${how}, restarting`)
  }
}
