import { elapsed, first, Signal, second, type Task, type Wait } from '../../../../runtime/index.ts'
import type { Process } from '../../../command.ts'
import type { Crew } from '../crew.ts'
import type { Value } from './cjson.ts'
import { type Going, receiveAll, sendAll } from './flow.ts'
import type { TestOptions } from './options.ts'
import type { JsonObject } from './protocol.ts'
import { type Measure, remoteOf, type Socket, Stream } from './stream.ts'

/** One interval of one stream. */
export type Row = { stream: Stream; measure: Measure }

/** Numbers of descriptors that iperf3 has for its streams, and shows; further ones are two apart. */
const labels = {
  client: [5, 7, 9, 12],
  'server tcp': [5, 8, 11, 13],
  'server udp': [5, 6, 9, 12],
} as const

/** A test that runs: its streams, what they measure, and when it is over. Both ends have one. */
export class Test implements Going {
  readonly options: TestOptions
  readonly isClient: boolean
  readonly streams: Stream[] = []
  /** How the congestion control of the other end is called, and whether it counts what it sends again. */
  remoteCongestion: string | undefined
  remoteCounts = false
  /** Nanoseconds of the clock: when it began, or when what is omitted was over. */
  began = 0
  /** How long it took; 0 while it runs. */
  duration = 0
  over = false
  /** The interval at its end. */
  last: readonly Row[] = []
  omitting = false
  private readonly process: Process
  private readonly crew: Crew
  private readonly interval: number
  private readonly show: (rows: readonly Row[]) => Task<void>
  private readonly ending = new Signal()
  private started = false

  constructor(
    process: Process,
    crew: Crew,
    options: TestOptions,
    isClient: boolean,
    interval: number,
    show: (rows: readonly Row[]) => Task<void>,
  ) {
    this.process = process
    this.crew = crew
    this.options = options
    this.isClient = isClient
    this.interval = interval
    this.show = show
  }

  get ended(): Wait {
    return this.ending.wait
  }

  get running(): boolean {
    return this.started && !this.over
  }

  /** How many streams there are to be. */
  get count(): number {
    return this.options.parallel * (this.options.bidirectional ? 2 : 1)
  }

  /** Adds the next stream: of those of both directions, the client's come first. */
  add(socket: Socket): Stream {
    const { streams, options, isClient } = this
    const at = streams.length
    const clientSends = options.bidirectional ? at < options.parallel : !options.reverse
    const known = labels[isClient ? 'client' : socket.kind === 'tcp' ? 'server tcp' : 'server udp']
    const label = known[at] ?? (known[3] as number) + 2 * (at - 3)
    const stream = new Stream(at === 0 ? 1 : at + 2, label, clientSends === isClient, socket)
    streams.push(stream)
    return stream
  }

  /** Lets the streams go. */
  run(): void {
    const { process, crew, options } = this
    this.started = true
    this.began = process.clock.now()
    this.omitting = options.omit > 0
    for (const stream of this.streams)
      crew.add(stream.sends ? sendAll(process, stream, options, this) : receiveAll(process, stream, options, this))
    crew.add(this.intervals())
  }

  private *intervals(): Task<void> {
    const { clock } = this.process
    const gap = this.interval * second
    const omitUntil = this.began + this.options.omit * second
    const last =
      this.isClient && this.options.time > 0 ? omitUntil + this.options.time * second : Number.POSITIVE_INFINITY
    let next = gap > 0 ? this.began + gap : Number.POSITIVE_INFINITY
    for (;;) {
      const when = Math.min(next, this.omitting ? omitUntil : Number.POSITIVE_INFINITY, last)
      if (when === Number.POSITIVE_INFINITY) return
      if (when > clock.now()) yield first(elapsed(clock, when - clock.now()), this.ended)
      if (this.over) return
      if (clock.now() >= last) {
        this.end()
        return
      }
      if (clock.now() >= next) {
        yield* this.show(this.measure())
        next += gap
      }
      if (this.omitting && clock.now() >= omitUntil) {
        this.omitting = false
        this.began = clock.now()
        for (const stream of this.streams) stream.reset()
        if (gap > 0) next = this.began + gap
      }
    }
  }

  private measure(): Row[] {
    const now = this.process.clock.now() - this.began
    return this.streams.map(stream => ({ stream, measure: stream.measure(now, this.omitting) }))
  }

  /** Whether a client's test by bytes or blocks has come to its end. */
  progressed(): void {
    const { bytes, blocks } = this.options
    if (!this.isClient || this.omitting || (bytes === 0 && blocks === 0)) return
    const counted = this.streams.filter(stream => stream.sends !== this.options.reverse)
    const sum = (of: (stream: Stream) => number): number => counted.reduce((total, stream) => total + of(stream), 0)
    if (bytes > 0 ? sum(stream => stream.bytes) >= bytes : sum(stream => stream.packets) >= blocks) this.end()
  }

  /** Nothing is sent or counted any more. */
  end(): void {
    if (this.over) return
    this.over = true
    this.duration = this.started ? this.process.clock.now() - this.began : 0
    this.last = this.rest()
    this.ending.wake()
    this.crew.look()
  }

  /** The last interval, unless there is next to nothing in it. */
  private rest(): Row[] {
    const { streams, duration, interval } = this
    const worth = streams.some(
      stream => stream.unmeasured > 0 || (duration - stream.measuredUntil) / second >= interval * 0.1,
    )
    return worth && duration > 0 ? this.measure() : []
  }

  /** What the other end gets to know. */
  results(): Value {
    const { streams, options, duration } = this
    const sends = streams.some(stream => stream.sends)
    const unknown = 0xffffffffffffffffn
    const [first] = streams
    return {
      cpu_util_total: 0,
      cpu_util_user: 0,
      cpu_util_system: 0,
      sender_has_retransmits: sends ? (options.udp ? 0 : 1) : unknown,
      congestion_used: first === undefined ? undefined : congestionOf(first),
      streams: streams.map(stream => ({
        id: stream.id,
        bytes: stream.bytes,
        retransmits: stream.sends && !options.udp ? stream.retransmits : unknown,
        jitter: stream.jitter,
        errors: stream.lost,
        packets: stream.packets,
        start_time: 0,
        end_time: duration / second,
      })),
    }
  }

  /** Takes what the other end says. */
  learn(said: JsonObject): void {
    this.remoteCongestion = said.text('congestion_used')
    const counts = said.number('sender_has_retransmits') ?? 0
    this.remoteCounts = counts > 0 && counts < 2
    for (const each of said.list('streams')) {
      const stream = this.streams.find(({ id }) => id === each.number('id'))
      if (stream !== undefined) stream.remote = remoteOf(each)
    }
  }

  /** Ends what is sent by TCP: the original reads whole blocks, and would wait for the rest of the last one. */
  hangUp(): void {
    for (const { socket, sends } of this.streams) if (sends && socket.kind === 'tcp') socket.socket.shutdown('write')
  }

  close(): void {
    for (const { socket } of this.streams) socket.socket.close()
  }
}

/** The name of a stream's congestion control; of UDP there is none. */
export const congestionOf = ({ socket }: Stream): string | undefined =>
  socket.kind === 'tcp' ? socket.socket.connection?.sender.congestion.name : undefined
