import { ctStates, type FlagNames, parseFlags, tcpFlags } from './flags.ts'
import { type FlowKey, newKey, tunnelFlag, word } from './layout.ts'
import { packetOf } from './odp-packet.ts'
import {
  mostLabels,
  type OdpPart,
  type OdpRow,
  odpGroups,
  odpLabel,
  odpSingles,
  odpTag,
  odpTunnel,
  odpTunnelGroup,
  onesOf,
  writeRow,
} from './odp-parts.ts'
import { OdpScanner } from './odp-scan.ts'

/** The number of a datapath's port by its name. */
export type PortNumberOf = (name: string) => number | undefined

/** `wrong`: the text from the part on that cannot be read. */
type Wrong = { ok: false; wrong: string }
export type OdpRead = { ok: true; key: FlowKey } | Wrong

/** A flow as it was written: values and the bits of them that count, and its parts in their order. */
export type OdpFlow = { ufid: string | undefined; key: FlowKey; mask: FlowKey; parts: readonly OdpPart[] }
export type OdpFlowRead = { ok: true; flow: OdpFlow } | Wrong

/** The type of a frame that tells none, an 802.2 one. */
const noType = 0x05ff

/** Encapsulations inside each other, at most; a frame has two tags. */
const mostNested = 8

/**
 * The key in a datapath's notation, as `dpctl/dump-flows` prints it and `ofproto/trace` reads it:
 * `in_port(1),eth(src=…,dst=…),eth_type(0x0800),ipv4(…)`. Masks are allowed and not looked at. Without a type the frame is an
 * 802.2 one; with a type, but neither `eth` nor `packet_type`, it is a packet without Ethernet. Without a port,
 * `word.inPort` has all its bits. Parts that such a packet does not have are left out; `tags` are looked into.
 */
export const parseOdpKey = (text: string, portNumber?: PortNumberOf, tags = 2): OdpRead => {
  const read = parseOdpFlow(text, portNumber)
  if (!read.ok) return read
  const { parts } = read.flow
  const key = packetOf(read.flow.key, parts, tags)
  const has = (name: string): boolean => parts.some(part => part.name === name)
  if (has('eth_type') && !has('eth') && !has('packet_type') && !has('vlan'))
    key[word.packetType] = (1 << 16) | (key[word.ethType]! >>> 16)
  return { ok: true, key }
}

/**
 * A flow in a datapath's notation. What a part does not tell is not looked at; what has no mask is looked at in full. With
 * `masked` false a mask is a mistake. An identifier `ufid:…` may stand before all else.
 */
export const parseOdpFlow = (text: string, portNumber?: PortNumberOf, masked = true): OdpFlowRead => {
  const scanner = new OdpScanner(text)
  const reader = new Reader(scanner, portNumber, masked)
  const ufid = scanner.match(ufidText)?.[1]?.toLowerCase()
  const parts = reader.parts(undefined)
  if (parts === undefined) return { ok: false, wrong: text.slice(reader.from) }
  // A flow that is only identified has no key to be read.
  if (ufid !== undefined && parts.length === 0) return { ok: false, wrong: '' }
  return { ok: true, flow: { ufid, key: reader.key, mask: reader.mask, parts } }
}

/** One part at the place of a scanner, as in `set(eth(src=…))`; undefined if it cannot be read. */
export const scanOdpPart = (scanner: OdpScanner): Omit<OdpFlow, 'ufid'> | undefined => {
  const reader = new Reader(scanner, undefined, true)
  const { key, mask } = reader
  const part = reader.part()
  if (part === undefined) return undefined
  // What a flow has that does not tell its port or type is nothing that this part says.
  if (part.name !== 'in_port') key[word.inPort] = 0
  if (part.name !== 'eth_type' && part.name !== 'encap') key[word.ethType] = 0
  key[word.vlan] = key[word.vlan]! & 0xffff
  return { key, mask, parts: [part] }
}

const ufidText = /ufid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/iy
/** Between parts. */
const separators = /[, \t\r\n]*/y

/** Bits of a tunnel's flags as a datapath names them. */
const tunnelFlagNames = { oam: tunnelFlag.oam, df: tunnelFlag.dontFragment, csum: tunnelFlag.csum, key: tunnelFlag.key }
const tunnelBits = Object.values(tunnelFlagNames).reduce<number>((all, bit) => all | bit, 0)

class Reader {
  readonly key = newKey()
  readonly mask = newKey()
  /** Where the part began that is read, or could not be. */
  from = 0
  private readonly scanner: OdpScanner
  private readonly portNumber: PortNumberOf | undefined
  private readonly masked: boolean
  private depth = 0
  private highest = 0

