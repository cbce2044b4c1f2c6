import type { Socket } from 'node:net'
import { type Duplex, Pipe } from '../runtime/index.ts'

/** Lets something from outside happen at the present time of the clock that the inside lives by. */
export type Enter = (happen: () => void) => void

/** Bytes that wait in one direction; whoever sends more is not read until they are taken. */
const room = 256 * 1024

/**
 * What is written during a turn goes out at its end, in one piece, or as soon as it is so many bytes: the peer then works
 * on the first answers while the others are being made.
 */
const piece = 2048

/**
 * A socket as one end of a connection. What the peer sends comes in through `enter`; a reader that does not keep up makes
 * the socket stop reading, and a peer that does not, the writer.
 */
export const socketDuplex = (socket: Socket, enter: Enter): Duplex => {
  const input = new Pipe(room)
  const output = new Pipe(room)
  let full = false
  let planned = false
  /** While what came in is dealt with: what is said to it goes out right behind that. */
  let receiving = false

  const watchInput = (): void => {
    input.changed.wait(() => {
      if (!input.closed && input.size >= room) {
        watchInput()
        return
      }
      socket.resume()
    })
  }
  const send = (): void => {
    while (!full && output.size > 0) full = !socket.write(output.take())
    if (output.closed && output.size === 0) socket.destroySoon()
    else output.changed.wait(sendSoon)
  }
  // Taking from the pipe wakes who waits for room in it, and that happens inside as well.
  const sendLater = (): void => {
    planned = true
    queueMicrotask(() => {
      planned = false
      enter(send)
    })
  }
  const sendSoon = (): void => {
    if (output.size >= piece && !full) {
      send()
      return
    }
    if (!planned && !receiving && (output.size > 0 || output.closed)) sendLater()
    output.changed.wait(sendSoon)
  }

  socket.on('data', (chunk: Buffer) =>
    enter(() => {
      receiving = true
      input.offer(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length))
      receiving = false
      if (output.size > 0 || output.closed) send()
      if (input.size < room) return
      socket.pause()
      watchInput()
    }),
  )
  socket.on('drain', () => {
    full = false
    enter(() => output.changed.wake())
  })
  socket.on('end', () => enter(() => input.close()))
  socket.on('error', () => {})
  socket.on('close', () =>
    enter(() => {
      input.close()
      output.close()
    }),
  )
  sendSoon()
  return {
    input,
    output,
    get unsent() {
      return socket.destroyed ? 0 : output.size + socket.writableLength
    },
    close() {
      output.close()
      input.close()
    },
    abort() {
      socket.destroy()
    },
  }
}
