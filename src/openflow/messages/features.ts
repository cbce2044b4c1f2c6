import type { Reader, Writer } from '../bytes.ts'
import { decoded } from '../error.ts'
import type { PortDesc } from '../port-desc.ts'
import { formatBits, formatPortDesc } from '../port-desc-text.ts'
import { decodePort, encodePort, portSize } from '../port-wire.ts'
import type { Version } from '../protocol.ts'
import type { MessageCodec } from './codec.ts'
import { formIn, plainForm } from './forms.ts'
import { takeList } from './stats.ts'

const forms = [plainForm('FEATURES_REPLY', 6)]

/**
 * OFPC_*: what a switch can do, with the versions that know the bit. Bit 3 was the spanning tree before it was groups: so
 * groups have a bit of their own here, which on the wire is 3 since 1.1.
 */
const capabilities = [
  { bit: 1 << 0, name: 'FLOW_STATS', from: 1, to: 6 },
  { bit: 1 << 1, name: 'TABLE_STATS', from: 1, to: 6 },
  { bit: 1 << 2, name: 'PORT_STATS', from: 1, to: 6 },
  { bit: 1 << 3, name: 'STP', from: 1, to: 1 },
  { bit: 1 << 4, name: 'GROUP_STATS', from: 2, to: 6 },
  { bit: 1 << 5, name: 'IP_REASM', from: 1, to: 6 },
  { bit: 1 << 6, name: 'QUEUE_STATS', from: 1, to: 6 },
  { bit: 1 << 7, name: 'ARP_MATCH_IP', from: 1, to: 2 },
  { bit: 1 << 8, name: 'PORT_BLOCKED', from: 3, to: 6 },
  { bit: 1 << 9, name: 'BUNDLES', from: 5, to: 6 },
  { bit: 1 << 10, name: 'FLOW_MONITORING', from: 5, to: 6 },
] as const
const groupStats = 1 << 4
const groupStatsOnWire = 1 << 3

/** OFPC_* by name, as `features_reply` has them. */
export const Capability = {
  flowStats: 1 << 0,
  tableStats: 1 << 1,
  portStats: 1 << 2,
  stp: 1 << 3,
  groupStats,
  ipReassembly: 1 << 5,
  queueStats: 1 << 6,
  arpMatchIp: 1 << 7,
  portBlocked: 1 << 8,
  bundles: 1 << 9,
  flowMonitoring: 1 << 10,
} as const

const knownBits = (version: Version): number =>
  capabilities.reduce((bits, { bit, from, to }) => (version >= from && version <= to ? bits | bit : bits), 0)
const knownCapabilities = [0, ...([1, 2, 3, 4, 5, 6] satisfies Version[]).map(knownBits)]

/** OFPAT10_*: which actions a 1.0 switch has; bit and name, in the order in which they are shown. */
const actionNames: readonly (readonly [number, string])[] = [
  [1 << 0, 'output'],
  [1 << 1, 'set_vlan_vid'],
  [1 << 2, 'set_vlan_pcp'],
  [1 << 3, 'strip_vlan'],
  [1 << 4, 'mod_dl_src'],
  [1 << 5, 'mod_dl_dst'],
  [1 << 6, 'mod_nw_src'],
  [1 << 7, 'mod_nw_dst'],
  [1 << 8, 'mod_nw_tos'],
  [1 << 9, 'mod_tp_src'],
  [1 << 10, 'mod_tp_dst'],
  [1 << 11, 'enqueue'],
]
const allActions = 0xfff
const enqueue = 1 << 11

const writeCapabilities = (bits: number, out: Writer, version: Version): void => {
  const known = bits & knownCapabilities[version]!
  out.u32((known & groupStats) === 0 ? known : (known & ~groupStats) | groupStatsOnWire)
}

const readCapabilities = (bytes: Reader, version: Version): number => {
  const bits = bytes.u32()
  const known = version === 1 ? bits & ~groupStats : bits & ~(groupStats | groupStatsOnWire)
  const group = version > 1 && (bits & groupStatsOnWire) !== 0 ? groupStats : 0
  return (known | group) & knownCapabilities[version]!
}

/** Names of the actions; enqueue stands where Open vSwitch has it, behind output. */
const formatActions = (bits: number): string => {
  const names = actionNames.filter(([bit]) => (bits & bit) !== 0)
  const output = names.filter(([bit]) => bit === 1)
  const queue = names.filter(([bit]) => bit === enqueue)
  const rest = names.filter(([bit]) => bit !== 1 && bit !== enqueue)
  return [...output, ...queue, ...rest].map(([, name]) => ` ${name}`).join('')
}

const inOrder = (ports: readonly PortDesc[]): PortDesc[] => [...ports].sort((a, b) => a.port - b.port)

/** OFPT_FEATURES_REPLY: ports until 1.2, an auxiliary connection's number since 1.3, actions in 1.0. */
export const featuresReply: MessageCodec<'features_reply'> = {
  type: 'features_reply',
  forms,
  choose: (_, speech) => formIn(forms, speech),
  encode(body, out, { version }) {
    out.u64(body.datapathId)
    out.u32(body.buffers)
    out.u8(body.tables)
    out.u8(version >= 4 ? body.auxiliary : 0)
    out.u16(0)
    writeCapabilities(body.capabilities, out, version)
    out.u32(version === 1 ? body.actions : 0)
    if (version < 4) for (const port of body.ports ?? []) encodePort(port, out, version)
  },
  decode(bytes, { version, warn }) {
    const datapathId = bytes.u64()
    const buffers = bytes.u32()
    const tables = bytes.u8()
    const auxiliary = bytes.u8()
    bytes.skip(2)
    const bits = readCapabilities(bytes, version)
    const actions = version === 1 ? bytes.u32() & allActions : 0
    if (version !== 1) bytes.skip(4)
    const base = {
      type: 'features_reply' as const,
      datapathId,
      buffers,
      tables,
      auxiliary: version >= 4 ? auxiliary : 0,
      capabilities: bits,
      actions,
    }
    if (version >= 4) return decoded({ ...base, ports: undefined })
    const { items, error } = takeList(bytes, part => decodePort(part, version, warn))
    const body = { ...base, ports: items }
    return error === undefined ? decoded(body) : { ok: false, error, partial: body }
  },
  print(body, { version }) {
    const auxiliary = body.auxiliary === 0 ? '' : `, auxiliary_id:${body.auxiliary}`
    const names = capabilities.map(({ bit, name }) => [bit, name] as const)
    return (
      ` dpid:${body.datapathId.toString(16).padStart(16, '0')}\n` +
      `n_tables:${body.tables}, n_buffers:${body.buffers}${auxiliary}\n` +
      `capabilities: ${formatBits(body.capabilities, names)}\n` +
      (version === 1 && body.actions !== 0 ? `actions:${formatActions(body.actions)}\n` : '') +
      inOrder(body.ports ?? [])
        .map(port => formatPortDesc(port))
        .join('')
    )
  },
}

/** How many ports a features reply has room for. */
export const portsPerFeaturesReply = (version: Version): number => Math.floor((0xffff - 32) / portSize(version))
