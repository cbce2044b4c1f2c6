import { expect, test } from 'vitest'
import { pushEthernet } from '../wire/ethernet.ts'
import { Frame } from '../wire/frame.ts'
import { pushIpv4 } from '../wire/ipv4.ts'
import { pushIpv6 } from '../wire/ipv6.ts'
import { parseTcp, pushTcp, type Tcp, TcpFlag } from '../wire/tcp.ts'
import { ip4, ip6, TestLab } from './lab.testing.ts'

const setup = () => {
  const lab = new TestLab()
  const net = lab.pair()
  lab.pass(3)
  lab.seen.length = 0
  const four = { src: ip4('10.0.0.1'), dst: ip4('10.0.0.2') }
  const six = { src: ip6('fd00::1'), dst: ip6('fd00::2') }
  const segment = (tcp: Partial<Tcp>, size = 0, ends: typeof four | typeof six = four): Frame => {
    const all = { src: 4000, dst: 80, seq: 1000, ack: 0, flags: 0, window: 100, urgent: 0, options: [], ...tcp }
    const frame = pushTcp(Frame.of(size), all, ends)
    if (ends === four) pushIpv4(frame, { ...four, protocol: 6, tos: 0x13 })
    else pushIpv6(frame, { ...six, nextHeader: 6 })
    return pushEthernet(frame, { dst: net.lb.mac, src: net.la.mac, type: ends === four ? 0x0800 : 0x86dd })
  }
  /** The TCP header of what b sends back, or undefined. */
  const answer = (frame: Frame) => {
    lab.seen.length = 0
    net.lb.deliver(frame)
    lab.pass(0.1)
    for (const { frame: sent, from } of lab.seen) {
      const six = sent.bytes[sent.start + 12] === 0x86
      const protocol = sent.bytes[sent.start + (six ? 20 : 23)]
      if (from !== net.lb || protocol !== 6) continue
      const parsed = parseTcp(sent.bytes, sent.start + (six ? 54 : 34), sent.end)
      if (parsed.ok) return { ...parsed.value, tos: sent.bytes[sent.start + 15], six }
    }
    return undefined
  }
  return { ...net, segment, answer, four, six }
}

const { rst, syn, ack, fin, psh } = TcpFlag

test('a connection attempt is refused', () => {
  const { a, segment, answer } = setup()
  expect(answer(segment({ flags: syn }))).toMatchObject({
    src: 80,
    dst: 4000,
    seq: 0,
    ack: 1001,
    flags: rst | ack,
    window: 0,
    options: [],
    tos: 0x10,
  })
  expect(a.counters.get('Tcp.InSegs')).toBe(1)
  expect(a.counters.get('Tcp.InErrs') + a.counters.get('Tcp.OutRsts')).toBe(0)
})

test('over IPv6 too', () => {
  const { segment, answer, six } = setup()
  expect(answer(segment({ flags: syn }, 0, six))).toMatchObject({ seq: 0, ack: 1001, flags: rst | ack, six: true })
})

test.each([
  ['an acknowledgement', { flags: ack, ack: 77 }, 10, { seq: 77, ack: 0, flags: rst }],
  ['data without one', { flags: psh }, 10, { seq: 0, ack: 1010, flags: rst | ack }],
  ['an end', { flags: fin }, 0, { seq: 0, ack: 1001, flags: rst | ack }],
  ['all at once, round the corner', { flags: syn | fin, seq: 0xffffffff }, 5, { seq: 0, ack: 6, flags: rst | ack }],
])('%s gets what RFC 9293 says', (_, tcp, size, expected) => {
  const { segment, answer } = setup()
  expect(answer(segment(tcp, size))).toMatchObject(expected)
})

test('a reset is never answered, nor what is broken', () => {
  const { b, segment, answer } = setup()
  expect(answer(segment({ flags: rst }))).toBeUndefined()
  const bad = segment({ flags: syn })
  bad.bytes[bad.end - 5]! ^= 1
  expect(answer(bad)).toBeUndefined()
  expect(b.counters.get('Tcp.InCsumErrors')).toBe(1)
  const cut = segment({ flags: syn })
  const short = pushEthernet(
    pushIpv4(Frame.from(cut.bytes, cut.end - 20, cut.end - 1), {
      src: ip4('10.0.0.1'),
      dst: ip4('10.0.0.2'),
      protocol: 6,
    }),
    { dst: b.links.get('eth0')!.mac, src: 1, type: 0x0800 },
  )
  expect(answer(short)).toBeUndefined()
  expect(b.counters.entries().filter(([name]) => name.startsWith('Tcp.'))).toEqual([
    ['Tcp.InCsumErrors', 1],
    ['Tcp.InErrs', 2],
    ['Tcp.InSegs', 3],
  ])
})

test('a TCP that has ports takes its place', () => {
  const { b, segment, answer } = setup()
  let got = 0
  b.protocols4.set(6, () => got++)
  expect(answer(segment({ flags: syn }))).toBeUndefined()
  expect(got).toBe(1)
})
