/**
 * One TCP connection (RFC 9293) as a machine without I/O. Segments come in by `input`, time by `wake` at `nextWake`, the
 * user's wishes by `connect`, `send`, `recv`, `shutdown`, `close` and `abort`; what goes out is handed to `Surroundings`.
 *
 * Its two halves are `Sender` and `Receiver`; this file is what joins them: the handshake, the states, resets, timers.
 * Numbers count from each side's SYN and never wrap (sequence.ts).
 */
import { type Clock, millisecond, second } from '../../runtime/index.ts'
import { TcpFlag } from '../../wire/tcp.ts'
import type { TcpOption } from '../../wire/tcp-options.ts'
import type { Errno } from '../errno.ts'
import { makeCongestion, type TcpConfig } from './config.ts'
import { plainOptions, type SegmentOptions, synOptions } from './options.ts'
import { Receiver } from './receiver.ts'
import { Sender } from './sender.ts'
import { fromWire, isOlder, toWire } from './sequence.ts'

/** As `ss` and /proc/net/tcp name them. */
export type TcpState =
  | 'SYN_SENT'
  | 'SYN_RECV'
  | 'ESTABLISHED'
  | 'FIN_WAIT1'
  | 'FIN_WAIT2'
  | 'CLOSING'
  | 'TIME_WAIT'
  | 'CLOSE_WAIT'
  | 'LAST_ACK'
  | 'CLOSED'

/** A segment as it came: the header's numbers as on the wire, and where its data lies. */
export type Segment = {
  seq: number
  ack: number
  flags: number
  window: number
  options: SegmentOptions
  bytes: Uint8Array
  start: number
  end: number
}

/** A segment to send: the header's numbers as on the wire, and which places of the stream it carries. */
export type Outgoing = {
  seq: number
  ack: number
  flags: number
  window: number
  options: TcpOption[]
  from: number
  to: number
}

/** What a connection needs of the world. */
export interface Surroundings {
  readonly clock: Clock
  send(segment: Outgoing): void
  /** Counts an event by its name in /proc/net/snmp or netstat. */
  count(name: string): void
  /** Something that a user may wait for changed. */
  changed(): void
  /** Whether a connection that a listener made may be handed to its user now. */
  admit(): boolean
}

const { fin, syn, rst, psh, ack: ackFlag } = TcpFlag

/** TIME_WAIT, 2 MSL as Linux has it. */
const timeWait = 60 * second
const never = Number.POSITIVE_INFINITY

export class Connection {
  /** CLOSED before `connect` or `open`, and again at the end. */
  state: TcpState = 'CLOSED'
  /** It has ended. */
  over = false
  readonly sender: Sender
  readonly receiver: Receiver
  /** Why it ended; undefined while it lives, or if it ended well. */
  error: Errno | undefined
  /** An error that may pass, kept to say why a timeout came. */
  softError: Errno | undefined
  keepAlive = false
  /** The user has closed it. */
  orphan = false
  readShut = false
  private readonly world: Surroundings
  private readonly config: TcpConfig
  private readonly initial: number
  private remote = 0
  /** What fits a packet besides IP and TCP headers without options: our MSS. */
  private mss: number
  private peerMss = 536
  private timestamps: boolean
  private readonly stampOffset: number
  private recent = 0
  private scaling: boolean
  private shift: number
  private peerShift = 0
  /** Places where the newest window update came from (RFC 9293's SND.WL1 and WL2). */
  private windowSeq = 0
  private windowAck = 0
  private endAt = never
  private heardAt = 0
  private keepProbes = 0
  private challengedAt = Number.NEGATIVE_INFINITY
  private fixedSendSpace: number | undefined

  /** `mss` is the path's MTU less the headers; `initial` the first sequence number. */
  constructor(world: Surroundings, config: TcpConfig, mss: number, initial: number, stampOffset: number) {
    this.world = world
    this.config = config
    this.mss = mss
    this.initial = initial
    this.stampOffset = stampOffset
    this.timestamps = config.timestamps
    this.scaling = config.scaling
    const [space, largest] = config.receiveSpace
    this.shift = config.scaling ? Math.max(0, Math.min(14, Math.ceil(Math.log2((largest + 1) / 65536)))) : 0
    const window = Math.min(Math.floor(space / 2), 65535)
    this.receiver = new Receiver(window, Math.floor(largest / 2))
    this.sender = new Sender(mss, makeCongestion(config.congestion, mss))
  }

