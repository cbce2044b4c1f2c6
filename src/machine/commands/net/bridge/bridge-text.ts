/** A bridge of the kernel and its ports as iproute2 shows them, and as bridge-utils does. */
import {
  type Bridge,
  type BridgePort,
  type BridgeSetting,
  bridgeSettings,
  bridgeView,
  centisecond,
  portView,
} from '../../../../host/index.ts'
import { formatMac } from '../../../../wire/address.ts'
import type { Json } from '../ip/json.ts'

/** `8000.2:0:0:0:0:10`, as iproute2 writes an identifier. */
export const shortId = (id: bigint): string => {
  const mac = formatMac(Number(id & 0xffffffffffffn)).split(':')
  return `${priorityHex(id)}.${mac.map(byte => Number.parseInt(byte, 16).toString(16)).join(':')}`
}

/** `8000.020000000010`, as bridge-utils writes it. */
export const longId = (id: bigint): string =>
  `${priorityHex(id)}.${formatMac(Number(id & 0xffffffffffffn)).replaceAll(':', '')}`

const priorityHex = (id: bigint): string => (id >> 48n).toString(16).padStart(4, '0')

/** `  15.00`: seconds in seven columns. */
export const secondsText = (time: number): string => (Math.trunc(time / centisecond) / 100).toFixed(2).padStart(7)

const onOff = (on: boolean): string => (on ? 'on' : 'off')
const hundredths = (time: number): number => Math.trunc(time / centisecond) / 100

const early = [
  'forward_delay',
  'hello_time',
  'max_age',
  'ageing_time',
  'stp_state',
  'priority',
  'vlan_filtering',
] as const
const late = (Object.keys(bridgeSettings) as BridgeSetting[]).filter(
  name => name !== 'group_fwd_mask' && name !== 'mcast_snooping' && !(early as readonly string[]).includes(name),
)

/** What `ip -d link` says behind `bridge`. */
export const bridgeDetails = (bridge: Bridge, now: number): string => {
  const { settings } = bridge
  const view = bridgeView(bridge, now)
  const setting = (name: BridgeSetting): string => `${name} ${settings[name]}`
  return [
    ...early.map(setting),
    `bridge_id ${shortId(view.id)}`,
    `designated_root ${shortId(view.root)}`,
    `root_port ${view.rootPort}`,
    `root_path_cost ${view.rootCost}`,
    `topology_change ${Number(view.change)}`,
    `topology_change_detected ${Number(view.changeDetected)}`,
    `hello_timer ${secondsText(view.hello)}`,
    `tcn_timer ${secondsText(view.changeNotice)}`,
    `topology_change_timer ${secondsText(view.changeTime)}`,
    `gc_timer ${secondsText(view.gc)}`,
    `group_fwd_mask ${settings.group_fwd_mask === 0 ? '0' : `0x${settings.group_fwd_mask.toString(16)}`}`,
    'group_address 01:80:c2:00:00:00',
    setting('mcast_snooping'),
    ...late.map(setting),
    '',
  ].join(' ')
}

/** What JSON calls differently from text. */
const jsonNames: Readonly<Record<string, string>> = {
  mcast_last_member_count: 'mcast_last_member_cnt',
  mcast_startup_query_count: 'mcast_startup_query_cnt',
  mcast_last_member_interval: 'mcast_last_member_intvl',
  mcast_membership_interval: 'mcast_membership_intvl',
  mcast_querier_interval: 'mcast_querier_intvl',
  mcast_query_interval: 'mcast_query_intvl',
  mcast_query_response_interval: 'mcast_query_response_intvl',
  mcast_startup_query_interval: 'mcast_startup_query_intvl',
}

