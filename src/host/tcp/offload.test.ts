import { describe, expect, test } from 'vitest'
import { millisecond, start } from '../../runtime/index.ts'
import { ip, TestLab } from '../lab.testing.ts'
import type { Link } from '../link.ts'
import { tcpAccept, tcpConnect, tcpRecv, tcpSend } from './blocking.ts'

const size = 1_000_000
const pattern = Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8) * 7) & 0xff)

/** A megabyte from one host to another on a cable of 1 ms that takes runs, or does not. */
const transfer = (runs: boolean, lose: (n: number) => boolean = () => false, mtus = [1500, 1500]) => {
  const lab = new TestLab()
  const { a, b, la, lb } = lab.pair()
  la.setMtu(mtus[0] as number)
  lb.setMtu(mtus[1] as number)
  const sizes: number[] = []
  let count = 0
  const end = (from: Link, to: Link) => ({
    takesRuns: runs,
    send: (frame: Parameters<Link['deliver']>[0]) => {
      if (from === la) sizes.push(frame.size)
      // Nothing is lost before the connection is made.
      if (++count > 12 && lose(count)) return
      lab.clock.at(lab.clock.now() + millisecond, () => to.deliver(frame))
    },
  })
  la.plug(end(la, lb))
  lb.plug(end(lb, la))
  const listener = b.tcpSocket()
  listener.bind(undefined, 80)
  listener.listen(1)
  const got: Uint8Array[] = []
  let over = false
  start(
    (function* () {
      const accepted = yield* tcpAccept(listener)
      if (!accepted.ok) return
      for (;;) {
        const part = yield* tcpRecv(accepted.value)
        if (!part.ok || part.value.length === 0) break
        got.push(part.value)
      }
      over = true
    })(),
  )
  start(
    (function* () {
      const client = a.tcpSocket()
      const made = yield* tcpConnect(client, ip('10.0.0.2'), 80)
      if (!made.ok) return
      yield* tcpSend(client, pattern)
      client.close()
    })(),
  )
  lab.clock.runWhile(() => !over)
  return { a, b, la, sizes, same: Buffer.concat(got).equals(Buffer.from(pattern)) }
}

describe('runs of segments', () => {
  test('go whole where they may, and arrive', () => {
    const { a, b, sizes, same } = transfer(true)
    expect(same).toBe(true)
    expect(Math.max(...sizes)).toBeGreaterThan(20_000)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(65_549)
    // What counts is packets: about 691 of data.
    expect(a.counters.get('Tcp.OutSegs')).toBeGreaterThan(690)
    expect(b.counters.get('Tcp.InSegs')).toBe(a.counters.get('Tcp.OutSegs'))
  })

  test('are cut for a wire, and no packet is longer than the MTU', () => {
    const { sizes, same, la } = transfer(false)
    expect(same).toBe(true)
    expect(Math.max(...sizes)).toBe(1514)
    expect(sizes.length).toBeGreaterThan(690)
    expect(la.drops.entries()).toEqual([])
  })

  test('of which packets are lost are repaired by what is missing only', () => {
    let lost = 0
    const { a, same } = transfer(false, n => {
      const loses = n % 97 === 0
      if (loses) lost++
      return loses
    })
    expect(same).toBe(true)
    expect(lost).toBeGreaterThan(5)
    expect(a.counters.get('Tcp.RetransSegs')).toBeLessThanOrEqual(lost + 3)
    expect(a.counters.get('TcpExt.TCPTimeouts')).toBeLessThanOrEqual(1)
  })

  test('that are lost whole are repaired', () => {
    const { same } = transfer(true, n => n % 23 === 0)
    expect(same).toBe(true)
  })

  test('go to a peer with a small MTU in packets that it takes', () => {
    const { same, sizes } = transfer(false, () => false, [1500, 600])
    expect(same).toBe(true)
    expect(Math.max(...sizes)).toBe(614)
  })

  test('through veths and a router stay whole', () => {
    const lab = new TestLab()
    const [a, r, b] = [lab.host('a'), lab.kernel('r').root, lab.host('b')]
    const [a0, r0] = pair(a, r, 'a0', 'r0')
    const [r1, b0] = pair(r, b, 'r1', 'b0')
    lab.address(a, a0, '10.0.1.2/24')
    lab.address(r, r0, '10.0.1.1/24')
    lab.address(r, r1, '10.0.2.1/24')
    lab.address(b, b0, '10.0.2.2/24')
    r.settings.set('net.ipv4.ip_forward', '1')
    a.addRoute({ dst: 0, length: 0, via: ip('10.0.1.1') })
    b.addRoute({ dst: 0, length: 0, via: ip('10.0.2.1') })
    const listener = b.tcpSocket()
    listener.bind(undefined, 80)
    listener.listen(1)
    const client = a.tcpSocket()
    client.connect(ip('10.0.2.2'), 80)
    lab.pass(1)
    client.send(pattern.subarray(0, 14_480))
    lab.pass(1)
    const accepted = listener.accept()
    if (!accepted.ok) throw new Error(accepted.errno)
    const part = accepted.value.recv()
    expect(part.ok && Buffer.from(part.value).equals(Buffer.from(pattern.subarray(0, 14_480)))).toBe(true)
    // Fewer frames than packets.
    expect(b0.rx.packets).toBeLessThan(10)
    expect(b.counters.get('Tcp.InSegs')).toBeGreaterThanOrEqual(12)
  })
})

const pair = (
  a: ReturnType<TestLab['host']>,
  b: ReturnType<TestLab['host']>,
  one: string,
  other: string,
): [Link, Link] => {
  const made = a.links.addVeth(one, other, b.links)
  if (!made.ok) throw new Error(made.errno)
  const links = [a.links.get(one), b.links.get(other)] as [Link, Link]
  for (const link of links) link.setUp(true)
  return links
}
