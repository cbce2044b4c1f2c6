/** What does not pass, and under which name a user finds it. */
import { describe, expect, test } from 'vitest'
import { Counters, seeded, VirtualClock } from '../runtime/index.ts'
import { broadcastMac, multicastMac } from '../wire/address.ts'
import { pushEthernet } from '../wire/ethernet.ts'
import { Frame } from '../wire/frame.ts'
import { IcmpType, isIcmpChecksumRight } from '../wire/icmp.ts'
import { isIpv4ChecksumRight, pushIpv4, setIpv4Checksum } from '../wire/ipv4.ts'
import { pushUdp } from '../wire/udp.ts'
import { icmpError } from './icmp-error.ts'
import { Kernel } from './kernel.ts'
import { ip, ip4, TestLab } from './lab.testing.ts'
import type { Link } from './link.ts'
import { Neighbours } from './neighbour.ts'

const datagram = (link: Link, src: string, dst: string, ttl = 64, size = 4, mac = link.mac): Frame => {
  const ends = { src: ip4(src), dst: ip4(dst) }
  const frame = pushUdp(Frame.of(size), { src: 1000, dst: 2000 }, ends)
  return pushEthernet(pushIpv4(frame, { ...ends, protocol: 17, ttl }), { dst: mac, src: 0x020000000077, type: 0x0800 })
}

describe('a router', () => {
  const setup = () => {
    const lab = new TestLab()
    const net = lab.routed()
    lab.pass(3)
    return { lab, ...net }
  }

  test.each([
    ['with TTL 0', '10.0.1.2', '10.0.2.2', 0, 'Ip.InHdrErrors', 'Icmp.OutType11'],
    ['with TTL 1', '10.0.1.2', '10.0.2.2', 1, 'Ip.InHdrErrors', 'Icmp.OutType11'],
    ['to nowhere', '10.0.1.2', '192.0.2.1', 64, 'IpExt.InNoRoutes', 'Icmp.OutType3'],
    ['from the loopback net', '127.5.5.5', '10.0.2.2', 64, 'IpExt.InMartians', ''],
    ['to the loopback net', '10.0.1.2', '127.5.5.5', 64, 'IpExt.InMartians', ''],
    ['from a group', '239.1.1.1', '10.0.2.2', 64, 'IpExt.InMartians', ''],
    ['from the reserved net', '240.0.0.1', '10.0.2.2', 64, 'IpExt.InMartians', ''],
    ['from our own address', '10.0.2.1', '10.0.2.2', 64, 'IpExt.InMartians', ''],
    ['to the zero net', '10.0.1.2', '0.1.2.3', 64, 'IpExt.InMartians', ''],
  ])('drops what comes %s', (_, src, dst, ttl, counter, answer) => {
    const { lab, r, r1 } = setup()
    r1.deliver(datagram(r1, src, dst, ttl))
    lab.pass(1)
    expect(r.counters.get('Ip.ForwDatagrams')).toBe(0)
    expect(r.counters.get(counter)).toBe(1)
    const errors = ['Icmp.OutType3', 'Icmp.OutType11'].filter(name => r.counters.get(name) > 0)
    expect(errors).toEqual(answer === '' ? [] : [answer])
  })

  test('takes what is for itself with any TTL, even 0', () => {
    const { lab, r, r1 } = setup()
    const socket = r.udpSocket()
    socket.bind(undefined, 2000)
    for (const ttl of [0, 1]) r1.deliver(datagram(r1, '10.0.1.2', '10.0.1.1', ttl))
    lab.pass(0.1)
    expect([socket.recv()?.ttl, socket.recv()?.ttl]).toEqual([0, 1])
  })
})