  get established(): boolean {
    return this.state !== 'SYN_SENT' && this.state !== 'SYN_RECV' && this.state !== 'CLOSED'
  }

  /** Bytes that the user may write now. */
  get room(): number {
    if (!this.canSend) return 0
    return Math.max(0, this.sendSpace - this.sender.queued)
  }

  get canSend(): boolean {
    return (this.state === 'ESTABLISHED' || this.state === 'CLOSE_WAIT') && !this.sender.closing
  }

  /** As much as is kept for sending: what is set, or twice the congestion window, as Linux lets it grow. */
  get sendSpace(): number {
    const [least, most] = this.config.sendSpace
    return this.fixedSendSpace ?? Math.min(most, Math.max(least, 2 * this.sender.congestion.window))
  }

  setSendSpace(size: number): void {
    this.fixedSendSpace = size
  }

  /** Nothing more will come: the peer closed, or all is over. */
  get ended(): boolean {
    return this.receiver.finished || this.readShut || this.state === 'CLOSED' || this.state === 'TIME_WAIT'
  }

  /** Active open. */
  connect(): void {
    this.state = 'SYN_SENT'
    this.heardAt = this.world.clock.now()
    this.world.count('Tcp.ActiveOpens')
    this.transmit()
  }

  /** Passive open by a SYN, which is answered. */
  open(segment: Segment): void {
    this.state = 'SYN_RECV'
    this.heardAt = this.world.clock.now()
    this.learn(segment)
    this.transmit()
  }

  /** Takes as much of what the user writes as there is room for. */
  send(bytes: Uint8Array): number {
    const size = Math.min(bytes.length, this.room)
    if (size === 0) return 0
    this.sender.wakeUp(this.world.clock.now())
    this.sender.write(bytes, 0, size)
    this.transmit()
    return size
  }

  recv(limit: number): Uint8Array {
    const { receiver } = this
    const bytes = receiver.read(limit)
    if (bytes.length > 0 && this.state !== 'CLOSED' && this.state !== 'TIME_WAIT') {
      receiver.tune(this.world.clock.now(), this.sender.roundTrip.smoothed)
      if (receiver.opened()) this.acknowledge()
    }
    return bytes
  }

  /** No more will be written: a FIN follows the data. */
  shutdown(): void {
    if (this.sender.closing || this.state === 'CLOSED') return
    if (this.state === 'ESTABLISHED') this.state = 'FIN_WAIT1'
    else if (this.state === 'CLOSE_WAIT') this.state = 'LAST_ACK'
    else if (this.state !== 'SYN_RECV') return
    this.sender.closing = true
    this.transmit()
    this.world.changed()
  }

  /** The user lets go: an orderly end, or a reset if data came that nobody read (RFC 2525 §2.17). */
  close(): void {
    if (this.orphan) return
    this.orphan = true
    this.readShut = true
    if (this.state === 'SYN_SENT') {
      this.finish(undefined)
      return
    }
    if (this.receiver.readable > 0 && this.state !== 'CLOSED' && this.state !== 'TIME_WAIT') {
      this.world.count('TcpExt.TCPAbortOnClose')
      this.abort()
      return
    }
    this.receiver.clear()
    this.shutdown()
    if (this.state === 'FIN_WAIT2') this.endAt = this.world.clock.now() + this.config.finTimeout
  }

  /** Ends at once, with a reset to the peer. */
  abort(): void {
    if (this.state !== 'CLOSED' && this.state !== 'SYN_SENT' && this.state !== 'TIME_WAIT') this.reset()
    this.finish(undefined)
  }

  /** The path takes packets with `mss` bytes of data only. */
  setMss(mss: number): void {
    if (mss === this.mss) return
    this.mss = mss
    if (!this.established) return
    const before = this.sender.segment
    this.sender.resize(this.segmentSize())
    if (this.sender.segment < before) this.transmit()
  }

  /** An ICMP error about a segment of ours (RFC 5927: only a connection that is not open yet ends by it). */
  failed(errno: Errno): void {
    if (this.state === 'SYN_SENT' || this.state === 'SYN_RECV') {
      this.world.count('Tcp.AttemptFails')
      this.finish(errno)
    } else this.softError = errno
  }

