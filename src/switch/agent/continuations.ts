import type { BodyOf } from '../../openflow/message.ts'
import { type Continuation, encodeContinuation } from '../../openflow/messages/continuation.ts'
import type { Version } from '../../openflow/protocol.ts'
import { type FrozenState, metadataOf } from '../frozen.ts'
import type { Paused } from '../packet-in.ts'
import type { Pushed } from '../translate/context.ts'
import type { BridgeView } from '../view.ts'

const bytesOf = ({ value, bits }: Pushed): Uint8Array => {
  const bytes = new Uint8Array(Math.ceil(bits / 8))
  let left = value
  for (let i = bytes.length - 1; i >= 0; i--) {
    bytes[i] = Number(left & 0xffn)
    left >>= 8n
  }
  return bytes
}

const pushedOf = (bytes: Uint8Array): Pushed => ({
  value: bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n),
  bits: 8 * bytes.length,
})

/** What goes with a packet whose pipeline waits for a controller. */
export const continuationBytes = ({ frozen, bridgeId, port }: Paused, version: Version): Uint8Array =>
  encodeContinuation(
    {
      bridge: bridgeId,
      stack: frozen.stack.map(bytesOf).reverse(),
      mirrors: 0,
      conntracked: frozen.conntracked,
      actions: frozen.actions,
      actionSet: frozen.actionSet,
      datapathPort: port,
    },
    version,
  )

/** Without actions the tables would be looked up: this is none that does anything. */
const nothing = { type: 'note', bytes: [] } as const

/** The pipeline as a controller gave it back. It may have been changed on the way. */
export const frozenOf = (
  { stack, actions, actionSet, conntracked }: Continuation,
  bridge: BridgeView,
  { match }: BodyOf<'resume'>,
): FrozenState => ({
  bridge: bridge.name,
  table: 0,
  metadata: metadataOf(match.key),
  stack: stack.map(pushedOf).reverse(),
  actionSet,
  actions: actions.length === 0 ? [nothing] : actions,
  conntracked,
})
