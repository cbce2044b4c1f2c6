/** The commands about a switch and its ports. */
import { formatPort, parsePort, type Version } from '../../openflow/index.ts'
import { second, type Task } from '../../runtime/index.ts'
import type { BridgePort, PortConfig } from '../../switch/port.ts'
import { formatMac } from '../../wire/address.ts'
import { type Call, connectTo, header, type OfctlCommands, type Target } from './command.ts'

/** OpenFlow 1.0's names of the configuration bits, in the order of the bits. */
const configNames: [keyof PortConfig, string][] = [
  ['down', 'PORT_DOWN'],
  ['noStp', 'NO_STP'],
  ['noReceive', 'NO_RECV'],
  ['noReceiveStp', 'NO_RECV_STP'],
  ['noFlood', 'NO_FLOOD'],
  ['noForward', 'NO_FWD'],
  ['noPacketIn', 'NO_PACKET_IN'],
]
/** 1.1 and later have no such bits. */
const onlyIn10: ReadonlySet<keyof PortConfig> = new Set<keyof PortConfig>(['noStp', 'noReceiveStp', 'noFlood'])

const describePort = (port: BridgePort, version: Version): string[] => {
  const config = configNames
    .filter(([bit]) => port.config[bit] && (version === 1 || !onlyIn10.has(bit)))
    .map(([, name]) => name)
  const up = port.linkUp && !port.config.down
  const state = [...(up ? [] : ['LINK_DOWN']), ...(version >= 2 && up ? ['LIVE'] : [])]
  return [
    ` ${formatPort(port.ofport)}(${port.name}): addr:${formatMac(port.mac)}`,
    `     config:     ${config.join(' ') || '0'}`,
    `     state:      ${state.join(' ') || '0'}`,
    ...(port.linkSpeed === undefined ? [] : [`     current:    ${speedName(port.linkSpeed)}-FD COPPER`]),
    `     speed: ${(port.linkSpeed ?? 0) / 1e6} Mbps now, 0 Mbps max`,
  ]
}

/** As OpenFlow names the speeds that it has a bit for; full duplex. */
const speedName = (speed: number): string => (speed >= 1e9 ? `${speed / 1e9}GB` : `${speed / 1e6}MB`)

const portLines = ({ bridge, version }: Target): string[] =>
  bridge.floodOrder.flatMap(port => describePort(port, version))

function* print(call: Call, lines: readonly string[]): Task<number> {
  yield* call.stdio.print(`${lines.join('\n')}\n`)
  return 0
}

function* show(call: Call): Task<number | string> {
  const target = connectTo(call, call.args[0] as string)
  if (typeof target === 'string') return target
  const { bridge, version } = target
  const dpid = bridge.datapathId.toString(16).padStart(16, '0')
  const lines = [`${header('OFPT_FEATURES_REPLY', version, 2)}: dpid:${dpid}`, 'n_tables:254, n_buffers:0']
  if (version === 1) {
    lines.push(
      'capabilities: FLOW_STATS TABLE_STATS PORT_STATS QUEUE_STATS ARP_MATCH_IP',
      'actions: output enqueue set_vlan_vid set_vlan_pcp strip_vlan mod_dl_src mod_dl_dst mod_nw_src mod_nw_dst mod_nw_tos mod_tp_src mod_tp_dst',
    )
  } else {
    const bundles = version >= 5 ? ' BUNDLES' : ''
    lines.push(`capabilities: FLOW_STATS TABLE_STATS PORT_STATS GROUP_STATS QUEUE_STATS${bundles}`)
    if (version >= 4) lines.push(`${header('OFPST_PORT_DESC reply', version, 3)}:`)
  }
  lines.push(...portLines(target))
  const xid = version >= 4 ? 5 : 4
  lines.push(`${header('OFPT_GET_CONFIG_REPLY', version, xid)}: frags=normal miss_send_len=0`)
  return yield* print(call, lines)
}

function* portsDesc(call: Call): Task<number | string> {
  const target = connectTo(call, call.args[0] as string)
  if (typeof target === 'string') return target
  return yield* print(call, [`${header('OFPST_PORT_DESC reply', target.version, 2)}:`, ...portLines(target)])
}

