import { describe, expect, test } from 'vitest'
import { second } from '../../runtime/index.ts'
import { formatIp, type Ip6, multicastMac } from '../../wire/address.ts'
import { pushEthernet } from '../../wire/ethernet.ts'
import type { Frame } from '../../wire/frame.ts'
import { type Igmp, igmpFrame, routerAlertOption } from '../../wire/igmp.ts'
import { pushIpv4 } from '../../wire/ipv4.ts'
import { pushIpv6 } from '../../wire/ipv6.ts'
import { pushIpv6Options, routerAlertMld } from '../../wire/ipv6-options.ts'
import { dissect } from '../../wire/layers.ts'
import { type Mld, mldFrame } from '../../wire/mld.ts'
import { ip, ip4, ip6, type Seen, TestLab } from '../lab.testing.ts'
import type { Link } from '../link.ts'

const kinds = ['', 'IS_IN', 'IS_EX', 'TO_IN', 'TO_EX', 'ALLOW', 'BLOCK']

/** What frames say of groups: `10.0.0.2>224.0.0.22 TO_EX 239.1.1.1{}`. */
const said = (seen: readonly Seen[], from: Link): string[] =>
  seen.flatMap(({ from: sender, frame }) => {
    if (sender !== from) return []
    let ends = ''
    for (const layer of dissect(frame.content())) {
      if ((layer.protocol === 'ip' || layer.protocol === 'ip6') && layer.value)
        ends = `${formatIp(layer.value.src)}>${formatIp(layer.value.dst)}`
      if ((layer.protocol !== 'igmp' && layer.protocol !== 'mld') || !layer.value) continue
      const { value } = layer
      if (value.kind === 'report3' || value.kind === 'report2') {
        const records = value.records.map(
          ({ type, group, sources }) => `${kinds[type]} ${formatIp(group)}{${[...sources].map(formatIp).join()}}`,
        )
        return [`${ends} ${records.join(' ')}`]
      }
      return [`${ends} ${value.kind} ${formatIp(value.group)}`]
    }
    return []
  })

const setUp = () => {
  const lab = new TestLab()
  const { a, b, la, lb } = lab.pair()
  lab.pass(5)
  lab.seen.splice(0)
  const own = formatIp(b.addresses.of(lb, 6).find(({ scope }) => scope === 'link')?.ip as Ip6)
  const spoken = (seconds: number): string[] => {
    lab.pass(seconds)
    return said(lab.seen.splice(0), lb)
  }
  return { lab, a, b, la, lb, own, spoken }
}

const igmpQuery = (igmp: Igmp, dst = '224.0.0.1'): Frame => {
  const frame = igmpFrame(igmp)
  pushIpv4(frame, { src: ip4('10.0.0.1'), dst: ip4(dst), protocol: 2, ttl: 1, options: routerAlertOption })
  return pushEthernet(frame, { dst: multicastMac(ip(dst)), src: 0x12, type: 0x0800 })
}

const mldQuery = (mld: Mld, { src = 'fe80::1', dst = 'ff02::1', hopLimit = 1, alert = true } = {}): Frame => {
  const ends = { src: ip6(src), dst: ip6(dst) }
  const frame = mldFrame(mld, ends)
  if (alert) pushIpv6Options(frame, 58, [routerAlertMld])
  pushIpv6(frame, { ...ends, nextHeader: alert ? 0 : 58, hopLimit })
  return pushEthernet(frame, { dst: multicastMac(ends.dst), src: 0x12, type: 0x86dd })
}

const v3 = { suppress: false, robustness: 2, interval: 125, sources: [] }
const allGroups = { kind: 'query', group: 0, maxResponse: 10, v3 } as const
const allGroups6 = { kind: 'query', group: 0n, maxResponse: 1000, v2: v3 } as const