/** The same as `info_data` of JSON. */
export const bridgeRecord = (bridge: Bridge, now: number): Record<string, Json> => {
  const { settings } = bridge
  const view = bridgeView(bridge, now)
  const some = (names: readonly BridgeSetting[]): Record<string, Json> =>
    Object.fromEntries(names.map(name => [jsonNames[name] ?? name, settings[name]]))
  return {
    ...some(early),
    bridge_id: shortId(view.id),
    root_id: shortId(view.root),
    root_port: view.rootPort,
    root_path_cost: view.rootCost,
    topology_change: Number(view.change),
    topology_change_detected: Number(view.changeDetected),
    hello_timer: hundredths(view.hello),
    tcn_timer: hundredths(view.changeNotice),
    topology_change_timer: hundredths(view.changeTime),
    gc_timer: hundredths(view.gc),
    group_fwd_mask: settings.group_fwd_mask === 0 ? '0' : `0x${settings.group_fwd_mask.toString(16)}`,
    group_addr: '01:80:c2:00:00:00',
    ...some(['mcast_snooping', ...late]),
  }
}

/** What `ip -d link` says behind `bridge_slave`. */
export const portDetails = (bridge: Bridge, port: BridgePort, now: number): string => {
  const { flags } = port
  const view = portView(bridge, port, now)
  const flag = (name: keyof typeof flags): string => `${name} ${onOff(flags[name])}`
  return [
    `state ${port.state} priority ${port.priority} cost ${port.pathCost}`,
    ...(['hairpin', 'guard', 'root_block', 'fastleave', 'learning', 'flood'] as const).map(flag),
    `port_id 0x${port.id.toString(16)} port_no 0x${port.number.toString(16)}`,
    `designated_port ${view.designatedPort} designated_cost ${view.designatedCost}`,
    `designated_bridge ${shortId(view.bridge)} designated_root ${shortId(view.root)}`,
    `hold_timer ${secondsText(view.hold)} message_age_timer ${secondsText(view.messageAge)}`,
    `forward_delay_timer ${secondsText(view.forwardDelay)}`,
    `topology_change_ack ${Number(view.acknowledges)} config_pending ${Number(view.isPending)}`,
    flag('proxy_arp'),
    flag('proxy_arp_wifi'),
    `mcast_router 1 mcast_fast_leave ${onOff(flags.fastleave)}`,
    ...(['mcast_flood', 'bcast_flood', 'mcast_to_unicast', 'neigh_suppress'] as const).map(flag),
    'group_fwd_mask 0 group_fwd_mask_str 0x0',
    ...(['vlan_tunnel', 'isolated', 'locked'] as const).map(flag),
    '',
  ].join(' ')
}

/** The same as `info_slave_data` of JSON. */
export const portRecord = (bridge: Bridge, port: BridgePort, now: number): Record<string, Json> => {
  const { flags } = port
  const view = portView(bridge, port, now)
  const { hairpin, guard, root_block, fastleave, learning, flood } = flags
  const { proxy_arp, proxy_arp_wifi, mcast_flood, bcast_flood, mcast_to_unicast, neigh_suppress } = flags
  const { vlan_tunnel, isolated, locked } = flags
  return {
    state: port.state,
    priority: port.priority,
    cost: port.pathCost,
    ...{ hairpin, guard, root_block, fastleave, learning, flood },
    id: `0x${port.id.toString(16)}`,
    no: `0x${port.number.toString(16)}`,
    designated_port: view.designatedPort,
    designated_cost: view.designatedCost,
    bridge_id: shortId(view.bridge),
    root_id: shortId(view.root),
    hold_timer: hundredths(view.hold),
    message_age_timer: hundredths(view.messageAge),
    forward_delay_timer: hundredths(view.forwardDelay),
    topology_change_ack: Number(view.acknowledges),
    config_pending: Number(view.isPending),
    ...{ proxy_arp, proxy_arp_wifi, multicast_router: 1 },
    ...{ mcast_flood, bcast_flood, mcast_to_unicast, neigh_suppress },
    ...{ group_fwd_mask: '0', group_fwd_mask_str: '0x0', vlan_tunnel, isolated, locked },
  }
}
