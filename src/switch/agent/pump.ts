import type { OfSession } from '../../openflow/session.ts'
import { type Cancel, type Clock, first, Signal, type Task } from '../../runtime/index.ts'
import type { Duplex } from '../../runtime/stream.ts'

/** Replies wait for a peer that reads slowly; it is not listened to any more while more bytes than this do. */
const replyBacklog = 256 * 1024

/**
 * What is said to messages that came together goes out together, or as soon as it is so many bytes: the peer then works on
 * the first answers while the others are being made.
 */
const piece = 2048

/** Gives a peer what the session has for it, as far as there is room. Returns false while something is left. */
export const flush = (session: OfSession, { output }: Duplex): boolean => {
  while (session.waiting > 0) {
    if (output.size >= output.limit) return output.closed
    const bytes = session.take()
    if (bytes !== undefined) output.offer(bytes)
  }
  return true
}

/** What a pump serves. */
export type Pumped = {
  /** Deals with a message. */
  handle(message: Uint8Array): void
  /** Gives the session the next part of a long answer; false if there is none. */
  more(): boolean
  /** Both sides have agreed on a version. */
  agreed(): void
  /** All that waited for the peer is on its way. */
  drained(): void
  /** Woken when the session has something new for the peer. */
  changed: Signal
}

/**
 * Moves bytes between a session and its peer and hands messages to `handle`, until either ends. Ends with the reason.
 * `handle` is called from nowhere else, so a message is dealt with, and all of its answer made, before the next is looked at.
 */
export function* pump(
  session: OfSession,
  duplex: Duplex,
  clock: Clock,
  { handle, more, agreed, drained: relieved, changed }: Pumped,
): Task<string> {
  const { input, output } = duplex
  const alarm = new Alarm(clock)
  /** Deals with messages until there is something to send; false if there are none. */
  const serve = (): boolean => {
    for (let count = 0; ; count++) {
      const wasOpening = session.version === undefined
      const message = session.next()
      if (wasOpening && session.version !== undefined) agreed()
      if (message === undefined) return count > 0
      handle(message)
      if (session.waiting >= piece || more()) return true
    }
  }
  try {
    for (;;) {
      session.wake(clock.now())
      const drained = flush(session, duplex)
      if (session.waiting < replyBacklog) {
        if (more()) continue
        if (serve()) continue
      }
      if (session.waiting > 0 && drained) continue
      if (drained && output.size === 0) relieved()
      if (session.ended !== undefined) {
        yield* outlet(session, duplex)
        return session.ended
      }
      if (session.waiting < replyBacklog && input.size > 0) {
        session.input(clock.now(), input.take(65536))
        continue
      }
      if (input.closed || output.closed) return 'connection closed by peer'
      alarm.set(session.nextWake())
      yield first(input.changed.wait, output.changed.wait, changed.wait, alarm.rang.wait)
    }
  } finally {
    alarm.stop()
  }
}

/**
 * Rings no later than at the time that was set last. Each message puts that time off, so it is set anew only when it rang
 * too early: a clock's entry for each message would cost more than the message.
 */
class Alarm {
  readonly rang = new Signal()
  private at = Number.POSITIVE_INFINITY
  private cancel: Cancel | undefined
  private readonly clock: Clock

  constructor(clock: Clock) {
    this.clock = clock
  }

  set(time: number | undefined): void {
    if (time === undefined || time >= this.at) return
    this.cancel?.()
    this.at = time
    this.cancel = this.clock.at(Math.max(time, this.clock.now()), () => {
      this.at = Number.POSITIVE_INFINITY
      this.rang.wake()
    })
  }

  stop(): void {
    this.cancel?.()
  }
}

/** Waits until the last words are on their way. */
function* outlet(session: OfSession, duplex: Duplex): Task<void> {
  while (!flush(session, duplex)) yield duplex.output.changed.wait
}
