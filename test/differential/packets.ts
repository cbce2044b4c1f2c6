import { type FieldName, field, fieldNames } from '../../src/flow/fields.ts'
import { below, type Random } from '../../src/runtime/random.ts'
import { samples } from '../../src/wire/samples.testing.ts'
import { actionList, type Category, type Place } from './actions.ts'
import { fulfils, isFramed, isIp, type Kind, kinds, textOf } from './kinds.ts'
import { options } from './match.ts'
import { bridgeNames, tunnelBridge } from './network.ts'
import { odpFlow } from './odp-packets.ts'
import { chance, drawn, pick, valueText } from './values.ts'

/**
 * The words of `ofproto/trace` after the bridge: a flow, and perhaps a packet's bytes and what a tracker will say; with actions,
 * of `ofproto/trace-packet-out`. `isOfDatapath`: the flow is a datapath's, which says the bridge by its port.
 */
export type Asked = { bridge: number; words: string[]; packetOut?: string | undefined; isOfDatapath?: boolean }

/** All words of the command but its name. */
export const wordsOf = ({ bridge, words, packetOut, isOfDatapath }: Asked): string[] => [
  ...(isOfDatapath ? [] : [bridgeNames[bridge] as string]),
  ...words,
  ...(packetOut === undefined ? [] : [packetOut]),
]

const packetKinds = kinds.filter(kind => kind !== 'any')

/** Kinds that are of interest to a category, beside all others. */
const liked: { readonly [C in Category]?: readonly Kind[] } = {
  mpls: ['mpls', 'mpls', 'mplsm'],
  nsh: ['nsh', 'nsh', 'mpls', 'bareIp', 'bareTcp', 'bareUdp6', 'bareMpls', 'bareNsh'],
  ct: ['tcp', 'udp', 'ip', 'tcp6', 'icmp'],
}
export const kindFor = (random: Random, category: Category, from: readonly Kind[]): Kind => {
  const own = liked[category]
  if (own !== undefined && chance(random, 0.6)) return pick(random, own)
  const kind = pick(random, from)
  return isFramed(kind) || chance(random, 0.2) ? kind : kindFor(random, category, from)
}

const inPort = (random: Random, bridge: number): string => {
  if (bridge === tunnelBridge && chance(random, 0.6)) return String(11 + below(random, 3))
  return pick(random, ['1', '2', '3', '4', '5', '6', '7', '10', '1', '2', 'LOCAL', chance(random, 0.3) ? '77' : '8'])
}

/** Metadata that a packet may have beside its headers. */
const metadata: readonly FieldName[] = [
  ...(['reg0', 'reg1', 'metadata', 'pkt_mark', 'xreg1', 'tun_id', 'skb_priority'] as const),
  ...(['reg5', 'reg15', 'xxreg2'] as const),
]
const tunnelFields: readonly FieldName[] = [
  'tun_id',
  'tun_src',
  'tun_dst',
  'tun_tos',
  'tun_ttl',
  'tun_gbp_id',
  'tun_gbp_flags',
  'tun_flags',
  ...options,
]
const ofConnection: readonly FieldName[] = ['ct_state', 'ct_zone', 'ct_mark', 'ct_label']

export const randomPacket = (random: Random, category: Category): Asked => {
  const bridge = chance(random, 0.15) ? 1 : category === 'tunnels' ? tunnelBridge : 0
  if (category !== 'nsh' && chance(random, 0.06))
    return { bridge, words: [`in_port=${inPort(random, bridge)}`, randomBytes(random)] }
  const kind = kindFor(random, category, packetKinds)
  const port = inPort(random, bridge)
  const parts = [`in_port=${port}`, ...flowOf(random, kind)]
  const put = (names: readonly FieldName[], probability: number): void => {
    for (const name of names)
      if (chance(random, probability)) parts.push(`${name}=${valueText(name, drawn(random, name))}`)
  }
  put(metadata, 0.06)
  if (bridge === tunnelBridge && Number(port) > 10) {
    parts.push(`tun_src=${pick(random, outer)}`, `tun_dst=${pick(random, outer)}`)
    put(
      tunnelFields.filter(name => name !== 'tun_src' && name !== 'tun_dst'),
      0.35,
    )
  } else if (category === 'tunnels') put(tunnelFields, 0.08)
  if (isIp(kind)) put(ofConnection, category === 'ct' ? 0.2 : 0.02)
  const words = [parts.join(',')]
  if (category === 'learn' ? chance(random, 0.6) : category === 'normal' && chance(random, 0.3)) words.push('-generate')
  for (let i = category === 'ct' ? below(random, 4) : 0; i > 1; i--)
    words.push(
      '--ct-next',
      pick(random, ['trk,est', 'trk,new', 'trk,inv', 'trk,est,rpl', 'trk,rel,new', 'trk,new,snat', 'trk,est,dnat', '']),
    )
  if (chance(random, 0.08)) {
    const generates = chance(random, 0.2) ? ['-generate'] : []
    return { bridge, words: [odpFlow(random, kind, bridge), ...generates], isOfDatapath: true }
  }
  const own: Place = { random, match: { parts: [], kind, tagged: false }, table: 0, bridge, version: 6, depth: 0 }
  const packetOut = chance(random, 0.06) ? actionList(own, category, 1 + below(random, 3)) : undefined
  return { bridge, words, packetOut }
}

