import type { Cancel } from './clock.ts'
import { type Duplex, duplexPair } from './stream.ts'

/** The unix sockets that programs of one machine listen on, by path. */
export class UnixSockets {
  private readonly listeners = new Map<string, (duplex: Duplex) => void>()

  /** Who connects to `path` from now on is given to `accept`; one that listened there before is not asked any more. */
  listen(path: string, accept: (duplex: Duplex) => void): Cancel {
    this.listeners.set(path, accept)
    return () => {
      if (this.listeners.get(path) === accept) this.listeners.delete(path)
    }
  }

  has(path: string): boolean {
    return this.listeners.has(path)
  }

  /** A connection to whoever listens there; undefined if nobody does. */
  connect(path: string): Duplex | undefined {
    const accept = this.listeners.get(path)
    if (accept === undefined) return undefined
    const [near, far] = duplexPair()
    accept(far)
    return near
  }
}
