import type { Task } from '../../runtime/index.ts'
import { ArithmeticError, evaluate } from './arithmetic.ts'
import type { Parameter, Part, Word } from './ast.ts'
import { expandBraces } from './braces.ts'
import { Fields, TooLong } from './fields.ts'
import { glob } from './glob.ts'
import { changed } from './parameter.ts'
import type { Shell } from './shell-types.ts'

/**
 * What words become (POSIX XCU 2.6): braces, tilde, parameters, commands, arithmetic, then splitting at $IFS, then file
 * names, then the quotes go. Each step needs to know what was quoted, so a word is expanded into chunks that say so, and
 * only the end makes strings of them.
 */
export function* expandFields(shell: Shell, words: readonly Word[]): Task<string[]> {
  const all: string[] = []
  for (const word of words) {
    const braces = expandBraces(word)
    if (!braces.ok)
      return yield* shell.abandon(`brace expansion: failed to allocate memory for ${braces.count} elements`)
    for (const each of braces.words) {
      const fields = new Fields(shell.state.get('IFS') ?? ' \t\n')
      yield* expandWithin(shell, each.parts, fields, { quoted: false, split: true, tilde: 'word', inner: false })
      for (const field of fields.take()) {
        const paths = field.globs && !shell.state.options.noglob ? glob(shell.process, field.pattern) : []
        if (paths.length > 0) all.push(...paths)
        else all.push(field.text)
      }
    }
  }
  return all
}

/** One string, nothing split or matched: assignments, redirections, the word of `case`. */
export function* expandText(shell: Shell, word: Word, tilde: 'word' | 'assignment' | 'none' = 'word'): Task<string> {
  return (yield* expandWhole(shell, word, tilde)).text
}

/** One pattern, with what was quoted escaped. */
export function* expandPattern(shell: Shell, word: Word): Task<string> {
  return (yield* expandWhole(shell, word, 'word')).pattern
}

function* expandWhole(shell: Shell, word: Word, tilde: Where['tilde']): Task<{ text: string; pattern: string }> {
  const fields = new Fields('')
  yield* expandWithin(shell, word.parts, fields, { quoted: false, split: false, tilde, inner: false })
  const [whole] = fields.take()
  return whole ?? { text: '', pattern: '' }
}

/** Where a part stands. `inner` is the word of `${x:-word}`, whose plain text is split too. */
type Where = { quoted: boolean; split: boolean; tilde: 'word' | 'assignment' | 'none'; inner: boolean }

/** Expands parts as far as memory goes. */
function* expandWithin(shell: Shell, parts: readonly Part[], fields: Fields, where: Where): Task<void> {
  try {
    yield* expandParts(shell, parts, fields, where)
  } catch (error) {
    if (!(error instanceof TooLong)) throw error
    yield* shell.tooLong(error.size)
  }
}

function* expandParts(shell: Shell, parts: readonly Part[], fields: Fields, where: Where): Task<void> {
  for (const [i, part] of parts.entries()) {
    switch (part.kind) {
      case 'plain': {
        const text = tilde(shell, part.text, i === 0, i === parts.length - 1, where.quoted ? 'none' : where.tilde)
        fields.add(text.home, true)
        if (where.inner && where.split && !where.quoted) fields.split(text.rest)
        else fields.add(text.rest, where.quoted)
        break
      }
      case 'quoted':
        fields.add(part.text, true)
        break
      case 'double':
        if (!isNothing(shell, part.parts)) fields.add('', true)
        yield* expandParts(shell, part.parts, fields, { ...where, quoted: true, tilde: 'none' })
        break
      case 'command':
        value(fields, yield* shell.substitute(part.body), where)
        break
      case 'arithmetic':
        value(fields, String(yield* shell.arithmetic({ parts: part.parts })), where)
        break
      case 'parameter':
        yield* parameter(shell, part, fields, where)
    }
  }
}

