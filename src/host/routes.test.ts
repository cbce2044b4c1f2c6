import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatIp, type Ip, inPrefix, mask4 } from '../wire/address.ts'
import { ip, TestLab } from './lab.testing.ts'
import type { Link } from './link.ts'
import { networkOf } from './route-config.ts'
import { type Route, Routes, RouteTable, routeErrno } from './routes.ts'

const prefix = (text: string): { dst: Ip; length: number } => {
  const [address, length] = text.split('/') as [string, string]
  return { dst: ip(address), length: Number(length) }
}

const route = (text: string, more: Partial<Route> = {}): Route => ({
  type: 'unicast',
  ...prefix(text),
  metric: 0,
  scope: 'link',
  protocol: 'boot',
  table: RouteTable.main,
  ...more,
})

const show = (found: Route | undefined): string =>
  found ? `${formatIp(found.dst)}/${found.length} ${found.metric}` : ''

describe('a lookup', () => {
  const routes = new Routes(32)
  for (const text of ['0.0.0.0/0', '10.0.0.0/8', '10.1.0.0/16', '10.1.1.0/24', '10.1.1.1/32']) routes.add(route(text))
  routes.add(route('10.1.0.0/16', { metric: 50 }))
  routes.add(route('10.9.0.0/16', { type: 'throw' }))
  routes.add(route('10.1.1.7/32', { type: 'local', table: RouteTable.local }))

  test.each([
    ['8.8.8.8', '0.0.0.0/0 0'],
    ['10.2.0.1', '10.0.0.0/8 0'],
    ['10.1.2.1', '10.1.0.0/16 0'],
    ['10.1.1.2', '10.1.1.0/24 0'],
    ['10.1.1.1', '10.1.1.1/32 0'],
    ['10.1.1.7', '10.1.1.7/32 0'],
    ['10.9.1.1', ''],
  ])('for %s finds %j', (dst, found) => {
    expect(show(routes.lookup(ip(dst)))).toBe(found)
  })

  test('passes the table local over if told to', () => {
    expect(show(routes.lookupMain(ip('10.1.1.7')))).toBe('10.1.1.0/24 0')
  })

  test('agrees with a linear search where many links have the same prefixes', () => {
    const lab = new TestLab()
    const host = lab.kernel().root
    const links = Array.from({ length: 40 }, (_, i) => lab.nic(host, `v${i}`))
    const step = fc.record({
      kind: fc.constantFrom('add', 'add', 'add', 'remove', 'of link'),
      link: fc.option(fc.integer({ min: 0, max: 39 }), { freq: 50 }),
      metric: fc.constantFrom(0, 0, 0, 256, 512),
      length: fc.constantFrom(8, 24),
      type: fc.constantFrom('unicast', 'unicast', 'unicast', 'unicast', 'multicast', 'local'),
    })
    const model = (kept: Route[], link: Link | undefined): Route | undefined =>
      [...kept]
        .sort((a, b) => b.length - a.length || a.metric - b.metric)
        .find(r => link === undefined || r.link === undefined || r.link === link || r.type === 'local')
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), steps => {
        const table = new Routes(32)
        let kept: Route[] = []
        for (const { kind, link: number, metric, length, type } of steps) {
          const link = links[number ?? -1]
          const bound = link === undefined ? {} : { link }
          if (kind === 'of link' && link !== undefined) {
            table.removeOf(link, r => r.length === length)
            kept = kept.filter(r => r.link !== link || r.length !== length)
          } else if (kind === 'remove') {
            const gone = kept.find(r => r.length === length && r.metric === metric && (!link || r.link === link))
            const { ok } = table.remove({ dst: 0x0a000000, length, metric, ...bound })
            expect(ok).toBe(gone !== undefined)
            kept = kept.filter(r => r !== gone)
          } else {
            const added = route(`10.0.0.0/${length}`, { metric, type, protocol: 'kernel', ...bound })
            const there = kept.some(
              r => r.length === length && r.metric === metric && r.link === link && r.type === type,
            )
            expect(table.add(added).ok).toBe(!there)
            if (!there) kept.push(added)
            // Lists are in the order of the metric, then as they were added.
            kept = [...kept].sort((a, b) => a.metric - b.metric)
          }
          for (const asked of [undefined, links[0], links[17], links[39]])
            expect(table.lookup(ip('10.0.0.9'), asked ? { link: asked } : {})).toBe(model(kept, asked))
        }
        expect(new Set(table.list())).toEqual(new Set(kept))
      }),
    )
  })

  test('agrees with a linear search', () => {
    const some = fc.record({ dst: fc.integer({ min: 0, max: 255 }), length: fc.integer({ min: 24, max: 32 }) })
    fc.assert(
      fc.property(fc.array(some, { maxLength: 20 }), fc.integer({ min: 0, max: 255 }), (list, last) => {
        const table = new Routes(32)
        const kept: Route[] = []
        for (const { dst, length } of list) {
          const added = { ...route('0.0.0.0/0'), dst: ((0x0a000000 + dst) & mask4(length)) >>> 0, length }
          if (table.add(added).ok) kept.push(added)
        }
        const wanted = 0x0a000000 + last
        const best = kept.filter(r => inPrefix(wanted, r.dst, r.length)).sort((a, b) => b.length - a.length)[0]
        expect(table.lookup(wanted)).toBe(best)
      }),
    )
  })
})

