/**
 * The filter language of tcpdump (pcap-filter(7)), as far as people type it: hosts, networks, ports, protocols, VLANs,
 * `and`, `or`, `not` and parentheses. A filter becomes one function from bytes to yes or no.
 *
 * Two rules surprise. Where a primitive is an address alone it takes the qualifiers of the one before (`host a or b`).
 * And `vlan` moves what stands behind it by four bytes, so `vlan and ip` and `ip and vlan` are different filters.
 */
import { type Ip, inPrefix, isIp6, mask4, parseMac } from '../../../../wire/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import * as at from './frame-fields.ts'

/** Whether the Ethernet frame from `start` to `end` is wanted. */
export type FrameFilter = (bytes: Uint8Array, start: number, end: number) => boolean

export type ParsedFilter = { ok: true; filter: FrameFilter } | { ok: false; error: string }

const syntax = "can't parse filter expression: syntax error"

class FilterError {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

const families = ['ether', 'ip', 'ip6', 'arp', 'rarp', 'tcp', 'udp', 'sctp', 'icmp', 'icmp6', 'igmp', 'vxlan'] as const
type Family = (typeof families)[number]
type Kind = 'host' | 'net' | 'port' | 'portrange' | 'proto'
type Direction = 'src' | 'dst' | 'either' | 'both'
type Qualifiers = { family?: Family; direction?: Direction; kind?: Kind }

const protocols: Record<string, number> = { icmp: 1, igmp: 2, tcp: 6, udp: 17, icmp6: 58, sctp: 132 }
const etherTypes: Record<string, number> = { ip: 0x0800, arp: 0x0806, rarp: 0x8035, ip6: 0x86dd }
const services: Record<string, number> = {
  ssh: 22,
  domain: 53,
  bootps: 67,
  bootpc: 68,
  http: 80,
  ntp: 123,
  https: 443,
}

/** Reads a filter. `resolve` finds the addresses of a name. An empty filter wants everything. */
export const parseFilter = (text: string, resolve: (name: string) => readonly Ip[]): ParsedFilter => {
  const words = text.match(/&&|\|\||[()!]|[^\s()!&|]+/g) ?? []
  if (words.length === 0) return { ok: true, filter: () => true }
  try {
    const parser = new Parser(words, resolve)
    return { ok: true, filter: parser.whole() }
  } catch (error) {
    if (!(error instanceof FilterError)) throw error
    return { ok: false, error: error.text }
  }
}

class Parser {
  private readonly words: readonly string[]
  private readonly resolve: (name: string) => readonly Ip[]
  private next = 0
  /** Where the ethertype is, behind the VLAN tags that were asked for. */
  private type = 12
  private last: Qualifiers = {}

  constructor(words: readonly string[], resolve: (name: string) => readonly Ip[]) {
    this.words = words
    this.resolve = resolve
  }

  whole(): FrameFilter {
    const filter = this.either()
    if (this.next < this.words.length) throw new FilterError(syntax)
    return filter
  }

  private peek(): string | undefined {
    return this.words[this.next]
  }

  private take(...wanted: string[]): boolean {
    const word = this.peek()
    if (word === undefined || !wanted.includes(word)) return false
    this.next++
    return true
  }

  /** `and` and `or` have the same weight and group from the left (pcap-filter(7)). */
  private either(): FrameFilter {
    let left = this.negated()
    for (;;) {
      const before = left
      if (this.take('and', '&&')) {
        const right = this.negated()
        left = (b, s, e) => before(b, s, e) && right(b, s, e)
      } else if (this.take('or', '||')) {
        const right = this.negated()
        left = (b, s, e) => before(b, s, e) || right(b, s, e)
      } else return left
    }
  }

  private negated(): FrameFilter {
    if (this.take('not', '!')) {
      const inner = this.negated()
      return (b, s, e) => !inner(b, s, e)
    }
    if (this.take('(')) {
      const inner = this.either()
      if (!this.take(')')) throw new FilterError(syntax)
      return inner
    }
    return this.primitive()
  }

