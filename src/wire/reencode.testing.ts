import { writeArp } from './arp.ts'
import { writeBpdu } from './bpdu.ts'
import { writeEthernet } from './ethernet.ts'
import { setIcmpChecksum, writeIcmp } from './icmp.ts'
import { setIcmp6Checksum, writeIcmp6 } from './icmp6.ts'
import { writeIgmp } from './igmp.ts'
import { writeIpv4 } from './ipv4.ts'
import { writeIpv6 } from './ipv6.ts'
import type { Layer } from './layer.ts'
import { writeLlc } from './llc.ts'
import { lldpMessage } from './lldp.ts'
import { writeMld } from './mld.ts'
import { writeMpls } from './mpls.ts'
import { writeNd } from './nd.ts'
import { setSctpChecksum, writeSctp } from './sctp.ts'
import { setTcpChecksum, writeTcp } from './tcp.ts'
import { setUdpChecksum, writeUdp } from './udp.ts'
import { writeVlan } from './vlan.ts'
import { writeVxlan } from './vxlan.ts'

/**
 * Writes a frame's bytes again from what its layers mean, checksums computed anew. Equal bytes show that nothing was lost in
 * meaning, and, for a frame that a stranger made, that offsets and checksums are right.
 */
export const reencode = (bytes: Uint8Array, layers: readonly Layer[]): Uint8Array => {
  const out = new Uint8Array(bytes.length).fill(0xee)
  let ip = 0
  let fragment = false
  const checksums: (() => void)[] = []
  for (const layer of layers) {
    const sum = write(out, bytes, layer, ip)
    if (layer.protocol === 'ip' || layer.protocol === 'ip6') {
      ip = layer.start
      fragment = layer.protocol === 'ip' ? layer.value?.moreFragments === true : layer.value?.fragment?.more === true
      if (layer.quoted) checksums.push(() => copyChecksum(out, bytes, layer))
    }
    // What is quoted may be cut, and so is a fragment: checksums are of the whole.
    else if (layer.quoted || fragment) checksums.push(() => copyChecksum(out, bytes, layer))
    else if (sum !== undefined) checksums.push(sum)
  }
  // From the inside out: an outer checksum covers the inner ones.
  for (const sum of checksums.reverse()) sum()
  return out
}

const copy = (out: Uint8Array, bytes: Uint8Array, start: number, end: number): void =>
  out.set(bytes.subarray(start, end), start)

const copyChecksum = (out: Uint8Array, bytes: Uint8Array, layer: Layer): void => {
  const at = { ip: 10, udp: 6, tcp: 16, icmp: 2, icmp6: 2, nd: 2, mld: 2, igmp: 2 }[layer.protocol as string]
  if (at !== undefined) copy(out, bytes, layer.start + at, layer.start + at + 2)
  // The lengths in headers are those of the whole packet.
  const length = { ip: 2, ip6: 4, udp: 4 }[layer.protocol as string]
  if (length !== undefined) copy(out, bytes, layer.start + length, layer.start + length + 2)
}

/** Writes one layer; gives what must be done once all that it carries is written. */
const write = (out: Uint8Array, bytes: Uint8Array, layer: Layer, ip: number): (() => void) | undefined => {
  const { start: at, end, limit } = layer
  if (layer.value === undefined) {
    copy(out, bytes, at, end)
    return undefined
  }
  switch (layer.protocol) {
    case 'eth':
      writeEthernet(out, at, layer.value)
      return undefined
    case 'vlan':
      writeVlan(out, at, layer.value)
      return undefined
    case 'llc':
      writeLlc(out, at, layer.value)
      return undefined
    case 'stp':
      writeBpdu(out, at, layer.value)
      return undefined
    case 'arp':
      writeArp(out, at, layer.value)
      return undefined
    case 'mpls':
      writeMpls(out, at, layer.value)
      return undefined
    case 'lldp':
      out.set(lldpMessage(layer.value), at)
      return undefined
    case 'vxlan':
      writeVxlan(out, at, layer.value)
      return undefined
    case 'ip':
      writeIpv4(out, at, layer.value, limit - end)
      return undefined
    case 'ip6':
      copy(out, bytes, at + 40, end)
      writeIpv6(out, at, layer.value, limit - at - 40)
      return undefined
    case 'udp': {
      writeUdp(out, at, layer.value, limit - end)
      return layer.value.checksum === 0 ? undefined : () => setUdpChecksum(out, ip, at, limit)
    }
    case 'tcp':
      writeTcp(out, at, layer.value)
      return () => setTcpChecksum(out, ip, at, limit)
    case 'sctp':
      writeSctp(out, at, layer.value)
      return () => setSctpChecksum(out, at, limit)
    case 'icmp':
      writeIcmp(out, at, layer.value)
      return () => setIcmpChecksum(out, at, limit)
    case 'icmp6':
      writeIcmp6(out, at, layer.value)
      return () => setIcmp6Checksum(out, ip, at, limit)
    case 'nd':
      writeNd(out, at, layer.value)
      return () => setIcmp6Checksum(out, ip, at, limit)
    case 'mld':
      writeMld(out, at, layer.value)
      return () => setIcmp6Checksum(out, ip, at, limit)
    case 'igmp':
      writeIgmp(out, at, layer.value)
      return undefined
    default:
      copy(out, bytes, at, end)
      return undefined
  }
}
