/** What the rows of the database ask of the switch, in the switch's own terms. */
import { fieldNamed } from '../flow/fields.ts'
import { isPrefixField, type PrefixField } from '../flow/prefix-fields.ts'
import { allVersions, type VersionSet, versionSet } from '../openflow/hello.ts'
import { parseVersions } from '../openflow/protocol.ts'
import { parseSubfield } from '../openflow/subfield.ts'
import { empty, recordOf } from '../ovsdb/datum.ts'
import { type Log, millisecond, silent } from '../runtime/index.ts'
import type { ControllerOptions, TlsKeys } from '../switch/agent/connector.ts'
import type { BridgeOptions, VlanColumns } from '../switch/bridge-options.ts'
import { usualMostFlows } from '../switch/flow-limit.ts'
import type { MirrorOptions } from '../switch/mirrors.ts'
import { inTableOrder } from '../switch/name-order.ts'
import type { SnoopingPortOptions } from '../switch/snooping/table.ts'
import type { TableOptions } from '../switch/table-settings.ts'
import type { TreePortOptions } from '../switch/tree-options.ts'
import { parseMac } from '../wire/address.ts'
import type { Row, Rows } from './row.ts'
import { treeColumns, treePortColumns } from './tree-columns.ts'

export type WantedPort = {
  name: string
  /** As the `type` column has it, `system` for an empty one. */
  type: string
  /** `ofport_request`. */
  ofport: number | undefined
  /** The number that it has or had, which it gets again if it can. */
  formerOfport?: number | undefined
  /** Whether it is the local port of a fake bridge. */
  fake?: boolean
  vlan: VlanColumns
  tree: TreePortOptions
  snooping: SnoopingPortOptions
  options: Readonly<Record<string, string>>
  mtu: number | undefined
  /** The `mac` column, of a device that the switch makes itself; the local port has its bridge's. */
  mac?: number
  /** Of the Interface. */
  uuid: string
  /** Of the Port. */
  row: string
}
export type WantedBridge = {
  name: string
  uuid: string
  options: BridgeOptions
  ports: WantedPort[]
  /** `protocols`: what it speaks with controllers. */
  versions: VersionSet
  controllers: ControllerOptions[]
}

const first = (row: Row, column: string): string | number | bigint | boolean | undefined => row.columns[column]?.keys[0]
const text = (row: Row, column: string): string => String(first(row, column) ?? '')
const number = (row: Row, column: string): number | undefined => {
  const value = first(row, column)
  return typeof value === 'number' ? value : undefined
}
const numbers = (row: Row, column: string): number[] => (row.columns[column]?.keys ?? []).map(Number)

const vlanModes = ['access', 'trunk', 'native-tagged', 'native-untagged', 'dot1q-tunnel'] as const
const priorityTags = ['never', 'if-nonzero', 'always'] as const
const oneOf = <T extends string>(names: readonly T[], value: string | undefined): T | undefined =>
  names.find(name => name === value)

const vlanOf = (port: Row): VlanColumns => {
  const other = recordOf(port.columns.other_config!)
  const trunks = numbers(port, 'trunks')
  const priority = other['priority-tags'] === 'true' ? 'if-nonzero' : oneOf(priorityTags, other['priority-tags'])
  return {
    mode: oneOf(vlanModes, text(port, 'vlan_mode')),
    tag: number(port, 'tag'),
    trunks: trunks.length === 0 ? undefined : trunks,
    cvlans: numbers(port, 'cvlans'),
    priorityTags: priority,
    outerType: other['qinq-ethtype'] === '802.1q' ? 0x8100 : undefined,
    isProtected: first(port, 'protected') === true,
  }
}

const whole = (value: string | undefined): number | undefined =>
  value !== undefined && /^[0-9]+$/.test(value) ? Number(value) : undefined

