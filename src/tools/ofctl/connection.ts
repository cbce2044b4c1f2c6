/** A connection to a switch, as ovs-ofctl opens it. */
import { describeVersions, type VersionSet, versionSet } from '../../openflow/hello.ts'
import type { OfBody } from '../../openflow/message.ts'
import { printMessage } from '../../openflow/message-print.ts'
import { encodeMessage } from '../../openflow/message-wire.ts'
import type { Version } from '../../openflow/protocol.ts'
import { OfSession } from '../../openflow/session.ts'
import { type Duplex, first, type Task, type Wait } from '../../runtime/index.ts'
import { type Call, fatal, flushLog } from './command.ts'

/** How a peer of version 1.0 was told that it will be spoken to. */
export type Dialect = { nxm: boolean; tableId: boolean }

/** What the end of a connection is called. */
const endOfFile = 'End of file'
const protocolError = 'Protocol error'
/** What that looks like, depending on who was faster. */
const hungUp = new Set([endOfFile, 'Connection reset by peer', 'Broken pipe'])
/** A socket refuses who comes at the wrong place with this. */
const notThere = 'No such file or directory'

/** Hello, error, echo request and reply, vendor: their types are the same in every version. */
const lastSymmetric = 4

export type SocketKind = 'mgmt' | 'snoop'

/** Connects to a switch and agrees on a version; otherwise the command ends with what is wrong. */
export function* openConnection(call: Call, name: string, kind: SocketKind = 'mgmt'): Task<Connection> {
  const { remote, duplex } = yield* openSocket(call, name, kind)
  const connection = new Connection(call, name, remote, duplex, kind === 'snoop')
  const why = yield* connection.agree()
  if (why === undefined) return connection
  yield* flushLog(call)
  duplex.close()
  // Who cannot be listened to hangs up at once.
  if (kind === 'snoop' && hungUp.has(why))
    return yield* fatal(call, `${remote.replace(/^unix:/, '')}: failed to open socket (Broken pipe)`)
  return yield* fatal(call, `${name}: failed to connect to socket (${why})`)
}

/** A word with a colon is a remote; any other is the path of a socket, from the run directory on, or else the name of a bridge. */
function* openSocket(call: Call, name: string, kind: SocketKind): Task<{ remote: string; duplex: Duplex }> {
  const { connect } = call
  const { runDirectory: run } = connect
  if (name.includes(':')) {
    // Sockets, too, are of the run directory.
    const remote = name.replace(/^unix:(?!\/)/, `unix:${run}/`)
    const duplex = yield* connect.open(remote, { tls: call.tls, log: call.warn })
    if (typeof duplex !== 'string') return { remote: name, duplex }
    return yield* fatal(call, `connecting to ${name} (${duplex})`)
  }
  // A bridge may be named with the type of its datapath: `system@br0`.
  const bridge = name.slice(name.indexOf('@') + 1)
  for (const said of [name, `${run}/${name}.${kind}`, `${run}/${bridge}.${kind}`]) {
    const path = said.startsWith('/') ? said : `${run}/${said}`
    if (!connect.exists(path)) continue
    const duplex = yield* connect.open(`unix:${path}`)
    if (typeof duplex !== 'string') return { remote: `unix:${said}`, duplex }
    if (duplex !== notThere) return yield* fatal(call, `${said}: failed to open socket (${duplex})`)
  }
  return yield* fatal(call, `${name} is not a bridge or a socket`)
}

/** A session on a connection, driven by the command's task. */
export class Connection {
  /** The word that the switch was named by. */
  readonly name: string
  /** Where it is, as log lines name it. */
  readonly remote: string
  readonly dialect: Dialect = { nxm: false, tableId: false }
  private readonly session: OfSession
  private readonly call: Call
  private readonly duplex: Duplex
  private readonly versions: VersionSet
  /** Whether it listens to another's. */
  readonly snoops: boolean
  /** Messages that came while others were sent. */
  private readonly inbox: Uint8Array[] = []

  constructor(call: Call, name: string, remote: string, duplex: Duplex, snoops: boolean) {
    this.call = call
    this.name = name
    this.remote = remote
    this.duplex = duplex
    this.snoops = snoops
    call.counters.vconn_open++
    this.versions = versionSet(call.options.versions)
    this.session = new OfSession({
      versions: this.versions,
      xid: call.xid,
      now: call.connect.clock.now(),
      handsOnAll: true,
      greetings: (message, way) => this.note(message, way),
    })
  }

  get version(): Version {
    return this.session.version as Version
  }

  /** Waits until a version is agreed on; otherwise a text says why none is. */
  *agree(): Task<string | undefined> {
    const { session, call, remote } = this
    while (session.version === undefined) {
      if (session.ended !== undefined) {
        yield* this.flush()
        call.warn('vconn', `${remote}: ${session.ended}`)
        return session.ended.startsWith('version') ? 'Broken pipe' : protocolError
      }
      if (!(yield* this.pump())) return this.end
    }
    if (call.log.shows('vconn', 'dbg')) {
      const [ours, theirs] = [describeVersions(this.versions), describeVersions(session.peerVersions)]
      const agreed = `0x${session.version.toString(16).padStart(2, '0')}`
      const how = `we support ${ours}, peer supports ${theirs}`
      call.log.add('vconn', 'dbg', `${remote}: negotiated OpenFlow version ${agreed} (${how})`)
    }
    return undefined
  }

