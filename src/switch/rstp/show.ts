/** What `rstp/show` prints, and what the database is told of a tree and its ports. */
import { second } from '../../runtime/clock.ts'
import { formatMac } from '../../wire/address.ts'
import type { Bridge } from '../bridge.ts'
import type { BridgePort } from '../port.ts'
import { type Rstp, stateOf } from './rstp.ts'
import type { RstpPort } from './rstp-port.ts'
import type { RstpTimes } from './settings.ts'

/** The block of one bridge, with an empty line at its end; undefined without a tree. */
export const showRstp = (bridge: Bridge): string | undefined => {
  const { rstp } = bridge.tree
  if (rstp === undefined) return undefined
  const { priority, times, port } = rstp.root
  const rootPort = port && bridge.ports.get(port.number)
  const lines = [
    `---- ${bridge.name} ----`,
    'Root ID:',
    ...formatId(priority.root, times),
    ...(rootPort === undefined
      ? ['  This bridge is the root']
      : [`  root-port       ${rootPort.name}`, `  root-path-cost  ${priority.rootCost}`]),
    '',
    'Bridge ID:',
    ...formatId(rstp.id, rstp.times),
    '',
    '  Interface  Role       State      Cost     Pri.Nbr ',
    '  ---------- ---------- ---------- -------- -------',
    ...memberPorts(bridge, rstp).map(({ port: { name }, member }) =>
      [
        `  ${name.padEnd(10)}`,
        member.role.padEnd(10),
        stateName(member).padEnd(10),
        String(member.pathCost).padEnd(8),
        `${(member.id >>> 8) & 0xf0}.${member.id & 0xfff}`,
      ].join(' '),
    ),
    '',
  ]
  return lines.map(line => `${line}\n`).join('')
}

const formatId = (id: bigint, times: RstpTimes): string[] => [
  `  stp-priority    ${(id >> 48n) & 0xf000n}`,
  `  stp-system-id   ${formatMac(Number(id & 0xffffffffffffn))}`,
  `  stp-hello-time  ${times.helloTime}s`,
  `  stp-max-age     ${times.maxAge}s`,
  `  stp-fwd-delay   ${times.forwardDelay}s`,
]

/** In Open vSwitch's order. */
const memberPorts = (bridge: Bridge, rstp: Rstp) =>
  rstp.ports.flatMap(member => {
    const port = bridge.ports.get(member.number)
    return port === undefined ? [] : [{ port, member }]
  })

const stateNames = {
  disabled: 'Disabled',
  blocking: 'Discarding',
  listening: 'Discarding',
  learning: 'Learning',
  forwarding: 'Forwarding',
} as const

const stateName = (port: RstpPort): string => stateNames[stateOf(port)]

/** Priority, system ID extension and MAC: as `rstp_status:rstp_bridge_id`. */
const formatBridgeId = (id: bigint): string => {
  const hex = id.toString(16).padStart(16, '0')
  return `${hex[0]}.${hex.slice(1, 4)}.${hex.slice(4)}`
}

const formatPortId = (id: number): string => id.toString(16).padStart(4, '0')

/** `rstp_status` of the Bridge table; empty without a tree. */
export const rstpStatus = ({ tree: { rstp } }: Bridge): Record<string, string> => {
  if (rstp === undefined) return {}
  const { priority } = rstp.root
  return {
    rstp_bridge_id: formatBridgeId(rstp.id),
    rstp_bridge_port_id: formatPortId(priority.bridgePort),
    rstp_designated_id: formatBridgeId(priority.bridge),
    rstp_designated_port_id: formatPortId(priority.port),
    rstp_root_id: formatBridgeId(priority.root),
    rstp_root_path_cost: String(priority.rootCost),
  }
}

/** `rstp_status` of the Port table; empty for a port that takes no part. */
export const rstpPortStatus = ({ tree: { rstp } }: Bridge, { ofport }: BridgePort): Record<string, string> => {
  const member = rstp?.member(ofport)
  if (member === undefined) return {}
  return {
    rstp_designated_bridge_id: formatBridgeId(member.portPriority.bridge),
    rstp_designated_path_cost: String(member.portPriority.rootCost),
    rstp_designated_port_id: formatPortId(member.portPriority.port),
    rstp_port_id: formatPortId(member.id),
    rstp_port_role: member.role,
    rstp_port_state: stateName(member),
  }
}

/** `rstp_statistics` of the Port table at time `now`. */
export const rstpPortStatistics = (
  { tree: { rstp } }: Bridge,
  { ofport }: BridgePort,
  now: number,
): Record<string, number> => {
  const member = rstp?.member(ofport)
  if (member === undefined) return {}
  const { counts, since } = member
  return {
    rstp_error_count: counts.bad,
    rstp_rx_count: counts.received,
    rstp_tx_count: counts.sent,
    rstp_uptime: Math.floor((now - since) / second),
  }
}
