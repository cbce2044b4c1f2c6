import { allVersions, encodeHello } from '../../openflow/hello.ts'
import { type Duplex, Pipe } from '../../runtime/stream.ts'
import type { Peer } from './peer.ts'

/** Whom it is most worth to listen to: the controller that rules. */
const preference = { primary: 3, equal: 2, secondary: 1 } as const

/** Bytes that wait for a listener that does not read; what comes then is not seen by it. */
const room = 1024 * 1024

/**
 * Lets a connection see all that goes between the bridge and one of its controllers, both ways. Without a controller there
 * is nothing to see and the connection is closed.
 */
export const snoop = (duplex: Duplex, peers: Iterable<Peer>): void => {
  let best: Peer | undefined
  for (const peer of peers) {
    const { connection } = peer
    if (connection.kind !== 'primary') continue
    if (best === undefined || preference[connection.role] > preference[best.connection.role]) best = peer
  }
  if (best === undefined) {
    duplex.close()
    return
  }
  const { connection } = best
  const waiting = new Pipe(room)
  // A listener says hello and wants to hear one; what else it says is nothing to us.
  waiting.offer(encodeHello(allVersions, 0))
  const flush = (): void => {
    while (waiting.size > 0 && duplex.output.size < duplex.output.limit) duplex.output.offer(waiting.take(65536))
    if (duplex.output.closed) connection.taps.delete(see)
    else if (waiting.size > 0) duplex.output.changed.wait(flush)
  }
  const see = (message: Uint8Array): void => {
    const idle = waiting.size === 0
    if (waiting.offer(message.slice()) && idle) flush()
  }
  connection.taps.add(see)
  flush()
}
