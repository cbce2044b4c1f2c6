import type { Errno, PingSocket, SocketError, UdpSocket } from '../../../../host/index.ts'
import { type Ip, isIp6 } from '../../../../wire/address.ts'
import type { Process } from '../../../command.ts'

/** What came back for a probe: who, after how many nanoseconds, what it says, and whether it is the end of the way. */
export type Answer = { from: Ip; time: number; note: string; final: boolean; ttl?: number }

/** One packet on its way with a limited life. */
export type Probe = {
  readonly ttl: number
  readonly sent: number
  answer: Answer | undefined
  expired: boolean
  readonly socket: UdpSocket | PingSocket
  readonly seq: number
}

/** How probes are made. */
export type ProbeKind = { icmp: boolean; port: number; size: number; tos: number; dontFragment: boolean }

/** Sends the probe number `index` (from 0); an errno if it cannot be sent. */
export const sendProbe = (process: Process, dst: Ip, ttl: number, index: number, kind: ProbeKind): Probe | Errno => {
  const { namespace, clock } = process
  const family = isIp6(dst) ? 6 : 4
  const socket = kind.icmp ? namespace.pingSocket(family, process.pid & 0xffff) : namespace.udpSocket(family)
  Object.assign(socket.options, { ttl, tos: kind.tos, receiveErrors: true })
  socket.options.pathMtu = kind.dontFragment ? 'probe' : 'dont'
  const seq = (index + kind.port) & 0xffff
  const probe: Probe = { ttl, sent: clock.now(), answer: undefined, expired: false, socket, seq }
  const header = (family === 4 ? 20 : 40) + 8
  const data = Uint8Array.from({ length: Math.max(0, kind.size - header) }, (_, i) => 0x40 + (i & 0x3f))
  const error = isPing(socket) ? socket.echo(seq, data, dst) : sendUdp(socket, data, dst, seq)
  if (error === undefined || error === 'EMSGSIZE') return probe
  socket.close()
  return error
}

const isPing = (socket: UdpSocket | PingSocket): socket is PingSocket => 'echo' in socket

const sendUdp = (socket: UdpSocket, data: Uint8Array, dst: Ip, port: number): Errno | undefined => {
  const connected = socket.connect(dst, port)
  return connected.ok ? socket.send(data) : connected.errno
}

/** Looks whether an answer has come. */
export const checkProbe = (probe: Probe): void => {
  const { socket, seq, sent } = probe
  if (probe.answer !== undefined) return
  for (let error = socket.recvError(); error !== undefined; error = socket.recvError()) {
    if (error.origin === 'local') continue
    if (isPing(socket) && numberOf(error.payload) !== seq) continue
    probe.answer = { from: error.from, time: error.time - sent, ...meaning(error) }
    return
  }
  for (let got = socket.recv(); got !== undefined; got = socket.recv()) {
    if (isPing(socket) && numberOf(got.payload) !== seq) continue
    probe.answer = { from: got.src, time: got.time - sent, note: '', final: true, ttl: got.ttl }
    return
  }
}

const numberOf = (message: Uint8Array): number => ((message[6] ?? 0) << 8) | (message[7] ?? 0)

const notes4 = ['!N', '!H', '!P', '', '!F', '!S', '', '', '', '!X', '!X', '', '', '!X', '!V', '!C']
const notes6 = ['!N', '!X', '!S', '!H', '']

/** traceroute(8)'s marks for ICMP codes; time exceeded is a hop on the way, port unreachable the end of it. */
const meaning = ({ origin, type, code, mtu }: SocketError): { note: string; final: boolean } => {
  const six = origin === 'icmp6'
  if (type === (six ? 3 : 11)) return { note: '', final: false }
  if (six && type === 2) return { note: ` !F-${mtu}`, final: true }
  const note = (six ? notes6 : notes4)[code] ?? `!<${code}>`
  if (!six && code === 4) return { note: ` !F-${mtu}`, final: true }
  return { note: note === '' ? '' : ` ${note}`, final: true }
}
