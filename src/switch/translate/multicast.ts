/** Where NORMAL sends multicast on a bridge that listens to IGMP and MLD (RFC 4541). */
import { type FlowKey, word } from '../../flow/layout.ts'
import { OfPort } from '../../openflow/action.ts'
import { EtherType } from '../../wire/ethernet.ts'
import { Icmp6Type } from '../../wire/icmp6.ts'
import { IgmpType } from '../../wire/igmp.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { isMldType } from '../../wire/mld.ts'
import type { BridgePort } from '../port.ts'
import type { Group } from '../snooping/group.ts'
import { hear, isNews } from '../snooping/hearing.ts'
import type { GroupTable } from '../snooping/table.ts'
import type { BridgeView } from '../view.ts'
import type { Tags } from '../vlan.ts'
import { type Context, portOf, record } from './context.ts'
import type { Detail } from './recorder.ts'
import type { Effect } from './translation.ts'

/** The frame where it is: the port that it came in on, and its VLAN. */
export type Arrived = { from: Pick<BridgePort, 'name' | 'ofport'>; vlan: number; tags: Tags }

/** How NORMAL sends. */
export type Sending = { send(port: BridgePort): void; flood(): void }

/** Whether the bridge listens, and the frame is IP multicast; then `forwardMulticast` says where it goes. */
export const isSnooped = ({ bridge, flow }: Context): boolean => {
  if (bridge.snooping === undefined) return false
  const type = flow[word.ethType]! >>> 16
  if (type !== EtherType.ipv4 && type !== EtherType.ipv6) return false
  const isGroup = (flow[word.ethernet]! & 0x01000000) !== 0
  return isGroup && !(flow[word.ethernet] === 0xffffffff && flow[word.ethernet1]! >>> 16 === 0xffff)
}

export const forwardMulticast = (context: Context, snooping: Snoops, arrived: Arrived, how: Sending): void => {
  const now = stateNow(context, snooping)
  // All ports are chosen before the frame goes out of the first: what it does there may change the table.
  const ports: BridgePort[] = []
  choose(context, now, arrived, { send: port => ports.push(port), flood: how.flood })
  for (const port of ports) how.send(port)
}

/** The groups as the frame finds them here: with what it has said of them itself, where it has been here before. */
const stateNow = ({ effects, bridge }: Context, snooping: Snoops): Now => {
  const said = effects.filter(
    (effect): effect is HeardEffect => effect.type === 'heard' && effect.bridge === bridge && effect.changes.length > 0,
  )
  return said.length === 0 ? { table: snooping.table, isChanged: false } : snooping.after(said)
}

type Now = { table: GroupTable; isChanged: boolean }

type Snoops = NonNullable<BridgeView['snooping']>
type HeardEffect = Extract<Effect, { type: 'heard' }>

const choose = (context: Context, now: Now, arrived: Arrived, how: Sending): void => {
  const { flow, mask } = context
  const { table } = now
  mask[word.ip] = mask[word.ip]! | 0xff
  const message = kindOf(flow, mask)
  if (message !== undefined) {
    context.slow.add('action')
    context.eachFrame ??= 'action'
    if (message !== 'other') listen(context, now, arrived)
    if (message === 'report') {
      toRouters(context, table, arrived, how)
      toReportPorts(context, arrived, how)
      return
    }
    detail(context, { what: 'multicast', how: isSix(flow) ? 'mld_flood' : 'igmp_flood' })
    how.flood()
    return
  }
  const group = groupOf(flow, mask)
  if (isLocal(group)) {
    detail(context, { what: 'multicast', how: 'local_flood' })
    how.flood()
    return
  }
  const members = table.members(arrived.vlan, group)
  if (members !== undefined) {
    for (const port of [...members]) sendTo(context, port, arrived, how, 'group')
    toFloodPorts(context, arrived, how)
    toRouters(context, table, arrived, how)
  } else if (table.floodsUnregistered) {
    detail(context, { what: 'multicast', how: 'unregistered_flood' })
    how.flood()
  } else {
    toRouters(context, table, arrived, how)
    toFloodPorts(context, arrived, how)
  }
}

const isSix = (flow: FlowKey): boolean => flow[word.ethType]! >>> 16 === EtherType.ipv6

