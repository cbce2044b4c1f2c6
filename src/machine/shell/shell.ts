import { apart, first, fromUtf8, sleep, type Task, unwound, type Wait } from '../../runtime/index.ts'
import { type Caught, type Command, Exit, type Process, type SpawnOptions } from '../command.ts'
import { unitTime } from '../cpu-share.ts'
import { strerror } from '../files/errno.ts'
import { nowhere, OpenFile, pipe } from '../streams.ts'
import type * as Ast from './ast.ts'
import { runCompound } from './compound.ts'
import { expandArithmetic, expandFields, expandPattern, expandText } from './expand.ts'
import { maxText } from './fields.ts'
import { Parser } from './parser.ts'
import type { Builtins, Shell } from './shell-types.ts'
import { invoke, runSimple } from './simple.ts'
import { Jump, State } from './state.ts'

/** A turn of a loop, ns. */
const turnTime = 100_000

/** How deep functions, `eval` and `.` call each other, through other shells too. */
const maxNesting = 300

/**
 * The interpreter. It walks the tree as a task of its own process; a pipeline's parts, subshells, substitutions and what
 * `&` starts are processes with a copy of its state, which all run at once and meet at their pipes.
 *
 * Ctrl-C reaches the shell and the programs that it waits for. The shell does not die of it at once: it looks how the
 * program took it. If the program died, a script ends (130) and a prompt comes back; if the program caught it and went
 * on, as `ping` does to print its statistics, so does the shell.
 */
export class Interpreter implements Shell {
  readonly process: Process
  readonly state: State
  readonly builtins: Builtins
  readonly interrupted: Caught | undefined
  private seen = 0

  constructor(process: Process, state: State, builtins: Builtins) {
    this.process = process
    this.state = state
    this.builtins = builtins
    this.interrupted = process.background ? undefined : process.catchSignal('INT')
  }

  fields(words: readonly Ast.Word[]): Task<string[]> {
    return expandFields(this, words)
  }

  text(word: Ast.Word): Task<string> {
    return expandText(this, word)
  }

  pattern(word: Ast.Word): Task<string> {
    return expandPattern(this, word)
  }

  arithmetic(word: Ast.Word): Task<bigint> {
    return expandArithmetic(this, word)
  }

  invoke(words: string[], how: 'command' | 'exec'): Task<number> {
    return invoke(this, words, how)
  }

  *run(list: Ast.List): Task<number> {
    for (const item of list) {
      if (item.background) yield* this.startJob(item)
      else yield* this.andOr(item.andOr)
    }
    return this.state.status
  }

  *source(text: string, where = '', keepStatus = false): Task<number> {
    const parser = new Parser(text)
    if (!keepStatus) this.state.status = 0
    for (;;) {
      const line = parser.next()
      if (line.kind === 'end') return this.state.status
      if (line.kind === 'error') {
        yield* this.syntaxError(line, where)
        this.state.status = 2
        return 2
      }
      for (const warning of line.warnings)
        yield* this.process.error(`${this.state.name}: line ${warning.line}: warning: ${warning.text}`)
      yield* this.run(line.list)
    }
  }

  /** Says what is wrong in bash's form; `where` is the `-c` of a command string. */
  *syntaxError(
    parsed: { error: { message: string; line: number; showsLine: boolean }; text: string },
    where = '',
  ): Task<void> {
    const { error, text } = parsed
    const prefix = this.state.prompt ? `${this.state.name}: ` : `${this.state.name}: ${where}line ${error.line}: `
    yield* this.process.error(`${prefix}${error.message}`)
    if (error.showsLine && !this.state.prompt) yield* this.process.error(`${prefix}\`${text}'`)
  }

  *complain(text: string): Task<void> {
    const { name, line, prompt } = this.state
    yield* this.process.error(prompt ? `${name}: ${text}` : `${name}: line ${line}: ${text}`)
  }

  *abandon(text: string, status = 1): Task<never> {
    yield* this.complain(text)
    this.state.status = status
    if (this.state.prompt) throw new Jump('abandon', 1)
    throw new Exit(status)
  }

  *substitute(list: Ast.List): Task<string> {
    if (list.length === 0) {
      this.state.status = 0
      return ''
    }
    const between = pipe()
    const child = yield* this.fork(list, new Map([[1, between.writer]]))
    between.writer.close()
    const parts: Uint8Array[] = []
    let size = 0
    for (;;) {
      const part = yield* between.reader.stream.read()
      if (part === undefined || typeof part === 'string' || size > maxText) break
      parts.push(part)
      size += part.length
    }
    between.reader.close()
    this.state.status = yield* this.waitFor(child)
    if (size > maxText) return yield* this.tooLong(size)
    const bytes = new Uint8Array(size)
    let at = 0
    for (const part of parts) {
      bytes.set(part, at)
      at += part.length
    }
    return fromUtf8(bytes).replaceAll('\0', '').replace(/\n+$/, '')
  }

