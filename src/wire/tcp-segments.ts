/**
 * Runs of TCP segments in one frame (`Frame.gso`), as Linux's segmentation offload makes them: one header, and more data than
 * a packet carries. Whoever puts a frame where each packet counts by itself (a cable, a tunnel, a controller) cuts it.
 */
import { EtherType } from './ethernet.ts'
import { Frame } from './frame.ts'
import { IpProtocol } from './ip-protocol.ts'
import { Ipv4Header, setIpv4Checksum } from './ipv4.ts'
import { setTcpChecksum, TcpFlag, TcpHeader } from './tcp.ts'

/** Where the IP and TCP headers and the data of a run begin in its bytes. */
type Places = { ip: number; tcp: number; data: number; six: boolean }

/** Of a frame that begins with its IP header, `ip` is `frame.start`. */
const placesOf = ({ bytes, start, end }: Frame, known?: number): Places | undefined => {
  if (known !== undefined) return placesAt(bytes, known, end, (bytes[known] as number) >> 4 === 6)
  let at = start + 12
  let type = ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
  while ((type === EtherType.vlan || type === 0x88a8) && at + 6 < end) {
    at += 4
    type = ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
  }
  const six = type === EtherType.ipv6
  return six || type === EtherType.ipv4 ? placesAt(bytes, at + 2, end, six) : undefined
}

const placesAt = (bytes: Uint8Array, ip: number, end: number, six: boolean): Places | undefined => {
  const tcp = ip + (six ? 40 : ((bytes[ip] as number) & 15) * 4)
  if (tcp + 20 > end || bytes[ip + (six ? 6 : 9)] !== IpProtocol.tcp) return undefined
  const data = tcp + TcpHeader.at.headerWords(bytes, tcp) * 4
  return data > end ? undefined : { ip, tcp, data, six }
}

/** Whether a run is of IPv6. */
export const isRun6 = (frame: Frame): boolean => placesOf(frame)?.six === true

/** How many packets a frame is. */
export const segmentCount = (frame: Frame): number => {
  if (frame.gso === 0) return 1
  const places = placesOf(frame)
  return places === undefined ? 1 : Math.max(1, Math.ceil((frame.end - places.data) / frame.gso))
}

/** Bytes of the largest packet of a frame, from its first byte on; `ip` where it begins with its IP header. */
export const segmentSize = (frame: Frame, ip?: number): number => {
  const { gso, size } = frame
  if (gso === 0) return size
  const places = placesOf(frame, ip)
  return places === undefined ? size : Math.min(size, places.data - frame.start + gso)
}

/** Bytes that the packets of a frame are on a wire together. */
export const wireSize = (frame: Frame): number => {
  if (frame.gso === 0) return frame.size
  const places = placesOf(frame)
  return places === undefined ? frame.size : frame.size + (segmentCount(frame) - 1) * (places.data - frame.start)
}

/** The packets of a frame, each with its checksums; the frame itself if it is one. Owns the frame. */
export const segmentsOf = (frame: Frame): Frame[] => {
  const { bytes, start, end, gso } = frame
  if (gso === 0) return [frame]
  const places = placesOf(frame)
  frame.gso = 0
  if (places === undefined) return [frame]
  const headers = places.data - start
  const [ip, tcp] = [places.ip - start, places.tcp - start]
  const id = Ipv4Header.at.id(bytes, places.ip)
  const seq = TcpHeader.at.seq(bytes, places.tcp)
  const flags = TcpHeader.at.flags(bytes, places.tcp)
  const packets: Frame[] = []
  for (let from = places.data; from < end || packets.length === 0; from += gso) {
    const size = Math.min(gso, end - from)
    const packet = Frame.of(headers + size)
    packet.packetType = frame.packetType
    const to = packet.bytes
    const at = packet.start
    to.set(bytes.subarray(start, places.data), at)
    to.set(bytes.subarray(from, from + size), at + headers)
    const isLast = from + size >= end
    TcpHeader.put.seq(to, at + tcp, (seq + from - places.data) >>> 0)
    // The end of the data is the end of the last packet; a reduced window is told of by the first (RFC 3168 §6.1.2).
    let kept = flags
    if (!isLast) kept &= ~(TcpFlag.fin | TcpFlag.psh)
    if (packets.length > 0) kept &= ~TcpFlag.cwr
    TcpHeader.put.flags(to, at + tcp, kept)
    if (places.six) {
      const length = headers + size - ip - 40
      to[at + ip + 4] = length >>> 8
      to[at + ip + 5] = length
    } else {
      Ipv4Header.put.totalLength(to, at + ip, headers + size - ip)
      Ipv4Header.put.id(to, at + ip, (id + packets.length) & 0xffff)
      setIpv4Checksum(to, at + ip)
    }
    setTcpChecksum(to, at + ip, at + tcp, packet.end)
    packets.push(packet)
  }
  return packets
}
