import { describe, expect, test } from 'vitest'
import { broadcastMac } from '../wire/address.ts'
import { ArpOp, parseArp } from '../wire/arp.ts'
import { parseEthernet } from '../wire/ethernet.ts'
import { Frame } from '../wire/frame.ts'
import { sendArp } from './arp.ts'
import { ip, ip4, TestLab } from './lab.testing.ts'

const setup = () => {
  const lab = new TestLab()
  const made = lab.pair()
  lab.pass(3)
  lab.seen.length = 0
  /** The ARP messages on the cable since. */
  const arps = () =>
    lab.seen.flatMap(({ frame, from }) => {
      const eth = parseEthernet(frame.bytes, frame.start, frame.end)
      const arp = parseArp(frame.bytes, frame.start + 14, frame.end)
      return eth.ok && eth.value.type === 0x0806 && arp.ok
        ? [{ ...arp.value, dst: eth.value.dst, from: from.owner.name }]
        : []
    })
  return { lab, ...made, arps }
}

describe('ARP', () => {
  test('asks all and is answered by one; both then know each other', () => {
    const { lab, a, b, la, lb, arps } = setup()
    a.pingSocket().echo(1, new Uint8Array(0), ip('10.0.0.2'))
    lab.pass(0.1)
    expect(arps()).toMatchObject([
      { op: ArpOp.request, sha: la.mac, spa: ip('10.0.0.1'), tha: 0, tpa: ip('10.0.0.2'), dst: broadcastMac },
      { op: ArpOp.reply, sha: lb.mac, spa: ip('10.0.0.2'), tha: la.mac, tpa: ip('10.0.0.1'), dst: la.mac },
    ])
    expect(a.arp.find(la, ip('10.0.0.2'))).toMatchObject({ state: 'REACHABLE', mac: lb.mac })
    // Who was asked knows the asker, but not that its own frames arrive there.
    expect(['STALE', 'DELAY']).toContain(b.arp.find(lb, ip('10.0.0.1'))?.state)
  })

  test('is answered for every address of the host, whatever link it is on, unless arp_ignore says otherwise', () => {
    const { lab, b, la, lb, arps } = setup()
    lab.nic(b, 'eth1', '192.0.2.1/24')
    sendArp(la, ArpOp.request, ip4('10.0.0.1'), broadcastMac, ip4('192.0.2.1'), 0)
    lab.pass(0.1)
    expect(arps()[1]).toMatchObject({ op: ArpOp.reply, spa: ip('192.0.2.1'), sha: lb.mac })
    b.settings.set('net.ipv4.conf.eth0.arp_ignore', '1')
    lab.seen.length = 0
    sendArp(la, ArpOp.request, ip4('10.0.0.1'), broadcastMac, ip4('192.0.2.1'), 0)
    lab.pass(0.1)
    expect(arps()).toHaveLength(1)
  })

  test('a probe for a free address (RFC 5227) is answered, and nothing is learned of it', () => {
    const { lab, b, la, arps } = setup()
    sendArp(la, ArpOp.request, 0, broadcastMac, ip4('10.0.0.2'), 0)
    lab.pass(0.1)
    expect(arps()[1]).toMatchObject({ op: ArpOp.reply, tpa: 0 })
    expect(b.arp.size).toBe(0)
  })

  test('a gratuitous message is news only about a neighbour that is known', () => {
    const { lab, b, la, lb } = setup()
    const announce = () => {
      sendArp(la, ArpOp.request, ip4('10.0.0.1'), broadcastMac, ip4('10.0.0.1'), 0)
      lab.pass(0.1)
    }
    announce()
    expect(b.arp.size).toBe(0)
    b.addNeighbour(lb, ip('10.0.0.1'), 0x020000000005, 'STALE')
    announce()
    expect(b.arp.find(lb, ip('10.0.0.1'))).toMatchObject({ mac: la.mac, state: 'STALE' })
    b.removeNeighbour(lb, ip('10.0.0.1'))
    b.settings.set('net.ipv4.conf.eth0.arp_accept', '1')
    announce()
    expect(b.arp.find(lb, ip('10.0.0.1'))).toMatchObject({ mac: la.mac, state: 'STALE' })
  })

  test('somebody else with our address is counted, and not believed', () => {
    const { lab, b, la, lb } = setup()
    sendArp(la, ArpOp.reply, ip4('10.0.0.2'), lb.mac, ip4('10.0.0.2'), lb.mac)
    lab.pass(0.1)
    expect(b.counters.get('Arp.InConflicts')).toBe(1)
    expect(b.arp.size).toBe(0)
  })

  test('bad bytes are counted by their reason', () => {
    const { b, lb } = setup()
    const bad = Frame.of(60)
    bad.bytes.fill(0xff, bad.start, bad.start + 6)
    bad.bytes[bad.start + 12] = 8
    bad.bytes[bad.start + 13] = 6
    lb.deliver(bad.copy())
    expect(b.counters.get('Arp.InErrors.version')).toBe(1)
    bad.end = bad.start + 16
    lb.deliver(bad)
    expect(b.counters.get('Arp.InErrors.short')).toBe(1)
  })

  test('a lost question is asked again after a second', () => {
    const lab = new TestLab()
    const { a, la, lb } = lab.pair()
    lab.pass(3)
    let lost = 0
    lab.cable(la, lb, 1000, frame => frame.bytes[frame.start + 13] === 6 && lost++ === 0)
    const socket = a.pingSocket()
    socket.echo(1, new Uint8Array(0), ip('10.0.0.2'))
    lab.pass(0.9)
    expect(socket.recv()).toBeUndefined()
    lab.pass(0.2)
    expect(socket.recv()).toBeDefined()
  })

  test('users add and remove entries, with the errors of ip neigh', () => {
    const { a, la } = setup()
    expect(a.addNeighbour(la, ip('10.0.0.9'), 0x010203040506).ok).toBe(true)
    expect(a.addNeighbour(la, ip('10.0.0.9'), 0x010203040506)).toMatchObject({ errno: 'EEXIST' })
    expect(a.addNeighbour(la, ip('10.0.0.9'), 0x010203040507, 'PERMANENT', true).ok).toBe(true)
    expect(a.removeNeighbour(la, ip('10.0.0.77'))).toMatchObject({ errno: 'ENOENT' })
    expect(a.removeNeighbour(la, ip('10.0.0.9')).ok).toBe(true)
    la.setUp(false)
    expect(a.addNeighbour(la, ip('10.0.0.9'), 1)).toMatchObject({ errno: 'ENETDOWN' })
  })
})

