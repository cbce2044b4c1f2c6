import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatIp, type Ip, type Ip4, linkLocal } from '../wire/address.ts'
import { type Address, Addresses, scopeOf } from './addresses.ts'
import { ip, ip4, ip6, TestLab } from './lab.testing.ts'
import type { Link } from './link.ts'
import type { Namespace } from './namespace.ts'
import { RouteTable } from './routes.ts'

const table = (host: Namespace, id: number): string[] =>
  host.routes4.list(id).map(r => {
    const length = r.length === 32 ? '' : `/${r.length}`
    const src = r.src === undefined ? '' : ` src ${formatIp(r.src)}`
    return `${r.type} ${formatIp(r.dst)}${length} dev ${r.link?.name} scope ${r.scope}${src}`
  })

describe('the routes of an address', () => {
  // As `ip route show table local` and `ip route` of Linux 6.18 list them.
  test('while its link is down are only the local one', () => {
    const lab = new TestLab()
    const host = lab.kernel().root
    const link = lab.nic(host, 'v0')
    link.setUp(false)
    lab.address(host, link, '10.0.0.1/24')
    expect(table(host, RouteTable.local)).toEqual(['local 10.0.0.1 dev v0 scope host src 10.0.0.1'])
    expect(table(host, RouteTable.main)).toEqual([])
  })

  test('of lo and of a link that is up', () => {
    const lab = new TestLab()
    const host = lab.host('h')
    const link = lab.nic(host, 'v0', '10.0.0.1/24')
    expect(table(host, RouteTable.local)).toEqual([
      'local 10.0.0.1 dev v0 scope host src 10.0.0.1',
      'broadcast 10.0.0.255 dev v0 scope link src 10.0.0.1',
      'local 127.0.0.0/8 dev lo scope host src 127.0.0.1',
      'local 127.0.0.1 dev lo scope host src 127.0.0.1',
      'broadcast 127.255.255.255 dev lo scope link src 127.0.0.1',
    ])
    expect(table(host, RouteTable.main)).toEqual(['unicast 10.0.0.0/24 dev v0 scope link src 10.0.0.1'])
    host.addRoute({ dst: 0, length: 0, via: ip('10.0.0.2') })
    link.setUp(false)
    expect(table(host, RouteTable.main)).toEqual([])
    expect(table(host, RouteTable.local)).toContain('local 10.0.0.1 dev v0 scope host src 10.0.0.1')
    link.setUp(true)
    // The connected route is back, the default route is not.
    expect(table(host, RouteTable.main)).toEqual(['unicast 10.0.0.0/24 dev v0 scope link src 10.0.0.1'])
  })

  test('go with the last address, the ones of users too', () => {
    const lab = new TestLab()
    const host = lab.host('h')
    const link = lab.nic(host, 'v0', '10.0.0.1/24')
    host.addRoute({ dst: 0, length: 0, via: ip('10.0.0.2') })
    expect(host.removeAddress(link, ip('10.0.0.1')).ok).toBe(true)
    expect(table(host, RouteTable.main)).toEqual([])
    expect(table(host, RouteTable.local).filter(line => line.includes('v0'))).toEqual([])
    expect(host.removeAddress(link, ip('10.0.0.1'))).toMatchObject({
      errno: 'EADDRNOTAVAIL',
      message: 'ipv4: Address not found.',
    })
  })

  test('of /32 and /31 have no subnet and no broadcast', () => {
    const lab = new TestLab()
    const host = lab.kernel().root
    lab.nic(host, 'v0', '10.0.0.1/32', '10.0.1.0/31')
    expect(table(host, RouteTable.main)).toEqual(['unicast 10.0.1.0/31 dev v0 scope link src 10.0.1.0'])
    expect(table(host, RouteTable.local).filter(line => line.startsWith('broadcast'))).toEqual([])
  })

  test('of a point-to-point address lead to the peer', () => {
    const lab = new TestLab()
    const host = lab.kernel().root
    const link = lab.nic(host, 'v0')
    host.addAddress(link, { ip: ip('10.0.0.1'), length: 32, peer: ip('10.9.9.9') })
    expect(table(host, RouteTable.main)).toEqual(['unicast 10.9.9.9 dev v0 scope link src 10.0.0.1'])
  })

  test('are left out on request', () => {
    const lab = new TestLab()
    const host = lab.kernel().root
    const link = lab.nic(host, 'v0')
    host.addAddress(link, { ip: ip('10.0.0.1'), length: 24, noPrefixRoute: true })
    expect(table(host, RouteTable.main)).toEqual([])
  })
})

