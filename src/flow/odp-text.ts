import { formatIp4, formatIp6, formatMac } from '../wire/address.ts'
import { hex } from './field-text.ts'
import { type FieldName, fullMask, readField } from './fields.ts'
import { ctStates, formatFlags, tcpFlags } from './flags.ts'
import { fragment, word } from './layout.ts'
import type { Match } from './match.ts'

export type OdpOptions = {
  /** What is not looked at too, with its empty mask (`dpctl/dump-flows -m`). */
  all?: boolean
  /** Datapath ports by name instead of number (`--names`, and `-m`). */
  portName?: (port: number) => string | undefined
  /** The packet's type as the mask says; else it is looked at in full, as it is in all flows that a switch makes. */
  maskedType?: boolean
  /** All of the key, without masks. */
  exact?: boolean
}

/** Bits of the tunnel's flags that a datapath shows, by their names there; `tunnelFlag` numbers them. */
const tunnelNames = ['oam', 'df', 'csum', 'key']

/**
 * A megaflow's key and mask as `ovs-appctl dpctl/dump-flows` prints them:
 * `recirc_id(0),in_port(1),packet_type(ns=0,id=0),eth_type(0x0800),ipv4(frag=no)`. Values are the key's own, bits
 * outside the mask too.
 */
export const formatOdpKey = (match: Match, options: OdpOptions = {}): string => {
  const out = outer(match, options)
  const { key } = match
  const ethernet = part('eth', match, options, [
    ['src', 'eth_src', mac],
    ['dst', 'eth_dst', mac],
  ])
  // That there is Ethernet is told by it where the packet's type is not told.
  const isTold = options.all || typeMask(match, options) !== 0
  if (key[word.packetType] === 0 && (ethernet !== '' || !isTold)) out.push(ethernet === '' ? 'eth()' : ethernet)
  const tags = [word.vlan1, word.vlan].filter(at => (key[at]! & 0x1000) !== 0)
  let inner = network(match, options).join(',')
  for (const at of tags)
    inner = `eth_type(${hex4(key[at]! >>> 16)}),${vlan(key[at]! & 0xffff, match.mask[at]! & 0xffff, options.all === true)},encap(${inner})`
  return [...out, inner].join(',')
}

/** What came with the packet. */
const outer = (match: Match, options: OdpOptions): string[] => {
  const { key, mask } = match
  const out: string[] = []
  const plain = (label: string, name: FieldName): void => {
    const text = masked(match, name, hex, options)
    if (text !== undefined) out.push(`${label}(${text})`)
  }
  plain('skb_priority', 'skb_priority')
  const tunnel = tunnelPart(match, options)
  if (tunnel !== '') out.push(tunnel)
  plain('skb_mark', 'pkt_mark')
  const state = readField(mask, 'ct_state')
  if (options.exact) out.push(`ct_state(${formatFlags(readField(key, 'ct_state'), 0xffn, ctStates)})`)
  else if (options.all) out.push(`ct_state(${hex(readField(key, 'ct_state'))}/${hex(state)})`)
  else if (state !== 0n) out.push(`ct_state(${formatFlags(readField(key, 'ct_state'), state, ctStates, true)})`)
  plain('ct_zone', 'ct_zone')
  plain('ct_mark', 'ct_mark')
  plain('ct_label', 'ct_label')
  for (const tuple of tuples(match)) out.push(tuple)
  out.push(`recirc_id(${hex(key[word.recircId]!)})`)
  plain('dp_hash', 'dp_hash')
  const port = key[word.inPort]!
  out.push(`in_port(${options.portName?.(port) ?? port})`)
  const [type, bits] = [key[word.packetType]!, typeMask(match, options)]
  const under = (part: number): string => (part === 0xffff ? '' : `/${hex(part)}`)
  if (bits !== 0 || options.all) {
    const text = `ns=${type >>> 16}${under(bits >>> 16)},id=${hex(type & 0xffff)}${under(bits & 0xffff)}`
    out.push(`packet_type(${text})`)
  }
  return out
}

const typeMask = ({ mask }: Match, { maskedType = false }: OdpOptions): number =>
  maskedType ? mask[word.packetType]! : 0xffffffff

type Format = (value: bigint) => string
const hex4 = (value: number): string => `0x${value.toString(16).padStart(4, '0')}`
const decimal: Format = value => value.toString()
const ip4: Format = value => formatIp4(Number(value))
const mac: Format = value => formatMac(Number(value))

/** `value`, or `value/mask` where the mask is not full; nothing if the mask is empty and not all is wanted. */
const masked = (match: Match, name: FieldName, format: Format, options: OdpOptions): string | undefined => {
  const mask = readField(match.mask, name)
  if (mask === 0n && !options.all) return undefined
  const value = format(readField(match.key, name))
  if (mask === fullMask(name)) return value
  return `${value}/${format === decimal ? hex(mask) : format(mask)}`
}

