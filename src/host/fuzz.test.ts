/** Hostile frames into a router with everything switched on: nothing throws, and nothing grows without bound. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { below, seeded } from '../runtime/index.ts'
import { Frame } from '../wire/frame.ts'
import { setIpv4Checksum } from '../wire/ipv4.ts'
import { readPcap } from '../wire/pcap.ts'
import { ip, TestLab } from './lab.testing.ts'
import { neighbourLimits } from './neighbour-settings.ts'

const victim = () => {
  const lab = new TestLab()
  const host = lab.host('victim')
  const made = host.links.add('eth', 'v2', { mac: 0x020000000002 })
  if (!made.ok) throw new Error(made.errno)
  const link = made.value
  let sent = 0
  link.plug({ send: () => sent++ })
  link.setUp(true)
  lab.address(host, link, '10.0.0.2/24')
  lab.address(host, link, 'fd00::2/64')
  host.settings.set('net.ipv4.ip_forward', '1')
  host.settings.set('net.ipv6.conf.all.forwarding', '1')
  host.settings.set('net.ipv6.conf.v2.accept_ra', '2')
  host.settings.set('net.ipv4.conf.v2.arp_accept', '1')
  host.addRoute({ dst: 0, length: 0, via: ip('10.0.0.1') })
  const sockets = [host.udpSocket(4), host.udpSocket(6)]
  for (const socket of sockets) socket.bind(undefined, 5000)
  host.rawSocket(4, 1)
  host.rawSocket(6, 58)
  host.pingSocket(4)
  host.encap(4789, () => {})
  lab.pass(3)
  return { lab, host, link, sent: () => sent }
}

const seeds = [
  ...readPcap(new Uint8Array(readFileSync(new URL('../../test/captures/linux-host.pcap', import.meta.url)))),
].map(packet => packet.bytes.slice())

test('random bytes', () => {
  const { host, link } = victim()
  const head = fc.constantFrom([8, 0], [8, 6], [0x86, 0xdd], [0x81, 0])
  fc.assert(
    fc.property(head, fc.uint8Array({ maxLength: 200 }), (type, rest) => {
      link.deliver(Frame.from(new Uint8Array([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, ...type, ...rest])))
    }),
    { numRuns: 3000 },
  )
  expect(host.arp.size).toBeLessThanOrEqual(neighbourLimits().gc_thresh3)
})

test('real frames with bytes changed, cut and repeated, over an hour', () => {
  const { lab, host, link } = victim()
  const random = seeded(2024)
  const cases = 60_000
  for (let i = 0; i < cases; i++) {
    const original = seeds[below(random, seeds.length)] as Uint8Array
    const frame = Frame.from(original)
    const { bytes, start } = frame
    // Most must reach this host, and pass the IPv4 checksum, or only the first checks are tried.
    if (original[0] !== 0x33 && original[0] !== 0xff) bytes[start + 5] = 2
    for (let n = below(random, 6); n > 0; n--)
      bytes[start + 14 + below(random, original.length - 14)] = below(random, 256)
    if (random() < 0.2) frame.end = start + below(random, original.length)
    if (bytes[start + 12] === 8 && bytes[start + 13] === 0 && random() < 0.9) {
      const room = ((bytes[start + 14] as number) & 15) * 4 + 14 <= frame.size
      if (room) setIpv4Checksum(bytes, start + 14)
    }
    link.deliver(frame)
    if (i % 100 === 0) lab.pass(6)
  }
  expect(host.arp.size).toBeLessThanOrEqual(neighbourLimits().gc_thresh3)
  expect(host.nd.size).toBeLessThanOrEqual(neighbourLimits().gc_thresh3)
  expect(host.reassembly4.size + host.reassembly6.size).toBeLessThan(2 * 4194304)
  expect(host.pathMtu.all().length).toBeLessThanOrEqual(1024)
  // Every frame is accounted for by a counter of the link or of a protocol.
  const arrived = link.rx.packets + link.drops.get('rx_short')
  expect(arrived).toBe(cases)
  lab.pass(3600)
  expect(host.reassembly4.size + host.reassembly6.size).toBe(0)
})

test('a flood of first fragments holds no more than the limit', () => {
  const { host, link } = victim()
  const first = seeds.find(b => b.length === 1514 && b[12] === 8 && b[11] === 1) as Uint8Array
  for (let i = 0; i < 10_000; i++) {
    const frame = Frame.from(first)
    frame.bytes[frame.start + 18] = i >> 8
    frame.bytes[frame.start + 19] = i
    setIpv4Checksum(frame.bytes, frame.start + 14)
    link.deliver(frame)
  }
  expect(host.reassembly4.size).toBeLessThanOrEqual(4194304)
  expect(host.counters.get('Ip.ReasmFails')).toBeGreaterThan(5000)
})

test('a flood that wants errors gets as many as the limit allows', () => {
  const { lab, link, sent } = victim()
  const before = sent()
  const udp = seeds.find(b => b.length === 47) as Uint8Array
  link.deliver(Frame.from(udp))
  for (let i = 0; i < 10_000; i++) {
    const frame = Frame.from(udp)
    // From 10.0.0.x, all different, so that each has a limit of its own and only the common one holds.
    frame.bytes[frame.start + 29] = 3 + (i % 250)
    frame.bytes[frame.start + 40] = 0
    frame.bytes[frame.start + 41] = 0
    setIpv4Checksum(frame.bytes, frame.start + 14)
    frame.bytes[frame.start + 40] = 0
    link.deliver(frame)
  }
  lab.pass(0.001)
  expect(sent() - before).toBeLessThan(60)
})
