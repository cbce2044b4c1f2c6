import { isTcpChecksumRight, TcpFlag, TcpHeader } from '../../wire/tcp.ts'
import { segmentCount } from '../../wire/tcp-segments.ts'
import type { IcmpNews, Received } from '../received.ts'
import { icmpErrno } from '../socket-error.ts'
import type { Stack } from '../stack.ts'
import { refuseSegment } from '../tcp-closed.ts'
import { optionsOf } from './options.ts'
import type { TcpTable } from './table.ts'

/** A segment for this host: to its connection, to who listens, or else answered by a reset. */
export const receiveTcp = (stack: Stack, table: TcpTable, packet: Received): void => {
  const { counters } = stack
  const { frame, ip, payload, family, src, dst, link } = packet
  if (packet.cast !== 'unicast') return
  counters.add('Tcp.InSegs', segmentCount(frame))
  const { bytes, end, gso } = frame
  const { at } = TcpHeader
  const start = payload + 20 <= end ? payload + at.headerWords(bytes, payload) * 4 : end + 1
  const options = start > end || start < payload + 20 ? undefined : optionsOf(bytes, payload + 20, start)
  if (options === undefined) {
    counters.add('Tcp.InErrs')
    return
  }
  // A run of segments has no checksum yet.
  if (gso === 0 && !isTcpChecksumRight(bytes, ip, payload, end)) {
    counters.add('Tcp.InCsumErrors')
    counters.add('Tcp.InErrs')
    return
  }
  const [sport, dport] = [at.src(bytes, payload), at.dst(bytes, payload)]
  const flags = at.flags(bytes, payload)
  const segment = {
    seq: at.seq(bytes, payload),
    ack: at.ack(bytes, payload),
    flags,
    window: at.window(bytes, payload),
    options,
    bytes,
    start,
    end,
    unit: gso,
  }
  const channel = table.find(dst, dport, src, sport, link)
  if (channel !== undefined) {
    if (!channel.connection.mayBeReplaced(segment)) {
      channel.input(segment)
      return
    }
    channel.run(connection => connection.abort())
  }
  const acceptor = table.acceptor(family, dst, dport, link)
  const { syn, ack: ackFlag, rst } = TcpFlag
  const opens = (flags & (syn | ackFlag | rst | TcpFlag.fin)) === syn
  if (acceptor !== undefined && opens) {
    acceptor.opened(dst, src, sport, link, segment)
    return
  }
  // A listener ignores what is neither a SYN nor an acknowledgment (RFC 9293 §3.10.7.2).
  if (acceptor !== undefined && (flags & ackFlag) === 0) return
  refuseSegment(stack, packet, segment)
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
