import type { TunnelRow } from '../flow/layout.ts'
import type { Frame } from '../wire/frame.ts'

/**
 * The network that carries encapsulated frames: an IP stack, a UDP socket, a test. It sends and receives UDP datagrams;
 * what is in them is the tunnel's.
 *
 * The other way, whoever has a datagram for the port calls `VxlanVport.receive(frame, outer)` with the frame's start at
 * the UDP payload. It has checked the UDP checksum, if there is one, as RFC 7348 §5 asks.
 */
export interface Underlay {
  /**
   * Sends a datagram; owns the frame, which starts at the UDP payload and has headroom for the headers before it.
   * `outer` is only valid during the call: destination address and port and source port are there; source address and
   * TTL may be 0, then the underlay chooses. `tunnelFlag.csum` asks for a UDP checksum, `dontFragment` for DF.
   */
  send(frame: Frame, outer: TunnelRow): void
}
