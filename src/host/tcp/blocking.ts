/** Calls on TCP sockets that wait, for programs that are tasks. Each gives the error that the system call would. */
import type { Task } from '../../runtime/index.ts'
import type { Ip } from '../../wire/address.ts'
import { done, failed, made, type Result } from '../errno.ts'
import type { TcpSocket } from '../tcp-socket.ts'

/** ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH and what `TcpSocket.connect` gives at once. */
export function* tcpConnect(socket: TcpSocket, peer: Ip, port: number): Task<Result> {
  const begun = socket.connect(peer, port)
  if (!begun.ok) return begun
  while (socket.state === 'SYN_SENT' || socket.state === 'SYN_RECV') yield socket.onWritable.wait
  const error = socket.takeError()
  if (error !== undefined) return failed(error)
  return socket.closed ? failed('ECONNABORTED') : done
}

/** EINVAL if the socket does not listen, or is closed meanwhile. */
export function* tcpAccept(socket: TcpSocket): Task<Result<TcpSocket>> {
  for (;;) {
    const accepted = socket.accept()
    if (accepted.ok || accepted.errno !== 'EAGAIN') return accepted
    yield socket.onReadable.wait
  }
}

/** Writes everything; gives how many bytes that was, or the error that ended it. */
export function* tcpSend(socket: TcpSocket, bytes: Uint8Array): Task<Result<number>> {
  for (let at = 0; at < bytes.length; ) {
    const sent = socket.send(at === 0 ? bytes : bytes.subarray(at))
    if (sent.ok) at += sent.value
    else if (sent.errno !== 'EAGAIN') return sent
    else yield socket.onWritable.wait
  }
  return made(bytes.length)
}

/** At least one byte, or none at the end of the stream. */
export function* tcpRecv(socket: TcpSocket, limit = 65536): Task<Result<Uint8Array>> {
  for (;;) {
    const received = socket.recv(limit)
    if (received.ok || received.errno !== 'EAGAIN') return received
    yield socket.onReadable.wait
  }
}
