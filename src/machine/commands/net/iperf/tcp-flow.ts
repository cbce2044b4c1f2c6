/** One stream of iperf's TCP tests: who writes, and who reads. */
import { errnoText, type TcpSocket, tcpRecv } from '../../../../host/index.ts'
import { elapsed, first, second, type Task } from '../../../../runtime/index.ts'
import type { Flow } from './report.ts'
import type { Session } from './session.ts'

/** Digits, as iperf sends. */
export const payload = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => 48 + (i % 10))

export type Amounts = { time: number; amount: number | undefined; length: number; rate: number | undefined }

/** Writes for a time, or an amount; then waits until the peer has read all and closes. Gives when that was. */
export function* writeFlow(session: Session, socket: TcpSocket, flow: Flow, amounts: Amounts): Task<number> {
  const { process } = session
  const { time, amount, length, rate } = amounts
  const data = payload(length)
  const end = amount === undefined && time > 0 ? session.now + time * second : Number.POSITIVE_INFINITY
  let left = amount ?? Number.POSITIVE_INFINITY
  let due = session.now
  const pauses = [socket.onWritable.wait, ...session.interrupts.map(caught => caught.wait)]
  write: while (session.now < end && left > 0 && !session.interrupted) {
    if (rate !== undefined && due > session.now) {
      yield first(elapsed(process.clock, Math.min(due, end) - session.now), ...pauses.slice(1))
      continue
    }
    const size = Math.min(length, left)
    for (let at = 0; at < size; ) {
      const sent = socket.send(data.subarray(at, size))
      if (sent.ok) {
        at += sent.value
        flow.bytes += sent.value
        yield* process.work(sent.value / 2)
        continue
      }
      if (sent.errno !== 'EAGAIN') {
        yield* process.error(`tcp write failed: ${errnoText[sent.errno]}`)
        break write
      }
      // What was begun is written only until the time is over.
      const wait = end === Number.POSITIVE_INFINITY ? [] : [elapsed(process.clock, end - session.now)]
      yield first(...pauses, ...wait)
      if (session.now >= end || session.interrupted) break write
    }
    left -= size
    if (rate !== undefined) due += (size * 8 * second) / rate
  }
  if (session.interrupted) return session.now
  socket.shutdown('write')
  for (;;) {
    const received = socket.recv()
    if (received.ok ? received.value.length === 0 : received.errno !== 'EAGAIN') break
    if (!received.ok) yield first(socket.onReadable.wait, ...pauses.slice(1))
    if (session.interrupted) break
  }
  return session.now
}

/** Reads to the end. */
export function* readFlow(session: Session, socket: TcpSocket, flow: Flow): Task<void> {
  for (;;) {
    const received = yield* tcpRecv(socket, session.options.length)
    if (!received.ok || received.value.length === 0) return
    flow.bytes += received.value.length
    yield* session.process.work(received.value.length / 2)
  }
}
