/**
 * What two programs in Node need at the least to answer each other over a unix socket, with nothing but Node's sockets at
 * both ends: what an OpenFlow session in Node cannot be faster than.
 */
import { connect, createServer } from 'node:net'

/** Sends all back that comes to the socket at `path`; runs until it is ended. */
export const echoServer = (path: string): Promise<number> => {
  createServer(socket => socket.on('data', chunk => socket.write(chunk))).listen(path)
  return new Promise(() => {})
}

/** Sends `size` bytes and waits until they are back, `count` times. */
export const echoClient = (path: string, size: number, count: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const message = new Uint8Array(size)
    let left = count
    let missing = size
    const socket = connect(path)
    socket.on('error', reject)
    socket.on('connect', () => socket.write(message))
    socket.on('data', chunk => {
      missing -= chunk.length
      if (missing > 0) return
      missing = size
      if (--left > 0) socket.write(message)
      else {
        socket.destroy()
        resolve(0)
      }
    })
  })
