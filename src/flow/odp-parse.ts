import { parseIp4, parseIp6, parseMac } from '../wire/address.ts'
import { type FieldName, fullMask, writeField } from './fields.ts'
import { ctStates, type FlagNames, parseFlags, parseNumber, tcpFlags } from './flags.ts'
import { type FlowKey, fragment, newKey, tunnelFlag, word } from './layout.ts'

/** The number of a datapath's port by its name. */
export type PortNumberOf = (name: string) => number | undefined

/** `wrong`: the text from the part on that cannot be read. */
export type OdpRead = { ok: true; key: FlowKey } | { ok: false; wrong: string }

/**
 * The key in a datapath's notation, as `dpctl/dump-flows` prints it and `ofproto/trace` reads it:
 * `in_port(1),eth(src=…,dst=…),eth_type(0x0800),ipv4(…)`. Masks are allowed and not looked at. Without a type the frame is an
 * 802.2 one; with a type, but neither `eth` nor `packet_type`, it is a packet without Ethernet. Without a port,
 * `word.inPort` has all its bits.
 */
export const parseOdpKey = (text: string, portNumber?: PortNumberOf): OdpRead => {
  const key = newKey()
  key[word.inPort] = 0xffffffff
  key[word.ethType] = 0x05ff << 16
  const read = readParts(text, key, portNumber)
  if ('wrong' in read) return { ok: false, wrong: read.wrong }
  const { names } = read
  if (names.has('eth_type') && !names.has('eth') && !names.has('packet_type') && !names.has('vlan'))
    key[word.packetType] = (1 << 16) | (key[word.ethType]! >>> 16)
  return { ok: true, key }
}

type Parse = (text: string) => bigint | undefined
type Item = readonly [field: FieldName, parse: Parse]

const number: Parse = text => parseNumber(text)
/** A frame without a type has 0 for it here. */
const etherType: Parse = text => parseNumber(text) || (text === '0' ? 0x05ffn : undefined)
const big = (parse: (text: string) => number | bigint | undefined): Parse => {
  return text => {
    const value = parse(text)
    return value === undefined ? undefined : BigInt(value)
  }
}
const mac = big(parseMac)
const ip4 = big(parseIp4)
const ip6 = big(parseIp6)
const frag: Parse = text =>
  ({ no: 0n, first: BigInt(fragment.any), later: BigInt(fragment.any | fragment.later) })[text]
const flagsOf =
  (names: FlagNames): Parse =>
  text => {
    const parsed = parseFlags(text, names, '')
    return 'wrong' in parsed ? undefined : parsed.value
  }

/** Parts of one value. */
const plain: Readonly<Record<string, Item | undefined>> = {
  skb_priority: ['skb_priority', number],
  skb_mark: ['pkt_mark', number],
  recirc_id: ['recirc_id', number],
  dp_hash: ['dp_hash', number],
  eth_type: ['eth_type', etherType],
  tcp_flags: ['tcp_flags', flagsOf(tcpFlags)],
  ct_state: ['ct_state', flagsOf(ctStates)],
  ct_zone: ['ct_zone', number],
  ct_mark: ['ct_mark', number],
  ct_label: ['ct_label', number],
}

const packetType: Readonly<Record<string, number>> = { ns: 16, id: 0 }

