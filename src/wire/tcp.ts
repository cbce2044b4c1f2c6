import type { Frame } from './frame.ts'
import { bit, bits, header, u8, u16, u32 } from './header.ts'
import { IpProtocol } from './ip-protocol.ts'
import { type Parsed, parsed, refused } from './parsed.ts'
import { parseTcpOptions, type TcpOption, tcpOptionsSize, writeTcpOptions } from './tcp-options.ts'
import { type Ends, endsSum, storeChecksum, sumsUp, transportSum } from './transport-checksum.ts'

/** RFC 9293 §3.1; `flags` holds the eight flags of `TcpFlag`. */
export const TcpHeader = header('TCP', 20, {
  src: [0, u16],
  dst: [2, u16],
  seq: [4, u32],
  ack: [8, u32],
  headerWords: [12, bits(4, 4)],
  accurateEcn: [12, bit(7)],
  flags: [13, u8],
  window: [14, u16],
  checksum: [16, u16],
  urgent: [18, u16],
})

export const TcpFlag = {
  fin: 0x01,
  syn: 0x02,
  rst: 0x04,
  psh: 0x08,
  ack: 0x10,
  urg: 0x20,
  ece: 0x40,
  cwr: 0x80,
} as const

/** `flags` is a sum of `TcpFlag`; `window` is as sent, not scaled. */
export type Tcp = {
  src: number
  dst: number
  seq: number
  ack: number
  flags: number
  window: number
  urgent: number
  options: TcpOption[]
}

/** Refuses `short`, and `length` for a header under 20 bytes or an option that cannot be. The checksum is not looked at. */
export const parseTcp = (
  bytes: Uint8Array,
  start: number,
  end: number,
): Parsed<Tcp & { checksum: number; payload: number }> => {
  if (start + 20 > end) return refused('short')
  const { at } = TcpHeader
  const size = at.headerWords(bytes, start) * 4
  if (size < 20) return refused('length')
  if (start + size > end) return refused('short')
  const options = parseTcpOptions(bytes, start + 20, start + size)
  if (!options.ok) return options
  return parsed({
    src: at.src(bytes, start),
    dst: at.dst(bytes, start),
    seq: at.seq(bytes, start),
    ack: at.ack(bytes, start),
    flags: at.flags(bytes, start),
    window: at.window(bytes, start),
    checksum: at.checksum(bytes, start),
    urgent: at.urgent(bytes, start),
    options: options.value,
    payload: start + size,
  })
}

/** Writes the header with its options, 20 to 60 bytes, the checksum 0. */
export const writeTcp = (bytes: Uint8Array, at: number, tcp: Tcp): number => {
  const size = 20 + tcpOptionsSize(tcp.options)
  if (size > 60) throw new RangeError(`TCP options of ${size - 20} bytes`)
  TcpHeader.write(bytes, at, {
    src: tcp.src,
    dst: tcp.dst,
    seq: tcp.seq,
    ack: tcp.ack,
    headerWords: size / 4,
    flags: tcp.flags,
    window: tcp.window,
    urgent: tcp.urgent,
  })
  writeTcpOptions(bytes, at + 20, tcp.options)
  return size
}

/** Puts a TCP header with its checksum in front of what the frame holds. */
export const pushTcp = (frame: Frame, tcp: Tcp, ends: Ends): Frame => {
  frame.prepend(20 + tcpOptionsSize(tcp.options))
  const { bytes, start, end } = frame
  writeTcp(bytes, start, tcp)
  storeChecksum(bytes, start + 16, start, end, endsSum(ends, IpProtocol.tcp, end - start))
  return frame
}

/** Stores the checksum of the segment `tcp` to `end` under the IPv4 or IPv6 header at `ip`. */
export const setTcpChecksum = (bytes: Uint8Array, ip: number, tcp: number, end: number): void =>
  storeChecksum(bytes, tcp + 16, tcp, end, transportSum(bytes, ip, IpProtocol.tcp, end - tcp))

export const isTcpChecksumRight = (bytes: Uint8Array, ip: number, tcp: number, end: number): boolean =>
  sumsUp(bytes, tcp, end, transportSum(bytes, ip, IpProtocol.tcp, end - tcp))
