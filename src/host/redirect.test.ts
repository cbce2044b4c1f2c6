/** A host whose default router is not the best: `a` (.1) uses `r1` (.2), but 10.9.0.0/16 and fd09::/64 are behind `r2` (.3). */
import { describe, expect, test } from 'vitest'
import { pushEthernet } from '../wire/ethernet.ts'
import { Frame } from '../wire/frame.ts'
import { pushIcmp } from '../wire/icmp.ts'
import { pushIpv4 } from '../wire/ipv4.ts'
import { pushIpv6 } from '../wire/ipv6.ts'
import { ndFrame } from '../wire/nd.ts'
import { ip, ip4, ip6, TestLab } from './lab.testing.ts'
import type { Namespace } from './namespace.ts'

const setup = () => {
  const lab = new TestLab()
  const [a, r1, r2] = ['a', 'r1', 'r2'].map((name, i) => {
    const host = lab.host(name)
    const made = host.links.add('eth', 'eth0', { mac: 0x020000000001 + i })
    if (!made.ok) throw new Error(made.errno)
    made.value.setUp(true)
    lab.address(host, made.value, `10.0.0.${i + 1}/24`)
    lab.address(host, made.value, `fd00::${i + 1}/64`)
    return host
  }) as [Namespace, Namespace, Namespace]
  const eth = (host: Namespace) => host.links.get('eth0')!
  lab.segment([a, r1, r2].map(eth))
  for (const router of [r1, r2]) {
    router.settings.set('net.ipv4.ip_forward', '1')
    router.settings.set('net.ipv6.conf.all.forwarding', '1')
  }
  lab.address(r2, r2.lo, '10.9.0.1/32')
  lab.address(r2, r2.lo, 'fd09::1/128')
  a.addRoute({ dst: 0, length: 0, via: ip('10.0.0.2') })
  a.addRoute({ dst: 0n, length: 0, via: ip('fe80::ff:fe00:2'), link: eth(a) })
  r1.addRoute({ dst: ip('10.9.0.0'), length: 16, via: ip('10.0.0.3') })
  r1.addRoute({ dst: ip('fd09::'), length: 64, via: ip('fe80::ff:fe00:3'), link: eth(r1) })
  lab.pass(3)
  /** Pings a number of times, half a second apart; how many were answered, and passed by r1. */
  const ping = (dst: string, count: number): [number, number] => {
    const six = dst.includes(':')
    const passed = () => r1.counters.get(six ? 'Ip6.OutForwDatagrams' : 'Ip.ForwDatagrams')
    const before = passed()
    const socket = a.pingSocket(six ? 6 : 4)
    let answered = 0
    for (let i = 0; i < count; i++) {
      socket.echo(i, new Uint8Array(56), ip(dst))
      lab.pass(0.5)
      if (socket.recv() !== undefined) answered++
    }
    socket.close()
    return [answered, passed() - before]
  }
  return { lab, a, r1, r2, eth, ping }
}

