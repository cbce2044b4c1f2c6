import type { FlowKey } from '../flow/layout.ts'
import type { PacketInReason } from '../openflow/action.ts'
import type { Frame } from '../wire/frame.ts'
import type { FrozenState } from './frozen.ts'
import type { BridgePort } from './port.ts'
import type { RemovedReason, Rule } from './rule.ts'

export type { PacketInReason } from '../openflow/action.ts'

/**
 * A frame for a controller. `frame` and `key` are the receiver's only during the call; the frame is whole: cutting to
 * `maxLength` is the session's.
 */
export type PacketIn = {
  frame: Frame
  reason: PacketInReason
  maxLength: number
  controllerId: number
  table: number
  /** Of the flow that sent it, `0xffffffffffffffff` for none. */
  cookie: bigint
  /** Metadata as the action saw it: in_port (OpenFlow's number), registers, tunnel, metadata. */
  key: FlowKey
  /** What the action said to send along. */
  userdata?: readonly number[]
  /** There if the rest of the pipeline waits for the controller. */
  paused?: Paused
}

/** The rest of a pipeline, to go on with by `Switch.resume`. `port` is the datapath's, that the frame came in on. */
export type Paused = { frozen: FrozenState; bridgeId: Uint8Array; port: number }

/** A flow that left its table. */
export type FlowRemoved = { rule: Rule; reason: RemovedReason; duration: number }

/** OFPPR_*. */
export type PortEvent = 'add' | 'delete' | 'modify'

/** What a bridge tells whoever speaks OpenFlow for it. Frames and events may come at any time during `receive`. */
export interface Controller {
  packetIn(event: PacketIn): void
  flowRemoved?(event: FlowRemoved): void
  /** A port came, went, or is not as it was (`before`). */
  portChanged?(reason: PortEvent, port: BridgePort, before?: BridgePort): void
  /** A table became too full, or has room again (OFPT_TABLE_STATUS). */
  tableStatus?(table: number, reason: 'vacancy_down' | 'vacancy_up'): void
  /** Whether frames that miss table 0 to 253 go up as `no_match` (OpenFlow 1.0 to 1.2); false drops them. */
  readonly wantsMisses?: boolean
}
