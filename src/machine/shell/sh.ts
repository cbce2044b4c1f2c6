import type { Task } from '../../runtime/index.ts'
import type { Command, Process } from '../command.ts'
import { strerror } from '../files/errno.ts'
import { basename } from '../files/path.ts'
import { builtins } from './builtins/index.ts'
import { readLine } from './builtins/io.ts'
import { describe } from './builtins/jobs.ts'
import { Parser } from './parser.ts'
import { expandPrompt } from './prompt.ts'
import { type Interpreter, newShell } from './shell.ts'
import { Jump, type Options } from './state.ts'

const letters: Record<string, keyof Options> = { e: 'errexit', u: 'nounset', x: 'xtrace', f: 'noglob' }

/** `sh`, `bash`: `-c text [name args]`, a file with arguments, or commands from stdin (with a prompt on a terminal). */
export const sh: Command = function* (process) {
  const [self = 'sh', ...args] = process.args
  const name = basename(self).replace(/^-/, '')
  const options: (keyof Options)[] = []
  let command = false
  let prompting = false
  let fromInput = false
  let at = 0
  for (; at < args.length; at++) {
    const word = args[at] as string
    if (word === '--' || word === '-') {
      at++
      break
    }
    if (word === '--norc' || word === '--login' || word === '--noprofile' || word === '--noediting') continue
    if (!/^[-+]./.test(word)) break
    if (word.startsWith('--')) return yield* process.fail(`${name}: ${word}: invalid option`, 2)
    for (const letter of word.slice(1)) {
      if (letter === 'c') command = true
      else if (letter === 'i') prompting = true
      else if (letter === 's') fromInput = true
      else if (letter === 'l') continue
      else if (letters[letter] !== undefined) options.push(letters[letter])
      else return yield* process.fail(`${name}: -${letter}: invalid option`, 2)
    }
  }
  const operands = args.slice(at)
  if (command) {
    const [text, given, ...positional] = operands
    if (text === undefined) return yield* process.fail(`${name}: -c: option requires an argument`, 2)
    return yield* runText(process, given ?? name, text, positional, options, '-c: ')
  }
  const [path, ...positional] = operands
  if (path !== undefined && !fromInput) {
    const text = process.machine.files.readText(process, path)
    if (!text.ok)
      return yield* process.fail(`${name}: ${path}: ${strerror(text.errno)}`, text.errno === 'ENOENT' ? 127 : 126)
    return yield* runText(process, path, text.value, positional, options, '')
  }
  const onTerminal = prompting || process.files.get(0)?.stream.terminal !== undefined
  return yield* readCommands(process, name, onTerminal, options, fromInput ? operands : [])
}

/** A program that runs a text. `prompt` gives messages the form they have at a prompt. */
export const script = (text: string, how: { prompt: boolean }): Command =>
  function* (process) {
    const shell = newShell(process, builtins, 'bash', how.prompt)
    return yield* shell.toEnd(() => shell.source(text))
  }

/** A shell that prompts, whatever stdin is. */
export const interactive: Command = process =>
  readCommands(process, 'bash', process.files.get(0)?.stream.terminal !== undefined, [])

function* runText(
  process: Process,
  name: string,
  text: string,
  positional: string[],
  options: (keyof Options)[],
  where: string,
): Task<number> {
  const shell = newShell(process, builtins, name, false)
  shell.state.positional = positional
  for (const option of options) shell.state.options[option] = true
  return yield* shell.toEnd(() => shell.source(text, where))
}

/** Reads a line, runs it, until the end: with a prompt, or quietly from a pipe. */
function* readCommands(
  process: Process,
  name: string,
  prompting: boolean,
  options: (keyof Options)[],
  positional: string[] = [],
): Task<number> {
  const shell = newShell(process, builtins, name, prompting)
  shell.state.positional = positional
  shell.state.options.monitor = prompting
  for (const option of options) shell.state.options[option] = true
  return yield* shell.toEnd(function* () {
    let pending = ''
    for (;;) {
      if (prompting) {
        if (pending === '') yield* reportJobs(shell)
        yield* shell.process.print(expandPrompt(shell, shell.state.get(pending === '' ? 'PS1' : 'PS2') ?? ''))
      }
      const read = yield* interruptible(shell, () => shell.orInterrupt(readLine(shell, true)))
      if (read === undefined) {
        pending = ''
        continue
      }
      const ended = !read.ended
      if (ended && read.text === '' && pending === '') {
        if (prompting) yield* shell.process.print('exit\n')
        return shell.state.status
      }
      const text = `${pending}${read.text}\n`
      if (!ended && isIncomplete(text)) {
        pending = text
        continue
      }
      pending = ''
      if (text.trim() !== '') yield* interruptible(shell, () => shell.source(text, '', true))
      if (ended && !prompting) return shell.state.status
    }
  })
}

/** Whether more lines could make a text a program: an open quote, `if` without `fi`, a `|` or `\` at the end. */
export const isIncomplete = (text: string): boolean => {
  if (/(^|[^\\])(\\\\)*\\\n$/.test(text)) return true
  const parser = new Parser(text, false)
  for (;;) {
    const line = parser.next()
    if (line.kind === 'end') return false
    if (line.kind === 'error') return line.error.incomplete
  }
}

/** Runs a line at a prompt: a mistake or Ctrl-C ends the line, not the shell. Undefined when Ctrl-C did. */
function* interruptible<T>(shell: Interpreter, run: () => Task<T>): Task<T | undefined> {
  try {
    return yield* run()
  } catch (error) {
    if (!(error instanceof Jump)) throw error
    if (error.count === 130 && shell.state.prompt) yield* shell.process.print('\n')
    return undefined
  }
}

function* reportJobs(shell: Interpreter): Task<void> {
  const { state } = shell
  for (const job of state.jobs)
    if (job.process.ended && state.options.monitor) yield* shell.process.error(describe(shell, job).trimEnd())
  state.jobs = state.jobs.filter(job => !job.process.ended)
}
