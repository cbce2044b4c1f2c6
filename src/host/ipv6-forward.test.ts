import { describe, expect, test } from 'vitest'
import { pushEthernet } from '../wire/ethernet.ts'
import { Frame } from '../wire/frame.ts'
import { pushIpv6 } from '../wire/ipv6.ts'
import { pushUdp } from '../wire/udp.ts'
import { ip, ip6, TestLab } from './lab.testing.ts'

const setup = () => {
  const lab = new TestLab()
  const net = lab.routed()
  lab.pass(3)
  const socket = net.a.pingSocket(6)
  socket.options.receiveErrors = true
  /** What becomes of a ping to fd02::2 now. */
  const ping = (size = 8, dst = 'fd02::2') => {
    socket.echo(1, new Uint8Array(size), ip(dst))
    lab.pass(1)
    const error = socket.recvError()
    socket.takeError()
    return socket.recv() !== undefined ? 'answered' : error === undefined ? 'silence' : `${error.type}/${error.code}`
  }
  // The first makes the neighbours known, which changes the ways.
  expect([ping(), ping()]).toEqual(['answered', 'answered'])
  expect(net.r.forwardPaths6.paths.get(ip6('fd02::2'))).toMatchObject({ hop: ip('fd02::2') })
  return { lab, ...net, ping }
}

describe('what was found for one packet serves the next only while it is right:', () => {
  test('a route', () => {
    const { r, ping } = setup()
    for (const [type, code] of [
      ['unreachable', '1/0'],
      ['prohibit', '1/1'],
      ['blackhole', 'silence'],
    ] as const) {
      r.addRoute({ dst: ip('fd02::2'), length: 128, type })
      expect(ping()).toBe(code)
      r.removeRoute({ dst: ip('fd02::2'), length: 128, type })
      expect(ping()).toBe('answered')
    }
    expect(r.counters.get('Ip6.InNoRoutes')).toBe(2)
    expect(r.counters.get('Ip6.InDiscards')).toBeGreaterThanOrEqual(1)
  })

  test('the switch', () => {
    const { r, ping } = setup()
    r.settings.set('net.ipv6.conf.eth1.forwarding', '0')
    expect(ping()).toBe('silence')
    r.settings.set('net.ipv6.conf.eth1.forwarding', '1')
    expect(ping()).toBe('answered')
  })

  test('a link that goes down', () => {
    const { lab, r2, ping } = setup()
    r2.setUp(false)
    expect(ping()).toBe('1/0')
    r2.setUp(true)
    lab.address(r2.owner as ReturnType<TestLab['host']>, r2, 'fd02::1/64')
    expect(ping()).toBe('answered')
  })

  test('an address that becomes our own', () => {
    const { lab, r, r2, ping } = setup()
    lab.address(r, r2, 'fd02::2/128')
    expect(ping()).toBe('answered')
    expect(r.counters.get('Icmp6.OutType129')).toBe(1)
  })

  test('an MTU', () => {
    const { r2, lb, ping } = setup()
    for (const link of [r2, lb]) link.setMtu(1300)
    expect(ping(1400)).toBe('2/0')
    expect(ping(1400)).toBe('answered')
  })
})

test('a sweep through many addresses does not grow what is kept', () => {
  const { lab, a, r } = setup()
  r.addRoute({ dst: ip('fd99::'), length: 64, via: ip('fd02::2') })
  const socket = a.udpSocket(6)
  for (let i = 0; i < 6000; i++) {
    socket.send(new Uint8Array(1), ip6('fd99::') + BigInt(i), 9)
    if (i % 100 === 0) lab.pass(0.01)
    lab.seen.length = 0
  }
  lab.pass(1)
  expect(r.counters.get('Ip6.OutForwDatagrams')).toBeGreaterThan(4096)
  expect(r.forwardPaths6.paths.size).toBeLessThanOrEqual(4096)
})

describe('a packet', () => {
  const packet = (lab: ReturnType<typeof setup>, src: string, dst: string, hopLimit = 64, mac = lab.r1.mac) => {
    const ends = { src: ip6(src), dst: ip6(dst) }
    const frame = pushIpv6(pushUdp(Frame.of(4), { src: 1, dst: 2 }, ends), { ...ends, nextHeader: 17, hopLimit })
    const before = lab.r.counters.get('Ip6.OutForwDatagrams')
    lab.r1.deliver(pushEthernet(frame, { dst: mac, src: lab.la.mac, type: 0x86dd }))
    lab.lab.pass(0.1)
    return lab.r.counters.get('Ip6.OutForwDatagrams') - before
  }

  test.each([
    ['from a link-local address', 'fe80::9', 'fd02::2', 64, 'Ip6.InAddrErrors'],
    ['from nowhere', '::', 'fd02::2', 64, 'Ip6.InDiscards'],
    ['at the end of its hops', 'fd01::2', 'fd02::2', 1, 'Ip6.InHdrErrors'],
    ['that should be dead already', 'fd01::2', 'fd02::2', 0, 'Ip6.InHdrErrors'],
    ['to nowhere', 'fd01::2', '2001:db8::1', 64, 'Ip6.InNoRoutes'],
    ['to the loopback', 'fd01::2', '::1', 64, 'Ip6.InAddrErrors'],
  ])('%s does not pass, and is counted', (_, src, dst, hopLimit, counter) => {
    const lab = setup()
    const before = lab.r.counters.get(counter)
    expect(packet(lab, src, dst, hopLimit)).toBe(0)
    expect(lab.r.counters.get(counter)).toBe(before + 1)
  })

  test('to another link’s link-local address is no path to keep', () => {
    const lab = setup()
    lab.r.addRoute({ dst: ip('fe80::5'), length: 128, link: lab.r2 })
    expect(packet(lab, 'fd01::2', 'fe80::5')).toBe(0)
    expect(lab.r.forwardPaths6.paths.has(ip6('fe80::5'))).toBe(false)
    expect(lab.r.counters.get('Icmp6.OutType1')).toBe(1)
  })

  test('sent to all stations is not passed on by each', () => {
    const lab = setup()
    expect(packet(lab, 'fd01::2', 'fd02::2', 64, 0x333300000001)).toBe(0)
    expect(lab.r.counters.get('Ip6.InDiscards')).toBeGreaterThanOrEqual(1)
    // It, and the answer that nobody listens there.
    expect(packet(lab, 'fd01::2', 'fd02::2', 2)).toBe(2)
  })
})

test('fragments that never become a packet are reported to their sender after a minute', () => {
  const { lab, a, r } = setup()
  const socket = a.rawSocket(6, 58)
  socket.options.receiveErrors = true
  const one = (offset: number, from = a, to = 'fd01::1') => {
    const raw = from.rawSocket(6, 44)
    const payload = new Uint8Array(8 + 48)
    payload.set([58, 0, offset >> 5, (offset << 3) | 1, 0, 0, 0, 7 + offset, 128, 0, 0, 0, 0, 1, 0, 1])
    raw.send(payload, ip(to))
    lab.pass(0.1)
    raw.close()
  }
  one(0)
  one(6)
  lab.pass(59)
  expect(r.counters.get('Ip6.ReasmTimeout')).toBe(0)
  lab.pass(2)
  // The second began a packet of its own, whose head is missing: nobody is told of that one.
  expect(r.counters.get('Ip6.ReasmTimeout')).toBe(2)
  expect(r.counters.get('Ip6.ReasmFails')).toBe(2)
  expect(r.counters.get('Icmp6.OutType3')).toBe(1)
  expect(a.counters.get('Icmp6.InType3')).toBe(1)
})
