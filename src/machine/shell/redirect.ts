import { type Task, utf8 } from '../../runtime/index.ts'
import { strerror } from '../files/errno.ts'
import type { OpenMode } from '../files/file-system.ts'
import { OpenFile, source } from '../streams.ts'
import type { Redirection } from './ast.ts'
import type { Shell } from './shell-types.ts'

const modes: Partial<Record<Redirection['op'], OpenMode>> = {
  '<': 'read',
  '>': 'write',
  '>|': 'write',
  '>>': 'append',
  '<>': 'update',
}

/** What the descriptors led to before; `undoRedirections` puts it back. */
export type Saved = [fd: number, file: OpenFile | undefined][]

/**
 * Applies redirections to the shell's own descriptors, in order. One that fails is complained about, what was done before
 * it is undone, and undefined is the answer.
 */
export function* redirect(shell: Shell, redirections: readonly Redirection[]): Task<Saved | undefined> {
  const saved: Saved = []
  for (const redirection of redirections) {
    const { fd, op } = redirection
    const why = yield* apply(shell, redirection, fd, op, saved)
    if (why !== undefined) {
      undoRedirections(shell, saved)
      yield* shell.complain(why)
      return undefined
    }
  }
  return saved
}

/** Closes what was opened and puts back what was there. */
export const undoRedirections = (shell: Shell, saved: Saved): void => {
  const { files } = shell.process
  for (const [fd, file] of saved.reverse()) {
    files.get(fd)?.close()
    if (file === undefined) files.delete(fd)
    else files.set(fd, file)
  }
}

function* apply(
  shell: Shell,
  redirection: Redirection,
  fd: number,
  op: Redirection['op'],
  saved: Saved,
): Task<string | undefined> {
  const { files } = shell.process
  if (op === '<<' || op === '<<<') {
    const text = yield* shell.text(redirection.target)
    place(shell, fd, new OpenFile(source(utf8(op === '<<<' ? `${text}\n` : text))), saved)
    return undefined
  }
  const fields = yield* shell.fields([redirection.target])
  if (fields.length !== 1) return `${fields.length === 0 ? '' : fields.join(' ')}: ambiguous redirect`
  const target = fields[0] as string
  if ((op === '<&' || op === '>&') && /^(\d+|-)$/.test(target)) {
    if (target === '-') {
      place(shell, fd, undefined, saved)
      return undefined
    }
    const other = files.get(Number(target))
    if (other === undefined) return `${target}: ${strerror('EBADF')}`
    place(shell, fd, other.dup(), saved)
    return undefined
  }
  if (op === '<&') return `${target}: ambiguous redirect`
  const both = op === '&>' || op === '&>>' || op === '>&'
  const opened = shell.process.machine.files.open(
    shell.process,
    target,
    op === '&>>' ? 'append' : (modes[op] ?? 'write'),
  )
  if (!opened.ok) return `${target}: ${strerror(opened.errno)}`
  const file = new OpenFile(opened.value)
  place(shell, fd, file, saved)
  if (both) place(shell, 2, file.dup(), saved)
  return undefined
}

const place = (shell: Shell, fd: number, file: OpenFile | undefined, saved: Saved): void => {
  const { files } = shell.process
  saved.push([fd, files.get(fd)])
  if (file === undefined) files.delete(fd)
  else files.set(fd, file)
}
