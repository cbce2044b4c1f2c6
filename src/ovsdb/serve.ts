import { type Duplex, Signal, start } from '../runtime/index.ts'
import { pump } from './pump.ts'
import type { Server } from './server.ts'
import type { Session, SessionOptions } from './session.ts'

/**
 * Lets clients talk to a server through streams of bytes. What the server has to say to others while it listens to one is
 * said after that: so no client is called back in the middle of a commit, also where both ends are in one process.
 */
export class Service {
  private readonly server: Server
  private readonly waiting = new Set<Signal>()
  private listening = false

  constructor(server: Server) {
    this.server = server
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
    start(pump(this.listenerOf(session), duplex, woken), {
      done(why) {
        duplex.close()
        closed(why)
      },
    })
    return session
  }

  private listenerOf(session: Session): Parameters<typeof pump>[0] {
    const receive = (bytes: Uint8Array): void => {
      const wasListening = this.listening
      this.listening = true
      try {
        session.receive(bytes)
      } finally {
        this.listening = wasListening
      }
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
      take: () => session.take(),
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
