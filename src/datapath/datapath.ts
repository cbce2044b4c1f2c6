import type { FlowKey, TunnelRow } from '../flow/layout.ts'
import type { MeterConfig } from '../openflow/meter.ts'
import type { Frame } from '../wire/frame.ts'
import type { Action, Megaflow, PortNumber, UpcallReason } from './action.ts'

/** The world on the other side of a datapath port: a simulated link, a packet socket, a tunnel, a test's list. */
export interface Vport {
  readonly name: string
  /** `internal`, `system`, `tap`, `dummy`, or a tunnel's: `vxlan`. */
  readonly type: string
  /** Takes a frame that leaves the datapath; `tunnel` is for tunnel ports and only valid during the call. */
  send(frame: Frame, tunnel: TunnelRow): void
  /** It takes runs of TCP segments (`Frame.gso`) as they are; others get a frame for each packet. */
  readonly takesRuns?: boolean
  /**
   * Of a tunnel that the datapath makes itself: takes the outer headers off a frame, and says what they said. Undefined
   * if they are not this tunnel's, or damaged.
   */
  pop?(frame: Frame): TunnelRow | undefined
}

/** A frame that the datapath cannot decide on. The frame and both rows belong to the receiver only during the call. */
export type Upcall = {
  reason: UpcallReason
  port: PortNumber
  frame: Frame
  /** Extracted in full. The tunnel is the one that the frame came in by, whatever actions have said of others. */
  key: FlowKey
  /** Of a `userspace` action. */
  cookie?: unknown
}

/**
 * The switch's answer to a miss: do `actions` now, and for all frames that agree under `mask` until told otherwise.
 * `install: false` decides this frame alone, and so does a datapath that has no room for more.
 *
 * The mask has all bits of `in_port` and `recirc_id`. Megaflows of different masks should not overlap: of two that a
 * frame agrees with, either may decide. The frame that missed is not in the megaflow's statistics, as in Open vSwitch:
 * whoever decides counts it. `installed` is told under which id the megaflow is kept, if it is.
 */
export type Decision = {
  mask: FlowKey
  actions: readonly Action[]
  install: boolean
  installed?: ((id: number) => void) | undefined
}

export type FlowStats = {
  packets: number
  bytes: number
  /** Time of the last use, ns; undefined if never. */
  used: number | undefined
  /** All TCP flags seen, where a mask of the datapath looks as far as the transport header; 0 elsewhere. */
  tcpFlags: number
}

/** A cached flow with what went through it. `id` is stable while the flow lives. */
export type CachedFlow = { id: number; flow: Megaflow; stats: FlowStats }

export type PortStats = {
  rxPackets: number
  rxBytes: number
  rxDropped: number
  txPackets: number
  txBytes: number
  txDropped: number
}

/** As `ovs-appctl dpif/show` and `dpctl/show` count. */
export type DatapathStats = {
  /** Frames that a cached flow decided, that went up, and that went up but found the queue full. */
  hit: number
  missed: number
  lost: number
  flows: number
  masks: number
  /** Looked-up masks, for the mean per frame. */
  maskHits: number
  /** Hits of the exact-match cache, a part of `hit`. */
  cacheHits: number
}

/** What went through a meter, and what each of its bands caught. */
export type MeterCounts = {
  packets: number
  bytes: number
  bands: readonly { packets: number; bytes: number }[]
}

/**
 * Caches megaflows and moves frames; it knows no OpenFlow. Everything that differs between frames of one megaflow is
 * in the frame, everything that the switch decides is in the megaflow.
 */
export interface Datapath {
  /** `netdev@ovs-netdev` and the like. */
  readonly name: string
  /** Adds a port under the wanted number if it is free, else the lowest free one. */
  addPort(vport: Vport, wanted?: PortNumber): PortNumber
  removePort(port: PortNumber): void
  ports(): ReadonlyMap<PortNumber, Vport>
  portStats(port: PortNumber): PortStats | undefined

  /**
   * A frame arrives at a port. Synchronous: when it returns, what the frame causes has been sent or queued. Called from
   * inside a port's `send` or an upcall, it queues the frame for the outermost call.
   */
  receive(port: PortNumber, frame: Frame, tunnel?: TunnelRow): void
  /** Runs actions on a frame as if it had come in on `port` (packet-out). Owns the frame. */
  execute(frame: Frame, port: PortNumber, actions: readonly Action[], tunnel?: TunnelRow): void

  /** Who answers misses, and who gets what `userspace` actions send up. Without one, both are dropped and counted. */
  onMiss(decide: (upcall: Upcall) => Decision | undefined): void
  onUserspace(take: (upcall: Upcall) => void): void

  /**
   * Flows that may be wrong from now on: all, those of frames that come in at these ports, or one. The next frame for which
   * such a flow would be used has `ask` called first (`onDoubt`), which trusts, changes or removes it.
   */
  doubt(which: 'all' | { ports: Iterable<PortNumber> } | { id: number }): void
  onDoubt(ask: (flow: CachedFlow) => void): void
  /** The flow is right as it is. So is one that gets other actions. */
  trust(id: number): void

  flows(): Iterable<CachedFlow>
  /** Those of the flows that are doubted. */
  doubted(): Iterable<CachedFlow>
  /** How many flows decisions may make; what is decided beyond that is for one frame alone. */
  flowLimit: number
  /** Adds a flow that nobody decided, and gives its id; undefined if there is one for frames of this key. */
  addFlow(flow: Megaflow): number | undefined
  /** A flow's key with all that the frame said that made it, also where the mask does not look. */
  seenBy(id: number): FlowKey | undefined
  /** Replaces a flow's actions, keeping its statistics. False if it is gone. */
  replaceActions(id: number, actions: readonly Action[]): boolean
  /** Removes a flow, giving its last statistics. */
  removeFlow(id: number): FlowStats | undefined
  clear(): void

  /**
   * VLAN tags of a frame that flow keys tell, 1 or 2; what follows is payload and the key's `eth_type` is the next tag's.
   * 1 at first, as `other_config:vlan-limit`.
   */
  readonly vlanLimit: number
  /** Changes it. Flows are cleared, since their keys were read otherwise. */
  limitVlans(limit: number): void

  /** Makes the meter that `meter` actions with this number go through, or makes it anew, with counts from 0. */
  setMeter(number: number, config: MeterConfig): void
  /** Frames pass a meter that is gone. */
  removeMeter(number: number): void
  meterCounts(number: number): MeterCounts | undefined

  stats(): DatapathStats
  /**
   * What was dropped, by name; the names are Open vSwitch's where it has one (`datapath_drop_upcall_error`,
   * `datapath_drop_invalid_port`, `drop_action_of_pipeline`, …). `datapath_drop_loop`: cables without delay brought back
   * more frames than may wait, or than one call may handle. A `drop` action counts under its own reason.
   */
  counters(): [name: string, count: number][]
}
