/** Sets of fields as text: `eth_{src,dst,type} reg0...reg15`. Names that begin alike share their beginning. */

/** The part of a name up to its first underscore, with it; empty if it has none. */
const beginning = (name: string): string => name.slice(0, name.indexOf('_') + 1)

/** A name that ends in a number: what is before, and the number. */
const numbered = (name: string): { stem: string; number: number } | undefined => {
  const parts = /^(.*?)([0-9]+)$/.exec(name)
  return parts === null ? undefined : { stem: parts[1] as string, number: Number(parts[2]) }
}

/** How many names from `at` on count up by one. */
const countRun = (names: readonly string[], at: number): number => {
  const first = numbered(names[at] as string)
  if (first === undefined) return 1
  let count = 1
  for (; at + count < names.length; count++) {
    const next = numbered(names[at + count] as string)
    if (next?.stem !== first.stem || next.number !== first.number + count) break
  }
  return count
}

/** How many names from `at` on begin as that one does. */
const countAlike = (names: readonly string[], at: number): number => {
  const prefix = beginning(names[at] as string)
  if (prefix === '') return 1
  let count = 1
  while (names[at + count]?.startsWith(prefix) === true) count++
  return count
}

const wordsOf = (names: readonly string[]): string[] => {
  const words: string[] = []
  for (let at = 0; at < names.length; ) {
    const name = names[at] as string
    const run = countRun(names, at)
    if (run > 2) {
      words.push(`${name}...${names[at + run - 1]}`)
      at += run
      continue
    }
    const alike = countAlike(names, at)
    if (alike > 1) {
      const prefix = beginning(name)
      const rest = names.slice(at, at + alike).map(each => each.slice(prefix.length))
      words.push(`${prefix}{${wordsOf(rest).join(',')}}`)
    } else words.push(name)
    at += alike
  }
  return words
}

/** Fields in the field table's order, as `dump-table-features` prints them. */
export const formatFieldSet = (names: readonly string[]): string => wordsOf(names).join(' ')
