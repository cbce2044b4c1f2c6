/**
 * One TCP connection (RFC 9293) as a machine without I/O. Segments come in by `input`, time by `wake` at `nextWake`, the
 * user's wishes by `connect`, `send`, `recv`, `shutdown`, `close` and `abort`; what goes out is handed to `Surroundings`.
 * Its two halves are `Sender` and `Receiver`; this file is what joins them: the handshake, the states, resets, timers.
 * Numbers count from each side's SYN and never wrap (sequence.ts).
 */
import { millisecond, second } from '../../runtime/index.ts'
import { TcpFlag } from '../../wire/tcp.ts'
import type { Errno } from '../errno.ts'
import { Agreement } from './agreement.ts'
import { makeCongestion, type TcpConfig } from './config.ts'
import { Output } from './output.ts'
import { Receiver } from './receiver.ts'
import type { Segment, Surroundings, TcpState } from './segment.ts'
import { Sender } from './sender.ts'
import { isOlder } from './sequence.ts'

const { fin, syn, rst, ack: ackFlag } = TcpFlag

/** TIME_WAIT, 2 MSL as Linux has it. */
const timeWait = 60 * second
const never = Number.POSITIVE_INFINITY

export class Connection {
  /** CLOSED before `connect` or `open`, and again when it is `over`. */
  state: TcpState = 'CLOSED'
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
  /** SO_SNDBUF; undefined lets it grow. */
  sendSize: number | undefined
  private readonly world: Surroundings
  private readonly config: TcpConfig
  private readonly agreement: Agreement
  readonly output: Output
  /** Places where the newest window update came from (RFC 9293's SND.WL1 and WL2). */
  private windowSeq = 0
  private windowAck = 0
  private endAt = never
  private heardAt = 0
  private keepProbes = 0
  private challengedAt = Number.NEGATIVE_INFINITY

  /** `mss` is the path's MTU less the headers; `initial` the first sequence number. */
  constructor(world: Surroundings, config: TcpConfig, mss: number, initial: number, stampOffset: number) {
    this.world = world
    this.config = config
    this.agreement = new Agreement(config, mss, initial, stampOffset)
    const [space, largest] = config.receiveSpace
    const window = Math.min(Math.floor(space / 2), 65535)
    this.receiver = new Receiver(window, Math.floor(largest / 2))
    this.sender = new Sender(mss, makeCongestion(config.congestion, mss))
    this.output = new Output(world, this.agreement, this.sender, this.receiver)
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
    return this.sendSize ?? Math.min(most, Math.max(least, Math.floor(2 * this.sender.congestion.window)))
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
    this.output.transmit()
  }

  /** Passive open by a SYN, which is answered. */
  open(segment: Segment): void {
    this.state = 'SYN_RECV'
    this.heardAt = this.world.clock.now()
    this.learn(segment)
    this.output.transmit()
  }

  /** Takes as much of what the user writes as there is room for. */
  send(bytes: Uint8Array): number {
    const size = Math.min(bytes.length, this.room)
    if (size === 0) return 0
    this.sender.wakeUp(this.world.clock.now())
    this.sender.write(bytes, 0, size)
    this.output.transmit()
    return size
  }

