import { extract } from '../flow/extract.ts'
import { type FlowKey, frameWords, newKey, word } from '../flow/layout.ts'
import { formatMatch } from '../flow/match-text.ts'
import { packetMask } from '../flow/packet-mask.ts'
import { type Paint, plain } from '../flow/paint.ts'
import { Frame } from '../wire/frame.ts'
import { hexDump } from './hex-dump.ts'

const protocol = { icmp: 1, tcp: 6, udp: 17, icmp6: 58, sctp: 132 } as const

/** Checksums of what IP carries: where they stand, and how long the header must be for them to be told. */
const checksums: Readonly<Record<number, { name: string; at: number; size: 2 | 4; header: number }>> = {
  [protocol.tcp]: { name: 'tcp_csum', at: 16, size: 2, header: 20 },
  [protocol.udp]: { name: 'udp_csum', at: 6, size: 2, header: 8 },
  [protocol.sctp]: { name: 'sctp_csum', at: 8, size: 4, header: 12 },
  [protocol.icmp]: { name: 'icmp_csum', at: 2, size: 2, header: 8 },
  [protocol.icmp6]: { name: 'icmp6_csum', at: 2, size: 2, header: 4 },
}

const ethernetSize = 14
const vlanTypes = new Set([0x8100, 0x88a8])
/** IPv6 extension headers that the transport header can stand behind: hop by hop, routing, AH, destination options, fragment. */
const extensions = new Set([0, 43, 44, 51, 60])

/** What a frame's IP packet carries; undefined if it has none. */
const transportOf = (frame: Uint8Array): { at: number; end: number } | undefined => {
  const u16 = (at: number): number => (at + 2 > frame.length ? 0 : (frame[at]! << 8) | frame[at + 1]!)
  let at = ethernetSize
  let type = u16(at - 2)
  while (vlanTypes.has(type)) {
    type = u16(at + 2)
    at += 4
  }
  if (type === 0x0800) return { at: at + (frame[at]! & 15) * 4, end: Math.min(frame.length, at + u16(at + 2)) }
  if (type !== 0x86dd) return undefined
  const end = Math.min(frame.length, at + 40 + u16(at + 4))
  let next = frame[at + 6]!
  at += 40
  while (extensions.has(next) && at + 8 <= end) {
    const size = next === 44 ? 8 : next === 51 ? (frame[at + 1]! + 2) * 4 : (frame[at + 1]! + 1) * 8
    next = frame[at]!
    at += size
  }
  return { at, end }
}

const formatChecksum = (frame: Uint8Array, proto: number): string => {
  const row = checksums[proto]
  const transport = row === undefined ? undefined : transportOf(frame)
  if (row === undefined || transport === undefined || transport.end - transport.at < row.header) return ''
  let value = 0
  for (let i = 0; i < row.size; i++) value = value * 256 + frame[transport.at + row.at + i]!
  return ` ${row.name}:${value.toString(16)}`
}

/** The fields of a frame by itself; what comes with it is told of if it is not zero. */
const maskOf = (key: FlowKey): FlowKey => {
  const mask = packetMask(key)
  mask[word.inPort] = 0
  for (const [first, count] of beside) {
    const words = Array.from({ length: count }, (_, i) => first + i)
    if (words.some(i => key[i] !== 0)) for (const i of words) mask[i] = 0xffffffff
  }
  return mask
}

/** Where the fields of several words are among those that are not the frame's own. */
const wide: ReadonlyMap<number, number> = new Map([
  [word.ctLabel, 4],
  [word.ctIpv6Src, 4],
  [word.ctIpv6Dst, 4],
  [word.tunIdHigh, 2],
  [word.tunIpv6Src, 4],
  [word.tunIpv6Dst, 4],
  [word.metadataHigh, 2],
])

/** The words of each field that comes with a frame. */
const beside: readonly (readonly [first: number, count: number])[] = (() => {
  const fields: (readonly [number, number])[] = [[word.inPort, 1]]
  for (let at = frameWords; at < word.tunMetadataPresent; at += wide.get(at) ?? 1) fields.push([at, wide.get(at) ?? 1])
  return fields
})()

/** One packet's flow: `arp,in_port=1,vlan_tci=0x0000,dl_src=…`. */
export const formatPacketFlow = (key: FlowKey, paint: Paint = plain): string =>
  formatMatch({ key, mask: maskOf(key) }, { paint })

/** A packet's fields on a line, as ovs-ofctl tells what is in a packet-in, with the checksum of what IP carries. */
export const formatPacket = (packet: Uint8Array, paint?: Paint): string => {
  const key = newKey()
  extract(Frame.from(packet), key)
  const type = key[word.ethType]! >>> 16
  const isIp = type === 0x0800 || type === 0x86dd
  return `${formatPacketFlow(key, paint)}${isIp ? formatChecksum(packet, key[word.ip]! & 0xff) : ''}\n`
}

/** What follows a message that holds a packet: more, the more is asked for. */
export const formatPacketAt = (packet: Uint8Array, verbosity: number, paint?: Paint): string =>
  `${verbosity > 0 ? formatPacket(packet, paint) : ''}${verbosity > 2 ? hexDump(packet, false) : ''}`
