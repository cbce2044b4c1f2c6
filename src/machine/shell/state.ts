import type { Process } from '../command.ts'
import type { Variables } from './arithmetic.ts'
import type { Command } from './ast.ts'

/** One variable. An exported one is also in the process's environment. */
export type Variable = { value: string | undefined; exported: boolean; readonly: boolean }

/** A job: what `&` started, or what a prompt's Ctrl-Z would have stopped. */
export type Job = { number: number; process: Process; text: string }

export type Options = {
  errexit: boolean
  nounset: boolean
  xtrace: boolean
  noglob: boolean
  /** Says at a prompt when a job has ended: `set -m`. */
  monitor: boolean
  pipefail: boolean
  noexec: boolean
}

/** Thrown to leave loops, functions, or the whole line: `break 2`, `return 3`, an expansion error, Ctrl-C at a prompt. */
export class Jump {
  readonly kind: 'break' | 'continue' | 'return' | 'abandon'
  readonly count: number

  /** `count`: the loops to leave, or the status. */
  constructor(kind: Jump['kind'], count: number) {
    this.kind = kind
    this.count = count
  }
}

/** What a shell keeps between commands. A subshell works on a copy, so that what it changes ends with it. */
export class State implements Variables {
  readonly variables = new Map<string, Variable>()
  readonly functions = new Map<string, Command>()
  readonly options: Options = {
    errexit: false,
    nounset: false,
    xtrace: false,
    noglob: false,
    monitor: false,
    pipefail: false,
    noexec: false,
  }
  readonly traps = new Map<string, string>()
  positional: string[] = []
  /** `$0`, and what messages begin with. */
  name: string
  /** `$$`: of the main shell, also in its subshells. */
  readonly pid: number
  /** Whether messages carry no line number, as those of a shell with a prompt. */
  prompt: boolean
  status = 0
  line = 1
  lastBackground: number | undefined
  jobs: Job[] = []
  /** How many loops, functions and conditions this place is inside of. */
  loops = 0
  calls = 0
  /** Inside a condition, where `set -e` does not apply. */
  tested = 0
  /** Local variables of the functions that run: what each name was before. */
  readonly locals: Map<string, Variable | undefined>[] = []
  private readonly env: Map<string, string>

  constructor(process: Process, name: string, prompt: boolean) {
    this.env = process.env
    this.name = name
    this.pid = process.pid
    this.prompt = prompt
    for (const [key, value] of process.env) this.variables.set(key, { value, exported: true, readonly: false })
  }

  /** The state of a subshell in `process`. */
  fork(process: Process): State {
    const copy = new State(process, this.name, this.prompt)
    copy.variables.clear()
    for (const [key, variable] of this.variables) copy.variables.set(key, { ...variable })
    for (const [key, body] of this.functions) copy.functions.set(key, body)
    Object.assign(copy.options, this.options)
    Object.assign(copy, {
      pid: this.pid,
      status: this.status,
      line: this.line,
      lastBackground: this.lastBackground,
      loops: this.loops,
      calls: this.calls,
      tested: this.tested,
    })
    copy.positional = [...this.positional]
    // No function that is running here returns there, but `local` may be used.
    if (this.locals.length > 0) copy.locals.push(new Map())
    return copy
  }

  get(name: string): string | undefined {
    return this.variables.get(name)?.value
  }

  /** Sets a variable; one that is read-only stays and false is the answer. */
  set(name: string, value: string): boolean {
    const variable = this.variables.get(name)
    if (variable?.readonly) return false
    if (variable === undefined) {
      this.variables.set(name, { value, exported: false, readonly: false })
      return true
    }
    variable.value = value
    if (variable.exported) this.env.set(name, value)
    return true
  }

  unset(name: string): boolean {
    if (this.variables.get(name)?.readonly) return false
    this.variables.delete(name)
    this.env.delete(name)
    return true
  }

  export(name: string, exported = true): void {
    const variable = this.variables.get(name) ?? { value: undefined, exported, readonly: false }
    variable.exported = exported
    this.variables.set(name, variable)
    if (!exported) this.env.delete(name)
    else if (variable.value !== undefined) this.env.set(name, variable.value)
  }

  /** Puts back a variable as it was before `local` or an assignment in front of a builtin. */
  restore(name: string, before: Variable | undefined): void {
    if (before === undefined) {
      this.variables.delete(name)
      this.env.delete(name)
      return
    }
    this.variables.set(name, before)
    if (before.exported && before.value !== undefined) this.env.set(name, before.value)
    else this.env.delete(name)
  }

  /** A copy of what a variable is now, for `restore`. */
  snapshot(name: string): Variable | undefined {
    const variable = this.variables.get(name)
    return variable === undefined ? undefined : { ...variable }
  }
}
