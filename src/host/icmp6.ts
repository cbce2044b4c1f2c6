import { Frame } from '../wire/frame.ts'
import { fillIcmp6Checksum, Icmp6Header, Icmp6Type, isIcmp6ChecksumRight } from '../wire/icmp6.ts'
import { IpProtocol } from '../wire/ip-protocol.ts'
import { parseIpv6 } from '../wire/ipv6.ts'
import { isMldType } from '../wire/mld.ts'
import { isNdType } from '../wire/nd.ts'
import { countIcmp6Out } from './icmp6-count.ts'
import { route6, send6Over } from './ipv6-output.ts'
import { receiveNd } from './nd.ts'
import type { Received } from './received.ts'
import type { Stack } from './stack.ts'

/** ICMPv6 for this host (RFC 4443): echo, errors, and neighbour discovery. */
export const receiveIcmp6 = (stack: Stack, packet: Received): void => {
  const { counters } = stack
  const { frame, payload } = packet
  const { bytes, end } = frame
  counters.add('Icmp6.InMsgs')
  if (payload + 8 > end) {
    counters.add('Icmp6.InErrors')
    return
  }
  if (!isIcmp6ChecksumRight(bytes, packet.ip, payload, end)) {
    counters.add('Icmp6.InCsumErrors')
    counters.add('Icmp6.InErrors')
    return
  }
  const type = bytes[payload] as number
  counters.add(`Icmp6.InType${type}`)
  if (type === Icmp6Type.echo) {
    answerEcho(stack, packet)
    return
  }
  if (isNdType(type)) {
    receiveNd(stack, packet)
    return
  }
  if (isMldType(type)) {
    stack.memberships.receiveMld(packet)
    return
  }
  if (type >= Icmp6Type.unreachable && type <= Icmp6Type.parameterProblem) {
    receiveError(stack, packet)
    return
  }
}

const answerEcho = (stack: Stack, packet: Received): void => {
  if (packet.src6 === 0n) return
  const { bytes, end } = packet.frame
  const own = packet.cast === 'unicast' ? packet.dst6 : undefined
  const linked = packet.src6 >> 118n === 0x3fan && !packet.link.isLoopback ? packet.link : undefined
  const path = route6(stack, packet.src6, own, linked)
  if (typeof path === 'string') {
    stack.counters.add('Ip6.OutNoRoutes')
    return
  }
  const reply = Frame.from(bytes, packet.payload, end)
  reply.bytes[reply.start] = Icmp6Type.echoReply
  fillIcmp6Checksum(reply, { src: path.src, dst: packet.src6 })
  countIcmp6Out(stack, Icmp6Type.echoReply)
  const fields = { src: path.src, dst: packet.src6, protocol: IpProtocol.icmp6, trafficClass: packet.tos }
  send6Over(stack, reply, fields, path)
}

const receiveError = (stack: Stack, packet: Received): void => {
  const { bytes, end } = packet.frame
  const at = packet.payload
  const quoted = parseIpv6(bytes, at + 8, end, true)
  if (!quoted.ok) {
    stack.counters.add('Icmp6.InErrors')
    return
  }
  const { src, dst, protocol, payload } = quoted.value
  if (!stack.addresses.isLocal(src)) {
    stack.counters.add('Icmp6.InErrors')
    return
  }
  const type = bytes[at] as number
  const mtu = type === Icmp6Type.packetTooBig ? Icmp6Header.at.rest(bytes, at) : 0
  if (type === Icmp6Type.packetTooBig) stack.pathMtu.learn(dst, mtu)
  stack.errors.get(protocol)?.({
    family: 6,
    from: packet.src6,
    type,
    code: bytes[at + 1] as number,
    mtu,
    link: packet.link,
    src,
    dst,
    protocol,
    bytes,
    payload,
    end,
  })
}
