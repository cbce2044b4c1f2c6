import type { MirrorOptions } from './mirrors.ts'
import type { RstpOptions } from './rstp/settings.ts'
import type { SnoopingOptions } from './snooping/table.ts'
import type { StpOptions } from './stp/settings.ts'
import type { TableOptions } from './table-settings.ts'
import type { VlanMode } from './vlan.ts'

/** What the Bridge table of the database says, as far as the switch itself needs it; all may change at any time. */
export type BridgeOptions = {
  /** With `secure`, nothing is forwarded before a controller or a user adds flows. `standalone` starts with NORMAL. */
  failMode?: 'standalone' | 'secure'
  /** `other_config:datapath-id`: 16 hex digits; else the MAC makes it. */
  datapathId?: bigint
  /** `other_config:dp-desc`. */
  description?: string
  /** `other_config:hwaddr`. */
  hwaddr?: number
  /** `other_config:mac-aging-time`, seconds; 300. */
  macAgeing?: number
  /** `other_config:mac-table-size`; 8192. */
  macTableSize?: number
  /** `other_config:forward-bpdu`. */
  forwardBpdu?: boolean
  floodVlans?: readonly number[]
  /** Rows of Mirror. */
  mirrors?: readonly MirrorOptions[]
  /** `stp_enable` with `other_config:stp-*`. */
  stp?: StpOptions | undefined
  /** `rstp_enable` with `other_config:rstp-*`; if both are there, this one counts. */
  rstp?: RstpOptions | undefined
  /** `mcast_snooping_enable` with `other_config:mcast-snooping-*`. */
  snooping?: SnoopingOptions | undefined
  /** Rows of Flow_Table, by the number of the table. */
  tables?: readonly (readonly [table: number, options: TableOptions])[]
}

/** VLAN columns of the Port table; `undefined` is an empty column. */
export type VlanColumns = {
  mode?: VlanMode | undefined
  tag?: number | undefined
  trunks?: readonly number[] | undefined
  cvlans?: readonly number[] | undefined
  priorityTags?: 'never' | 'if-nonzero' | 'always' | undefined
  /** Type of the tag that `dot1q-tunnel` puts outside. */
  outerType?: number | undefined
  /** Nothing goes from this port to others of that kind. */
  isProtected?: boolean | undefined
}
