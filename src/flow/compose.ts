/**
 * From a flow key to a frame that has what the key says: the reverse of `extract`. What a key does not tell (identifiers,
 * sequence numbers) is zero; lengths are right, and checksums but SCTP's. Where the key leaves room this does as Open vSwitch.
 */
import { checksum } from '../wire/checksum.ts'
import { transportSum } from '../wire/transport-checksum.ts'
import { type FlowKey, fragment, word } from './layout.ts'

/** Bytes as they grow. */
type Out = number[]
const put16 = (out: Out, value: number): void => void out.push((value >>> 8) & 0xff, value & 0xff)
const put32 = (out: Out, value: number): void => {
  put16(out, value >>> 16)
  put16(out, value & 0xffff)
}
const putMac = (out: Out, high: number, low: number): void => {
  put16(out, high)
  put32(out, low)
}

const proto = { icmp: 1, igmp: 2, tcp: 6, udp: 17, icmp6: 58, sctp: 132 } as const
/** FIN, SYN and RST: segments with these carry no data here. */
const bareFlags = 0x007
/** What a frame that is not of Ethernet II has for a type. */
const noType = 0x05ff
const ethernetSize = 14

/** Payload of what carries one, if there is no better: 0, 1, 2, … */
const anyPayload = Uint8Array.from({ length: 64 }, (_, i) => i)

/** A frame of this key; `payload` goes into TCP, UDP and echo messages. */
export const composeFrame = (key: FlowKey, payload: Uint8Array = anyPayload): Uint8Array => {
  const out: Out = []
  put32(out, key[word.ethernet]!)
  put32(out, key[word.ethernet1]!)
  put32(out, key[word.ethernet2]!)
  const type = key[word.ethType]! >>> 16
  if (type === noType) {
    put16(out, ethernetSize)
    return Uint8Array.from(out)
  }
  for (const tag of [key[word.vlan]!, key[word.vlan1]!])
    if ((tag & 0x1000) !== 0) {
      put16(out, tag >>> 16 || 0x8100)
      put16(out, tag & ~0x1000)
    }
  put16(out, type)
  if (type === 0x0800) putIpv4(key, payload, out)
  else if (type === 0x86dd) putIpv6(key, payload, out)
  else if (type === 0x0806 || type === 0x8035) putArp(key, out)
  else if (type === 0x8847 || type === 0x8848) putLabels(key, out)
  return finished(Uint8Array.from(out))
}

const putArp = (key: FlowKey, out: Out): void => {
  const operation = key[word.ip]! & 0xff
  put32(out, 0x00010800)
  put16(out, 0x0604)
  put16(out, operation)
  const known = operation === 1 || operation === 2
  const at = (index: number): number => (known ? key[index]! : 0)
  putMac(out, at(word.arpSha) >>> 16, ((at(word.arpSha) << 16) | (at(word.arpSha + 1) >>> 16)) >>> 0)
  put32(out, at(word.ipv4Src))
  putMac(out, at(word.arpSha + 1) & 0xffff, at(word.arpSha + 2))
  put32(out, at(word.ipv4Dst))
}

/** Up to the one at the bottom of the stack, or all three. */
const putLabels = (key: FlowKey, out: Out): void => {
  for (let i = 0; i < 3; i++) {
    const label = key[word.mpls + i]!
    put32(out, label)
    if ((label & 0x100) !== 0) return
  }
}

const putIpv4 = (key: FlowKey, payload: Uint8Array, out: Out): void => {
  const bits = key[word.ip]!
  const frag = bits >>> 24
  const start = out.length
  out.push(0x45, (bits >>> 16) & 0xff)
  put32(out, 0)
  put16(out, (frag & fragment.any) === 0 ? 0 : 0x2000 | ((frag & fragment.later) !== 0 ? 100 : 0))
  out.push((bits >>> 8) & 0xff, bits & 0xff)
  put16(out, 0)
  put32(out, key[word.ipv4Src]!)
  put32(out, key[word.ipv4Dst]!)
  putTransport(key, payload, out)
  const size = out.length - start
  out[start + 2] = size >>> 8
  out[start + 3] = size & 0xff
}

const putIpv6 = (key: FlowKey, payload: Uint8Array, out: Out): void => {
  const bits = key[word.ip]!
  put32(out, 0x60000000 | (((bits >>> 16) & 0xff) << 20) | key[word.ipv6Label]!)
  const at = out.length
  put16(out, 0)
  out.push(bits & 0xff, (bits >>> 8) & 0xff)
  for (let i = 0; i < 8; i++) put32(out, key[word.ipv6Src + i]!)
  const start = out.length
  putTransport(key, payload, out)
  const size = out.length - start
  out[at] = size >>> 8
  out[at + 1] = size & 0xff
}

