import { type Task, utf8 } from '../../../../runtime/index.ts'
import type { Command, Process } from '../../../command.ts'
import { nowhere, OpenFile } from '../../../streams.ts'
import { Refusal } from '../refusal.ts'
import { client } from './client.ts'
import { Ends } from './ends.ts'
import { type Iperf3Options, readOptions } from './options.ts'
import { systemText } from './report.ts'
import { server } from './server.ts'
import { usage, version } from './usage.ts'

/** iperf3(1): how fast TCP and UDP are from here to there. */
export const iperf3: Command = function* (process) {
  try {
    const options = readOptions(process.args.slice(1))
    if (options === 'help') yield* process.print(usage)
    else if (options === 'version') yield* process.print(`${version}\n${systemText(process)}\n`)
    else if (options.background) {
      process.spawn(own => run(own, options), {
        args: process.args,
        background: true,
        // As /dev/null: what it tells, nobody hears.
        files: new Map([0, 1, 2].map(descriptor => [descriptor, new OpenFile(nowhere)])),
      })
    } else return yield* run(process, options)
    return 0
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.text.replace(/\n$/, ''), error.status)
  }
}

function* run(process: Process, options: Iperf3Options): Task<number> {
  if (options.pidFile !== undefined) process.machine.files.write(process, options.pidFile, utf8(`${process.pid}`))
  const ends = new Ends(process, options)
  try {
    return yield* options.mode === 'client' ? client(ends) : server(ends)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.text, error.status)
  } finally {
    ends.crew.stop()
  }
}
