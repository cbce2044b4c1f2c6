import { type SocketRow, socketRows } from '../../../../host/index.ts'
import { formatIp, type Ip } from '../../../../wire/address.ts'
import type { Process } from '../../../command.ts'
import { nameOfAddress } from '../names.ts'
import { serviceOf } from '../services.ts'

/** Which sockets, and how. */
export type SocketWish = {
  tcp: boolean
  udp: boolean
  all: boolean
  listening: boolean
  numeric: boolean
  programs: boolean
  family: 4 | 6 | undefined
}

const states: Partial<Record<SocketRow['state'], string>> = { SYN_RECV: 'SYN_RECV', CLOSED: '' }

/** What `netstat -t`, `-u`, `-l` and `-a` print: a heading and a line for each socket. */
export const socketTable = (process: Process, wish: SocketWish): string => {
  const { tcp, udp, all, listening, numeric, programs, family } = wish
  const kind = all ? 'servers and established' : listening ? 'only servers' : 'w/o servers'
  const hostOf = (ip: Ip): string => (numeric ? undefined : nameOfAddress(process, ip)) ?? formatIp(ip)
  const end = (row: SocketRow, ip: Ip | undefined, port: number): string => {
    const host = ip === undefined ? (row.family === 4 ? '0.0.0.0' : '::') : hostOf(ip)
    const name = port === 0 ? '*' : ((numeric ? undefined : serviceOf(port, row.protocol)) ?? `${port}`)
    return `${host.slice(0, 22 - name.length)}:${name}`.padEnd(23)
  }
  const rows = socketRows(process.namespace).filter(row => {
    if (row.protocol === 'tcp' ? !tcp : !udp) return false
    if (family !== undefined && row.family !== family) return false
    const listens = row.state === 'LISTEN' || row.state === 'CLOSED'
    return all || listens === listening
  })
  const order = (row: SocketRow): number => (row.protocol === 'udp' ? 2 : 0) + (row.family === 6 ? 1 : 0)
  const lines = rows
    .sort((a, b) => order(a) - order(b))
    .map(row => {
      const protocol = `${row.protocol}${row.family === 6 ? '6' : ''}`.padEnd(4)
      const queues = `${`${row.received}`.padStart(6)} ${`${row.state === 'LISTEN' ? 0 : row.toSend}`.padStart(6)}`
      const ends = `${end(row, row.local, row.localPort)} ${end(row, row.remote, row.remotePort)}`
      const state = (states[row.state] ?? row.state).padEnd(11)
      return `${protocol}  ${queues} ${ends} ${state}${programs ? ` ${'-'.padEnd(20)}` : ''}\n`
    })
  const heading = 'Proto Recv-Q Send-Q Local Address           Foreign Address         State      '
  return `Active Internet connections (${kind})\n${heading}${programs ? ' PID/Program name    ' : ''}\n${lines.join('')}`
}
