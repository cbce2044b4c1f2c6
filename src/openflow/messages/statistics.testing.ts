/** Bodies of statistics, groups, meters and tables, as a version can say them, for property tests. */
import fc from 'fast-check'
import { matchOf } from '../../flow/match.ts'
import type { OfAction } from '../action.ts'
import { type Bucket, type GroupType, noSelection, OfBucket } from '../group.ts'
import type { FlowStats, IpfixStats, OfBody, PortStats, TableFeatures } from '../message.ts'
import type { Version } from '../protocol.ts'

const u8 = fc.nat(0xff)
const u16 = fc.nat(0xffff)
const u32 = fc.nat(0xfffffffe)
const u64 = fc.bigInt({ min: 0n, max: 0xffffffffffffffffn })
/** Counts that a number cannot say. All ones stand for none, where there may be none. */
const large = fc.constantFrom(2n ** 53n, 2n ** 53n + 1n, 2n ** 63n + 1n, 2n ** 64n - 2n)
const kept = fc.oneof(fc.maxSafeNat(), fc.nat(1000), large)
export const count = fc.oneof(kept, fc.constant(undefined))
const whole = fc.oneof(kept, fc.constant(2n ** 64n - 1n))
const port = fc.oneof(fc.nat(300), fc.constant(0xfffe))
const anyPort = fc.oneof(port, fc.constant(0xffff))
/** Milliseconds, as a switch counts them. */
const duration = fc.nat(4_000_000_000).map(ms => ms * 1e6)
const list = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { maxLength: 4 })
const name = fc.stringMatching(/^[a-z0-9]{0,12}$/)
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined })

const actions: fc.Arbitrary<OfAction[]> = list(
  fc.oneof(
    fc.nat(200).map((number): OfAction => ({ type: 'output', port: number })),
    fc.constantFrom<OfAction>({ type: 'output', port: 0xfffb }, { type: 'output', port: 0xfff8 }),
    fc.nat(7).map((table): OfAction => ({ type: 'resubmit', port: undefined, table })),
  ),
)
const match = fc.oneof(
  fc.constant(matchOf({})),
  u16.map(number => matchOf({ eth_type: 0x800n, ip_src: BigInt(number) })),
  fc.nat(200).map(number => matchOf({ in_port: BigInt(number) })),
)

const flowStats = (version: Version): fc.Arbitrary<FlowStats> => {
  const flag = version >= 4 ? fc.boolean() : fc.constant(false)
  const age = version === 1 ? optional(fc.nat(0xfffe)) : fc.constant(undefined)
  return fc.record({
    table: u8,
    priority: u16,
    match,
    cookie: u64,
    duration,
    idleTimeout: u16,
    hardTimeout: u16,
    idleAge: version === 6 ? optional(u16) : age,
    hardAge: age,
    importance: version >= 5 ? u16 : fc.constant(0),
    sendFlowRemoved: flag,
    checkOverlap: flag,
    resetCounts: flag,
    noPacketCounts: flag,
    noByteCounts: flag,
    packets: count,
    bytes: count,
    actions,
  })
}

const portStats = (version: Version): fc.Arbitrary<PortStats> =>
  fc
    .record({
      port,
      rxPackets: count,
      txPackets: count,
      rxBytes: count,
      txBytes: count,
      rxDropped: count,
      txDropped: count,
      rxErrors: count,
      txErrors: count,
      rxFrameErrors: count,
      rxOverErrors: count,
      rxCrcErrors: count,
      collisions: count,
      duration: version >= 4 ? optional(duration) : fc.constant(undefined),
      rfc2819: version >= 5 ? optional(fc.array(count, { minLength: 21, maxLength: 21 })) : fc.constant(undefined),
      custom: version >= 5 ? list(fc.tuple(fc.stringMatching(/^[a-z_]{1,20}$/), whole)) : fc.constant([]),
    })
    .map(({ rfc2819, ...stats }) => (rfc2819 === undefined ? stats : { ...stats, rfc2819 }))

