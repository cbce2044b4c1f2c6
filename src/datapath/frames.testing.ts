/** Frames and masks that the datapath's tests share. */
import { type FlowKey, newKey, type TunnelRow, word } from '../flow/layout.ts'
import { type Ip, isIp6, parseIp, parseMac } from '../wire/address.ts'
import { pushEthernet } from '../wire/ethernet.ts'
import { Frame } from '../wire/frame.ts'
import { pushIpv4 } from '../wire/ipv4.ts'
import { pushIpv6 } from '../wire/ipv6.ts'
import { pushUdp } from '../wire/udp.ts'
import type { SparseKey } from './action.ts'
import type { Vport } from './datapath.ts'

export const mac = (text: string): number => parseMac(text) as number
export const ip = (text: string): Ip => parseIp(text) as Ip

/** A UDP datagram in an Ethernet frame, IPv4 or IPv6 by its addresses. */
export const udp = (
  options: { src?: string; dst?: string; from?: string; to?: string; ports?: [number, number]; payload?: number } = {},
): Frame => {
  const { src = '10.0.0.1', dst = '10.0.0.2', ports = [1000, 2000], payload = 18 } = options
  const frame = Frame.from(Uint8Array.from({ length: payload }, (_, i) => i))
  const ends = { src: ip(src), dst: ip(dst) }
  pushUdp(frame, { src: ports[0], dst: ports[1] }, ends)
  if (isIp6(ends.src) && isIp6(ends.dst))
    pushIpv6(frame, { src: ends.src, dst: ends.dst, nextHeader: 17, hopLimit: 64 })
  else pushIpv4(frame, { src: ends.src as number, dst: ends.dst as number, protocol: 17, ttl: 64 })
  return pushEthernet(frame, {
    src: mac(options.from ?? '02:00:00:00:00:01'),
    dst: mac(options.to ?? '02:00:00:00:00:02'),
    type: isIp6(ends.src) ? 0x86dd : 0x0800,
  })
}

export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')

/** A port that keeps what leaves by it. */
export class Taker implements Vport {
  readonly name: string
  readonly type = 'dummy'
  readonly frames: Frame[] = []
  readonly tunnels: TunnelRow[] = []

  constructor(name = 'p') {
    this.name = name
  }

  send(frame: Frame, tunnel: TunnelRow): void {
    this.frames.push(frame)
    this.tunnels.push(tunnel.slice())
  }

  /** What came, in hex, and forgets it. */
  take(): string[] {
    this.tunnels.length = 0
    return this.frames.splice(0).map(frame => hexOf(frame.content()))
  }
}

/** A mask of these words, all bits of each unless a number says which. */
export const maskOf = (...words: (number | [word: number, bits: number])[]): FlowKey => {
  const mask = newKey()
  for (const entry of words) {
    if (typeof entry === 'number') mask[entry] = 0xffffffff
    else mask[entry[0]] = entry[1]
  }
  return mask
}

/** In which port, and where in the pipeline: what every megaflow looks at. */
export const portMask = (): FlowKey => maskOf(word.inPort, word.recircId)

/** The words of a `set`: places, values, and bits where not all. */
export const setOf = (...words: [word: number, value: number, bits?: number][]) => ({
  type: 'set' as const,
  key: words.map(([place, value]) => [place, value]) as SparseKey,
  mask: words.map(([place, , bits]) => [place, bits ?? 0xffffffff]) as SparseKey,
})
