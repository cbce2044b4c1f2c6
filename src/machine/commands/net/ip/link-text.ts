import { bridgeOf, bridgePortOf, type Kernel, type Link, type Namespace } from '../../../../host/index.ts'
import { formatMac } from '../../../../wire/address.ts'
import { bridgeDetails, bridgeRecord, portDetails, portRecord } from '../bridge/bridge-text.ts'
import { netnsId, peerNamespace } from '../netns-id.ts'
import type { IpCall } from './call.ts'
import type { Json } from './json.ts'

const linkType = (link: Link): string => (link.isLoopback ? 'loopback' : 'ether')
const broadcast = (link: Link): string => (link.isLoopback ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff')

/** What `-d` calls a kind of link; NICs and loopback have no such line. */
const kinds: Partial<Record<Link['kind'], string>> = {
  veth: 'veth',
  dummy: 'dummy',
  tap: 'tun',
  internal: 'openvswitch',
  bridge: 'bridge',
  vlan: 'vlan',
}

/** Whether `ip link show type TYPE` means this link. */
export const isOfType = (link: Link, type: string): boolean =>
  kinds[link.kind] === type || (type === 'bridge_slave' && bridgePortOf(link) !== undefined)

/** `v0@v1`, `eth0.10@eth0`, or `v0@if5` where the other end is in another namespace. */
export const nameWithPeer = (link: Link): string => {
  const { linked } = link
  if (linked === undefined) return link.name
  return `${link.name}@${linked.owner === link.owner ? linked.name : `if${linked.index}`}`
}

/** Where the other end of a veth is: ` link-netns red`, or by number for a namespace without a name. */
const peerPlace = (kernel: Kernel, namespace: Namespace, link: Link): string => {
  const other = peerNamespace(kernel, namespace, link)
  if (other === undefined) return ''
  const id = netnsId(namespace, other)
  return other.name === '' ? ` link-netnsid ${id}` : ` link-netns ${other.name}`
}

/** The first line of a link, as `ip addr` and `ip link` share it; `ip link` shows the mode too. */
const firstLine = (link: Link, mode: boolean, six: boolean): string => {
  const master = link.master === undefined ? '' : `master ${link.master} `
  const queue = link.txQueueLength === 0 ? '' : `qlen ${link.txQueueLength}`
  const qdisc = six ? '' : `qdisc ${link.qdisc} `
  const group = six ? '' : `group ${link.group} `
  const start = `${link.index}: ${nameWithPeer(link)}: <${link.flags.join(',')}> mtu ${link.mtu} ${qdisc}`
  return `${start}${master}state ${link.operState} ${mode ? 'mode DEFAULT ' : ''}${group}${queue}`
}

/** How a link is shown: `addr` leaves the mode out, `hardware` is whether its MAC is wanted. */
export type LinkView = { addr: boolean; hardware: boolean }

/** A link as `ip link` and `ip addr` begin to show it, its statistics too; each line ends with `\n`. */
export const linkText = (call: IpCall, link: Link, view: LinkView): string => {
  const { options, namespace, process } = call
  const six = view.addr && options.family === 6
  const place = six ? '' : peerPlace(process.machine.kernel, namespace, link)
  let text = firstLine(link, !view.addr, six)
  if (view.hardware) text += `\n    link/${linkType(link)} ${formatMac(link.mac)} brd ${broadcast(link)}`
  text += place
  if (options.details && view.hardware) text += details(link)
  if (link.alias !== '') text += `\n    alias ${link.alias}`
  if (options.statistics > 0) text += statistics(link, options.statistics > 1)
  return `${text}\n`
}

const details = (link: Link): string => {
  const { promiscuity, smallestMtu } = link
  const queues = link.kind === 'veth' ? 2 : 1
  const most = link.isLoopback ? 0 : link.largestMtu === 0x7fffffff ? 0 : link.largestMtu
  return (
    ` promiscuity ${promiscuity}  allmulti ${allMulti(link)} minmtu ${smallestMtu} maxmtu ${most} ` +
    `${kindText(link)}addrgenmode eui64 numtxqueues ${queues} numrxqueues ${queues} gso_max_size 65536 gso_max_segs 65535 ` +
    `tso_max_size ${largestRun(link)} tso_max_segs 65535 gro_max_size 65536 `
  )
}

/** A bridge wants to hear every group at its ports. */
const allMulti = (link: Link): number => Number(link.allMulticast) + Number(bridgePortOf(link) !== undefined)

/** A bridge without ports leaves no run of segments to a device. */
const largestRun = (link: Link): number => (bridgeOf(link)?.ports.length === 0 ? 65536 : 524280)

const kindText = (link: Link): string => {
  const kind = kinds[link.kind]
  const now = link.owner.now()
  const bridge = bridgeOf(link)
  const port = bridgePortOf(link)
  let text = kind === undefined ? '' : `\n    ${kind} `
  if (kind === 'tun') text += 'type tap pi off vnet_hdr off persist on '
  if (kind === 'vlan') text += `protocol 802.1Q id ${link.vlanId} <REORDER_HDR> `
  if (bridge !== undefined) text += bridgeDetails(bridge, now)
  if (port !== undefined) text += `\n    bridge_slave ${portDetails(port.bridge, port.port, now)}`
  return text
}

const widths = [10, 7, 6, 7, 7, 7]

const statistics = (link: Link, more: boolean): string => {
  const { rx, tx } = link
  const received = [rx.bytes, rx.packets, rx.errors, rx.dropped, 0, rx.multicast]
  const sent = [tx.bytes, tx.packets, tx.errors, tx.dropped, 0, 0]
  const columns = widths.map((width, i) => Math.max(width, String(received[i]).length, String(sent[i]).length))
  const heading = (title: string, names: readonly string[]): string =>
    `\n    ${title}${names.map((name, i) => name.padStart((columns[i] as number) - (i === 0 ? title.length : 0))).join(' ')}`
  const row = (values: readonly number[]): string =>
    `\n    ${values.map((value, i) => `${String(value).padStart(columns[i] as number)} `).join('')}`
  const errorRow = (values: readonly number[]): string =>
    `\n    ${' '.repeat(columns[0] as number)} ${values.map((value, i) => `${String(value).padStart(columns[i + 1] as number)} `).join('')}`
  const tail = ' '.repeat(11)
  let text = heading('RX: ', ['bytes', 'packets', 'errors', 'dropped', 'missed', 'mcast']) + tail + row(received)
  if (more) {
    text += heading('RX errors:', ['', 'length', 'crc', 'frame', 'fifo', 'overrun'])
    text += errorRow([link.drops.get('rx_long') + link.drops.get('rx_short'), 0, 0, 0, 0])
  }
  text += heading('TX: ', ['bytes', 'packets', 'errors', 'dropped', 'carrier', 'collsns']) + tail + row(sent)
  if (more) {
    text += heading('TX errors:', ['', 'aborted', 'fifo', 'window', 'heartbt', 'transns'])
    text += errorRow([0, 0, 0, 0, 0])
  }
  return text
}

/** `lo               UNKNOWN        00:00:00:00:00:00 <LOOPBACK,UP,LOWER_UP> `, without what follows the state. */
export const briefStart = (link: Link): string => `${nameWithPeer(link).padEnd(16)} ${link.operState.padEnd(14)} `

/** A line of `ip -br link`. */
export const briefLink = (link: Link): string =>
  `${briefStart(link)}${formatMac(link.mac)} <${link.flags.join(',')}> \n`

/** The other end of a veth as JSON names it. */
const peerRecord = ({ linked, owner }: Link): Record<string, Json> =>
  linked === undefined ? {} : linked.owner === owner ? { link: linked.name } : { link_index: linked.index }

/** A link as `ip -j` and `ip -br -j` show it. */
export const linkRecord = (call: IpCall, link: Link, view: LinkView): Record<string, Json | undefined> => {
  const { options, namespace, process } = call
  const address = formatMac(link.mac)
  if (options.brief) {
    const start = { ...peerRecord(link), ifname: link.name, operstate: link.operState }
    return view.addr ? start : { ...start, address, flags: link.flags }
  }
  const six = view.addr && options.family === 6
  const other = peerNamespace(process.machine.kernel, namespace, link)
  return {
    ifindex: link.index,
    ...peerRecord(link),
    ifname: link.name,
    flags: link.flags,
    mtu: link.mtu,
    ...(six ? {} : { qdisc: link.qdisc }),
    ...(link.master === undefined ? {} : { master: link.master }),
    operstate: link.operState,
    ...(view.addr ? {} : { linkmode: 'DEFAULT' }),
    ...(six ? {} : { group: link.group }),
    ...(link.txQueueLength === 0 ? {} : { txqlen: link.txQueueLength }),
    ...(view.hardware ? { link_type: linkType(link), address, broadcast: broadcast(link) } : {}),
    ...(other === undefined || six ? {} : { link_netnsid: netnsId(namespace, other) }),
    ...(options.details && view.hardware ? detailsRecord(link) : {}),
    ...(link.alias === '' ? {} : { ifalias: link.alias }),
    ...(options.statistics > 0 ? { stats64: statisticsRecord(link, options.statistics > 1) } : {}),
  }
}

const linkInfo = (link: Link): Record<string, Json> => {
  const kind = kinds[link.kind]
  const now = link.owner.now()
  const bridge = bridgeOf(link)
  const port = bridgePortOf(link)
  const vlan = { protocol: '802.1Q', id: link.vlanId, flags: ['REORDER_HDR'] }
  const info = {
    ...(kind === undefined ? {} : { info_kind: kind }),
    ...(bridge === undefined ? {} : { info_data: bridgeRecord(bridge, now) }),
    ...(kind === 'vlan' ? { info_data: vlan } : {}),
    ...(port === undefined
      ? {}
      : { info_slave_kind: 'bridge', info_slave_data: portRecord(port.bridge, port.port, now) }),
  }
  return Object.keys(info).length === 0 ? {} : { linkinfo: info }
}

const detailsRecord = (link: Link): Record<string, Json> => {
  const queues = link.kind === 'veth' ? 2 : 1
  return {
    promiscuity: link.promiscuity,
    allmulti: allMulti(link),
    min_mtu: link.smallestMtu,
    max_mtu: link.largestMtu === 0x7fffffff ? 0 : link.largestMtu,
    ...linkInfo(link),
    inet6_addr_gen_mode: 'eui64',
    num_tx_queues: queues,
    num_rx_queues: queues,
    gso_max_size: 65536,
    gso_max_segs: 65535,
    tso_max_size: largestRun(link),
    tso_max_segs: 65535,
    gro_max_size: 65536,
  }
}

const statisticsRecord = ({ rx, tx, drops }: Link, more: boolean): Json => {
  const received = { bytes: rx.bytes, packets: rx.packets, errors: rx.errors, dropped: rx.dropped }
  const sent = { bytes: tx.bytes, packets: tx.packets, errors: tx.errors, dropped: tx.dropped }
  const length = drops.get('rx_long') + drops.get('rx_short')
  const moreReceived = { length_errors: length, crc_errors: 0, frame_errors: 0, fifo_errors: 0, missed_errors: 0 }
  const moreSent = { aborted_errors: 0, fifo_errors: 0, window_errors: 0, heartbeat_errors: 0 }
  return {
    rx: { ...received, over_errors: 0, multicast: rx.multicast, ...(more ? moreReceived : {}) },
    tx: {
      ...sent,
      carrier_errors: 0,
      collisions: 0,
      ...(more ? { ...moreSent, carrier_changes: 0 } : {}),
    },
  }
}