const findPort = ({ bridge, names }: Target, text: string): BridgePort | undefined => {
  const number = parsePort(text, names)
  return number === undefined ? undefined : bridge.ports.get(number)
}

function* dumpPorts(call: Call): Task<number | string> {
  const [name = '', wanted] = call.args
  const target = connectTo(call, name)
  if (typeof target === 'string') return target
  const { bridge, version, sw } = target
  let ports = [...bridge.floodOrder]
  // The switch tells its local port first.
  ports.sort((a, b) => Number(b.ofport === 0xfffe) - Number(a.ofport === 0xfffe) || a.ofport - b.ofport)
  if (wanted !== undefined) {
    const number = parsePort(wanted, target.names)
    if (number === undefined) return `${name}: unknown port \`${wanted}'`
    ports = ports.filter(({ ofport }) => ofport === number)
  }
  sw.syncStats()
  const lines = [`${header('OFPST_PORT reply', version, 2)}: ${ports.length} ports`]
  for (const port of ports) {
    const counted =
      port.datapathPort === undefined || port.type === 'vxlan' ? undefined : sw.datapath.portStats(port.datapathPort)
    const counts = counted ?? port.traffic
    const drop = (count: number | undefined): string => (count === undefined ? '?' : String(count))
    lines.push(
      `  port ${formatPort(port.ofport).padStart(2)}: rx pkts=${counts.rxPackets}, bytes=${counts.rxBytes}, drop=${drop(counted?.rxDropped)}, errs=?, frame=?, over=?, crc=?`,
      `           tx pkts=${counts.txPackets}, bytes=${counts.txBytes}, drop=${drop(counted?.txDropped)}, errs=?, coll=?`,
    )
    if (version >= 4) lines.push(`           duration=${(sw.clock.now() / second).toFixed(3)}s`)
  }
  return yield* print(call, lines)
}

const changes: Record<string, [bit: keyof PortConfig, value: boolean]> = {
  up: ['down', false],
  down: ['down', true],
  'no-up': ['down', true],
  'no-down': ['down', false],
  stp: ['noStp', false],
  'no-stp': ['noStp', true],
  'receive-stp': ['noReceiveStp', false],
  'no-receive-stp': ['noReceiveStp', true],
  receive: ['noReceive', false],
  'no-receive': ['noReceive', true],
  flood: ['noFlood', false],
  'no-flood': ['noFlood', true],
  forward: ['noForward', false],
  'no-forward': ['noForward', true],
  'packet-in': ['noPacketIn', false],
  'no-packet-in': ['noPacketIn', true],
}

function* modPort(call: Call): Task<number | string> {
  const [name = '', portText = '', what = ''] = call.args
  const target = connectTo(call, name)
  if (typeof target === 'string') return target
  const port = findPort(target, portText)
  if (port === undefined) return `${name}: couldn't find port \`${portText}'`
  // `noflood`, `no-flood` and, for what is down, `no-up` are all words for it.
  const known = [what, what.replace(/^no-?/, 'no-')].find(word => Object.hasOwn(changes, word))
  const change = known === undefined ? undefined : changes[known]
  if (change === undefined) return `unknown mod-port command '${what}'`
  target.bridge.updatePort(port, { config: { ...port.config, [change[0]]: change[1] } })
  return 0
}

function* dumpDesc(call: Call): Task<number | string> {
  const target = connectTo(call, call.args[0] as string)
  if (typeof target === 'string') return target
  return yield* print(call, [
    `${header('OFPST_DESC reply', target.version, 2)}:`,
    'Manufacturer: Nicira, Inc.',
    'Hardware: Open vSwitch',
    'Software: 3.1.0',
    'Serial Num: None',
    'DP Description: None',
  ])
}

export const portCommands: OfctlCommands = {
  show: { min: 1, max: 1, run: show },
  'dump-ports': { min: 1, max: 2, run: dumpPorts },
  'dump-ports-desc': { min: 1, max: 2, run: portsDesc },
  'mod-port': { min: 3, max: 3, run: modPort },
  'dump-desc': { min: 1, max: 1, run: dumpDesc },
}
