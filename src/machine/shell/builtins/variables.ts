import type { Task } from '../../../runtime/index.ts'
import type { Builtins, Shell } from '../shell-types.ts'
import type { Options } from '../state.ts'

const letters: Record<string, keyof Options> = {
  e: 'errexit',
  u: 'nounset',
  x: 'xtrace',
  f: 'noglob',
  m: 'monitor',
  n: 'noexec',
}
const isName = (text: string): boolean => /^[A-Za-z_]\w*$/.test(text)

/** Builtins that set variables, positional parameters and options. */
export const variables: Builtins = {
  *export(shell, args) {
    const words = args.filter(word => word !== '-p' && word !== '--')
    if (words.length === 0) {
      for (const [name, variable] of sorted(shell))
        if (variable.exported)
          yield* shell.process.print(
            `declare -x ${name}${variable.value === undefined ? '' : `="${escaped(variable.value)}"`}\n`,
          )
      return 0
    }
    const off = words[0] === '-n'
    return yield* each(shell, 'export', off ? words.slice(1) : words, name => shell.state.export(name, !off))
  },
  *readonly(shell, args) {
    return yield* each(shell, 'readonly', args, name => {
      const variable = shell.state.variables.get(name)
      if (variable === undefined) shell.state.variables.set(name, { value: undefined, exported: false, readonly: true })
      else variable.readonly = true
    })
  },
  *local(shell, args) {
    const { state } = shell
    const locals = state.locals[state.locals.length - 1]
    if (locals === undefined) {
      yield* shell.complain('local: can only be used in a function')
      return 1
    }
    for (const word of args) {
      const name = word.split('=', 1)[0] as string
      if (!isName(name) || locals.has(name)) continue
      locals.set(name, state.snapshot(name))
      if (!word.includes('=')) state.variables.set(name, { value: undefined, exported: false, readonly: false })
    }
    return yield* each(shell, 'local', args, () => {})
  },
  *unset(shell, args) {
    let kind: 'any' | 'v' | 'f' = 'any'
    let status = 0
    for (const word of args) {
      if (word === '-v' || word === '-f') {
        kind = word.slice(1) as 'v' | 'f'
        continue
      }
      if (kind === 'v' && !isName(word)) {
        yield* shell.complain(`unset: \`${word}': not a valid identifier`)
        status = 1
        continue
      }
      if (kind === 'f' || (kind === 'any' && !shell.state.variables.has(word))) shell.state.functions.delete(word)
      else if (!shell.state.unset(word)) {
        yield* shell.complain(`unset: ${word}: cannot unset: readonly variable`)
        status = 1
      }
    }
    return status
  },
  *shift(shell, [count = '1']) {
    const { state } = shell
    if (!/^\d+$/.test(count)) {
      yield* shell.complain(`shift: ${count}: numeric argument required`)
      return 1
    }
    if (Number(count) > state.positional.length) return 1
    state.positional = state.positional.slice(Number(count))
    return 0
  },
  *set(shell, args) {
    const { state } = shell
    if (args.length === 0) {
      for (const [name, variable] of sorted(shell))
        if (variable.value !== undefined) yield* shell.process.print(`${name}=${assignable(variable.value)}\n`)
      return 0
    }
    for (let i = 0; i < args.length; i++) {
      const word = args[i] as string
      if (word === '--' || word === '-' || !/^[-+]/.test(word)) {
        state.positional = args.slice(word === '--' || word === '-' ? i + 1 : i)
        return 0
      }
      const on = word.startsWith('-')
      for (const letter of word.slice(1)) {
        if (letter === 'o') {
          const name = args[++i]
          if (name === undefined) return 0
          if (!Object.hasOwn(state.options, name)) {
            yield* shell.complain(`set: ${name}: invalid option name`)
            return 2
          }
          state.options[name as keyof Options] = on
          continue
        }
        const option = letters[letter]
        if (option === undefined) {
          yield* shell.complain(`set: ${word[0]}${letter}: invalid option`)
          yield* shell.process.error('set: usage: set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]')
          return 2
        }
        state.options[option] = on
      }
    }
    return 0
  },
  *let(shell, args) {
    let last = 0n
    for (const word of args) last = yield* shell.arithmetic({ parts: [{ kind: 'quoted', text: word }] })
    return last === 0n ? 1 : 0
  },
}

/** Does something with each `name` or `name=value`, setting the value first. */
function* each(shell: Shell, command: string, words: string[], run: (name: string) => void): Task<number> {
  let status = 0
  for (const word of words) {
    const equals = word.indexOf('=')
    const name = equals < 0 ? word : word.slice(0, equals)
    if (!isName(name)) {
      yield* shell.complain(`${command}: \`${word}': not a valid identifier`)
      status = 1
      continue
    }
    if (equals >= 0 && !shell.state.set(name, word.slice(equals + 1))) {
      yield* shell.complain(`${name}: readonly variable`)
      status = 1
      continue
    }
    run(name)
  }
  return status
}

const sorted = (shell: Shell): [string, { value: string | undefined; exported: boolean }][] =>
  [...shell.state.variables].sort(([a], [b]) => (a < b ? -1 : 1))

const escaped = (text: string): string => text.replace(/["$`\\]/g, '\\$&')

const assignable = (text: string): string =>
  /^[\w%+,./:=@^~-]*$/.test(text)
    ? text
    : /[\n\t]/.test(text)
      ? `$'${text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll("'", "\\'")}'`
      : `'${text.replaceAll("'", "'\\''")}'`
