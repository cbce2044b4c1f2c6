import { type TcpSocket, tcpAccept } from '../../../../host/index.ts'
import { elapsed, first, second, type Task } from '../../../../runtime/index.ts'
import { formatIp, type Ip } from '../../../../wire/address.ts'
import { u32 } from '../../../../wire/header.ts'
import { headAnswer, headLength, readWish, type Wish } from './header.ts'
import { Flow, Group } from './report.ts'
import { endsOf, type Session } from './session.ts'
import { tcpClient } from './tcp-client.ts'
import { readFlow } from './tcp-flow.ts'
import { endsText } from './text.ts'

/** Opens the port, or refuses. */
export function* tcpListen(session: Session, port: number): Task<TcpSocket> {
  const socket = session.tcpSocket(session.options.six)
  session.bindServer(socket, port)
  socket.listen(128)
  yield* session.banner(`Server listening on TCP port ${port}`, session.tcpWindow(socket, false))
  return socket
}

/** What a TCP server does: it reads what comes on each connection, and prints how much that was. */
export class TcpServer {
  private readonly session: Session
  /** Streams that go on, by their client. */
  private readonly groups = new Map<Ip, Group>()
  private busy = 0
  /** Connections that were read to their end. */
  finished = 0

  constructor(session: Session) {
    this.session = session
  }

  /** Whether some stream goes on. */
  get active(): boolean {
    return this.busy > 0
  }

  /** Takes connections for ever. */
  *accept(listener: TcpSocket): Task<void> {
    for (;;) {
      const accepted = yield* tcpAccept(listener)
      if (!accepted.ok) return
      this.session.crew.add(this.serve(accepted.value))
    }
  }

  /** One connection, to its end. */
  *serve(socket: TcpSocket): Task<void> {
    const { session } = this
    this.busy++
    try {
      const began = session.now
      const first4 = yield* this.firstWord(socket)
      if (first4 === undefined) return
      const flow = new Flow(session.nextId(), endsOf(socket), began)
      const group = this.groupOf(flow)
      const head = headLength(first4)
      const wish = head === 0 ? undefined : yield* this.head(socket, head, first4)
      if (head === 0) flow.bytes += 4
      yield* session.connected(flow, socket)
      if (group.flows.length === 1) session.crew.add(session.ticks(group))
      if (wish?.now) session.crew.add(this.back(flow, wish, group))
      yield* readFlow(session, socket, flow)
      yield* session.report.final(flow, session.now)
      yield* this.leave(flow, group)
      socket.close()
      if (wish !== undefined && !wish.now) yield* this.back(flow, wish, new Group())
    } finally {
      this.busy--
      this.finished++
      socket.close()
    }
  }

  /** The test that a client wished for. */
  private *back(flow: Flow, wish: Wish, group: Group): Task<void> {
    const { remote } = flow.ends
    const { time, amount, port, streams } = wish
    const length = this.session.options.length
    const window = wish.window === 0 ? undefined : wish.window
    const test = { host: formatIp(remote), ip: remote, port, streams, window, time, amount, length, rate: undefined }
    yield* tcpClient(this.session, { ...test, reverse: true }, group)
    yield* this.leave(flow, group)
  }

  private groupOf(flow: Flow): Group {
    const { remote } = flow.ends
    const group = this.groups.get(remote) ?? new Group()
    this.groups.set(remote, group)
    group.flows.push(flow)
    return group
  }

  /** The last of a client's streams is over: their sum. */
  private *leave(flow: Flow, group: Group): Task<void> {
    if (group.flows.some(other => !other.over) || this.groups.get(flow.ends.remote) !== group) return
    this.groups.delete(flow.ends.remote)
    yield* this.session.report.sum(group, this.session.now)
  }

  /** The first four bytes of a stream; undefined, and a word about it, if it ends before. */
  private *firstWord(socket: TcpSocket): Task<number | undefined> {
    const bytes = yield* this.exactly(socket, 4)
    if (bytes.length === 4) return u32.get(bytes, 0)
    const { process } = this.session
    yield* process.error(`read tcp flags (${bytes.length === 0 ? 'peer close' : 'runt'}) failed`)
    if (!this.session.options.without.has('C')) yield* process.print(`(null)${endsText(endsOf(socket))}\n`)
    return undefined
  }

  private *head(socket: TcpSocket, length: number, word: number): Task<Wish | undefined> {
    const head = new Uint8Array(length)
    u32.set(head, 0, word)
    head.set(yield* this.exactly(socket, length - 4), 4)
    const answer = headAnswer(word)
    if (answer !== undefined) socket.send(answer)
    return readWish(head, 0)
  }

  /** So many bytes, or fewer at the end of the stream. */
  private *exactly(socket: TcpSocket, size: number): Task<Uint8Array> {
    const bytes = new Uint8Array(size)
    let at = 0
    while (at < size) {
      const received = socket.recv(size - at)
      if (!received.ok) {
        if (received.errno !== 'EAGAIN') break
        yield socket.onReadable.wait
        continue
      }
      if (received.value.length === 0) break
      bytes.set(received.value, at)
      at += received.value.length
    }
    return bytes.subarray(0, at)
  }

  /** What was going on when the program is told to end. */
  *interrupted(): Task<void> {
    for (const group of this.groups.values()) {
      for (const flow of group.flows) if (!flow.over) yield* this.session.report.final(flow, this.session.now)
      yield* this.session.report.sum(group, this.session.now)
    }
  }
}

/** Waits until a server is told to end, or its `-t` is over. */
export function* untilTold(session: Session, done: () => boolean): Task<void> {
  const { options, process, crew } = session
  let over = false
  crew.add(
    (function* (): Task<void> {
      const waits = session.interrupts.map(caught => caught.wait)
      if (options.timed) waits.push(elapsed(process.clock, options.time * second))
      yield first(...waits)
      over = true
    })(),
  )
  yield* crew.join(() => over || done())
}
