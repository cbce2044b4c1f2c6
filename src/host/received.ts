import type { Ip } from '../wire/address.ts'
import type { Frame } from '../wire/frame.ts'
import type { Link } from './link.ts'

/**
 * What is known of an IP packet that came in. One object is used again for every packet of a namespace, so that nothing
 * is allocated: who keeps a part copies it. IPv4 addresses have fields of their own, for a number stays unboxed there.
 */
export class Received {
  family: 4 | 6 = 4
  link!: Link
  frame!: Frame
  /** Where the IP header and its payload begin in the frame's bytes; the payload ends at `frame.end`. */
  ip = 0
  payload = 0
  src4 = 0
  dst4 = 0
  src6 = 0n
  dst6 = 0n
  protocol = 0
  ttl = 0
  tos = 0
  cast: 'unicast' | 'broadcast' | 'multicast' = 'unicast'

  get src(): Ip {
    return this.family === 4 ? this.src4 : this.src6
  }

  get dst(): Ip {
    return this.family === 4 ? this.dst4 : this.dst6
  }
}

/** Takes a packet of its IP protocol number; owns the frame. */
export type ProtocolHandler = (packet: Received) => void

/** An ICMP error about a packet of ours: the quoted packet's addresses and where its payload lies in the quote. */
export type IcmpNews = {
  family: 4 | 6
  /** Who reports, and what: ICMP's own type and code, and the MTU of "too big". */
  from: Ip
  type: number
  code: number
  mtu: number
  link: Link
  src: Ip
  dst: Ip
  protocol: number
  bytes: Uint8Array
  payload: number
  end: number
}

/** Takes an error about a packet that its protocol sent. */
export type ErrorHandler = (news: IcmpNews) => void