const putTransport = (key: FlowKey, payload: Uint8Array, out: Out): void => {
  if (((key[word.ip]! >>> 24) & fragment.later) !== 0) return
  switch (key[word.ip]! & 0xff) {
    case proto.tcp: {
      const flags = (key[word.tcpFlags]! >>> 16) & 0xfff
      put32(out, key[word.transport]!)
      put32(out, 0)
      put32(out, 0)
      put16(out, 0x5000 | flags)
      put16(out, 0)
      put32(out, 0)
      if ((flags & bareFlags) === 0) out.push(...payload)
      return
    }
    case proto.udp:
      put32(out, key[word.transport]!)
      put16(out, 8 + payload.length)
      put16(out, 0)
      out.push(...payload)
      return
    case proto.sctp:
      put32(out, key[word.transport]!)
      put32(out, 0)
      put32(out, 0)
      return
    case proto.icmp:
      putIcmp(key, [0, 8], payload, out)
      return
    case proto.igmp:
      putIcmpHead(key, out)
      put32(out, key[word.igmpGroup]!)
      return
    case proto.icmp6:
      putIcmp6(key, payload, out)
      return
  }
}

/** Type and code, and room for a checksum. */
const putIcmpHead = (key: FlowKey, out: Out): void => {
  out.push((key[word.transport]! >>> 16) & 0xff, key[word.transport]! & 0xff)
  put16(out, 0)
}

const putIcmp = (key: FlowKey, echoes: readonly number[], payload: Uint8Array, out: Out): void => {
  putIcmpHead(key, out)
  put32(out, 0)
  const kind = key[word.transport]!
  if (echoes.some(type => kind === type << 16)) out.push(...payload)
}

const putIcmp6 = (key: FlowKey, payload: Uint8Array, out: Out): void => {
  putIcmp(key, [128, 129], payload, out)
  const kind = key[word.transport]!
  if (kind !== 135 << 16 && kind !== 136 << 16) return
  for (let i = 0; i < 4; i++) put32(out, key[word.ndTarget + i]!)
  const [a, b, c] = [key[word.arpSha]!, key[word.arpSha + 1]!, key[word.arpSha + 2]!]
  const option = (type: number, high: number, low: number): void => {
    if (high === 0 && low === 0) return
    out.push(type, 1)
    putMac(out, high, low)
  }
  option(1, a >>> 16, ((a << 16) | (b >>> 16)) >>> 0)
  option(2, b & 0xffff, c)
}

/** Where the checksum stands in what IP carries. */
const checksumAt: Readonly<Record<number, number>> = {
  [proto.tcp]: 16,
  [proto.udp]: 6,
  [proto.icmp]: 2,
  [proto.igmp]: 2,
  [proto.icmp6]: 2,
}

/** The frame with its checksums. */
const finished = (frame: Uint8Array): Uint8Array => {
  const view = new DataView(frame.buffer)
  let ip = ethernetSize
  while (ip <= frame.length && isTag(view.getUint16(ip - 2))) ip += 4
  // A tag's type may be all that there is of it.
  const type = ip <= frame.length ? view.getUint16(ip - 2) : 0
  if (type === 0x0800) {
    view.setUint16(ip + 10, checksum(frame, ip, ip + 20))
    if ((view.getUint16(ip + 6) & 0x1fff) === 0) sumTransport(frame, ip, ip + 20, frame[ip + 9]!)
  } else if (type === 0x86dd) sumTransport(frame, ip, ip + 40, frame[ip + 6]!)
  return frame
}
const isTag = (type: number): boolean => type === 0x8100 || type === 0x88a8

const sumTransport = (frame: Uint8Array, ip: number, at: number, protocol: number): void => {
  const offset = checksumAt[protocol]
  if (offset === undefined || at + offset + 2 > frame.length) return
  const bare = protocol === proto.icmp || protocol === proto.igmp
  const from = bare ? 0 : transportSum(frame, ip, protocol, frame.length - at)
  const sum = checksum(frame, at, frame.length, from)
  // Of UDP a zero says that there is none.
  new DataView(frame.buffer).setUint16(at + offset, sum === 0 && protocol === proto.udp ? 0xffff : sum)
}