describe('a link', () => {
  test.each([
    ['down', 'tx_down'],
    ['without carrier', 'tx_carrier'],
  ])('%s loses what is sent, as %s', (state, name) => {
    const { la } = new TestLab().pair()
    if (state === 'down') la.setUp(false)
    else la.setCarrier(false)
    const before = la.tx.dropped
    la.transmit(Frame.of(60))
    expect([la.drops.get(name as 'tx_down'), la.tx.dropped - before]).toEqual([1, 1])
  })

  test.each([
    ['of 13 bytes', 13, 'rx_short', 1],
    ['over the MTU by more than a tag', 1519, 'rx_long', 1],
    ['with a tag at the MTU', 1518, 'rx_long', 0],
  ])('refuses a frame %s', (_, size, name, count) => {
    const { lb } = new TestLab().pair()
    const frame = Frame.of(size)
    frame.bytes.fill(0xff, frame.start, Math.min(frame.end, frame.start + 6))
    const before = lb.rx.errors
    lb.deliver(frame)
    expect([lb.drops.get(name as 'rx_long'), lb.rx.errors - before]).toEqual([count, count])
  })

  test('counts strangers and unknown protocols apart', () => {
    const { lb } = new TestLab().pair()
    const before = lb.drops.get('rx_stranger')
    lb.deliver(pushEthernet(Frame.of(46), { dst: 0x0200000000ee, src: 1, type: 0x0800 }))
    lb.deliver(pushEthernet(Frame.of(46), { dst: broadcastMac, src: 1, type: 0x1234 }))
    expect([lb.drops.get('rx_stranger') - before, lb.drops.get('rx_protocol')]).toEqual([1, 1])
  })
})

describe('a loop', () => {
  /** Two veth pairs whose ends are bridged crosswise: what enters goes round for ever. */
  const looped = (copies: number) => {
    const clock = new VirtualClock()
    const kernel = new Kernel({ clock, random: seeded(1) })
    const { links } = kernel.root
    const pairs = ['x', 'y'].map(name => {
      const made = links.addVeth(`${name}0`, `${name}1`)
      if (!made.ok) throw new Error(made.errno)
      return [made.value, made.value.peer as Link] as const
    })
    const [[x0, x1], [y0, y1]] = pairs as [readonly [Link, Link], readonly [Link, Link]]
    for (const link of [x0, x1, y0, y1]) link.setUp(true)
    let rounds = 0
    const forward = (to: Link) => (frame: Frame) => {
      rounds++
      for (let i = 1; i < copies; i++) to.transmit(frame.copy())
      to.transmit(frame)
    }
    x1.enslave('br', forward(y0))
    y1.enslave('br', forward(x0))
    return { clock, kernel, links: [x0, x1, y0, y1], enter: () => x0.transmit(Frame.of(60)), rounds: () => rounds }
  }

  test('of veths goes round while time passes, and holds up nothing', () => {
    const { clock, enter, rounds, kernel } = looped(1)
    enter()
    clock.runUntil(1e6)
    const early = rounds()
    clock.runUntil(10e6)
    expect(early).toBeGreaterThan(500)
    expect(rounds() - early).toBeGreaterThan(5000)
    expect(rounds()).toBeLessThan(20_000)
    expect(kernel.backlog.dropped).toBe(0)
  })

  test('that multiplies fills the backlog; what is beyond is dropped and counted at the link', () => {
    const { clock, enter, kernel, links } = looped(2)
    enter()
    clock.runUntil(20e6)
    expect(kernel.backlog.size).toBeLessThanOrEqual(1000)
    expect(kernel.backlog.dropped).toBeGreaterThan(1000)
    const counted = links.reduce((sum, link) => sum + link.drops.get('rx_backlog'), 0)
    expect(counted).toBe(kernel.backlog.dropped)
    expect(links.reduce((sum, link) => sum + link.rx.dropped, 0)).toBe(counted)
  })
})

