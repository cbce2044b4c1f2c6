/**
 * What a command line says about logging, in its order: levels and patterns, a file, syslog daemons; and who the program is
 * to be, which is looked at in its place in that order too.
 */
import type { Connect, SyslogMethod, System } from '../program.ts'
import { type Log, newLog } from './log.ts'
import { type LogSettings, newLogSettings, setLogLevels } from './settings.ts'
import { findUser, type WantedUser } from './user.ts'

export type LogStep =
  | { do: 'levels'; spec: string | undefined }
  /** `path` undefined for the usual place. */
  | { do: 'file'; path: string | undefined }
  /** A syslog daemon beside the usual one. */
  | { do: 'syslog target'; target: string }
  | { do: 'syslog method'; method: SyslogMethod; target: string }
  | ({ do: 'user' } & WantedUser)

/** What an option says of the log, undefined if it is about something else; a text is what is wrong with it. */
export const logStepOf = (
  option: string,
  value: string | undefined,
  tried: LogSettings,
): LogStep | string | undefined => {
  if (option === 'verbose') {
    const wrong = setLogLevels(tried, value)
    return wrong === undefined ? { do: 'levels', spec: value } : `processing "${value}": ${wrong}`
  }
  if (option === 'log-file') return { do: 'file', path: value }
  if (option === 'syslog-target') return { do: 'syslog target', target: value ?? '' }
  if (option !== 'syslog-method') return undefined
  const found = methodOf(value ?? '')
  return found === undefined ? `unsupported syslog method '${value}'` : { do: 'syslog method', ...found }
}

const methodOf = (text: string): { method: SyslogMethod; target: string } | undefined => {
  const [, method, target = ''] = /^(null|libc|unix(?=:)|udp(?=:))(?::(.*))?$/s.exec(text) ?? []
  return method === undefined ? undefined : { method: method as SyslogMethod, target }
}

export type LogStart = { program: string; modules: readonly string[]; steps: readonly LogStep[] }

/** Said with the first line that there is to say. */
const deprecated = '--syslog-target flag is deprecated, use --syslog-method instead'

/**
 * The log of a program. `usable` is whether it may go on, which it may not without the file that it is to write, nor as
 * nobody; the last line says so.
 */
export const openLog = (connect: Connect, { program, modules, steps }: LogStart): { log: Log; usable: boolean } => {
  const { system } = connect
  const log = newLog(connect, newLogSettings(modules), program)
  if (system === undefined) {
    for (const step of steps) if (step.do === 'levels') setLogLevels(log.settings, step.spec)
    return { log, usable: true }
  }
  takeMethod(log, system, program, methodOf(system.syslogMethod ?? '') ?? { method: 'libc', target: '' })
  for (const step of steps) {
    if (!take(log, connect, system, program, step)) return { log, usable: false }
  }
  return { log, usable: true }
}

/** Whether the program may go on. */
const take = (log: Log, connect: Connect, system: System, program: string, step: LogStep): boolean => {
  switch (step.do) {
    case 'levels':
      setLogLevels(log.settings, step.spec)
      return true
    case 'file':
      return openLogFile(log, connect, step.path ?? `${system.logDirectory}/${program}.log`) === undefined
    case 'user': {
      const found = findUser(connect, system, program, step)
      if ('wrong' in found) log.lines.push(`${program}: ${found.wrong}`)
      return !('wrong' in found)
    }
    case 'syslog method':
      takeMethod(log, system, program, step)
      return true
    case 'syslog target': {
      const send = system.syslog('udp', step.target)
      if (typeof send === 'string') log.add('socket_util', 'err', send)
      else {
        log.syslogs.push({ form: 'whole', send })
        log.late ??= deprecated
      }
      return true
    }
  }
}

/** The way that lines go to the computer's syslog daemon from now on. */
const takeMethod = (
  log: Log,
  system: System,
  program: string,
  { method, target }: { method: SyslogMethod; target: string },
): void => {
  log.syslog = undefined
  if (method === 'null' || (method !== 'libc' && target === '')) return
  const send = system.syslog(method, method === 'libc' ? program : target)
  if (typeof send === 'string') log.add('socket_util', 'err', send)
  else log.syslog = { form: 'lines', send }
}

/** Appends to a file from now on; a text, which is also in the log, says why it cannot be opened. */
export const openLogFile = (log: Log, { system }: Pick<Connect, 'system'>, path: string): string | undefined => {
  const file = system?.openFile(path, 'append') ?? 'No such file or directory'
  if (typeof file === 'string') {
    log.warn('vlog', `failed to open ${path} for logging: ${file}`)
    return file
  }
  log.file = { ...file, path }
  log.add('vlog', 'info', `opened log file ${path}`)
  return undefined
}