describe('secondary addresses', () => {
  test('are those behind the first of a subnet, listed last, and go with it', () => {
    const lab = new TestLab()
    const host = lab.kernel().root
    const link = lab.nic(host, 'v0', '10.0.0.1/24', '10.0.0.3/24', '10.0.1.3/24')
    const shown = () => host.addresses.of(link, 4).map(a => `${formatIp(a.ip)}${a.secondary ? ' secondary' : ''}`)
    expect(shown()).toEqual(['10.0.0.1', '10.0.1.3', '10.0.0.3 secondary'])
    host.removeAddress(link, ip('10.0.0.1'))
    expect(shown()).toEqual(['10.0.1.3'])
  })
})

describe('mistakes', () => {
  const lab = new TestLab()
  const { a, la } = lab.pair()

  test.each([
    ['10.0.0.1', 24, { errno: 'EEXIST', message: 'ipv4: Address already assigned.' }],
    ['fd00::1', 64, { errno: 'EEXIST', message: 'ipv6: address already assigned.' }],
    ['10.0.0.5', 33, { errno: 'EINVAL' }],
    [
      'ff02::5',
      64,
      { errno: 'EINVAL', message: 'ipv6: Cannot assign multicast address without "IFA_F_MCAUTOJOIN" flag.' },
    ],
    ['::', 64, { errno: 'EADDRNOTAVAIL' }],
  ])('%s/%i is refused', (address, length, failure) => {
    expect(a.addAddress(la, { ip: ip(address), length })).toEqual({ ok: false, ...failure })
  })

  test('the same address with another length is another address', () => {
    expect(a.addAddress(la, { ip: ip('10.0.0.1'), length: 16 }).ok).toBe(true)
  })

  test('IPv6 where it is switched off', () => {
    a.settings.set('net.ipv6.conf.eth0.disable_ipv6', '1')
    expect(a.addresses.of(la, 6)).toEqual([])
    expect(a.addAddress(la, { ip: ip('fd00::9'), length: 64 })).toMatchObject({ errno: 'EACCES' })
    a.settings.set('net.ipv6.conf.eth0.disable_ipv6', '0')
    expect(a.addresses.of(la, 6).map(x => x.scope)).toEqual(['link'])
  })
})

