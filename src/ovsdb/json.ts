/**
 * JSON as databases of RFC 7047 need it. An integer is exact over all of 64 bits: a `bigint` beyond ±2^53, a number below.
 * A number that is no safe integer is a real. `JSON.parse` does the work where it would give the same; the parser here
 * does it for large numbers, escapes and deep nesting, and to say what is wrong in Open vSwitch's words.
 */

export type Json = null | boolean | number | bigint | string | Json[] | JsonObject
export type JsonObject = { [name: string]: Json }

/** `error` begins with the place: `line 0, column 5, byte 5: syntax error expecting value`. */
export type JsonRead = { ok: true; value: Json } | { ok: false; error: string }

/** How many arrays and objects may be open at once. */
export const maxDepth = 1000

export const isObject = (json: Json | undefined): json is JsonObject =>
  typeof json === 'object' && json !== null && !Array.isArray(json)

/** A member of an object, never what objects have by themselves. */
export const member = (object: JsonObject, name: string): Json | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined

/** A whole text: one object or array. */
export const parseJson = (text: string): JsonRead => {
  if (isPlain(text)) {
    try {
      return { ok: true, value: JSON.parse(text) }
    } catch {
      // The other parser says what is wrong with it.
    }
  }
  const parser = new Parser(text)
  const value = parser.parse()
  return value === undefined ? { ok: false, error: parser.error() } : { ok: true, value }
}

/** Whether `JSON.parse` gives what is meant: no large or odd number, no escape that it would let through, not deep. */
const isPlain = (text: string): boolean => {
  let depth = 0
  let digits = 0
  let first = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0x30 && code <= 0x39) {
      if (++digits > 15) return false
      continue
    }
    if (digits > 0 && (code | 32) === 0x65) return false
    digits = 0
    if (code === 0x22) {
      i = plainStringEnd(text, i)
      if (i < 0) return false
    } else if (code === 0x5b || code === 0x7b) {
      if (++depth > maxDepth) return false
    } else if (code === 0x5d || code === 0x7d) depth--
    if (first === 0 && code > 32) first = code
  }
  return first === 0x5b || first === 0x7b
}

/**
 * Where the string ends that begins at `from`; below 0 if it does not end or has an escape by a number. Not by `indexOf`,
 * which takes a thousand times as long in a text of half a megabyte, once V8 has compiled this.
 */
const plainStringEnd = (text: string, from: number): number => {
  for (let i = from + 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x22) return i
    if (code === 0x5c && text.charCodeAt(++i) === 0x75) return -1
  }
  return -1
}

class Parser {
  private readonly text: string
  private at = 0
  private failure: { words: string; at: number } | undefined

  constructor(text: string) {
    this.text = text
  }

  error(): string {
    const { words, at } = this.failure ?? { words: 'unexpected end of input', at: this.text.length }
    const before = this.text.slice(0, at)
    const line = before.split('\n').length - 1
    const byte = byteCount(before) + at - before.length
    return `line ${line}, column ${at - before.lastIndexOf('\n') - 1}, byte ${byte}: ${words}`
  }

  parse(): Json | undefined {
    this.space()
    const first = this.text[this.at]
    if (first === undefined) return this.wrong('empty input stream')
    if (first !== '{' && first !== '[') return this.misplaced(first, 'syntax error at beginning of input')
    const value = this.container()
    if (value === undefined) return undefined
    this.space()
    const next = this.text[this.at]
    return next === undefined ? value : this.misplaced(next, 'trailing garbage at end of input')
  }

  /** What begins where no value can be: what is wrong in itself comes first. */
  private misplaced(first: string, words: string): undefined {
    const isMark = '[]{}:,'.includes(first)
    if (!isMark && this.scalar() === undefined) return undefined
    // A word ends with the character behind it, a string with its quote.
    if (first === '"') this.at--
    return this.wrong(words)
  }

  private wrong(words: string): undefined {
    this.failure ??= { words, at: this.at }
    return undefined
  }

