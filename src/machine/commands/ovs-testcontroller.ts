import { errnoText } from '../../host/index.ts'
import type { UnixSockets } from '../../runtime/index.ts'
import { type Connect, type ControllerHost, testcontroller } from '../../tools/index.ts'
import type { Command, Process } from '../command.ts'
import { errnoTexts } from '../files/errno.ts'
import { tcpListen, tcpOpen } from '../tcp-network.ts'

/** `ovs-testcontroller`, by the TCP of the namespace that it is started in; `--detach` leaves it in the background. */
export const ovsTestcontroller =
  (connect: (process: Process) => Connect, sockets: UnixSockets): Command =>
  process => {
    const run: Command = each => testcontroller(each.args, each, connect(each), hostOf(each, sockets))
    const detach = process.args.indexOf('--detach')
    return detach < 0 ? run(process) : leave(process, run, process.args.toSpliced(detach, 1))
  }

// biome-ignore lint/correctness/useYield: what it starts goes on without it
function* leave(process: Process, run: Command, args: readonly string[]) {
  process.spawn(run, { args, background: true })
  return 0
}

const hostOf = ({ namespace }: Process, sockets: UnixSockets): ControllerHost => ({
  *listen(target, accept) {
    const [, path] = /^punix:(.*)$/.exec(target) ?? []
    let count = 0
    if (path !== undefined) return { close: sockets.listen(path, duplex => accept(duplex, `unix#${count++}`)) }
    const listening = tcpListen(namespace, target, accept)
    return typeof listening === 'string' ? errnoText[listening] : listening
  },
  *dial(target) {
    const [, path] = /^unix:(.*)$/.exec(target) ?? []
    if (path !== undefined) return sockets.connect(path) ?? errnoTexts.ENOENT
    const result = yield* tcpOpen(namespace, target)
    return typeof result === 'string' ? errnoText[result] : result
  },
})
