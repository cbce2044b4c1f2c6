import type { FieldName } from '../flow/fields.ts'
import type { OfAction } from '../openflow/action.ts'
import { OfPort } from '../openflow/action.ts'
import { floodOrder } from './flood-order.ts'
import { packet } from './switch.testing.ts'

/**
 * The slow obvious twin of translation and cache together: a packet is an object, a table is a list, and every frame
 * goes through all of it. UDP over IPv4 only.
 */
export type NaivePacket = {
  in_port: number
  eth_src: number
  eth_dst: number
  /** TCI without the CFI bit. */
  tag: number | undefined
  ip_src: number
  ip_dst: number
  nw_ttl: number
  nw_tos: number
  udp_src: number
  udp_dst: number
  reg0: number
  metadata: number
}

export const plain: NaivePacket = {
  in_port: 1,
  eth_src: 1,
  eth_dst: 2,
  tag: undefined,
  ip_src: 1,
  ip_dst: 2,
  nw_ttl: 64,
  nw_tos: 0,
  udp_src: 1000,
  udp_dst: 2000,
  reg0: 0,
  metadata: 0,
}

export type NaiveRule = {
  table: number
  priority: number
  match: { [N in FieldName]?: readonly [bigint, bigint] }
  actions: readonly OfAction[]
}

export const bytesOf = (p: NaivePacket): Uint8Array =>
  packet({
    src: p.eth_src,
    dst: p.eth_dst,
    ttl: p.nw_ttl,
    tos: p.nw_tos,
    from: p.ip_src,
    to: p.ip_dst,
    sport: p.udp_src,
    dport: p.udp_dst,
    ...(p.tag === undefined ? {} : { tci: p.tag }),
  })

const read = (p: NaivePacket, field: FieldName): bigint => {
  switch (field) {
    case 'eth_type':
      return 0x800n
    case 'ip_src':
      return BigInt(0x0a000000 + p.ip_src)
    case 'ip_dst':
      return BigInt(0x0a000000 + p.ip_dst)
    case 'vlan_tci':
      return p.tag === undefined ? 0n : BigInt(p.tag | 0x1000)
    case 'nw_proto':
      return 17n
    default:
      return BigInt(p[field as keyof NaivePacket] ?? 0)
  }
}

const write = (p: NaivePacket, field: FieldName, value: bigint): void => {
  if (field === 'ip_src') p.ip_src = Number(value & 0xffn)
  else if (field === 'ip_dst') p.ip_dst = Number(value & 0xffn)
  else (p as Record<string, unknown>)[field] = Number(value)
}

/** A bridge with access and trunk ports, as simple as it can be written. */
export class NaiveBridge {
  rules: NaiveRule[] = []
  readonly macs = new Map<string, number>()
  /** Access VLAN by port; a trunk has none. */
  readonly ports: Map<number, number | undefined>
  private sent: { port: number; packet: NaivePacket }[] = []

  constructor(ports: Map<number, number | undefined>) {
    this.ports = ports
  }

  send(p: NaivePacket): { port: number; packet: NaivePacket }[] {
    this.sent = []
    this.table({ ...p }, 0)
    return this.sent
  }

  private table(p: NaivePacket, id: number): void {
    let best: NaiveRule | undefined
    for (const rule of this.rules) {
      if (rule.table !== id || (best !== undefined && best.priority >= rule.priority)) continue
      const fits = Object.entries(rule.match).every(
        ([field, [value, mask]]) => (read(p, field as FieldName) & mask) === (value & mask),
      )
      if (fits) best = rule
    }
    for (const action of best?.actions ?? []) if (!this.run(p, action, id)) return
  }

  private run(p: NaivePacket, action: OfAction, table: number): boolean {
    switch (action.type) {
      case 'output':
        if (action.port === OfPort.normal) this.normal(p)
        else if (action.port === OfPort.inPort) this.out(p, p.in_port)
        else if (action.port === OfPort.flood) {
          for (const port of floodOrder(this.ports.keys())) if (port !== p.in_port) this.out(p, port)
        } else if (action.port !== p.in_port) this.out(p, action.port)
        return true
      case 'set_field': {
        const old = read(p, action.field)
        write(p, action.field, (old & ~action.mask) | (action.value & action.mask))
        return true
      }
      case 'move': {
        const bits = (1n << BigInt(action.source.count)) - 1n
        const value = (read(p, action.source.field) >> BigInt(action.source.start)) & bits
        const shift = BigInt(action.target.start)
        write(p, action.target.field, (read(p, action.target.field) & ~(bits << shift)) | (value << shift))
        return true
      }
      case 'output_reg': {
        const port =
          (read(p, action.source.field) >> BigInt(action.source.start)) & ((1n << BigInt(action.source.count)) - 1n)
        if (Number(port) !== p.in_port) this.out(p, Number(port))
        return true
      }
      case 'set_vlan_vid':
        p.tag = ((p.tag ?? 0) & 0xe000) | action.vid
        return true
      case 'strip_vlan':
        p.tag = undefined
        return true
      case 'dec_ttl':
        if (p.nw_ttl <= 1) return false
        p.nw_ttl--
        return true
      case 'write_metadata':
        p.metadata = Number((BigInt(p.metadata) & ~action.mask) | (action.value & action.mask))
        return true
      case 'resubmit':
        this.table(p, action.table ?? table)
        return true
      case 'goto_table':
        this.table(p, action.table)
        return true
      default:
        throw new Error(`the twin does not know ${action.type}`)
    }
  }

  private out(p: NaivePacket, port: number): void {
    if (this.ports.has(port)) this.sent.push({ port, packet: { ...p } })
  }

  private normal(p: NaivePacket): void {
    const access = this.ports.get(p.in_port)
    const tagged = (p.tag ?? 0) & 0xfff
    if (access !== undefined && tagged !== 0) return
    const vlan = access ?? tagged
    const multicast = (mac: number): boolean => Math.floor(mac / 2 ** 40) % 2 === 1
    if (!multicast(p.eth_src)) this.macs.set(`${vlan} ${p.eth_src}`, p.in_port)
    const to = this.macs.get(`${vlan} ${p.eth_dst}`)
    for (const [port, own] of this.ports) {
      if (port === p.in_port || (to !== undefined && to !== port)) continue
      if (own !== undefined && own !== vlan) continue
      const priority = (p.tag ?? 0) & 0xe000
      const tag = own !== undefined || (priority | vlan) === 0 ? undefined : priority | vlan
      this.out({ ...p, tag }, port)
    }
  }
}
