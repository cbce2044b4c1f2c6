/** What a program that stays has of its own, from its start to its end: a pid file, a control socket, a place in the background. */
import type { Task } from '../../runtime/index.ts'
import { serveUnixctl } from '../../vswitchd/unixctl/socket.ts'
import { type ControlCommands, controlAnswer } from '../control-commands.ts'
import { checkPidFile, notRunning, notThere, readPidFile } from '../pid-file.ts'
import type { Connect, System } from '../program.ts'
import { findUser, setLevel } from '../vlog/index.ts'
import { type Daemon, flushLog } from './daemon.ts'

/** What a program that stays leaves behind when it ends. */
export class Stay {
  private readonly ends: (() => void)[] = []

  add(end: () => void): void {
    this.ends.push(end)
  }

  end(): void {
    for (const each of this.ends.splice(0)) each()
  }
}

/** A path of an option: a name alone is one in the run directory. */
const inRunDirectory = ({ runDirectory }: Connect, name: string): string =>
  name.startsWith('/') ? name : `${runDirectory}/${name}`

/** Makes the process whom `--user` says, and the log its own. A text says why it cannot be. */
const becomeUser = ({ connect, options, program, log }: Daemon): string | undefined => {
  const { system } = connect
  const wanted = options.logging.findLast(step => step.do === 'user')
  if (system === undefined || wanted === undefined) return undefined
  const found = findUser(connect, system, program, wanted)
  if ('wrong' in found) return found.wrong
  const { ids } = found
  const now = system.whoAmI()
  if (ids.user === now.user && ids.group === now.group) return undefined
  const wrong = log.file?.give(ids)
  if (wrong !== undefined) return `Failed to change ${log.file?.path} ownership: ${wrong}.`
  return system.become(ids)
}

/** Where a daemon's pid file is, if it has one. */
export const pidFilePath = ({ connect, options: { pidfile }, program }: Daemon): string | undefined =>
  pidfile === undefined ? undefined : inRunDirectory(connect, pidfile === '' ? `${program}.pid` : pidfile)

/**
 * Makes the process whom it is to be, and the pid file, if there is to be one. A text says why it cannot: the program is to
 * say it and to end.
 */
export const holdPidFile = (daemon: Daemon, stay: Stay): string | undefined => {
  const { connect } = daemon
  const { system } = connect
  const wrong = becomeUser(daemon)
  if (wrong !== undefined) return wrong
  const path = pidFilePath(daemon)
  if (system === undefined || path === undefined) return undefined
  const file = makePidFile(daemon, system, path)
  if (typeof file === 'string') return file
  // Someone else's by now is left to them.
  stay.add(() => {
    if (readPidFile(connect, path) === system.pid) system.removeFile(path)
    file.close()
  })
  return undefined
}

/** Lets `ovs-appctl` in. If it cannot it has said so, and a text says why: the program is to end. */
export function* openControl(daemon: Daemon, stay: Stay, commands: ControlCommands): Task<string | undefined> {
  const { connect, options, program, log, counters } = daemon
  const { system } = connect
  if (system === undefined || options.unixctl === 'none') return undefined
  const path = inRunDirectory(connect, options.unixctl ?? `${program}.${system.pid}.ctl`)
  const answer = controlAnswer({ program, log, connect, commands, counters })
  const listening = yield* system.listen(path, duplex => serveUnixctl(duplex, answer))
  if (typeof listening === 'string') return yield* noSocket(daemon, path, listening)
  stay.add(() => {
    listening.close()
    system.removeFile(path)
  })
  return undefined
}

/** All that is to be ready is: whoever called the program need not wait any more. */
export function* goOn({ connect, options, log, stdio }: Daemon): Task<void> {
  const { system } = connect
  if (system?.role === 'daemon' && options.detach) {
    if (!options.keepsDirectory) system.leaveDirectory()
    setLevel(log.settings, undefined, 'console', 'off')
  }
  yield* flushLog({ log, stdio })
  system?.ready()
}

function* noSocket({ log, stdio, program }: Daemon, path: string, why: string): Task<string> {
  if (why === notThere) log.warn('fatal_signal', `could not unlink "${path}" (${why})`)
  log.warn('stream_unix', `${path}: binding failed: ${why}`, 'ERR')
  yield* flushLog({ log, stdio })
  yield* stdio.error(`${program}: ${path}: could not initialize control socket (${why})`)
  return why
}

/** The pid file, in this process's hold from now on; a text says why it cannot be. */
const makePidFile = (
  { connect, options, log: { warn } }: Daemon,
  system: System,
  path: string,
): { close(): void } | string => {
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
