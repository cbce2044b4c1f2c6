const classes: Record<string, string> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: ' \\t\\n\\r\\f\\v',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9A-Fa-f',
  cntrl: '\\x00-\\x1f\\x7f',
  print: ' -~',
  graph: '!-~',
  word: 'A-Za-z0-9_',
}

/** Makes every character of a text stand for itself in a pattern. */
export const escapePattern = (text: string): string => text.replace(/[\\*?[\]]/g, '\\$&')

/** Whether a pattern has an unescaped `*`, `?` or `[`. */
export const hasGlob = (pattern: string): boolean => /[*?[]/.test(pattern.replace(/\\[\s\S]/g, ''))

/** A pattern without its backslashes: the text that it is when it matches nothing. */
export const unescapePattern = (pattern: string): string => pattern.replace(/\\([\s\S])/g, '$1')

/**
 * The regular expression, without anchors, of a shell pattern (POSIX XCU 2.13): `*`, `?`, `[…]` with ranges, classes and
 * `!`; a backslash escapes.
 */
export const patternSource = (pattern: string): string => {
  let source = ''
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i] as string
    if (character === '\\' && i + 1 < pattern.length) source += literal(pattern[++i] as string)
    else if (character === '*') {
      // Runs of stars mean one, and would otherwise make the match take exponential time.
      while (pattern[i + 1] === '*') i++
      source += '[\\s\\S]*'
    } else if (character === '?') source += '[\\s\\S]'
    else if (character === '[') {
      const bracket = bracketSource(pattern, i)
      if (bracket === undefined) source += '\\['
      else {
        source += bracket.source
        i = bracket.end
      }
    } else source += literal(character)
  }
  return source
}

const literal = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&')

/**
 * The bracket expression at `at` and where its `]` is; undefined if it has none, so that `[` is a character. Shared by
 * shell patterns and regular expressions; in the latter a backslash inside is an ordinary character.
 */
export const bracketSource = (
  pattern: string,
  at: number,
  regex = false,
): { source: string; end: number } | undefined => {
  let i = at + 1
  let inner = ''
  const negated = pattern[i] === '^' || (!regex && pattern[i] === '!')
  if (negated) i++
  const begin = i
  for (; i < pattern.length; i++) {
    const character = pattern[i] as string
    if (character === ']' && i > begin) {
      const source = inner === '' ? '' : `[${negated ? '^' : ''}${inner}]`
      if (!compiles(source)) return undefined
      return { source, end: i }
    }
    const named = character === '[' ? /^\[:([a-z]+):\]/.exec(pattern.slice(i, i + 12)) : null
    if (named !== null && Object.hasOwn(classes, named[1] as string)) {
      inner += classes[named[1] as string]
      i += named[0].length - 1
    } else if (character === '\\' && !regex && i + 1 < pattern.length) inner += inBracket(pattern[++i] as string)
    else if (character === '-' && i > begin && pattern[i + 1] !== ']') inner += '-'
    else inner += inBracket(character)
  }
  return undefined
}

const inBracket = (character: string): string => character.replace(/[\\\]^[-]/, '\\$&')

const compiles = (source: string): boolean => {
  try {
    new RegExp(source)
    return true
  } catch {
    return false
  }
}

/**
 * A function that says whether a whole text matches a pattern. The parts between the stars are looked for from left to right
 * and never again, which takes time in proportion to text and pattern; a regular expression with a dozen stars tries all ways.
 */
export const matcher = (pattern: string): ((text: string) => boolean) => {
  const parts = starless(pattern)
  if (parts.length === 1) {
    const whole = new RegExp(`^(?:${patternSource(pattern)})$`)
    return text => whole.test(text)
  }
  const [head, ...rest] = parts.map(part => patternSource(part)) as [string, ...string[]]
  const tail = rest.pop() as string
  const begin = new RegExp(`^(?:${head})`)
  const end = new RegExp(`(?:${tail})$`)
  const middle = rest.filter(part => part !== '').map(part => new RegExp(part, 'g'))
  return text => {
    const first = begin.exec(text)
    if (first === null) return false
    const last = end.exec(text)
    if (last === null) return false
    let at = first[0].length
    for (const part of middle) {
      part.lastIndex = at
      if (!part.test(text)) return false
      at = part.lastIndex
    }
    return at <= last.index
  }
}

/** The pieces of a pattern between its stars. */
const starless = (pattern: string): string[] => {
  const parts = ['']
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i] as string
    let piece = character
    if (character === '\\') piece = pattern.slice(i, i + 2)
    else if (character === '[') piece = pattern.slice(i, (bracketSource(pattern, i)?.end ?? i) + 1)
    if (piece === '*') parts.push('')
    else parts[parts.length - 1] += piece
    i += piece.length - 1
  }
  return parts
}

/** Whether the whole text matches the pattern, as in `case`. */
export const matches = (pattern: string, text: string): boolean => matcher(pattern)(text)
