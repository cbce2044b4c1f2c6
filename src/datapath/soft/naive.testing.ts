/**
 * The slow obvious twin of `soft`: megaflows in a list, keys extracted in full, and `set` by taking the packet apart,
 * changing what it means, and building a new one with checksums computed anew.
 */
import { extract } from '../../flow/extract.ts'
import { type FlowKey, newKey, word } from '../../flow/layout.ts'
import { ArpHeader } from '../../wire/arp.ts'
import type { Frame } from '../../wire/frame.ts'
import { u16, u32 } from '../../wire/header.ts'
import { parseIpv4, setIpv4Checksum } from '../../wire/ipv4.ts'
import { parseIpv6 } from '../../wire/ipv6.ts'
import { storeChecksum, transportSum } from '../../wire/transport-checksum.ts'
import { setUdpChecksum } from '../../wire/udp.ts'
import type { Action, Megaflow, SparseKey } from '../action.ts'

/** The frame's bytes with the bits of `mask` replaced in what they mean; for well-formed, untagged packets. */
export const naiveSet = (frame: Frame, key: SparseKey, mask: SparseKey): Frame => {
  const meaning = newKey()
  extract(frame, meaning)
  for (const [place, bits] of mask) {
    const value = key.find(([w]) => w === place)?.[1] ?? 0
    meaning[place] = (meaning[place]! & ~bits) | (value & bits)
  }
  return rebuilt(frame, meaning)
}

/** A copy whose headers say what the key says. */
const rebuilt = (frame: Frame, key: FlowKey): Frame => {
  const copy = frame.copy()
  const { bytes, start, end } = copy
  for (let i = 0; i < 3; i++) u32.set(bytes, start + 4 * i, key[word.ethernet + i]!)
  const type = key[word.ethType]! >>> 16
  const at = start + 14
  const protocol = key[word.ip]! & 255
  if (type === 0x0806) {
    u16.set(bytes, at + ArpHeader.offset.op, protocol)
    u32.set(bytes, at + 14, key[word.ipv4Src]!)
    u32.set(bytes, at + 24, key[word.ipv4Dst]!)
    u32.set(bytes, at + 8, key[word.arpSha]!)
    u16.set(bytes, at + 12, key[word.arpSha + 1]! >>> 16)
    u16.set(bytes, at + 18, key[word.arpSha + 1]! & 0xffff)
    u32.set(bytes, at + 20, key[word.arpSha + 2]!)
  } else if (type === 0x0800) {
    const packet = parseIpv4(bytes, at, end)
    if (!packet.ok) throw new Error(packet.why)
    bytes[at + 1] = key[word.ip]! >>> 16
    bytes[at + 8] = key[word.ip]! >>> 8
    u32.set(bytes, at + 12, key[word.ipv4Src]!)
    u32.set(bytes, at + 16, key[word.ipv4Dst]!)
    setIpv4Checksum(bytes, at)
    if (packet.value.fragmentOffset === 0) transport(bytes, at, packet.value.payload, packet.value.end, protocol, key)
  } else if (type === 0x86dd) {
    const packet = parseIpv6(bytes, at, end)
    if (!packet.ok) throw new Error(packet.why)
    const trafficClass = (key[word.ip]! >>> 16) & 255
    u32.set(bytes, at, ((6 << 28) | (trafficClass << 20) | (key[word.ipv6Label]! & 0xfffff)) >>> 0)
    bytes[at + 7] = key[word.ip]! >>> 8
    for (let i = 0; i < 8; i++) u32.set(bytes, at + 8 + 4 * i, key[word.ipv6Src + i]!)
    transport(bytes, at, packet.value.payload, packet.value.end, packet.value.protocol, key)
  }
  return copy
}