describe('IPv4', () => {
  test('the second redirect is followed, when the new router has answered; for five minutes', () => {
    const { lab, a, r1, eth, ping } = setup()
    expect(ping('10.9.0.1', 6)).toEqual([6, 2])
    expect(r1.counters.get('Icmp.OutType5')).toBe(2)
    expect(a.counters.get('Icmp.InType5')).toBe(2)
    expect(a.route(ip('10.9.0.1'))).toMatchObject({ hop: ip('10.0.0.3') })
    expect(a.route(ip('10.9.0.2'))).toMatchObject({ hop: ip('10.0.0.2') })
    expect(a.redirects4.all()).toMatchObject([{ dst: ip('10.9.0.1'), link: eth(a), via: ip('10.0.0.3') }])
    lab.pass(300)
    expect(a.route(ip('10.9.0.1'))).toMatchObject({ hop: ip('10.0.0.2') })
  })

  test('goes back to the router when the better one is gone', () => {
    const { lab, a, r2, eth, ping } = setup()
    ping('10.9.0.1', 4)
    eth(r2).setUp(false)
    lab.pass(60)
    ping('10.9.0.1', 30)
    expect(a.redirects4.all()).toEqual([])
    expect(a.route(ip('10.9.0.1'))).toMatchObject({ hop: ip('10.0.0.2') })
  })

  test('a link that goes down takes its redirects along', () => {
    const { a, eth, ping } = setup()
    ping('10.9.0.1', 4)
    eth(a).setUp(false)
    expect(a.redirects4.all()).toEqual([])
  })

  test.each([
    ['all and eth0', ['all', 'eth0'], 0],
    ['eth0 alone', ['eth0'], 2],
  ])('send_redirects off for %s', (_, names, sent) => {
    const { r1, ping } = setup()
    for (const name of names) r1.settings.set(`net.ipv4.conf.${name}.send_redirects`, '0')
    expect(ping('10.9.0.1', 4)[0]).toBe(4)
    expect(r1.counters.get('Icmp.OutType5')).toBe(sent)
  })

  test('accept_redirects off: all goes on by the router, and is told nine times at most', () => {
    const { a, r1, ping } = setup()
    for (const name of ['all', 'eth0']) a.settings.set(`net.ipv4.conf.${name}.accept_redirects`, '0')
    expect(ping('10.9.0.1', 60)).toEqual([60, 60])
    expect(r1.counters.get('Icmp.OutType5')).toBe(9)
    expect(a.counters.get('Icmp.RedirectsIgnored')).toBe(9)
  })

  test('a router follows only where both all and the link say so', () => {
    const { a, ping } = setup()
    a.settings.set('net.ipv4.ip_forward', '1')
    a.settings.set('net.ipv4.conf.all.accept_redirects', '0')
    expect(ping('10.9.0.1', 4)).toEqual([4, 4])
    a.settings.set('net.ipv4.conf.all.accept_redirects', '1')
    expect(ping('10.9.0.1', 4)[1]).toBeLessThan(4)
  })

  test('without shared_media a router tells only those on the subnet of the next hop', () => {
    const { lab, a, r1, eth } = setup()
    for (const name of ['all', 'eth0']) r1.settings.set(`net.ipv4.conf.${name}.shared_media`, '0')
    lab.address(a, eth(a), '10.1.0.1/24')
    lab.address(r1, eth(r1), '10.1.0.2/24')
    const send = (src: string) => {
      const socket = a.udpSocket()
      socket.bind(ip(src), 0)
      socket.send(new Uint8Array(1), ip('10.9.0.1'), 9)
      lab.pass(1)
      return r1.counters.get('Icmp.OutType5')
    }
    expect(send('10.1.0.1')).toBe(0)
    expect(send('10.0.0.1')).toBe(1)
    r1.settings.set('net.ipv4.conf.all.shared_media', '1')
    expect(send('10.1.0.1')).toBe(2)
  })

  /** A forged redirect for 10.9.0.1. */
  const forged = (from: string, via: string, src = '10.0.0.1') => {
    const about = pushIpv4(Frame.of(8), { src: ip4(src), dst: ip4('10.9.0.1'), protocol: 17 })
    const message = { kind: 'redirect', type: 5, code: 1, gateway: ip4(via) } as const
    const frame = pushIcmp(Frame.from(about.content()), message)
    pushIpv4(frame, { src: ip4(from), dst: ip4('10.0.0.1'), protocol: 1 })
    return pushEthernet(frame, { dst: 0x020000000001, src: 0x020000000066, type: 0x0800 })
  }

  test.each([
    ['another than the router in use', '10.0.0.66', '10.0.0.3', '10.0.0.1'],
    ['the router, to a group', '10.0.0.2', '224.0.0.1', '10.0.0.1'],
    ['the router, to nowhere', '10.0.0.2', '0.0.0.0', '10.0.0.1'],
    ['the router, to ourselves', '10.0.0.2', '10.0.0.1', '10.0.0.1'],
    ['the router, about what we never sent', '10.0.0.2', '10.0.0.3', '10.0.0.77'],
  ])('is not believed from %s', (_, from, via, src) => {
    const { a, eth } = setup()
    a.addNeighbour(eth(a), ip('10.0.0.3'), 0x020000000003)
    eth(a).deliver(forged(from, via, src))
    expect(a.redirects4.all()).toEqual([])
    expect(a.counters.get('Icmp.RedirectsIgnored')).toBe(1)
    eth(a).deliver(forged('10.0.0.2', '10.0.0.3'))
    expect(a.redirects4.all()).toHaveLength(1)
  })

  test('with secure_redirects and without shared_media, only default routers are believed', () => {
    const { a, eth } = setup()
    for (const name of ['all', 'eth0']) a.settings.set(`net.ipv4.conf.${name}.shared_media`, '0')
    a.addNeighbour(eth(a), ip('10.0.0.3'), 0x020000000003)
    eth(a).deliver(forged('10.0.0.2', '10.0.0.3'))
    expect(a.redirects4.all()).toEqual([])
    a.addRoute({ dst: 0, length: 0, via: ip('10.0.0.3'), metric: 7 })
    eth(a).deliver(forged('10.0.0.2', '10.0.0.3'))
    expect(a.redirects4.all()).toHaveLength(1)
  })

  test('that quotes too little is counted', () => {
    const { a, eth } = setup()
    const frame = forged('10.0.0.2', '10.0.0.3')
    const short = Frame.from(frame.bytes, frame.start, frame.end - 12)
    short.bytes[short.start + 17] = 52
    eth(a).deliver(short)
    expect(a.redirects4.all()).toEqual([])
    expect(a.counters.get('Ip.InHdrErrors') + a.counters.get('Icmp.InErrors')).toBe(1)
  })
})

