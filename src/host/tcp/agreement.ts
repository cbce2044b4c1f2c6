import { millisecond } from '../../runtime/index.ts'
import { u32 } from '../../wire/header.ts'
import { writeTcpOptions } from '../../wire/tcp-options.ts'
import type { TcpConfig } from './config.ts'
import { type SegmentOptions, synOptions } from './options.ts'
import type { Block } from './scoreboard.ts'
import { fromWire, toWire } from './sequence.ts'

/**
 * What the two SYNs of a connection settle: where each side's numbers begin, the largest segments, window scales (RFC 7323
 * §2) and timestamps (§3). It begins with what we would like, and `learn` takes out what the peer does not know.
 */
export class Agreement {
  /** What fits a packet besides IP and TCP headers without options: our MSS. */
  mss: number
  timestamps: boolean
  /** SACK. */
  selective: boolean
  /** The peer's SYN came, so that there is something to acknowledge. */
  learned = false
  /** The newest timestamp of the peer (TS.Recent). */
  recent = 0
  /** How far our windows, and the peer's, are shifted. */
  shift: number
  peerShift = 0
  /** The options that were written last. */
  readonly scratch = new Uint8Array(40)
  private readonly initial: number
  private remote = 0
  private peerMss = 536
  private scaling: boolean
  private readonly stampOffset: number

  constructor(config: TcpConfig, mss: number, initial: number, stampOffset: number) {
    this.mss = mss
    this.initial = initial
    this.stampOffset = stampOffset
    this.timestamps = config.timestamps
    this.selective = config.selective
    this.scaling = config.scaling
    // The least scale that can show the largest buffer.
    const [, largest] = config.receiveSpace
    this.shift = config.scaling ? Math.max(0, Math.min(14, Math.ceil(Math.log2((largest + 1) / 65536)))) : 0
  }

  /** The peer's SYN. */
  learn(seq: number, options: SegmentOptions): void {
    this.learned = true
    this.remote = seq
    this.selective &&= options.sackPermitted === true
    this.peerMss = Math.max(48, options.mss ?? 536)
    this.timestamps &&= options.timestamps !== undefined
    this.recent = options.timestamps?.value ?? 0
    this.scaling &&= options.shift !== undefined
    this.peerShift = this.scaling ? (options.shift ?? 0) : 0
    if (!this.scaling) this.shift = 0
  }

  /** Data bytes in a full segment. */
  get segment(): number {
    return Math.max(16, Math.min(this.mss, this.peerMss) - (this.timestamps ? 12 : 0))
  }

  /** A number of ours that the peer acknowledges, and one of the peer's. */
  ours(wire: number, near: number): number {
    return fromWire(this.initial, wire, near)
  }

  theirs(wire: number, near: number): number {
    return fromWire(this.remote, wire, near)
  }

  ourWire(sequence: number): number {
    return toWire(this.initial, sequence)
  }

  theirWire(sequence: number): number {
    return toWire(this.remote, sequence)
  }

  /** The peer's SACK blocks, in our numbers. */
  blocks(sack: readonly Block[], near: number): Block[] {
    return sack.map(({ left, right }) => ({ left: this.ours(left, near), right: this.ours(right, near) }))
  }

  /** The round trip that the echoed timestamp shows, ns. */
  echoed({ timestamps }: SegmentOptions, now: number): number | undefined {
    if (!this.timestamps || timestamps === undefined || timestamps.echo === 0) return undefined
    const time = ((this.stamp(now) - timestamps.echo) | 0) * millisecond
    return time < 0 ? undefined : time
  }

  /** Writes the options of our SYN to `scratch`; their size. */
  opening(now: number): number {
    const { mss, shift, scaling, selective, timestamps } = this
    const stamps = timestamps ? { timestamps: { value: this.stamp(now), echo: this.recent } } : {}
    return writeTcpOptions(
      this.scratch,
      0,
      synOptions({ mss, sackPermitted: selective, ...stamps, ...(scaling ? { shift } : {}) }),
    )
  }

  /** Writes the options of any other segment; their size. `sack` is in the peer's numbers. */
  plain(now: number, sack: readonly Block[]): number {
    const { scratch } = this
    let at = 0
    if (this.timestamps) {
      u32.set(scratch, 0, 0x0101080a)
      u32.set(scratch, 4, this.stamp(now))
      u32.set(scratch, 8, this.recent)
      at = 12
    }
    if (sack.length === 0) return at
    u32.set(scratch, at, 0x01010500 + 2 + 8 * sack.length)
    at += 4
    for (const { left, right } of sack) {
      u32.set(scratch, at, this.theirWire(left))
      u32.set(scratch, at + 4, this.theirWire(right))
      at += 8
    }
    return at
  }

  /** Our clock of timestamps, in milliseconds. */
  private stamp(now: number): number {
    return (Math.floor(now / millisecond) + this.stampOffset) >>> 0
  }
}