const bucket = (version: Version, type: GroupType, id: number): fc.Arbitrary<Bucket> =>
  fc.record({
    id: fc.constant(version === 1 || version === 6 ? id : undefined),
    weight: type === 'select' ? u16 : fc.constant(0),
    watchPort: type === 'fast_failover' ? port : fc.constant(undefined),
    watchGroup: type === 'select' || type === 'fast_failover' ? optional(u32) : fc.constant(undefined),
    actions,
  })
const buckets = (version: Version, type: GroupType): fc.Arbitrary<Bucket[]> =>
  type === 'indirect'
    ? bucket(version, type, 0).map(one => [one])
    : fc.nat(3).chain(size => fc.tuple(...Array.from({ length: size }, (_, id) => bucket(version, type, id))))

const selection = (version: Version, type: GroupType) =>
  type === 'select' && (version === 1 || version === 6)
    ? fc.oneof(
        fc.constant(noSelection),
        u64.map(parameter => ({ method: 'dp_hash', parameter, fields: [] })),
        u64.map(parameter => ({
          method: 'hash',
          parameter,
          fields: [
            { field: 'ip_src' as const, mask: 0xffffff00n },
            { field: 'ip_dst' as const, mask: 0xffffffffn },
          ],
        })),
      )
    : fc.constant(noSelection)

const groups = fc.constantFrom<GroupType>('all', 'select', 'indirect', 'fast_failover')
const group = (version: Version) =>
  groups.chain(type =>
    fc.record({
      group: u32,
      type: fc.constant(type),
      selection: selection(version, type),
      buckets: buckets(version, type),
    }),
  )

const flags = fc.record({ kbps: fc.boolean(), pktps: fc.constant(false), burst: fc.boolean(), stats: fc.boolean() })
const band = fc.oneof(
  fc.record({ type: fc.constant('drop' as const), rate: u32, burst: u32, precedence: fc.constant(0) }),
  fc.record({ type: fc.constant('dscp_remark' as const), rate: u32, burst: u32, precedence: u8 }),
)
const meter = fc.record({ meter: u32, flags, bands: list(band) })
const ipfix: fc.Arbitrary<IpfixStats> = fc.record({
  collectorSet: u32,
  flows: count,
  currentFlows: count,
  packets: count,
  ip4Packets: count,
  ip6Packets: count,
  errorPackets: count,
  ip4ErrorPackets: count,
  ip6ErrorPackets: count,
  txPackets: count,
  txErrors: count,
})
const counted = fc.record({ packets: whole, bytes: whole })

const side = fc.record({
  next: fc.uniqueArray(fc.nat(253), { maxLength: 5 }).map(tables => tables.sort((a, b) => a - b)),
  instructions: fc.subarray(['apply_actions', 'clear_actions', 'write_actions', 'write_metadata', 'goto_table']),
  writeActions: fc.subarray(['output', 'group', 'set_field', 'push_vlan', 'dec_ttl', 'set_queue']),
  applyActions: fc.subarray(['output', 'group', 'set_field', 'push_vlan', 'dec_ttl', 'set_queue']),
  writeSetFields: fc.subarray(['metadata', 'reg0', 'reg1', 'reg2', 'eth_src', 'eth_dst', 'ip_src'] as const),
  applySetFields: fc.subarray(['metadata', 'reg0', 'reg1', 'reg2', 'eth_src', 'eth_dst', 'ip_src'] as const),
})
const features = (version: Version): fc.Arbitrary<TableFeatures> =>
  fc.record({
    table: fc.nat(254),
    name,
    metadataMatch: u64,
    metadataWrite: u64,
    miss: fc.constant(undefined),
    supportsEviction: version >= 5 ? fc.boolean() : fc.constant(false),
    supportsVacancy: version >= 5 ? fc.boolean() : fc.constant(false),
    max: u32,
    nonMiss: side,
    miss_: side,
    match: fc.constant(['metadata', 'in_port', 'eth_src', 'eth_type', 'ip_src'] as const),
    mask: fc.subarray(['metadata', 'eth_src', 'ip_src'] as const),
    wildcard: fc.subarray(['metadata', 'in_port', 'eth_src', 'eth_type'] as const),
  })

