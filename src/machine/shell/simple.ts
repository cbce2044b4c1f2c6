import type { Task } from '../../runtime/index.ts'
import type { Process, Command as Program } from '../command.ts'
import type { Assignment, Command, Simple } from './ast.ts'
import { expandText } from './expand.ts'
import { maxText } from './fields.ts'
import { redirect, undoRedirections } from './redirect.ts'
import type { Shell } from './shell-types.ts'
import { Jump, type Variable } from './state.ts'

/** Runs words with their assignments and redirections: a function, a builtin or a program; the status. */
export function* runSimple(shell: Shell, command: Simple, last: boolean): Task<number> {
  const { state } = shell
  state.line = command.line
  const words = yield* shell.fields(command.words)
  if (words.length === 0) return yield* assignOnly(shell, command)

  const saved = yield* redirect(shell, command.redirections)
  if (saved === undefined) return 1
  let keep = false
  try {
    const name = words[0] as string
    // `exec` without a program keeps its redirections.
    keep = name === 'exec' && words.length === 1
    if (state.functions.has(name) || Object.hasOwn(shell.builtins, name)) {
      return yield* withAssignments(shell, command.assignments, words, () => runHere(shell, words))
    }
    const env = new Map(shell.process.env)
    for (const assignment of command.assignments) env.set(assignment.name, yield* assigned(shell, assignment))
    yield* trace(shell, command.assignments, words)
    return yield* runProgram(shell, words, env, last)
  } finally {
    if (!keep) undoRedirections(shell, saved)
  }
}

/** Runs words past functions, as `command` and `exec` do. */
export function* invoke(shell: Shell, words: string[], how: 'command' | 'exec'): Task<number> {
  const name = words[0] as string
  const builtin = Object.hasOwn(shell.builtins, name) ? shell.builtins[name] : undefined
  if (how === 'command' && builtin !== undefined) return yield* builtin(shell, words.slice(1))
  return yield* runProgram(shell, words, new Map(shell.process.env), how === 'exec', how === 'exec' ? 'exec: ' : '')
}

function* assignOnly(shell: Shell, command: Simple): Task<number> {
  const { state } = shell
  const saved = yield* redirect(shell, command.redirections)
  if (saved === undefined) return 1
  undoRedirections(shell, saved)
  const substitutes = [...command.words, ...command.assignments.map(each => each.value)].some(word =>
    hasSubstitution(word.parts),
  )
  for (const assignment of command.assignments) {
    const value = yield* assigned(shell, assignment)
    if (!state.set(assignment.name, value)) return yield* shell.abandon(`${assignment.name}: readonly variable`)
    if (state.options.xtrace) yield* shell.process.error(`${prefix(shell)}${assignment.name}=${quoted(value)}`)
  }
  return substitutes ? state.status : 0
}

const hasSubstitution = (parts: Assignment['value']['parts']): boolean =>
  parts.some(part => part.kind === 'command' || (part.kind === 'double' && hasSubstitution(part.parts)))

function* assigned(shell: Shell, assignment: Assignment): Task<string> {
  const value = yield* expandText(shell, assignment.value, 'assignment')
  if (!assignment.append) return value
  const before = shell.state.get(assignment.name) ?? ''
  const size = before.length + value.length
  return size > maxText ? yield* shell.tooLong(size) : before + value
}

/** Sets the assignments in front of a builtin or function for as long as it runs. */
function* withAssignments(
  shell: Shell,
  assignments: Assignment[],
  words: string[],
  run: () => Task<number>,
): Task<number> {
  const { state } = shell
  const before: [string, Variable | undefined][] = []
  for (const assignment of assignments) {
    const value = yield* assigned(shell, assignment)
    before.push([assignment.name, state.snapshot(assignment.name)])
    state.set(assignment.name, value)
    state.export(assignment.name)
  }
  yield* trace(shell, assignments, words)
  try {
    return yield* run()
  } finally {
    for (const [name, variable] of before.reverse()) state.restore(name, variable)
  }
}

function* runHere(shell: Shell, words: string[]): Task<number> {
  const [name, ...args] = words as [string, ...string[]]
  const body = shell.state.functions.get(name)
  if (body !== undefined) return yield* call(shell, name, body, args)
  const builtin = shell.builtins[name]
  return builtin === undefined ? 127 : yield* builtin(shell, args)
}

function* call(shell: Shell, name: string, body: Command, args: string[]): Task<number> {
  const { state } = shell
  const { positional, loops } = state
  const locals = new Map<string, Variable | undefined>()
  state.positional = args
  state.loops = 0
  state.calls++
  state.locals.push(locals)
  try {
    return yield* shell.nested(name, () => shell.command(body))
  } catch (error) {
    if (error instanceof Jump && error.kind === 'return') return error.count
    throw error
  } finally {
    state.calls--
    state.positional = positional
    state.loops = loops
    state.locals.pop()
    for (const [variable, before] of locals) state.restore(variable, before)
  }
}

function* runProgram(
  shell: Shell,
  words: string[],
  env: Map<string, string>,
  replace: boolean,
  prefix = '',
): Task<number> {
  const { process } = shell
  const name = words[0] as string
  const found = process.machine.find(name, env.get('PATH') === process.env.get('PATH') ? process : viewer(process, env))
  if (found.kind === 'none') {
    const isPath = name.includes('/')
    const why = isPath || found.status === 126 ? found.why : prefix === '' ? 'command not found' : 'not found'
    yield* shell.complain(`${isPath ? '' : prefix}${name}: ${why}`)
    return found.status
  }
  const main: Program = found.kind === 'command' ? found.command : child => shell.script(child, found.path, words)
  if (replace) {
    process.env.clear()
    for (const [key, value] of env) process.env.set(key, value)
    process.resetSignal('INT')
    process.args = words
    return process.exit(yield* main(process))
  }
  return yield* shell.waitFor(yield* shell.spawn(main, { args: words, env }))
}

/** The process as `find` sees it, with another $PATH. */
const viewer = (process: Process, env: Map<string, string>): Process => Object.create(process, { env: { value: env } })

function* trace(shell: Shell, assignments: Assignment[], words: string[]): Task<void> {
  if (!shell.state.options.xtrace) return
  const set = assignments.map(each => `${each.name}=${quoted(shell.state.get(each.name) ?? '')}`)
  yield* shell.process.error(`${prefix(shell)}${[...set, ...words.map(quoted)].join(' ')}`)
}

const prefix = (shell: Shell): string => shell.state.get('PS4') ?? ''

/** A word as `set -x` shows it: in single quotes if it must be. */
export const quoted = (text: string): string =>
  text !== '' && /^[\w%+,./:=@^~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
