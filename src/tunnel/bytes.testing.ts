/** What the tunnel's tests share: frames, a link that keeps them, and the captures of other implementations. */
import { readFileSync } from 'node:fs'
import { type Ip, parseIp, parseMac } from '../wire/address.ts'
import { readCapture } from '../wire/capture.ts'
import { pushEthernet } from '../wire/ethernet.ts'
import { Frame, type FrameSink } from '../wire/frame.ts'
import { pushIpv4 } from '../wire/ipv4.ts'
import { pushUdp } from '../wire/udp.ts'

export const ip = (text: string): Ip => parseIp(text) as Ip
export const ip4 = (text: string): number => parseIp(text) as number
export const ip6 = (text: string): bigint => parseIp(text) as bigint
export const mac = (text: string): number => parseMac(text) as number
export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
export const hexFrame = (frame: Frame): string => hexOf(frame.content())

/** Keeps what is sent. */
export class Kept implements FrameSink {
  readonly frames: Frame[] = []

  send(frame: Frame): void {
    this.frames.push(frame)
  }

  take(): string[] {
    return this.frames.splice(0).map(hexFrame)
  }
}

/** A UDP datagram between two stations. */
export const inner = (
  from = '02:00:00:00:00:01',
  to = '02:00:00:00:00:02',
  ports: [number, number] = [1, 2],
): Frame => {
  const frame = pushUdp(Frame.of(8), { src: ports[0], dst: ports[1] })
  pushIpv4(frame, { src: ip4('10.0.0.1'), dst: ip4('10.0.0.2'), protocol: 17 })
  return pushEthernet(frame, { src: mac(from), dst: mac(to), type: 0x0800 })
}

/** The frames of `test/captures/<name>`, each fresh. */
export const captured = (name: string): Frame[] =>
  readCapture(readFileSync(new URL(`../../test/captures/${name}`, import.meta.url))).packets.map(packet =>
    Frame.from(packet.bytes),
  )