/** Flow_Table; of its groups all must be fields, or there are none. */
const tableOptions = (row: Row): TableOptions => {
  const groups = (row.columns.groups?.keys ?? []).map(group => parseSubfield(String(group)))
  const good = groups.filter(group => typeof group !== 'string')
  return {
    name: text(row, 'name'),
    limit: number(row, 'flow_limit'),
    evictBy: text(row, 'overflow_policy') === 'evict' ? (good.length === groups.length ? good : []) : undefined,
    prefixes: prefixesOf(row),
  }
}

/** `prefixes` of Flow_Table: with `none` no fields, else those that can have such; undefined: as if nothing was said. */
const prefixesOf = (row: Row): readonly PrefixField[] | undefined => {
  const names = (row.columns.prefixes?.keys ?? []).map(String).sort()
  if (names.includes('none')) return []
  const fields = names.map(fieldNamed).filter(name => name !== undefined)
  const good = new Set(fields.filter(isPrefixField))
  return good.size === 0 ? undefined : [...good]
}

const tablesOf = (bridge: Row, rows: Rows): NonNullable<BridgeOptions['tables']> => {
  const { keys = [], values = [] } = bridge.columns.flow_tables ?? {}
  return keys.flatMap((table, i) => {
    const row = rows.row('Flow_Table', String(values[i]))
    return row === undefined ? [] : [[Number(table), tableOptions(row)] as const]
  })
}

/** The names of the ports that a column refers to. */
const portNames = (row: Row, column: string, rows: Rows): string[] =>
  (row.columns[column]?.keys ?? []).flatMap(uuid => {
    const port = rows.row('Port', String(uuid))
    return port === undefined ? [] : [text(port, 'name')]
  })

/** Mirror; `output_port` counts before `output_vlan`. Only ports of its bridge can be looked at. */
const mirrorOptions = (row: Row, rows: Rows, own: ReadonlySet<string>, say: Say): MirrorOptions => {
  const all = first(row, 'select_all') === true
  const selected = (column: string): string[] =>
    portNames(row, column, rows).filter(name => {
      if (!all && !own.has(name)) say('warn', `cannot match on nonexistent port ${name}`)
      return own.has(name)
    })
  const [outputPort] = portNames(row, 'output_port', rows)
  const vlan = number(row, 'output_vlan')
  if (outputPort !== undefined && !own.has(outputPort)) say('err', 'outputs to port not on bridge')
  else if (outputPort !== undefined && vlan !== undefined)
    say('err', 'specifies both output port and output vlan; ignoring output vlan')
  else if (outputPort === undefined && vlan === undefined) say('err', 'does not specify output; ignoring')
  return {
    uuid: row.uuid,
    all,
    sources: selected('select_src_port'),
    destinations: selected('select_dst_port'),
    vlans: numbers(row, 'select_vlan'),
    outputPort: outputPort !== undefined && own.has(outputPort) ? outputPort : undefined,
    outputVlan: outputPort === undefined ? vlan : undefined,
    snapLength: number(row, 'snaplen'),
  }
}

type Say = (level: 'warn' | 'err', text: string) => void

/** The log is told of what is wrong with them, at each look. */
const mirrorsOf = (bridge: Row, rows: Rows, log: Log): MirrorOptions[] => {
  const wanted = bridge.columns.mirrors?.keys ?? []
  const own = new Set(wanted.length === 0 ? [] : portNames(bridge, 'ports', rows))
  return wanted.flatMap(uuid => {
    const row = rows.row('Mirror', String(uuid))
    if (row === undefined) return []
    const who = `bridge ${text(bridge, 'name')}: mirror ${text(row, 'name')}`
    return [mirrorOptions(row, rows, own, (level, what) => log('bridge', level, `${who} ${what}`))]
  })
}