const tableDesc = fc.record({
  table: u8,
  miss: fc.constant(undefined),
  eviction: fc.boolean(),
  evictionFlags: optional(fc.nat(7)),
  vacancy: fc.record({
    enabled: fc.constant(true),
    down: fc.nat(50),
    up: fc.integer({ min: 50, max: 100 }),
    current: u8,
  }),
})

const queueDesc = fc.record({ port, queue: u16, minRate: optional(fc.nat(1001)), maxRate: optional(fc.nat(1001)) })

/** Bodies of any kind; some a version cannot say. */
export const statisticsBodies = (version: Version): fc.Arbitrary<OfBody> => {
  const flowRequest = {
    table: optional(fc.nat(254)),
    match,
    outPort: optional(port),
    outGroup: fc.constant(undefined),
    cookie: fc.constant(0n),
    cookieMask: fc.constant(0n),
  }
  const of = <T extends string>(type: T) => fc.constant(type)
  return fc.oneof<fc.Arbitrary<OfBody>[]>(
    fc.record({ type: of('flow_reply'), flows: list(flowStats(version)) }),
    fc.record({ type: of('flow_request'), ...flowRequest }),
    fc.record({ type: of('aggregate_request'), ...flowRequest }),
    fc.record({ type: of('aggregate_reply'), packets: kept, bytes: kept, flows: u32 }),
    fc.record({ type: of('port_request'), port: anyPort }),
    fc.record({ type: of('port_reply'), ports: list(portStats(version)) }),
    fc.record({ type: of('queue_request'), port: anyPort, queue: u32 }),
    fc.record({
      type: of('queue_reply'),
      queues: list(
        fc.record({
          port,
          queue: u32,
          bytes: count,
          packets: count,
          errors: count,
          duration: version >= 4 ? optional(duration) : fc.constant(undefined),
        }),
      ),
    }),
    fc.record({ type: of('queue_desc_reply'), queues: list(queueDesc) }),
    fc.record({ type: of('group_request'), group: u32 }),
    fc.record({ type: of('group_desc_reply'), groups: list(group(version)) }),
    fc.record({
      type: of('group_reply'),
      groups: list(
        fc.record({
          group: u32,
          references: u32,
          packets: whole,
          bytes: whole,
          duration: version === 1 || version >= 4 ? duration : fc.constant(undefined),
          buckets: list(counted),
        }),
      ),
    }),
    group(version).map(
      (one): OfBody => ({ type: 'group_mod', mod: { command: 'add', commandBucket: OfBucket.all, ...one } }),
    ),
    fc.record({
      type: of('meter_mod'),
      command: fc.constantFrom('add', 'modify'),
      ...{ meter: u32, flags, bands: list(band) },
    }),
    fc.record({ type: of('meter_config_reply'), meters: list(meter) }),
    fc.record({
      type: of('meter_reply'),
      meters: list(fc.record({ meter: u32, flows: u32, packets: whole, bytes: whole, duration, bands: list(counted) })),
    }),
    fc.record({
      type: of('table_features_reply'),
      tables: fc.array(features(version), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ type: of('table_desc_reply'), tables: fc.array(tableDesc, { minLength: 1, maxLength: 3 }) }),
    tableDesc.map((table): OfBody => ({ type: 'table_status', reason: 'vacancy_up', table })),
    fc.record({ type: of('ipfix_bridge_reply'), stats: ipfix }),
    fc.record({ type: of('ipfix_flow_reply'), stats: list(ipfix) }),
  )
}
