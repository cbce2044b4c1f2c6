import type { Task } from '../../runtime/index.ts'
import type { Command, List } from './ast.ts'
import { matches } from './pattern.ts'
import { redirect, undoRedirections } from './redirect.ts'
import type { Shell } from './shell-types.ts'
import { Jump } from './state.ts'
import { runTest } from './test-command.ts'

type Compound = Exclude<Command, { kind: 'simple' }>

/** Runs a compound command with its redirections; the status. */
export function* runCompound(shell: Shell, command: Compound): Task<number> {
  if (command.kind === 'function') {
    shell.state.functions.set(command.name, command.body)
    return 0
  }
  const saved = yield* redirect(shell, command.redirections)
  if (saved === undefined) return 1
  try {
    return yield* body(shell, command)
  } finally {
    undoRedirections(shell, saved)
  }
}

function* body(shell: Shell, command: Exclude<Compound, { kind: 'function' }>): Task<number> {
  switch (command.kind) {
    case 'group':
      return yield* shell.run(command.body)
    case 'subshell': {
      const status = yield* shell.waitFor(yield* shell.fork(command.body))
      shell.state.status = status
      return status
    }
    case 'if':
      for (const arm of command.arms) if ((yield* tested(shell, arm.test)) === 0) return yield* shell.run(arm.body)
      if (command.otherwise !== undefined) return yield* shell.run(command.otherwise)
      return 0
    case 'while':
      return yield* loop(
        shell,
        function* (turn) {
          if (turn > 0) yield* shell.turn()
          return ((yield* tested(shell, command.test)) === 0) !== command.until
        },
        command.body,
      )
    case 'for': {
      if (!/^[A-Za-z_]\w*$/.test(command.name)) {
        yield* shell.complain(`\`${command.name}': not a valid identifier`)
        return 1
      }
      const words = command.words === undefined ? [...shell.state.positional] : yield* shell.fields(command.words)
      return yield* loop(
        shell,
        turn => {
          const word = words[turn]
          if (word !== undefined) shell.state.set(command.name, word)
          return word !== undefined
        },
        command.body,
      )
    }
    case 'arithmetic-for':
      yield* shell.arithmetic(command.begin)
      return yield* loop(
        shell,
        function* (turn) {
          if (turn > 0) {
            yield* shell.turn()
            yield* shell.arithmetic(command.step)
          }
          const empty = command.test.parts.every(part => part.kind === 'quoted' && part.text.trim() === '')
          return empty || (yield* shell.arithmetic(command.test)) !== 0n
        },
        command.body,
      )
    case 'case': {
      const subject = yield* shell.text(command.word)
      let through = false
      for (const arm of command.arms) {
        if (!through && !(yield* anyMatches(shell, arm.patterns, subject))) continue
        shell.state.status = 0
        yield* shell.run(arm.body)
        if (!arm.through) return shell.state.status
        through = true
      }
      return through ? shell.state.status : 0
    }
    case 'arithmetic':
      return (yield* shell.arithmetic(command.expression)) === 0n ? 1 : 0
    case 'test':
      return yield* runTest(shell, command.test)
  }
}

function* anyMatches(
  shell: Shell,
  patterns: Extract<Compound, { kind: 'case' }>['arms'][0]['patterns'],
  subject: string,
): Task<boolean> {
  for (const pattern of patterns) if (matches(yield* shell.pattern(pattern), subject)) return true
  return false
}

/** Runs a condition, whose failure is an answer. */
function* tested(shell: Shell, list: List): Task<number> {
  shell.state.tested++
  try {
    return yield* shell.run(list)
  } finally {
    shell.state.tested--
  }
}

type GoesOn = (turn: number) => boolean | Task<boolean>

/** Turns of a loop, with `break` and `continue`; the status of the last body, 0 without one. */
function* loop(shell: Shell, goesOn: GoesOn, list: List): Task<number> {
  const { state } = shell
  state.loops++
  let status = 0
  try {
    for (let turn = 0; ; turn++) {
      try {
        const answer = goesOn(turn)
        if (!(typeof answer === 'boolean' ? answer : yield* answer)) return status
        status = yield* shell.run(list)
      } catch (error) {
        if (!(error instanceof Jump) || (error.kind !== 'break' && error.kind !== 'continue')) throw error
        status = 0
        if (error.count > 1 && state.loops > 1) throw new Jump(error.kind, error.count - 1)
        if (error.kind === 'break') return 0
      }
    }
  } finally {
    state.loops--
  }
}