/** The value of an expression after its expansion; a mistake abandons the line. */
export function* expandArithmetic(shell: Shell, word: Word): Task<bigint> {
  const expanded = yield* expandWhole(shell, { parts: [{ kind: 'double', parts: word.parts }] }, 'none')
  try {
    return evaluate(expanded.text, {
      get: name => shell.state.get(name),
      set: (name, value) => {
        shell.state.set(name, value)
      },
    })
  } catch (error) {
    if (!(error instanceof ArithmeticError)) throw error
    return yield* shell.abandon(`${expanded.text.trimStart()}: ${error.message}`)
  }
}

const value = (fields: Fields, text: string, where: Where): void => {
  if (where.quoted || !where.split) fields.add(text, where.quoted)
  else fields.split(text)
}

function* parameter(shell: Shell, part: Parameter, fields: Fields, where: Where): Task<void> {
  const list = part.name === '@' || part.name === '*'
  const { change } = part
  if (list && (change === undefined || change.op === 'slice')) {
    const from = change === undefined ? 1 : Number(yield* shell.arithmetic(change.offset))
    const count =
      change?.op === 'slice' && change.length !== undefined ? Number(yield* shell.arithmetic(change.length)) : undefined
    const all = [shell.state.name, ...shell.state.positional]
    const chosen = all.slice(from, count === undefined ? undefined : from + count)
    return positional(shell, part.name, chosen, fields, where)
  }
  const outcome = yield* changed(shell, part)
  if (outcome.kind === 'word') {
    if (outcome.word.parts.length === 0 && where.quoted) fields.add('', true)
    return yield* expandParts(shell, outcome.word.parts, fields, {
      ...where,
      tilde: where.quoted ? 'none' : 'word',
      inner: true,
    })
  }
  if (list && outcome.value !== '') return positional(shell, part.name, shell.state.positional, fields, where)
  value(fields, outcome.value, where)
}

const positional = (shell: Shell, name: string, values: string[], fields: Fields, where: Where): void => {
  const ifs = shell.state.get('IFS') ?? ' \t\n'
  if (!where.split || (where.quoted && name === '*')) {
    value(fields, values.join(name === '*' ? ifs.slice(0, 1) : ' '), where)
    return
  }
  for (const [i, text] of values.entries()) {
    if (i > 0) fields.end()
    if (where.quoted) fields.add(text, true)
    else fields.split(text)
  }
}

/** Whether double quotes hold only a `$@` of no parameters, which is no field at all. */
const isNothing = (shell: Shell, parts: readonly Part[]): boolean =>
  parts.length > 0 &&
  shell.state.positional.length === 0 &&
  parts.every(part => part.kind === 'parameter' && part.name === '@' && part.change === undefined)

const tilde = (
  shell: Shell,
  text: string,
  first: boolean,
  last: boolean,
  where: Where['tilde'],
): { home: string; rest: string } => {
  if (where === 'none' || !text.includes('~')) return { home: '', rest: text }
  let head = text
  let home = ''
  const match = first ? /^~([A-Za-z0-9_+-]*)(?=$|\/|:)/.exec(text) : null
  if (
    match !== null &&
    (last || match[0].length < text.length) &&
    (where === 'assignment' || text[match[0].length] !== ':')
  ) {
    const found = homeOf(shell, match[1] as string)
    if (found !== undefined) {
      home = found
      head = text.slice(match[0].length)
    }
  }
  if (where === 'assignment') head = head.replace(/:~(?=$|\/|:)/g, () => `:${homeOf(shell, '') ?? '~'}`)
  return { home, rest: head }
}

const homeOf = (shell: Shell, user: string): string | undefined =>
  user === ''
    ? (shell.state.get('HOME') ?? '/root')
    : user === '+'
      ? shell.state.get('PWD')
      : user === '-'
        ? shell.state.get('OLDPWD')
        : user === 'root'
          ? '/root'
          : undefined
