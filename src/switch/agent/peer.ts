import type { OfBody } from '../../openflow/message.ts'
import type { Connection } from './connection.ts'
import type { Multiparts } from './multiparts.ts'
import type { PacketInQueue } from './packet-in-queue.ts'

/** A connection with what runs it. */
export type Peer = {
  readonly connection: Connection
  readonly queue: PacketInQueue
  readonly multiparts: Multiparts
  /** Told of the kind of each message. */
  readonly heard: ((type: OfBody['type']) => void) | undefined
  close(): void
}
