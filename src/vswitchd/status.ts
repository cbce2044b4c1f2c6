/** What the switch reports back into the database: numbers, errors, state and counts of its interfaces. */

import { type Datum, mapOf, setOf } from '../ovsdb/datum.ts'
import { second } from '../runtime/clock.ts'
import type { Controllers } from '../switch/agent/controllers.ts'
import type { MirrorTraffic } from '../switch/mirrors.ts'
import type { BridgePort } from '../switch/port.ts'
import type { Switch } from '../switch/switch.ts'
import { formatMac } from '../wire/address.ts'
import type { Device } from './devices.ts'
import { DummyDevice } from './dummy.ts'
import type { Hand } from './hand.ts'
import type { Transaction } from './row.ts'
import { treePortStatus, treeStatus } from './tree-columns.ts'

const state = (up: boolean): Datum => setOf(up ? 'up' : 'down')
const emptyMap = mapOf([])

/** Columns of an interface that could not be made. */
const broken = (error: string): Record<string, Datum> => ({
  ofport: setOf(-1),
  error: setOf(error),
  mac_in_use: setOf(),
  admin_state: setOf(),
  link_state: setOf(),
  link_resets: setOf(),
  link_speed: setOf(),
  duplex: setOf(),
  mtu: setOf(),
  ifindex: setOf(),
  statistics: emptyMap,
})

export const writeStatus = (transaction: Transaction, hand: Hand, sw: Switch): void => {
  for (const [name, made] of hand.made) {
    const { bridge, ports, devices } = made
    const row = transaction.rowWith('Bridge', 'name', name)
    if (row !== undefined) {
      transaction.update(row, {
        datapath_id: setOf(bridge.datapathId.toString(16).padStart(16, '0')),
        datapath_version: setOf('<built-in>'),
        ...treeStatus(bridge),
      })
    }
    for (const uuid of row?.columns.controller?.keys ?? [])
      writeController(transaction, String(uuid), made.controllers, sw.clock.now())
    for (const { options, traffic } of bridge.mirrors) {
      const mirror = transaction.row('Mirror', options.uuid)
      if (mirror !== undefined) transaction.update(mirror, { statistics: countsOf(traffic) })
    }
    for (const { uuid, row: portUuid, name: portName } of ports.values()) {
      const iface = transaction.row('Interface', uuid)
      const port = bridge.portByName(portName)
      const portRow = transaction.row('Port', portUuid)
      if (portRow !== undefined && port !== undefined)
        transaction.update(portRow, treePortStatus(bridge, port, sw.clock.now()))
      if (iface === undefined || port === undefined) continue
      const device = devices.get(portName)
      transaction.update(iface, {
        ofport: setOf(port.ofport),
        error: port.type === 'patch' && !hasPeer(hand, portName, port.peer) ? setOf(noPeer(port.peer)) : setOf(),
        mac_in_use: port.mac === 0 ? setOf('00:00:00:00:00:00') : setOf(formatMac(port.mac)),
        admin_state: state(device?.adminUp ?? true),
        link_state: state(device?.linkUp ?? true),
        link_resets: setOf(0),
        link_speed: device?.linkSpeed === undefined ? setOf() : setOf(device.linkSpeed),
        duplex: device?.linkSpeed === undefined ? setOf() : setOf('full'),
        mtu: device === undefined ? setOf() : setOf(device.mtu),
        ifindex: setOf(device?.ifindex ?? 0),
        statistics: mapOf(Object.entries(statisticsOf(sw, port, device))),
      })
    }
  }
  for (const [uuid, error] of hand.errors) {
    const iface = transaction.row('Interface', uuid)
    if (iface !== undefined) transaction.update(iface, broken(error))
  }
}

const countsOf = ({ packets, bytes }: MirrorTraffic): Datum =>
  mapOf([
    ['tx_bytes', bytes],
    ['tx_packets', packets],
  ])

const roles = { primary: 'master', equal: 'other', secondary: 'slave' } as const

/** What became of a controller. One that calls us has no state of its own. */
const writeController = (transaction: Transaction, uuid: string, controllers: Controllers, now: number): void => {
  const row = transaction.row('Controller', uuid)
  const connector = row && controllers.get(String(row.columns.target?.keys[0]))
  if (row === undefined || connector === undefined) return
  const { role, lastError, connectedAt, disconnectedAt, limited } = connector
  const limits = Object.entries(limited ?? {}).flatMap(([kind, counts]) =>
    Object.entries(counts).map(([name, count]) => [`packet-in-${kind}-${name}`, String(count)] as const),
  )
  const since = (time: number): string => String(Math.floor((now - time) / second))
  transaction.update(row, {
    is_connected: setOf(connector.isConnected),
    role: role === undefined ? setOf() : setOf(roles[role]),
    status: mapOf([
      ...(lastError === undefined ? [] : [['last_error', lastError] as const]),
      ['state', connector.state] as const,
      ...(connectedAt === undefined ? [] : [['sec_since_connect', since(connectedAt)] as const]),
      ...(disconnectedAt === undefined ? [] : [['sec_since_disconnect', since(disconnectedAt)] as const]),
      ...limits,
    ]),
  })
}

const noPeer = (peer = ''): string => `No usable peer '${peer}' exists in 'system' datapath.`

/** Whether there is a patch port of that name that names this one. */
const hasPeer = (hand: Hand, name: string, peer: string | undefined): boolean =>
  [...hand.made.values()].some(({ bridge }) => {
    const other = bridge.portByName(peer ?? '')
    return other?.type === 'patch' && other.peer === name
  })

/** Counts as the port sees them: received is what came from the device. */
const statisticsOf = (
  sw: Switch,
  { datapathPort, traffic }: BridgePort,
  device: Device | undefined,
): Record<string, number> => {
  const own = datapathPort === undefined ? undefined : sw.datapath.portStats(datapathPort)
  const counts = own ?? traffic
  // Dummies know of no drops.
  const drops = own !== undefined && !(device instanceof DummyDevice)
  return {
    rx_bytes: counts.rxBytes,
    rx_packets: counts.rxPackets,
    tx_bytes: counts.txBytes,
    tx_packets: counts.txPackets,
    ...(drops ? { rx_dropped: own.rxDropped, tx_dropped: own.txDropped } : {}),
    ...device?.statistics(),
  }
}
