import type { PortNumber } from '../datapath/action.ts'
import type { Datapath, Vport } from '../datapath/datapath.ts'
import type { TunnelRow } from '../flow/layout.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import type { Random } from '../runtime/random.ts'
import type { Frame } from '../wire/frame.ts'
import type { VxlanDialect } from '../wire/vxlan.ts'
import type { VlanColumns } from './bridge-options.ts'
import type { NativeTunnels } from './native-tunnels.ts'
import type { SnoopingPortOptions } from './snooping/table.ts'
import type { TreePortOptions } from './tree-options.ts'

/** The datapath's end of all tunnels of one kind and UDP port, such as `vxlan_sys_4789`. */
export type OpenedTunnel = {
  vport: Vport
  /** The number that it is to have in the datapath, if that is free. */
  number?: PortNumber
  /** Gives the UDP port back. */
  close(): void
  /** What came or should have gone and did not, by reason. */
  refused(): [reason: string, count: number][]
}

/** Opens a tunnel port. What arrives goes to `receive` with its outer headers. A text says why it cannot be. */
export type OpenTunnel = (
  type: 'vxlan',
  udpPort: number,
  receive: (frame: Frame, tunnel: TunnelRow) => void,
  dialect: VxlanDialect,
) => OpenedTunnel | string

/** What the outside hands to a switch. */
export type SwitchOptions = {
  datapath: Datapath
  clock: Clock
  random: Random
  log?: Log
  /** Without it, tunnel ports are refused. */
  openTunnel?: OpenTunnel
  /** What is known of the network, if the datapath makes tunnels itself. */
  native?: NativeTunnels
}

/** A port to be. `datapathPort` is the number that it is to have in the datapath, if that is free. */
export type PortSpec = {
  name: string
  /** `ofport_request`. The internal port of the bridge's own name is always `LOCAL`. */
  ofport?: number | undefined
  vlan?: VlanColumns
  tree?: TreePortOptions
  snooping?: SnoopingPortOptions
  mac?: number
} & (
  | { type: 'system' | 'internal' | 'tap' | 'dummy'; vport: Vport; linkUp?: boolean; datapathPort?: number | undefined }
  | { type: 'patch'; peer: string }
  | { type: 'vxlan'; options: Readonly<Record<string, string>> }
)
