const isSpace = (c: string | undefined): boolean => c === ' ' || c === '\t' || c === '\r' || c === '\n' || c === ','
const isKeyEnd = (c: string | undefined): boolean =>
  c === undefined || c === ':' || c === '=' || c === '(' || isSpace(c)

/** One `name`, `name:value`, `name=value` or `name(value)`; `rest` is where it starts, for what takes all that follows. */
export type Word = { name: string; value: string; start: number; end: number }

/**
 * Splits a list of words at commas and white space, as all of ovs-ofctl's texts are. Parentheses inside a value belong
 * to it. An unclosed one reaches to the end.
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
    let value = ''
    if (text[at] === '(') {
      const end = closing(text, at)
      value = text.slice(at + 1, end)
      at = end + 1
    } else if (text[at] === ':' || text[at] === '=') {
      const from = at + 1
      at = from
      let depth = 0
      while (at < text.length && (depth > 0 || !isSpace(text[at]))) {
        if (text[at] === '(') depth++
        else if (text[at] === ')') depth = Math.max(0, depth - 1)
        at++
      }
      value = text.slice(from, at)
    }
    words.push({ name, value, start, end: Math.min(at, text.length) })
  }
}

const closing = (text: string, open: number): number => {
  let depth = 0
  for (let at = open; at < text.length; at++) {
    if (text[at] === '(') depth++
    else if (text[at] === ')' && --depth === 0) return at
  }
  return text.length
}