const transport = (bytes: Uint8Array, ip: number, at: number, end: number, protocol: number, key: FlowKey): void => {
  const ports = key[word.transport]!
  if (protocol === 17) {
    const hasChecksum = u16.get(bytes, at + 6) !== 0
    u32.set(bytes, at, ports)
    if (hasChecksum) setUdpChecksum(bytes, ip, at, end)
  } else if (protocol === 6) {
    u32.set(bytes, at, ports)
    storeChecksum(bytes, at + 16, at, end, transportSum(bytes, ip, 6, end - at))
  } else if (protocol === 1 || protocol === 58) {
    bytes[at] = ports >>> 16
    bytes[at + 1] = ports
    storeChecksum(bytes, at + 2, at, end, protocol === 1 ? 0 : transportSum(bytes, ip, 58, end - at))
  }
}

/** Forwards by the first megaflow of a list. What it knows of actions: `output`, `set`, tags and `clone`. */
export class NaiveDatapath {
  readonly flows: Megaflow[] = []
  readonly sent: { port: number; frame: Frame }[] = []
  private readonly decide: (key: FlowKey) => { mask: FlowKey; actions: readonly Action[] }

  constructor(decide: (key: FlowKey) => { mask: FlowKey; actions: readonly Action[] }) {
    this.decide = decide
  }

  receive(port: number, frame: Frame): void {
    const key = newKey()
    extract(frame, key)
    key[word.inPort] = port
    const agrees = ({ key: row, mask }: Megaflow): boolean =>
      row.every((value, w) => ((value ^ key[w]!) & mask[w]!) === 0)
    const flow = this.flows.find(agrees)
    if (flow === undefined) this.flows.push({ key, ...this.decide(key) })
    this.run(frame, (flow ?? this.flows.at(-1)!).actions)
  }

  private run(frame: Frame, actions: readonly Action[]): void {
    let now = frame.copy()
    for (const action of actions) {
      if (action.type === 'output') this.sent.push({ port: action.port, frame: now.copy() })
      else if (action.type === 'set') now = naiveSet(now, action.key, action.mask)
      else if (action.type === 'clone') this.run(now, action.actions)
      else throw new Error(`the twin does not know ${action.type}`)
    }
  }
}

const u16Bytes = (value: number): number[] => [(value >>> 8) & 255, value & 255]
const u32Bytes = (value: number): number[] => [...u16Bytes(value >>> 16), ...u16Bytes(value)]
const macBytes = (mac: number): number[] => [...u16Bytes(Math.floor(mac / 2 ** 32)), ...u32Bytes(mac % 2 ** 32)]

/** What an untagged Ethernet frame carries. */
export const strippedHeaders = (content: Uint8Array): Uint8Array => content.slice(14)

/** An Ethernet frame with headers put before it one after another, each written out byte by byte. */
export const addedHeaders = (content: Uint8Array, actions: readonly Action[]): Uint8Array => {
  let bytes = [...content]
  let type = 0
  for (const action of actions) {
    if (action.type === 'push_eth')
      bytes = [...macBytes(action.dst), ...macBytes(action.src), ...u16Bytes(type), ...bytes]
    else if (action.type === 'add_mpls') {
      bytes = [...u32Bytes(action.label), ...bytes]
      type = action.ethType
    } else if (action.type === 'pop_eth') {
      type = bytes[12]! * 256 + bytes[13]!
      bytes = bytes.slice(14)
    } else if (action.type === 'push_nsh') {
      const at = (place: number): number => action.key.find(([w]) => w === place)?.[1] ?? 0
      const context = action.mdType === 1 ? [0, 1, 2, 3].flatMap(i => u32Bytes(at(word.nshContext + i))) : action.tlvs
      const base = at(word.nsh)
      const first = ((base >>> 24) << 12) | (((base >>> 16) & 0x3f) << 6) | (2 + context.length / 4)
      bytes = [...u16Bytes(first), action.mdType, base & 0xff, ...u32Bytes(at(word.nshPath)), ...context, ...bytes]
      type = 0x894f
    } else throw new Error(`the twin does not know ${action.type}`)
  }
  return Uint8Array.from(bytes)
}
