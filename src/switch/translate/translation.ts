import type { Action } from '../../datapath/action.ts'
import type { FlowKey } from '../../flow/layout.ts'
import type { PacketInReason } from '../packet-in.ts'
import type { BridgePort } from '../port.ts'
import type { Rule } from '../rule.ts'
import type { BridgeView } from '../view.ts'
import type { Failure } from './recorder.ts'

/** What a frame does to the world besides going somewhere; the caller applies it, once for every time frames hit. */
export type Effect =
  /** NORMAL saw this source. */
  { type: 'learn'; bridge: BridgeView; vlan: number; mac: number; port: number }

/** Something that counts the frames that go this way. */
export type Credit =
  | { type: 'rule'; rule: Rule }
  | { type: 'receive'; port: BridgePort }
  | { type: 'transmit'; port: BridgePort }
  /** A look-up in a table, with or without a hit: `dump-tables`. */
  | { type: 'lookup'; bridge: BridgeView; table: number; matched: boolean }

/** Comes back with a frame that a `controller` action sent up; named as `dpctl/dump-flows` prints it. */
export type ControllerCookie = {
  type: 'controller'
  bridge: BridgeView
  reason: PacketInReason
  dontSend: boolean
  continuation: boolean
  recircId: number
  ruleCookie: bigint
  controllerId: number
  maxLength: number
  table: number
  /** The flow key at the action, OpenFlow's port numbers. */
  key: FlowKey
}

/** The answer to "what happens to frames with this key, and which other frames does that hold for?". */
export type Translation = {
  actions: readonly Action[]
  /** Over the datapath's key: frames that agree with the translated key under it get the same actions. */
  mask: FlowKey
  effects: readonly Effect[]
  credits: readonly Credit[]
  /** MACs whose being learned, moved or forgotten may change the answer: `macTag`. */
  macTags: readonly string[]
  /** The key at the end of the first bridge's tables, OpenFlow's port numbers, for `Final flow:`. */
  finalKey: FlowKey
  /** Set if the translation was given up: `actions` is empty then. */
  failure: Failure | undefined
  /** Set if only what was to happen behind a patch port was given up: bridges that are joined in a circle. */
  limit: Failure | undefined
  /** Why nothing goes anywhere, if a reason is known; a counter's name. */
  dropReason: string | undefined
}

/** The name of one MAC in one VLAN of one bridge. */
export const macTag = (bridge: string, vlan: number, mac: number): string => `${bridge}/${vlan}/${mac}`