describe('the source of a packet', () => {
  const lab = new TestLab()
  const host = lab.host('h')
  const link = lab.nic(host, 'v0', '10.0.0.1/24', '10.0.1.1/24', 'fd00::1/64', '2001:db8::1/64')
  const other = lab.nic(host, 'v1', '192.0.2.1/24')
  const { addresses } = host

  test('is in the subnet of the next hop, else the first of the link, else of another', () => {
    expect(addresses.source4(link, ip4('10.0.1.9'))).toBe(ip('10.0.1.1'))
    expect(addresses.source4(link, ip4('10.7.0.9'))).toBe(ip('10.0.0.1'))
    expect(addresses.source4(link, 0)).toBe(ip('10.0.0.1'))
    const bare = lab.nic(host, 'v2')
    expect([ip4('10.0.0.1'), ip4('192.0.2.1')]).toContain(addresses.source4(bare, 0) as Ip4)
  })

  test('to the loopback net is that of lo', () => {
    expect(addresses.source4(host.lo, ip4('127.0.0.1'), 'host')).toBe(ip('127.0.0.1'))
  })

  test('follows RFC 6724: scope, then the longest common prefix', () => {
    lab.cable(link, other)
    lab.pass(3)
    const linkLocal = addresses.of(link, 6).find(a => a.scope === 'link')?.ip
    expect(addresses.source6(link, ip6('2001:db8::7'), 0)).toBe(ip('2001:db8::1'))
    expect(addresses.source6(link, ip6('fd00::7'), 0)).toBe(ip('fd00::1'))
    expect(addresses.source6(link, ip6('fe80::7'), 0)).toBe(linkLocal)
    expect(addresses.source6(link, ip6('ff02::1'), 0)).toBe(linkLocal)
    expect(addresses.source6(link, ip6('fd00::1'), 0)).toBe(ip('fd00::1'))
  })

  test('is not an address that is deprecated, if there is another', () => {
    host.addAddress(link, {
      ip: ip('2001:db8::f0'),
      length: 64,
      noDad: true,
      validLifetime: 1000,
      preferredLifetime: 1,
    })
    const now = lab.clock.now()
    expect(addresses.source6(link, ip6('2001:db8::f1'), now)).toBe(ip('2001:db8::f0'))
    expect(addresses.source6(link, ip6('2001:db8::f1'), now + 2e9)).toBe(ip('2001:db8::1'))
  })
})

test('an address with a lifetime goes away at its end', () => {
  const lab = new TestLab()
  const { a, la } = lab.pair()
  a.addAddress(la, { ip: ip('10.3.0.1'), length: 24, validLifetime: 10, preferredLifetime: 5 })
  lab.pass(9.9)
  expect(a.addresses.find(ip('10.3.0.1'))).toBeDefined()
  lab.pass(0.2)
  expect(a.addresses.find(ip('10.3.0.1'))).toBeUndefined()
  expect(a.routes4.lookup(ip('10.3.0.9'))).toBeUndefined()
})

test.each([
  ['127.0.0.1', 'host'],
  ['169.254.1.1', 'link'],
  ['10.0.0.1', 'global'],
  ['::1', 'host'],
  ['fe80::1', 'link'],
  ['fec0::1', 'site'],
  ['fd00::1', 'global'],
] as const)('the scope of %s is %s', (address, scope) => {
  expect(scopeOf(ip(address))).toBe(scope)
})

