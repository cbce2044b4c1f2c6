/**
 * An underlay over UDP sockets of the operating system, so that a VTEP needs no privilege: IP, ARP, path MTU and checksums
 * are the kernel's, and a datagram with a wrong checksum never gets here.
 *
 * RFC 7348 §5 wants the source port to come from the inner flow, for the sake of underlays with several paths. A
 * socket sends from the one port it is bound to; so there is a pool of sockets at ports of the RFC's range, and the port
 * that the tunnel chose picks one. 16 of them spread flows over as many paths. Nobody is asked to send there: VTEPs
 * send to the VXLAN port, and what arrives at the pool is counted and dropped.
 *
 * RFC 7348 §4.3 forbids a VTEP to fragment, and a socket of Node's cannot set the DF bit. So a datagram that is larger
 * than the MTU of the local address's link is dropped and counted here, before the kernel would cut it.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import type { TunnelRow } from '../flow/layout.ts'
import { Counters, type Random } from '../runtime/index.ts'
import { at, ip6At, isOuter6, newRow, writeRow } from '../tunnel/row.ts'
import type { Underlay } from '../tunnel/underlay.ts'
import { formatIp, formatIp4, formatIp6, type Ip, isIp6, parseIp } from '../wire/address.ts'
import { Frame } from '../wire/frame.ts'
import { VxlanPort } from '../wire/vxlan.ts'
import { linkMtu } from './link-mtu.ts'
import { sentence } from './sentence.ts'
import { udpDrops } from './udp-drops.ts'

export type UdpUnderlayOptions = {
  /** The address to send from and listen at; its family is that of all remotes. */
  local: Ip
  /** UDP port to listen at; 0 lets the system choose. */
  port?: number
  /** How many source ports datagrams leave from. */
  sources?: number
  random?: Random
  /** The largest IP packet, bytes; what the link of `local` has, where the system tells. */
  mtu?: number
}

/** What the underlay counts, besides the datagrams it sent and received. */
export type UdpCounter =
  | 'udp_sent'
  | 'udp_received'
  /** Larger than the link's MTU, or than a datagram can be. */
  | 'udp_too_large'
  /** No route, or the network is down. */
  | 'udp_unreachable'
  | 'udp_refused'
  | 'udp_no_buffer'
  | 'udp_not_permitted'
  | 'udp_send_error'
  | 'udp_receive_error'
  /** The remote address is not of the local address's family. */
  | 'udp_wrong_family'
  /** Came to one of the source ports. */
  | 'udp_unexpected'
  /** Came faster than they were read; the system counts them, where it does. */
  | 'udp_queue_full'

const causes: Readonly<Record<string, UdpCounter>> = {
  EMSGSIZE: 'udp_too_large',
  ENETUNREACH: 'udp_unreachable',
  EHOSTUNREACH: 'udp_unreachable',
  ENETDOWN: 'udp_unreachable',
  ECONNREFUSED: 'udp_refused',
  ENOBUFS: 'udp_no_buffer',
  EAGAIN: 'udp_no_buffer',
  ENOMEM: 'udp_no_buffer',
  EPERM: 'udp_not_permitted',
  EACCES: 'udp_not_permitted',
}

/** What one burst may pile up before the process gets to it, bytes; the system may give less. */
const receiveBuffer = 4 * 2 ** 20
const [firstSource, lastSource] = [49152, 65535]
/** Addresses kept in their other form, so that a datagram costs no parsing; more than that and they are forgotten. */
const mostKnown = 4096

type Opened<T> = { ok: true; value: T } | { ok: false; why: string }

export class UdpUnderlay implements Underlay {
  readonly local: Ip
  readonly port: number
  /** The largest IP packet that may leave, bytes; undefined if nobody knows. */
  readonly mtu: number | undefined
  /** Where datagrams leave from. */
  readonly sourcePorts: readonly number[]
  readonly counters = new Counters<UdpCounter>()
  private readonly listener: Socket
  private readonly pool: readonly Socket[]
  private readonly largest: number
  private readonly row = newRow()
  private readonly ips = new Map<string, Ip>()
  private readonly texts = new Map<Ip, string>()

  private constructor(local: Ip, mtu: number | undefined, listener: Socket, pool: readonly Socket[]) {
    this.local = local
    this.listener = listener
    this.pool = pool
    this.port = listener.address().port
    this.sourcePorts = pool.map(socket => socket.address().port)
    this.mtu = mtu
    // Without the headers of IP and UDP, and never more than a UDP length field can say.
    this.largest = Math.min(mtu ?? 65535, 65535) - (isIp6(local) ? 48 : 28)
    for (const socket of pool) {
      socket.on('message', () => this.counters.add('udp_unexpected'))
      socket.on('error', () => this.counters.add('udp_send_error'))
    }
    listener.on('error', () => this.counters.add('udp_receive_error'))
  }

