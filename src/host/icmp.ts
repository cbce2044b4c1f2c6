import { Frame } from '../wire/frame.ts'
import { IcmpHeader, IcmpType, IcmpUnreachable, isIcmpChecksumRight, setIcmpChecksum } from '../wire/icmp.ts'
import { IpProtocol } from '../wire/ip-protocol.ts'
import { parseIpv4 } from '../wire/ipv4.ts'
import { send4 } from './ipv4-output.ts'
import type { Received } from './received.ts'
import { takeRedirect4 } from './redirect4.ts'
import type { Stack } from './stack.ts'

/** ICMP for this host (RFC 792): answers echo requests, and tells the upper protocols of errors about their packets. */
export const receiveIcmp = (stack: Stack, packet: Received): void => {
  const { counters } = stack
  const { frame, payload } = packet
  const { bytes, end } = frame
  counters.add('Icmp.InMsgs')
  if (payload + 8 > end) {
    counters.add('Icmp.InErrors')
    return
  }
  if (!isIcmpChecksumRight(bytes, payload, end)) {
    counters.add('Icmp.InCsumErrors')
    counters.add('Icmp.InErrors')
    return
  }
  const type = bytes[payload] as number
  counters.add(`Icmp.InType${type}`)
  switch (type) {
    case IcmpType.echo:
      answerEcho(stack, packet)
      return
    case IcmpType.timestamp:
      answerTimestamp(stack, packet)
      return
    case IcmpType.unreachable:
    case IcmpType.timeExceeded:
    case IcmpType.parameterProblem:
      receiveError(stack, packet)
      return
    case IcmpType.redirect:
      receiveRedirect(stack, packet)
      return
    default:
  }
}

const answerEcho = (stack: Stack, packet: Received): void => {
  const { settings } = stack
  if (settings.value('net.ipv4.icmp_echo_ignore_all') !== 0) return
  if (packet.cast !== 'unicast' && settings.value('net.ipv4.icmp_echo_ignore_broadcasts') !== 0) return
  const { bytes, end } = packet.frame
  const reply = Frame.from(bytes, packet.payload, end)
  reply.bytes[reply.start] = IcmpType.echoReply
  answer(stack, packet, reply)
}

const answerTimestamp = (stack: Stack, packet: Received): void => {
  const { bytes, end } = packet.frame
  if (packet.cast !== 'unicast') return
  if (packet.payload + 20 > end) {
    stack.counters.add('Icmp.InErrors')
    return
  }
  const reply = Frame.from(bytes, packet.payload, packet.payload + 20)
  const now = Math.floor(stack.clock.now() / 1e6) % 86400000
  reply.bytes[reply.start] = IcmpType.timestampReply
  for (const at of [12, 16]) for (let i = 0; i < 4; i++) reply.bytes[reply.start + at + i] = now >>> (24 - 8 * i)
  answer(stack, packet, reply)
}

const answer = (stack: Stack, packet: Received, reply: Frame): void => {
  setIcmpChecksum(reply.bytes, reply.start, reply.end)
  stack.counters.add('Icmp.OutMsgs')
  stack.counters.add(`Icmp.OutType${reply.bytes[reply.start]}`)
  const src = packet.cast === 'unicast' ? packet.dst4 : 0
  // The answer to a packet from 127.0.0.1 leaves by lo whatever the routes say; all others by the routes alone.
  send4(stack, reply, { src, dst: packet.src4, protocol: IpProtocol.icmp, tos: packet.tos })
}

const receiveError = (stack: Stack, packet: Received): void => {
  const { bytes, end } = packet.frame
  const at = packet.payload
  const quoted = parseIpv4(bytes, at + 8, end, true)
  if (!quoted.ok) {
    stack.counters.add('Icmp.InErrors')
    return
  }
  const { src, dst, protocol, totalLength } = quoted.value
  const type = bytes[at] as number
  const code = bytes[at + 1] as number
  // Only what this host sent can have met with an error.
  if (!stack.addresses.isLocal(src)) {
    stack.counters.add('Icmp.InErrors')
    return
  }
  let mtu = 0
  if (type === IcmpType.unreachable && code === IcmpUnreachable.fragmentationNeeded) {
    mtu = IcmpHeader.at.mtu(bytes, at) || plateau(totalLength)
    if (stack.settings.value('net.ipv4.ip_no_pmtu_disc') === 0 && mtu < 65535)
      stack.pathMtu.learn(dst, mtu, stack.settings.value('net.ipv4.route.mtu_expires'))
  }
  stack.errors.get(protocol)?.({
    family: 4,
    from: packet.src4,
    type,
    code,
    mtu,
    link: packet.link,
    src,
    dst,
    protocol,
    bytes,
    payload: quoted.value.payload,
    end,
  })
}

const receiveRedirect = (stack: Stack, packet: Received): void => {
  const { bytes, end } = packet.frame
  const quoted = parseIpv4(bytes, packet.payload + 8, end, true)
  if (!quoted.ok) {
    stack.counters.add('Icmp.InErrors')
    return
  }
  const ours = stack.addresses.isLocal(quoted.value.src)
  const believed = ours && takeRedirect4(stack, packet, quoted.value.dst, IcmpHeader.at.gateway(bytes, packet.payload))
  if (!believed) stack.counters.add('Icmp.RedirectsIgnored')
}

/** RFC 1191 §7: the next smaller usual MTU, for routers that do not say theirs. */
const plateau = (size: number): number =>
  [32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296].find(mtu => mtu < size) ?? 68
