/**
 * What a dummy device says to another over a stream of bytes (`options:stream`, `options:pstream`): each frame behind its
 * size, 16 bits, the higher first. Whoever sends less than an Ethernet header is hung up on.
 */
import { Backoff, type Cancel, type Clock, type Duplex, type Log, second, start, type Task } from '../runtime/index.ts'
import type { Network } from '../switch/agent/controllers.ts'

export type StreamWorld = { clock: Clock; network: Network; log: Log }

const sizeBytes = 2
const leastFrame = 14
/** The longest wait between attempts to connect. */
const patience = 8 * second
/** After so many failures in a row no more is said of them. */
const saidFailures = 4

/** One connection: frames that come in go to `deliver`. Ends with why it did, undefined if the other side did. */
function* readFrames(duplex: Duplex, deliver: (frame: Uint8Array) => void): Task<string | undefined> {
  let held = new Uint8Array(0)
  for (;;) {
    const bytes = yield* duplex.input.read()
    if (bytes === undefined) return duplex.failure
    const all = new Uint8Array(held.length + bytes.length)
    all.set(held)
    all.set(bytes, held.length)
    let at = 0
    while (all.length - at >= sizeBytes) {
      const size = all[at]! * 256 + all[at + 1]!
      if (size < leastFrame) return 'Protocol error'
      if (all.length - at < sizeBytes + size) break
      deliver(all.slice(at + sizeBytes, at + sizeBytes + size))
      at += sizeBytes + size
    }
    held = all.subarray(at)
  }
}

const framed = (frame: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(sizeBytes + frame.length)
  bytes[0] = frame.length >> 8
  bytes[1] = frame.length & 255
  bytes.set(frame, sizeBytes)
  return bytes
}

/** Where frames of a device go to and come from. */
export interface FrameStream {
  readonly target: string
  /** Of one that calls; who waits to be called cannot tell. */
  readonly state: 'connected' | 'disconnected' | undefined
  /** A frame that nobody takes is lost. */
  send(frame: Uint8Array): void
  close(): void
}

/** Calls, and calls again. */
export class ActiveStream implements FrameStream {
  readonly target: string
  private readonly world: StreamWorld
  private readonly deliver: (frame: Uint8Array) => void
  private readonly backoff = new Backoff(patience)
  private duplex: Duplex | undefined
  private failures = 0
  private cancel: Cancel | undefined
  private isClosed = false

  constructor(world: StreamWorld, target: string, deliver: (frame: Uint8Array) => void) {
    this.world = world
    this.target = target
    this.deliver = deliver
    // Not at once: whoever makes a device is in the middle of something.
    this.cancel = world.clock.at(world.clock.now(), () => this.call())
  }

  get state(): 'connected' | 'disconnected' {
    return this.duplex === undefined ? 'disconnected' : 'connected'
  }

  send(frame: Uint8Array): void {
    this.duplex?.output.offer(framed(frame))
  }

  close(): void {
    this.isClosed = true
    this.cancel?.()
    this.duplex?.close()
    this.duplex = undefined
  }

  private call(): void {
    this.backoff.attempt(this.world.clock.now())
    this.say('info', 'connecting...')
    this.cancel = this.world.network.dial(this.target, result => {
      if (this.isClosed) {
        if (typeof result !== 'string') result.close()
      } else if (typeof result === 'string') {
        this.say('info', `connection attempt failed (${result})`)
        this.failures++
        this.later()
      } else this.connected(result)
    })
  }

  private connected(duplex: Duplex): void {
    this.failures = 0
    this.say('info', 'connected')
    this.duplex = duplex
    start(readFrames(duplex, this.deliver), {
      done: why => {
        duplex.close()
        if (this.duplex !== duplex) return
        this.duplex = undefined
        this.say('warn', why === undefined ? 'connection closed by peer' : `connection dropped (${why})`)
        this.later()
      },
    })
  }

  private later(): void {
    const { clock } = this.world
    this.cancel = clock.at(this.backoff.failed(clock.now()), () => this.call())
  }

  private say(level: 'info' | 'warn', text: string): void {
    if (this.failures < saidFailures) this.world.log('reconnect', level, `${this.target}: ${text}`)
  }
}

/** Waits to be called, by any number of others. */
export class PassiveStream implements FrameStream {
  readonly target: string
  readonly state = undefined
  private readonly duplexes = new Set<Duplex>()
  private readonly stop: Cancel | string

  constructor({ network, log }: StreamWorld, target: string, deliver: (frame: Uint8Array) => void) {
    this.target = target
    this.stop = network.listen(target, duplex => {
      this.duplexes.add(duplex)
      start(readFrames(duplex, deliver), {
        done: () => {
          this.duplexes.delete(duplex)
          duplex.close()
        },
      })
    })
    if (typeof this.stop === 'string') log('netdev_dummy', 'warn', `${target}: open failed (${this.stop})`)
  }

  send(frame: Uint8Array): void {
    const bytes = framed(frame)
    for (const { output } of this.duplexes) output.offer(bytes)
  }

  close(): void {
    if (typeof this.stop !== 'string') this.stop()
    for (const duplex of this.duplexes) duplex.close()
    this.duplexes.clear()
  }
}