  *script(process: Process, path: string, words: readonly string[]): Task<number> {
    const text = process.machine.files.readText(process, path)
    if (!text.ok) return yield* process.fail(`${path}: ${strerror(text.errno)}`, 126)
    const shell = newShell(process, this.builtins, path, false)
    shell.state.positional = words.slice(1)
    return yield* shell.toEnd(() => shell.source(text.value))
  }

  /** Waits for a child in the foreground, and takes Ctrl-C as it took it. */
  *waitFor(child: Process): Task<number> {
    const status = yield* child.wait()
    if (child.endedBy === 'INT') this.checkInterrupt()
    else this.seen = this.interrupted?.count ?? 0
    return status
  }

  /** Ends the shell, or the line at a prompt, if Ctrl-C came while no child ran. */
  checkInterrupt(): void {
    const { interrupted } = this
    if (interrupted === undefined || interrupted.count === this.seen) return
    this.seen = interrupted.count
    this.state.status = 130
    if (this.state.prompt && this.state.pid === this.process.pid) throw new Jump('abandon', 130)
    this.process.resetSignal('INT')
    this.process.signal('INT')
    throw new Exit(130)
  }

  /** Waits for a signal of others, or for Ctrl-C, which ends the wait as it ends a loop. */
  *waitOr(signal: Wait): Task<void> {
    yield this.interrupted === undefined ? signal : first(signal, this.interrupted.wait)
    this.checkInterrupt()
  }

  *orInterrupt<T>(task: Task<T>): Task<T> {
    const { interrupted } = this
    for (;;) {
      const step = task.next()
      if (step.done) return step.value
      yield interrupted === undefined ? step.value : first(step.value, interrupted.wait)
      if (interrupted !== undefined && interrupted.count !== this.seen) {
        task.return(undefined as T)
        this.checkInterrupt()
      }
    }
  }

  /** One turn of a loop that may never end: it takes the time a shell takes, so that a clock goes on. */
  *turn(): Task<void> {
    const { process } = this
    if (process.cpu === undefined) yield* sleep(process.clock, turnTime)
    else yield* process.work(turnTime / unitTime)
    this.checkInterrupt()
  }

  tooLong(size: number): Task<never> {
    return this.abandon(`xrealloc: cannot allocate ${size} bytes`, 2)
  }

  /** A child that runs a list with a copy of this shell's state. `files` take the place of descriptors. */
  fork(list: Ast.List, files: ReadonlyMap<number, OpenFile> = new Map(), background = false): Task<Process> {
    return this.child(shell => shell.run(list), files, background)
  }

  *spawn(main: Command, options: SpawnOptions): Task<Process> {
    yield* this.process.work(10_000)
    this.checkInterrupt()
    if (!this.process.maySpawn) yield* this.abandon('fork: Resource temporarily unavailable', 254)
    return yield* unwound(() => this.process.spawn(main, options))
  }

  *nested(what: string, task: () => Task<number>): Task<number> {
    const { process } = this
    if (process.nesting >= maxNesting)
      return yield* this.abandon(`${what}: maximum nesting level exceeded (${maxNesting})`)
    process.nesting++
    try {
      return yield* apart(task())
    } finally {
      process.nesting--
    }
  }

  private child(
    body: (shell: Interpreter) => Task<number>,
    files: ReadonlyMap<number, OpenFile>,
    background = false,
  ): Task<Process> {
    const { state, builtins } = this
    const main: Command = function* (process) {
      const copy = state.fork(process)
      const shell = new Interpreter(process, copy, builtins)
      return yield* shell.toEnd(() => body(shell))
    }
    const all = new Map([...this.process.files, ...files])
    return this.spawn(main, { args: this.process.args, files: all, ...(background ? { background } : {}) })
  }

  /** Runs a body as the whole life of this process: `exit`, `return` and a trap on EXIT end here. */
  *toEnd(body: () => Task<number>): Task<number> {
    let status: number
    try {
      status = yield* body()
    } catch (error) {
      if (error instanceof Jump) status = error.kind === 'return' || error.kind === 'abandon' ? error.count : 0
      else if (error instanceof Exit && !this.process.ended) status = error.status
      else throw error
    }
    const trap = this.state.traps.get('EXIT')
    if (trap !== undefined) {
      this.state.traps.delete('EXIT')
      this.state.status = status
      try {
        yield* this.source(trap, '', true)
      } catch (error) {
        if (!(error instanceof Exit)) throw error
        return error.status
      }
    }
    return status
  }

