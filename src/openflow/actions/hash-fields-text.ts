/** Words that `bundle` and `multipath` share. */
import { type HashFields, hashFields } from '../hash-fields.ts'

/** What a hash takes, by its name in any case. */
export const hashFieldsNamed = (text: string): HashFields | undefined =>
  hashFields.find(name => name === text.toLowerCase())

/** Parts of an argument between commas and blanks, as many as there are up to `count`; empty parts do not count. */
export const partsOf = (text: string, count: number): { parts: string[]; rest: string } => {
  const parts: string[] = []
  let rest = text
  while (parts.length < count) {
    const part = /^[, ]*([^, ]+)[, ]?/.exec(rest)
    if (part === null) break
    parts.push(part[1] as string)
    rest = rest.slice(part[0].length)
  }
  return { parts, rest }
}
