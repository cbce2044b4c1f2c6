import { type Duplex, first, type Signal, type Task, utf8 } from '../runtime/index.ts'

/** A machine at the end of a connection: `Session` of a server, `Rpc` of a client. */
export interface Endpoint {
  /** Why it is over. */
  readonly ended: string | undefined
  /** Whether it is a good time to receive more. */
  readonly ready: boolean
  receive(bytes: Uint8Array): void
  /** All there is to send; empty for nothing. */
  take(): string
  end(why: string): void
}

/** Bytes that are handed over at once. */
const chunk = 65536

/**
 * Moves bytes between a machine and its peer until either ends; ends with the reason. `woken` is to be woken when the
 * machine has something to say or is over.
 */
export function* pump(endpoint: Endpoint, duplex: Duplex, woken: Signal): Task<string> {
  const { input, output } = duplex
  for (;;) {
    if (output.size < output.limit) {
      const text = endpoint.take()
      if (text !== '') {
        output.offer(utf8(text))
        continue
      }
    }
    if (endpoint.ended !== undefined) return endpoint.ended
    if (endpoint.ready && input.size > 0) {
      endpoint.receive(input.take(chunk))
      continue
    }
    if (output.closed || (input.closed && input.size === 0)) {
      const why = duplex.failure ?? 'connection closed by peer'
      endpoint.end(why)
      return why
    }
    yield first(input.changed.wait, output.changed.wait, woken.wait)
  }
}