  /** Whether a quoted sequence number is one that is under way. */
  isOurs(wire: number): boolean {
    const seq = fromWire(this.initial, wire, this.sender.una)
    return seq >= this.sender.una && seq <= this.sender.nxt
  }

  /** Whether a SYN may take the place of this connection, which waits for stray segments only (RFC 6191). */
  mayBeReplaced({ seq, flags, options }: Segment): boolean {
    if (this.state !== 'TIME_WAIT' || (flags & (syn | ackFlag | rst)) !== syn) return false
    const newer = options.timestamps !== undefined && isOlder(this.recent, options.timestamps.value)
    return newer || fromWire(this.remote, seq, this.receiver.next) > this.receiver.next
  }

  input(segment: Segment): void {
    const now = this.world.clock.now()
    if (this.state === 'CLOSED') return
    if (this.state === 'SYN_SENT') this.inputSynSent(segment)
    else this.inputOpen(segment, now)
  }

  private inputSynSent(segment: Segment): void {
    const { flags } = segment
    const hasAck = (flags & ackFlag) !== 0
    const ack = fromWire(this.initial, segment.ack, this.sender.nxt)
    if (hasAck && (ack <= 0 || ack > this.sender.nxt)) {
      if ((flags & rst) === 0) this.resetAt(segment.ack)
      return
    }
    if ((flags & rst) !== 0) {
      if (!hasAck) return
      this.world.count('Tcp.AttemptFails')
      this.finish('ECONNREFUSED')
      return
    }
    if ((flags & syn) === 0) return
    this.learn(segment)
    if (!hasAck) {
      // Simultaneous open: our SYN again, now with an acknowledgment.
      this.state = 'SYN_RECV'
      this.sender.scoreboard.loseAll()
      this.transmit()
      return
    }
    this.takeAck(segment, ack, 0, this.world.clock.now())
    this.establish()
    this.receiver.due = true
    this.takeData(segment, 1)
    this.transmit()
    this.world.changed()
  }

  /** What a SYN says. */
  private learn({ seq, window, options }: Segment): void {
    const { sender, receiver } = this
    this.remote = seq
    this.peerMss = Math.max(48, options.mss ?? 536)
    this.timestamps &&= options.timestamps !== undefined
    this.recent = options.timestamps?.value ?? 0
    this.scaling &&= options.shift !== undefined
    this.peerShift = this.scaling ? (options.shift ?? 0) : 0
    if (!this.scaling) this.shift = 0
    sender.selective = this.config.selective && options.sackPermitted === true
    sender.edge = 1 + window
    sender.largestWindow = window
    receiver.sent()
  }

  private establish(): void {
    const { sender, config } = this
    this.state = sender.closing ? 'FIN_WAIT1' : 'ESTABLISHED'
    sender.segment = this.segmentSize()
    sender.congestion = makeCongestion(config.congestion, sender.segment)
    sender.state = 'open'
  }

  private segmentSize(): number {
    return Math.max(16, Math.min(this.mss, this.peerMss) - (this.timestamps ? 12 : 0))
  }

  private inputOpen(segment: Segment, now: number): void {
    const { sender, receiver } = this
    const { flags, options } = segment
    const seq = fromWire(this.remote, segment.seq, receiver.next)
    const size = segment.end - segment.start
    const last = seq + size + (flags & syn ? 1 : 0) + (flags & fin ? 1 : 0)
    const stamp = this.timestamps ? options.timestamps : undefined
    if ((flags & rst) === 0 && stamp !== undefined && isOlder(stamp.value, this.recent)) {
      this.world.count('TcpExt.PAWSEstab')
      this.answerStray(size > 0, now)
      return
    }
    if (last < receiver.acknowledged || seq > Math.max(receiver.edge, receiver.next)) {
      if ((flags & rst) === 0) this.strayed(flags, size > 0, now)
      return
    }
    if ((flags & rst) !== 0) {
      if (seq === receiver.next) this.refused()
      else this.challenge(now)
      return
    }
    if ((flags & syn) !== 0) {
      this.strayed(flags, false, now)
      return
    }
    if ((flags & ackFlag) === 0) return
    if (stamp !== undefined && seq <= receiver.acknowledged) this.recent = stamp.value
    this.heardAt = now
    this.keepProbes = 0
    const ack = fromWire(this.initial, segment.ack, sender.una)
    if (this.state === 'SYN_RECV' && !this.completes(segment, ack)) return
    if (ack > sender.nxt || ack < sender.una - Math.max(65535, sender.largestWindow)) {
      this.challenge(now)
      return
    }
    if (this.state === 'TIME_WAIT') {
      if ((flags & fin) !== 0) {
        this.endAt = now + timeWait
        this.acknowledge()
      }
      return
    }
    this.takeAck(segment, ack, seq, now)
    if (sender.finished) this.finAcknowledged(now)
    if ((this.state as TcpState) !== 'CLOSED') this.takeData(segment, seq)
    if ((this.state as TcpState) !== 'CLOSED') this.transmit()
    this.world.changed()
  }