  private fail(words: string, at = this.at): undefined {
    // The end of a number or a word is where something else begins, and that is behind the text.
    const end = this.text.length + (/[-+.0-9a-zA-Z]$/.test(this.text) ? 1 : 0)
    this.failure ??= at >= this.text.length ? { words: 'unexpected end of input', at: end } : { words, at }
    return undefined
  }

  private space(): void {
    while (this.at < this.text.length && ' \t\r\n'.includes(this.text[this.at] as string)) this.at++
  }

  /** An array or object and all in it, without recursion. */
  private container(): Json | undefined {
    type Open = { array: Json[] } | { object: JsonObject; name: string }
    const open: Open[] = []
    for (;;) {
      let value: Json | undefined
      this.space()
      const first = this.text[this.at]
      if (first === '[' || first === '{') {
        if (open.length >= maxDepth) return this.fail(`input exceeds maximum nesting depth ${maxDepth}`)
        this.at++
        this.space()
        if (this.text[this.at] === (first === '[' ? ']' : '}')) {
          this.at++
          value = first === '[' ? [] : {}
        } else if (first === '[') {
          open.push({ array: [] })
          continue
        } else {
          const name = this.name()
          if (name === undefined) return undefined
          open.push({ object: {}, name })
          continue
        }
      } else value = this.scalar()
      if (value === undefined) return undefined
      // Puts the value where it belongs, and closes what ends with it.
      for (;;) {
        const around = open.at(-1)
        if (around === undefined) return value
        if ('array' in around) around.array.push(value)
        else put(around.object, around.name, value)
        this.space()
        const next = this.text[this.at]
        const isArray = 'array' in around
        if (next === ',') {
          this.at++
          if (!isArray) {
            this.space()
            const name = this.name()
            if (name === undefined) return undefined
            around.name = name
          }
          break
        }
        if (next !== (isArray ? ']' : '}')) {
          return this.fail(isArray ? "syntax error expecting ']' or ','" : "syntax error expecting '}' or ','")
        }
        this.at++
        open.pop()
        value = isArray ? around.array : around.object
      }
    }
  }

  private name(): string | undefined {
    if (this.text[this.at] !== '"') return this.fail('syntax error parsing object expecting string')
    const name = this.string()
    if (name === undefined) return undefined
    this.space()
    if (this.text[this.at] !== ':') return this.fail("syntax error parsing object expecting ':'")
    this.at++
    return name
  }

  private scalar(): Json | undefined {
    const first = this.text[this.at]
    if (first === undefined) return this.fail('')
    if (first === '"') return this.string()
    if (/[-0-9]/.test(first)) return this.number()
    if (/[a-z]/.test(first)) {
      const word = /^[a-z]*/i.exec(this.text.slice(this.at, this.at + 100))?.[0] ?? ''
      this.at += word.length
      if (word === 'null') return null
      if (word === 'true' || word === 'false') return word === 'true'
      return this.wrong(`invalid keyword '${word}'`)
    }
    if ('[]{}:,'.includes(first)) return this.fail('syntax error expecting value')
    const code = first.charCodeAt(0)
    return this.fail(
      code > 32 && code < 127
        ? `invalid character '${first}'`
        : `invalid character U+${code.toString(16).padStart(4, '0')}`,
    )
  }

  private number(): number | bigint | undefined {
    const word = /^[-+.eE0-9]*/.exec(this.text.slice(this.at, this.at + 10_000))?.[0] ?? ''
    this.at += word.length
    const parts = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/.exec(word)
    if (parts === null) return this.wrong(wrongNumber(word))
    const value = numberOf(word)
    return value ?? this.wrong('number outside valid range')
  }

  private string(): string | undefined {
    const { text } = this
    const start = this.at
    let end = start + 1
    let escaped = false
    while (end < text.length && text[end] !== '"') {
      const code = text.charCodeAt(end)
      if (code < 32) {
        const hex = code.toString(16).toUpperCase().padStart(4, '0')
        return this.fail(`U+${hex} must be escaped in quoted string`, end)
      }
      if (code === 0x5c) {
        escaped = true
        end++
      }
      end++
    }
    if (end >= text.length) {
      this.failure ??= { words: 'unexpected end of input in quoted string', at: text.length }
      return undefined
    }
    this.at = end + 1
    const inner = text.slice(start + 1, end)
    if (!escaped) return inner
    const plain = unescapeJson(inner)
    return plain.ok ? plain.value : this.fail(plain.error, end)
  }
}

