import type { FieldName } from '../flow/fields.ts'
import type { Match } from '../flow/match.ts'
import type { OfAction, PacketInReason } from './action.ts'
import type { Count } from './counter.ts'
import type { OfErrorName } from './error.ts'
import type { FlowMod } from './flow-mod.ts'
import type { Bucket, GroupMod, GroupType, Selection } from './group.ts'
import type { MeterConfig, MeterMod } from './meter.ts'
import type { PortDesc } from './port-desc.ts'
import type { Version } from './protocol.ts'

/**
 * Every OpenFlow message, without the version that carries it: what the switch and the tools think in. A file of
 * `messages/` for each has its bytes in every version, and its text (`ovs-ofctl ofp-print`). Ports, groups, meters are
 * the numbers of `OfPort`, `OfGroup`, `OfMeter`; times are ns; MACs numbers. Packet bytes are whole frames.
 */
export type OfMessage = { version: Version; xid: number; body: OfBody }
export type OfBody = SymmetricBody | ControlBody | AsyncBody | StateBody | NiciraBody | StatsRequest | StatsReply
export type BodyOf<T extends OfBody['type']> = Extract<OfBody, { type: T }>
/** Bodies that have their fields in common, one of each type: so `BodyOf` finds each. */
type Each<T extends string> = T extends string ? { type: T } : never

/** Which configuration of a switch (OFPT_SET_CONFIG). */
export type SwitchConfig = {
  fragments: 'normal' | 'drop' | 'reassemble' | 'nx_match'
  /** Bytes of a packet that go with a packet-in for a table miss. */
  missSendLength: number
  /** OFPC_INVALID_TTL_TO_CONTROLLER, 1.1 and 1.2. */
  invalidTtlToController: boolean | undefined
}

/** Which asynchronous messages a controller wants, for its role: bits by number of reason. */
export type AsyncMasks = {
  packetIn: number
  portStatus: number
  flowRemoved: number
  roleStatus: number
  tableStatus: number
  requestForward: number
}
export type AsyncConfig = { primary: AsyncMasks; secondary: AsyncMasks }

/** OFPCRR_*, in the order of their numbers. */
export const roleReasons = ['primary_request', 'configuration_changed', 'experimenter_data_changed'] as const
export type RoleReason = (typeof roleReasons)[number]

export type Role = 'nochange' | 'equal' | 'primary' | 'secondary'

type SymmetricBody =
  /**
   * `versions` as bits: bit n for version n, from the bitmap or from the header's version. `surprising`: it has something
   * that makes no sense, and was passed over.
   */
  | { type: 'hello'; versions: number; surprising?: boolean }
  /** `data` is the beginning of the message that was refused. `name` if the numbers have one in this version. */
  | { type: 'error'; name: OfErrorName | undefined; errorType: number; code: number; vendor: number; data: Uint8Array }
  | (Each<'echo_request' | 'echo_reply'> & { data: Uint8Array })

/** The change stands apart, for a group has a type of its own. */
export type GroupModBody = { type: 'group_mod'; mod: GroupMod }
export type MeterModBody = { type: 'meter_mod' } & MeterMod

type ControlBody =
  | { type: 'features_request' | 'get_config_request' | 'barrier_request' | 'barrier_reply' }
  | {
      type: 'features_reply'
      datapathId: bigint
      buffers: number
      tables: number
      auxiliary: number
      /** OFPC_*: bits as in 1.0, as far as they go. */
      capabilities: number
      /** 1.0 only, OFPAT10_* bits. */
      actions: number
      /** Undefined since 1.3. */
      ports: readonly PortDesc[] | undefined
    }
  | ({ type: 'get_config_reply' } & SwitchConfig)
  | ({ type: 'set_config' } & SwitchConfig)
  | { type: 'packet_out'; bufferId: number; inPort: number; match: Match; actions: OfAction[]; packet: Uint8Array }
  | ({ type: 'flow_mod'; bufferId: number } & FlowMod)
  | GroupModBody
  | MeterModBody
  | { type: 'port_mod'; port: number; mac: number; config: number; mask: number; advertise: number }
  | ({ type: 'table_mod'; table: number } & TableConfig)
  | (Each<'role_request' | 'role_reply'> & { role: Role; generation: bigint | undefined })
  | { type: 'get_async_request' }
  | ({ type: 'get_async_reply' } & AsyncConfig)
  /** Fields that are undefined stay as they are. `masks` has a bit for each kind that was given. */
  | { type: 'set_async'; primary: Partial<AsyncMasks>; secondary: Partial<AsyncMasks> }
  | { type: 'queue_get_config_request'; port: number }
  | { type: 'queue_get_config_reply'; port: number; queues: readonly QueueDesc[] }
  | { type: 'bundle_control'; bundle: number; control: BundleControl | number; flags: number }
  /** `message` is a whole message, of the same version and xid. */
  | { type: 'bundle_add'; bundle: number; flags: number; message: Uint8Array }

