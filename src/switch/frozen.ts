import type { FlowKey } from '../flow/layout.ts'
import { keyWords, word } from '../flow/layout.ts'
import type { OfAction } from '../openflow/action.ts'
import type { Mirror } from './mirrors.ts'
import type { Pushed, Runnable } from './translate/runnable.ts'

/** A pipeline put by: what it takes to go on with a frame when it comes back. */
export type FrozenState = {
  /** Its name: it may be gone when the frame comes back. */
  bridge: string
  /** Where the look-up goes on, if there are no actions left to run. */
  table: number
  /** The words of the key that a datapath does not keep: port, tunnel with its options, metadata, registers. */
  metadata: Uint32Array
  stack: readonly Pushed[]
  actionSet: readonly OfAction[]
  actions: readonly Runnable[]
  /** Whether the connection's fields belong to the frame. */
  conntracked: boolean
  /** The port that the frame came in by, unless a patch port: states of frames from different ports are different. */
  receivedOn?: string | undefined
  /** Mirrors that have seen the frame, by UUID. */
  mirrored?: readonly string[]
  /** What goes to the controller with it. */
  userdata?: readonly number[]
}

const first = word.tunIdHigh
const count = word.actsetOutput - word.tunIdHigh

/**
 * The words that freezing keeps: those of tunnel, metadata and registers, the port, and tunnel options if there are any,
 * or bits of some that were deleted: states that differ in them are not the same for Open vSwitch.
 */
export const metadataOf = (key: FlowKey): Uint32Array => {
  const options = hasOptionBits(key) ? keyWords - word.tunMetadataPresent : 0
  const metadata = new Uint32Array(count + 1 + options)
  metadata.set(key.subarray(first, first + count))
  metadata[count] = key[word.inPort]!
  if (options > 0) metadata.set(key.subarray(word.tunMetadataPresent), count + 1)
  return metadata
}

const hasOptionBits = (key: FlowKey): boolean => {
  for (let at: number = word.tunMetadataPresent; at < keyWords; at++) if (key[at] !== 0) return true
  return false
}

/** The mirrors that have seen it, by their rows, in whatever order they did; nothing if none has. */
export const seenByMirrors = (mirrors: ReadonlySet<Mirror>): Pick<FrozenState, 'mirrored'> =>
  mirrors.size === 0 ? {} : { mirrored: [...mirrors].map(({ options }) => options.uuid).sort() }

/** Writes them back. */
export const restoreMetadata = (metadata: Uint32Array, key: FlowKey): void => {
  key.set(metadata.subarray(0, count), first)
  key[word.inPort] = metadata[count]!
  key.fill(0, word.tunMetadataPresent)
  key.set(metadata.subarray(count + 1), word.tunMetadataPresent)
}

/** The words that are not zero; few are. */
const textOf = (metadata: Uint32Array): string => {
  let text = ''
  for (let at = 0; at < metadata.length; at++) if (metadata[at] !== 0) text += `${at}:${metadata[at]},`
  return text
}

/** States with the same name go on in the same way. */
export const nameOfState = (state: FrozenState): string => {
  const { bridge, table, metadata, stack, actionSet, actions, conntracked } = state
  const { receivedOn = '', userdata = [], mirrored = [] } = state
  const rest = stack.length + actionSet.length + actions.length === 0 ? '' : json([stack, actionSet, actions])
  return `${bridge} ${table} ${conntracked ? 1 : 0} ${textOf(metadata)} ${receivedOn} ${userdata.join()} ${mirrored.join()} ${rest}`
}

const json = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part))
