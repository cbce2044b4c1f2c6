import type { OfErrorName } from '../../openflow/error.ts'
import type { BodyOf, OfBody, OfMessage } from '../../openflow/message.ts'
import type { ToldFlow } from '../../openflow/messages/flow-stats.ts'
import type { Version } from '../../openflow/protocol.ts'
import type { Bridge } from '../bridge.ts'
import type { Switch } from '../switch.ts'
import type { AsyncKind } from './async.ts'
import type { Connection } from './connection.ts'
import type { Peer } from './peer.ts'

/** Who is not told of an event, and since which version there is one. */
export type Telling = { except?: Connection; since?: Version }

/** What requests need of the agent, for what concerns more than the connection that they came from. */
export interface Agent {
  readonly peers: ReadonlySet<Peer>
  /** The highest generation that a controller has shown when it took a role. */
  generation: bigint | undefined
  changedPeers(): void
  tell(kind: AsyncKind, reason: number, body: OfBody, telling?: Telling): void
  watchBundles(connection: Connection, opening: Uint8Array): void
}

/** A request while it is being dealt with. */
export type Request = {
  agent: Agent
  bridge: Bridge
  sw: Switch
  from: Connection
  message: OfMessage
  /** The message as it came. */
  bytes: Uint8Array
  reply(body: OfBody): void
  /** Answers with flows; none is used after the next was asked for. */
  replyFlows(flows: Iterable<ToldFlow>): void
}

/** Does what a message says and answers it; the name of an error refuses it. */
export type Handler<T extends OfBody['type'] = OfBody['type']> = (
  body: BodyOf<T>,
  request: Request,
) => OfErrorName | undefined

/** Handlers by type of message. */
export type Handlers = { readonly [T in OfBody['type']]?: Handler<T> }
