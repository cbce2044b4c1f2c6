/**
 * One connection to a server, as its client: requests and their answers, notifications, probes. A machine without a
 * socket, as `Session` is at the other end: bytes come in by `receive`, text goes out by `take`.
 */
import type { Cancel, Clock } from '../../runtime/index.ts'
import type { Json } from '../json.ts'
import { JsonStream } from '../json-stream.ts'
import { errorText, messageFromJson, notificationText, replyText, requestText } from '../jsonrpc.ts'

/** What came of a request; `lost` if the connection ended before its answer. */
export type Answer = { kind: 'result'; result: Json } | { kind: 'error'; error: Json } | { kind: 'lost'; why: string }

export type RpcOptions = {
  clock: Clock
  /** After so many ns without a word the server is asked for one, and after as many again given up. 0 for never. */
  probeInterval?: number
  /** The most bytes of one message. */
  limit?: number
  /** What the server says unasked: `update3`, `locked`, … */
  notified?: (method: string, params: readonly Json[]) => void
  /** Called when there is something to take, or the connection ended. */
  wake?: () => void
}

const messageLimit = 1e9

export class Rpc {
  /** Why the connection is over. */
  ended: string | undefined
  /** Whether it is a good time to receive more: always, for what is received is dealt with at once. */
  readonly ready = true
  private readonly clock: Clock
  private readonly probeInterval: number
  private readonly notified: (method: string, params: readonly Json[]) => void
  private readonly wake: () => void
  private readonly stream: JsonStream
  private readonly asked = new Map<number, (answer: Answer) => void>()
  private out: string[] = []
  private count = 0
  private heard: number
  private probed = false
  private cancelProbe: Cancel | undefined

  constructor({ clock, probeInterval = 0, limit = messageLimit, notified, wake }: RpcOptions) {
    this.clock = clock
    this.probeInterval = probeInterval
    this.notified = notified ?? (() => undefined)
    this.wake = wake ?? (() => undefined)
    this.stream = new JsonStream(limit)
    this.heard = clock.now()
    this.awaitWord()
  }

  /** Asks for something; `answered` is called once, unless it is taken back before. */
  request(method: string, params: Json[], answered: (answer: Answer) => void): Cancel {
    if (this.ended !== undefined) {
      answered({ kind: 'lost', why: this.ended })
      return () => undefined
    }
    const id = this.count++
    this.asked.set(id, answered)
    this.send(requestText(id, method, params))
    return () => {
      // The answer still comes, and nobody hears it.
      if (this.asked.has(id)) this.asked.set(id, () => undefined)
    }
  }

  notify(method: string, params: Json[]): void {
    this.send(notificationText(method, params))
  }

  receive(bytes: Uint8Array): void {
    if (this.ended !== undefined) return
    this.heard = this.clock.now()
    this.probed = false
    const { values, error } = this.stream.push(bytes)
    for (const value of values) {
      this.handle(value)
      if (this.ended !== undefined) return
    }
    if (error !== undefined) this.end(`error parsing stream: ${error}`)
  }

  /** All there is to send. */
  take(): string {
    const text = this.out.join('')
    this.out = []
    return text
  }

  end(why: string): void {
    if (this.ended !== undefined) return
    this.ended = why
    this.cancelProbe?.()
    const waiting = [...this.asked.values()]
    this.asked.clear()
    for (const answered of waiting) answered({ kind: 'lost', why })
    this.wake()
  }

  private send(text: string): void {
    if (this.ended !== undefined) return
    this.out.push(text)
    this.wake()
  }

  private handle(json: Json): void {
    const message = messageFromJson(json)
    if (typeof message === 'string') {
      this.end(`received bad JSON-RPC message: ${message}`)
      return
    }
    switch (message.kind) {
      case 'notification':
        this.notified(message.method, message.params)
        return
      case 'request':
        this.send(
          message.method === 'echo' ? replyText(message.id, message.params) : errorText(message.id, 'unknown method'),
        )
        return
      default: {
        const answered = typeof message.id === 'number' ? this.asked.get(message.id) : undefined
        if (answered === undefined) return
        this.asked.delete(message.id as number)
        answered(
          message.kind === 'reply'
            ? { kind: 'result', result: message.result }
            : { kind: 'error', error: message.error },
        )
      }
    }
  }

  /** Sees to it that a silent server is asked for a word. */
  private awaitWord(): void {
    if (this.probeInterval <= 0) return
    this.cancelProbe = this.clock.at(this.heard + this.probeInterval * (this.probed ? 2 : 1), () => {
      if (this.clock.now() - this.heard >= this.probeInterval) {
        if (this.probed) {
          const seconds = Number((this.probeInterval / 1e9).toPrecision(6))
          this.end(`no response to inactivity probe after ${seconds} seconds, disconnecting`)
          return
        }
        this.probed = true
        this.send(requestText('echo', 'echo', []))
      }
      this.awaitWord()
    })
  }
}
