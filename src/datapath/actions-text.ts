/**
 * Datapath actions as text, the way `ovs-appctl dpctl/dump-flows` and the `Datapath actions:` line of `ofproto/trace`
 * print them.
 */
import { type FlowKey, newKey, type TunnelRow, tunnelFlag, word } from '../flow/layout.ts'
import { formatOdpFlow } from '../flow/odp-flow-text.ts'
import type { OdpPart } from '../flow/odp-parts.ts'
import { formatIp, formatIp4, formatIp6, formatMac, isIp6 } from '../wire/address.ts'
import { EtherType } from '../wire/ethernet.ts'
import type { Action, SparseKey } from './action.ts'
import { formatNsh } from './nsh-text.ts'
import { formatSet } from './set-text.ts'
import { formatTracking } from './tracking-text.ts'
import { type TunnelHeader, tunnelHeaderSize } from './tunnel-header.ts'

/**
 * `key` is the flow's: it tells TCP ports from UDP ports, which share words. Without it, transport words are UDP's and
 * addresses IP's. No action at all is `drop`. `portName` names ports instead of numbering them (`--names`).
 */
export const formatActions = (actions: readonly Action[], key?: FlowKey, portName?: VportName): string =>
  actions.length === 0 ? 'drop' : actions.map(action => formatAction(action, key, portName)).join(',')

/** The name of a datapath's port by its number. */
export type VportName = (port: number) => string | undefined

const formatAction = (action: Action, key: FlowKey | undefined, portName: VportName | undefined): string => {
  switch (action.type) {
    case 'output':
      return portName?.(action.port) ?? `${action.port}`
    case 'set':
      return action.part === undefined ? formatSet(action.key, action.mask, key) : formatSaid(action, action.part)
    case 'tunnel':
      return `set(tunnel(${formatTunnel(action.row)}))`
    case 'push_vlan':
      return `push_vlan(${action.tpid === EtherType.vlan ? '' : `tpid=${hex(action.tpid)},`}${formatTci(action.tci)}${action.cfi === false ? ',cfi=0' : ''})`
    case 'pop_vlan':
      return 'pop_vlan'
    case 'push_mpls':
      return `push_mpls(${formatLabel(action.label)},eth_type=${hex(action.ethType)})`
    case 'pop_mpls':
      return `pop_mpls(eth_type=${hex(action.ethType)})`
    case 'userspace':
      return `userspace(pid=${action.pid ?? 0}${formatCookie(action.cookie)})`
    case 'trunc':
      return `trunc(${action.size})`
    case 'recirc':
      return `recirc(${hex(action.id)})`
    case 'clone':
      return `clone(${formatActions(action.actions, key, portName)})`
    case 'drop':
      return 'drop'
    case 'lb_output':
      return `lb_output(${action.bond})`
    case 'meter':
      return `meter(${action.meter})`
    case 'hash':
      return `hash(${action.algorithm}(${action.basis}))`
    case 'check_pkt_len': {
      const { size, greater, lessEqual } = action
      return `check_pkt_len(size=${size},gt(${formatActions(greater, key, portName)}),le(${formatActions(lessEqual, key, portName)}))`
    }
    case 'sample': {
      const percent = ((100 * action.probability) / 0xffffffff).toFixed(1)
      return `sample(sample=${percent}%,actions(${formatActions(action.actions, key, portName)}))`
    }
    case 'push_eth':
      return `push_eth(src=${formatMac(action.src)},dst=${formatMac(action.dst)})`
    case 'pop_eth':
      return 'pop_eth'
    case 'push_nsh':
      return `push_nsh(${formatNsh(action)})`
    case 'pop_nsh':
      return 'pop_nsh()'
    case 'add_mpls':
      return `add_mpls(${formatLabel(action.label)},eth_type=${hex(action.ethType)})`
    case 'tnl_push': {
      const [tunnel, out] = [action.tunnelPort, action.outPort].map(port => portName?.(port) ?? port)
      return `tnl_push(tnl_port(${tunnel}),header(${formatTunnelHeader(action.header)}),out_port(${out}))`
    }
    case 'tnl_pop':
      return `tnl_pop(${portName?.(action.port) ?? action.port})`
    case 'ct':
      return formatTracking(action)
    case 'ct_clear':
      return 'ct_clear'
  }
}

/** A `set` of a header that a text named. */
const formatSaid = ({ key, mask }: { key: SparseKey; mask: SparseKey }, part: OdpPart): string => {
  const [values, bits] = [newKey(), newKey()]
  for (const [place, value] of key) values[place] = value
  for (const [place, value] of mask) bits[place] = value
  // Labels are told with their masks unless all of all is written.
  const isWhole = part.name === 'mpls' && bits.subarray(word.mpls, word.mpls + (part.labels ?? 1)).every(isFull)
  return `set(${formatOdpFlow({ key: values, mask: bits, parts: [part] }, { masks: !isWhole, all: false })})`
}
const isFull = (bits: number): boolean => bits === 0xffffffff

const hex = (value: number | bigint): string => `0x${value.toString(16)}`
/** As C prints an alternate form: zero has no prefix. */
const hex0 = (value: number): string => (value === 0 ? '0' : hex(value))
/** What printf's %#x gives: zero without 0x. */
const alternateHex = (value: number | bigint): string => (value === 0 || value === 0n ? '0' : hex(value))

const formatTci = (tci: number): string => `vid=${tci & 0xfff},pcp=${(tci >>> 13) & 7}`

