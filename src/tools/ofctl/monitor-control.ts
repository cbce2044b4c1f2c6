/** What `ovs-appctl` can have a listening ovs-ofctl do (ovs-ofctl(8), `monitor`). */
import { hexBytes } from '../../openflow/hex-text.ts'
import { noBuffer } from '../../openflow/message.ts'
import { headerSize, messageLength } from '../../openflow/message-header.ts'
import { parsePacketOut } from '../../openflow/packet-out-text.ts'
import { Signal, type Task } from '../../runtime/index.ts'
import { type Reply, refuse, reply } from '../../vswitchd/unixctl/dispatch.ts'
import { answering, type ControlCommands } from '../control-commands.ts'
import type { Stdio, TextFile } from '../program.ts'
import { type Call, flushLog } from './command.ts'
import type { Connection } from './connection.ts'
import { takenNames } from './names.ts'
import { printed, xidOf } from './transact.ts'

const barrierReply = { first: 19, later: 21 } as const

/** What is said goes to stderr, or to the file that took its place. */
export class Output {
  private file: TextFile | undefined
  private readonly stdio: Stdio

  constructor(stdio: Stdio) {
    this.stdio = stdio
  }

  *line(text: string): Task<void> {
    if (this.file === undefined) yield* this.stdio.error(text)
    else this.file.write(`${text}\n`)
  }

  redirect(file: TextFile): void {
    this.file?.close()
    this.file = file
  }
}

/** The state that control commands change, for the loop that listens. */
export class Control {
  blocked = false
  exiting = false
  /** Wakes the loop when it is to look again. */
  readonly changed = new Signal()
  private barrier: { xid: number; over: boolean; done: Signal } | undefined
  private readonly call: Call
  private readonly connection: Connection
  private readonly output: Output

  constructor(call: Call, connection: Connection, output: Output) {
    this.call = call
    this.connection = connection
    this.output = output
  }

  /** Looks at a message that has come and been printed. */
  came(message: Uint8Array): void {
    const { barrier, connection } = this
    const type = connection.version === 1 ? barrierReply.first : barrierReply.later
    if (barrier === undefined || message[1] !== type || xidOf(message) !== barrier.xid) return
    barrier.over = true
    this.barrier = undefined
    barrier.done.wake()
  }

  /** Ends with the loop: nobody waits any longer. */
  end(): void {
    this.barrier?.done.wake()
  }

  readonly commands: ControlCommands = {
    exit: answering({ usage: '', min: 0, max: 0 }, () => {
      // The answer comes first.
      const { clock } = this.call.connect
      clock.at(clock.now(), () => {
        this.exiting = true
        this.changed.wake()
      })
      return reply('')
    }),
    'ofctl/send': { usage: 'OFMSG...', min: 1, max: Number.POSITIVE_INFINITY, run: args => this.send(args) },
    'ofctl/packet-out': {
      usage: '"in_port=<port> packet=<hex data> actions=..."',
      min: 1,
      max: 1,
      run: ([text = '']) => this.packetOut(text),
    },
    'ofctl/barrier': { usage: '', min: 0, max: 0, run: () => this.waitForBarrier() },
    'ofctl/set-output-file': answering({ usage: 'FILE', min: 1, max: 1 }, ([path = '']) => {
      const file = this.call.connect.system?.openFile(path, 'replace') ?? 'No such file or directory'
      if (typeof file === 'string') return refuse(file)
      this.output.redirect(file)
      return reply('')
    }),
    'ofctl/block': answering({ usage: '', min: 0, max: 0 }, () => this.block(true, 'already blocking')),
    'ofctl/unblock': answering({ usage: '', min: 0, max: 0 }, () => this.block(false, 'already unblocked')),
  }

  private block(wanted: boolean, already: string): Reply {
    if (this.blocked === wanted) return reply(already)
    this.blocked = wanted
    this.changed.wake()
    return reply('')
  }

  /** Messages in hexadecimal, as they are; what went before a wrong one has been sent. */
  private *send(texts: readonly string[]): Task<Reply> {
    let said = ''
    for (const text of texts) {
      const bytes = hexBytes(text)
      const wrong = bytes === undefined ? 'Trailing garbage in hex data' : wrongLength(bytes)
      if (bytes === undefined || wrong !== undefined) return refuse(`${said}${wrong}`)
      yield* this.output.line(`send: ${yield* this.textOf(bytes)}`)
      yield* this.connection.send(bytes)
      said += 'sent\n'
    }
    return reply(said)
  }

  private *packetOut(text: string): Task<Reply> {
    const { call, connection } = this
    const names = yield* takenNames(call, call.args[0] as string, 'tables first')
    const read = parsePacketOut(text, { ...names, warn: call.warn })
    yield* flushLog(call)
    if (typeof read === 'string') return refuse(read)
    const { protocols: _, ...sent } = read
    const message = connection.request({ type: 'packet_out', bufferId: noBuffer, ...sent })
    yield* this.output.line(yield* this.textOf(message))
    yield* connection.send(message)
    return reply('')
  }

  private *waitForBarrier(): Task<Reply> {
    if (this.barrier !== undefined) return refuse('already waiting for barrier reply')
    const message = this.connection.request({ type: 'barrier_request' })
    const barrier = { xid: xidOf(message), over: false, done: new Signal() }
    this.barrier = barrier
    yield* this.connection.send(message)
    if (!barrier.over) yield barrier.done.wait
    return reply('')
  }

  private *textOf(message: Uint8Array): Task<string> {
    return (yield* printed(this.call, this.connection, message, 0)).replace(/\n$/, '')
  }
}

const wrongLength = (bytes: Uint8Array): string | undefined => {
  if (bytes.length < headerSize) return 'Message too short for OpenFlow'
  return messageLength(bytes, 0) === bytes.length ? undefined : 'Message size does not match length in OpenFlow header'
}