describe('ARP that is not to be believed', () => {
  test('asks for the loopback net: no answer', () => {
    const { lab, la, lb, arps } = setup()
    for (const tpa of ['127.0.0.1', '127.5.5.5', '224.0.0.1']) {
      sendArp(la, ArpOp.request, ip4('10.0.0.1'), broadcastMac, ip4(tpa), 0)
      lab.pass(0.1)
    }
    expect(arps().filter(arp => arp.sha === lb.mac)).toEqual([])
  })

  test('answers everybody: news, but no proof that our frames arrive', () => {
    const { lab, a, la, lb } = setup()
    a.addNeighbour(la, ip('10.0.0.2'), 0x0200000000aa, 'STALE')
    sendArp(lb, ArpOp.reply, ip4('10.0.0.2'), broadcastMac, ip4('10.0.0.1'), la.mac)
    lab.pass(0.1)
    expect(a.arp.find(la, ip('10.0.0.2'))).toMatchObject({ mac: lb.mac, state: 'STALE' })
    sendArp(lb, ArpOp.reply, ip4('10.0.0.2'), la.mac, ip4('10.0.0.1'), la.mac)
    lab.pass(0.1)
    expect(a.arp.find(la, ip('10.0.0.2'))).toMatchObject({ mac: lb.mac, state: 'REACHABLE' })
  })
})
