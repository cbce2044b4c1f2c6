import { type VersionSet, versionSet } from '../../openflow/hello.ts'
import type { Version } from '../../openflow/protocol.ts'
import { OfSession } from '../../openflow/session.ts'
import { type Duplex, first, type Task } from '../../runtime/index.ts'
import { type Call, flushLog } from './command.ts'

/** A connection to a switch on which both sides have agreed on a version. */
export type Vconn = {
  /** The word that it was opened by. */
  readonly name: string
  readonly version: Version
  /** The number of the next message. */
  xid(): number
  /** Puts a whole message on its way; waits while the peer takes none. */
  send(message: Uint8Array): Task<void>
  /** The next message of the peer; a text says why there will be none. */
  receive(): Task<Uint8Array | string>
  close(): void
}

/** What the end of a connection is called. */
const ended = 'End of file'

/** Where a word leads: a remote (`tcp:…`), the path of a socket, or a bridge's name. */
const remoteOf = ({ connect }: Call, name: string): string | undefined => {
  if (name.includes(':')) return name
  if (connect.exists(name)) return `unix:${name}`
  const path = `${connect.runDirectory}/${name}.mgmt`
  return connect.exists(path) ? `unix:${path}` : undefined
}

/** Connects to a switch and agrees on a version; a text is what is wrong, as ovs-ofctl says it. */
export function* openVconn(call: Call, name: string): Task<Vconn | string> {
  const remote = remoteOf(call, name)
  if (remote === undefined) return `${name} is not a bridge or a socket`
  const duplex = yield* call.connect.open(remote)
  const isRemote = name.includes(':')
  if (typeof duplex === 'string')
    return isRemote ? `connecting to ${name} (${duplex})` : `${name}: failed to open socket (${duplex})`
  const wire = new Wire(call, duplex, versionSet(call.options.versions))
  const why = yield* wire.agree()
  if (why !== undefined) {
    call.warn('vconn', `${remote}: ${why.log}`)
    yield* flushLog(call)
    duplex.close()
    return isRemote ? `connecting to ${name} (${why.error})` : `${name}: failed to connect to socket (${why.error})`
  }
  const { session } = wire
  return {
    name,
    version: session.version as Version,
    xid: () => wire.nextXid(),
    *send(message) {
      session.send(message)
      yield* wire.flush()
    },
    receive: () => wire.receive(),
    close: () => duplex.close(),
  }
}

/** A session on a connection, driven by one task. */
class Wire {
  readonly session: OfSession
  private xid = 0
  private readonly call: Call
  private readonly duplex: Duplex

  constructor(call: Call, duplex: Duplex, versions: VersionSet) {
    this.call = call
    this.duplex = duplex
    this.session = new OfSession({
      versions,
      xid: () => this.nextXid(),
      now: call.connect.clock.now(),
      wantsEchoReplies: true,
    })
  }

  nextXid(): number {
    return ++this.xid
  }

  /** Waits until a version is agreed on; otherwise says what ovs-ofctl logs and what it ends with. */
  *agree(): Task<{ log: string; error: string } | undefined> {
    while (this.session.version === undefined) {
      const { ended: why } = this.session
      if (why !== undefined) {
        yield* this.flush()
        return { log: why, error: 'Broken pipe' }
      }
      if (!(yield* this.pump())) return { log: 'connection closed by peer', error: ended }
    }
    return undefined
  }

  *flush(): Task<void> {
    for (let bytes = this.session.take(); bytes !== undefined; bytes = this.session.take())
      yield* this.duplex.output.write(bytes)
  }

  *receive(): Task<Uint8Array | string> {
    for (;;) {
      const message = this.session.next()
      if (message !== undefined) return message
      if (this.session.ended !== undefined) return 'Protocol error'
      if (!(yield* this.pump())) return ended
    }
  }

  /** Sends what there is and takes in what came; false at the end. */
  private *pump(): Task<boolean> {
    yield* this.flush()
    const { input } = this.duplex
    while (input.size === 0) {
      if (input.closed) return false
      yield first(input.changed.wait)
    }
    this.session.input(this.call.connect.clock.now(), input.take(65536))
    if (this.session.version === undefined) this.session.next()
    return true
  }
}
