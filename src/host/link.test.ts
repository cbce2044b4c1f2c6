import { describe, expect, test } from 'vitest'
import { Frame } from '../wire/frame.ts'
import { TestLab } from './lab.testing.ts'
import { isLinkName, type Link } from './link.ts'
import type { Namespace } from './namespace.ts'

const add = (host: Namespace, kind: 'dummy' | 'tap' | 'eth' | 'internal', name: string): Link => {
  const made = host.links.add(kind, name)
  if (!made.ok) throw new Error(made.errno)
  return made.value
}

const pair = (): { host: Namespace; a: Link; b: Link } => {
  const host = new TestLab().kernel().root
  const made = host.links.addVeth('a', 'b')
  if (!made.ok) throw new Error(made.errno)
  return { host, a: made.value, b: made.value.peer as Link }
}

const frameTo = (link: Link, size = 60): Frame => {
  const frame = Frame.of(size)
  for (let i = 0; i < 6; i++) frame.bytes[frame.start + i] = Math.floor(link.mac / 256 ** (5 - i))
  return frame
}

describe('what ip link shows', () => {
  // Taken from `ip link` of Linux 6.18.
  test('of lo', () => {
    const { lo } = new TestLab().kernel().root
    expect([lo.index, lo.mtu, lo.mac, lo.qdisc, lo.operState, lo.txQueueLength]).toEqual([
      1,
      65536,
      0,
      'noop',
      'DOWN',
      1000,
    ])
    expect(lo.flags).toEqual(['LOOPBACK'])
    lo.setUp(true)
    expect([lo.qdisc, lo.operState]).toEqual(['noqueue', 'UNKNOWN'])
    expect(lo.flags).toEqual(['LOOPBACK', 'UP', 'LOWER_UP'])
  })

  test('of a veth pair, end by end', () => {
    const { a, b } = pair()
    expect([a.mtu, a.qdisc, a.operState]).toEqual([1500, 'noop', 'DOWN'])
    expect(a.flags).toEqual(['BROADCAST', 'MULTICAST', 'M-DOWN'])
    a.setUp(true)
    expect(a.flags).toEqual(['NO-CARRIER', 'BROADCAST', 'MULTICAST', 'UP', 'M-DOWN'])
    expect([a.qdisc, a.operState]).toEqual(['noqueue', 'LOWERLAYERDOWN'])
    b.setUp(true)
    expect(a.flags).toEqual(['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'])
    expect([a.operState, b.operState]).toEqual(['UP', 'UP'])
    b.setUp(false)
    expect(a.operState).toBe('LOWERLAYERDOWN')
  })

  test('of a tap, without and with somebody at its far end', () => {
    const tap = add(new TestLab().kernel().root, 'tap', 't0')
    tap.setUp(true)
    expect(tap.flags).toEqual(['NO-CARRIER', 'BROADCAST', 'MULTICAST', 'UP'])
    expect([tap.qdisc, tap.operState]).toEqual(['pfifo_fast', 'DOWN'])
    tap.plug({ send: () => {} })
    expect(tap.flags).toEqual(['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'])
    expect(tap.operState).toBe('UP')
    tap.plug(undefined)
    expect(tap.operState).toBe('DOWN')
  })

  test('of a dummy and of an internal port', () => {
    const host = new TestLab().kernel().root
    const dummy = add(host, 'dummy', 'd0')
    const internal = add(host, 'internal', 'br0')
    dummy.setUp(true)
    internal.setUp(true)
    expect(dummy.flags).toEqual(['BROADCAST', 'NOARP', 'UP', 'LOWER_UP'])
    expect([dummy.operState, internal.operState]).toEqual(['UNKNOWN', 'UNKNOWN'])
  })

  test('a port of a switch is watched, but not promiscuous by its flags', () => {
    const { a } = pair()
    a.enslave('ovs-system', () => {})
    expect([a.master, a.promiscuity, a.flags.includes('PROMISC')]).toEqual(['ovs-system', 1, false])
    a.promiscuous = true
    expect([a.promiscuity, a.flags.includes('PROMISC')]).toEqual([2, true])
    a.enslave(undefined, undefined)
    expect(a.promiscuity).toBe(1)
  })
})