  /** A message's bytes in the version that was agreed on; undefined if that cannot say it. Takes the next number. */
  encode(body: OfBody, xid = this.call.xid()): Uint8Array | undefined {
    return encodeMessage(body, { version: this.version, xid, ...this.dialect })
  }

  /** As `encode`, of what every version can say. */
  request(body: OfBody, xid?: number): Uint8Array {
    const bytes = this.encode(body, xid)
    if (bytes === undefined) throw new Error(`OpenFlow 1.${this.version - 1} has no ${body.type}`)
    return bytes
  }

  /** Puts a whole message on its way; waits while the peer takes none. */
  *send(message: Uint8Array): Task<void> {
    this.queue(message)
    yield* this.flush()
  }

  /** Keeps a message for the next `flush`. */
  queue(message: Uint8Array): void {
    this.session.send(message)
    this.note(message, 'sent')
  }

  /** Keeps whole messages, one behind the other. */
  queueMany(messages: Uint8Array): void {
    this.session.send(messages)
  }

  /** Bytes that are kept. */
  get queued(): number {
    return this.session.waiting
  }

  /** Waits until the peer has room for all that is kept; what it says meanwhile is taken in, so that it can go on. */
  *flush(): Task<void> {
    const { input, output } = this.duplex
    for (let bytes = this.session.take(); bytes !== undefined; bytes = this.session.take())
      while (!output.offer(bytes) && !output.closed) {
        this.takeIn()
        yield input.closed ? output.changed.wait : first(output.changed.wait, input.changed.wait)
      }
  }

  /** The next message of the peer; a text says why there will be none. */
  *receive(): Task<Uint8Array | string> {
    for (;;) {
      const message = this.received()
      if (message !== undefined) return message
      if (!(yield* this.pump())) return this.end
    }
  }

  /** As `receive`, or undefined as soon as something else happens. */
  *receiveUnless(other: Wait): Task<Uint8Array | string | undefined> {
    const message = this.received()
    if (message !== undefined) return message
    const { input } = this.duplex
    if (input.size === 0 && !input.closed) yield first(input.changed.wait, other)
    if (input.size === 0 && !input.closed) return undefined
    return (yield* this.pump()) ? this.received() : this.end
  }

  /** How the connection ended. */
  private get end(): string {
    return this.duplex.failure ?? endOfFile
  }

  /** What has come already: a message, or the end. */
  private received(): Uint8Array | string | undefined {
    const message = this.poll()
    if (message === undefined) return this.session.ended === undefined ? undefined : protocolError
    return this.isOfAgreed(message) ? message : protocolError
  }

  /** A message that has come already. */
  poll(): Uint8Array | undefined {
    const message = this.inbox.shift() ?? this.session.next()
    if (message !== undefined) this.note(message, 'received')
    return message
  }

  /** Takes in what has come, without waiting. */
  takeIn(): void {
    const { input } = this.duplex
    if (input.size === 0) return
    if (this.session.version !== undefined)
      for (let message = this.session.next(); message !== undefined; message = this.session.next())
        this.inbox.push(message)
    this.session.input(this.call.connect.clock.now(), input.take())
  }

  close(): void {
    this.duplex.close()
  }

  /** Sends what there is and takes in what came; false at the end. */
  private *pump(): Task<boolean> {
    yield* this.flush()
    yield* flushLog(this.call)
    const { input } = this.duplex
    while (input.size === 0) {
      if (input.closed) return false
      yield input.changed.wait
    }
    this.takeIn()
    if (this.session.version === undefined) this.session.next()
    return true
  }

  /** Only what comes before versions are agreed may be of another one, unless others are listened to. */
  private isOfAgreed(message: Uint8Array): boolean {
    const [version, type] = [message[0]!, message[1]!]
    if (this.snoops || version === this.version || type <= lastSymmetric) return true
    const [got, expected] = [version, this.version].map(each => each.toString(16).padStart(2, '0'))
    this.call.warn('vconn', `${this.remote}: received OpenFlow version 0x${got} != expected ${expected}`, 'ERR')
    return false
  }

  /** Counts and logs a message. */
  private note(message: Uint8Array, way: 'sent' | 'received'): void {
    const { log, counters } = this.call
    counters[`vconn_${way}`]++
    if (!log.shows('vconn', 'dbg')) return
    const text = printMessage(message, { verbosity: 1, paint: this.call.paint }).trimEnd()
    log.add('vconn', 'dbg', `${this.remote}: ${way === 'sent' ? 'sent (Success)' : way}: ${text}`)
  }
}
