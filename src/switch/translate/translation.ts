import type { Action } from '../../datapath/action.ts'
import type { FlowKey, TunnelRow } from '../../flow/layout.ts'
import type { FrozenState } from '../frozen.ts'
import type { Group, GroupBucket } from '../group.ts'
import type { MirrorTraffic } from '../mirrors.ts'
import type { TunnelNews } from '../native-tunnels.ts'
import type { PacketInReason } from '../packet-in.ts'
import type { BridgePort } from '../port.ts'
import type { FlowSpec, Rule } from '../rule.ts'
import type { Change } from '../snooping/hearing.ts'
import type { BridgeView } from '../view.ts'
import type { Failure } from './recorder.ts'

/**
 * What a frame does to the world besides going somewhere; the caller applies it, once for every time frames hit. What the
 * frame that was translated learned of flows is done already.
 */
export type Effect =
  /** NORMAL saw this source. */
  | { type: 'learn'; bridge: BridgeView; vlan: number; mac: number; port: number }
  /** A `learn` action made a flow; so many with its cookie may be in its table, 0 for any number. */
  | { type: 'flow'; bridge: BridgeView; spec: FlowSpec; limit: number }
  /** A connection's end shortens the timeouts of its flow: `fin_timeout`. Only frames with FIN or RST do. */
  | { type: 'fin'; bridge: BridgeView; rule: Rule; idleTimeout: number; hardTimeout: number }
  /** The frame is a message of spanning tree. */
  | { type: 'bpdu'; bridge: BridgeView; port: BridgePort; bytes: Uint8Array }
  /** The frame said who wants which multicast. */
  | { type: 'heard'; bridge: BridgeView; changes: readonly Change[]; vlan: number; port: number }

/** Why frames of a flow go through the switch itself. */
export type SlowReason = 'stp' | 'controller' | 'action'

/** Something that counts the frames that go this way. */
export type Credit =
  | { type: 'rule'; rule: Rule }
  | { type: 'receive'; port: BridgePort }
  | { type: 'transmit'; port: BridgePort }
  | { type: 'group'; group: Group; buckets: readonly GroupBucket[] }
  /** A mirror copies. */
  | { type: 'mirror'; traffic: MirrorTraffic }
  /** A look-up in a table, with or without a hit: `dump-tables`. */
  | { type: 'lookup'; bridge: BridgeView; table: number; matched: boolean }

/** Comes back with a frame that a `controller` action sent up; named as `dpctl/dump-flows` prints it. */
export type ControllerCookie = {
  type: 'controller'
  bridge: BridgeView
  reason: PacketInReason
  dontSend: boolean
  continuation: boolean
  /** 0 for none. */
  recircId: number
  ruleCookie: bigint
  controllerId: number
  maxLength: number
  table: number
  /** The flow key at the action, OpenFlow's port numbers. */
  key: FlowKey
  /** Bits of the tunnel's words that are as in `key` for all frames of the megaflow; the others are each frame's own. */
  sameTunnel: TunnelRow | undefined
  /** What a controller lets go on that was asked to wait. */
  state: FrozenState | undefined
  userdata: readonly number[]
}

/** The answer to "what happens to frames with this key, and which other frames does that hold for?". */
export type Translation = {
  actions: readonly Action[]
  /** Over the datapath's key: frames that agree with the translated key under it get the same actions. */
  mask: FlowKey
  /** Whether the mask is as a megaflow has it; of a translation that was given up before its end it is only as far as it came. */
  isMaskWhole: boolean
  effects: readonly Effect[]
  credits: readonly Credit[]
  /** What is told, and asked, of the network that tunnels go through. */
  tunnelNews: readonly TunnelNews[]
  /** MACs whose being learned, moved or forgotten may change the answer. */
  macTags: readonly MacTag[]
  /** Numbers of frozen pipelines that the actions mention; whoever keeps the actions holds them, and releases them. */
  recircs: readonly number[]
  /** Why the switch must see each of these frames itself, if it must. */
  eachFrame: SlowReason | undefined
  /** Why a datapath cannot do this by itself. */
  slow: ReadonlySet<SlowReason>
  /** The key at the end of the first bridge's tables, OpenFlow's port numbers, for `Final flow:`. */
  finalKey: FlowKey
  /** Set if the translation was given up: `actions` is empty then. */
  failure: Failure | undefined
  /** Set if only what was to happen behind a patch port or in a bucket was given up. */
  limit: Failure | undefined
  /** Why nothing goes anywhere, if a reason is known; a counter's name. */
  dropReason: string | undefined
}

/** One MAC in the VLANs of one bridge. */
export type MacTag = { readonly bridge: string; readonly mac: number }