describe('a table', () => {
  test('refuses the same prefix and metric, unless it replaces', () => {
    const routes = new Routes(32)
    expect(routes.add(route('10.0.0.0/8')).ok).toBe(true)
    expect(routes.add(route('10.0.0.0/8', { via: ip('1.2.3.4') }))).toMatchObject({ errno: 'EEXIST' })
    expect(routes.add(route('10.0.0.0/8', { metric: 1 })).ok).toBe(true)
    expect(routes.add(route('10.0.0.0/8', { via: ip('1.2.3.4') }), true).ok).toBe(true)
    expect(routes.list().map(r => r.via)).toEqual([ip('1.2.3.4'), undefined])
  })

  test('refuses a prefix with bits behind its length, and a length that cannot be', () => {
    const routes = new Routes(32)
    expect(routes.add(route('10.0.0.1/8'))).toMatchObject({
      errno: 'EINVAL',
      message: 'Invalid prefix for given prefix length.',
    })
    expect(routes.add(route('10.0.0.0/33'))).toMatchObject({ errno: 'EINVAL' })
  })

  test('removes what has all that is said, or says ESRCH', () => {
    const routes = new Routes(32)
    routes.add(route('10.0.0.0/8', { via: ip('1.1.1.1') }))
    expect(routes.remove({ ...prefix('10.0.0.0/8'), via: ip('2.2.2.2') })).toMatchObject({ errno: 'ESRCH' })
    expect(routes.remove({ ...prefix('10.0.0.0/9') })).toMatchObject({ errno: 'ESRCH' })
    expect(routes.remove({ ...prefix('10.0.0.0/8'), via: ip('1.1.1.1') }).ok).toBe(true)
    expect(routes.list()).toEqual([])
  })

  test('is listed as ip route lists it', () => {
    const routes = new Routes(32)
    for (const text of ['10.6.0.0/16', '10.0.0.0/16', '10.0.0.0/24', '0.0.0.0/0', '10.7.0.0/16'])
      routes.add(route(text))
    expect(routes.list().map(r => show(r).split(' ')[0])).toEqual([
      '0.0.0.0/0',
      '10.0.0.0/24',
      '10.0.0.0/16',
      '10.6.0.0/16',
      '10.7.0.0/16',
    ])
  })

  test('is listed as ip -6 route lists it: what is within a prefix before it', () => {
    const routes = new Routes(128)
    for (const text of ['::/0', 'fe80::/64', '2001:db8::/32', '2001:db8:1::/48', 'ff00::/8', '2001:db7::/64'])
      routes.add(route(text))
    const shown = routes.list().map(r => show(r).split(' ')[0])
    expect(shown).toEqual(['2001:db7::/64', '2001:db8:1::/48', '2001:db8::/32', 'fe80::/64', 'ff00::/8', '::/0'])
  })

  test.each([
    ['blackhole', 'EINVAL'],
    ['unreachable', 'EHOSTUNREACH'],
    ['prohibit', 'EACCES'],
    ['unicast', undefined],
  ] as const)('a %s route gives %s', (type, errno) => {
    expect(routeErrno(route('10.0.0.0/8', { type }))).toBe(errno)
  })
})