describe('addresses side by side', () => {
  test('the same subnet on two links has a route by each', () => {
    const lab = new TestLab()
    const host = lab.host('h')
    lab.nic(host, 'eth0', '10.0.0.1/24')
    lab.nic(host, 'eth1', '10.0.0.2/24')
    expect(table(host, RouteTable.main)).toEqual([
      'unicast 10.0.0.0/24 dev eth0 scope link src 10.0.0.1',
      'unicast 10.0.0.0/24 dev eth1 scope link src 10.0.0.2',
    ])
  })

  test('a primary takes along the secondaries of its own length only', () => {
    const lab = new TestLab()
    const host = lab.host('h')
    const link = lab.nic(host, 'eth0', '10.0.0.1/24', '10.0.0.129/25', '10.0.0.130/25', '10.0.0.2/24')
    expect(
      host.addresses
        .of(link, 4)
        .filter(a => a.secondary)
        .map(a => formatIp(a.ip)),
    ).toEqual(['10.0.0.130', '10.0.0.2'])
    host.removeAddress(link, ip('10.0.0.1'))
    expect(host.addresses.of(link, 4).map(a => formatIp(a.ip))).toEqual(['10.0.0.129', '10.0.0.130'])
  })

  test('links of two or one have no broadcast address', () => {
    const lab = new TestLab()
    const host = lab.host('h')
    const link = lab.nic(host, 'eth0', '10.0.0.0/31', '10.0.1.1/30')
    expect(host.addresses.isBroadcast(ip4('10.0.0.1'), link)).toBe(false)
    expect(host.addresses.isBroadcast(ip4('10.0.1.3'), link)).toBe(true)
    expect(host.addresses.isBroadcast(ip4('10.0.1.3'), host.lo)).toBe(false)
  })

  // As Linux 6.18 does.
  test('a link-local address that a user gave before does not replace the link’s own; one in use does', () => {
    const lab = new TestLab()
    const host = lab.host('h')
    const link = lab.nic(host, 'eth0')
    lab.cable(link, lab.nic(lab.host('far'), 'eth0'))
    link.setUp(false)
    lab.address(host, link, 'fe80::1/64')
    link.setUp(true)
    const scoped = () => host.addresses.of(link, 6).map(a => a.ip)
    expect(scoped().sort()).toEqual([ip('fe80::1'), linkLocal(link.mac)].sort())
    host.removeAddress(link, linkLocal(link.mac))
    link.setCarrier(false)
    link.setCarrier(true)
    expect(scoped()).toEqual([ip('fe80::1')])
  })

  test('a deprecated source gives way to one that is preferred', () => {
    const lab = new TestLab()
    const host = lab.host('h')
    const link = lab.nic(host, 'eth0', '2001:db8::1/64')
    host.addAddress(link, { ip: ip('2001:db8::2'), length: 64, noDad: true, validLifetime: 100, preferredLifetime: 5 })
    const chosen = () => host.addresses.source6(link, ip6('2001:db8::3'), lab.clock.now())
    expect(chosen()).toBe(ip('2001:db8::2'))
    lab.pass(6)
    expect(chosen()).toBe(ip('2001:db8::1'))
  })
})

test('addresses are found as in a plain list', () => {
  const lab = new TestLab()
  const host = lab.kernel().root
  const links = ['a', 'b', 'c'].map(name => lab.nic(host, name))
  const step = fc.record({
    link: fc.integer({ min: 0, max: 2 }),
    last: fc.integer({ min: 1, max: 6 }),
    six: fc.boolean(),
    secondary: fc.boolean(),
    remove: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const addresses = new Addresses()
      const twin: Address[] = []
      for (const { link: number, last, six, secondary, remove } of steps) {
        const link = links[number] as Link
        const address = ip(six ? `2001:db8::${last}` : `10.0.0.${last}`)
        const there = twin.find(a => a.link === link && a.ip === address)
        if (remove) {
          if (there === undefined) continue
          expect(addresses.delete(there)).toBe(true)
          expect(addresses.delete(there)).toBe(false)
          twin.splice(twin.indexOf(there), 1)
        } else if (there === undefined) {
          const added = plain(link, address, !six && secondary)
          const first = added.secondary ? -1 : twin.findIndex(a => a.link === link && a.secondary)
          addresses.insert(added)
          twin.splice(first < 0 ? twin.length : first, 0, added)
        }
        for (const each of links) {
          expect(addresses.of(each)).toEqual(twin.filter(a => a.link === each))
          expect(addresses.of(each, 6)).toEqual(twin.filter(a => a.link === each && typeof a.ip === 'bigint'))
          expect(addresses.find(address, each)).toBe(twin.find(a => a.link === each && a.ip === address))
        }
        if (last > 3) expect(addresses.all()).toEqual(twin)
      }
      expect(addresses.all()).toEqual(twin)
    }),
  )
})

const plain = (link: Link, address: Ip, secondary: boolean): Address => ({
  link,
  ip: address,
  length: typeof address === 'bigint' ? 64 : 24,
  scope: 'global',
  label: link.name,
  secondary,
  tentative: false,
  dadFailed: false,
  origin: 'user',
  validUntil: Number.POSITIVE_INFINITY,
  preferredUntil: Number.POSITIVE_INFINITY,
  noPrefixRoute: false,
  active: false,
  cancel: undefined,
})