  constructor(scanner: OdpScanner, portNumber: PortNumberOf | undefined, masked: boolean) {
    this.scanner = scanner
    this.portNumber = portNumber
    this.masked = masked
    this.key[word.inPort] = 0xffffffff
    this.key[word.ethType] = noType << 16
  }

  /** Parts up to the end, or up to a text that ends them. */
  parts(end: string | undefined): OdpPart[] | undefined {
    const { scanner } = this
    const parts: OdpPart[] = []
    for (;;) {
      scanner.match(separators)
      if (end !== undefined && scanner.take(end)) return parts
      if (scanner.ended) return end === undefined ? parts : undefined
      if (end === undefined) this.from = scanner.at
      const part = this.part()
      if (part === undefined) return undefined
      parts.push(part)
    }
  }

  part(): OdpPart | undefined {
    const [opening] = this.scanner.match(/[a-z0-9_]+\(/y) ?? []
    const name = opening?.slice(0, -1) ?? ''
    const single = Object.hasOwn(odpSingles, name) ? odpSingles[name] : undefined
    if (single !== undefined) return this.single(name, single) ? { name } : undefined
    const group = Object.hasOwn(odpGroups, name) ? odpGroups[name] : undefined
    if (group !== undefined) return this.group(group, 0) ? { name, ...this.unusualOp() } : undefined
    switch (name) {
      case 'in_port':
        return this.port() ? { name } : undefined
      case 'tcp_flags':
        return this.flags(tcpFlags, word.tcpFlags, 16) ? { name } : undefined
      case 'ct_state':
        return this.flags(ctStates, word.ctState, 0) ? { name } : undefined
      case 'vlan':
        return this.tag() ? { name } : undefined
      case 'encap':
        return this.encapsulated(name)
      case 'mpls':
        return this.entries(name)
      case 'tunnel':
        return this.tunnel() ? { name } : undefined
      default:
        return undefined
    }
  }

  /** An operation of ARP that has more than 8 bits. */
  private unusualOp(): { op?: number } {
    const { highest } = this
    this.highest = 0
    return highest > 0xff ? { op: highest } : {}
  }

  private put(row: OdpRow, { value, mask }: { value: bigint; mask: bigint }, shift = 0): void {
    writeRow(row, this.key, value, shift)
    writeRow(row, this.mask, mask, shift)
  }

  private single(name: string, row: OdpRow): boolean {
    const scanned = this.scanner.scan(row, this.masked && name !== 'recirc_id')
    if (scanned === undefined || !this.scanner.take(')')) return false
    this.put(row, scanned)
    if (name !== 'eth_type' || (scanned.value !== 0n && scanned.mask !== 0n)) return true
    // A type of zero says that there is none, which is a number of its own in a key.
    if (scanned.value === 0n) this.key[word.ethType] = (noType << 16) | (this.key[word.ethType]! & 0xffff)
    return true
  }

  /** Values in any order, with commas between; what is none ends them, and must be the parenthesis. */
  private group(rows: readonly OdpRow[], shift: number, other: () => boolean | undefined = () => undefined): boolean {
    const { scanner } = this
    do {
      const row = rows.find(({ label }) => scanner.take(`${label}=`))
      if (row === undefined) {
        const done = other()
        if (done === false) return false
        if (done === undefined) break
        continue
      }
      const scanned = scanner.scan(row, this.masked)
      if (scanned === undefined) return false
      if (row.label === 'op') this.highest = Number(scanned.value)
      this.put(row, scanned, shift)
    } while (scanner.take(','))
    return scanner.take(')')
  }

  private port(): boolean {
    const { scanner, key, mask } = this
    const row = { label: '', at: word.inPort, count: 1, low: 0, width: 32, kind: 'number', room: 32 } as const
    const scanned = scanner.scan(row, this.masked)
    if (scanned !== undefined) {
      this.put(row, scanned)
      return scanner.take(')')
    }
    const name = scanner.match(/[^)]*/y)?.[0] ?? ''
    const number = this.portNumber?.(name)
    if (number === undefined) return false
    key[word.inPort] = number
    mask[word.inPort] = 0xffffffff
    return scanner.take(')')
  }

