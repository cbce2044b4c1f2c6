import { isTcpChecksumRight, parseTcp, TcpFlag, TcpHeader } from '../../wire/tcp.ts'
import type { IcmpNews, Received } from '../received.ts'
import { icmpErrno } from '../socket-error.ts'
import type { Stack } from '../stack.ts'
import { refuseSegment } from '../tcp-closed.ts'
import { readOptions } from './options.ts'
import type { TcpTable } from './table.ts'

/** A segment for this host: to its connection, to who listens, or else answered by a reset. */
export const receiveTcp = (stack: Stack, table: TcpTable, packet: Received): void => {
  const { counters } = stack
  const { frame, ip, payload, family, src, dst, link } = packet
  if (packet.cast !== 'unicast') return
  counters.add('Tcp.InSegs')
  const { bytes, end } = frame
  const parsed = parseTcp(bytes, payload, end)
  if (!parsed.ok) {
    counters.add('Tcp.InErrs')
    return
  }
  if (!isTcpChecksumRight(bytes, ip, payload, end)) {
    counters.add('Tcp.InCsumErrors')
    counters.add('Tcp.InErrs')
    return
  }
  const tcp = parsed.value
  const { seq, ack, flags, window } = tcp
  const segment = { seq, ack, flags, window, options: readOptions(tcp.options), bytes, start: tcp.payload, end }
  const channel = table.find(dst, tcp.dst, src, tcp.src, link)
  if (channel !== undefined) {
    if (!channel.connection.mayBeReplaced(segment)) {
      channel.input(segment)
      return
    }
    channel.run(connection => connection.abort())
  }
  const acceptor = table.acceptor(family, dst, tcp.dst, link)
  const { syn, ack: ackFlag, rst } = TcpFlag
  const opens = (flags & (syn | ackFlag | rst | TcpFlag.fin)) === syn
  if (acceptor !== undefined && opens) {
    acceptor.opened(dst, src, tcp.src, link, segment)
    return
  }
  // A listener ignores what is neither a SYN nor an acknowledgment (RFC 9293 §3.10.7.2).
  if (acceptor !== undefined && (flags & ackFlag) === 0) return
  refuseSegment(stack, packet, tcp)
}

/** An ICMP error about a segment: to the connection that sent it, if it quotes a number that is under way. */
export const failTcp = (table: TcpTable, news: IcmpNews): void => {
  const { bytes, payload } = news
  if (payload + 8 > news.end) return
  const { at } = TcpHeader
  const channel = table.find(news.src, at.src(bytes, payload), news.dst, at.dst(bytes, payload), news.link)
  if (channel === undefined || !channel.connection.isOurs(at.seq(bytes, payload))) return
  const { errno } = icmpErrno(news)
  if (errno === 'EMSGSIZE') channel.measure()
  else channel.run(connection => connection.failed(errno))
}