/** Parts of several values. */
const groups: Readonly<Record<string, Readonly<Record<string, Item>> | undefined>> = {
  eth: { src: ['eth_src', mac], dst: ['eth_dst', mac] },
  ipv4: {
    src: ['ip_src', ip4],
    dst: ['ip_dst', ip4],
    proto: ['nw_proto', number],
    ttl: ['nw_ttl', number],
    frag: ['ip_frag', frag],
  },
  ipv6: {
    src: ['ipv6_src', ip6],
    dst: ['ipv6_dst', ip6],
    label: ['ipv6_label', number],
    proto: ['nw_proto', number],
    hlimit: ['nw_ttl', number],
    frag: ['ip_frag', frag],
  },
  arp: {
    sip: ['arp_spa', ip4],
    tip: ['arp_tpa', ip4],
    op: ['arp_op', number],
    sha: ['arp_sha', mac],
    tha: ['arp_tha', mac],
  },
  tcp: { src: ['tcp_src', number], dst: ['tcp_dst', number] },
  udp: { src: ['udp_src', number], dst: ['udp_dst', number] },
  sctp: { src: ['sctp_src', number], dst: ['sctp_dst', number] },
  icmp: { type: ['icmp_type', number], code: ['icmp_code', number] },
  icmpv6: { type: ['icmpv6_type', number], code: ['icmpv6_code', number] },
  nd: { target: ['nd_target', ip6], sll: ['nd_sll', mac], tll: ['nd_tll', mac] },
  ct_tuple4: {
    src: ['ct_nw_src', ip4],
    dst: ['ct_nw_dst', ip4],
    proto: ['ct_nw_proto', number],
    tp_src: ['ct_tp_src', number],
    tp_dst: ['ct_tp_dst', number],
  },
  ct_tuple6: {
    src: ['ct_ipv6_src', ip6],
    dst: ['ct_ipv6_dst', ip6],
    proto: ['ct_nw_proto', number],
    tp_src: ['ct_tp_src', number],
    tp_dst: ['ct_tp_dst', number],
  },
  tunnel: {
    tun_id: ['tun_id', number],
    src: ['tun_src', ip4],
    dst: ['tun_dst', ip4],
    ipv6_src: ['tun_ipv6_src', ip6],
    ipv6_dst: ['tun_ipv6_dst', ip6],
    tos: ['tun_tos', number],
    ttl: ['tun_ttl', number],
  },
}

type Parts = { names: ReadonlySet<string> } | { wrong: string }

const readParts = (text: string, key: FlowKey, portNumber: PortNumberOf | undefined): Parts => {
  const names = new Set<string>()
  let rest = text.replace(separators, '')
  while (rest !== '') {
    const part = firstPart(rest)
    if (part === undefined || !readPart(part.name, part.inner, key, portNumber)) return { wrong: rest }
    names.add(part.name)
    rest = rest.slice(part.size).replace(separators, '')
  }
  return { names }
}

const readPart = (name: string, inner: string, key: FlowKey, portNumber: PortNumberOf | undefined): boolean => {
  const item = plain[name]
  if (item !== undefined) return write(key, item, inner)
  if (name === 'in_port') {
    const port = parseNumber(inner)
    const number = port === undefined ? portNumber?.(inner) : Number(port)
    if (number !== undefined) key[word.inPort] = number
    return number !== undefined
  }
  if (name === 'vlan') return readVlan(inner, key)
  if (name === 'encap') {
    key[word.ethType] = 0x05ff << 16
    return 'names' in readParts(inner, key, portNumber)
  }
  if (name === 'packet_type') return readPacketType(inner, key)
  if (name === 'mpls') return readLabels(inner, key)
  const group = groups[name]
  if (group === undefined) return false
  return splitValues(inner).every(value => readValue(name, group, value, key))
}

const readValue = (name: string, group: Readonly<Record<string, Item>>, text: string, key: FlowKey): boolean => {
  if (text === '') return true
  const set = /^flags\((.*)\)$/.exec(text)
  if (set !== null && name === 'tunnel') return readTunnelFlags(set[1] as string, key)
  const [label = '', value = ''] = text.split('=')
  // TOS is two fields to OpenFlow and one to a datapath; outer ports are no fields at all.
  const byte = parseNumber(value.split('/')[0] as string)
  if ((label === 'tos' && name === 'ipv4') || label === 'tclass') {
    key[word.ip] = (key[word.ip]! & ~0xff0000) | (Number(byte ?? 0) << 16)
    return byte !== undefined
  }
  if (name === 'tunnel' && (label === 'tp_src' || label === 'tp_dst')) {
    key[word.tunTransport] =
      key[word.tunTransport]! | (label === 'tp_src' ? Number(byte ?? 0) << 16 : Number(byte ?? 0))
    return byte !== undefined
  }
  const item = Object.hasOwn(group, label) ? group[label] : undefined
  return item !== undefined && write(key, item, value)
}