type Item = readonly [label: string, name: FieldName, format: Format]

const items = (match: Match, options: OdpOptions, list: readonly Item[]): string[] =>
  list.flatMap(([label, name, format]) => {
    const text = masked(match, name, format, options)
    return text === undefined ? [] : [`${label}=${text}`]
  })

const part = (label: string, match: Match, options: OdpOptions, list: readonly Item[]): string => {
  const texts = items(match, options, list)
  return texts.length === 0 ? '' : `${label}(${texts.join(',')})`
}

const tunnelPart = (match: Match, options: OdpOptions): string => {
  const { key, mask } = match
  const there = key[word.tunDst] !== 0 || readField(key, 'tun_ipv6_dst') !== 0n
  if (!there) return ''
  const six = key[word.tunDst] === 0
  const texts = items(match, options, [
    ['tun_id', 'tun_id', hexId],
    ...(six
      ? ([
          ['ipv6_src', 'tun_ipv6_src', formatIp6],
          ['ipv6_dst', 'tun_ipv6_dst', formatIp6],
        ] as const)
      : ([
          ['src', 'tun_src', ip4],
          ['dst', 'tun_dst', ip4],
        ] as const)),
    ['tos', 'tun_tos', hex],
    ['ttl', 'tun_ttl', decimal],
  ])
  for (const [label, shift] of [
    ['tp_src', 16],
    ['tp_dst', 0],
  ] as const) {
    const bits = (mask[word.tunTransport]! >>> shift) & 0xffff
    const port = (key[word.tunTransport]! >>> shift) & 0xffff
    if (bits !== 0) texts.push(bits === 0xffff ? `${label}=${port}` : `${label}=${port}/${hex(bits)}`)
  }
  const gbp = items(match, { ...options, all: false }, [
    ['id', 'tun_gbp_id', decimal],
    ['flags', 'tun_gbp_flags', hex],
  ])
  if (gbp.length > 0) texts.push(`vxlan(gbp(${gbp.join(',')}))`)
  const flags = mask[word.tunFlags]! >>> 16
  if (flags !== 0)
    texts.push(`flags(${formatFlags(BigInt(key[word.tunFlags]! >>> 16), BigInt(flags), tunnelNames, flags !== 0xf)})`)
  return texts.length === 0 ? '' : `tunnel(${texts.join(',')})`
}

const hexId: Format = value => `0x${value.toString(16)}`

const tuples = (match: Match): string[] => {
  if (match.key[word.ctProto] === 0) return []
  const ports: Item[] = [
    ['proto', 'ct_nw_proto', decimal],
    ['tp_src', 'ct_tp_src', decimal],
    ['tp_dst', 'ct_tp_dst', decimal],
  ]
  const four = part('ct_tuple4', match, {}, [['src', 'ct_nw_src', ip4], ['dst', 'ct_nw_dst', ip4], ...ports])
  const six = part('ct_tuple6', match, {}, [
    ['src', 'ct_ipv6_src', formatIp6],
    ['dst', 'ct_ipv6_dst', formatIp6],
    ...ports,
  ])
  const is6 = readField(match.mask, 'ct_ipv6_src') !== 0n || readField(match.mask, 'ct_ipv6_dst') !== 0n
  return [is6 ? six : four].filter(text => text !== '')
}

const vlan = (tci: number, mask: number, all: boolean): string => {
  const under = (value: number, bits: number, full: number): string =>
    bits === full ? `${value}` : `${value}/0x${bits.toString(16)}`
  const parts = [
    ['vid', tci & 0xfff, mask & 0xfff, 0xfff],
    ['pcp', tci >>> 13, mask >>> 13, 7],
  ] as const
  const told = parts.filter(([, value, bits]) => all || value !== 0 || bits !== 0)
  return `vlan(${told.map(([label, value, bits, full]) => `${label}=${under(value, bits, full)}`).join(',')})`
}

