import { TcpFlag } from '../../wire/tcp.ts'
import type { Agreement } from './agreement.ts'
import type { Receiver } from './receiver.ts'
import type { Block } from './scoreboard.ts'
import type { Surroundings } from './segment.ts'
import type { Next, Sender } from './sender.ts'

const { fin, syn, rst, psh, ack: ackFlag } = TcpFlag

const none: readonly Block[] = []

/** Makes a connection's segments out of what its two halves have to say. */
export class Output {
  private readonly world: Surroundings
  private readonly agreement: Agreement
  private readonly sender: Sender
  private readonly receiver: Receiver

  constructor(world: Surroundings, agreement: Agreement, sender: Sender, receiver: Receiver) {
    this.world = world
    this.agreement = agreement
    this.sender = sender
    this.receiver = receiver
  }

  /** Sends all that may go out, and an acknowledgment if one is due and none went with it. */
  transmit(): void {
    const { sender, receiver } = this
    for (;;) {
      const blocks = receiver.hasBlocks ? this.blocks() : none
      const limit = sender.segment - (blocks.length === 0 ? 0 : 4 + 8 * blocks.length)
      const next = sender.next(limit, false, Math.max(limit, Math.min(this.world.largestRun, sender.run)))
      if (next === undefined) {
        if (receiver.due) this.emit(sender.nxt, sender.nxt, ackFlag, blocks)
        break
      }
      this.sendNext(next, blocks, limit)
    }
    sender.watch(this.world.clock.now())
  }

  /** Sends what the sender named. */
  sendNext(next: Next, blocks: readonly Block[] = none, unit = this.sender.segment): void {
    const { sender } = this
    const { from, to, again } = next
    let flags = this.agreement.learned ? ackFlag : 0
    if (from === 0) flags |= syn
    if (to > sender.tail) flags |= fin
    if (to >= sender.tail && to > 1 && from < sender.tail) flags |= psh
    if (again !== undefined) {
      this.world.count('Tcp.RetransSegs')
      sender.again += Math.max(1, Math.ceil((to - from) / unit))
    }
    sender.sent(next, this.world.clock.now())
    this.emit(from, to, flags, blocks, unit)
  }

  /** A bare acknowledgment, now. */
  acknowledge(): void {
    this.emit(this.sender.nxt, this.sender.nxt, ackFlag, this.blocks())
  }

  /** A segment with an old number, which the peer must answer: to probe a window, or whether it is still there. */
  stale(): void {
    this.emit(this.sender.una - 1, this.sender.una - 1, ackFlag)
  }

  reset(): void {
    this.world.count('Tcp.OutRsts')
    this.emit(this.sender.nxt, this.sender.nxt, rst | ackFlag)
  }

  /** A reset for a segment whose acknowledgment `wire` was wrong. */
  resetAt(wire: number): void {
    this.world.count('Tcp.OutRsts')
    const { scratch } = this.agreement
    this.world.send({
      seq: wire,
      ack: 0,
      flags: rst,
      window: 0,
      options: scratch,
      optionsSize: 0,
      from: 0,
      to: 0,
      unit: 0,
    })
  }

  /** What is held out of order, as many blocks as options have room for. */
  private blocks(): Block[] {
    const { agreement, receiver } = this
    return agreement.selective && receiver.hasBlocks ? receiver.blocks(agreement.timestamps ? 3 : 4) : []
  }

  private emit(from: number, to: number, flags: number, sack: readonly Block[] = none, unit = 0): void {
    const { receiver, agreement } = this
    const now = this.world.clock.now()
    const isSyn = (flags & syn) !== 0
    const hasAck = (flags & ackFlag) !== 0
    const optionsSize = isSyn ? agreement.opening(now) : agreement.plain(now, sack)
    const window = receiver.offer(isSyn ? 0 : agreement.shift)
    if (hasAck) receiver.sent()
    const ack = hasAck ? agreement.theirWire(receiver.next) : 0
    const { scratch: options } = agreement
    this.world.send({ seq: agreement.ourWire(from), ack, flags, window, options, optionsSize, from, to, unit })
  }
}