/** OFPBCT_*, by name; requests and replies alternate. */
export const bundleControls = [
  'open_request',
  'open_reply',
  'close_request',
  'close_reply',
  'commit_request',
  'commit_reply',
  'discard_request',
  'discard_reply',
] as const
export type BundleControl = (typeof bundleControls)[number]
export const BundleFlag = { atomic: 1, ordered: 2 } as const

/** What a table does with flows that find no room, and the like (OFPT_TABLE_MOD); undefined is not said. */
export type TableConfig = {
  /** 1.1 and 1.2: OFPTC_TABLE_MISS_*. */
  miss: 'controller' | 'continue' | 'drop' | undefined
  eviction: boolean | undefined
  /** OFPTMPEF_*. */
  evictionFlags: number | undefined
  vacancy: { enabled: boolean; down: number; up: number; current?: number } | undefined
}

export type QueueDesc = { port: number; queue: number; minRate: number | undefined; maxRate: number | undefined }

/** OFPRR_*, in the order of their numbers. */
export const flowRemovedReasons = ['idle', 'hard', 'delete', 'group_delete', 'meter_delete', 'eviction'] as const
export type FlowRemovedReason = (typeof flowRemovedReasons)[number]

/** OFP_NO_BUFFER: no number of a buffer. */
export const noBuffer = 0xffffffff
/** What stands for a cookie where there is none. */
export const noCookie = 0xffffffffffffffffn

/** A packet-in, of any format. `match` is the metadata: in_port, tunnel, registers, … */
export type PacketInBody = {
  type: 'packet_in'
  /** A number that no reason has is kept. */
  reason: PacketInReason | number
  /** Cut to what was asked for; `total` is its whole size. */
  packet: Uint8Array
  total: number
  /** `noBuffer` if the switch kept none of it. */
  bufferId: number
  table: number
  /** `noCookie` if it is not said. */
  cookie: bigint
  match: Match
  userdata: Uint8Array
  /** NXT_PACKET_IN2 and NXT_RESUME: the properties of a paused translation, as they stand on the wire. */
  continuation: Uint8Array | undefined
}

type AsyncBody =
  | PacketInBody
  | {
      type: 'flow_removed'
      /** Undefined where it is not said. */
      table: number | undefined
      priority: number
      match: Match
      cookie: bigint
      reason: FlowRemovedReason | number
      duration: number | undefined
      idleTimeout: number
      hardTimeout: number
      packets: Count | undefined
      bytes: Count | undefined
    }
  | { type: 'port_status'; reason: 'add' | 'delete' | 'modify'; port: PortDesc }
  | { type: 'role_status'; role: Role; reason: RoleReason | number; generation: bigint | undefined }
  | { type: 'table_status'; reason: 'vacancy_down' | 'vacancy_up'; table: TableDesc }
  /** `request` is the group-mod or meter-mod that another controller's change was. */
  | { type: 'requestforward'; request: GroupModBody | MeterModBody; requestXid: number }

type StateBody =
  | { type: 'flow_monitor_cancel'; id: number }
  | Each<'flow_monitor_paused' | 'flow_monitor_resumed'>
  /** A message that no table row has: kept whole. */
  | { type: 'unknown'; bytes: Uint8Array }

type NiciraBody =
  /** Undefined for a format that there is not. */
  | { type: 'set_flow_format'; nxm: boolean | undefined }
  | { type: 'flow_mod_table_id'; enabled: boolean }
  | { type: 'set_packet_in_format'; format: PacketInFormat }
  | { type: 'set_controller_id'; id: number }
  | { type: 'flow_age' }
  | (Omit<PacketInBody, 'type'> & { type: 'resume' })
  | { type: 'tlv_table_mod'; command: 'add' | 'delete' | 'clear'; maps: readonly TlvMap[] }
  | { type: 'tlv_table_request' }
  | { type: 'tlv_table_reply'; maxSpace: number; maxFields: number; maps: readonly TlvMap[] }
  | { type: 'ct_flush_zone'; zone: number }
  /** Undefined where not said; ports of 0 and addresses of 0 are any. */
  | { type: 'ct_flush'; zone: number | undefined; original: CtTuple; reply: CtTuple }

