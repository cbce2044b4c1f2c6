import type { OfErrorName } from '../../openflow/error.ts'
import type { BodyOf, OfBody, OfMessage } from '../../openflow/message.ts'
import type { Bridge } from '../bridge.ts'
import type { Switch } from '../switch.ts'
import type { OpenFlowAgent } from './agent.ts'
import type { Connection } from './connection.ts'

/** A request while it is being dealt with. */
export type Request = {
  agent: OpenFlowAgent
  bridge: Bridge
  sw: Switch
  from: Connection
  message: OfMessage
  /** The message as it came. */
  bytes: Uint8Array
  reply(body: OfBody): void
}

/** Does what a message says and answers it; the name of an error refuses it. */
export type Handler<T extends OfBody['type'] = OfBody['type']> = (
  body: BodyOf<T>,
  request: Request,
) => OfErrorName | undefined

/** Handlers by type of message. */
export type Handlers = { readonly [T in OfBody['type']]?: Handler<T> }