describe('a socket that joins', () => {
  test('is told of to IPv4 routers, and so is that it leaves', () => {
    const { b, lb, spoken } = setUp()
    const socket = b.udpSocket()
    socket.join(ip('239.1.1.1'), lb)
    expect(spoken(3)).toEqual(Array(2).fill('10.0.0.2>224.0.0.22 TO_EX 239.1.1.1{}'))
    socket.leave(ip('239.1.1.1'), lb)
    expect(spoken(3)).toEqual(Array(2).fill('10.0.0.2>224.0.0.22 TO_IN 239.1.1.1{}'))
    socket.joinSource(ip('232.1.1.1'), lb, ip('10.0.0.1'))
    expect(spoken(3)).toEqual(Array(2).fill('10.0.0.2>224.0.0.22 ALLOW 232.1.1.1{10.0.0.1}'))
    socket.close()
    expect(spoken(3)).toEqual(Array(2).fill('10.0.0.2>224.0.0.22 BLOCK 232.1.1.1{10.0.0.1}'))
  })

  test('is told of to IPv6 routers from the link-local address', () => {
    const { b, lb, own, spoken } = setUp()
    const socket = b.udpSocket(6)
    socket.join(ip('ff15::1'), lb)
    expect(spoken(3)).toEqual(Array(2).fill(`${own}>ff02::16 TO_EX ff15::1{}`))
    socket.close()
    expect(spoken(3)).toEqual(Array(2).fill(`${own}>ff02::16 TO_IN ff15::1{}`))
  })

  test("what is everybody's, of this host alone, on lo, or not to be told is not told", () => {
    const { b, lb, spoken } = setUp()
    b.settings.set('net.ipv4.igmp_link_local_mcast_reports', '0')
    const [four, six] = [b.udpSocket(), b.udpSocket(6)]
    for (const group of ['224.0.0.1', '224.0.0.251']) expect(four.join(ip(group), lb).ok).toBe(true)
    for (const group of ['ff02::1', 'ff01::5']) expect(six.join(ip(group), lb).ok).toBe(true)
    expect(four.join(ip('239.1.1.1'), b.lo).ok).toBe(true)
    expect(spoken(5)).toEqual([])
  })

  test('while the link is down is told of when it is up', () => {
    const { b, lb, spoken } = setUp()
    lb.setUp(false)
    const socket = b.udpSocket()
    socket.join(ip('239.1.1.1'), lb)
    expect(spoken(3)).toEqual([])
    lb.setUp(true)
    expect(spoken(3)).toEqual(Array(2).fill('10.0.0.2>224.0.0.22 TO_EX 239.1.1.1{}'))
  })
})

describe('a question', () => {
  test('is answered with the groups of sockets and of the host itself', () => {
    const { b, lb, own, spoken } = setUp()
    b.udpSocket().join(ip('239.1.1.1'), lb)
    b.udpSocket(6).join(ip('ff15::1'), lb)
    spoken(5)
    lb.deliver(igmpQuery(allGroups))
    expect(spoken(1)).toEqual(['10.0.0.2>224.0.0.22 IS_EX 239.1.1.1{}'])
    lb.deliver(mldQuery(allGroups6))
    const [answer, ...more] = spoken(1)
    expect(more).toEqual([])
    expect(answer?.startsWith(`${own}>ff02::16 IS_EX ff15::1{} `)).toBe(true)
    expect(answer).toContain('IS_EX ff02::1:ff00:2{}')
  })

  test('of an older router is answered as it understands', () => {
    const { b, lb, own, spoken } = setUp()
    const [four, six] = [b.udpSocket(), b.udpSocket(6)]
    four.join(ip('239.1.1.1'), lb)
    six.join(ip('ff15::1'), lb)
    spoken(5)
    lb.deliver(igmpQuery({ kind: 'query', group: 0, maxResponse: 10 }))
    expect(spoken(1)).toEqual(['10.0.0.2>239.1.1.1 report 239.1.1.1'])
    lb.deliver(mldQuery({ kind: 'query', group: ip6('ff15::1'), maxResponse: 1000 }, { dst: 'ff15::1' }))
    expect(spoken(1)).toEqual([`${own}>ff15::1 report ff15::1`])
    four.close()
    six.close()
    expect(spoken(5)).toEqual(['10.0.0.2>224.0.0.2 leave 239.1.1.1', `${own}>ff02::2 done ff15::1`])
  })

  test("another host's report spares ours", () => {
    const { b, lb, spoken } = setUp()
    b.udpSocket().join(ip('239.1.1.1'), lb)
    spoken(5)
    lb.deliver(igmpQuery({ kind: 'query', group: 0, maxResponse: 100 }))
    lb.deliver(igmpQuery({ kind: 'report', version: 2, group: ip4('239.1.1.1') }, '239.1.1.1'))
    expect(spoken(20)).toEqual([])
  })

  test("that is no neighbour's, or is damaged, is not heard", () => {
    const { b, lb, spoken } = setUp()
    b.udpSocket().join(ip('239.1.1.1'), lb)
    b.udpSocket(6).join(ip('ff15::1'), lb)
    spoken(5)
    const damaged = igmpQuery(allGroups)
    damaged.bytes[damaged.start + 14 + 24 + 1] = 77
    lb.deliver(damaged)
    lb.deliver(mldQuery(allGroups6, { src: 'fd00::1' }))
    lb.deliver(mldQuery(allGroups6, { hopLimit: 255 }))
    lb.deliver(mldQuery(allGroups6, { alert: false }))
    expect(spoken(20)).toEqual([])
  })
})

