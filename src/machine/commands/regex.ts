import { bracketSource } from '../shell/pattern.ts'

/** The source of a JavaScript regular expression, or what is wrong in grep's words. */
export type Compiled = { ok: true; value: string } | { ok: false; why: string }

/** Translates a POSIX extended regular expression (XBD 9.4), with GNU's `\w \W \s \S \b \< \>`. */
export const extended = (pattern: string): Compiled => translate(pattern, true)

/** Translates a POSIX basic regular expression (XBD 9.3), with GNU's `\+ \? \|`. */
export const basic = (pattern: string): Compiled => translate(pattern, false)

/** A text that stands for itself. */
export const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

const translate = (pattern: string, isExtended: boolean): Compiled => {
  let source = ''
  let depth = 0
  // Whether a repetition has something to repeat: not at the start, after `(`, `|` or `^`.
  let repeatable = false
  for (let i = 0; i < pattern.length; i++) {
    let character = pattern[i] as string
    let special = isExtended
    if (character === '\\') {
      const next = pattern[++i]
      if (next === undefined) return { ok: false, why: 'Trailing backslash' }
      const known = gnu[next]
      if (known !== undefined) {
        source += known
        repeatable = true
        continue
      }
      if (/[1-9]/.test(next)) {
        source += `(?:\\${next})`
        repeatable = true
        continue
      }
      if (isExtended || !'(){}|+?'.includes(next)) {
        source += literal(next)
        repeatable = true
        continue
      }
      special = true
      character = next
    } else if ('.*[^$'.includes(character)) special = true

    if (!special) {
      source += literal(character)
      repeatable = true
      continue
    }
    switch (character) {
      case '.':
        source += '.'
        repeatable = true
        break
      case '[': {
        const bracket = bracketSource(pattern, i, true)
        if (bracket === undefined) return { ok: false, why: 'Unmatched [, [^, [:, [., or [=' }
        source += bracket.source
        i = bracket.end
        repeatable = true
        break
      }
      case '*':
      case '+':
      case '?':
        if (repeatable) source = repeated(source, character)
        else if (!isExtended) {
          source += literal(character)
          repeatable = true
        }
        break
      case '{': {
        const bounds = /^(\d*)(,?)(\d*)(\\?)\}/.exec(pattern.slice(i + 1))
        if (bounds === null || (bounds[4] === '\\') === isExtended || (bounds[1] === '' && bounds[2] === '')) {
          if (!isExtended) return { ok: false, why: 'Unmatched \\{' }
          source += '\\{'
          repeatable = true
          break
        }
        const [whole, low, comma, high] = bounds as unknown as [string, string, string, string]
        if (Number(low) > 32767 || Number(high) > 32767) return { ok: false, why: 'Regular expression too big' }
        if (high !== '' && Number(low) > Number(high)) return { ok: false, why: 'Invalid content of \\{\\}' }
        i += whole.length
        if (repeatable) source = repeated(source, `{${low === '' ? '0' : low}${comma}${high}}`)
        break
      }
      case '(':
        depth++
        source += '('
        repeatable = false
        break
      case ')':
        if (depth === 0) {
          if (!isExtended) return { ok: false, why: 'Unmatched ) or \\)' }
          source += '\\)'
          repeatable = true
          break
        }
        depth--
        source += ')'
        repeatable = true
        break
      case '|':
        source += '|'
        repeatable = false
        break
      case '^':
        if (isExtended || source === '' || /[(|]$/.test(source)) {
          source += '^'
          repeatable = false
        } else source += '\\^'
        break
      case '$': {
        const rest = pattern.slice(i + 1)
        const ends = isExtended || rest === '' || rest.startsWith('\\)') || rest.startsWith('\\|')
        source += ends ? '$' : '\\$'
        repeatable = !ends
        break
      }
      default:
        source += literal(character)
        repeatable = true
    }
  }
  if (depth > 0) return { ok: false, why: 'Unmatched ( or \\(' }
  try {
    new RegExp(source)
  } catch {
    return { ok: false, why: 'Invalid regular expression' }
  }
  return { ok: true, value: source }
}

const gnu: Record<string, string> = {
  w: '\\w',
  W: '\\W',
  s: '\\s',
  S: '\\S',
  b: '\\b',
  B: '\\B',
  '<': '\\b(?=\\w)',
  '>': '\\b(?<=\\w)',
  '`': '^',
  "'": '$',
}

/** Repeats what came last. A second repetition of the same piece (`a**`) would be lazy or an error in JavaScript. */
const repeated = (source: string, by: string): string => {
  if (!/(?:[*+?]|\{\d+,?\d*\})$/.test(source) || /\\(?:[*+?]|\{\d+,?\d*\})$/.test(source)) return source + by
  return by === '*' && source.endsWith('*') ? source : `${group(source)}${by}`
}

/** Puts the last piece and its repetition in a group. Pieces are found again from the start, which is rare enough. */
const group = (source: string): string => {
  const pieces =
    source.match(/(?:\\.|\[(?:\\.|[^\]])*\]|\((?:\\.|\[(?:\\.|[^\]])*\]|[^()])*\)|[\s\S])(?:[*+?]|\{\d+,?\d*\})?/g) ??
    []
  const last = pieces[pieces.length - 1] ?? ''
  return `${source.slice(0, source.length - last.length)}(?:${last})`
}