const bridgeOptions = (bridge: Row, rows: Rows, log: Log): BridgeOptions => {
  const other = recordOf(bridge.columns.other_config!)
  const failMode = oneOf(['standalone', 'secure'] as const, text(bridge, 'fail_mode'))
  const id = other['datapath-id'] ?? ''
  const hwaddr = parseMac(other.hwaddr ?? '')
  const macAgeing = whole(other['mac-aging-time'])
  const macTableSize = whole(other['mac-table-size'])
  const tables = tablesOf(bridge, rows)
  const mirrors = mirrorsOf(bridge, rows, log)
  return {
    ...(failMode === undefined ? {} : { failMode }),
    ...(/^(0x)?[0-9a-fA-F]{1,16}$/.test(id) ? { datapathId: BigInt(`0x${id.replace('0x', '')}`) } : {}),
    ...(hwaddr === undefined ? {} : { hwaddr }),
    ...(macAgeing === undefined ? {} : { macAgeing: Math.max(15, macAgeing) }),
    ...(macTableSize === undefined ? {} : { macTableSize: Math.max(10, macTableSize) }),
    ...(other['dp-desc'] === undefined ? {} : { description: other['dp-desc'] }),
    forwardBpdu: other['forward-bpdu'] === 'true',
    ...treeColumns(bridge),
    floodVlans: numbers(bridge, 'flood_vlans'),
    ...(mirrors.length === 0 ? {} : { mirrors }),
    ...(tables.length === 0 ? {} : { tables }),
  }
}

/** Milliseconds of a column, in ns. */
const duration = (row: Row, column: string, usual: number): number => (number(row, column) ?? usual) * millisecond

/** Of the only row of SSL. */
const keysOf = (rows: Rows): TlsKeys | undefined => {
  const [row] = rows.rows('SSL')
  if (row === undefined) return undefined
  return {
    privateKey: text(row, 'private_key'),
    certificate: text(row, 'certificate'),
    caCertificate: text(row, 'ca_cert'),
    bootstrap: first(row, 'bootstrap_ca_cert') === true,
  }
}

const controllerOf = (row: Row, versions: VersionSet, keys: TlsKeys | undefined): ControllerOptions => {
  const rate = number(row, 'controller_rate_limit')
  const queueSize = number(row, 'controller_queue_size')
  const kind = oneOf(['primary', 'service'] as const, text(row, 'type'))
  const dscp = whole(recordOf(row.columns.other_config ?? empty).dscp)
  const target = text(row, 'target')
  return {
    target,
    versions,
    ...(kind === undefined ? {} : { kind }),
    ...(dscp === undefined ? {} : { dscp }),
    ...(queueSize === undefined ? {} : { queueSize }),
    ...(keys === undefined || !/^p?ssl:/.test(target) ? {} : { tls: keys }),
    probeInterval: duration(row, 'inactivity_probe', 5000),
    maxBackoff: duration(row, 'max_backoff', 8000),
    ...(first(row, 'enable_async_messages') === false ? { quiet: true } : {}),
    limit: rate === undefined ? undefined : { rate, burst: number(row, 'controller_burst_limit') ?? 0 },
  }
}

const controlOf = (rows: Rows, bridge: Row): Pick<WantedBridge, 'versions' | 'controllers'> => {
  const parsed = parseVersions((bridge.columns.protocols?.keys ?? []).join(','))
  const versions = typeof parsed === 'string' || parsed.length === 0 ? allVersions : versionSet(parsed)
  return {
    versions,
    controllers: (bridge.columns.controller?.keys ?? []).flatMap(uuid => {
      const row = rows.row('Controller', String(uuid))
      return row === undefined ? [] : [controllerOf(row, versions, keysOf(rows))]
    }),
  }
}

/** `other_config:vlan-limit` of the whole switch: 1 without one, 0 for no limit. */
export const vlanLimit = (rows: Rows): number =>
  whole(recordOf(rows.rows('Open_vSwitch')[0]?.columns.other_config ?? empty)['vlan-limit']) ?? 1