const outer = ['1.1.1.1', '2.2.2.2', '3.3.3.3', '9.9.9.9'] as const

const flowOf = (random: Random, kind: Kind): string[] => {
  const parts: string[] = []
  if (isFramed(kind) && chance(random, 0.25))
    parts.push(
      pick(random, [
        'dl_vlan=5',
        'dl_vlan=5,dl_vlan_pcp=3',
        'dl_vlan=7',
        'vlan_tci=0x1000',
        'dl_vlan=9',
        'vlan_tci=0xf007',
      ]),
    )
  parts.push(
    kind === 'other'
      ? `dl_type=${pick(random, ['0x1234', '0x88cc', '0x05ff', '0x8100', '0x88a8'])}`
      : frameText(random, kind),
  )
  const put = (...names: FieldName[]): void => {
    for (const name of names) parts.push(`${name}=${valueText(name, drawn(random, name))}`)
  }
  if (isFramed(kind)) put('eth_src', 'eth_dst')
  const fragment = isIp(kind) && chance(random, 0.12) ? pick(random, ['first', 'later'] as const) : 'no'
  for (const name of fieldNames) {
    const { needs } = field(name)
    if (needs === undefined || needs === 'ethernet' || needs === 'vlan' || needs === 'ct' || !fulfils(kind, needs))
      continue
    if (aliases.has(name) || (fragment === 'later' && transport.has(needs))) continue
    if (chance(random, 0.9)) put(name)
  }
  if (fragment !== 'no') parts.push(`nw_frag=${fragment}`)
  return parts
}

const transport: ReadonlySet<string> = new Set([
  'tcp',
  'udp',
  'sctp',
  'icmp',
  'icmpv6',
  'nd',
  'nd solicit',
  'nd advert',
])
/** Names of what others say, and what the kind says already. */
const aliases: ReadonlySet<FieldName> = new Set([
  'ip_dscp',
  'nw_proto',
  'ip_frag',
  'icmpv6_type',
  'icmpv6_code',
  'ct_nw_proto',
  'nsh_mdtype',
  'nsh_np',
])

const frameText = (random: Random, kind: Kind): string => {
  switch (kind) {
    case 'ip':
      return `ip,nw_proto=${pick(random, [0, 4, 47, 132, 136])}`
    case 'ipv6':
      return `ipv6,nw_proto=${pick(random, [0, 4, 47, 59])}`
    case 'igmp':
      return 'ip,nw_proto=2'
    case 'icmp6':
      return `icmp6,icmpv6_type=${pick(random, [128, 129, 1, 130])},icmpv6_code=${pick(random, [0, 0, 1])}`
    case 'solicit':
      return 'icmp6,icmpv6_type=135,icmpv6_code=0'
    case 'advert':
      return 'icmp6,icmpv6_type=136,icmpv6_code=0'
    case 'nsh':
      return `dl_type=0x894f,nsh_mdtype=${pick(random, [1, 1, 2])},nsh_np=${1 + below(random, 4)}`
    case 'bareNsh':
      return `${textOf(kind)},nsh_mdtype=${pick(random, [1, 1, 2])},nsh_np=${1 + below(random, 4)}`
    case 'bareIp':
      return `${textOf(kind)},nw_proto=${pick(random, [0, 4, 47, 132])}`
    default:
      return isFramed(kind) ? kind : textOf(kind)
  }
}

const frames = samples().map(({ frame }) => frame.content().slice())

/** A whole frame with other tags and a few bytes changed. */
const randomBytes = (random: Random): string => {
  const bytes = [...pick(random, frames)]
  for (let tags = below(random, 3); tags > 0; tags--)
    bytes.splice(
      12,
      0,
      ...pick(random, [
        [0x81, 0],
        [0x88, 0xa8],
      ]),
      ...pick(random, [
        [0, 5],
        [0x60, 7],
        [0, 0],
      ]),
    )
  for (let times = below(random, 3); times > 0; times--) bytes[below(random, bytes.length)] = below(random, 256)
  const length = chance(random, 0.1) ? Math.max(14, below(random, bytes.length)) : bytes.length
  return Buffer.from(bytes.slice(0, length)).toString('hex')
}
