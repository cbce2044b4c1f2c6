import type { FlowKey } from '../flow/layout.ts'
import { word } from '../flow/layout.ts'
import type { OfAction } from '../openflow/action.ts'
import type { Pushed, Runnable } from './translate/runnable.ts'

/** A pipeline put by: what it takes to go on with a frame when it comes back. */
export type FrozenState = {
  /** Its name: it may be gone when the frame comes back. */
  bridge: string
  /** Where the look-up goes on, if there are no actions left to run. */
  table: number
  /** The words of the key that a datapath does not keep: port, tunnel, metadata, registers. */
  metadata: Uint32Array
  stack: readonly Pushed[]
  actionSet: readonly OfAction[]
  actions: readonly Runnable[]
  /** Whether the connection's fields belong to the frame. */
  conntracked: boolean
  /** What goes to the controller with it. */
  userdata?: readonly number[]
}

const first = word.tunIdHigh
const count = word.actsetOutput - word.tunIdHigh

/** The words that freezing keeps. */
export const metadataOf = (key: FlowKey): Uint32Array => {
  const metadata = key.slice(first, first + count + 1)
  metadata[count] = key[word.inPort]!
  return metadata
}

/** Writes them back. */
export const restoreMetadata = (metadata: Uint32Array, key: FlowKey): void => {
  key.set(metadata.subarray(0, count), first)
  key[word.inPort] = metadata[count]!
}

/** The words that are not zero; few are. */
const textOf = (metadata: Uint32Array): string => {
  let text = ''
  for (let at = 0; at <= count; at++) if (metadata[at] !== 0) text += `${at}:${metadata[at]},`
  return text
}

/** States with the same name go on in the same way. */
export const nameOfState = (state: FrozenState): string => {
  const { bridge, table, metadata, stack, actionSet, actions, conntracked, userdata = [] } = state
  const rest = stack.length + actionSet.length + actions.length === 0 ? '' : json([stack, actionSet, actions])
  return `${bridge} ${table} ${conntracked ? 1 : 0} ${textOf(metadata)} ${userdata.join()} ${rest}`
}

const json = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part))
