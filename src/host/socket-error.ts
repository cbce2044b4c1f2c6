import type { Errno } from './errno.ts'
import type { IcmpNews } from './received.ts'
import type { SocketError } from './socket.ts'

/** By code of ICMP's destination unreachable (RFC 1122 §4.1.3.3): the error, and whether it is worth giving up for. */
const unreachable4: { errno: Errno; fatal: boolean }[] = [
  { errno: 'ENETUNREACH', fatal: false },
  { errno: 'EHOSTUNREACH', fatal: false },
  { errno: 'ENOPROTOOPT', fatal: true },
  { errno: 'ECONNREFUSED', fatal: true },
  { errno: 'EMSGSIZE', fatal: false },
  { errno: 'EOPNOTSUPP', fatal: false },
  { errno: 'ENETUNREACH', fatal: true },
  { errno: 'EHOSTUNREACH', fatal: true },
  { errno: 'ENETUNREACH', fatal: true },
  { errno: 'ENETUNREACH', fatal: true },
  { errno: 'EHOSTUNREACH', fatal: true },
  { errno: 'ENETUNREACH', fatal: false },
  { errno: 'EHOSTUNREACH', fatal: false },
  { errno: 'EHOSTUNREACH', fatal: true },
]

const unreachable6: { errno: Errno; fatal: boolean }[] = [
  { errno: 'ENETUNREACH', fatal: false },
  { errno: 'EACCES', fatal: true },
  { errno: 'EHOSTUNREACH', fatal: false },
  { errno: 'EHOSTUNREACH', fatal: false },
  { errno: 'ECONNREFUSED', fatal: true },
  { errno: 'EACCES', fatal: true },
  { errno: 'EACCES', fatal: true },
]

const soft = { errno: 'EHOSTUNREACH', fatal: false } as const
const protocol = { errno: 'EPROTO', fatal: true } as const
const tooBig = { errno: 'EMSGSIZE', fatal: false } as const

/** What an ICMP error means to a socket, as Linux's icmp_err_convert and icmpv6_err_convert. */
export const icmpErrno = (news: IcmpNews): { errno: Errno; fatal: boolean } => {
  if (news.family === 4) {
    if (news.type === 3) return unreachable4[news.code] ?? { errno: 'EHOSTUNREACH', fatal: true }
    return news.type === 12 ? protocol : soft
  }
  if (news.type === 1) return unreachable6[news.code] ?? protocol
  return news.type === 2 ? tooBig : news.type === 4 ? protocol : soft
}

/** The entry of a socket's error queue; `skip` is the size of the quoted transport header. */
export const newsToError = (news: IcmpNews, errno: Errno, dport: number, skip: number, time: number): SocketError => ({
  errno,
  origin: news.family === 4 ? 'icmp' : 'icmp6',
  from: news.from,
  type: news.type,
  code: news.code,
  mtu: news.mtu,
  dst: news.dst,
  dport,
  payload: news.bytes.slice(Math.min(news.payload + skip, news.end), news.end),
  time,
})
