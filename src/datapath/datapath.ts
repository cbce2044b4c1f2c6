import type { FlowKey, TunnelRow } from '../flow/layout.ts'
import type { Frame } from '../wire/frame.ts'
import type { Action, Megaflow, PortNumber, UpcallReason } from './action.ts'

/** The world on the other side of a datapath port: a simulated link, a packet socket, a tunnel, a test's list. */
export interface Vport {
  readonly name: string
  /** `internal`, `system`, `tap`, `dummy`, or a tunnel's: `vxlan`. */
  readonly type: string
  /** Takes a frame that leaves the datapath; `tunnel` is for tunnel ports and only valid during the call. */
  send(frame: Frame, tunnel: TunnelRow): void
}

/** A frame that the datapath cannot decide on. The frame and both rows belong to the receiver only during the call. */
export type Upcall = {
  reason: UpcallReason
  port: PortNumber
  frame: Frame
  /** Extracted in full. */
  key: FlowKey
  /** Of a `userspace` action. */
  cookie?: unknown
}

/**
 * The switch's answer to a miss: do `actions` now, and for all frames that agree under `mask` until told otherwise.
 * `install: false` decides this frame alone.
 */
export type Decision = { mask: FlowKey; actions: readonly Action[]; install: boolean }

export type FlowStats = {
  packets: number
  bytes: number /** last use, ns; undefined if never */
  used: number | undefined
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

  /** A frame arrives at a port. Synchronous: when it returns, what the frame causes has been sent or queued. */
  receive(port: PortNumber, frame: Frame, tunnel?: TunnelRow): void
  /** Runs actions on a frame as if it had come in on `port` (packet-out). Owns the frame. */
  execute(frame: Frame, port: PortNumber, actions: readonly Action[], tunnel?: TunnelRow): void

  /** Who answers misses, and who gets what `userspace` actions send up. Without one, both are dropped and counted. */
  onMiss(decide: (upcall: Upcall) => Decision | undefined): void
  onUserspace(take: (upcall: Upcall) => void): void

  flows(): Iterable<CachedFlow>
  /** Replaces a flow's actions, keeping its statistics. False if it is gone. */
  replaceActions(id: number, actions: readonly Action[]): boolean
  /** Removes a flow, giving its last statistics. */
  removeFlow(id: number): FlowStats | undefined
  clear(): void

  stats(): DatapathStats
  /** What was dropped, by name. */
  counters(): [name: string, count: number][]
}
