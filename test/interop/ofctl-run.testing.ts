/** Runs our tools in the test's own process against sockets of a run directory. */
import { join } from 'node:path'
import { Pace } from '../../src/node/pace.ts'
import { toolConnect } from '../../src/node/tool-connect.ts'
import { toolSystem } from '../../src/node/tool-system.ts'
import { fromUtf8, start, type Task, utf8, VirtualClock } from '../../src/runtime/index.ts'
import { type Connect, type Program, programs, type Stdio } from '../../src/tools/index.ts'
import { type Result, wordsOf } from '../../src/tools/words.testing.ts'

/**
 * A command line as a shell would run it in `directory`, which is also where the daemons' sockets are. What it says stands
 * in `result` at once.
 */
export const runOurs = async (
  line: string,
  directory: string,
  stdin = '',
  result: Result = { stdout: '', stderr: '', status: -1 },
): Promise<Result> => {
  const stdio: Stdio = {
    // biome-ignore lint/correctness/useYield: it never waits
    *print(text) {
      result.stdout += text
    },
    // biome-ignore lint/correctness/useYield: it never waits
    *printBytes(bytes) {
      result.stdout += fromUtf8(bytes)
    },
    // biome-ignore lint/correctness/useYield: it never waits
    *error(text) {
      result.stderr += `${text}\n`
    },
    // biome-ignore lint/correctness/useYield: it never waits
    *readAll(): Task<Uint8Array> {
      return utf8(stdin)
    },
    isTerminal: false,
  }
  const clock = new VirtualClock()
  const pace = new Pace(clock)
  const enter = <T>(happen: () => T): T => pace.enter(happen)
  const [name = '', ...words] = wordsOf(line)
  // ovs-ofctl alone needs nothing of the computer but sockets and files.
  const system = name === 'ovs-ofctl' ? undefined : toolSystem(enter, directory)
  const outside = toolConnect(clock, enter, directory, system)
  const at = (path: string): string => (path.startsWith('/') ? path : join(directory, path))
  const connect: Connect = {
    ...outside,
    open: (remote, secure) => outside.open(remote.replace(/^unix:(?!\/)/, `unix:${directory}/`), secure),
    exists: path => outside.exists(at(path)),
    readFile: path => outside.readFile(at(path)),
  }
  try {
    result.status = await new Promise<number>((done, failed) => {
      enter(() => start((programs[name] as Program)([name, ...words], stdio, connect), { done, failed }))
    })
  } finally {
    pace.stop()
  }
  return result
}