/** From the EtherType on. */
const network = (match: Match, options: OdpOptions): string[] => {
  const { key, mask } = match
  const type = key[word.ethType]! >>> 16
  const add = (label: string, list: readonly Item[], more: string[] = []): void => {
    const texts = [...items(match, options, list), ...more]
    if (texts.length > 0) out.push(`${label}(${texts.join(',')})`)
  }
  // A frame of 802.3 without an EtherType: a type of zero under a full mask says that.
  const out = [type === 0x5ff ? 'eth_type(0/0xffff)' : `eth_type(${hex4(type)})`]
  if (type === 0x0806 || type === 0x8035) {
    add('arp', [
      ['sip', 'arp_spa', ip4],
      ['tip', 'arp_tpa', ip4],
      ['op', 'arp_op', decimal],
      ['sha', 'arp_sha', mac],
      ['tha', 'arp_tha', mac],
    ])
  } else if (type === 0x8847 || type === 0x8848) {
    const [lse, bits] = [key[word.mpls]!, mask[word.mpls]!]
    if (options.exact)
      out.push(`mpls(label=${lse >>> 12},tc=${(lse >>> 9) & 7},ttl=${lse & 255},bos=${(lse >>> 8) & 1})`)
    else if (bits !== 0 || options.all)
      out.push(
        `mpls(label=${lse >>> 12}/0x${(bits >>> 12).toString(16)},tc=${(lse >>> 9) & 7}/${(bits >>> 9) & 7},` +
          `ttl=${lse & 255}/0x${(bits & 255).toString(16)},bos=${(lse >>> 8) & 1}/${(bits >>> 8) & 1})`,
      )
  } else if (type === 0x894f) {
    add('nsh', [
      ['flags', 'nsh_flags', decimal],
      ['ttl', 'nsh_ttl', decimal],
      ['mdtype', 'nsh_mdtype', decimal],
      ['np', 'nsh_np', decimal],
      ['spi', 'nsh_spi', hexId],
      ['si', 'nsh_si', decimal],
      ...([1, 2, 3, 4] as const).map((i): Item => [`c${i}`, `nsh_c${i}`, hexId]),
    ])
  } else if (type === 0x0800) {
    add(
      'ipv4',
      [
        ['src', 'ip_src', ip4],
        ['dst', 'ip_dst', ip4],
        ['proto', 'nw_proto', decimal],
      ],
      [...tosAndTtl(match, options, 'tos', 'ttl'), ...frag(match, options)],
    )
    transport(match, options, add)
  } else if (type === 0x86dd) {
    add(
      'ipv6',
      [
        ['src', 'ipv6_src', formatIp6],
        ['dst', 'ipv6_dst', formatIp6],
        ['label', 'ipv6_label', hex],
        ['proto', 'nw_proto', decimal],
      ],
      [...tosAndTtl(match, options, 'tclass', 'hlimit'), ...frag(match, options)],
    )
    transport(match, options, add)
  }
  return out
}

/** The whole byte of the type of service, which the field table has in two. */
const tosAndTtl = ({ key, mask }: Match, options: OdpOptions, tos: string, ttl: string): string[] => {
  const one = (label: string, shift: number, text: (value: number) => string): string[] => {
    const bits = (mask[word.ip]! >>> shift) & 255
    const value = text((key[word.ip]! >>> shift) & 255)
    if (bits === 0 && !options.all) return []
    return [bits === 255 ? `${label}=${value}` : `${label}=${value}/${hex(bits)}`]
  }
  return [...one(tos, 16, hex), ...one(ttl, 8, String)]
}

const frag = ({ key, mask }: Match, options: OdpOptions): string[] => {
  if (mask[word.ip]! >>> 24 === 0 && !options.all) return []
  const bits = key[word.ip]! >>> 24
  return [`frag=${bits & fragment.later ? 'later' : bits & fragment.any ? 'first' : 'no'}`]
}

const transport = (
  match: Match,
  options: OdpOptions,
  add: (label: string, list: readonly Item[], more?: string[]) => void,
): void => {
  const { key } = match
  if ((key[word.ip]! >>> 24) & fragment.later) return
  const proto = key[word.ip]! & 255
  const ports: Item[] = [
    ['src', 'tcp_src', decimal],
    ['dst', 'tcp_dst', decimal],
  ]
  const icmp: Item[] = [
    ['type', 'icmp_type', decimal],
    ['code', 'icmp_code', decimal],
  ]
  const six = key[word.ethType]! >>> 16 === 0x86dd
  if (proto === 6) {
    add('tcp', ports)
    const bits = readField(match.mask, 'tcp_flags')
    const flags = readField(key, 'tcp_flags')
    if (bits !== 0n) add('tcp_flags', [], [formatFlags(flags, bits, tcpFlags)])
    else if (options.all) add('tcp_flags', [], [`${hex(flags)}/0`])
  } else if (proto === 17) add('udp', ports)
  else if (proto === 132) add('sctp', ports)
  else if (proto === 1 && !six) add('icmp', icmp)
  else if (proto === 58 && six) {
    add('icmpv6', icmp)
    const type = key[word.transport]! >>> 16
    if (type === 135 || type === 136)
      add('nd', [
        ['target', 'nd_target', formatIp6],
        ['sll', 'nd_sll', mac],
        ['tll', 'nd_tll', mac],
      ])
  }
}
