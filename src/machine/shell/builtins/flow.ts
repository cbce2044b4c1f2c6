import type { Task } from '../../../runtime/index.ts'
import { Exit } from '../../command.ts'
import { strerror } from '../../files/errno.ts'
import type { Builtins, Shell } from '../shell-types.ts'
import { Jump } from '../state.ts'

/** Builtins that say what runs next. */
export const flow: Builtins = {
  // biome-ignore lint/correctness/useYield: it does nothing
  *':'() {
    return 0
  },
  // biome-ignore lint/correctness/useYield: it does nothing
  *true() {
    return 0
  },
  // biome-ignore lint/correctness/useYield: it does nothing
  *false() {
    return 1
  },
  break: (shell, args) => leave(shell, 'break', args),
  continue: (shell, args) => leave(shell, 'continue', args),
  *return(shell, [count]) {
    if (shell.state.calls === 0) {
      yield* shell.complain("return: can only `return' from a function or sourced script")
      return 2
    }
    const status = yield* statusOf(shell, 'return', count)
    throw new Jump('return', status)
  },
  *exit(shell, [count]) {
    throw new Exit(yield* statusOf(shell, 'exit', count))
  },
  *eval(shell, args) {
    return yield* shell.nested('eval', () => shell.source(args.join(' '), 'eval: '))
  },
  '.': (shell, args) => dot(shell, '.', args),
  source: (shell, args) => dot(shell, 'source', args),
  *exec(shell, args) {
    const words = args[0] === '--' ? args.slice(1) : args
    if (words.length === 0) return 0
    const status = yield* shell.invoke(words, 'exec')
    if (shell.state.prompt) return status
    throw new Exit(status)
  },
  *trap(shell, args) {
    const words = args[0] === '--' ? args.slice(1) : args
    if (words.length === 0) {
      for (const [name, text] of shell.state.traps)
        yield* shell.process.print(`trap -- '${text.replaceAll("'", "'\\''")}' ${name}\n`)
      return 0
    }
    const [text, ...names] = words.length === 1 ? ['-', ...words] : words
    for (const given of names) {
      const name = given === '0' ? 'EXIT' : given
      if (name !== 'EXIT') {
        yield* shell.complain(`trap: ${given}: only EXIT can be trapped here`)
        return 1
      }
      if (text === '-') shell.state.traps.delete(name)
      else shell.state.traps.set(name, text as string)
    }
    return 0
  },
}

function* leave(shell: Shell, kind: 'break' | 'continue', [count = '1']: string[]): Task<number> {
  if (shell.state.loops === 0) {
    yield* shell.complain(`${kind}: only meaningful in a \`for', \`while', or \`until' loop`)
    return 0
  }
  if (!/^\d+$/.test(count)) return yield* shell.abandon(`${kind}: ${count}: numeric argument required`, 128)
  if (Number(count) < 1) {
    yield* shell.complain(`${kind}: ${count}: loop count out of range`)
    throw new Jump('break', shell.state.loops)
  }
  throw new Jump(kind, Math.min(Number(count), shell.state.loops))
}

function* statusOf(shell: Shell, name: string, count: string | undefined): Task<number> {
  if (count === undefined) return shell.state.status
  if (/^-?\d+$/.test(count)) return Number(BigInt.asUintN(8, BigInt(count)))
  yield* shell.complain(`${name}: ${count}: numeric argument required`)
  return 2
}

function* dot(shell: Shell, name: string, [path, ...args]: string[]): Task<number> {
  const { state, process } = shell
  if (path === undefined) {
    yield* shell.complain(`${name}: filename argument required`)
    yield* shell.process.error(`${name}: usage: ${name} filename [arguments]`)
    return 2
  }
  const text = process.machine.files.readText(process, path)
  if (!text.ok) {
    yield* shell.complain(`${path}: ${strerror(text.errno)}`)
    return 1
  }
  const { positional } = state
  if (args.length > 0) state.positional = args
  state.calls++
  try {
    return yield* shell.nested(path, () => shell.source(text.value))
  } catch (error) {
    if (error instanceof Jump && error.kind === 'return') return error.count
    throw error
  } finally {
    state.calls--
    state.positional = positional
  }
}
