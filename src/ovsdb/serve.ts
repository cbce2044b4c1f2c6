import { type Duplex, Signal, start } from '../runtime/index.ts'
import { type Holder, Ledger } from './ledger.ts'
import { type Endpoint, pump } from './pump.ts'
import type { Server } from './server.ts'
import type { Session, SessionOptions } from './session.ts'

/** Bytes that all clients together may make the server hold. */
const usualRoom = 512e6

/**
 * Lets clients talk to a server through streams of bytes. What the server has to say to others while it listens to one is
 * said after that: so no client is called back in the middle of a commit, also where both ends are in one process.
 */
export class Service {
  private readonly server: Server
  private readonly waiting = new Set<Signal>()
  private readonly ledger: Ledger
  private listening = false

  /** `room` is how many bytes all clients together may make it hold: the one that holds most is sent away for more. */
  constructor(server: Server, room = usualRoom) {
    this.server = server
    this.ledger = new Ledger(room)
  }

  /** Serves a client until it goes or is sent away (`end` of its session), and closes its stream. */
  accept(duplex: Duplex, options: SessionOptions = {}, closed: (why: string) => void = () => undefined): Session {
    const woken = new Signal()
    const session = this.server.connect({
      ...options,
      wake: () => {
        options.wake?.()
        this.waiting.add(woken)
        this.speak()
      },
    })
    const holder: Holder = {
      // What it does not take is held after the end, too.
      get weight() {
        return (session.ended === undefined ? session.weight : 0) + (duplex.unsent ?? duplex.output.size)
      },
      drop() {
        session.end('too much waits to be read or sent, disconnecting')
        duplex.abort?.()
      },
    }
    start(pump(this.endpointOf(session, holder), duplex, woken), {
      done: why => {
        duplex.close()
        this.ledger.note(holder)
        closed(why)
      },
    })
    return session
  }

  private endpointOf(session: Session, holder: Holder): Endpoint {
    const receive = (bytes: Uint8Array): void => {
      const wasListening = this.listening
      this.listening = true
      try {
        session.receive(bytes)
      } finally {
        this.listening = wasListening
      }
      this.ledger.note(holder)
      this.speak()
    }
    return {
      get ended() {
        return session.ended
      },
      get ready() {
        return session.ready
      },
      receive,
      take: () => {
        const text = session.take()
        this.ledger.note(holder, text.length)
        return text
      },
      end: why => session.end(why),
    }
  }

  /** Wakes all who have something to send. */
  private speak(): void {
    while (!this.listening && this.waiting.size > 0) {
      const [next] = this.waiting
      this.waiting.delete(next as Signal)
      next?.wake()
    }
  }
}
