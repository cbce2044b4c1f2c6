import { type TunnelRow, tunnelFlag } from '../flow/layout.ts'
import { EtherType } from '../wire/ethernet.ts'
import type { Frame } from '../wire/frame.ts'
import { u16, u32 } from '../wire/header.ts'
import { IpProtocol } from '../wire/ip-protocol.ts'
import { isIpv4ChecksumRight } from '../wire/ipv4.ts'
import { isUdpChecksumRight } from '../wire/udp.ts'
import type { VxlanDialect } from '../wire/vxlan.ts'
import { at, newRow } from './row.ts'
import { decapsulate, vxlanDefaults } from './vxlan.ts'

/**
 * The datapath's end of all VXLAN tunnels of one UDP port, where the datapath puts on and takes off outer headers itself:
 * what goes out has them already, so nothing is sent here.
 */
export class NativeVxlan {
  readonly name: string
  readonly type = 'vxlan'
  private readonly dialect: VxlanDialect

  constructor(udpPort: number, dialect: VxlanDialect) {
    this.name = `vxlan_sys_${udpPort}`
    this.dialect = dialect
  }

  send(): void {}

  /** Takes Ethernet, IP, UDP and VXLAN off a frame; undefined if they are not that, or damaged. */
  pop(frame: Frame): TunnelRow | undefined {
    const row = newRow()
    if (!takeOuter(frame, row)) return undefined
    return decapsulate(frame, row, { ...vxlanDefaults, dialect: this.dialect }) === undefined ? row : undefined
  }
}

const ethernetSize = 14

/** Leaves what UDP carries, with what was before it in the row. False, with nothing done, if there is no whole datagram. */
const takeOuter = (frame: Frame, row: TunnelRow): boolean => {
  const { bytes, start, end } = frame
  if (start + ethernetSize + 28 > end) return false
  const type = u16.get(bytes, start + 12)
  const ip = start + ethernetSize
  const udp = type === EtherType.ipv4 ? read4(bytes, ip, row) : read6(bytes, ip, end, type, row)
  if (udp === undefined || udp + 8 > end) return false
  const packetEnd = udp + u16.get(bytes, udp + 4)
  if (packetEnd > end || packetEnd < udp + 8 || !isUdpChecksumRight(bytes, ip, udp, packetEnd)) return false
  row[at.transport] = u32.get(bytes, udp)
  if (u16.get(bytes, udp + 6) !== 0) row[at.flags] = (row[at.flags]! | (tunnelFlag.csum << 16)) >>> 0
  frame.start = udp + 8
  frame.end = packetEnd
  return true
}

/** Where the datagram begins. */
const read4 = (bytes: Uint8Array, ip: number, row: TunnelRow): number | undefined => {
  const isPlain = bytes[ip] === 0x45 && bytes[ip + 9] === IpProtocol.udp && (u16.get(bytes, ip + 6) & 0x3fff) === 0
  if (!isPlain || !isIpv4ChecksumRight(bytes, ip)) return undefined
  const df = (bytes[ip + 6]! & 0x40) !== 0 ? tunnelFlag.dontFragment : 0
  row[at.flags] = ((df << 16) | (bytes[ip + 1]! << 8) | bytes[ip + 8]!) >>> 0
  row[at.src] = u32.get(bytes, ip + 12)
  row[at.dst] = u32.get(bytes, ip + 16)
  return ip + 20
}

const read6 = (bytes: Uint8Array, ip: number, end: number, type: number, row: TunnelRow): number | undefined => {
  if (type !== EtherType.ipv6 || ip + 48 > end || bytes[ip + 6] !== IpProtocol.udp) return undefined
  row[at.flags] = (((u16.get(bytes, ip) & 0xff0) << 4) | bytes[ip + 7]!) >>> 0
  for (let i = 0; i < 4; i++) {
    row[at.src6 + i] = u32.get(bytes, ip + 8 + 4 * i)
    row[at.dst6 + i] = u32.get(bytes, ip + 24 + 4 * i)
  }
  return ip + 40
}
