/** /proc/net/tcp, tcp6, udp and udp6 (proc(5)): a line for each socket. */
import { type Ip, isIp6 } from '../wire/address.ts'
import type { Namespace } from './namespace.ts'
import { type SocketRow, socketRows } from './sockets.ts'

const codes: Readonly<Record<SocketRow['state'], number>> = {
  ESTABLISHED: 1,
  SYN_SENT: 2,
  SYN_RECV: 3,
  FIN_WAIT1: 4,
  FIN_WAIT2: 5,
  TIME_WAIT: 6,
  CLOSED: 7,
  CLOSE_WAIT: 8,
  LAST_ACK: 9,
  LISTEN: 10,
  CLOSING: 11,
}

const hex = (value: number, size: number): string => value.toString(16).toUpperCase().padStart(size, '0')

/** Words of 32 bits as a little-endian machine has them in memory. */
const word = (value: number): string =>
  hex((((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0, 8)

const addressText = (ip: Ip | undefined, family: 4 | 6): string => {
  if (family === 4) return word((ip as number | undefined) ?? 0)
  const wide = ip === undefined ? 0n : isIp6(ip) ? ip : BigInt(ip)
  return [96n, 64n, 32n, 0n].map(shift => word(Number((wide >> shift) & 0xffffffffn))).join('')
}

/** Hundredths of a second until a time; what the kernel shows of its timers. */
const until = (when: number, now: number): number => Math.max(0, Math.round((when - now) / 1e7))

/** Which timer runs, and for how long: 1 sends again, 3 waits for strays, 4 asks a closed window. */
const timer = ({ connection, state }: SocketRow, now: number): string => {
  const [kind, when] =
    connection === undefined
      ? [0, now]
      : state === 'TIME_WAIT'
        ? [3, connection.nextWake()]
        : Number.isFinite(connection.sender.timeoutAt)
          ? [1, connection.sender.timeoutAt]
          : Number.isFinite(connection.sender.probeAt)
            ? [4, connection.sender.probeAt]
            : [0, now]
  return `${hex(kind, 2)}:${hex(until(when, now), 8)}`
}

/** What follows in TCP's lines: reference count, a pointer, timeout and delay of acknowledgments, window, threshold. */
const insides = ({ connection, state }: SocketRow): string => {
  const pointer = '0000000000000000'
  if (state === 'TIME_WAIT' || state === 'SYN_RECV') return `${state === 'TIME_WAIT' ? 3 : 1} ${pointer}`
  if (connection === undefined) return `1 ${pointer} 100 0 0 10 0`
  const { congestion, segment, roundTrip } = connection.sender
  const { window, threshold } = congestion
  const slow = Number.isFinite(threshold) ? Math.floor(threshold / segment) : -1
  const timeout = Math.round(roundTrip.timeout / 1e7)
  return `1 ${pointer} ${timeout} 4 0 ${Math.floor(window / segment)} ${slow}`
}

const lines = (namespace: Namespace, protocol: 'tcp' | 'udp', family: 4 | 6): string[] => {
  const now = namespace.clock.now()
  return socketRows(namespace)
    .filter(row => row.protocol === protocol && row.family === family)
    .map((row, i) => {
      const ends = `${addressText(row.local, family)}:${hex(row.localPort, 4)} ${addressText(row.remote, family)}:${hex(row.remotePort, 4)}`
      const listens = row.state === 'LISTEN'
      const queues = `${hex(listens ? 0 : row.toSend, 8)}:${hex(row.received, 8)}`
      const again = hex(row.connection?.sender.tries ?? 0, 8)
      const owner = `${'0'.padStart(5)} ${`${row.connection?.sender.probes ?? 0}`.padStart(8)} 0`
      const place = `${i}`.padStart(protocol === 'tcp' ? 4 : 5)
      const rest = protocol === 'tcp' ? insides(row) : '2 0000000000000000 0'
      return `${place}: ${ends} ${hex(codes[row.state], 2)} ${queues} ${timer(row, now)} ${again} ${owner} ${rest}`
    })
}

const table = (heading: string, width: number, rows: readonly string[]): string =>
  [heading, ...rows].map(line => `${line.padEnd(width)}\n`).join('')

const columns = 'st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
const wide = 'local_address                         remote_address                       '

export const tcpText = (namespace: Namespace): string =>
  table(`  sl  local_address rem_address   ${columns}`, 149, lines(namespace, 'tcp', 4))
export const tcp6Text = (namespace: Namespace): string =>
  table(`  sl  ${wide} ${columns}`, 0, lines(namespace, 'tcp', 6))
export const udpText = (namespace: Namespace): string =>
  table(`   sl  local_address rem_address   ${columns} ref pointer drops`, 127, lines(namespace, 'udp', 4))
export const udp6Text = (namespace: Namespace): string =>
  table(`  sl  ${wide} ${columns} ref pointer drops`, 0, lines(namespace, 'udp', 6))
