/** A simulated kernel as a router. */
import { Kernel, type Link, type Namespace } from '../src/host/index.ts'
import { seeded, VirtualClock } from '../src/runtime/index.ts'
import { Frame, headroom } from '../src/wire/frame.ts'
import { u16, u32, u48 } from '../src/wire/header.ts'
import { setIpv4Checksum } from '../src/wire/ipv4.ts'
import { type Bench, perSecond } from './harness.ts'
import { udpFrame } from './soft.ts'

/** The content of a 64-byte packet from 10.0.0.2 to 10.1.0.2 by way of a router with this MAC. */
export const throughRouter = (mac: number): Uint8Array => {
  const { bytes, start: at, end } = udpFrame(64, 0)
  u48.set(bytes, at, mac)
  u48.set(bytes, at + 6, 0x020000000002)
  u16.set(bytes, at + 20, 0)
  u32.set(bytes, at + 26, 0x0a000002)
  u32.set(bytes, at + 30, 0x0a010002)
  setIpv4Checksum(bytes, at + 14)
  return bytes.slice(at, end)
}

/** Makes a frame hold this content again, as if it were new. */
export const refill = (frame: Frame, content: Uint8Array): Frame => {
  frame.start = headroom
  frame.end = headroom + content.length
  for (let i = 0; i < content.length; i++) frame.bytes[headroom + i] = content[i]!
  return frame
}

const nic = (host: Namespace, name: string, ip: number, length: number): Link => {
  const made = host.links.add('eth', name)
  if (!made.ok) throw new Error(made.errno)
  made.value.plug({ send: () => {} })
  made.value.setUp(true)
  host.addAddress(made.value, { ip, length })
  return made.value
}

const forward: Bench = {
  name: 'host/forward',
  unit: 'packets/s',
  setUp() {
    const { root } = new Kernel({ clock: new VirtualClock(), random: seeded(1) })
    root.settings.set('net.ipv4.ip_forward', '1')
    const near = nic(root, 'eth0', 0x0a000001, 24)
    const far = nic(root, 'eth1', 0x0a010001, 24)
    root.arp.set(far, 0x0a010002, 0x020000000202, 'PERMANENT')
    let forwarded = 0
    far.plug({ send: () => void forwarded++ })
    const content = throughRouter(near.mac)
    const frame = Frame.of(content.length)
    const count = 200_000
    return () =>
      perSecond(count, () => {
        const before = forwarded
        for (let i = 0; i < count; i++) near.deliver(refill(frame, content))
        if (forwarded - before !== count) throw new Error(`${forwarded - before} of ${count} packets were forwarded`)
      })
  },
}

export const hostBenches: Bench[] = [forward]