  /** Binds the sockets. `why` is a line such as `10.99.0.1:4789: Address already in use`. */
  static async open(options: UdpUnderlayOptions): Promise<Opened<UdpUnderlay>> {
    const { local, port = VxlanPort.iana, sources = 16, random = Math.random, mtu = linkMtu(local) } = options
    const opened: Socket[] = []
    try {
      opened.push(await bound(local, port))
      for (let i = 0; i < sources; i++) opened.push(await sourceSocket(local, random))
    } catch (error) {
      for (const socket of opened) socket.close()
      return { ok: false, why: `${endpoint(local, port)}: ${sentence(error)}` }
    }
    const [listener, ...pool] = opened as [Socket, ...Socket[]]
    enlarge(listener)
    return { ok: true, value: new UdpUnderlay(local, mtu, listener, pool) }
  }

  /**
   * Hands what arrives to `take`, with the frame at the UDP payload; the row is only valid during the call. TTL and TOS
   * are 0: sockets do not tell.
   */
  receive(take: (frame: Frame, outer: TunnelRow) => void): void {
    this.listener.on('message', (datagram: Uint8Array, from: RemoteInfo) => {
      const src = this.ipOf(from.address)
      if (src === undefined) {
        this.counters.add('udp_receive_error')
        return
      }
      this.counters.add('udp_received')
      writeRow({ src, dst: this.local, srcPort: from.port, dstPort: this.port }, this.row)
      take(Frame.from(datagram), this.row)
    })
  }

  send(frame: Frame, outer: TunnelRow): void {
    const why = this.refuse(frame, outer)
    if (why !== undefined) {
      this.counters.add(why)
      return
    }
    const remote = isOuter6(outer) ? ip6At(outer, at.dst6) : outer[at.dst]!
    const transport = outer[at.transport]!
    const socket = this.pool[(transport >>> 16) % this.pool.length]!
    socket.send(frame.bytes, frame.start, frame.size, transport & 0xffff, this.textOf(remote), this.sent)
  }

  /** What was counted so far, in the order of the names. */
  counted(): [UdpCounter, number][] {
    const lost = udpDrops(this.local, this.port) ?? 0
    const before = this.counters.get('udp_queue_full')
    if (lost > before) this.counters.add('udp_queue_full', lost - before)
    return this.counters.entries()
  }

  /** Ends the underlay; what is still queued is lost. */
  close(): void {
    for (const socket of [this.listener, ...this.pool]) socket.close()
  }

  private refuse(frame: Frame, outer: TunnelRow): UdpCounter | undefined {
    if (isOuter6(outer) !== isIp6(this.local)) return 'udp_wrong_family'
    return frame.size > this.largest ? 'udp_too_large' : undefined
  }

  private readonly sent = (error: Error | null): void => {
    this.counters.add(error === null ? 'udp_sent' : (causes[codeOf(error)] ?? 'udp_send_error'))
  }

  private ipOf(text: string): Ip | undefined {
    const known = this.ips.get(text)
    if (known !== undefined) return known
    // A link-local address comes with its interface: fe80::1%eth0.
    const ip = parseIp(text.split('%', 1)[0] as string)
    if (this.ips.size >= mostKnown) this.ips.clear()
    if (ip !== undefined) this.ips.set(text, ip)
    return ip
  }

  private textOf(ip: Ip): string {
    const known = this.texts.get(ip)
    if (known !== undefined) return known
    const text = isIp6(ip) ? formatIp6(ip) : formatIp4(ip)
    if (this.texts.size >= mostKnown) this.texts.clear()
    this.texts.set(ip, text)
    return text
  }
}

/** `10.99.0.1:4789`, `[fd99::1]:4789`. */
export const endpoint = (ip: Ip, port: number): string =>
  isIp6(ip) ? `[${formatIp(ip)}]:${port}` : `${formatIp(ip)}:${port}`

const codeOf = (error: Error): string => (error as NodeJS.ErrnoException).code ?? ''

const bound = (local: Ip, port: number): Promise<Socket> => {
  const family = isIp6(local) ? 6 : 4
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    ipv6Only: family === 6,
    // Addresses are numbers here; Node would ask the resolver's machinery for every datagram.
    lookup: (name, _, found) => found(null, name, family),
  })
  return new Promise((resolve, reject) => {
    socket.once('error', error => {
      socket.close()
      reject(error)
    })
    socket.bind({ address: formatIp(local), port, exclusive: true }, () => {
      socket.removeAllListeners('error')
      resolve(socket)
    })
  })
}

/** A socket at a port of RFC 7348 §5's range that nobody has. */
const sourceSocket = async (local: Ip, random: Random): Promise<Socket> => {
  for (let attempt = 1; ; attempt++) {
    const port = firstSource + Math.floor(random() * (lastSource - firstSource + 1))
    try {
      return await bound(local, port)
    } catch (error) {
      if (codeOf(error as Error) !== 'EADDRINUSE' || attempt === 50) throw error
    }
  }
}

const enlarge = (socket: Socket): void => {
  try {
    socket.setRecvBufferSize(receiveBuffer)
  } catch {
    // What the system gives must do.
  }
}
