import { type Atom, formatAtom, isUuid } from './atom.ts'
import { type BaseType, type ColumnType, describe } from './column.ts'
import { type Datum, entriesOf, mapOf, setOf } from './datum.ts'
import { narrow } from './json.ts'

export { formatAtom, isUuid } from './atom.ts'

/** As `list` and `get` print a column: `5`, `[1, 2]`, `{key=flow, remote_ip="1.2.3.4"}`, `[]`. */
export const formatDatum = (datum: Datum, column: ColumnType): string => {
  const { key, value, max } = column
  if (value !== undefined) {
    return `{${entriesOf(datum)
      .map(([k, v]) => `${formatAtom(k, key.type)}=${formatAtom(v, value.type)}`)
      .join(', ')}}`
  }
  const text = datum.keys.map(atom => formatAtom(atom, key.type)).join(', ')
  return max > 1 || datum.keys.length === 0 ? `[${text}]` : text
}

/** A value read, or what is wrong with it in the words of ovs-vsctl. */
export type Read<T> = { ok: true; value: T } | { ok: false; error: string }
const good = <T>(value: T): Read<T> => ({ ok: true, value })
const bad = (error: string): { ok: false; error: string } => ({ ok: false, error })

/** `@name` stands for a row that `create` makes in the same command line. */
export type NameRow = (name: string, table: string | undefined) => string | undefined

/** One value of a type, checked against its range or list. */
export const parseAtom = (text: string, type: BaseType, quoted = false, nameRow?: NameRow): Read<Atom> => {
  switch (type.type) {
    case 'string':
      return allowed(text, type)
    case 'boolean':
      if (/^(true|yes|on|1)$/.test(text)) return good(true)
      if (/^(false|no|off|0)$/.test(text)) return good(false)
      return bad(`"${text}" is not a valid boolean (use "true" or "false")`)
    case 'uuid': {
      const row = text.startsWith('@') && !quoted ? nameRow?.(text, type.table) : undefined
      if (row !== undefined) return good(row)
      return isUuid(text) ? good(text.toLowerCase()) : bad(`"${text}" is not a valid UUID`)
    }
    case 'real':
      return /^[+-]?[0-9]+(\.[0-9]*)?(e[+-]?[0-9]+)?$/i.test(text)
        ? good(Number(text))
        : bad(`"${text}" is not a valid real number`)
    case 'integer': {
      const number = /^-?(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(text) ? integerOf(text) : undefined
      return number === undefined ? bad(`"${text}" is not a valid integer or range`) : allowed(number, type)
    }
  }
}

const integerOf = (text: string): number | bigint => {
  const digits = text.replace('-', '')
  const octal = /^0[0-7]+$/.test(digits)
  const value = BigInt.asIntN(64, BigInt(octal ? `0o${digits.slice(1)}` : digits))
  return narrow(text.startsWith('-') ? -value : value)
}

const allowed = (atom: Atom, type: BaseType): Read<Atom> => {
  const { min, max, oneOf } = type
  if (oneOf !== undefined && !oneOf.includes(atom)) {
    return bad(`constraint violation: ${atom} is not one of the allowed values ([${oneOf.join(', ')}])`)
  }
  const low = min !== undefined && (atom as number) < min
  const high = max !== undefined && (atom as number) > max
  if (!low && !high) return good(atom)
  if (min !== undefined && max !== undefined) {
    return bad(`constraint violation: ${atom} is not in the valid range ${min} to ${max} (inclusive)`)
  }
  return bad(
    low
      ? `constraint violation: ${atom} is less than minimum allowed value ${min}`
      : `constraint violation: ${atom} is greater than maximum allowed value ${max}`,
  )
}

type Token = { text: string; quoted: boolean }

/** A word or a string in double quotes at `at`; undefined where neither starts. */
const tokenAt = (text: string, at: number): { token: Token; end: number } | undefined => {
  if (text[at] === '"') {
    let end = at + 1
    while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1
    if (end >= text.length) return undefined
    try {
      const token = { text: String(JSON.parse(text.slice(at, end + 1))), quoted: true }
      return { token, end: end + 1 }
    } catch {
      return undefined
    }
  }
  let end = at
  while (end < text.length && !/[:=, \t\r\n[\]{}!<>]/.test(text[end] as string)) end++
  return end === at ? undefined : { token: { text: text.slice(at, end), quoted: false }, end }
}

/** A whole column's value from text: `5`, `1,2`, `[1, 2]`, `{a=b, c=d}`, `a=b,c=d`. */
export const parseDatum = (text: string, column: ColumnType, nameRow?: NameRow): Read<Datum> => {
  const { key, value, max, min } = column
  const open = value === undefined ? '[' : '{'
  const close = value === undefined ? ']' : '}'
  const keys: Atom[] = []
  const values: Atom[] = []
  let at = 0
  const skip = (): void => {
    while (at < text.length && /[, \t\r\n]/.test(text[at] as string)) at++
  }
  skip()
  const closed = text[at] === open
  if (closed) at++
  skip()
  while (at < text.length && text[at] !== close) {
    const from = text.slice(at)
    const word = tokenAt(text, at)
    if (word === undefined) return bad(unexpected(text, at, column))
    at = word.end
    for (const part of rangeOf(word.token, key)) {
      const atom = parseAtom(part, key, word.token.quoted, nameRow)
      if (!atom.ok) return atom
      keys.push(atom.value)
    }
    if (value !== undefined) {
      if (at >= text.length) return bad(`${from}: syntax error at "`)
      if (text[at] !== '=') return bad(`${from}: syntax error at "${text[at]}" expecting "="`)
      const right = tokenAt(text, at + 1)
      if (right === undefined) return bad(unexpected(text, at + 1, column))
      at = right.end
      const atom = parseAtom(right.token.text, value, right.token.quoted, nameRow)
      if (!atom.ok) return atom
      values.push(atom.value)
    } else if (text[at] !== undefined && /[:={}!<>[]/.test(text[at] as string)) return bad(unexpected(text, at, column))
    skip()
  }
  if (closed) {
    if (text[at] !== close) return bad(`${text}: missing "${close}" at end of data`)
    at++
    skip()
  }
  if (at < text.length) return bad(unexpected(text, at, column))
  const datum = value === undefined ? setOf(...keys) : mapOf(keys.map((k, i) => [k, values[i] as Atom]))
  const count = datum.keys.length
  if (count > max) return bad(`${text}: ${count} value(s) specified but the maximum number is ${max}`)
  if (count < min) return bad(`${text}: ${count} value(s) specified but the minimum number is ${min}`)
  return good(datum)
}

const unexpected = (text: string, at: number, column: ColumnType): string =>
  at >= text.length
    ? `${text}: unexpected end of input parsing ${describe(column)}`
    : `${text}: unexpected "${text[at]}" parsing ${describe(column)}`

/** `3-5` in a set of integers is 3, 4 and 5. */
const rangeOf = ({ text, quoted }: Token, key: BaseType): string[] => {
  const range = key.type === 'integer' && !quoted ? /^([0-9]+)-([0-9]+)$/.exec(text) : null
  if (range === null) return [text]
  const from = Number(range[1])
  const to = Number(range[2])
  if (from > to || to - from > 65535) return [text]
  return Array.from({ length: to - from + 1 }, (_, i) => String(from + i))
}
