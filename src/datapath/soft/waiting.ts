import { type TunnelRow, tunnelWords } from '../../flow/layout.ts'
import type { Frame } from '../../wire/frame.ts'
import type { Action, PortNumber } from '../action.ts'
import type { Upcall } from '../datapath.ts'

/** A frame that arrived while another was being handled. `actions` for one that is to be executed, not looked up. */
export type WaitingFrame = {
  frame: Frame | undefined
  port: PortNumber
  tunnel: TunnelRow
  hasTunnel: boolean
  actions: readonly Action[] | undefined
}

/** First in, first out, with a bound. Entries are used again. */
export class WaitingFrames {
  readonly limit: number
  count = 0
  private readonly entries: WaitingFrame[] = []
  private head = 0

  constructor(limit: number) {
    this.limit = limit
  }

  /** False if it is full. */
  add(frame: Frame, port: PortNumber, tunnel: TunnelRow | undefined, actions: readonly Action[] | undefined): boolean {
    if (this.count === this.limit) return false
    const at = (this.head + this.count) % this.limit
    this.entries[at] ??= { frame, port, tunnel: new Uint32Array(tunnelWords), hasTunnel: false, actions }
    const entry = this.entries[at]
    entry.frame = frame
    entry.port = port
    entry.hasTunnel = tunnel !== undefined
    if (tunnel !== undefined) entry.tunnel.set(tunnel)
    entry.actions = actions
    this.count++
    return true
  }

  /** The oldest; valid until the next `add`. Only call it while `count` is not 0. */
  take(): WaitingFrame {
    const entry = this.entries[this.head]!
    this.head = (this.head + 1) % this.limit
    this.count--
    return entry
  }
}

/** An upcall that waits for its answer, and what the frame is gone on with. */
export type WaitingUpcall = Upcall & { hasTunnel: boolean; recirculations: number; arrivalHash: number }
