import { millisecond, sleep, type Task } from '../../runtime/index.ts'
import type { Process } from '../command.ts'

/** A file of `tail -f`, and how much of it was printed. */
export type Followed = { readonly name: string; position: number }

/** Linux tells tail at once when a file grows; here it looks this often. */
const interval = 100 * millisecond

/**
 * Prints what is added to files, for ever; with `titled`, under a title where it is of another file than what was printed last.
 * A file that was removed has no more to say.
 */
export function* follow(process: Process, files: readonly Followed[], titled: boolean): Task<never> {
  let last = files.at(-1)
  for (;;) {
    yield* sleep(process.machine.clock, interval)
    for (const file of files) {
      const read = process.machine.files.read(process, file.name)
      if (!read.ok || read.value.length === file.position) continue
      if (read.value.length < file.position) {
        yield* process.error(`tail: ${file.name}: file truncated`)
        file.position = 0
      }
      const more = read.value.slice(file.position)
      file.position = read.value.length
      if (titled && file !== last) yield* process.print(`\n==> ${file.name} <==\n`)
      last = file
      yield* process.printBytes(more)
    }
  }
}
