import { IcmpType, IcmpUnreachable } from '../wire/icmp.ts'
import { Icmp6Type, Icmp6Unreachable } from '../wire/icmp6.ts'
import { isUdpChecksumRight } from '../wire/udp.ts'
import { icmpError } from './icmp-error.ts'
import { icmp6Error } from './icmp6-error.ts'
import type { IcmpNews, Received } from './received.ts'
import type { Stack } from './stack.ts'
import type { UdpTable } from './udp-table.ts'

/** A UDP datagram for this host: to the tunnel that took its port, to one socket, or to all that hear a group. */
export const receiveUdp = (stack: Stack, table: UdpTable, packet: Received): void => {
  const { counters } = stack
  const { frame, payload } = packet
  const { bytes } = frame
  const name = packet.family === 4 ? 'Udp' : 'Udp6'
  if (payload + 8 > frame.end) {
    counters.add(`${name}.InErrors`)
    return
  }
  const length = ((bytes[payload + 4] as number) << 8) | (bytes[payload + 5] as number)
  if (length < 8 || payload + length > frame.end) {
    counters.add(`${name}.InErrors`)
    return
  }
  frame.end = payload + length
  const sport = ((bytes[payload] as number) << 8) | (bytes[payload + 1] as number)
  const dport = ((bytes[payload + 2] as number) << 8) | (bytes[payload + 3] as number)
  const encap = table.encapOf(dport)
  const bare = bytes[payload + 6] === 0 && bytes[payload + 7] === 0
  // RFC 6935 §5: over IPv6 only tunnels may leave the checksum out.
  if (packet.family === 6 && bare && encap === undefined) {
    counters.add('Udp6.InErrors')
    return
  }
  if (!bare && !isUdpChecksumRight(bytes, packet.ip, payload, frame.end)) {
    counters.add(`${name}.InCsumErrors`)
    counters.add(`${name}.InErrors`)
    return
  }
  if (encap !== undefined) {
    frame.start = payload + 8
    encap(frame, packet, sport)
    return
  }
  const found = table.matches(packet.family, packet.dst, dport, packet.src, sport, packet.link)
  const takers = packet.cast === 'unicast' ? found.slice(0, 1) : found
  let taken = false
  for (const socket of takers) {
    if (!socket.accepts(packet)) continue
    taken = true
    if (socket.received(packet, sport, payload + 8, frame.end)) counters.add(`${name}.InDatagrams`)
    else {
      counters.add(`${name}.RcvbufErrors`)
      counters.add(`${name}.InErrors`)
    }
  }
  if (taken) return
  counters.add(`${name}.NoPorts`)
  if (packet.cast !== 'unicast') return
  if (packet.family === 4) icmpError(stack, packet, IcmpType.unreachable, IcmpUnreachable.port, 0)
  else icmp6Error(stack, packet, Icmp6Type.unreachable, Icmp6Unreachable.port, 0)
}

/** An ICMP error about a datagram: to the socket that sent it. */
export const failUdp = (table: UdpTable, news: IcmpNews): void => {
  if (news.payload + 4 > news.end) return
  const { bytes, payload } = news
  const sport = ((bytes[payload] as number) << 8) | (bytes[payload + 1] as number)
  const dport = ((bytes[payload + 2] as number) << 8) | (bytes[payload + 3] as number)
  table.matches(news.family, news.src, sport, news.dst, dport, news.link)[0]?.failed(news, dport)
}
