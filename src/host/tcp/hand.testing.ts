/** Who plays one side of a TCP connection by hand: segments made of words, and words made of segments. */
import { pushEthernet } from '../../wire/ethernet.ts'
import { Frame } from '../../wire/frame.ts'
import { Ipv4Header, pushIpv4 } from '../../wire/ipv4.ts'
import { parseTcp, pushTcp, TcpFlag } from '../../wire/tcp.ts'
import type { TcpOption } from '../../wire/tcp-options.ts'
import type { Said } from './by-hand.testing.ts'

const letters = { F: TcpFlag.fin, S: TcpFlag.syn, R: TcpFlag.rst, P: TcpFlag.psh, '.': TcpFlag.ack } as const

const own = 0x7ffffff0

export class Hand {
  /** Set before the first segment: addresses and ports of both. */
  private readonly ends: { mac: number; peerMac: number; ip: number; peerIp: number; port: number; peerPort: number }
  /** The peer's first number; undefined until it said one. */
  private peers: number | undefined

  constructor(ends: Hand['ends']) {
    this.ends = ends
  }

  /** The frame of what is said. */
  say({ flags, seq, ack, size, stamp, window }: Said): Uint8Array {
    const { mac, peerMac, ip, peerIp, port, peerPort } = this.ends
    let bits = 0
    for (const [letter, bit] of Object.entries(letters)) if (flags.includes(letter)) bits |= bit
    const options: TcpOption[] = []
    if ((bits & TcpFlag.syn) !== 0) options.push({ kind: 'mss', mss: 1460 })
    if (stamp !== undefined)
      options.push({ kind: 'nop' }, { kind: 'nop' }, { kind: 'timestamps', value: stamp, echo: 0 })
    const frame = Frame.of(size)
    const tcp = {
      src: port,
      dst: peerPort,
      seq: (own + Number(seq)) >>> 0,
      ack: ack === '_' ? 0 : ((this.peers ?? 0) + Number(ack)) >>> 0,
      flags: bits,
      window,
      urgent: 0,
      options,
    }
    pushTcp(frame, tcp, { src: ip, dst: peerIp })
    pushIpv4(frame, { src: ip, dst: peerIp, protocol: 6 })
    return pushEthernet(frame, { dst: peerMac, src: mac, type: 0x0800 }).content().slice()
  }

  /** The line of a frame that is for this hand; undefined for others. */
  hear(bytes: Uint8Array): string | undefined {
    if (bytes[12] !== 8 || bytes[13] !== 0 || bytes[23] !== 6) return undefined
    const ip = 14
    const { at } = Ipv4Header
    if (at.dst(bytes, ip) !== this.ends.ip) return undefined
    const parsed = parseTcp(bytes, ip + 20, ip + at.totalLength(bytes, ip))
    if (!parsed.ok || parsed.value.dst !== this.ends.port) return undefined
    const { seq, ack, flags, payload } = parsed.value
    const isSyn = (flags & TcpFlag.syn) !== 0
    // A new connection from the same ports begins at another number.
    const renewed = isSyn && this.peers !== undefined && seq !== this.peers
    if (isSyn) this.peers = seq
    let text = ''
    for (const [letter, bit] of Object.entries(letters)) if ((flags & bit) !== 0) text += letter
    const place = renewed ? 'new' : `${(seq - (this.peers ?? 0)) | 0}`
    const acked = (flags & TcpFlag.ack) === 0 ? '_' : `${(ack - own) | 0}`
    return `${text} ${place} ${acked} ${ip + at.totalLength(bytes, ip) - payload}`
  }
}