  private primitive(): FrameFilter {
    const qualifiers: Qualifiers = {}
    const word = this.peek()
    if (word === undefined) throw new FilterError(syntax)
    if (this.take('vlan')) return this.vlan()
    if (this.take('less', 'greater')) return this.size(word)
    if (this.take('broadcast')) return (b, s) => at.mac(b, s) === 0xffffffffffff
    if (this.take('multicast')) return (b, s) => (b[s]! & 1) === 1
    const family = families.find(name => name === word)
    if (family !== undefined) {
      this.next++
      qualifiers.family = family
    }
    this.direction(qualifiers)
    const kind = this.peek()
    if (kind === 'host' || kind === 'net' || kind === 'port' || kind === 'portrange' || kind === 'proto') {
      qualifiers.kind = kind
      this.next++
    }
    if (family === 'vxlan' && qualifiers.kind === undefined) return this.vxlan()
    if (family === 'ether' && this.take('broadcast')) return (b, s) => at.mac(b, s) === 0xffffffffffff
    if (family === 'ether' && this.take('multicast')) return (b, s) => (b[s]! & 1) === 1
    const alone = qualifiers.kind === undefined && qualifiers.direction === undefined
    const value = this.peek()
    const ends = value === undefined || ['and', 'or', '&&', '||', ')'].includes(value)
    if (family !== undefined && alone) {
      if (!ends) throw new FilterError(syntax)
      return this.protocol(family)
    }
    if (ends || value === '(') throw new FilterError(syntax)
    this.next++
    const chosen: Qualifiers =
      family === undefined && alone ? this.last : { kind: 'host', direction: 'either', ...qualifiers }
    if (chosen.kind === undefined && !at.looksLikeAddress(value)) throw new FilterError(syntax)
    const whole = { kind: 'host', direction: 'either', ...chosen } as const
    this.last = whole
    return this.test(whole, value)
  }

  private direction(qualifiers: Qualifiers): void {
    if (!this.take('src', 'dst')) return
    const one = this.words[this.next - 1] as 'src' | 'dst'
    const join = this.peek()
    const other = this.words[this.next + 1]
    if ((join === 'or' || join === 'and') && (other === 'src' || other === 'dst') && other !== one) {
      this.next += 2
      qualifiers.direction = join === 'or' ? 'either' : 'both'
    } else qualifiers.direction = one
  }

  private number(): number | undefined {
    const word = this.peek()
    if (word === undefined || !/^(0x[0-9a-f]+|\d+)$/i.test(word)) return undefined
    this.next++
    return Number(word)
  }

  private vlan(): FrameFilter {
    const vid = this.number()
    const type = this.type
    this.type += 4
    return (b, s, e) => {
      const tag = at.u16(b, s + type, e)
      if (tag !== 0x8100 && tag !== 0x88a8 && tag !== 0x9100) return false
      return vid === undefined || (at.u16(b, s + type + 2, e) & 0xfff) === vid
    }
  }

  private size(how: string): FrameFilter {
    const limit = this.number()
    if (limit === undefined) throw new FilterError(syntax)
    return how === 'less' ? (_, s, e) => e - s <= limit : (_, s, e) => e - s >= limit
  }

  /** UDP to the port of VXLAN (RFC 7348 §8), with a VNI if one is given. */
  private vxlan(): FrameFilter {
    const vni = this.number()
    const { type } = this
    return (b, s, e) => {
      const udp = at.transport(b, s, e, type, 17)
      if (udp === undefined || at.u16(b, udp + 2, e) !== 4789) return false
      return vni === undefined || at.u32(b, udp + 12, e) >>> 8 === vni
    }
  }

  /** A protocol's name alone. */
  private protocol(family: Family): FrameFilter {
    const { type } = this
    if (family === 'ether') throw new FilterError(syntax)
    const etherType = etherTypes[family]
    if (etherType !== undefined) return (b, s, e) => at.u16(b, s + type, e) === etherType
    const protocol = protocols[family]
    return (b, s, e) => at.protocolOf(b, s, e, type) === protocol
  }

  private test(
    { family, kind, direction }: Required<Omit<Qualifiers, 'family'>> & Qualifiers,
    value: string,
  ): FrameFilter {
    if (kind === 'proto') return this.proto(family, value.replace(/^\\/, ''))
    if (kind === 'port' || kind === 'portrange') return this.ports(family, direction as Direction, value, kind)
    if (family === 'ether') return this.ether(direction as Direction, value)
    if (kind === 'net') return this.network(family, direction as Direction, value)
    const ip = at.numericHost(value)
    const all = ip === undefined ? this.resolve(value) : [ip]
    if (all.length === 0) throw new FilterError(`unknown host '${value}'`)
    return anyOf(all.map(each => this.addresses(family, direction as Direction, each, isIp6(each) ? 128 : 32)))
  }