  recv(limit: number): Uint8Array {
    const { receiver } = this
    const bytes = receiver.read(limit)
    if (bytes.length > 0 && this.state !== 'CLOSED' && this.state !== 'TIME_WAIT') {
      receiver.tune(this.world.clock.now(), this.sender.roundTrip.smoothed)
      if (receiver.opened()) this.output.acknowledge()
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
    this.output.transmit()
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
    if (this.state !== 'CLOSED' && this.state !== 'SYN_SENT' && this.state !== 'TIME_WAIT') this.output.reset()
    this.finish(undefined)
  }

  /** The path takes packets with `mss` bytes of data only. */
  setMss(mss: number): void {
    if (mss === this.agreement.mss) return
    this.agreement.mss = mss
    if (!this.established) return
    const before = this.sender.segment
    this.sender.resize(this.agreement.segment)
    if (this.sender.segment < before) this.output.transmit()
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
    const seq = this.agreement.ours(wire, this.sender.una)
    return seq >= this.sender.una && seq <= this.sender.nxt
  }

  /** Whether a SYN may take the place of this connection, which waits for stray segments only (RFC 6191). */
  mayBeReplaced({ seq, flags, options }: Segment): boolean {
    if (this.state !== 'TIME_WAIT' || (flags & (syn | ackFlag | rst)) !== syn) return false
    const { agreement } = this
    const newer = options.timestamps !== undefined && isOlder(agreement.recent, options.timestamps.value)
    return newer || this.agreement.theirs(seq, this.receiver.next) > this.receiver.next
  }

  input(segment: Segment): void {
    if (this.state === 'SYN_SENT') this.inputSynSent(segment)
    else if (this.state !== 'CLOSED') this.inputOpen(segment)
  }

  private inputSynSent(segment: Segment): void {
    const { flags } = segment
    const hasAck = (flags & ackFlag) !== 0
    const ack = this.agreement.ours(segment.ack, this.sender.nxt)
    if (hasAck && (ack <= 0 || ack > this.sender.nxt)) {
      if ((flags & rst) === 0) this.output.resetAt(segment.ack)
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
      this.output.transmit()
      return
    }
    this.takeAck(segment, ack, 0, this.world.clock.now())
    this.establish()
    this.receiver.due = true
    this.takeData(segment, 1)
    this.output.transmit()
    this.world.changed()
  }

  /** What a SYN says. */
  private learn({ seq, window, options }: Segment): void {
    const { sender, agreement } = this
    agreement.learn(seq, options)
    sender.selective = agreement.selective
    sender.edge = 1 + window
    sender.largestWindow = window
    this.receiver.sent()
  }

  private establish(): void {
    const { sender, config } = this
    this.state = sender.closing ? 'FIN_WAIT1' : 'ESTABLISHED'
    sender.segment = this.agreement.segment
    sender.congestion = makeCongestion(config.congestion, sender.segment)
    sender.state = 'open'
  }

  private inputOpen(segment: Segment): void {
    const now = this.world.clock.now()
    const { sender, receiver, agreement } = this
    const { flags, options } = segment
    const seq = this.agreement.theirs(segment.seq, receiver.next)
    const size = segment.end - segment.start
    const last = seq + size + (flags & syn ? 1 : 0) + (flags & fin ? 1 : 0)
    const stamp = agreement.timestamps ? options.timestamps : undefined
    if ((flags & rst) === 0 && stamp !== undefined && isOlder(stamp.value, agreement.recent)) {
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
    if (stamp !== undefined && seq <= receiver.acknowledged) agreement.recent = stamp.value
    this.heardAt = now
    this.keepProbes = 0
    const ack = this.agreement.ours(segment.ack, sender.una)
    if (this.state === 'SYN_RECV' && !this.completes(segment, ack)) return
    if (ack > sender.nxt || ack < sender.una - Math.max(65535, sender.largestWindow)) {
      this.challenge(now)
      return
    }
    if (this.state === 'TIME_WAIT') {
      if ((flags & fin) !== 0) {
        this.endAt = now + timeWait
        this.output.acknowledge()
      }
      return
    }
    this.takeAck(segment, ack, seq, now)
    if (sender.finished) this.finAcknowledged(now)
    if ((this.state as TcpState) !== 'CLOSED') this.takeData(segment, seq)
    if ((this.state as TcpState) !== 'CLOSED') this.output.transmit()
    this.world.changed()
  }

  /** In SYN_RECV: whether this acknowledgment opens the connection. */
  private completes(segment: Segment, ack: number): boolean {
    if (ack <= 0 || ack > this.sender.nxt) {
      this.output.resetAt(segment.ack)
      return false
    }
    // The listener's queue is full: as if the segment had been lost; the peer comes again.
    if (!this.world.admit()) return false
    this.establish()
    return true
  }

  private takeAck(segment: Segment, ack: number, seq: number, now: number): void {
    const { sender, agreement } = this
    const { flags, options } = segment
    const window = segment.window * ((flags & syn) !== 0 ? 1 : 2 ** agreement.peerShift)
    const before = sender.edge
    if (ack >= sender.una && (this.windowSeq < seq || (this.windowSeq === seq && this.windowAck <= ack))) {
      this.windowSeq = seq
      this.windowAck = ack
      sender.edge = ack + window
      sender.largestWindow = Math.max(sender.largestWindow, window)
    }
    sender.probes = 0
    const bare = segment.end === segment.start && (flags & (syn | fin)) === 0 && sender.edge === before
    const blocks = sender.selective ? agreement.blocks(options.sack ?? [], sender.una) : []
    const echoed = agreement.echoed(options, now)
    const progress = sender.acknowledge(Math.max(ack, sender.una), blocks, bare && ack === sender.una, echoed, now)
    if (progress.acked > 0) this.softError = undefined
    if (progress.recovering) this.world.count(sender.selective ? 'TcpExt.TCPSackRecovery' : 'TcpExt.TCPRenoRecovery')
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
    const { flags, bytes, start, end, unit } = segment
    const isFin = (flags & fin) !== 0
    if (end === start && !isFin) return
    if (receiver.finished) {
      if (seq < receiver.next) receiver.due = true
      return
    }
    const now = this.world.clock.now()
    if (this.orphan && end > start && seq + end - start > receiver.next) {
      // Nobody will ever read this: the peer is told (RFC 9293 §3.10.4).
      this.world.count('TcpExt.TCPAbortOnData')
      this.output.resetAt(segment.ack)
      this.finish(undefined)
      return
    }
    receiver.accept(seq, bytes, start, end, isFin, now, unit)
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
      this.output.transmit()
    } else if ((flags & syn) !== 0 && this.state !== 'SYN_RECV') {
      this.world.count('TcpExt.TCPSYNChallenge')
      this.challenge(now)
    } else this.answerStray(hasData, now)
  }

  /** Tells the peer where we are, but not so often that two confused peers keep each other busy. */
  private answerStray(hasData: boolean, now: number): void {
    if (hasData || this.mayAnswer(now)) this.output.acknowledge()
  }

  /** RFC 5961: a reset or SYN that is not exactly right is asked to prove itself. */
  private challenge(now: number): void {
    if (!this.mayAnswer(now)) return
    this.world.count('TcpExt.TCPChallengeACK')
    this.output.acknowledge()
  }

  private mayAnswer(now: number): boolean {
    if (now - this.challengedAt < 500 * millisecond) return false
    this.challengedAt = now
    return true
  }

  /** When `wake` is to be called; Infinity for never. */
  nextWake(): number {
    const { sender, receiver } = this
    return Math.min(sender.timeoutAt, sender.probeAt, receiver.dueAt, this.endAt, this.keepAt())
  }

  private keepAt(): number {
    const { keepIdle, keepInterval } = this.config
    if (!this.keepAlive || !this.established || this.state === 'TIME_WAIT') return never
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
    if (this.keepAt() <= now && !this.keep()) return
    this.output.transmit()
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
      this.output.stale()
    } else this.output.sendNext(next)
    return true
  }

  private keep(): boolean {
    const { sender, config } = this
    if (!sender.scoreboard.empty || sender.end > sender.nxt) {
      this.heardAt = this.world.clock.now()
      return true
    }
    if (this.keepProbes >= config.keepCount) {
      this.output.reset()
      this.expire()
      return false
    }
    this.keepProbes++
    this.world.count('TcpExt.TCPKeepAlive')
    this.output.stale()
    return true
  }

  private expire(): void {
    if (!this.established) this.world.count('Tcp.AttemptFails')
    this.world.count('TcpExt.TCPAbortOnTimeout')
    this.finish(this.softError ?? 'ETIMEDOUT')
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
