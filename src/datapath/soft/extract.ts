import { type FlowKey, fragment, word } from '../../flow/layout.ts'
import type { Frame } from '../../wire/frame.ts'
import { u16, u32 } from '../../wire/header.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { isVlanType } from '../../wire/vlan.ts'
import { locate, places } from './locate.ts'

export type Depth = 2 | 3 | 4

export const depthOf = (mask: FlowKey): Depth => {
  for (let w = word.transport; w < word.packetType; w++)
    if (mask[w] !== 0 && (w < word.ipv6Src || w > word.ipv6Label)) return 4
  for (let w = word.ip; w < word.packetType; w++) if (mask[w] !== 0) return 3
  return 2
}

const at = places()

export const extractWords = (frame: Frame, key: FlowKey, depth: Depth): void => {
  const { bytes, start, end } = frame
  key[word.ethernet] = u32.get(bytes, start)
  key[word.ethernet1] = u32.get(bytes, start + 4)
  key[word.ethernet2] = u32.get(bytes, start + 8)
  const type = u16.get(bytes, start + 12)
  key[word.vlan] = 0
  key[word.vlan1] = 0
  if (depth === 2 && !isVlanType(type) && type >= 0x600) {
    key[word.ethType] = type << 16
    return
  }
  locate(frame, at)
  if (at.type > start + 12) key[word.vlan] = u32.get(bytes, start + 12) | 0x1000
  if (at.type > start + 16) key[word.vlan1] = u32.get(bytes, start + 16) | 0x1000
  key[word.ethType] = (at.etherType >= 0x600 ? at.etherType : 0x5ff) << 16
  if (depth === 2) return
  for (let w = word.ip; w < word.packetType; w++) key[w] = 0
  if (at.arp >= 0) {
    key[word.ip] = bytes[at.arp + 7]!
    key[word.ipv4Src] = u32.get(bytes, at.arp + 14)
    key[word.ipv4Dst] = u32.get(bytes, at.arp + 24)
    key[word.arpSha] = u32.get(bytes, at.arp + 8)
    key[word.arpSha + 1] = ((u16.get(bytes, at.arp + 12) << 16) | u16.get(bytes, at.arp + 18)) >>> 0
    key[word.arpSha + 2] = u32.get(bytes, at.arp + 20)
  } else if (at.ipv4 >= 0) {
    const bits = u16.get(bytes, at.ipv4 + 6)
    const part = (bits & 0x3fff) === 0 ? 0 : fragment.any | ((bits & 0x1fff) === 0 ? 0 : fragment.later)
    key[word.ip] = ((part << 24) | (bytes[at.ipv4 + 1]! << 16) | (bytes[at.ipv4 + 8]! << 8) | at.protocol) >>> 0
    key[word.ipv4Src] = u32.get(bytes, at.ipv4 + 12)
    key[word.ipv4Dst] = u32.get(bytes, at.ipv4 + 16)
  } else if (at.ipv6 >= 0) {
    const first = u32.get(bytes, at.ipv6)
    key[word.ip] = ((((first >>> 20) & 255) << 16) | (bytes[at.ipv6 + 7]! << 8) | at.protocol) >>> 0
    key[word.ipv6Label] = first & 0xfffff
    for (let i = 0; i < 8; i++) key[word.ipv6Src + i] = u32.get(bytes, at.ipv6 + 8 + 4 * i)
  } else if (at.mpls >= 0) {
    for (let i = 0; i < 3 && at.mpls + 4 * i + 4 <= end; i++) {
      key[word.mpls + i] = u32.get(bytes, at.mpls + 4 * i)
      if ((key[word.mpls + i]! & 0x100) !== 0) break
    }
  }
  if (depth === 3 || at.transport < 0) return
  const { transport, protocol } = at
  if (protocol === IpProtocol.icmp || protocol === IpProtocol.icmp6)
    key[word.transport] = ((bytes[transport]! << 16) | bytes[transport + 1]!) >>> 0
  else if (protocol === IpProtocol.tcp || protocol === IpProtocol.udp || protocol === IpProtocol.sctp)
    key[word.transport] = u32.get(bytes, transport)
  if (protocol === IpProtocol.tcp) key[word.tcpFlags] = (u16.get(bytes, transport + 12) & 0xfff) << 16
}

export const extract = (frame: Frame, key: FlowKey): void => {
  key.fill(0, 0, word.packetType)
  if (frame.size >= 14) extractWords(frame, key, 4)
}
