import type { Clock } from '../../runtime/index.ts'
import type { SegmentOptions } from './options.ts'

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
  /** Data bytes of each packet, if it came as a run of them (`Frame.gso`); else 0. */
  unit: number
}

/** A segment to send: the header's numbers as on the wire, and which places of the stream it carries. */
export type Outgoing = {
  seq: number
  ack: number
  flags: number
  window: number
  /** The options with their padding: the first `optionsSize` bytes, which are only lent. */
  options: Uint8Array
  optionsSize: number
  from: number
  to: number
  /** Data bytes of each packet, where it is more than one. */
  unit: number
}

/** What a connection needs of the world. */
export interface Surroundings {
  readonly clock: Clock
  /** Bytes of data that one `send` may hand over: at least a full segment; more where a run travels as one. */
  readonly largestRun: number
  send(segment: Outgoing): void
  /** Counts an event by its name in /proc/net/snmp or netstat. */
  count(name: string): void
  /** Something that a user may wait for changed. */
  changed(): void
  /** Whether a connection that a listener made may be handed to its user now. */
  admit(): boolean
}
