/** Names through programs: hosts at the two ends of a wire, dnsmasq at one. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { twoHosts } from '../net.testing.ts'
import { tries } from './resolv-conf.ts'
import { reversedIp, reverseName } from './reverse-name.ts'

const world = (options: string) => {
  const made = twoHosts()
  made.text(
    `ip netns exec far dnsmasq -d --no-resolv --no-hosts --log-queries ${options} 2> log &`,
    "printf 'nameserver 10.0.0.2\\n' > /etc/resolv.conf",
  )
  return made
}

const far = '--host-record=far.lab,10.0.0.2 --local=/lab/ --local=/10.in-addr.arpa/'

describe('a name that a server knows', () => {
  test('ping shows it with the name of the address', () => {
    const { text } = world(far)
    expect(text('ping -c 1 far.lab')).toMatch(
      /^PING far\.lab \(10\.0\.0\.2\) 56\(84\) bytes of data\.\n64 bytes from far\.lab \(10\.0\.0\.2\): icmp_seq=1 ttl=64 time=/,
    )
    expect(text('cat log').split('\n').slice(-7)).toEqual([
      'dnsmasq: query[A] far.lab from 10.0.0.1',
      'dnsmasq: config far.lab is 10.0.0.2',
      'dnsmasq: query[AAAA] far.lab from 10.0.0.1',
      'dnsmasq: config far.lab is NODATA-IPv6',
      'dnsmasq: query[PTR] 2.0.0.10.in-addr.arpa from 10.0.0.1',
      'dnsmasq: config 10.0.0.2 is far.lab',
      '',
    ])
    expect(text('ping -4 -n -c 1 far.lab')).toContain('\n64 bytes from 10.0.0.2: ')
  })

  test('curl, nc, traceroute, tracepath and iperf find it too', () => {
    const { text, status } = world(far)
    text('printf hello > page', 'ip netns exec far python3 -m http.server 80 > /dev/null 2>&1 &')
    expect(text('curl -s http://far.lab/page')).toBe('hello')
    expect(text('nc -z -v far.lab 80')).toBe('Connection to far.lab (10.0.0.2) 80 port [tcp/http] succeeded!\n')
    expect(text('traceroute far.lab')).toMatch(
      /^traceroute to far\.lab \(10\.0\.0\.2\), .*\n 1 {2}far\.lab \(10\.0\.0\.2\) {2}/,
    )
    expect(text('tracepath far.lab')).toMatch(/ 1: {2}far\.lab {10,}/)
    text('ip netns exec far iperf -s > /dev/null 2>&1 &')
    expect(status('iperf -t 1 -c far.lab')).toBe(0)
  })

  test('an alias, a name of the search list, and one of a lease', () => {
    const { text, status } = world(
      `${far} --local=/other/ --cname=www.lab,far.lab --domain=lab --dhcp-range=10.0.0.50,10.0.0.60`,
    )
    text("printf 'search other lab\\nnameserver 10.0.0.2\\n' > /etc/resolv.conf")
    expect(text('ping -c 1 www.lab')).toMatch(/^PING www\.lab \(10\.0\.0\.2\)/)
    expect(text('ping -c 1 far')).toMatch(/^PING far \(10\.0\.0\.2\)/)
    expect(status('dhclient e0')).toBe(0)
    expect(text('ping -c 1 hv1.lab')).toMatch(/^PING hv1\.lab \(10\.0\.0\.\d+\)/)
  })
})

describe('a name without an address', () => {
  test('that there is not, or that has only other records', () => {
    const { text, status } = world(`${far} --txt-record=text.lab,hello --address=/gone.com/`)
    expect(text('ping nosuch.lab')).toBe('ping: nosuch.lab: Name or service not known\n')
    expect(status('ping nosuch.lab')).toBe(2)
    expect(text('ping www.gone.com')).toBe('ping: www.gone.com: Name or service not known\n')
    expect(text('ping text.lab')).toBe('ping: text.lab: No address associated with hostname\n')
    expect(text('curl http://nosuch.lab/')).toContain('curl: (6) Could not resolve host: nosuch.lab\n')
    expect(text('nc nosuch.lab 80')).toBe('nc: getaddrinfo for host "nosuch.lab" port 80: Name or service not known\n')
    expect(text('traceroute nosuch.lab')).toContain('nosuch.lab: Name or service not known\n')
  })

  test('that nobody can be asked for: two attempts of five seconds', () => {
    const { text, clock } = world(far)
    text("printf 'nameserver 10.0.0.9\\n' > /etc/resolv.conf")
    const began = clock.now()
    expect(text('ping far.lab')).toBe('ping: far.lab: Temporary failure in name resolution\n')
    // The neighbour that is not there is known of after three seconds, before the five are over.
    expect((clock.now() - began) / 1e9).toBeGreaterThan(3)
    expect((clock.now() - began) / 1e9).toBeLessThanOrEqual(15)
    text("printf 'options timeout:1 attempts:1\\nnameserver 10.0.0.9\\nnameserver 10.0.0.2\\n' > /etc/resolv.conf")
    expect(text('ping -4 -c 1 far.lab')).toMatch(/^PING far\.lab \(10\.0\.0\.2\)/)
  })

  test('without a server', () => {
    const { text } = twoHosts()
    expect(text('ping far.lab')).toBe('ping: far.lab: Temporary failure in name resolution\n')
    text('dnsmasq -R -h --host-record=here.lab,10.0.0.1')
    expect(text('ping -4 -c 1 here.lab')).toMatch(/^PING here\.lab \(10\.0\.0\.1\)/)
  })
})

test('nsswitch.conf chooses; /etc/hosts comes first', () => {
  const { text } = world(far)
  text("printf '10.0.0.1 far.lab\\n' >> /etc/hosts")
  expect(text('ping -4 -c 1 far.lab')).toMatch(/^PING far\.lab \(10\.0\.0\.1\)/)
  text("printf 'hosts: dns files\\n' > /etc/nsswitch.conf")
  expect(text('ping -4 -c 1 far.lab')).toMatch(/^PING far\.lab \(10\.0\.0\.2\)/)
  text("printf 'hosts: files\\n' > /etc/nsswitch.conf", "printf '' > /etc/hosts")
  expect(text('ping -4 -c 1 far.lab')).toBe('ping: far.lab: Name or service not known\n')
})

test('what is asked of other servers is remembered for as long as they allow', () => {
  const { text } = world('--host-record=far.lab,10.0.0.2,300 --local=/lab/')
  text(
    'dnsmasq -d -R -h -q -a 127.0.0.1 -z -S 10.0.0.2 2> here &',
    "printf 'nameserver 127.0.0.1\\n' > /etc/resolv.conf",
  )
  const asked = (): string[] => {
    const all = text('cat here').split('\n').slice(0, -1)
    text('printf "" > here')
    return all.filter(line => /query|reply|cached|forwarded/.test(line)).map(line => line.slice('dnsmasq: '.length))
  }
  const ping = 'ping -4 -n -q -c 1 far.lab'
  text(ping)
  expect(asked()).toEqual([
    'query[A] far.lab from 127.0.0.1',
    'forwarded far.lab to 10.0.0.2',
    'reply far.lab is 10.0.0.2',
  ])
  text(ping)
  expect(asked().slice(1)).toEqual(['cached far.lab is 10.0.0.2'])
  text('sleep 300', ping)
  expect(asked().slice(1)).toEqual(['forwarded far.lab to 10.0.0.2', 'reply far.lab is 10.0.0.2'])
})

test('names are tried as they are first if they have a dot', () => {
  const conf = { search: ['a.b', 'c.'], dots: 1 }
  expect(tries('x', conf)).toEqual(['x.a.b.', 'x.c.', 'x.'])
  expect(tries('x.y', conf)).toEqual(['x.y.', 'x.y.a.b.', 'x.y.c.'])
  expect(tries('x.y', { ...conf, dots: 2 })).toEqual(['x.y.a.b.', 'x.y.c.', 'x.y.'])
  expect(tries('x.', conf)).toEqual(['x.'])
})

test('the name of an address leads back to it', () => {
  expect(reverseName(0x0a00024d)).toBe('77.2.0.10.in-addr.arpa.')
  expect(reverseName(0x20010db8000000000000000000000001n)).toBe(
    '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.',
  )
  const address = fc.oneof(fc.nat(0xffffffff), fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }))
  fc.assert(
    fc.property(address, ip => {
      expect(reversedIp(reverseName(ip))).toBe(ip)
    }),
  )
  for (const name of ['2.0.10.in-addr.arpa.', '300.0.0.10.in-addr.arpa.', 'x.ip6.arpa.', 'example.com.'])
    expect(reversedIp(name)).toBeUndefined()
})