test('a host that joins nothing says nothing of groups', () => {
  const lab = new TestLab()
  const { b, lb } = lab.pair()
  b.settings.set('net.ipv6.conf.all.forwarding', '1')
  lab.clock.runUntil(300 * second)
  expect(said(lab.seen, lb)).toEqual([])
  lb.deliver(igmpQuery(allGroups))
  lab.pass(20)
  expect(said(lab.seen, lb)).toEqual([])
})

describe('the sources of a socket', () => {
  const hear = () => {
    const { lab, a, b, la, lb } = setUp()
    lab.address(a, la, '10.0.0.3/24')
    const socket = b.udpSocket()
    socket.bind(undefined, 5000)
    const send = (from: string): void => {
      const sender = a.udpSocket()
      sender.bind(ip(from), 0)
      sender.options.multicastLink = la
      sender.send(Uint8Array.of(1), ip('239.1.1.1'), 5000)
      sender.close()
      lab.pass(1)
    }
    const heard = (): string[] => {
      for (const from of ['10.0.0.1', '10.0.0.3']) send(from)
      const sources: string[] = []
      for (let got = socket.recv(); got !== undefined; got = socket.recv()) sources.push(formatIp(got.src))
      return sources
    }
    return { b, lb, socket, heard }
  }
  const group = ip('239.1.1.1')

  test('that it names, and those that it blocks', () => {
    const { lb, socket, heard } = hear()
    expect(heard()).toEqual([])
    socket.joinSource(group, lb, ip('10.0.0.3'))
    expect(heard()).toEqual(['10.0.0.3'])
    socket.joinSource(group, lb, ip('10.0.0.1'))
    expect(heard()).toEqual(['10.0.0.1', '10.0.0.3'])
    socket.leaveSource(group, lb, ip('10.0.0.3'))
    expect(heard()).toEqual(['10.0.0.1'])
    socket.leaveSource(group, lb, ip('10.0.0.1'))
    expect(heard()).toEqual([])
    socket.join(group, lb)
    socket.blockSource(group, lb, ip('10.0.0.1'))
    expect(heard()).toEqual(['10.0.0.3'])
    socket.unblockSource(group, lb, ip('10.0.0.1'))
    expect(heard()).toEqual(['10.0.0.1', '10.0.0.3'])
  })

  test('are its own: another socket hears others', () => {
    const { b, lb, socket, heard } = hear()
    socket.joinSource(group, lb, ip('10.0.0.3'))
    b.udpSocket().join(group, lb)
    expect(heard()).toEqual(['10.0.0.3'])
  })

  test('are refused as ip(7) says', () => {
    const { lb, socket } = hear()
    const source = ip('10.0.0.3')
    const errno = (result: { ok: boolean; errno?: string }): string | undefined => result.errno
    expect(errno(socket.leaveSource(group, lb, source))).toBe('EINVAL')
    expect(errno(socket.blockSource(group, lb, source))).toBe('EINVAL')
    socket.joinSource(group, lb, source)
    expect(errno(socket.joinSource(group, lb, source))).toBe('EADDRNOTAVAIL')
    expect(errno(socket.leaveSource(group, lb, ip('10.0.0.1')))).toBe('EADDRNOTAVAIL')
    expect(errno(socket.unblockSource(group, lb, source))).toBe('EINVAL')
    expect(errno(socket.join(group, lb))).toBe('EADDRINUSE')
    for (let i = 0; i < 9; i++) expect(socket.joinSource(group, lb, 1000 + i).ok).toBe(true)
    expect(errno(socket.joinSource(group, lb, 2000))).toBe('ENOBUFS')
    for (let i = 0; i < 19; i++) expect(socket.join(ip4('239.2.0.0') + i, lb).ok).toBe(true)
    expect(errno(socket.join(ip('239.3.0.0'), lb))).toBe('ENOBUFS')
    expect(errno(socket.joinSource(ip('10.0.0.1'), lb, source))).toBe('EINVAL')
  })
})