  private *startJob(item: Ast.Item): Task<void> {
    const { state } = this
    const nothing = new OpenFile(nowhere)
    const child = yield* this.child(
      shell => {
        shell.state.prompt = state.prompt
        const { first: pipeline, rest } = item.andOr
        const only = rest.length === 0 && !pipeline.negated && pipeline.commands.length === 1
        // One program takes the child over, so that `$!` is its pid and `kill $!` reaches it.
        return only ? shell.command(pipeline.commands[0] as Ast.Command, true) : shell.andOr(item.andOr)
      },
      new Map([[0, nothing]]),
      true,
    )
    nothing.close()
    const number = state.jobs.reduce((most, job) => Math.max(most, job.number), 0) + 1
    state.jobs.push({ number, process: child, text: item.text })
    state.lastBackground = child.pid
    state.status = 0
    const onTerminal = this.process.files.get(0)?.stream.terminal !== undefined
    if (state.prompt && onTerminal) yield* this.process.error(`[${number}] ${child.pid}`)
  }

  private *andOr(andOr: Ast.AndOr): Task<number> {
    const { state } = this
    let last = andOr.first
    yield* this.maybeTested(andOr.rest.length > 0, andOr.first)
    for (const [i, { op, pipeline }] of andOr.rest.entries()) {
      if ((state.status === 0) !== (op === '&&')) continue
      last = pipeline
      yield* this.maybeTested(i < andOr.rest.length - 1, pipeline)
    }
    // Only the last of `a && b` counts for `set -e`, and only if it was run.
    const counts = last === (andOr.rest.at(-1)?.pipeline ?? andOr.first) && !last.negated
    if (state.options.errexit && state.tested === 0 && state.status !== 0 && counts) throw new Exit(state.status)
    return state.status
  }

  /** Runs a pipeline whose failure is an answer, not a reason to end a shell with `set -e`. */
  private *maybeTested(tested: boolean, pipeline: Ast.Pipeline): Task<void> {
    const { state } = this
    const by = tested || pipeline.negated ? 1 : 0
    state.tested += by
    try {
      yield* this.pipeline(pipeline)
    } finally {
      state.tested -= by
    }
  }

  private *pipeline(pipeline: Ast.Pipeline): Task<void> {
    const { commands, negated } = pipeline
    // `!` alone negates the status of nothing, 0.
    const status =
      commands.length === 0
        ? 0
        : commands.length === 1
          ? yield* this.command(commands[0] as Ast.Command)
          : yield* this.piped(commands)
    this.state.status = negated ? (status === 0 ? 1 : 0) : status
  }

  private *piped(commands: readonly Ast.Command[]): Task<number> {
    const children: Process[] = []
    let reader: OpenFile | undefined
    for (const [i, command] of commands.entries()) {
      const files = new Map<number, OpenFile>()
      if (reader !== undefined) files.set(0, reader)
      const between = i < commands.length - 1 ? pipe() : undefined
      if (between !== undefined) files.set(1, between.writer)
      children.push(yield* this.child(shell => shell.command(command, true), files))
      reader?.close()
      between?.writer.close()
      reader = between?.reader
    }
    let status = 0
    for (const [i, child] of children.entries()) {
      const one = yield* child.wait()
      status = this.state.options.pipefail ? (one === 0 ? status : one) : one
      if (i === children.length - 1) yield* this.waitFor(child)
    }
    return status
  }

  /** Runs a command. `last` when this process does nothing after it, so that a program may take the process over. */
  *command(command: Ast.Command, last = false): Task<number> {
    yield* this.process.work(1000)
    this.checkInterrupt()
    if (command.kind === 'simple') {
      this.state.status = yield* runSimple(this, command, last)
      return this.state.status
    }
    this.state.status = yield* runCompound(this, command)
    return this.state.status
  }
}

/** A shell for a process that was not forked from another shell. */
export const newShell = (process: Process, builtins: Builtins, name: string, prompt: boolean): Interpreter => {
  const state = new State(process, name, prompt)
  if (state.get('PWD') === undefined || process.cwd !== state.get('PWD')) {
    state.set('PWD', process.cwd)
    state.export('PWD')
  }
  state.set('IFS', ' \t\n')
  if (state.get('PS1') === undefined) state.set('PS1', '\\u@\\h:\\w\\$ ')
  state.set('PS2', '> ')
  state.set('PS4', '+ ')
  return new Interpreter(process, state, builtins)
}
