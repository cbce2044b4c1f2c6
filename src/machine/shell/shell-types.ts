import type { Task, Wait } from '../../runtime/index.ts'
import type { Caught, Process, Command as Program, SpawnOptions } from '../command.ts'
import type { OpenFile } from '../streams.ts'
import type { Command, List, Word } from './ast.ts'
import type { State } from './state.ts'

/** A shell as its expansions and builtins see it. */
export interface Shell {
  readonly process: Process
  readonly state: State
  /** SIGINTs so far; undefined in a shell that ignores them. */
  readonly interrupted: Caught | undefined
  /** Runs commands here; the status of the last. */
  run(list: List): Task<number>
  /** Parses and runs text here, as `eval` and `.` do. */
  source(text: string, where?: string): Task<number>
  /** The fields that words become: expanded, split, matched against files. */
  fields(words: readonly Word[]): Task<string[]>
  /** The one string that a word becomes where nothing is split: an assignment, a redirection. */
  text(word: Word): Task<string>
  /** As `text`, with what was quoted escaped for `matches`. */
  pattern(word: Word): Task<string>
  /** The value of an expression, expanded first; a mistake abandons the line. */
  arithmetic(word: Word): Task<bigint>
  /** What a list prints, without the newlines at its end. */
  substitute(list: List): Task<string>
  /** Runs a command by its words, past functions (`command`) or in place of this shell (`exec`). */
  invoke(words: string[], how: 'command' | 'exec'): Task<number>
  /** A message on stderr with the shell's name and line. */
  complain(text: string): Task<void>
  /** Complains, then leaves the line (at a prompt) or the shell with this status. */
  abandon(text: string, status?: number): Task<never>
  readonly builtins: Builtins
  /** Runs one command here. `last` when nothing follows it, so that a program may take the process over. */
  command(command: Command, last?: boolean): Task<number>
  /** A child that runs a list with a copy of this shell's state. `files` take the place of descriptors. */
  fork(list: List, files?: ReadonlyMap<number, OpenFile>, background?: boolean): Task<Process>
  /** Starts a child; a machine that has no room for it abandons the line. */
  spawn(main: Program, options: SpawnOptions): Task<Process>
  /** Runs what may call itself (a function, `eval`, `.`), up to a depth. `what` is its name in the message. */
  nested(what: string, task: () => Task<number>): Task<number>
  /** Abandons the line because a value would be of this size. */
  tooLong(size: number): Task<never>
  /** What a process does that executes the file at `path`, with `words` as `$0`, `$1`…: a shell of its own runs it. */
  script(process: Process, path: string, words: readonly string[]): Task<number>
  /** Waits for a child in the foreground, and takes Ctrl-C as it took it. */
  waitFor(child: Process): Task<number>
  /** Waits for what others signal; Ctrl-C ends the wait and the line. */
  waitOr(wait: Wait): Task<void>
  /** Runs a task that waits for input, not for a child; Ctrl-C ends it and the line. */
  orInterrupt<T>(task: Task<T>): Task<T>
  /** Lets time pass for a turn of a loop that may never end. */
  turn(): Task<void>
}

/** A command that is part of the shell: it sees and changes the shell's state. `args` are without its name. */
export type Builtin = (shell: Shell, args: string[]) => Task<number>
export type Builtins = Readonly<Record<string, Builtin>>
