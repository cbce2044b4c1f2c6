import type { Task } from '../runtime/index.ts'
import type { Process } from './command.ts'

/**
 * The options of a program: a letter or a long name, each with what follows it. `'none'` is a flag, `'required'` takes a
 * value (`-n5`, `-n 5`, `--lines=5`, `--lines 5`), `'optional'` only one that is attached.
 */
export type OptionTable = Readonly<Record<string, 'none' | 'required' | 'optional'>>

/** One option as it was given: its letter or long name, and its value. */
export type Option = { name: string; value: string | undefined }

export type Options = { ok: true; options: Option[]; operands: string[] } | { ok: false; error: string }

/**
 * Reads options as GNU's getopt_long(3) does: bundles (`-la`), unique prefixes of long names, `--`, and options after
 * operands, unless `inOrder`, which stops at the first operand. Errors are in getopt's words, without the program's name.
 */
export const parseOptions = (args: readonly string[], table: OptionTable, inOrder = false): Options => {
  const options: Option[] = []
  const operands: string[] = []
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string
    if (word === '--') {
      operands.push(...args.slice(i + 1))
      break
    }
    if (word === '-' || !word.startsWith('-')) {
      operands.push(word)
      if (!inOrder) continue
      operands.push(...args.slice(i + 1))
      break
    }
    if (word.startsWith('--')) {
      const equals = word.indexOf('=')
      const given = equals < 0 ? word.slice(2) : word.slice(2, equals)
      const found = longName(given, table)
      if (found.length !== 1) {
        const among = found.map(name => ` '--${name}'`).join('')
        return found.length === 0
          ? { ok: false, error: `unrecognized option '${equals < 0 ? word : `--${given}`}'` }
          : { ok: false, error: `option '--${given}' is ambiguous; possibilities:${among}` }
      }
      const name = found[0] as string
      let value = equals < 0 ? undefined : word.slice(equals + 1)
      if (value !== undefined && table[name] === 'none')
        return { ok: false, error: `option '--${name}' doesn't allow an argument` }
      if (value === undefined && table[name] === 'required') {
        value = args[++i]
        if (value === undefined) return { ok: false, error: `option '--${name}' requires an argument` }
      }
      options.push({ name, value })
      continue
    }
    for (let at = 1; at < word.length; at++) {
      const letter = word[at] as string
      const takes = letter !== '-' && Object.hasOwn(table, letter) ? table[letter] : undefined
      if (takes === undefined) return { ok: false, error: `invalid option -- '${letter}'` }
      if (takes === 'none') {
        options.push({ name: letter, value: undefined })
        continue
      }
      const attached = word.slice(at + 1)
      let value = attached === '' ? undefined : attached
      if (value === undefined && takes === 'required') {
        value = args[++i]
        if (value === undefined) return { ok: false, error: `option requires an argument -- '${letter}'` }
      }
      options.push({ name: letter, value })
      break
    }
  }
  return { ok: true, options, operands }
}

const longName = (given: string, table: OptionTable): string[] => {
  if (given.length > 1 && Object.hasOwn(table, given)) return [given]
  return Object.keys(table).filter(name => name.length > 1 && name.startsWith(given))
}

/** The options by name; the last of several counts. */
export const byName = (options: readonly Option[]): Map<string, string | undefined> =>
  new Map(options.map(option => [option.name, option.value]))

/** Complains as a program of coreutils does, with its hint; the status to return. */
export function* usage(process: Process, error: string, status = 1): Task<number> {
  const name = process.args[0] as string
  yield* process.error(`${name}: ${error}`)
  yield* process.error(`Try '${name} --help' for more information.`)
  return status
}
