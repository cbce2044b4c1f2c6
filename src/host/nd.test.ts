import { describe, expect, test } from 'vitest'
import { linkLocal, multicastMac, solicitedNode } from '../wire/address.ts'
import { pushEthernet } from '../wire/ethernet.ts'
import { parseIpv6, pushIpv6 } from '../wire/ipv6.ts'
import { type Nd, ndFrame, parseNd } from '../wire/nd.ts'
import { ip, ip6, TestLab } from './lab.testing.ts'
import type { Link } from './link.ts'

const messages = (lab: TestLab) =>
  lab.seen.flatMap(({ frame, from, time }) => {
    const six = parseIpv6(frame.bytes, frame.start + 14, frame.end)
    if (!six.ok || six.value.protocol !== 58) return []
    const nd = parseNd(frame.bytes, six.value.payload, six.value.end)
    const { src, dst, hopLimit } = six.value
    return nd.ok ? [{ ...nd.value, src, dst, hopLimit, from: from.owner.name, time }] : []
  })

const inject = (link: Link, nd: Nd, src: bigint, dst: bigint, hopLimit = 255): void => {
  const frame = ndFrame(nd, { src, dst })
  pushIpv6(frame, { src, dst, nextHeader: 58, hopLimit })
  link.deliver(
    pushEthernet(frame, {
      dst: dst >> 120n === 0xffn ? multicastMac(dst) : link.mac,
      src: 0x020000000077,
      type: 0x86dd,
    }),
  )
}

describe('duplicate address detection', () => {
  test('asks from :: once, and the address is good a second later', () => {
    const lab = new TestLab()
    const [a, b] = [lab.host('a'), lab.host('b')]
    const la = lab.nic(a, 'eth0')
    lab.cable(la, lab.nic(b, 'eth0'))
    const own = linkLocal(la.mac)
    expect(a.addresses.find(own)).toMatchObject({ tentative: true, scope: 'link', length: 64, origin: 'kernel' })
    lab.pass(2.1)
    expect(a.addresses.find(own)).toMatchObject({ tentative: false, dadFailed: false })
    const asked = messages(lab).filter(m => m.from === 'a' || m.src === 0n)
    expect(asked.filter(m => m.kind === 'neighbor-solicitation' && m.target === own)).toMatchObject([
      { src: 0n, dst: solicitedNode(own), hopLimit: 255, options: [] },
    ])
  })

  test('finds that a neighbour has the address', () => {
    const lab = new TestLab()
    const { a, b, la, lb } = lab.pair()
    lab.pass(3)
    a.addAddress(la, { ip: ip('fd00::2'), length: 64 })
    lab.pass(3)
    expect(a.addresses.find(ip('fd00::2'))).toMatchObject({ tentative: true, dadFailed: true })
    expect(b.addresses.find(ip('fd00::2'), lb)).toMatchObject({ tentative: false, dadFailed: false })
    expect(a.counters.get('Nd.DadFailures')).toBe(1)
    expect(a.route(ip('fd00::2'))).toMatchObject({ link: la, cast: 'unicast' })
  })

  test('finds that another tries the same address at the same time', () => {
    const lab = new TestLab()
    const { a, la } = lab.pair()
    a.addAddress(la, { ip: ip('fd00::50'), length: 64 })
    const dst = solicitedNode(ip6('fd00::50'))
    inject(la, { kind: 'neighbor-solicitation', target: ip6('fd00::50'), options: [] }, 0n, dst)
    expect(a.addresses.find(ip('fd00::50'))).toMatchObject({ dadFailed: true })
  })

  test('is left out where dad_transmits is 0', () => {
    const lab = new TestLab()
    const { a, la } = lab.pair()
    a.settings.set('net.ipv6.conf.eth0.dad_transmits', '0')
    a.addAddress(la, { ip: ip('fd00::51'), length: 64 })
    expect(a.addresses.find(ip('fd00::51'))?.tentative).toBe(false)
  })
})