/** A connection's direction, as far as NXT_CT_FLUSH says it. Addresses are IPv6, IPv4 ones mapped (::ffff:a.b.c.d). */
export type CtTuple = {
  protocol: number
  source: bigint
  destination: bigint
  sourcePort: number
  destinationPort: number
  icmpId: number
  icmpType: number
  icmpCode: number
}

export type PacketInFormat = 'standard' | 'nxt_packet_in' | 'nxt_packet_in2'

/** `{class=0xffff,type=0,len=4}->tun_metadata0`. */
export type TlvMap = { class: number; type: number; length: number; index: number }

/** Statistics of a flow with the flow, as `dump-flows` shows it. */
export type FlowStats = {
  table: number
  priority: number
  match: Match
  cookie: bigint
  /** ns; undefined where the version does not say. */
  duration: number | undefined
  idleTimeout: number
  hardTimeout: number
  /** Whole seconds; undefined where the format does not say. */
  idleAge: number | undefined
  hardAge: number | undefined
  importance: number
  sendFlowRemoved: boolean
  checkOverlap: boolean
  resetCounts: boolean
  noPacketCounts: boolean
  noByteCounts: boolean
  /** Undefined where not counted (all ones on the wire). */
  packets: Count | undefined
  bytes: Count | undefined
  actions: readonly OfAction[]
}

export type FlowRequest = {
  table: number | undefined
  match: Match
  outPort: number | undefined
  outGroup: number | undefined
  cookie: bigint
  cookieMask: bigint
}

export type PortStats = {
  port: number
  rxPackets: Count | undefined
  txPackets: Count | undefined
  rxBytes: Count | undefined
  txBytes: Count | undefined
  rxDropped: Count | undefined
  txDropped: Count | undefined
  rxErrors: Count | undefined
  txErrors: Count | undefined
  rxFrameErrors: Count | undefined
  rxOverErrors: Count | undefined
  rxCrcErrors: Count | undefined
  collisions: Count | undefined
  /** ns; undefined where not said. */
  duration: number | undefined
  /** The counters of RFC 2819, in the order of `rfc2819Counters`; undefined if they are not said. 1.4 and later. */
  rfc2819?: readonly (Count | undefined)[]
  /** Counters that a device has beside these. 1.4 and later. */
  custom: readonly (readonly [name: string, value: Count | undefined])[]
}

export type QueueStats = {
  port: number
  queue: number
  bytes: Count | undefined
  packets: Count | undefined
  errors: Count | undefined
  duration: number | undefined
}

export type TableStats = {
  table: number
  name: string
  /** 1.0: OFPFW10_*; 1.2: fields. What the tables can do is in TableFeatures. */
  max: number
  active: number
  lookups: Count
  matched: Count
  features: TableFeatures
}

export type TableDesc = { table: number } & TableConfig

/** What one kind of flow (a table miss or not) can do in a table. */
export type TableSide = {
  next: readonly number[]
  /** Names of instructions and actions, as `dump-table-features` prints them (`action-set.ts`). */
  instructions: readonly string[]
  writeActions: readonly string[]
  applyActions: readonly string[]
  writeSetFields: readonly FieldName[]
  applySetFields: readonly FieldName[]
}
export type TableFeatures = {
  /** 1.5: what a request does with the tables. */
  command?: 'replace' | 'modify' | 'enable' | 'disable'
  table: number
  name: string
  metadataMatch: bigint
  metadataWrite: bigint
  miss: TableConfig['miss']
  supportsEviction: boolean
  supportsVacancy: boolean
  max: number
  nonMiss: TableSide
  miss_: TableSide
  match: readonly FieldName[]
  mask: readonly FieldName[]
  wildcard: readonly FieldName[]
}

/** Packets and bytes; undefined where they are not counted (all ones on the wire). */
export type Counted = { packets: Count | undefined; bytes: Count | undefined }

export type GroupStats = Counted & {
  group: number
  references: number
  /** ns. */
  duration: number | undefined
  buckets: readonly Counted[]
}
/** A type that no version has comes from a peer alone. */
export type GroupDesc = { group: number; type: GroupType | 'unknown'; selection: Selection; buckets: readonly Bucket[] }
/** By type: all, select, indirect, fast_failover. `types` and `capabilities` are bits; actions are names as in TableSide. */
export type GroupFeatures = {
  types: number
  capabilities: number
  maxGroups: readonly [number, number, number, number]
  actions: readonly [readonly string[], readonly string[], readonly string[], readonly string[]]
}
export type MeterStats = Counted & {
  meter: number
  flows: number
  /** ns. */
  duration: number
  bands: readonly Counted[]
}
export type MeterFeatures = {
  maxMeters: number
  bandTypes: number
  capabilities: number
  maxBands: number
  maxColor: number
}