const readPacketType = (text: string, key: FlowKey): boolean =>
  splitValues(text).every(value => {
    const [label = '', digits = ''] = value.split('=')
    const number = parseNumber(digits)
    const shift = Object.hasOwn(packetType, label) ? packetType[label] : undefined
    if (number === undefined || number > 0xffffn || shift === undefined) return false
    key[word.packetType] = (key[word.packetType]! & ~(0xffff << shift)) | (Number(number) << shift)
    return true
  })

const labelBits: Readonly<Record<string, readonly [low: number, width: number]>> = {
  label: [12, 20],
  tc: [9, 3],
  bos: [8, 1],
  ttl: [0, 8],
}

/** Up to three label stack entries, outermost first; each begins with its `label`. */
const readLabels = (text: string, key: FlowKey): boolean => {
  let at: number = word.mpls - 1
  for (const value of splitValues(text)) {
    const [label = '', digits = ''] = value.split('=')
    const number = parseNumber(digits.split('/')[0] as string)
    const bits = Object.hasOwn(labelBits, label) ? labelBits[label] : undefined
    if (label === 'label') at++
    if (number === undefined || bits === undefined || at < word.mpls || at >= word.nsh) return false
    const [low, width] = bits
    if (number >> BigInt(width) !== 0n) return false
    key[at] = key[at]! | (Number(number) << low)
  }
  return true
}

/** One value; what stands behind a `/` is its mask. */
const write = (key: FlowKey, [field, parse]: Item, text: string): boolean => {
  const value = parse(text.split('/')[0] as string)
  if (value === undefined || value > fullMask(field)) return false
  writeField(key, field, value, fullMask(field))
  return true
}

const readTunnelFlags = (text: string, key: FlowKey): boolean => {
  const bits = { oam: tunnelFlag.oam, df: tunnelFlag.dontFragment, csum: tunnelFlag.csum, key: tunnelFlag.key }
  let value = 0
  for (const name of (text.split('/')[0] as string).split('|')) {
    if (name !== '' && !Object.hasOwn(bits, name)) return false
    value |= name === '' ? 0 : bits[name as keyof typeof bits]
  }
  key[word.tunFlags] = (key[word.tunFlags]! & 0xffff) | (value << 16)
  return true
}

/** The type read so far is the tag's; what follows in `encap` is inside. */
const readVlan = (text: string, key: FlowKey): boolean => {
  const values = new Map(splitValues(text).map(value => value.split('=') as [string, string]))
  const part = (name: string): bigint | undefined => parseNumber((values.get(name) ?? '0').split('/')[0] as string)
  const [vid, pcp] = [part('vid'), part('pcp')]
  if (vid === undefined || pcp === undefined || vid > 0xfffn || pcp > 7n) return false
  const tag = (key[word.ethType]! & 0xffff0000) | 0x1000 | (Number(pcp) << 13) | Number(vid)
  if (key[word.vlan] === 0) key[word.vlan] = tag
  else key[word.vlan1] = tag
  return true
}

/** Between parts. */
const separators = /^[, \t\r\n]+/

/** The `name(inner)` that a text begins with; undefined if it does not. */
const firstPart = (text: string): { name: string; inner: string; size: number } | undefined => {
  const name = /^[a-z0-9_]+(?=\()/.exec(text)?.[0]
  if (name === undefined) return undefined
  const close = closing(text, name.length)
  return close === undefined ? undefined : { name, inner: text.slice(name.length + 1, close), size: close + 1 }
}

/** The place of the parenthesis that belongs to the one at `open`. */
const closing = (text: string, open: number): number | undefined => {
  let depth = 0
  for (let at = open; at < text.length; at++) {
    if (text[at] === '(') depth++
    if (text[at] === ')' && --depth === 0) return at
  }
  return undefined
}

/** At commas outside parentheses. */
const splitValues = (text: string): string[] => text.split(/,(?![^(]*\))/)