describe('frames', () => {
  test('cross a veth and are counted at both ends', () => {
    const { a, b } = pair()
    a.setUp(true)
    b.setUp(true)
    const before = b.rx.packets
    a.transmit(frameTo(b, 100))
    expect(b.rx.packets - before).toBe(1)
    expect(a.tx.packets).toBe(b.rx.packets)
    expect(a.tx.bytes).toBe(b.rx.bytes)
  })

  test('are dropped with a reason where the link is down, has no carrier, or they do not fit', () => {
    const { a, b } = pair()
    a.transmit(frameTo(b))
    expect(a.drops.get('tx_down')).toBe(1)
    a.setUp(true)
    a.transmit(frameTo(b))
    expect(a.drops.get('tx_carrier')).toBe(1)
    b.setUp(true)
    b.setMtu(100)
    a.transmit(frameTo(b, 118))
    expect(b.drops.get('rx_long')).toBe(0)
    a.transmit(frameTo(b, 119))
    expect(b.drops.get('rx_long')).toBe(1)
    b.deliver(Frame.of(13))
    expect(b.drops.get('rx_short')).toBe(1)
    expect(b.rx.errors).toBe(2)
  })

  test('for another MAC, and of a protocol that nobody speaks, are counted', () => {
    const { a, b } = pair()
    a.setUp(true)
    b.setUp(true)
    a.transmit(frameTo(a))
    expect(b.drops.get('rx_stranger')).toBe(1)
    a.transmit(frameTo(b))
    expect(b.drops.get('rx_protocol')).toBe(1)
  })

  test('go to the switch that took the port and not to IP', () => {
    const { host, a, b } = pair()
    a.setUp(true)
    b.setUp(true)
    const taken: Frame[] = []
    b.enslave('ovs-system', frame => taken.push(frame))
    const before = host.counters.get('Ip.InReceives')
    const frame = frameTo(b)
    frame.bytes[frame.start + 12] = 8
    a.transmit(frame)
    expect(taken).toEqual([frame])
    expect(host.counters.get('Ip.InReceives')).toBe(before)
  })

  test('are seen by taps both ways, with the time', () => {
    const lab = new TestLab()
    const host = lab.kernel().root
    const link = add(host, 'eth', 'eth0')
    const sent: Frame[] = []
    link.plug({ send: frame => sent.push(frame) })
    link.setUp(true)
    lab.pass(30)
    const seen: string[] = []
    const stop = host.tap(link, (direction, frame, time) => seen.push(`${direction} ${frame.size} ${time / 1e9}`))
    expect(link.promiscuity).toBe(1)
    link.transmit(frameTo(link, 70))
    link.deliver(frameTo(link, 80))
    expect(seen).toEqual(['out 70 30', 'in 80 30'])
    stop()
    link.deliver(frameTo(link, 80))
    expect(seen).toHaveLength(2)
    expect(link.promiscuity).toBe(0)
  })

  test('of a dummy go nowhere, and are counted as sent', () => {
    const dummy = add(new TestLab().kernel().root, 'dummy', 'd0')
    dummy.setUp(true)
    const before = dummy.tx.packets
    dummy.transmit(Frame.of(60))
    expect(dummy.tx.packets).toBe(before + 1)
  })

  test('of an internal port without a switch are counted as unplugged', () => {
    const port = add(new TestLab().kernel().root, 'internal', 'br0')
    port.setUp(true)
    const before = port.drops.get('tx_unplugged')
    port.transmit(Frame.of(60))
    expect(port.drops.get('tx_unplugged')).toBe(before + 1)
  })
})

describe('changes', () => {
  test('of the MTU are bounded as Linux bounds them', () => {
    const { a } = pair()
    expect(a.setMtu(67)).toEqual({ ok: false, errno: 'EINVAL', message: 'mtu less than device minimum.' })
    expect(a.setMtu(65536)).toEqual({ ok: false, errno: 'EINVAL', message: 'mtu greater than device maximum.' })
    expect(a.setMtu(9000).ok).toBe(true)
    expect(a.mtu).toBe(9000)
  })

  test('of the MAC refuse groups and zero', () => {
    const { a } = pair()
    expect(a.setMac(0xffffffffffff)).toEqual({ ok: false, errno: 'EADDRNOTAVAIL' })
    expect(a.setMac(0x010000000001)).toEqual({ ok: false, errno: 'EADDRNOTAVAIL' })
    expect(a.setMac(0x020000000001).ok).toBe(true)
  })

  test.each([
    ['eth0', true],
    ['abcdefghijklmno', true],
    ['abcdefghijklmnop', false],
    ['', false],
    ['a/b', false],
    ['a b', false],
    ['a:b', false],
    ['..', false],
  ])('a link may be called %j: %s', (name, may) => {
    expect(isLinkName(name)).toBe(may)
  })
})
