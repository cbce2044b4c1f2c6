import type { PortNumber } from '../datapath/action.ts'
import type { Frame } from '../wire/frame.ts'
import type { SnoopingPortOptions } from './snooping/table.ts'
import type { PortTree } from './stp/spanning-tree.ts'
import type { TreePortOptions } from './tree-options.ts'
import type { VlanSettings } from './vlan.ts'

/**
 * What is behind a port: `system` (a device, real or simulated), `internal` (a device that the switch makes), `dummy`,
 * `patch` (the patch port of another bridge) or a tunnel.
 */
export type PortType = 'system' | 'internal' | 'tap' | 'dummy' | 'patch' | 'vxlan'

/** OpenFlow's port configuration bits, as `ovs-ofctl mod-port` sets them; all false at first. */
export type PortConfig = {
  /** Administratively down: nothing goes out, nothing comes in. */
  down: boolean
  /** No spanning tree here. */
  noStp: boolean
  noReceive: boolean
  /** As `noReceive`, for spanning tree's own frames, of which the other says nothing. */
  noReceiveStp: boolean
  noFlood: boolean
  noForward: boolean
  noPacketIn: boolean
}

/** Frames and bytes that a port took from and gave to its bridge; for patch ports, which no datapath counts. */
export type PortTraffic = { rxPackets: number; rxBytes: number; txPackets: number; txBytes: number }

/** A port of a bridge. */
export type BridgePort = {
  readonly name: string
  readonly type: PortType
  /** The OpenFlow port number: 1 to 0xfeff, or `OfPort.local`. */
  readonly ofport: number
  /** The datapath's number; undefined for a patch port. All VXLAN ports of one UDP port share one. */
  datapathPort: PortNumber | undefined
  /** When it was added, ns. */
  readonly created: number
  /** MAC of the device, 0 if it has none (patch, tunnel). */
  mac: number
  /** Whether the device carries frames, for status; a device without a link drops what it is given by itself. */
  linkUp: boolean
  /** Bits/s of the device; undefined if it does not know. */
  linkSpeed: number | undefined
  config: PortConfig
  vlan: VlanSettings
  /** Name of the other end of a patch port. */
  peer: string | undefined
  /** Of a tunnel port: `remote_ip`, `key`, `tos`, … as the `options` column has them. */
  options: Readonly<Record<string, string>>
  traffic: PortTraffic
  /** What spanning tree lets it do; undefined: it takes no part. */
  tree: PortTree | undefined
  treeOptions: TreePortOptions
  /** Spanning tree let it forward, and does not any more. */
  hasStopped: boolean
  snooping: SnoopingPortOptions
  /** Hands a frame from the port's device to the datapath. Passes ownership; must not be called for patch ports. */
  receive(frame: Frame): void
}

export const defaultPortConfig = (): PortConfig => ({
  down: false,
  noStp: false,
  noReceive: false,
  noReceiveStp: false,
  noFlood: false,
  noForward: false,
  noPacketIn: false,
})

export const noTraffic = (): PortTraffic => ({ rxPackets: 0, rxBytes: 0, txPackets: 0, txBytes: 0 })
