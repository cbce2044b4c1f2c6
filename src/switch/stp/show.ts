/** What `stp/show` prints, and what the database is told of a tree and its ports. */
import { second } from '../../runtime/clock.ts'
import { formatMac } from '../../wire/address.ts'
import type { Bridge } from '../bridge.ts'
import type { BridgePort } from '../port.ts'
import type { Stp } from './stp.ts'

/** The block of one bridge, with an empty line at its end; undefined without a tree. */
export const showStp = (bridge: Bridge): string | undefined => {
  const { stp } = bridge.tree
  if (stp === undefined) return undefined
  const rootPort = stp.rootPort && bridge.ports.get(stp.rootPort.number)
  const lines = [
    `---- ${bridge.name} ----`,
    'Root ID:',
    // As in Open vSwitch, the root's times stand below, the bridge's own here.
    ...formatId(stp.designatedRoot, stp.ownTimes),
    ...(rootPort === undefined
      ? ['  This bridge is the root']
      : [`  root-port       ${rootPort.name}`, `  root-path-cost  ${stp.rootPathCost}`]),
    '',
    'Bridge ID:',
    ...formatId(stp.id, stp.times),
    '',
    '  Interface  Role       State      Cost  Pri.Nbr ',
    '  ---------- ---------- ---------- ----- -------',
    ...memberPorts(bridge, stp).map(({ port, member }) =>
      [
        `  ${port.name.padEnd(10)}`,
        stp.role(member).padEnd(10),
        member.state.padEnd(10),
        String(member.pathCost).padEnd(5),
        `${member.id >>> 8}.${member.id & 0xff}`,
      ].join(' '),
    ),
    '',
  ]
  return lines.map(line => `${line}\n`).join('')
}

const formatId = (id: bigint, times: Stp['times']): string[] => [
  `  stp-priority  ${id >> 48n}`,
  `  stp-system-id   ${formatMac(macOf(id))}`,
  `  stp-hello-time  ${wholeSeconds(times.helloTime)}s`,
  `  stp-max-age     ${wholeSeconds(times.maxAge)}s`,
  `  stp-fwd-delay   ${wholeSeconds(times.forwardDelay)}s`,
]

const wholeSeconds = (time: number): number => Math.floor(time / second)

const macOf = (id: bigint): number => Number(id & 0xffffffffffffn)

/** By number. */
const memberPorts = (bridge: Bridge, stp: Stp) =>
  stp.members().flatMap(member => {
    const port = bridge.ports.get(member.number)
    return port === undefined ? [] : [{ port, member }]
  })

/** 16 bits of priority, a point, the MAC: as `status:stp_bridge_id`. */
const formatBridgeId = (id: bigint): string => {
  const hex = id.toString(16).padStart(16, '0')
  return `${hex.slice(0, 4)}.${hex.slice(4)}`
}

/** `status` of the Bridge table; empty without a tree. */
export const stpStatus = ({ tree: { stp } }: Bridge): Record<string, string> =>
  stp === undefined
    ? {}
    : {
        stp_bridge_id: formatBridgeId(stp.id),
        stp_designated_root: formatBridgeId(stp.designatedRoot),
        stp_root_path_cost: String(stp.rootPathCost),
      }

/** `status` of the Port table at time `now`; empty for a port that takes no part. */
export const stpPortStatus = (
  { tree: { stp } }: Bridge,
  { ofport }: BridgePort,
  now: number,
): Record<string, string> => {
  const member = stp?.member(ofport)
  if (stp === undefined || member === undefined) return {}
  return {
    stp_port_id: String(member.id),
    stp_role: stp.role(member),
    stp_sec_in_state: String(Math.floor((now - member.since) / second)),
    stp_state: member.state,
  }
}

/** `statistics` of the Port table, as far as it is spanning tree's. */
export const stpPortStatistics = ({ tree: { stp } }: Bridge, { ofport }: BridgePort): Record<string, number> => {
  const counts = stp?.member(ofport)?.counts
  return counts === undefined
    ? {}
    : { stp_error_count: counts.bad, stp_rx_count: counts.received, stp_tx_count: counts.sent }
}
