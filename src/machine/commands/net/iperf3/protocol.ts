/**
 * What an iperf3 client and server say to each other on their control connection (`iperf_api.h` of 3.12): a byte for each state,
 * and texts of JSON with their length (32 bits) before them.
 */
import { type TcpSocket, tcpSend } from '../../../../host/index.ts'
import { below, first, fromUtf8, type Random, type Task, utf8, type Wait } from '../../../../runtime/index.ts'
import { u32 } from '../../../../wire/header.ts'
import { jsonText, type Value } from './cjson.ts'

export const State = {
  testStart: 1,
  testRunning: 2,
  testEnd: 4,
  paramExchange: 9,
  createStreams: 10,
  serverTerminate: 11,
  clientTerminate: 12,
  exchangeResults: 13,
  displayResults: 14,
  start: 15,
  done: 16,
  accessDenied: 255,
  serverError: 254,
} as const

/** Bytes of a cookie with its closing zero. */
export const cookieSize = 37

/** What ties a client's connections together: 36 characters. */
export const newCookie = (random: Random): string => {
  let cookie = ''
  while (cookie.length < cookieSize - 1) cookie += 'abcdefghijklmnopqrstuvwxyz234567'[below(random, 32)]
  return cookie
}

export const cookieBytes = (cookie: string): Uint8Array => utf8(`${cookie}\0`)

/** Texts longer than this are nobody's parameters. */
const longest = 1 << 20

/** What was read, or that the other end closed, or that one of `until` came first. */
export type Heard<T> = { kind: 'heard'; value: T } | { kind: 'closed' } | { kind: 'told' }

/** The control connection of one end. `until`: what ends a wait early; `told` says whether it has come. */
export class Control {
  readonly socket: TcpSocket
  private readonly until: readonly Wait[]
  private readonly told: () => boolean
  private held: Uint8Array = new Uint8Array(0)

  constructor(socket: TcpSocket, until: readonly Wait[], told: () => boolean) {
    this.socket = socket
    this.until = until
    this.told = told
  }

  *bytes(size: number): Task<Heard<Uint8Array>> {
    while (this.held.length < size) {
      if (this.told()) return { kind: 'told' }
      const received = this.socket.recv(size - this.held.length)
      if (!received.ok && received.errno === 'EAGAIN') {
        yield first(this.socket.onReadable.wait, ...this.until)
        continue
      }
      if (!received.ok || received.value.length === 0) return { kind: 'closed' }
      const joined = new Uint8Array(this.held.length + received.value.length)
      joined.set(this.held)
      joined.set(received.value, this.held.length)
      this.held = joined
    }
    const value = this.held.subarray(0, size)
    this.held = this.held.slice(size)
    return { kind: 'heard', value }
  }

  *state(): Task<Heard<number>> {
    const heard = yield* this.bytes(1)
    return heard.kind === 'heard' ? { kind: 'heard', value: heard.value[0] as number } : heard
  }

  /** A JSON object; what is none is an empty one. */
  *json(): Task<Heard<JsonObject>> {
    const size = yield* this.bytes(4)
    if (size.kind !== 'heard') return size
    const length = u32.get(size.value, 0)
    if (length > longest) return { kind: 'closed' }
    const text = yield* this.bytes(length)
    return text.kind === 'heard' ? { kind: 'heard', value: new JsonObject(parsed(fromUtf8(text.value))) } : text
  }

  *sendState(state: number): Task<void> {
    yield* tcpSend(this.socket, Uint8Array.of(state))
  }

  *sendJson(value: Value): Task<void> {
    const text = utf8(jsonText(value, false))
    const bytes = new Uint8Array(4 + text.length)
    u32.set(bytes, 0, text.length)
    bytes.set(text, 4)
    yield* tcpSend(this.socket, bytes)
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

/** Looks into an object that a stranger sent. */
export class JsonObject {
  private readonly value: Readonly<Record<string, unknown>>

  constructor(value: unknown) {
    this.value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  }

  number(key: string): number | undefined {
    const found = Object.hasOwn(this.value, key) ? this.value[key] : undefined
    return typeof found === 'number' && Number.isFinite(found) ? found : undefined
  }

  text(key: string): string | undefined {
    const found = Object.hasOwn(this.value, key) ? this.value[key] : undefined
    return typeof found === 'string' ? found : undefined
  }

  flag(key: string): boolean {
    const found = Object.hasOwn(this.value, key) ? this.value[key] : undefined
    return found === true || (typeof found === 'number' && found !== 0)
  }

  list(key: string): JsonObject[] {
    const found = Object.hasOwn(this.value, key) ? this.value[key] : undefined
    return Array.isArray(found) ? found.map(each => new JsonObject(each)) : []
  }
}