  /** In SYN_RECV: whether this acknowledgment opens the connection. */
  private completes(segment: Segment, ack: number): boolean {
    if (ack <= 0 || ack > this.sender.nxt) {
      this.resetAt(segment.ack)
      return false
    }
    // The listener's queue is full: as if the segment had been lost; the peer comes again.
    if (!this.world.admit()) return false
    this.establish()
    return true
  }

  private takeAck(segment: Segment, ack: number, seq: number, now: number): void {
    const { sender, config } = this
    const { flags, options } = segment
    const window = segment.window * ((flags & syn) !== 0 ? 1 : 2 ** this.peerShift)
    const before = sender.edge
    if (ack >= sender.una && (this.windowSeq < seq || (this.windowSeq === seq && this.windowAck <= ack))) {
      this.windowSeq = seq
      this.windowAck = ack
      sender.edge = ack + window
      sender.largestWindow = Math.max(sender.largestWindow, window)
    }
    sender.probes = 0
    const bare = segment.end === segment.start && (flags & (syn | fin)) === 0 && sender.edge === before
    const echo = this.timestamps ? options.timestamps?.echo : undefined
    const echoed = echo === undefined || echo === 0 ? undefined : ((this.stamp(now) - echo) | 0) * millisecond
    const blocks = config.selective && options.sack !== undefined ? this.blocks(options.sack) : []
    const usable = echoed !== undefined && echoed >= 0 ? echoed : undefined
    const progress = sender.acknowledge(Math.max(ack, sender.una), blocks, bare && ack === sender.una, usable, now)
    if (progress.acked > 0) this.softError = undefined
    if (progress.recovering) this.world.count(sender.selective ? 'TcpExt.TCPSackRecovery' : 'TcpExt.TCPRenoRecovery')
  }

  private blocks(sack: readonly { left: number; right: number }[]): { left: number; right: number }[] {
    const { una } = this.sender
    return sack.map(({ left, right }) => ({
      left: fromWire(this.initial, left, una),
      right: fromWire(this.initial, right, una),
    }))
  }

  private finAcknowledged(now: number): void {
    if (this.state === 'FIN_WAIT1') {
      this.state = 'FIN_WAIT2'
      if (this.orphan) this.endAt = now + this.config.finTimeout
    } else if (this.state === 'CLOSING') this.waitForStrays(now)
    else if (this.state === 'LAST_ACK') this.finish(undefined)
  }

  private takeData(segment: Segment, seq: number): void {
    const { receiver } = this
    const { flags, bytes, start, end } = segment
    const isFin = (flags & fin) !== 0
    if (end === start && !isFin) return
    if (receiver.finished) {
      receiver.due = true
      return
    }
    const now = this.world.clock.now()
    if (this.orphan && end > start && seq + end - start > receiver.next) {
      // Nobody will ever read this: the peer is told (RFC 9293 §3.10.4).
      this.world.count('TcpExt.TCPAbortOnData')
      this.reset()
      this.finish(undefined)
      return
    }
    receiver.accept(seq, bytes, start, end, isFin, now)
    if (!receiver.finished) return
    if (this.state === 'ESTABLISHED') this.state = 'CLOSE_WAIT'
    else if (this.state === 'FIN_WAIT1') this.state = 'CLOSING'
    else if (this.state === 'FIN_WAIT2') this.waitForStrays(now)
  }