  private proto(family: Family | undefined, value: string): FrameFilter {
    const { type } = this
    const number = Number(value)
    if (family === 'ether') {
      const etherType = Number.isNaN(number) ? etherTypes[value] : number
      if (etherType === undefined) throw new FilterError(`unknown ether proto '${value}'`)
      return (b, s, e) => at.u16(b, s + type, e) === etherType
    }
    const protocol = Number.isNaN(number) ? protocols[value] : number
    if (protocol === undefined) throw new FilterError(`unknown ip proto '${value}'`)
    const only = family === 'ip' || family === 'ip6' ? etherTypes[family] : undefined
    return (b, s, e) =>
      (only === undefined || at.u16(b, s + type, e) === only) && at.protocolOf(b, s, e, type) === protocol
  }

  private ports(family: Family | undefined, direction: Direction, value: string, kind: Kind): FrameFilter {
    const { type } = this
    const [low, high] = kind === 'portrange' ? value.split('-').map(portOf) : [portOf(value), portOf(value)]
    if (low === undefined || high === undefined) throw new FilterError(syntax)
    const only = family === 'tcp' || family === 'udp' || family === 'sctp' ? protocols[family] : undefined
    const within = (port: number): boolean => port >= low && port <= high
    return (b, s, e) => {
      const l4 = at.transport(b, s, e, type, only)
      if (l4 === undefined || l4 + 4 > e) return false
      return chosen(direction, within(at.u16(b, l4, e)), within(at.u16(b, l4 + 2, e)))
    }
  }

  private ether(direction: Direction, value: string): FrameFilter {
    const mac = parseMac(value)
    if (mac === undefined) throw new FilterError(`unknown ether host '${value}'`)
    return (b, s) => chosen(direction, at.mac(b, s + 6) === mac, at.mac(b, s) === mac)
  }

  private network(family: Family | undefined, direction: Direction, value: string): FrameFilter {
    const slash = value.indexOf('/')
    if (slash >= 0 && !value.includes(':') && Number(value.slice(slash + 1)) > 32)
      throw new FilterError('mask length must be <= 32')
    const prefix = parsePrefix(value)
    if (prefix === undefined) throw new FilterError(syntax)
    let { ip, length } = prefix
    if (this.take('mask')) length = at.maskBits(this.words[this.next++] ?? '') ?? 32
    else if (!prefix.explicit && !isIp6(ip)) length = 8 * (value.match(/\d+/g) ?? []).length
    if (!isIp6(ip) && (ip & ~mask4(length)) !== 0) throw new FilterError(`non-network bits set in "${value}"`)
    return this.addresses(family, direction, ip, length)
  }

  /** IPv4 addresses are looked for in ARP and RARP too, unless a protocol is named. */
  private addresses(family: Family | undefined, direction: Direction, ip: Ip, length: number): FrameFilter {
    const { type } = this
    const l3 = type + 2
    if (isIp6(ip))
      return (b, s, e) =>
        at.u16(b, s + type, e) === 0x86dd &&
        s + l3 + 40 <= e &&
        chosen(direction, inPrefix(at.ip6(b, s + l3 + 8), ip, length), inPrefix(at.ip6(b, s + l3 + 24), ip, length))
    const wanted = (found: number): boolean => inPrefix(found, ip, length)
    return (b, s, e) => {
      const etherType = at.u16(b, s + type, e)
      if (family !== undefined && etherType !== (etherTypes[family] ?? 0x0800)) return false
      if (protocols[family ?? ''] !== undefined && at.protocolOf(b, s, e, type) !== protocols[family ?? ''])
        return false
      const offset = etherType === 0x0800 ? 12 : etherType === 0x0806 || etherType === 0x8035 ? 14 : undefined
      if (offset === undefined) return false
      const far = offset === 12 ? 16 : 24
      return chosen(direction, wanted(at.u32(b, s + l3 + offset, e)), wanted(at.u32(b, s + l3 + far, e)))
    }
  }
}

const anyOf = (filters: readonly FrameFilter[]): FrameFilter =>
  filters.length === 1 ? (filters[0] as FrameFilter) : (b, s, e) => filters.some(filter => filter(b, s, e))

const chosen = (direction: Direction, src: boolean, dst: boolean): boolean =>
  direction === 'src' ? src : direction === 'dst' ? dst : direction === 'both' ? src && dst : src || dst

const portOf = (text: string): number => {
  const port = /^\d+$/.test(text) ? Number(text) : services[text]
  if (port === undefined) throw new FilterError(`unknown port '${text}'`)
  if (port > 65535) throw new FilterError(`illegal port number ${text} > 65535`)
  return port
}