const put = (object: JsonObject, name: string, value: Json): void => {
  if (name !== '__proto__') object[name] = value
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
}

const wrongNumber = (word: string): string => {
  if (!/^-?[0-9]/.test(word)) return "'-' must be followed by digit"
  if (/^-?0[0-9]/.test(word)) return 'leading zeros not allowed'
  if (/^-?[0-9]+\.(?![0-9])/.test(word)) return 'decimal point must be followed by digit'
  return /e[+-]?(?![0-9])/i.test(word) ? 'exponent must contain at least one digit' : 'syntax error in number'
}

const least = -(2n ** 63n)
const most = 2n ** 63n - 1n

/** Whether 64 bits with a sign hold it. */
export const isInt64 = (value: bigint): boolean => value >= least && value <= most

/** An integer as it is kept: a number if it is exact. */
export const narrow = (value: bigint): number | bigint =>
  value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value

/** `1.0`, `1e3` and `100` are integers; what 64 bits do not hold is a real; undefined if no real holds it. */
const numberOf = (word: string): number | bigint | undefined => {
  const real = Number(word)
  if (Number.isSafeInteger(real)) return real === 0 ? 0 : (exact(word) ?? real)
  if (!Number.isFinite(real)) return undefined
  return exact(word) ?? real
}

const exact = (word: string): number | bigint | undefined => {
  const [, sign, whole, fraction = '', power = '0'] = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(
    word,
  ) as unknown as [string, string, string, string?, string?]
  const all = `${whole}${fraction}`.replace(/^0+(?=[0-9])/, '')
  const given = Number(power) - fraction.length
  let zeros = 0
  while (zeros < Math.min(-given, all.length - 1) && all[all.length - 1 - zeros] === '0') zeros++
  const digits = all.slice(0, all.length - zeros)
  const exponent = given + zeros
  if (exponent < 0 || digits.length + exponent > 19) return undefined
  const value = BigInt(`${sign}${digits}${'0'.repeat(exponent)}`)
  return isInt64(value) ? narrow(value) : undefined
}

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

const unescapeJson = (text: string): { ok: true; value: string } | { ok: false; error: string } => {
  const bad = (error: string): { ok: false; error: string } => ({ ok: false, error })
  let out = ''
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string
    if (char !== '\\') {
      out += char
      continue
    }
    const kind = text[++i] as string
    const plain = escapes[kind]
    if (plain !== undefined) {
      out += plain
      continue
    }
    if (kind !== 'u') return bad(`bad escape \\${kind}`)
    const code = hex4(text, i + 1)
    if (typeof code === 'string') return bad(code)
    i += 4
    if (code === 0) return bad('null bytes not supported in quoted strings')
    if (code < 0xd800 || code > 0xdfff) {
      out += String.fromCharCode(code)
      continue
    }
    if (code > 0xdbff || text[i + 1] !== '\\' || text[i + 2] !== 'u') return bad('malformed escaped surrogate pair')
    const second = hex4(text, i + 3)
    if (typeof second === 'string') return bad(second)
    if (second < 0xdc00 || second > 0xdfff) {
      return bad('second half of escaped surrogate pair is not trailing surrogate')
    }
    out += String.fromCharCode(code, second)
    i += 6
  }
  return { ok: true, value: out }
}

const hex4 = (text: string, at: number): number | string => {
  const digits = text.slice(at, at + 4)
  if (digits.length < 4) return 'quoted string ends within \\u escape'
  return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : 'malformed \\u escape'
}

const byteCount = (text: string): number => {
  let count = 0
  for (const char of text) {
    const code = char.codePointAt(0) as number
    count += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return count
}
