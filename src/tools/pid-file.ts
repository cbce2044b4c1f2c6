/** Pid files: a daemon keeps its own locked as long as it lives, so that one that was left behind is known. */
import type { Warn } from '../openflow/index.ts'
import type { Connect } from './program.ts'

export const notThere = 'No such file or directory'
export const notRunning = 'No such process'

/** The process that a pid file names; undefined if there is no number in it. A text says why it cannot be read. */
export const readPidFile = ({ readFile }: Pick<Connect, 'readFile'>, path: string): number | undefined | string => {
  const bytes = readFile(path)
  if (typeof bytes === 'string') return bytes
  const [, digits] = /^\s*([0-9]{1,9})\s*$/.exec(String.fromCharCode(...bytes.subarray(0, 32))) ?? []
  return digits === undefined ? undefined : Number(digits)
}

/** `left`: the file is of a process that is no more. `unclear`: someone has it locked, and it does not name that one. */
export type PidFileState =
  | { is: 'running'; pid: number }
  | { is: 'left' }
  | { is: 'unclear' }
  | { is: 'unreadable'; why: string }

/** What a pid file says of its daemon. Without locks a process of that number is taken to be the daemon. */
export const checkPidFile = (connect: Connect, path: string, warn: Warn): PidFileState => {
  const { system } = connect
  const pid = readPidFile(connect, path)
  if (typeof pid === 'string') return { is: 'unreadable', why: pid }
  const holder = system?.lockHolder(path) ?? 'unknown'
  if (holder === 'unknown') {
    if (pid === undefined || system?.isRunning(pid) === false) return { is: 'left' }
    return { is: 'running', pid }
  }
  if (holder === 'none') return { is: 'left' }
  if (pid === holder) return { is: 'running', pid }
  const bytes = connect.readFile(path)
  const [line = ''] =
    typeof bytes === 'string' ? [] : (/^[^\n]*\n?/.exec(String.fromCharCode(...bytes.subarray(0, 32))) ?? [])
  warn(
    'daemon_unix',
    line === ''
      ? `${path}: read: unexpected end of file`
      : `${path}: stale pidfile for pid ${line} being deleted by pid ${holder}`,
  )
  return { is: 'unclear' }
}
