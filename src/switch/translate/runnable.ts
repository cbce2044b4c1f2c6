import type { OfAction } from '../../openflow/action.ts'
import type { PausedAction } from '../../openflow/messages/continuation.ts'

/** Among frozen actions is also what says where they came from. */
export type Runnable = PausedAction

/** A value on the stack, whole bytes of it. */
export type Pushed = { value: bigint; bits: number }

/**
 * Actions put by so far. They are there before anything freezes, too: the first `exit` puts by what it ends, itself included,
 * and if the pipeline goes on all the same (it was another bridge's, or a bucket's) the next to freeze takes them along.
 */
export type PutBy = {
  readonly actions: Runnable[]
  /** The table and cookie that the actions put by last believe in. */
  table: number
  cookie: bigint
  unrolled: boolean
}

/** What the frame waits for. */
export type Freezing = {
  /** The datapath is to hash the frame. */
  hash: { algorithm: 'l4' | 'sym_l4'; basis: number } | undefined
  /** A controller is to decide when the rest is run. */
  pause: Extract<OfAction, { type: 'controller' }> | undefined
}
