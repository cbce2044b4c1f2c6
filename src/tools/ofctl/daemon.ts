/**
 * A command that stays (ovs-ofctl(8), "Daemon Options"): its pid file, its control socket, and its processes. `--detach`
 * runs the same command line again in the background, in the place of what `fork` does; with `--monitor` another process
 * stands between, which starts the work again when it has crashed.
 */
import { second, sleep, type Task } from '../../runtime/index.ts'
import { serveUnixctl } from '../../vswitchd/unixctl/socket.ts'
import { type ControlCommands, controlAnswer } from '../control-commands.ts'
import { checkPidFile, notRunning, notThere, readPidFile } from '../pid-file.ts'
import type { Connect, Stdio, System } from '../program.ts'
import { ofctlModules, openLog, openLogFile, setLevel } from '../vlog/index.ts'
import { type Call, fatal, flushLog } from './command.ts'
import type { Options } from './options.ts'

const program = 'ovs-ofctl'

/** Runs the other parts of the program, if this process is not the one that does the work: then the status it ends with. */
export function* otherParts(options: Options, stdio: Stdio, connect: Connect): Task<number | undefined> {
  const { system } = connect
  if (system === undefined || system.role === 'daemon') return undefined
  if (options.detach && system.role === 'called') {
    const ended = yield* system.run(options.watched ? 'monitor' : 'daemon')
    return ended === 'ready' ? 0 : 'status' in ended ? ended.status : 128 + ended.number
  }
  return options.watched ? yield* watchOver(options, stdio, connect, system) : undefined
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

function* watchOver(options: Options, stdio: Stdio, connect: Connect, system: System): Task<number> {
  const { log } = openLog(connect, {
    program,
    modules: ofctlModules,
    steps: options.logging.filter(step => step.do !== 'file'),
  })
  const path = options.logging.findLast(step => step.do === 'file')
  log.part = 'monitor'
  setLevel(log.settings, undefined, 'console', 'off')
  const { clock } = connect
  for (let count = 1, last = Number.NEGATIVE_INFINITY; ; count++) {
    if (clock.now() - last < patience) yield* sleep(clock, last + patience - clock.now())
    last = count === 1 ? Number.NEGATIVE_INFINITY : clock.now()
    const ended = yield* system.run('daemon', () => system.ready())
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

/** A path of an option: a name alone is one in the run directory. */
const inRunDirectory = ({ runDirectory }: Connect, name: string): string =>
  name.startsWith('/') ? name : `${runDirectory}/${name}`

/** What a command that stays leaves behind when it ends. */
export type Stay = { end(): void }

/** Makes the pid file and the control socket, and goes on in the background if it is to. */
export function* stay(call: Call, commands: ControlCommands): Task<Stay> {
  const { connect, options, log } = call
  const { system } = connect
  if (system === undefined) return { end() {} }
  const ends: (() => void)[] = []
  const end = (): void => {
    for (const each of ends.splice(0)) each()
  }
  if (options.pidfile !== undefined) {
    const path = inRunDirectory(connect, options.pidfile === '' ? `${program}.pid` : options.pidfile)
    const file = makePidFile(call, system, path)
    if (typeof file === 'string') {
      yield* flushLog(call)
      return yield* fatal(call, file)
    }
    // Someone else's by now is left to them.
    ends.push(() => {
      if (readPidFile(connect, path) === system.pid) system.removeFile(path)
      file.close()
    })
  }
  if (options.unixctl !== 'none') {
    const path = inRunDirectory(connect, options.unixctl ?? `${program}.${system.pid}.ctl`)
    const answer = controlAnswer({ program, log, connect, commands, counters: call.counters })
    const listening = yield* system.listen(path, duplex => serveUnixctl(duplex, answer))
    if (typeof listening === 'string') {
      end()
      return yield* noSocket(call, path, listening)
    }
    ends.push(() => {
      listening.close()
      system.removeFile(path)
    })
  }
  if (system.role === 'daemon' && options.detach) {
    if (!options.keepsDirectory) system.leaveDirectory()
    setLevel(log.settings, undefined, 'console', 'off')
  }
  yield* flushLog(call)
  system.ready()
  return { end }
}

function* noSocket(call: Call, path: string, why: string): Task<never> {
  if (why === notThere) call.warn('fatal_signal', `could not unlink "${path}" (${why})`)
  call.warn('stream_unix', `${path}: binding failed: ${why}`, 'ERR')
  yield* flushLog(call)
  yield* call.stdio.error(`${program}: ${path}: could not initialize control socket (${why})`)
  return yield* fatal(call, `failed to create unixctl server (${why})`)
}

/** The pid file, in this process's hold from now on; a text says why it cannot be. */
const makePidFile = (call: Call, system: System, path: string): { close(): void } | string => {
  const { connect, options, warn } = call
  if (!options.overwritePidfile) {
    const state = checkPidFile(connect, path, warn)
    if (state.is === 'running') return `${path}: already running as pid ${state.pid}, aborting`
    if (state.is === 'unclear') return `${path}: pidfile check failed (${notRunning}), aborting`
    if (state.is === 'unreadable' && state.why !== notThere) {
      warn('daemon_unix', `${path}: open: ${state.why}`)
      return `${path}: pidfile check failed (${state.why}), aborting`
    }
    if (state.is === 'left') system.removeFile(path)
  }
  const file = system.holdFile(path, `${system.pid}\n`, options.overwritePidfile)
  if (typeof file === 'string') return file
  if (!file.locked) warn('daemon_unix', `${path}: not locked, there are no locks without koffi`)
  return file
}
