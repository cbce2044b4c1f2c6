import type { Ip } from '../wire/address.ts'
import type { Link } from './link.ts'
import { seenBy } from './mapped.ts'
import type { Stack } from './stack.ts'
import type { Connection } from './tcp/connection.ts'
import type { TcpState } from './tcp/segment.ts'
import type { TcpTable } from './tcp/table.ts'
import type { UdpEndpoint, UdpTable } from './udp-table.ts'

/** A socket as `ss`, `netstat` and /proc/net show it; an address of `undefined` is any, port 0 none. */
export type SocketRow = {
  protocol: 'tcp' | 'udp'
  family: 4 | 6
  /** Of a datagram socket, `CLOSED` unless it is connected. */
  state: TcpState | 'LISTEN'
  /** Bytes not read; of a listener, connections that wait to be accepted. */
  received: number
  /** Bytes not acknowledged; of a listener, how many connections may wait. */
  toSend: number
  local: Ip | undefined
  localPort: number
  remote: Ip | undefined
  remotePort: number
  link: Link | undefined
  /** An IPv6 socket that takes IPv4 too. */
  dual: boolean
  connection: Connection | undefined
}

type Tables = Stack & { readonly tcp: TcpTable; readonly udp: UdpTable }

/** All sockets of a namespace: TCP's listeners, its connections, those that wait for stray segments, and UDP's. */
export const socketRows = ({ tcp, udp }: Tables): SocketRow[] => {
  const listeners = tcp.allAcceptors().map(
    ({ hold, waiting, backlog }): SocketRow => ({
      protocol: 'tcp',
      family: hold.family,
      state: 'LISTEN',
      received: waiting,
      toSend: backlog,
      local: hold.address,
      localPort: hold.port,
      remote: undefined,
      remotePort: 0,
      link: hold.link,
      dual: hold.dual,
      connection: undefined,
    }),
  )
  const connections = tcp.allChannels().map(({ ends, family, connection }): SocketRow => {
    const { state, sender, receiver } = connection
    const ended = state === 'TIME_WAIT' || state === 'SYN_RECV'
    return {
      protocol: 'tcp',
      family,
      state,
      received: ended ? 0 : receiver.readable,
      toSend: ended ? 0 : sender.queued,
      local: seenBy(family, ends.local),
      localPort: ends.localPort,
      remote: seenBy(family, ends.remote),
      remotePort: ends.remotePort,
      link: ends.link,
      dual: false,
      connection,
    }
  })
  const isOver = ({ state }: SocketRow): boolean => state === 'TIME_WAIT'
  return [
    ...listeners,
    ...connections.filter(row => !isOver(row)),
    ...connections.filter(isOver),
    ...udp.all().map(datagrams),
  ]
}

const datagrams = (endpoint: UdpEndpoint): SocketRow => ({
  protocol: 'udp',
  family: endpoint.family,
  state: endpoint.peer === undefined ? 'CLOSED' : 'ESTABLISHED',
  received: endpoint.waiting ?? 0,
  toSend: 0,
  local: endpoint.address,
  localPort: endpoint.port,
  remote: endpoint.peer,
  remotePort: endpoint.peerPort,
  link: endpoint.boundLink,
  dual: endpoint.dual === true,
  connection: undefined,
})
