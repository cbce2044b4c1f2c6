import { errnoText, type TcpSocket, tcpSend } from '../host/index.ts'
import { type Duplex, Pipe, start, type Task } from '../runtime/index.ts'

/** Bytes that wait in one direction; whoever sends more is not read until they are taken. */
const room = 256 * 1024

/**
 * A connected socket as one end of a connection. A reader that does not keep up closes the window, and a peer that does
 * not keeps the writer waiting. The socket is closed when both ways are.
 */
export const tcpDuplex = (socket: TcpSocket): Duplex => {
  const input = new Pipe(room)
  const output = new Pipe(room)
  let sending = 0
  let sent = false
  const duplex: Duplex = {
    input,
    output,
    get unsent() {
      return output.size + sending
    },
    close() {
      output.close()
      input.close()
    },
    abort() {
      socket.options.linger = 0
      socket.close()
      duplex.close()
    },
  }

  const fail = (why: string): void => {
    duplex.failure = why
    duplex.close()
    socket.close()
  }

  const finish = (): void => {
    if (sent && input.closed) socket.close()
  }

  function* receive(): Task<void> {
    for (;;) {
      if (input.closed) return
      const got = socket.recv()
      if (got.ok && got.value.length > 0) {
        if (!(yield* input.write(got.value))) return
      } else if (got.ok) {
        input.close()
        finish()
        return
      } else if (got.errno === 'EAGAIN') yield socket.onReadable.wait
      else {
        fail(errnoText[got.errno])
        return
      }
    }
  }

  function* send(): Task<void> {
    for (;;) {
      const bytes = output.take()
      if (bytes.length > 0) {
        sending = bytes.length
        const result = yield* tcpSend(socket, bytes)
        sending = 0
        if (!result.ok) {
          fail(errnoText[result.errno])
          return
        }
      } else if (output.closed) {
        sent = true
        // The peer may have more to say to those who still listen.
        if (!input.closed) socket.shutdown('write')
        finish()
        return
      } else yield output.changed.wait
    }
  }

  start(receive())
  start(send())
  return duplex
}
