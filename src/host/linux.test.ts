/**
 * The same questions to Linux and to us. `test/captures/linux-host.pcap` was taken on a veth between two namespaces of a
 * Linux 6.18 kernel: 10.0.0.1 (02:…:01) asks, 10.0.0.2 (02:…:02) answers or forwards to a link with an MTU of 1300. Here
 * the asker's frames go into our stack with the same configuration, and our answers are laid beside the kernel's.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Frame } from '../wire/frame.ts'
import { Ipv4Header, setIpv4Checksum } from '../wire/ipv4.ts'
import { Ipv6FragmentHeader, Ipv6Header } from '../wire/ipv6.ts'
import { readPcap } from '../wire/pcap.ts'
import { ip, TestLab } from './lab.testing.ts'

const capture = () => [
  ...readPcap(new Uint8Array(readFileSync(new URL('../../test/captures/linux-host.pcap', import.meta.url)))),
]

/** What each side draws for itself is made equal: identifications and flow labels. */
const comparable = (frame: Frame): string => {
  const { bytes, start } = frame.copy()
  const at = start + 14
  if (bytes[start + 12] === 0x08 && bytes[start + 13] === 0) {
    Ipv4Header.put.id(bytes, at, 0)
    setIpv4Checksum(bytes, at)
  }
  if (bytes[start + 12] === 0x86) {
    Ipv6Header.put.flowLabel(bytes, at, 0)
    if (bytes[at + 6] === 44) Ipv6FragmentHeader.put.id(bytes, at + 40, 0)
  }
  return Array.from(bytes.subarray(start, start + frame.size), b => b.toString(16).padStart(2, '0')).join('')
}

test('answers to a Linux host are those that Linux gives, byte for byte', () => {
  const lab = new TestLab()
  const us = lab.host('us')
  const made = us.links.add('eth', 'v2', { mac: 0x020000000002 })
  const made3 = us.links.add('eth', 'v3', { mac: 0x020000000003, mtu: 1300 })
  if (!made.ok || !made3.ok) throw new Error('no links')
  const answers: Frame[] = []
  made.value.plug({ send: frame => answers.push(frame) })
  made3.value.plug({ send: () => {} })
  for (const link of [made.value, made3.value]) link.setUp(true)
  lab.address(us, made.value, '10.0.0.2/24')
  lab.address(us, made.value, 'fd00::2/64')
  lab.address(us, made3.value, '10.9.0.1/24')
  lab.address(us, made3.value, 'fd09::1/64')
  us.settings.set('net.ipv4.ip_forward', '1')
  us.settings.set('net.ipv6.conf.all.forwarding', '1')
  us.addRoute({ dst: ip('10.8.0.0'), length: 16, type: 'prohibit' })
  us.addRoute({ dst: ip('10.7.0.0'), length: 16, type: 'unreachable' })
  lab.pass(4)
  answers.length = 0

  const own = (bytes: Uint8Array): boolean => bytes[11] === 2
  // Reports to MLD routers and solicitations of routers are no answers.
  const talk = (bytes: Uint8Array): boolean => bytes[0] !== 0x33 || bytes[5] !== 0x16
  const expected: string[] = []
  let first: bigint | undefined
  const began = lab.clock.now()
  for (const { time, bytes } of capture()) {
    first ??= time
    if (!talk(bytes)) continue
    const frame = Frame.from(bytes)
    if (own(bytes)) expected.push(comparable(frame))
    else {
      lab.clock.runUntil(began + Number(time - first))
      made.value.deliver(frame)
    }
  }
  expect(expected.length).toBeGreaterThan(15)
  expect(answers.map(comparable)).toEqual(expected)
})

test('questions to a Linux host are those that Linux asks, byte for byte', () => {
  const lab = new TestLab()
  const us = lab.host('us')
  const made = us.links.add('eth', 'v1', { mac: 0x020000000001 })
  if (!made.ok) throw new Error(made.errno)
  const link = made.value
  const asked: Frame[] = []
  link.plug({ send: frame => asked.push(frame) })
  link.setUp(true)
  lab.address(us, link, '10.0.0.1/24')
  lab.address(us, link, 'fd00::1/64')
  us.addRoute({ dst: 0, length: 0, via: ip('10.0.0.2') })
  us.addRoute({ dst: 0n, length: 0, via: ip('fd00::2') })
  lab.pass(4)
  asked.length = 0

  const udp = [us.udpSocket(4), us.udpSocket(6)]
  for (const socket of udp) socket.bind(socket.family === 4 ? ip('10.0.0.1') : ip('fd00::1'), 40000)
  const expected: string[] = []
  let head: Uint8Array = new Uint8Array(0)
  for (const { bytes } of capture()) {
    if (bytes[0] === 0x33 && bytes[5] !== 2) continue
    const frame = Frame.from(bytes)
    if (bytes[11] === 2) {
      link.deliver(frame)
      continue
    }
    // The solicitation of routers comes by the clock, not by a question.
    if (bytes[0] === 0x33 && bytes[2] === 0) continue
    expected.push(comparable(frame))
    const six = bytes[12] === 0x86
    // Who asks for a neighbour first has something to send.
    if (bytes[12] === 8 && bytes[13] === 6) us.arp.resolve(link, ip('10.0.0.2'))
    if (bytes[0] === 0x33) us.nd.resolve(link, ip('fd00::2'))
    if (bytes[13] === 6 || bytes[0] === 0x33) continue
    const fragment = six ? bytes[20] === 44 : ((bytes[20] as number) & 0x3f) !== 0 || bytes[21] !== 0
    const body = bytes.subarray(six ? (fragment ? 62 : 54) : 34)
    const more = fragment && (six ? ((bytes[57] as number) & 1) === 1 : ((bytes[20] as number) & 0x20) !== 0)
    const payload = new Uint8Array([...head, ...body])
    head = more ? payload : new Uint8Array(0)
    if (more) continue
    const dst = six ? Ipv6Header.at.dst(bytes, 14) : Ipv4Header.at.dst(bytes, 14)
    const protocol = six ? (fragment ? 58 : (bytes[20] as number)) : (bytes[23] as number)
    if (protocol === 17) {
      udp[six ? 1 : 0]?.send(payload.subarray(8), dst, 5000)
      continue
    }
    const raw = us.rawSocket(six ? 6 : 4, protocol)
    raw.options.ttl = six ? (bytes[21] as number) : (bytes[22] as number)
    raw.send(payload, dst)
    raw.close()
  }
  expect(asked.map(comparable)).toEqual(expected)
})