  private waitForStrays(now: number): void {
    this.state = 'TIME_WAIT'
    this.sender.clear()
    this.endAt = now + timeWait
    this.world.count('TcpExt.TW')
  }

  /** A reset from the peer. */
  private refused(): void {
    const passive = this.state === 'SYN_RECV'
    if (passive) this.world.count('Tcp.AttemptFails')
    if (this.state === 'ESTABLISHED' || this.state === 'CLOSE_WAIT') this.world.count('Tcp.EstabResets')
    const silent = this.state === 'TIME_WAIT' || this.state === 'LAST_ACK' || this.state === 'CLOSING'
    const broken = this.state === 'CLOSE_WAIT' ? 'EPIPE' : 'ECONNRESET'
    this.finish(silent ? undefined : passive ? 'ECONNREFUSED' : broken)
  }

  /** A segment outside the window, or a SYN inside it. */
  private strayed(flags: number, hasData: boolean, now: number): void {
    if (this.state === 'SYN_RECV' && (flags & (syn | ackFlag)) === syn) {
      // The peer's SYN again: so is our answer.
      this.sender.scoreboard.loseAll()
      this.transmit()
    } else if ((flags & syn) !== 0 && this.state !== 'SYN_RECV') {
      this.world.count('TcpExt.TCPSYNChallenge')
      this.challenge(now)
    } else this.answerStray(hasData, now)
  }

  /** Tells the peer where we are, but not so often that two confused peers keep each other busy. */
  private answerStray(hasData: boolean, now: number): void {
    if (!hasData) {
      if (now - this.challengedAt < 500 * millisecond) return
      this.challengedAt = now
    }
    this.acknowledge()
  }

  /** RFC 5961: a reset or SYN that is not exactly right is asked to prove itself. */
  private challenge(now: number): void {
    if (now - this.challengedAt < 500 * millisecond) return
    this.challengedAt = now
    this.world.count('TcpExt.TCPChallengeACK')
    this.acknowledge()
  }

  /** When `wake` is to be called; Infinity for never. */
  nextWake(): number {
    const { sender, receiver } = this
    const keep = this.keepAlive && this.established && this.state !== 'TIME_WAIT' ? this.keepAt() : never
    return Math.min(sender.timeoutAt, sender.probeAt, receiver.dueAt, this.endAt, keep)
  }

  private keepAt(): number {
    const { keepIdle, keepInterval } = this.config
    return this.heardAt + keepIdle + this.keepProbes * keepInterval
  }

  wake(): void {
    const now = this.world.clock.now()
    const { sender, receiver } = this
    if (this.endAt <= now) {
      this.finish(undefined)
      return
    }
    if (receiver.dueAt <= now) {
      this.world.count('TcpExt.DelayedACKs')
      receiver.due = true
    }
    if (sender.timeoutAt <= now && !this.retry()) return
    if (sender.probeAt <= now && !this.probe(now)) return
    if (this.keepAlive && this.established && this.state !== 'TIME_WAIT' && this.keepAt() <= now && !this.keep()) return
    this.transmit()
  }

  /** The retransmission timer ran out. False if that was the last try. */
  private retry(): boolean {
    const { sender, config } = this
    const opening = this.state === 'SYN_SENT' ? config.synRetries : config.synAckRetries
    const most = this.orphan ? config.orphanRetries : config.retries
    if (sender.tries >= (this.established ? most : opening)) {
      this.expire()
      return false
    }
    this.world.count('TcpExt.TCPTimeouts')
    sender.timedOut(this.world.clock.now())
    return true
  }

  /** Against a closed window: what fits goes out although it is little; else an old number that must be answered. */
  private probe(now: number): boolean {
    const { sender, config } = this
    if (sender.probes >= (this.orphan ? config.orphanRetries : config.retries)) {
      this.expire()
      return false
    }
    const next = sender.next(sender.segment, true)
    sender.probed(now)
    if (next === undefined) {
      this.world.count('TcpExt.TCPWinProbe')
      this.emit(sender.una - 1, sender.una - 1, ackFlag)
    } else this.emitNext(next, [])
    return true
  }

