const isSpace = (c: string | undefined): boolean => c === ' ' || c === '\t' || c === '\r' || c === '\n' || c === ','
const isKeyEnd = (c: string | undefined): boolean =>
  c === undefined || c === ':' || c === '=' || c === '(' || isSpace(c)

/** One `name`, `name:value`, `name=value` or `name(value)`; `rest` is where it starts, for what takes all that follows. */
export type Word = { name: string; value: string; start: number; end: number }

/**
 * Splits a list of words at commas and white space, as all of ovs-ofctl's texts are. Parentheses inside a value belong
 * to it. An unclosed one reaches to the end. `name(value)->more` is one word, whose value is `value)->more`.
 */
export const splitWords = (text: string): Word[] => {
  const words: Word[] = []
  let at = 0
  for (;;) {
    while (at < text.length && isSpace(text[at])) at++
    if (at >= text.length) return words
    const start = at
    while (!isKeyEnd(text[at])) at++
    const name = text.slice(start, at)
    const from = at + 1
    if (text[at] === '(') {
      at = valueEnd(text, from, isClosing)
      if (text.startsWith(')->', at)) at = valueEnd(text, at, isSpace)
      words.push({ name, value: text.slice(from, at), start, end: Math.min(at + 1, text.length) })
      at++
    } else if (text[at] === ':' || text[at] === '=') {
      at = valueEnd(text, from, isSpace)
      words.push({ name, value: text.slice(from, at), start, end: at })
    } else {
      words.push({ name, value: '', start, end: at })
    }
  }
}

const isClosing = (c: string | undefined): boolean => c === ')'

/** Where a value ends: at the first character outside parentheses that `ends` it, or at the text's end. */
const valueEnd = (text: string, from: number, ends: (c: string | undefined) => boolean): number => {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const c = text[at]
    if (depth === 0 && ends(c)) return at
    if (c === '(') depth++
    else if (c === ')' && depth > 0) depth--
  }
  return text.length
}
