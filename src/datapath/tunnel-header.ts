/** Outer headers that a `tnl_push` action puts before a frame: Ethernet, IP, UDP and VXLAN (RFC 7348 §5). */
import { type Ip, isIp6, type Mac } from '../wire/address.ts'
import { checksum } from '../wire/checksum.ts'
import { EtherType } from '../wire/ethernet.ts'
import type { Frame } from '../wire/frame.ts'
import { u16, u32 } from '../wire/header.ts'
import { IpProtocol } from '../wire/ip-protocol.ts'
import { setUdpChecksum } from '../wire/udp.ts'

export type TunnelHeader = {
  dst: Mac
  src: Mac
  ipDst: Ip
  ipSrc: Ip
  tos: number
  ttl: number
  dontFragment: boolean
  udpDst: number
  /** Whether UDP has a checksum. */
  csum: boolean
  /** The first word of the VXLAN header. */
  vxlanFlags: number
  vni: number
  /** UDP source ports, by the hash of the frame; whoever made the header may change them. */
  sourcePorts: Readonly<{ least: number; most: number }>
}

const ethernetSize = 14
const udpSize = 8
const vxlanSize = 8
const ipSize = ({ ipDst }: TunnelHeader): number => (isIp6(ipDst) ? 40 : 20)

/** Bytes of all headers together. */
export const tunnelHeaderSize = (header: TunnelHeader): number => ethernetSize + ipSize(header) + udpSize + vxlanSize

/** What puts the headers before a frame with this hash of 32 bits. */
export const tunnelPusher = (header: TunnelHeader): ((frame: Frame, hash: number) => void) => {
  const size = tunnelHeaderSize(header)
  const bare = new Uint8Array(size)
  const six = isIp6(header.ipDst)
  const ip = ethernetSize
  const udp = ip + ipSize(header)
  putMac(bare, 0, header.dst)
  putMac(bare, 6, header.src)
  u16.set(bare, 12, six ? EtherType.ipv6 : EtherType.ipv4)
  if (six) putIp6(bare, ip, header)
  else putIp4(bare, ip, header)
  u16.set(bare, udp + 2, header.udpDst)
  u32.set(bare, udp + udpSize, header.vxlanFlags)
  u32.set(bare, udp + udpSize + 4, header.vni * 256)
  const { sourcePorts } = header
  return (frame, hash) => {
    frame.prepend(size)
    const { bytes, start, end } = frame
    bytes.set(bare, start)
    const carried = end - start - udp
    if (six) u16.set(bytes, start + ip + 4, carried)
    else {
      u16.set(bytes, start + ip + 2, carried + 20)
      u16.set(bytes, start + ip + 10, checksum(bytes, start + ip, start + ip + 20))
    }
    const { least, most } = sourcePorts
    u16.set(bytes, start + udp, least + Math.floor(((hash >>> 0) * (most - least)) / 2 ** 32))
    u16.set(bytes, start + udp + 4, carried)
    if (header.csum) setUdpChecksum(bytes, start + ip, start + udp, end)
  }
}

const putMac = (bytes: Uint8Array, at: number, mac: Mac): void => {
  u16.set(bytes, at, Math.floor(mac / 2 ** 32))
  u32.set(bytes, at + 2, mac % 2 ** 32)
}

const putIp4 = (bytes: Uint8Array, at: number, { tos, ttl, dontFragment, ipSrc, ipDst }: TunnelHeader): void => {
  u16.set(bytes, at, 0x4500 | tos)
  u16.set(bytes, at + 6, dontFragment ? 0x4000 : 0)
  u16.set(bytes, at + 8, (ttl << 8) | IpProtocol.udp)
  u32.set(bytes, at + 12, Number(ipSrc))
  u32.set(bytes, at + 16, Number(ipDst))
}

const putIp6 = (bytes: Uint8Array, at: number, { tos, ttl, ipSrc, ipDst }: TunnelHeader): void => {
  u32.set(bytes, at, (0x60000000 | (tos << 20)) >>> 0)
  u16.set(bytes, at + 6, (IpProtocol.udp << 8) | ttl)
  for (let i = 0; i < 4; i++) {
    u32.set(bytes, at + 8 + 4 * i, Number((BigInt(ipSrc) >> BigInt(96 - 32 * i)) & 0xffffffffn))
    u32.set(bytes, at + 24 + 4 * i, Number((BigInt(ipDst) >> BigInt(96 - 32 * i)) & 0xffffffffn))
  }
}