describe('a link that goes down', () => {
  test('loses its IPv6 addresses and routes, and gets a link-local one when it comes up', () => {
    const lab = new TestLab()
    const { a, la } = lab.pair()
    lab.pass(3)
    la.setUp(false)
    expect(a.addresses.of(la, 6)).toEqual([])
    expect(a.routes6.list()).toEqual([])
    la.setUp(true)
    lab.pass(3)
    expect(a.addresses.of(la, 6).map(x => x.ip)).toEqual([linkLocal(la.mac)])
  })

  test('keeps them where keep_addr_on_down says so', () => {
    const lab = new TestLab()
    const { a, la } = lab.pair()
    lab.pass(3)
    a.settings.set('net.ipv6.conf.eth0.keep_addr_on_down', '1')
    la.setUp(false)
    la.setUp(true)
    lab.pass(3)
    expect(a.addresses.of(la, 6).map(x => x.ip)).toContain(ip('fd00::1'))
    expect(a.groups.of(la).every(([, users]) => users === 1)).toBe(true)
    expect(a.route(ip('fd00::2'))).toMatchObject({ src: ip('fd00::1') })
  })
})

describe('neighbours', () => {
  test('are asked by their solicited-node group and answer by unicast', () => {
    const lab = new TestLab()
    const { a, b, la, lb } = lab.pair()
    lab.pass(3)
    lab.seen.length = 0
    a.pingSocket(6).echo(1, new Uint8Array(0), ip('fd00::2'))
    lab.pass(0.1)
    expect(messages(lab).slice(0, 2)).toMatchObject([
      {
        kind: 'neighbor-solicitation',
        src: ip('fd00::1'),
        dst: ip('ff02::1:ff00:2'),
        options: [{ kind: 'source', mac: la.mac }],
      },
      {
        kind: 'neighbor-advertisement',
        dst: ip('fd00::1'),
        router: false,
        solicited: true,
        override: true,
        options: [{ kind: 'target', mac: lb.mac }],
      },
    ])
    expect(a.nd.find(la, ip('fd00::2'))).toMatchObject({ state: 'REACHABLE', mac: lb.mac })
    expect(b.nd.find(lb, ip('fd00::1'))?.mac).toBe(la.mac)
  })

  test('messages that crossed a router are not believed', () => {
    const lab = new TestLab()
    const { a, la } = lab.pair()
    lab.pass(3)
    const na: Nd = {
      kind: 'neighbor-advertisement',
      target: ip6('fd00::2'),
      router: false,
      solicited: false,
      override: true,
      options: [],
    }
    inject(la, na, ip6('fd00::2'), ip6('fd00::1'), 254)
    expect(a.counters.get('Nd.InErrors.hop_limit')).toBe(1)
  })

  test('an advertisement nobody asked for makes no entry', () => {
    const lab = new TestLab()
    const { a, la } = lab.pair()
    lab.pass(3)
    const na: Nd = {
      kind: 'neighbor-advertisement',
      target: ip6('fd00::7'),
      router: false,
      solicited: false,
      override: true,
      options: [{ kind: 'target', mac: 7 }],
    }
    inject(la, na, ip6('fd00::7'), ip6('ff02::1'))
    expect(a.nd.find(la, ip('fd00::7'))).toBeUndefined()
  })
})

