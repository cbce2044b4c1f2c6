import type { Task } from '../../runtime/index.ts'
import type { Parameter, Word } from './ast.ts'
import { maxText } from './fields.ts'
import { matcher, patternSource } from './pattern.ts'
import type { Shell } from './shell-types.ts'

/** What a parameter gives: a value, or a word to expand in its place (`${x:-word}`). */
export type Outcome = { kind: 'value'; value: string } | { kind: 'word'; word: Word }

type Change = NonNullable<Parameter['change']>

/** The value of a variable, a positional or a special parameter; undefined when it is not set. */
export const lookup = (shell: Shell, name: string): string | undefined => {
  const { state } = shell
  if (/^\d/.test(name)) return name === '0' ? state.name : state.positional[Number(name) - 1]
  switch (name) {
    case '@':
    case '*':
      return state.positional.length === 0 ? undefined : state.positional.join(' ')
    case '#':
      return String(state.positional.length)
    case '?':
      return String(state.status)
    case '$':
      return String(state.pid)
    case '!':
      return state.lastBackground === undefined ? undefined : String(state.lastBackground)
    case '-':
      return `${state.options.errexit ? 'e' : ''}${state.options.noglob ? 'f' : ''}h${state.options.monitor ? 'm' : ''}B${state.options.nounset ? 'u' : ''}${state.options.xtrace ? 'x' : ''}`
    case 'RANDOM':
      return state.get(name) ?? String(Math.floor(shell.process.random() * 32768))
    case 'SECONDS':
      return String(Math.floor((shell.process.clock.now() - shell.process.started) / 1e9))
    case 'LINENO':
      return String(state.line)
    case 'PPID':
      return String(shell.process.parent?.pid ?? 0)
    case 'HOSTNAME':
      return state.get(name) ?? shell.process.machine.hostname
    case 'EUID':
    case 'UID':
      return '0'
    default:
      return state.get(name)
  }
}

/** Applies what the braces say to a parameter (POSIX XCU 2.6.2, and bash's `/`, `:`, `^` and `,`). */
export function* changed(shell: Shell, part: Parameter): Task<Outcome> {
  const { name, change } = part
  const current = lookup(shell, name)
  if (change === undefined) return value(yield* required(shell, name, current))
  switch (change.op) {
    case 'bad':
      return yield* shell.abandon(`${change.text}: bad substitution`)
    case 'length':
      if (name === '@' || name === '*') return value(String(shell.state.positional.length))
      return value(String([...(yield* required(shell, name, current))].length))
    case '-':
      return isThere(current, change.colon) ? value(current as string) : { kind: 'word', word: change.word }
    case '+':
      return isThere(current, change.colon) ? { kind: 'word', word: change.word } : value('')
    case '=':
      return yield* assigned(shell, part, change, current)
    case '?': {
      if (isThere(current, change.colon)) return value(current as string)
      const text = yield* shell.text(change.word)
      const otherwise = change.colon ? 'parameter null or not set' : 'parameter not set'
      return yield* shell.abandon(`${name}: ${text === '' ? otherwise : text}`, 127)
    }
    default:
      return value(yield* edited(shell, yield* required(shell, name, current), change))
  }
}

const value = (text: string): Outcome => ({ kind: 'value', value: text })

const isThere = (current: string | undefined, colon: boolean): boolean =>
  current !== undefined && !(colon && current === '')

function* required(shell: Shell, name: string, current: string | undefined): Task<string> {
  if (current !== undefined) return current
  if (!shell.state.options.nounset || name === '@' || name === '*') return ''
  return yield* shell.abandon(`${/^\d/.test(name) ? '$' : ''}${name}: unbound variable`, 127)
}

function* assigned(
  shell: Shell,
  part: Parameter,
  change: Change & { word: Word; colon: boolean },
  current: string | undefined,
): Task<Outcome> {
  if (isThere(current, change.colon)) return value(current as string)
  if (!/^[A-Za-z_]/.test(part.name)) return yield* shell.abandon(`$${part.name}: cannot assign in this way`)
  const text = yield* shell.text(change.word)
  shell.state.set(part.name, text)
  return value(text)
}

function* edited(shell: Shell, text: string, change: Change): Task<string> {
  switch (change.op) {
    case '#':
    case '##': {
      return withoutPrefix(text, yield* shell.pattern(change.word), change.op === '##')
    }
    case '%':
    case '%%':
      return withoutSuffix(text, yield* shell.pattern(change.word), change.op === '%%')
    case 'replace': {
      const pattern = yield* shell.pattern(change.pattern)
      if (pattern === '') return text
      const by = yield* shell.text(change.by)
      const source = `(?:${patternSource(pattern)})`
      const anchored = change.where === 'start' ? `^${source}` : change.where === 'end' ? `${source}$` : source
      const regex = new RegExp(anchored, change.where === 'all' ? 'g' : '')
      const size = text.length + (change.where === 'all' ? (text.match(regex)?.length ?? 0) : 1) * by.length
      return size > maxText ? yield* shell.tooLong(size) : text.replace(regex, () => by)
    }
    case 'slice': {
      const characters = [...text]
      const offset = Number(yield* shell.arithmetic(change.offset))
      const start = offset < 0 ? characters.length + offset : offset
      if (start < 0) return ''
      if (change.length === undefined) return characters.slice(start).join('')
      const length = Number(yield* shell.arithmetic(change.length))
      if (length < 0 && characters.length + length < start)
        return yield* shell.abandon(`${length}: substring expression < 0`)
      return characters.slice(start, length < 0 ? length : start + length).join('')
    }
    case 'case': {
      const convert = (part: string): string => (change.upper ? part.toUpperCase() : part.toLowerCase())
      return change.all ? convert(text) : convert(text.slice(0, 1)) + text.slice(1)
    }
    default:
      return text
  }
}

/** The text without the shortest or longest beginning that matches. */
const withoutPrefix = (text: string, pattern: string, longest: boolean): string => {
  const fits = matcher(pattern)
  const order = Array.from({ length: text.length + 1 }, (_, i) => (longest ? text.length - i : i))
  const cut = order.find(at => fits(text.slice(0, at)))
  return cut === undefined ? text : text.slice(cut)
}

/** The text without the shortest or longest end that matches. */
const withoutSuffix = (text: string, pattern: string, longest: boolean): string => {
  const fits = matcher(pattern)
  const order = Array.from({ length: text.length + 1 }, (_, i) => (longest ? i : text.length - i))
  const cut = order.find(at => fits(text.slice(at)))
  return cut === undefined ? text : text.slice(0, cut)
}