/** NXST_FLOW_MONITOR and OFPMP_FLOW_MONITOR. Flags are names of OFPFMF_*. */
export type FlowMonitorRequest = {
  id: number
  command: 'add' | 'modify' | 'delete'
  flags: {
    initial: boolean
    add: boolean
    removed: boolean
    modify: boolean
    instructions: boolean
    noAbbrev: boolean
    onlyOwn: boolean
  }
  table: number | undefined
  outPort: number | undefined
  outGroup: number | undefined
  match: Match
}
export type FlowUpdate =
  | {
      event: 'initial' | 'added' | 'removed' | 'modified'
      table: number
      priority: number
      match: Match
      cookie: bigint
      /** Why a flow is gone; a number that no reason has is kept. */
      reason: FlowRemovedReason | number | undefined
      idleTimeout: number
      hardTimeout: number
      actions: readonly OfAction[] | undefined
    }
  /** The change was this controller's own, and this is its message's number. */
  | { event: 'abbreviated'; xid: number }
  /** 1.4 and later, between updates: what came while the controller read too slowly was left out. */
  | { event: 'paused' | 'resumed' }

/** What IPFIX exporters did: those of a bridge, or of one collector set of flows. */
export type IpfixStats = {
  collectorSet: number
  flows: Count | undefined
  currentFlows: Count | undefined
  packets: Count | undefined
  ip4Packets: Count | undefined
  ip6Packets: Count | undefined
  errorPackets: Count | undefined
  ip4ErrorPackets: Count | undefined
  ip6ErrorPackets: Count | undefined
  txPackets: Count | undefined
  txErrors: Count | undefined
}

/** Requests of OFPT_STATS (1.0) and OFPT_MULTIPART. */
export type StatsRequest =
  | Each<
      | 'desc_request'
      | 'table_request'
      | 'group_features_request'
      | 'meter_features_request'
      | 'table_desc_request'
      | 'ipfix_bridge_request'
      | 'ipfix_flow_request'
    >
  | (Each<'flow_request' | 'aggregate_request'> & FlowRequest)
  | (Each<'port_request' | 'port_desc_request'> & { port: number })
  | (Each<'queue_request' | 'queue_desc_request'> & { port: number; queue: number })
  | (Each<'group_request' | 'group_desc_request'> & { group: number })
  | (Each<'meter_request' | 'meter_config_request'> & { meter: number })
  /** With tables it sets them, without it asks. */
  | { type: 'table_features_request'; tables: readonly TableFeatures[] }
  | { type: 'flow_monitor_request'; requests: readonly FlowMonitorRequest[] }

/** Replies; one too long for a message is split, all parts but the last with `more`. */
export type StatsReply = { more?: boolean } & (
  | { type: 'desc_reply'; manufacturer: string; hardware: string; software: string; serial: string; datapath: string }
  | { type: 'flow_reply'; flows: readonly FlowStats[] }
  | { type: 'aggregate_reply'; packets: Count | undefined; bytes: Count | undefined; flows: number }
  | { type: 'table_reply'; tables: readonly TableStats[] }
  | { type: 'port_reply'; ports: readonly PortStats[] }
  | { type: 'port_desc_reply'; ports: readonly PortDesc[] }
  | { type: 'queue_reply'; queues: readonly QueueStats[] }
  | { type: 'queue_desc_reply'; queues: readonly QueueDesc[] }
  /** `torn`: it ended amid a group. */
  | { type: 'group_reply'; groups: readonly GroupStats[]; torn?: boolean }
  | { type: 'group_desc_reply'; groups: readonly GroupDesc[] }
  | ({ type: 'group_features_reply' } & GroupFeatures)
  | { type: 'meter_reply'; meters: readonly MeterStats[] }
  | { type: 'meter_config_reply'; meters: readonly MeterConfig[] }
  | ({ type: 'meter_features_reply' } & MeterFeatures)
  | { type: 'table_features_reply'; tables: readonly TableFeatures[] }
  | { type: 'table_desc_reply'; tables: readonly TableDesc[] }
  | { type: 'flow_monitor_reply'; updates: readonly FlowUpdate[] }
  | { type: 'ipfix_bridge_reply'; stats: IpfixStats }
  | { type: 'ipfix_flow_reply'; stats: readonly IpfixStats[] }
)
