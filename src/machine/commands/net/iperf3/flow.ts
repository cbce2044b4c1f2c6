/** How the blocks and datagrams of a stream are sent and received. */
import type { TcpSocket, UdpSocket } from '../../../../host/index.ts'
import { elapsed, first, millisecond, second, type Task, type Wait } from '../../../../runtime/index.ts'
import { u32 } from '../../../../wire/header.ts'
import type { Process } from '../../../command.ts'
import type { TestOptions } from './options.ts'
import type { Stream } from './stream.ts'

/** What the streams of a test share: whether to go on, and since when what they do counts. */
export interface Going {
  readonly over: boolean
  /** Nanoseconds of the clock. */
  readonly began: number
  /** Wakes when it is over. */
  readonly ended: Wait
  /** A stream sent or received something: is the test at its end? */
  progressed(): void
}

/** Looks whether the rate allows more each millisecond, as iperf3 does. */
const pacing = millisecond

/** When the average since `began` is below the rate: now, or the next time it is looked. */
const nextTurn = (began: number, now: number, bytes: number, rate: number): number => {
  const due = began + Math.floor((bytes * 8 * second) / rate / pacing) * pacing + pacing
  return due <= now ? now : due
}

/** Sends blocks on a stream until the test is over. */
export function* sendAll(process: Process, stream: Stream, test: TestOptions, going: Going): Task<void> {
  const block = randomBytes(process, test.length)
  const { clock } = process
  while (!going.over) {
    if (test.rate > 0) {
      const turn = nextTurn(going.began, clock.now(), stream.bytes, test.rate)
      if (turn > clock.now()) {
        yield first(elapsed(clock, turn - clock.now()), going.ended)
        continue
      }
    }
    const goesOn =
      stream.socket.kind === 'tcp'
        ? yield* writeBlock(process, stream.socket.socket, stream, block, going)
        : yield* sendDatagram(process, stream.socket.socket, stream, block)
    if (!goesOn) return
    going.progressed()
  }
}

/** All of a block, or what could be written of it until the test was over. */
function* writeBlock(
  process: Process,
  socket: TcpSocket,
  stream: Stream,
  block: Uint8Array,
  going: Going,
): Task<boolean> {
  for (let at = 0; at < block.length; ) {
    const sent = socket.send(block.subarray(at))
    if (sent.ok) {
      at += sent.value
      stream.moved(sent.value)
      yield* process.work(sent.value / 2)
    } else if (sent.errno !== 'EAGAIN') return false
    else yield first(socket.onWritable.wait, going.ended)
    if (going.over) return false
  }
  stream.packets++
  return true
}

/** Seconds, microseconds and a number, 32 bits each, are before the data. */
function* sendDatagram(process: Process, socket: UdpSocket, stream: Stream, block: Uint8Array): Task<boolean> {
  const now = process.clock.now()
  u32.set(block, 0, Math.floor(now / second))
  u32.set(block, 4, Math.floor((now % second) / 1000))
  u32.set(block, 8, stream.number() >>> 0)
  const error = socket.send(block)
  if (error === undefined || error === 'ENOBUFS' || error === 'ECONNREFUSED') stream.sent(block.length)
  yield* process.work(block.length)
  return error === undefined || error === 'ENOBUFS' || error === 'ECONNREFUSED'
}

/**
 * Reads a stream until the test is over. What comes after is read too, and does not count: a sender that is stuck in its writing
 * would not hear that it is over.
 */
export function* receiveAll(process: Process, stream: Stream, test: TestOptions, going: Going): Task<void> {
  while (!going.over || stream.socket.kind === 'tcp') {
    if (stream.socket.kind === 'tcp') {
      const { socket } = stream.socket
      const received = socket.recv(test.length)
      if (received.ok) {
        if (received.value.length === 0) return
        if (!going.over) stream.moved(received.value.length)
        yield* process.work(received.value.length / 2)
      } else if (received.errno !== 'EAGAIN') return
      else yield socket.onReadable.wait
    } else {
      const { socket } = stream.socket
      const datagram = socket.recv()
      if (datagram === undefined) {
        socket.takeError()
        yield first(socket.onReadable.wait, going.ended)
        continue
      }
      const { payload, time } = datagram
      if (payload.length < 12) continue
      const sentAt = u32.get(payload, 0) * second + u32.get(payload, 4) * 1000
      stream.arrived(u32.get(payload, 8), sentAt, Math.floor(time / 1000) * 1000, payload.length)
    }
    going.progressed()
  }
}

const randomBytes = (process: Process, size: number): Uint8Array => {
  const bytes = new Uint8Array(size)
  // A few hundred of them over and over: nobody looks, and a stream of noise takes long to make.
  const period = Math.min(size, 256)
  for (let i = 0; i < period; i++) bytes[i] = Math.floor(process.random() * 256)
  for (let i = period; i < size; i += period) bytes.copyWithin(i, 0, Math.min(period, size - i))
  return bytes
}