describe('IPv6', () => {
  test('the first redirect is followed', () => {
    const { a, r1, ping } = setup()
    expect(ping('fd09::1', 6)).toEqual([6, 1])
    expect(r1.counters.get('Icmp6.OutType137')).toBe(1)
    expect(a.route(ip('fd09::1'))).toMatchObject({ hop: ip('fe80::ff:fe00:3') })
  })

  test('carries the MAC of the target if the router knows it', () => {
    const { a, r1, eth, ping } = setup()
    r1.addNeighbour(eth(r1), ip('fe80::ff:fe00:3'), 0x020000000003)
    ping('fd09::1', 1)
    expect(a.nd.find(eth(a), ip('fe80::ff:fe00:3'))).toMatchObject({ mac: 0x020000000003, isRouter: true })
  })

  test('a destination on the link is named itself', () => {
    const { lab, a, r1, r2, eth, ping } = setup()
    lab.address(r2, eth(r2), 'fd55::3/64')
    r1.addRoute({ dst: ip('fd55::'), length: 64, link: eth(r1) })
    expect(ping('fd55::3', 4)).toEqual([4, 1])
    expect(a.route(ip('fd55::3'))).toMatchObject({ hop: ip('fd55::3') })
  })

  test('a router by a global address cannot be named, so nobody is told', () => {
    const { r1, ping } = setup()
    r1.addRoute({ dst: ip('fd09::1'), length: 128, via: ip('fd00::3') })
    expect(ping('fd09::1', 4)).toEqual([4, 4])
    expect(r1.counters.get('Icmp6.OutType137')).toBe(0)
  })

  test('accept_redirects off: told once a second, in vain', () => {
    const { a, r1, ping } = setup()
    a.settings.set('net.ipv6.conf.eth0.accept_redirects', '0')
    expect(ping('fd09::1', 10)).toEqual([10, 10])
    expect(r1.counters.get('Icmp6.OutType137')).toBe(5)
    expect(a.counters.get('Nd.RedirectsIgnored')).toBe(5)
  })

  test('a router does not follow', () => {
    const { a, ping } = setup()
    a.settings.set('net.ipv6.conf.all.forwarding', '1')
    expect(ping('fd09::1', 4)).toEqual([4, 4])
  })

  test('a long packet is quoted as far as 1280 bytes go', () => {
    const { lab, a, eth } = setup()
    const socket = a.udpSocket(6)
    socket.send(new Uint8Array(1400), ip('fd09::1'), 9)
    lab.pass(0.5)
    const told = lab.seen.filter(({ frame }) => frame.bytes[frame.start + 54] === 137)
    expect(told.map(({ frame }) => frame.size - 14)).toEqual([1280])
    expect(told[0]?.frame.bytes[told[0].frame.start + 21]).toBe(255)
    expect(a.redirects6.find(ip('fd09::1'))).toMatchObject({ link: eth(a) })
  })

  const forged = (from: string, target: string, destination = 'fd09::1', hopLimit = 255) => {
    const ends = { src: ip6(from), dst: ip6('fd00::1') }
    const message = { kind: 'redirect', target: ip6(target), destination: ip6(destination), options: [] } as const
    const frame = pushIpv6(ndFrame({ ...message, options: [] }, ends), { ...ends, nextHeader: 58, hopLimit })
    return pushEthernet(frame, { dst: 0x020000000001, src: 0x020000000066, type: 0x86dd })
  }

  test.each([
    ['another than the router in use', 'fe80::66', 'fe80::ff:fe00:3', 'fd09::1', 255],
    ['a global address', 'fd00::2', 'fe80::ff:fe00:3', 'fd09::1', 255],
    ['the router, to a global router', 'fe80::ff:fe00:2', 'fd00::3', 'fd09::1', 255],
    ['the router, about a group', 'fe80::ff:fe00:2', 'ff05::1', 'ff05::1', 255],
    ['the router, to ourselves', 'fe80::ff:fe00:2', 'fe80::ff:fe00:1', 'fd09::1', 255],
    ['afar', 'fe80::ff:fe00:2', 'fe80::ff:fe00:3', 'fd09::1', 254],
  ])('is not believed from %s', (_, from, target, destination, hopLimit) => {
    const { a, eth } = setup()
    eth(a).deliver(forged(from, target, destination, hopLimit))
    expect(a.redirects6.all()).toEqual([])
    expect(a.counters.get('Nd.RedirectsIgnored') + a.counters.get('Nd.InErrors.hop_limit')).toBe(1)
    eth(a).deliver(forged('fe80::ff:fe00:2', 'fe80::ff:fe00:3'))
    expect(a.redirects6.all()).toHaveLength(1)
  })
})
