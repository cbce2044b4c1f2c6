import { allVersions, encodeHello } from '../../openflow/hello.ts'
import type { Role } from '../../openflow/message.ts'
import { type Duplex, Pipe } from '../../runtime/stream.ts'

/** Bytes that wait for a listener that does not read; what comes then is not seen by it. */
const room = 1024 * 1024

/** How many listen to one controller at the most. */
const mostListeners = 8

/** Who listens to what goes between the bridge and one controller: every message but hellos, either way. */
export class Taps {
  private readonly listeners = new Set<Listener>()

  see(message: Uint8Array): void {
    for (const listener of this.listeners) listener.hear(message)
  }

  /** Lets a connection listen; one too many is closed. */
  add(duplex: Duplex): void {
    for (const each of this.listeners) if (each.isGone) this.listeners.delete(each)
    if (this.listeners.size >= mostListeners) duplex.close()
    else this.listeners.add(new Listener(duplex))
  }

  /** There is nothing more to hear. */
  close(): void {
    for (const listener of this.listeners) listener.close()
    this.listeners.clear()
  }
}

class Listener {
  private readonly duplex: Duplex
  private readonly waiting = new Pipe(room)

  constructor(duplex: Duplex) {
    this.duplex = duplex
    // It says hello and wants to hear one; what else it says is nothing to us.
    this.waiting.offer(encodeHello(allVersions, 0))
    this.flush()
  }

  get isGone(): boolean {
    return this.duplex.output.closed || this.duplex.input.closed
  }

  hear(message: Uint8Array): void {
    const idle = this.waiting.size === 0
    if (this.waiting.offer(message.slice()) && idle) this.flush()
  }

  close(): void {
    this.duplex.close()
  }

  private flush(): void {
    const { waiting, duplex } = this
    const { output } = duplex
    while (waiting.size > 0 && output.size < output.limit && !output.closed) output.offer(waiting.take(65536))
    if (waiting.size > 0 && !output.closed) output.changed.wait(() => this.flush())
  }
}

/** A controller that can be listened to, connected or, while it has no role, not. */
export type Snooped = { readonly role: Exclude<Role, 'nochange'> | undefined; readonly taps: Taps }

/** Whom it is most worth to listen to: the controller that rules. */
const preference = { primary: 3, equal: 2, secondary: 1, none: 0 } as const

/**
 * Lets a connection see all that goes between the bridge and one of its controllers, both ways, as long as the bridge is to
 * have that one. Without a controller there is nothing to see and the connection is closed.
 */
export const snoop = (duplex: Duplex, controllers: Iterable<Snooped>): void => {
  let best: Snooped | undefined
  for (const each of controllers)
    if (best === undefined || preference[each.role ?? 'none'] > preference[best.role ?? 'none']) best = each
  if (best === undefined) duplex.close()
  else best.taps.add(duplex)
}
