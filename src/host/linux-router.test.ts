/**
 * A Linux router and ours, asked the same. `test/captures/linux-redirect.pcap` was taken at host 02:…:01 of a segment with two
 * routers of a Linux 6.18 kernel: 02:…:02, its default router, sends it on to 02:…:03 for 10.9.0.0/16 and fd09::/64; then it
 * tries TCP port 81 of the router. Here we are 02:…:02, and what the asker saw of the kernel's router it must see of us.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Frame } from '../wire/frame.ts'
import { Ipv4Header, setIpv4Checksum } from '../wire/ipv4.ts'
import { Ipv6Header } from '../wire/ipv6.ts'
import { readPcap } from '../wire/pcap.ts'
import { setTcpChecksum } from '../wire/tcp.ts'
import { ip, TestLab } from './lab.testing.ts'

const comparable = (content: Uint8Array): string => {
  const bytes = content.slice()
  if (bytes[12] === 0x08 && bytes[13] === 0) {
    Ipv4Header.put.id(bytes, 14, 0)
    setIpv4Checksum(bytes, 14)
  }
  if (bytes[12] === 0x86) Ipv6Header.put.flowLabel(bytes, 14, 0)
  return Buffer.from(bytes).toString('hex')
}

/** On a veth the kernel leaves the checksum of TCP to hardware that is not there. */
const summed = (content: Uint8Array): Uint8Array => {
  const bytes = content.slice()
  const payload = bytes[12] === 0x86 ? 54 : 34
  if (bytes[payload === 54 ? 20 : 23] === 6) setTcpChecksum(bytes, 14, payload, bytes.length)
  return bytes
}

test('redirects, and resets of closed TCP ports, are those of Linux, byte for byte', () => {
  const lab = new TestLab()
  const us = lab.host('r1')
  const made = us.links.add('eth', 'eth0', { mac: 0x020000000002 })
  if (!made.ok) throw new Error(made.errno)
  const link = made.value
  const sent: Uint8Array[] = []
  link.plug({
    send: frame => {
      const bytes = frame.content().slice()
      // What goes to the other router, the asker does not see.
      if (bytes[5] !== 3 || (bytes[0] as number) & 1) sent.push(bytes)
    },
  })
  link.setUp(true)
  lab.address(us, link, '10.0.0.2/24')
  lab.address(us, link, 'fd00::2/64')
  us.settings.set('net.ipv4.ip_forward', '1')
  us.settings.set('net.ipv6.conf.all.forwarding', '1')
  us.addRoute({ dst: ip('10.9.0.0'), length: 16, via: ip('10.0.0.3') })
  us.addRoute({ dst: ip('fd09::'), length: 64, via: ip('fe80::ff:fe00:3'), link })
  lab.pass(4)
  sent.length = 0

  const expected: Uint8Array[] = []
  const began = lab.clock.now()
  let first: bigint | undefined
  const file = readFileSync(new URL('../../test/captures/linux-redirect.pcap', import.meta.url))
  for (const { time, bytes } of readPcap(new Uint8Array(file))) {
    first ??= time
    const solicitsRouters = bytes[0] === 0x33 && bytes[5] === 2 && bytes[2] === 0
    if (solicitsRouters) continue
    lab.clock.runUntil(began + Number(time - first))
    if (bytes[11] === 2) expected.push(summed(bytes))
    else if (bytes[11] === 1) link.deliver(Frame.from(summed(bytes)))
    // The other router's answers to us are not in the capture, which was taken at the asker.
    const answer = { mac: 0x020000000003, solicited: true, override: true }
    if (bytes[11] === 2 && bytes[0] === 0xff) us.arp.learn(us.arp.find(link, ip('10.0.0.3'))!, answer)
    if (bytes[11] === 2 && bytes[0] === 0x33) us.nd.learn(us.nd.find(link, ip('fe80::ff:fe00:3'))!, answer)
  }
  expect(expected.length).toBe(10)
  expect(sent.map(comparable)).toEqual(expected.map(comparable))
})
