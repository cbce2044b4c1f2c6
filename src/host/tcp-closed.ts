/**
 * TCP segments for which there is neither a connection nor a listener: they are answered by a reset (RFC 9293 §3.10.7.1), as
 * Linux does, so that who connects learns at once that nobody listens.
 */
import type { Ip4, Ip6 } from '../wire/address.ts'
import { Frame } from '../wire/frame.ts'
import { IpProtocol } from '../wire/ip-protocol.ts'
import { pushTcp, type Tcp, TcpFlag, TcpHeader } from '../wire/tcp.ts'
import { send4 } from './ipv4-output.ts'
import { send6 } from './ipv6-output.ts'
import type { Received } from './received.ts'
import type { Stack } from './stack.ts'

/** Answers a right segment for a closed port, unless it is a reset. */
export const refuseSegment = (stack: Stack, packet: Received, segment: RefusedSegment): void => {
  const { counters } = stack
  const { frame, family, src, dst } = packet
  if ((segment.flags & TcpFlag.rst) !== 0) return
  const { at } = TcpHeader
  const ports = { src: at.dst(frame.bytes, packet.payload), dst: at.src(frame.bytes, packet.payload) }
  const answer = pushTcp(Frame.of(0), { ...ports, ...reset(segment) }, { src: dst, dst: src })
  counters.add('Tcp.OutSegs')
  counters.add('Tcp.OutRsts')
  const common = { protocol: IpProtocol.tcp, dontFragment: true }
  if (family === 4) send4(stack, answer, { ...common, src: dst as Ip4, dst: src as Ip4, id: 0, tos: packet.tos & 0xfc })
  else {
    const linked = (src as Ip6) >> 118n === 0x3fan && !packet.link.isLoopback ? packet.link : undefined
    send6(stack, answer, { ...common, src: dst as Ip6, dst: src as Ip6, link: linked })
  }
}

/** What matters of a segment that nobody wants: the header's numbers, and where its data lies. */
export type RefusedSegment = { seq: number; ack: number; flags: number; start: number; end: number }

/** The reset that a segment gets, without ports. */
const reset = ({ seq, ack, flags, start, end }: RefusedSegment): Omit<Tcp, 'src' | 'dst'> => {
  const rest = { window: 0, urgent: 0, options: [] }
  if ((flags & TcpFlag.ack) !== 0) return { ...rest, seq: ack, ack: 0, flags: TcpFlag.rst }
  const length = end - start + ((flags & TcpFlag.syn) !== 0 ? 1 : 0) + ((flags & TcpFlag.fin) !== 0 ? 1 : 0)
  return { ...rest, seq: 0, ack: (seq + length) >>> 0, flags: TcpFlag.rst | TcpFlag.ack }
}