describe('nobody is told', () => {
  test('who has no address, or is no single host', () => {
    const { a } = new TestLab().pair()
    for (const src of ['0.0.0.0', '224.0.0.1', '255.255.255.255']) {
      const frame = pushIpv4(Frame.of(8), { src: ip4(src), dst: ip4('10.0.0.1'), protocol: 17 })
      const { start } = frame
      const ends = { src4: ip4(src), dst4: ip4('10.0.0.1'), protocol: 17, cast: 'unicast' } as const
      icmpError(a, { ...ends, frame, ip: start, payload: start + 20 }, IcmpType.unreachable, 3, 0)
    }
    expect(a.counters.get('Icmp.OutMsgs')).toBe(0)
  })

  test('of what went to all', () => {
    const lab = new TestLab()
    const { b, lb } = lab.pair()
    lab.pass(3)
    lb.deliver(datagram(lb, '10.0.0.1', '10.0.0.255', 64, 4, broadcastMac))
    lb.deliver(datagram(lb, '10.0.0.1', '224.0.0.1', 64, 4, multicastMac(ip('224.0.0.1'))))
    expect([b.counters.get('Udp.NoPorts'), b.counters.get('Icmp.OutMsgs')]).toEqual([2, 0])
  })
})

test('an error about a packet that came in pieces quotes it whole, with a right header', () => {
  const lab = new TestLab()
  const { lb } = lab.pair()
  lab.pass(3)
  lab.seen.length = 0
  const whole = datagram(lb, '10.0.0.1', '10.0.0.2', 64, 24)
  for (const [from, to, flags] of [
    [0, 16, 0x20],
    [16, 32, 0],
  ] as const) {
    const piece = Frame.of(14 + 20 + to - from)
    const { bytes, start } = piece
    bytes.set(whole.bytes.subarray(whole.start, whole.start + 34), start)
    bytes.set(whole.bytes.subarray(whole.start + 34 + from, whole.start + 34 + to), start + 34)
    bytes[start + 17] = 20 + to - from
    bytes[start + 20] = flags
    bytes[start + 21] = from / 8
    setIpv4Checksum(bytes, start + 14)
    lb.deliver(piece)
  }
  lab.pass(0.1)
  const answer = lab.seen.find(({ frame, from }) => from === lb && frame.bytes[frame.start + 23] === 1)?.frame as Frame
  expect(isIcmpChecksumRight(answer.bytes, answer.start + 34, answer.end)).toBe(true)
  const quote = answer.start + 42
  expect(answer.end - quote).toBe(52)
  expect(isIpv4ChecksumRight(answer.bytes, quote)).toBe(true)
  expect(answer.bytes[quote + 3]).toBe(52)
})

describe('neighbours', () => {
  test('that are forgotten leave no timer behind', () => {
    const lab = new TestLab()
    const link = lab.nic(lab.kernel().root, 'eth0')
    link.plug({ send: () => {} })
    const clock = new VirtualClock()
    const protocol = { solicit: () => {}, unreachable: () => {}, changed: () => {} }
    const table = new Neighbours(clock, () => 0.5, new Counters(), 0x0800, protocol)
    table.output(link, 9, Frame.of(1))
    expect(clock.pending).toBe(1)
    table.delete(table.find(link, 9)!)
    expect([clock.pending, table.size]).toEqual([0, 0])
  })

  test.each(['STALE', 'REACHABLE', 'PERMANENT'] as const)('in %s that move are followed by tunnels', state => {
    const lab = new TestLab()
    const { a, la } = lab.pair()
    lab.pass(3)
    a.addNeighbour(la, ip('10.0.0.2'), 0x0200000000aa, state)
    const to = () => {
      lab.seen.length = 0
      a.sendUdp(Frame.of(10), { dst: ip('10.0.0.2'), sport: 1, dport: 2 })
      const frame = lab.seen.find(s => s.frame.bytes[s.frame.start + 23] === 17)?.frame as Frame
      return frame.bytes[frame.start + 5]
    }
    expect([to(), to()]).toEqual([0xaa, 0xaa])
    const neighbour = a.arp.find(la, ip('10.0.0.2'))!
    a.arp.learn(neighbour, { mac: 0x0200000000bb, solicited: false, override: true })
    expect(to()).toBe(state === 'PERMANENT' ? 0xaa : 0xbb)
    a.addNeighbour(la, ip('10.0.0.2'), 0x0200000000cc, state, true)
    expect(to()).toBe(0xcc)
  })
})