describe('what a user adds', () => {
  // The texts are those of Linux 6.18.
  const { a, la } = new TestLab().pair()

  test.each([
    [
      'a next hop that is no neighbour',
      { ...prefix('10.1.0.0/16'), via: ip('10.9.9.9') },
      'ENETUNREACH',
      'Nexthop has invalid gateway.',
    ],
    [
      'an IPv6 next hop that is no neighbour',
      { ...prefix('2001:dead::/64'), via: ip('2001:dcc::1') },
      'EHOSTUNREACH',
      undefined,
    ],
    [
      'a source that is not ours',
      { ...prefix('10.7.0.0/16'), via: ip('10.0.0.9'), src: ip('9.9.9.9') },
      'EINVAL',
      'Invalid prefsrc address.',
    ],
    ['neither link nor next hop', { ...prefix('10.7.0.0/16') }, 'ENODEV', 'Device for nexthop is not up.'],
    [
      'a link-local next hop without a link',
      { ...prefix('2001:db8::/32'), via: ip('fe80::1') },
      'EINVAL',
      'Gateway can not be resolved',
    ],
  ])('%s', (_, spec, errno, message) => {
    expect(a.addRoute(spec)).toEqual(message === undefined ? { ok: false, errno } : { ok: false, errno, message })
  })

  test('a link that is down', () => {
    const made = a.links.add('eth', 'eth9')
    if (!made.ok) throw new Error(made.errno)
    expect(a.addRoute({ ...prefix('10.5.0.0/16'), link: made.value })).toMatchObject({
      errno: 'ENETDOWN',
      message: 'Device for nexthop is not up.',
    })
    expect(
      a.addRoute({ ...prefix('10.5.0.0/16'), via: ip('10.55.0.1'), link: made.value, onlink: true }),
    ).toMatchObject({ errno: 'ENETDOWN' })
  })

  test('gets the scope, protocol and metric of iproute2', () => {
    a.addRoute({ ...prefix('0.0.0.0/0'), via: ip('10.0.0.2') })
    a.addRoute({ ...prefix('10.5.0.0/16'), link: la })
    a.addRoute({ ...prefix('::/0'), via: ip('fd00::2') })
    expect(a.routes4.lookup(ip('8.8.8.8'))).toMatchObject({ scope: 'global', protocol: 'boot', metric: 0, link: la })
    expect(a.routes4.lookup(ip('10.5.1.1'))).toMatchObject({ scope: 'link', link: la })
    expect(a.routes6.lookup(ip('2001:db8::1'))).toMatchObject({ metric: 1024, protocol: 'boot', link: la })
    expect(a.removeRoute({ ...prefix('0.0.0.0/0') }).ok).toBe(true)
    expect(a.removeRoute({ ...prefix('0.0.0.0/0') })).toMatchObject({ errno: 'ESRCH' })
  })

  test('onlink takes any next hop', () => {
    expect(a.addRoute({ ...prefix('10.66.0.0/16'), via: ip('172.16.0.1'), link: la, onlink: true }).ok).toBe(true)
    expect(a.route(ip('10.66.0.1'))).toMatchObject({ hop: ip('172.16.0.1'), link: la })
  })

  test('networkOf clears the bits behind the prefix', () => {
    expect(networkOf(ip('10.1.2.3'), 8)).toBe(ip('10.0.0.0'))
    expect(networkOf(ip('fd00::1'), 64)).toBe(ip('fd00::'))
  })
})