const formatLabel = (entry: number): string =>
  `label=${entry >>> 12},tc=${(entry >>> 9) & 7},ttl=${entry & 255},bos=${(entry >>> 8) & 1}`

/** The number that Open vSwitch's datapaths have for VXLAN. */
const vxlanType = 4

const formatTunnelHeader = (header: TunnelHeader): string => {
  const { src, dst, ipSrc, ipDst, tos, ttl, dontFragment, udpDst, csum, vxlanFlags, vni } = header
  const six = isIp6(ipDst)
  const ends = `src=${formatIp(ipSrc)},dst=${formatIp(ipDst)}`
  const ip = six
    ? `ipv6(${ends},label=0,proto=17,tclass=0x${tos.toString(16)},hlimit=${ttl})`
    : `ipv4(${ends},proto=17,tos=${hex0(tos)},ttl=${ttl},frag=${dontFragment ? '0x4000' : '0'})`
  return [
    `size=${tunnelHeaderSize(header)},type=${vxlanType}`,
    `eth(dst=${formatMac(dst)},src=${formatMac(src)},dl_type=${six ? '0x86dd' : '0x0800'})`,
    ip,
    `udp(src=0,dst=${udpDst},csum=0x${csum ? 'ffff' : '0'})`,
    `vxlan(flags=0x${vxlanFlags.toString(16)},vni=0x${vni.toString(16)})`,
  ].join(',')
}

/** Outer headers; addresses and ports that are 0 are left out. */
export const formatTunnel = (row: TunnelRow): string => {
  const at = (place: number): number => row[place - word.tunIdHigh]!
  const ip6 = (place: number): bigint => [0, 1, 2, 3].reduce((ip, i) => (ip << 32n) | BigInt(at(place + i)), 0n)
  const flags = at(word.tunFlags) >>> 16
  const parts: string[] = []
  const part = (value: number | bigint, text: string): void => {
    if (value !== 0 && value !== 0n) parts.push(text)
  }
  const id = (BigInt(at(word.tunIdHigh)) << 32n) | BigInt(at(word.tunIdLow))
  part(flags & tunnelFlag.key || id, `tun_id=${hex(id)}`)
  part(at(word.tunSrc), `src=${formatIp4(at(word.tunSrc))}`)
  part(at(word.tunDst), `dst=${formatIp4(at(word.tunDst))}`)
  part(ip6(word.tunIpv6Src), `ipv6_src=${formatIp6(ip6(word.tunIpv6Src))}`)
  part(ip6(word.tunIpv6Dst), `ipv6_dst=${formatIp6(ip6(word.tunIpv6Dst))}`)
  const tos = (at(word.tunFlags) >>> 8) & 255
  part(tos, `tos=${hex(tos)}`)
  parts.push(`ttl=${at(word.tunFlags) & 255}`)
  const ports = at(word.tunTransport)
  part(ports >>> 16, `tp_src=${ports >>> 16}`)
  part(ports & 0xffff, `tp_dst=${ports & 0xffff}`)
  const gbp = at(word.tunGbp)
  part(gbp, `vxlan(gbp(id=${gbp & 0xffff},flags=${hex0((gbp >>> 16) & 255)}))`)
  const names = [
    [tunnelFlag.oam, 'oam'],
    [tunnelFlag.dontFragment, 'df'],
    [tunnelFlag.csum, 'csum'],
    [tunnelFlag.key, 'key'],
  ] as const
  const set = names.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name)
  part(set.length, `flags(${set.join('|')})`)
  return parts.join(',')
}

/** What a `userspace` action for a controller carries, as far as it is printed. Reasons are OpenFlow's, by name. */
export type ControllerCookie = {
  type: 'controller'
  reason: string
  dontSend: boolean
  continuation: boolean
  recircId: number
  ruleCookie: bigint
  controllerId: number
  maxLength: number
}

/** What a `userspace` action carries where the switch handles the frames of a flow itself: `lldp`, `stp`, `action`. */
export type SlowPathCookie = { type: 'slow_path'; reason: string }

/** What a `userspace` action carries that a text told, as that told it. */
export type SaidCookie = { type: 'said'; text: string }

/** OFPR_*, by number. */
const reasons = [
  'no_match',
  'action',
  'invalid_ttl',
  'action_set',
  'group',
  'packet_out',
  'explicit_miss',
  'implicit_miss',
]

const formatCookie = (cookie: unknown): string => {
  if (isSaid(cookie)) return `,${cookie.text}`
  if (isSlowPath(cookie)) return `,slow_path(${cookie.reason})`
  if (!isController(cookie)) return ''
  const { reason, dontSend, continuation, recircId, ruleCookie, controllerId, maxLength } = cookie
  return `,controller(reason=${reasons.indexOf(reason)},dont_send=${Number(dontSend)},continuation=${Number(continuation)},recirc_id=${recircId},rule_cookie=${alternateHex(ruleCookie)},controller_id=${controllerId},max_len=${maxLength})`
}

const hasType = (cookie: unknown, type: string): boolean =>
  typeof cookie === 'object' && cookie !== null && 'type' in cookie && cookie.type === type
const isController = (cookie: unknown): cookie is ControllerCookie => hasType(cookie, 'controller')
const isSaid = (cookie: unknown): cookie is SaidCookie => hasType(cookie, 'said')
const isSlowPath = (cookie: unknown): cookie is SlowPathCookie => hasType(cookie, 'slow_path')