/** What kind of message of IGMP or MLD a frame is, if one: leaving is a report too. */
const kindOf = (flow: FlowKey, mask: FlowKey): 'report' | 'query' | 'other' | undefined => {
  const protocol = flow[word.ip]! & 0xff
  const type = flow[word.transport]! >>> 16
  if (!isSix(flow)) {
    if (protocol !== IpProtocol.igmp) return undefined
    if (type === IgmpType.query) return 'query'
    return igmpReports.has(type) ? 'report' : 'other'
  }
  if (protocol !== IpProtocol.icmp6) return undefined
  mask[word.transport] = mask[word.transport]! | 0xffff0000
  if (!isMldType(type)) return undefined
  return type === Icmp6Type.mldQuery ? 'query' : 'report'
}

const igmpReports: ReadonlySet<number> = new Set([IgmpType.report1, IgmpType.report2, IgmpType.report3, IgmpType.leave])

const groupOf = (flow: FlowKey, mask: FlowKey): Group => {
  if (!isSix(flow)) {
    mask[word.ipv4Dst] = 0xffffffff
    return flow[word.ipv4Dst]!
  }
  let group = 0n
  for (let at: number = word.ipv6Dst; at < word.ipv6Dst + 4; at++) {
    mask[at] = 0xffffffff
    group = (group << 32n) | BigInt(flow[at]!)
  }
  return group
}

/** 224.0.0.X reaches everybody, and so does ff02::1 (RFC 4541 §2.1.2 and §3). */
const isLocal = (group: Group): boolean => (typeof group === 'number' ? group >>> 8 === 0xe00000 : group === allNodes)

/** ff02::1. */
const allNodes = (0xff02n << 112n) | 1n

const detail = (context: Context, what: Detail): void => record(context, { kind: 'detail', detail: what })

/** What the message says; a translation without a frame does not see it. */
const listen = (context: Context, { table, isChanged }: Now, { from, vlan }: Arrived): void => {
  // What the switch or a controller sends says nothing of a port.
  if (from.ofport === OfPort.none) return
  const heard = context.learning && context.frame !== undefined ? hear(context.frame) : undefined
  if (heard === undefined) return
  const where = { port: from.name, vlan }
  if (!heard.isRight) {
    detail(context, { what: 'heard', said: { kind: 'bad_checksum', protocol: heard.protocol }, ...where })
    return
  }
  const { changes, protocol, isList } = heard
  const news = changes.filter(change => isNews(table, change, vlan, from.ofport, isChanged))
  const [first] = news
  if (first !== undefined) {
    if (first.do === 'router')
      detail(context, { what: 'heard', said: { kind: 'query', source: first.source }, ...where })
    else if (protocol === 'MLD' || isList)
      detail(context, { what: 'heard', said: { kind: 'counted', count: news.length }, ...where })
    else detail(context, { what: 'heard', said: { kind: first.do, group: first.group }, ...where })
  }
  context.effects.push({ type: 'heard', bridge: context.bridge, changes, vlan, port: from.ofport })
}

type PortKind = 'group' | 'router' | 'flood' | 'report'

const sendTo = (context: Context, ofport: number, { from }: Arrived, how: Sending, kind: PortKind): void => {
  const port = portOf(context, ofport)
  const isFit = port !== undefined && port !== from
  detail(context, {
    what: 'multicast_port',
    kind,
    how: isFit ? 'forwarding' : port === undefined ? 'unknown' : 'input',
  })
  if (isFit) how.send(port)
}

const toRouters = (context: Context, table: GroupTable, arrived: Arrived, how: Sending): void => {
  for (const { vlan, port } of [...table.routers()]) {
    if (vlan !== arrived.vlan && portOf(context, port) !== undefined)
      detail(context, { what: 'multicast_port', kind: 'router', how: 'other_vlan' })
    else sendTo(context, port, arrived, how, 'router')
  }
}

const toFloodPorts = (context: Context, arrived: Arrived, how: Sending): void => {
  for (const { ofport, snooping } of context.bridge.ports.values())
    if (snooping.flood === true) sendTo(context, ofport, arrived, how, 'flood')
}

const toReportPorts = (context: Context, arrived: Arrived, how: Sending): void => {
  for (const { ofport, snooping } of context.bridge.ports.values())
    if (snooping.floodReports === true) sendTo(context, ofport, arrived, how, 'report')
}