describe('routers', () => {
  const ra = (more: Partial<Extract<Nd, { kind: 'router-advertisement' }>> = {}): Nd => ({
    kind: 'router-advertisement',
    hopLimit: 33,
    managed: false,
    other: false,
    lifetime: 1800,
    reachableTime: 0,
    retransTimer: 0,
    options: [
      { kind: 'source', mac: 0x020000000077 },
      {
        kind: 'prefix',
        prefix: ip6('2001:db8:5::'),
        length: 64,
        onLink: true,
        autonomous: true,
        validLifetime: 7200,
        preferredLifetime: 3600,
      },
    ],
    ...more,
  })
  const router = ip6('fe80::77')

  test('are asked for, ever less often', () => {
    const lab = new TestLab()
    const { la } = lab.pair()
    lab.pass(60)
    const times = messages(lab).flatMap(m =>
      m.kind === 'router-solicitation' && m.src === linkLocal(la.mac) ? [m.time / 1e9] : [],
    )
    expect(times.length).toBeGreaterThanOrEqual(4)
    const gaps = times.slice(1).map((time, i) => time - (times[i] as number))
    for (const [i, gap] of gaps.entries()) expect(Math.abs(gap / (4 * 2 ** i) - 1)).toBeLessThanOrEqual(0.1)
  })

  test('give a default route, an address made of the prefix, and a hop limit', () => {
    const lab = new TestLab()
    const { a, la } = lab.pair()
    lab.pass(3)
    inject(la, ra(), router, ip6('ff02::1'))
    expect(a.routes6.lookup(ip('2001:db8:ffff::1'))).toMatchObject({
      via: router,
      link: la,
      metric: 1024,
      protocol: 'ra',
    })
    const own = (ip6('2001:db8:5::') | (linkLocal(la.mac) & 0xffffffffffffffffn)) as bigint
    expect(a.addresses.find(own)).toMatchObject({ origin: 'ra', length: 64, tentative: true })
    lab.pass(3)
    expect(a.addresses.find(own)?.tentative).toBe(false)
    expect(a.settings.of('eth0').hop_limit).toBe(33)
    expect(a.nd.find(la, router)).toMatchObject({ isRouter: true, mac: 0x020000000077 })
    lab.seen.length = 0
    lab.pass(100)
    expect(messages(lab).filter(m => m.kind === 'router-solicitation' && m.src === linkLocal(la.mac))).toEqual([])
    lab.pass(1800)
    expect(a.routes6.lookup(ip('2001:db8:ffff::1'))).toBeUndefined()
    lab.pass(7200)
    expect(a.addresses.find(own)).toBeUndefined()
  })

  test('say which MTU, reachable time and interval to use', () => {
    const lab = new TestLab()
    const { a, la } = lab.pair()
    lab.pass(3)
    const say = (mtu: number, reachableTime = 0, retransTimer = 0) =>
      inject(la, ra({ options: [{ kind: 'mtu', mtu }], reachableTime, retransTimer }), router, ip6('ff02::1'))
    const mtu = () => (a.route(ip('2001:db8:7::1')) as { mtu: number }).mtu
    say(1400, 12345, 678)
    expect(mtu()).toBe(1400)
    expect(a.settings.neigh6.of('eth0')).toMatchObject({ base_reachable_time_ms: 12345, retrans_time_ms: 678 })
    // IPv4 does not care.
    expect(a.route(ip('10.0.0.2'))).toMatchObject({ mtu: 1500 })
    expect(a.settings.neigh4.of('eth0').retrans_time_ms).toBe(1000)
    for (const wrong of [1279, 1501]) say(wrong, 3_600_001)
    expect(mtu()).toBe(1400)
    expect(a.counters.get('Nd.MtusIgnored')).toBe(2)
    expect(a.settings.neigh6.of('eth0')).toMatchObject({ base_reachable_time_ms: 12345, retrans_time_ms: 678 })
    say(1280)
    expect(mtu()).toBe(1280)
    a.settings.set('net.ipv6.conf.eth0.accept_ra_mtu', '0')
    say(1300)
    expect(mtu()).toBe(1280)
    la.setMtu(1300)
    a.settings.set('net.ipv6.conf.eth0.accept_ra_mtu', '1')
    say(1300)
    la.setMtu(1290)
    expect(mtu()).toBe(1290)
  })

  test('whose prefix would be preferred longer than valid is not believed', () => {
    const lab = new TestLab()
    const { a, la } = lab.pair()
    lab.pass(3)
    const [source, prefix] = ra().options
    const wrong = { ...prefix, validLifetime: 100, preferredLifetime: 200 } as typeof prefix
    inject(la, ra({ options: [source!, wrong!] }), router, ip6('ff02::1'))
    expect(a.addresses.of(la, 6).filter(address => address.origin === 'ra')).toEqual([])
  })

  test('may make an address live longer, if only for minutes', () => {
    const lab = new TestLab()
    const { a, la } = lab.pair()
    lab.pass(3)
    const [source, prefix] = ra().options
    const say = (validLifetime: number) => {
      const option = { ...prefix, validLifetime, preferredLifetime: 10 } as typeof prefix
      inject(la, ra({ options: [source!, option!] }), router, ip6('ff02::1'))
      const made = a.addresses.of(la, 6).find(address => address.origin === 'ra')
      return ((made?.validUntil ?? 0) - lab.clock.now()) / 1e9
    }
    expect([say(100), say(3600), say(50), say(9000), say(50)]).toEqual([100, 3600, 3600, 9000, 7200])
    lab.pass(7199)
    expect(a.addresses.of(la, 6).some(address => address.origin === 'ra')).toBe(true)
    lab.pass(2)
    expect(a.addresses.of(la, 6).some(address => address.origin === 'ra')).toBe(false)
  })

  test('are asked for once an hour at least, for ever', () => {
    const lab = new TestLab()
    const { la } = lab.pair()
    lab.pass(36_000)
    const times = messages(lab).flatMap(m =>
      m.kind === 'router-solicitation' && m.src === linkLocal(la.mac) ? [m.time / 1e9] : [],
    )
    const gaps = times.slice(1).map((time, i) => time - (times[i] as number))
    expect(Math.max(...gaps)).toBeLessThanOrEqual(3960)
    expect(gaps.at(-1)).toBeGreaterThan(3239)
  })

  test('that withdraw are forgotten at once', () => {
    const lab = new TestLab()
    const { a, la } = lab.pair()
    lab.pass(3)
    inject(la, ra(), router, ip6('ff02::1'))
    inject(la, ra({ lifetime: 0 }), router, ip6('ff02::1'))
    expect(a.routes6.lookup(ip('2001:db8:ffff::1'))).toBeUndefined()
  })

  test('a stranger cannot make an address die within two hours', () => {
    const lab = new TestLab()
    const { a, la } = lab.pair()
    lab.pass(3)
    const prefix = (validLifetime: number) =>
      ra({
        options: [
          {
            kind: 'prefix',
            prefix: ip6('2001:db8:5::'),
            length: 64,
            onLink: true,
            autonomous: true,
            validLifetime,
            preferredLifetime: 0,
          },
        ],
      })
    inject(la, prefix(86400), router, ip6('ff02::1'))
    inject(la, prefix(1), router, ip6('ff02::1'))
    const address = a.addresses.of(la, 6).find(x => x.origin === 'ra')
    expect((address!.validUntil - lab.clock.now()) / 1e9).toBeCloseTo(7200)
  })

  test.each([
    ['a router itself', (a: ReturnType<TestLab['pair']>['a']) => a.settings.set('net.ipv6.conf.all.forwarding', '1')],
    ['a host told so', (a: ReturnType<TestLab['pair']>['a']) => a.settings.set('net.ipv6.conf.eth0.accept_ra', '0')],
  ])('%s does not listen', (_, prepare) => {
    const lab = new TestLab()
    const { a, la } = lab.pair()
    lab.pass(3)
    prepare(a)
    inject(la, ra(), router, ip6('ff02::1'))
    expect(a.counters.get('Nd.AdvertisementsIgnored')).toBe(1)
    expect(a.routes6.lookup(ip('2001:db8:ffff::1'))).toBeUndefined()
  })

  test('only link-local addresses are routers', () => {
    const lab = new TestLab()
    const { a, la } = lab.pair()
    lab.pass(3)
    inject(la, ra(), ip6('fd00::77'), ip6('ff02::1'))
    expect(a.counters.get('Nd.InErrors.value')).toBe(1)
  })
})

test('duplicate address detection begins at a time of each host’s own, within a second', () => {
  const lab = new TestLab()
  const links = Array.from({ length: 8 }, (_, i) => lab.nic(lab.host(`h${i}`), 'eth0'))
  lab.segment(links)
  lab.pass(3)
  const begun = messages(lab).filter(m => m.kind === 'neighbor-solicitation' && m.src === 0n)
  expect(begun).toHaveLength(8)
  expect(new Set(begun.map(m => m.time)).size).toBe(8)
  for (const { time } of begun) expect(time).toBeLessThan(1e9)
})
