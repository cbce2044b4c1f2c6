import { fromUtf8, type Task } from '../../runtime/index.ts'
import type { Process } from '../command.ts'
import { strerror } from '../files/errno.ts'

/** What a filter reads: one of its files, or stdin, which `-` names too. */
export type Input = { name: string; bytes: Uint8Array }

/** The message for a file that cannot be read, or none. */
export type Complain = (name: string, why: string) => string | undefined

/**
 * Reads the files of a filter one after another, complaining about each that cannot be read. Without files, stdin.
 * The answer is false if one could not be read. `complain` makes the message where it is not coreutils' usual one.
 */
export function* eachInput(
  process: Process,
  names: readonly string[],
  use: (input: Input) => Task<boolean | undefined>,
  complain: Complain = (name, why) => `${process.args[0]}: ${name}: ${why}`,
): Task<boolean> {
  let fine = true
  for (const name of names.length === 0 ? ['-'] : names) {
    if (name === '-') {
      if ((yield* use({ name: '-', bytes: yield* process.readAll() })) === false) return fine
      continue
    }
    const read = process.machine.files.read(process, name)
    if (!read.ok) {
      const text = complain(name, strerror(read.errno))
      if (text !== undefined) yield* process.error(text)
      fine = false
    } else if ((yield* use({ name, bytes: read.value })) === false) return fine
  }
  return fine
}

/** The lines of a text without their `\n`; the last may lack one. */
export const linesOf = (bytes: Uint8Array): string[] => {
  if (bytes.length === 0) return []
  const text = fromUtf8(bytes)
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
}

/** All lines of all inputs; undefined if one could not be read (the complaint is made). */
export function* allLines(
  process: Process,
  names: readonly string[],
  complain?: Complain,
): Task<{ lines: string[]; fine: boolean }> {
  const lines: string[] = []
  const fine = yield* eachInput(
    process,
    names,
    // biome-ignore lint/correctness/useYield: it only collects
    function* (input) {
      for (const line of linesOf(input.bytes)) lines.push(line)
      return undefined
    },
    complain,
  )
  return { lines, fine }
}

/** Lines as text again. */
export const joinLines = (lines: readonly string[]): string => lines.map(line => `${line}\n`).join('')
