import type { Frame } from './frame.ts'
import { header, u16 } from './header.ts'
import { IpProtocol } from './ip-protocol.ts'
import { type Parsed, parsed, refused } from './parsed.ts'
import { type Ends, endsSum, storeChecksum, sumsUp, transportSum } from './transport-checksum.ts'

/** RFC 768. */
export const UdpHeader = header('UDP', 8, { src: [0, u16], dst: [2, u16], length: [4, u16], checksum: [6, u16] })

/** Two ports; `checksum` is 0 where the sender made none. */
export type Udp = { src: number; dst: number; checksum: number }

/**
 * The payload is `payload` to `end`. Refuses `short`, and `length` for a length under 8. With `cut` the datagram may stop
 * early. The checksum is not looked at: `isUdpChecksumRight`.
 */
export const parseUdp = (
  bytes: Uint8Array,
  start: number,
  end: number,
  cut = false,
): Parsed<Udp & { length: number; payload: number; end: number }> => {
  if (start + 8 > end) return refused('short')
  const length = u16.get(bytes, start + 4)
  if (length < 8) return refused('length')
  if (start + length > end && !cut) return refused('short')
  return parsed({
    src: u16.get(bytes, start),
    dst: u16.get(bytes, start + 2),
    checksum: u16.get(bytes, start + 6),
    length,
    payload: start + 8,
    end: Math.min(start + length, end),
  })
}

/** Writes 8 bytes for a payload of this size, checksum 0. */
export const writeUdp = (
  bytes: Uint8Array,
  at: number,
  udp: { src: number; dst: number },
  payloadSize: number,
): number => {
  u16.set(bytes, at, udp.src)
  u16.set(bytes, at + 2, udp.dst)
  u16.set(bytes, at + 4, 8 + payloadSize)
  u16.set(bytes, at + 6, 0)
  return 8
}

/** Puts a UDP header in front of what the frame holds; with the IP addresses that will follow, its checksum too. */
export const pushUdp = (frame: Frame, udp: { src: number; dst: number }, ends?: Ends): Frame => {
  const payloadSize = frame.size
  frame.prepend(8)
  const { bytes, start } = frame
  writeUdp(bytes, start, udp, payloadSize)
  if (ends !== undefined) store(bytes, start, frame.end, endsSum(ends, IpProtocol.udp, frame.size))
  return frame
}

const store = (bytes: Uint8Array, at: number, end: number, sum: number): void => {
  storeChecksum(bytes, at + 6, at, end, sum)
  // RFC 768: a checksum that comes out as zero is sent as all ones, for zero says that there is none.
  if (u16.get(bytes, at + 6) === 0) u16.set(bytes, at + 6, 0xffff)
}

/** Stores the checksum of the datagram `udp` to `end` under the IPv4 or IPv6 header at `ip`. */
export const setUdpChecksum = (bytes: Uint8Array, ip: number, udp: number, end: number): void =>
  store(bytes, udp, end, transportSum(bytes, ip, IpProtocol.udp, end - udp))

/** Whether there is no checksum, which only IPv4 allows without saying (RFC 8200 §8.1, RFC 6935), or a right one. */
export const isUdpChecksumRight = (bytes: Uint8Array, ip: number, udp: number, end: number): boolean =>
  u16.get(bytes, udp + 6) === 0 || sumsUp(bytes, udp, end, transportSum(bytes, ip, IpProtocol.udp, end - udp))
