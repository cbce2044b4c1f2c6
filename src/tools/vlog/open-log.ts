/** What a command line says about logging, in its order: levels and patterns, a file, syslog daemons. */
import type { Connect } from '../program.ts'
import { type Log, newLog, type Syslog } from './log.ts'
import { type LogSettings, newLogSettings, setLogLevels } from './settings.ts'

export type LogStep =
  | { do: 'levels'; spec: string | undefined }
  /** `path` undefined for the usual place. */
  | { do: 'file'; path: string | undefined }
  | { do: 'syslog'; target: string; form: Syslog['form'] }

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
  if (option === 'syslog-target') return { do: 'syslog', target: value ?? '', form: 'whole' }
  if (option !== 'syslog-method') return undefined
  const [, method, target = ''] = /^(null|libc|unix(?=:)|udp(?=:))(?::(.*))?$/s.exec(value ?? '') ?? []
  if (method === undefined) return `unsupported syslog method '${value}'`
  return method === 'udp' && target !== '' ? { do: 'syslog', target, form: 'lines' } : undefined
}

export type LogStart = { program: string; modules: readonly string[]; steps: readonly LogStep[] }

/** Said with the first line that there is to say. */
const deprecated = '--syslog-target flag is deprecated, use --syslog-method instead'

/** The log of a program; `usable` is whether it may go on, which it may not without the file that it is to write. */
export const openLog = (connect: Connect, { program, modules, steps }: LogStart): { log: Log; usable: boolean } => {
  const { system } = connect
  const log = newLog(connect, newLogSettings(modules), program)
  for (const step of steps) {
    if (step.do === 'levels') setLogLevels(log.settings, step.spec)
    else if (system === undefined) continue
    else if (step.do === 'file') {
      const wrong = openLogFile(log, connect, step.path ?? `${system.logDirectory}/${program}.log`)
      if (wrong !== undefined) return { log, usable: false }
    } else {
      const send = system.syslog(step.target)
      if (typeof send === 'string') log.add('socket_util', 'err', send)
      else {
        log.syslogs.push({ form: step.form, send })
        log.late ??= step.form === 'whole' ? deprecated : undefined
      }
    }
  }
  return { log, usable: true }
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