  private keep(): boolean {
    const { sender, config } = this
    if (!sender.scoreboard.empty || sender.end > sender.nxt) {
      this.heardAt = this.world.clock.now()
      return true
    }
    if (this.keepProbes >= config.keepCount) {
      this.reset()
      this.expire()
      return false
    }
    this.keepProbes++
    this.world.count('TcpExt.TCPKeepAlive')
    this.emit(sender.una - 1, sender.una - 1, ackFlag)
    return true
  }

  private expire(): void {
    if (!this.established) this.world.count('Tcp.AttemptFails')
    this.world.count('TcpExt.TCPAbortOnTimeout')
    this.finish(this.softError ?? 'ETIMEDOUT')
  }

  /** Sends all that may go out, and an acknowledgment if none went with it. */
  transmit(): void {
    const { sender, receiver } = this
    for (;;) {
      const blocks = this.established ? this.sackBlocks() : []
      const limit = sender.segment - (blocks.length === 0 ? 0 : 4 + 8 * blocks.length)
      const next = sender.next(limit)
      if (next === undefined) {
        if (receiver.due && this.established) this.emit(sender.nxt, sender.nxt, ackFlag, blocks)
        break
      }
      this.emitNext(next, blocks)
      if (this.state === 'CLOSED') return
    }
    sender.watch(this.world.clock.now())
  }

  private emitNext(
    next: { from: number; to: number; again: Parameters<Sender['sent']>[0]['again'] },
    blocks: Blocks,
  ): void {
    const { sender } = this
    const { from, to } = next
    let flags = this.state === 'SYN_SENT' ? 0 : ackFlag
    if (from === 0) flags |= syn
    if (to > sender.tail) flags |= fin
    if (to >= sender.tail && to > 1 && from < sender.tail) flags |= psh
    if (next.again !== undefined) this.world.count('Tcp.RetransSegs')
    sender.sent(next, this.world.clock.now())
    this.emit(from, to, flags, blocks)
  }

  private sackBlocks(): Blocks {
    return this.sender.selective && this.receiver.hasBlocks ? this.receiver.blocks(this.timestamps ? 3 : 4) : []
  }

  private acknowledge(): void {
    this.emit(this.sender.nxt, this.sender.nxt, ackFlag, this.sackBlocks())
  }

  private emit(from: number, to: number, flags: number, sack: Blocks = []): void {
    const { receiver } = this
    const isSyn = (flags & syn) !== 0
    const now = this.world.clock.now()
    const stamps = this.timestamps ? { timestamps: { value: this.stamp(now), echo: this.recent } } : {}
    const options = isSyn
      ? synOptions({
          mss: this.mss,
          ...stamps,
          sackPermitted: this.state === 'SYN_SENT' ? this.config.selective : this.sender.selective,
          ...(this.scaling ? { shift: this.shift } : {}),
        })
      : plainOptions({
          ...stamps,
          sack: sack.map(({ left, right }) => ({
            left: toWire(this.remote, left),
            right: toWire(this.remote, right),
          })),
        })
    const window = receiver.offer(isSyn ? 0 : this.shift)
    const hasAck = (flags & ackFlag) !== 0
    if (hasAck) receiver.sent()
    this.world.send({
      seq: toWire(this.initial, from),
      ack: hasAck ? toWire(this.remote, receiver.next) : 0,
      flags,
      window,
      options,
      from,
      to,
    })
  }

  private reset(): void {
    this.world.count('Tcp.OutRsts')
    this.emit(this.sender.nxt, this.sender.nxt, rst | ackFlag)
  }

  /** A reset for a segment whose acknowledgment was wrong. */
  private resetAt(wire: number): void {
    this.world.count('Tcp.OutRsts')
    this.world.send({ seq: wire, ack: 0, flags: rst, window: 0, options: [], from: 0, to: 0 })
  }

  /** Our clock of timestamps, in milliseconds. */
  private stamp(now: number): number {
    return (Math.floor(now / millisecond) + this.stampOffset) >>> 0
  }

  private finish(error: Errno | undefined): void {
    if (this.state === 'CLOSED') return
    this.error = error
    this.state = 'CLOSED'
    this.over = true
    this.sender.clear()
    this.endAt = never
    this.receiver.dueAt = never
    this.world.changed()
  }
}

type Blocks = { left: number; right: number }[]
