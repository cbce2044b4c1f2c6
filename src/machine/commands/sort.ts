import type { Command } from '../command.ts'
import { byName, parseOptions, usage } from '../options.ts'
import { allLines, joinLines } from './input.ts'

type Key = { from: number; to: number; numeric: boolean; reverse: boolean; fold: boolean }

/** sort(1): by bytes as in the C locale; `-n -r -u -f -b`, keys `-k F[,G][nr]`, `-t C`, `-o`, `-c`. */
export const sort: Command = function* (process) {
  const parsed = parseOptions(process.args.slice(1), {
    n: 'none',
    r: 'none',
    u: 'none',
    f: 'none',
    b: 'none',
    s: 'none',
    V: 'none',
    c: 'none',
    k: 'required',
    t: 'required',
    o: 'required',
  })
  if (!parsed.ok) return yield* usage(process, parsed.error, 2)
  const given = byName(parsed.options)
  const keys: Key[] = []
  for (const { name, value } of parsed.options) {
    if (name !== 'k') continue
    const match = /^(\d+)(?:\.\d+)?([bnrf]*)(?:,(\d+)(?:\.\d+)?([bnrf]*))?$/.exec(value as string)
    if (match === null)
      return yield* process.fail(`sort: invalid number at field start: invalid count at start of '${value}'`, 2)
    const [, from, letters = '', to, more = ''] = match
    if (Number(from) === 0) return yield* process.fail(`sort: -: invalid field specification '${value}'`, 2)
    const own = letters + more
    const plain = own === ''
    keys.push({
      from: Number(from),
      to: to === undefined ? Number.POSITIVE_INFINITY : Number(to),
      numeric: plain ? given.has('n') : own.includes('n'),
      reverse: plain ? given.has('r') : own.includes('r'),
      fold: plain ? given.has('f') : own.includes('f'),
    })
  }
  const whole: Key = {
    from: 1,
    to: Number.POSITIVE_INFINITY,
    numeric: given.has('n'),
    reverse: given.has('r'),
    fold: given.has('f'),
  }
  const separator = given.get('t')
  const order = (a: string, b: string): number => {
    for (const key of keys.length === 0 ? [whole] : keys) {
      const result =
        keys.length === 0 ? compare(a, b, key) : compare(field(a, key, separator), field(b, key, separator), key)
      if (result !== 0) return key.reverse ? -result : result
    }
    return 0
  }
  const last = (a: string, b: string): number => (given.has('r') ? -bytewise(a, b) : bytewise(a, b))
  const { lines, fine } = yield* allLines(process, parsed.operands, (name, why) => `sort: cannot read: ${name}: ${why}`)
  if (!fine) return 2
  if (given.has('c')) {
    const at = lines.findIndex((line, i) => i > 0 && order(lines[i - 1] as string, line) > 0)
    return at < 0 ? 0 : yield* process.fail(`sort: ${parsed.operands[0] ?? '-'}:${at + 1}: disorder: ${lines[at]}`)
  }
  const stable = given.has('s') || given.has('u')
  let sorted = [...lines].sort((a, b) => order(a, b) || (stable ? 0 : last(a, b)))
  if (given.has('u')) sorted = sorted.filter((line, i) => i === 0 || order(sorted[i - 1] as string, line) !== 0)
  const output = given.get('o')
  if (output === undefined) yield* process.print(joinLines(sorted))
  else process.machine.files.write(process, output, joinLines(sorted))
  return 0
}

const bytewise = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const compare = (a: string, b: string, key: Key): number => {
  if (key.numeric) return numberOf(a) - numberOf(b)
  return key.fold ? bytewise(a.toUpperCase(), b.toUpperCase()) : bytewise(a, b)
}

const numberOf = (text: string): number => Number(/^\s*(-?\d*\.?\d*)/.exec(text)?.[1] || 0) || 0

/** The text of the fields of a key. Without `-t` a field includes the blanks before it. */
const field = (line: string, key: Key, separator: string | undefined): string => {
  const parts = separator === undefined ? (line.match(/\s*\S+|\s+$/g) ?? []) : line.split(separator)
  return parts.slice(key.from - 1, key.to).join(separator ?? '')
}