  private flags(names: FlagNames, at: number, low: number): boolean {
    const { scanner, key, mask } = this
    const text = scanner.match(/[^)]*/y)?.[0] ?? ''
    const parsed = parseFlags(text, names, '')
    if ('wrong' in parsed || !scanner.take(')')) return false
    if (!this.masked && text.includes('/')) return false
    key[at] = (Number(parsed.value) << low) >>> 0
    mask[at] = (Number(this.masked ? parsed.mask : onesOf(names.length)) << low) >>> 0
    return true
  }

  /** The type read so far is the tag's; what follows in `encap` is inside. */
  private tag(): boolean {
    const { key, mask } = this
    const shift = key[word.vlan] === 0 && mask[word.vlan] === 0 ? 0 : 1
    const at = word.vlan + shift
    key[at] = (key[word.ethType]! & 0xffff0000) | 0x1000
    mask[at] = (mask[word.ethType]! & 0xffff0000) | 0x1000
    return this.group(odpTag, shift)
  }

  private encapsulated(name: string): OdpPart | undefined {
    if (++this.depth > mostNested) return undefined
    this.key[word.ethType] = noType << 16
    this.mask[word.ethType] = 0
    const inner = this.parts(')')
    this.depth--
    return inner === undefined ? undefined : { name, inner }
  }

  /** Label stack entries, outermost first; each after the first begins with its label. */
  private entries(name: string): OdpPart | undefined {
    const { scanner } = this
    let shift = 0
    let isFirst = true
    do {
      const row = odpLabel.find(({ label }) => scanner.take(`${label}=`))
      if (row === undefined) break
      if (row === odpLabel[0] && !isFirst) shift++
      isFirst = false
      const scanned = shift < mostLabels ? scanner.scan(row, this.masked) : undefined
      if (scanned === undefined) return undefined
      this.put(row, scanned, shift)
    } while (scanner.take(','))
    return scanner.take(')') ? { name, labels: shift + 1 } : undefined
  }

  private tunnel(): boolean {
    const { scanner } = this
    const isRead = this.group(odpTunnel, 0, () => {
      if (scanner.take('flags(')) return this.tunnelFlags()
      if (scanner.take('vxlan(gbp(')) return this.group(odpTunnelGroup, 0) && scanner.take(')')
      return undefined
    })
    // A tunnel that tells its key has one.
    if (isRead && (this.mask[word.tunIdHigh]! | this.mask[word.tunIdLow]!) !== 0) {
      this.key[word.tunFlags] = (this.key[word.tunFlags]! | (tunnelFlag.key << 16)) >>> 0
      this.mask[word.tunFlags] = (this.mask[word.tunFlags]! | (tunnelFlag.key << 16)) >>> 0
    }
    return isRead
  }

  /** `df|key`, `+df-key`, a number, or nothing. */
  private tunnelFlags(): boolean {
    const { scanner, key, mask } = this
    const text = scanner.match(/[^)]*/y)?.[0] ?? ''
    const read = /^[+-]/.test(text) ? signed(text) : plain(text, this.masked)
    if (read === undefined || !scanner.take(')')) return false
    key[word.tunFlags] = ((key[word.tunFlags]! & 0xffff) | (read.value << 16)) >>> 0
    mask[word.tunFlags] = ((mask[word.tunFlags]! & 0xffff) | (read.mask << 16)) >>> 0
    return true
  }
}

type Bits = { value: number; mask: number }
const bitNamed = (name: string): number =>
  Object.hasOwn(tunnelFlagNames, name) ? tunnelFlagNames[name as keyof typeof tunnelFlagNames] : 0

const signed = (text: string): Bits | undefined => {
  const bits = { value: 0, mask: 0 }
  for (const item of text.split(/(?=[+-])/)) {
    const bit = bitNamed(item.slice(1))
    if (bit === 0 || (bits.mask & bit) !== 0) return undefined
    bits.mask |= bit
    if (item.startsWith('+')) bits.value |= bit
  }
  return bits
}

const plain = (text: string, masked: boolean): Bits | undefined => {
  if (text === '') return { value: 0, mask: tunnelBits }
  const [first = '', second, ...more] = text.split('/')
  if (more.length > 0 || (second !== undefined && !masked)) return undefined
  const [value, mask] = [bitsOf(first), second === undefined ? tunnelBits : bitsOf(second)]
  return value === undefined || mask === undefined ? undefined : { value, mask }
}

const bitsOf = (text: string): number | undefined => {
  if (/^[0-9]/.test(text)) {
    const number = new OdpScanner(text).integer(16)
    return number === undefined || (Number(number) & ~tunnelBits) !== 0 ? undefined : Number(number)
  }
  let bits = 0
  for (const name of text.split('|')) {
    if (bitNamed(name) === 0) return undefined
    bits |= bitNamed(name)
  }
  return bits
}
