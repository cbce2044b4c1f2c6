import type { Command, Process } from '../command.ts'
import { joined } from '../files/path.ts'
import { byName, parseOptions } from '../options.ts'
import { eachInput, linesOf } from './input.ts'
import { basic, extended, literal } from './regex.ts'
import { compileRegex, type Matcher } from './regex-engine.ts'

const table = {
  v: 'none',
  'invert-match': 'none',
  i: 'none',
  'ignore-case': 'none',
  c: 'none',
  count: 'none',
  n: 'none',
  'line-number': 'none',
  q: 'none',
  quiet: 'none',
  silent: 'none',
  E: 'none',
  'extended-regexp': 'none',
  F: 'none',
  'fixed-strings': 'none',
  G: 'none',
  o: 'none',
  'only-matching': 'none',
  w: 'none',
  x: 'none',
  h: 'none',
  H: 'none',
  l: 'none',
  L: 'none',
  s: 'none',
  r: 'none',
  R: 'none',
  a: 'none',
  e: 'required',
  regexp: 'required',
  m: 'required',
  A: 'required',
  B: 'required',
  C: 'required',
  color: 'optional',
  P: 'none',
} as const

/** grep(1). Status 0 if a line was selected, 1 if none, 2 after a mistake. */
export const grep: Command = function* (process) {
  const name = process.args[0] as string
  const parsed = parseOptions(process.args.slice(1), table)
  const help = `Usage: ${name} [OPTION]... PATTERNS [FILE]...\nTry '${name} --help' for more information.`
  if (!parsed.ok) return yield* process.fail(`${name}: ${parsed.error}\n${help}`, 2)
  const given = byName(parsed.options)
  const has = (...names: string[]): boolean => names.some(each => given.has(each))
  const operands = [...parsed.operands]
  const patterns = parsed.options
    .filter(option => option.name === 'e' || option.name === 'regexp')
    .map(option => option.value as string)
  if (patterns.length === 0) {
    const first = operands.shift()
    if (first === undefined) return yield* process.fail(help, 2)
    patterns.push(first)
  }
  const sources: string[] = []
  for (const pattern of patterns.flatMap(each => each.split('\n'))) {
    const fixed = has('F', 'fixed-strings') || name === 'fgrep'
    const compiled = fixed
      ? { ok: true as const, value: literal(pattern) }
      : has('E', 'extended-regexp', 'P') || name === 'egrep'
        ? extended(pattern)
        : basic(pattern)
    if (!compiled.ok) return yield* process.fail(`${name}: ${compiled.why}`, 2)
    sources.push(
      has('x')
        ? `^(?:${compiled.value})$`
        : has('w')
          ? `(?<!\\w)(?:${compiled.value})(?!\\w)`
          : `(?:${compiled.value})`,
    )
  }
  const limits = ['m', 'A', 'B', 'C'].map(letter => given.get(letter))
  const wrong = limits.find(value => value !== undefined && !/^\d+$/.test(value))
  if (wrong !== undefined)
    return yield* process.fail(
      `${name}: ${given.get('m') === wrong ? 'invalid max count' : `${wrong}: invalid context length argument`}`,
      2,
    )
  const [most = '', after = given.get('C') ?? '0', before = given.get('C') ?? '0'] = limits
  const recursive = has('r', 'R')
  const matcher = compileRegex(sources.join('|'), has('i', 'ignore-case'))
  if (matcher === undefined) return yield* process.fail(`${name}: Regular expression too big`, 2)
  const search: Search = {
    matcher,
    inverted: has('v', 'invert-match'),
    most: most === '' ? Number.POSITIVE_INFINITY : Number(most),
    after: Number(after),
    before: Number(before),
    only: has('o', 'only-matching'),
    numbers: has('n', 'line-number'),
  }
  const names = recursive ? walk(process, operands.length === 0 ? ['.'] : operands) : operands
  const titled = !has('h') && (has('H') || recursive || operands.length > 1)
  const quiet = has('q', 'quiet', 'silent')
  let found = false
  const silent = has('s')
  const fine = yield* eachInput(
    process,
    names,
    function* (input) {
      const title = titled ? `${input.name === '-' ? '(standard input)' : input.name}` : ''
      const result = select(search, linesOf(input.bytes), title)
      if (result.count > 0) found = true
      if (quiet) return found ? false : undefined
      if (has('l', 'L')) {
        if (result.count > 0 === has('l'))
          yield* process.print(`${input.name === '-' ? '(standard input)' : input.name}\n`)
      } else if (has('c', 'count')) yield* process.print(`${titled ? `${title}:` : ''}${result.count}\n`)
      else if (result.count > 0 && input.bytes.includes(0) && !has('a'))
        yield* process.print(`${name}: ${input.name === '-' ? '(standard input)' : input.name}: binary file matches\n`)
      else yield* process.print(result.text)
      return undefined
    },
    (file, why) => (silent ? undefined : `${name}: ${file}: ${why}`),
  )
  if (quiet && found) return 0
  return fine ? (found ? 0 : 1) : 2
}

type Search = {
  matcher: Matcher
  inverted: boolean
  most: number
  after: number
  before: number
  only: boolean
  numbers: boolean
}

/** The lines that are selected, with their context, as they are printed. */
const select = (search: Search, lines: readonly string[], title: string): { count: number; text: string } => {
  const out: string[] = []
  let count = 0
  let printed = -1
  let until = -1
  const show = (i: number, mark: string, text: string): void => {
    out.push(`${title === '' ? '' : title + mark}${search.numbers ? `${i + 1}${mark}` : ''}${text}\n`)
  }
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string
    if (count < search.most && search.matcher.test(line) !== search.inverted) {
      count++
      if (search.only) {
        if (!search.inverted) for (const part of parts(search.matcher, line)) show(i, ':', part)
        continue
      }
      const from = Math.max(printed + 1, i - search.before)
      if (search.after + search.before > 0 && printed >= 0 && from > printed + 1) out.push('--\n')
      for (let j = from; j < i; j++) show(j, '-', lines[j] as string)
      show(i, ':', line)
      printed = i
      until = i + search.after
    } else if (i <= until && !search.only) {
      show(i, '-', line)
      printed = i
    } else if (count >= search.most) break
  }
  return { count, text: out.join('') }
}

/** All matches of a line that are not empty. */
const parts = (matcher: Matcher, line: string): string[] => {
  const found: string[] = []
  for (let at = 0; at <= line.length; ) {
    const match = matcher.find(line, at)
    if (match === undefined) break
    if (match.end > match.start) found.push(line.slice(match.start, match.end))
    at = Math.max(match.end, match.start + (match.end > match.start ? 0 : 1))
  }
  return found
}

const walk = (process: Process, names: readonly string[]): string[] =>
  names.flatMap(name => {
    const listed = process.machine.files.list(process, name)
    return listed.ok
      ? walk(
          process,
          listed.value.map(([each]) => joined(name, each)),
        )
      : [name]
  })