/** `other_config:flow-limit` of the whole switch. */
export const mostFlows = (rows: Rows): number =>
  whole(recordOf(rows.rows('Open_vSwitch')[0]?.columns.other_config ?? empty)['flow-limit']) ?? usualMostFlows

/** Rows in the order of Open vSwitch's tables of names, which it goes along when it makes what they ask for. */
const byName = (rows: readonly Row[]): Row[] => {
  const named = new Map(rows.map(row => [text(row, 'name'), row]))
  return inTableOrder(named.keys()).map(name => named.get(name) as Row)
}

/** The rows of a table that a column refers to, by name. */
const referred = (rows: Rows, table: 'Bridge' | 'Port', { columns }: Row, column: string): Row[] =>
  byName((columns[column]?.keys ?? []).flatMap(uuid => rows.row(table, String(uuid)) ?? []))

/**
 * All bridges with their ports: those that ask for a number first, since numbers are given out in this order. Only the
 * first interface of a bond is used so far.
 */
export const wantedBridges = (rows: Rows, log: Log = silent): WantedBridge[] => {
  const [root] = rows.rows('Open_vSwitch')
  return (root === undefined ? [] : referred(rows, 'Bridge', root, 'bridges')).flatMap(bridge => {
    const name = text(bridge, 'name')
    // Its sockets are called as it is.
    if (/[/\\]/.test(name)) {
      log('bridge', 'warn', `ignoring bridge with invalid name "${name}"`)
      return []
    }
    const all = referred(rows, 'Port', bridge, 'ports').flatMap(port => {
      const iface = rows.row('Interface', String(port.columns.interfaces?.keys[0]))
      return iface === undefined ? [] : [wantedPort(name, port, iface)]
    })
    const ports = [...all.filter(port => port.ofport !== undefined), ...all.filter(port => port.ofport === undefined)]
    return [{ name, uuid: bridge.uuid, options: bridgeOptions(bridge, rows, log), ports, ...controlOf(rows, bridge) }]
  })
}

/** Of a MAC that an interface may have: not one of a group of stations. */
const ownMac = (value: string): number | undefined => {
  const mac = parseMac(value)
  return mac === undefined || mac === 0 || Math.floor(mac / 2 ** 40) % 2 === 1 ? undefined : mac
}

type Made = { bridge: string; port: Row; wanted: WantedPort }
/** By interface. A row is never changed, only replaced: what came of the same rows is the same. */
const known = new WeakMap<Row, Made>()

/** The same object as before if nobody changed the rows, so that of a thousand ports only those are looked at that differ. */
const wantedPort = (bridge: string, port: Row, iface: Row): WantedPort => {
  const before = known.get(iface)
  if (before !== undefined && before.bridge === bridge && before.port === port) return before.wanted
  const wanted = readPort(bridge, port, iface)
  known.set(iface, { bridge, port, wanted })
  return wanted
}

/** Whether a number is one that ports are given. */
const isOrdinary = (ofport = 0): boolean => ofport > 0 && ofport < 0xff00

const readPort = (bridge: string, port: Row, iface: Row): WantedPort => {
  const name = text(iface, 'name')
  const type = name === bridge ? 'internal' : text(iface, 'type')
  const mac = type === 'internal' && name !== bridge ? ownMac(text(iface, 'mac')) : undefined
  const former = number(iface, 'ofport')
  return {
    name,
    ...(mac === undefined ? {} : { mac }),
    type: type === '' ? 'system' : type,
    ofport: number(iface, 'ofport_request'),
    formerOfport: isOrdinary(former) ? former : undefined,
    ...(first(port, 'fake_bridge') === true ? { fake: true } : {}),
    vlan: vlanOf(port),
    ...treePortColumns(port),
    row: port.uuid,
    options: recordOf(iface.columns.options!),
    mtu: number(iface, 'mtu_request'),
    uuid: iface.uuid,
  }
}
