import { isMulticastIp } from '../wire/address.ts'
import { Frame } from '../wire/frame.ts'
import { fillIcmp6Checksum, Icmp6Type } from '../wire/icmp6.ts'
import { IpProtocol } from '../wire/ip-protocol.ts'
import { countIcmp6Out } from './icmp6-count.ts'
import { route6, send6Over } from './ipv6-output.ts'
import type { Link } from './link.ts'
import type { Received } from './received.ts'
import type { Stack } from './stack.ts'

/** What an error is about. `Received` is one. */
export type Culprit6 = Pick<Received, 'src6' | 'dst6' | 'protocol' | 'cast' | 'ip' | 'payload' | 'frame'> & {
  link?: Link
}

/**
 * Tells a packet's source by ICMPv6 what became of it (RFC 4443 §2.4): with as much of the packet as fits 1280 bytes, never
 * about errors, never to what is no single node, and about multicast only what path MTU discovery and options need.
 */
export const icmp6Error = (stack: Stack, packet: Culprit6, type: number, code: number, rest: number): void => {
  const { src6, dst6, frame, ip, payload } = packet
  const aboutGroup = type === Icmp6Type.packetTooBig || (type === Icmp6Type.parameterProblem && code === 2)
  if ((packet.cast !== 'unicast' || isMulticastIp(dst6)) && !aboutGroup) return
  if (src6 === 0n || isMulticastIp(src6)) return
  if (packet.protocol === IpProtocol.icmp6 && (payload >= frame.end || (frame.bytes[payload] as number) < 128)) return
  const here = stack.addresses.isLocal(src6)
  const interval = type === Icmp6Type.packetTooBig || here ? 0 : stack.settings.value('net.ipv6.icmp.ratelimit')
  if (!stack.errorLimit.allow(src6, interval)) {
    stack.counters.add('Icmp6.OutRateLimitHost')
    return
  }
  const own = stack.addresses.isLocal(dst6) ? dst6 : undefined
  const path = route6(
    stack,
    src6,
    own,
    packet.link?.isLoopback === false && src6 >> 118n === 0x3fan ? packet.link : undefined,
  )
  if (typeof path === 'string') {
    stack.counters.add('Ip6.OutNoRoutes')
    return
  }
  const quoted = Math.min(frame.end - ip, 1280 - 48)
  const answer = Frame.of(8 + quoted)
  const at = answer.start
  answer.bytes[at] = type
  answer.bytes[at + 1] = code
  for (let i = 0; i < 4; i++) answer.bytes[at + 4 + i] = rest >>> (24 - 8 * i)
  answer.bytes.set(frame.bytes.subarray(ip, ip + quoted), at + 8)
  fillIcmp6Checksum(answer, { src: path.src, dst: src6 })
  countIcmp6Out(stack, type)
  send6Over(stack, answer, { src: path.src, dst: src6, protocol: IpProtocol.icmp6 }, path)
}
