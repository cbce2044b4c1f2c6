/** dhclient and dnsmasq on the two ends of a wire; the words are those of ISC dhclient 4.4.3 and dnsmasq 2.90. */
import { describe, expect, test } from 'vitest'
import { parseIp4 } from '../../../../wire/address.ts'
import { twoHosts } from '../net.testing.ts'
import { probeAddress } from './dhcp-socket.ts'

const server = 'ip netns exec far dnsmasq -d -i e1 --no-resolv --no-hosts --dhcp-range=10.0.0.15,10.0.0.30,1h'
const macs = '02:00:00:00:00:01'

/** `e0` has no address; dnsmasq is in `far`, at 10.0.0.2. */
const world = (more = '', options = '') => {
  const made = twoHosts()
  made.text('ip addr flush dev e0', `${server} ${options} 2> log &`, more)
  return made
}

/** While the server tries an address out, three seconds, the client may ask again. */
const masked = (text: string): string =>
  text
    .replace(/renewal in \d+/, 'renewal in N')
    .replace(/interval \d+/g, 'interval N')
    .replace(/(DHCPDISCOVER .*\n)\1+/, '$1')

describe('a lease', () => {
  test('what is said of it, and what is there then', () => {
    const { text, status } = world()
    expect(masked(text('dhclient -v e0'))).toBe(`Internet Systems Consortium DHCP Client 4.4.3-P1
Copyright 2004-2022 Internet Systems Consortium.
All rights reserved.
For info, please visit https://www.isc.org/software/dhcp/

Listening on LPF/e0/${macs}
Sending on   LPF/e0/${macs}
Sending on   Socket/fallback
DHCPDISCOVER on e0 to 255.255.255.255 port 67 interval N
DHCPOFFER of 10.0.0.30 from 10.0.0.2
DHCPREQUEST for 10.0.0.30 on e0 to 255.255.255.255 port 67
DHCPACK of 10.0.0.30 from 10.0.0.2
bound to 10.0.0.30 -- renewal in N seconds.
`)
    expect(text('ip addr show e0')).toContain(`    inet 10.0.0.30/24 brd 10.0.0.255 scope global dynamic e0
       valid_lft 3600sec preferred_lft 3600sec
`)
    expect(text('ip route')).toBe(
      'default via 10.0.0.2 dev e0 \n10.0.0.0/24 dev e0 proto kernel scope link src 10.0.0.30 \n',
    )
    expect(text('cat /etc/resolv.conf')).toBe('nameserver 10.0.0.2\n')
    expect(status('ping -c 1 10.0.0.2')).toBe(0)
    expect(text('cat /var/lib/dhcp/dhclient.leases').replace(/\d+:\d\d:\d\d/g, 'TIME')).toBe(`lease {
  interface "e0";
  fixed-address 10.0.0.30;
  option subnet-mask 255.255.255.0;
  option routers 10.0.0.2;
  option dhcp-lease-time 3600;
  option dhcp-message-type 5;
  option domain-name-servers 10.0.0.2;
  option dhcp-server-identifier 10.0.0.2;
  option dhcp-renewal-time 1800;
  option broadcast-address 10.0.0.255;
  option dhcp-rebinding-time 3150;
  option host-name "hv1";
  renew 4 2026/01/01 TIME;
  rebind 4 2026/01/01 TIME;
  expire 4 2026/01/01 TIME;
}
`)
  })

  test('is kept for days, and is over an hour after the server is gone', () => {
    const { text } = world()
    text('dhclient e0', 'sleep 200000')
    expect(text('ip addr show e0')).toContain('inet 10.0.0.30/24')
    text('kill $(cat /run/dnsmasq.pid)', 'sleep 3601')
    expect(text('ip addr show e0')).not.toContain('inet 10')
    expect(text('ip route')).toBe('')
  })

  test('is given back', () => {
    const { text } = world()
    text('dhclient e0')
    expect(text('cat /var/lib/misc/dnsmasq.leases')).toMatch(/^\d+ 02:00:00:00:00:01 10\.0\.0\.30 hv1 \*\n$/)
    expect(text('dhclient -v -r e0')).toMatch(
      /^Killed old client process\nInternet[\s\S]*\nSending on {3}Socket\/fallback\nDHCPRELEASE of 10\.0\.0\.30 on e0 to 10\.0\.0\.2 port 67\n$/,
    )
    text('sleep 1')
    expect(text('cat /var/lib/misc/dnsmasq.leases')).toBe('')
    expect(text('ip addr show e0')).not.toContain('inet 10')
    expect(text('ps -e')).not.toContain('dhclient')
    // It is asked for again, though the lease is over.
    expect(text('dhclient -v e0')).toContain('DHCPOFFER of 10.0.0.30')
  })

  test('is asked for again by the next run, whose address is there already', () => {
    const { text } = world()
    text('dhclient e0')
    const said = masked(text('dhclient -v e0')).split('\n')
    expect(said.slice(-5)).toEqual([
      'DHCPREQUEST for 10.0.0.30 on e0 to 255.255.255.255 port 67',
      'DHCPACK of 10.0.0.30 from 10.0.0.2',
      'Error: ipv4: Address already assigned.',
      'bound to 10.0.0.30 -- renewal in N seconds.',
      '',
    ])
  })
})

test('what the server was told, the client has: name, domain, routes, MTU', () => {
  const { text } = world(
    '',
    `--domain=lab --dhcp-host=${macs},fixy,10.0.0.50 --dhcp-option=121,10.9.0.0/16,10.0.0.9 --dhcp-option=mtu --dhcp-option=option:mtu,1400 --dhcp-option=option:dns-server,10.0.0.7,10.0.0.8`,
  )
  // `mtu` alone is no option.
  expect(text('cat log')).toBe('\ndnsmasq: bad command line options: bad dhcp-option\n')
  text(
    `${server} --domain=lab --dhcp-host=${macs},fixy,10.0.0.50 --dhcp-option=121,10.9.0.0/16,10.0.0.9 --dhcp-option=option:mtu,1400 --dhcp-option=option:dns-server,10.0.0.7,10.0.0.8 2> log &`,
  )
  text('dhclient e0')
  expect(text('ip route')).toBe(
    '10.0.0.0/24 dev e0 proto kernel scope link src 10.0.0.50 \n10.9.0.0/16 via 10.0.0.9 dev e0 \n',
  )
  expect(text('cat /etc/resolv.conf')).toBe('domain lab\nsearch lab\nnameserver 10.0.0.7\nnameserver 10.0.0.8\n')
  expect(text('ip link show e0')).toContain('mtu 1400')
  expect(text('cat /var/lib/dhcp/dhclient.leases')).toContain(
    'option rfc3442-classless-static-routes 16,10,9,10,0,0,9;',
  )
})

test('what dhclient.conf says', () => {
  const { text } = world()
  text(
    `printf 'timeout 5;\\n# a comment; with one\\nsend host-name "other";\\nrequest subnet-mask, routers;\\nsupersede domain-name "a;b";\\nprepend domain-name-servers 127.0.0.1;\\nfoo bar;\\n' > conf`,
  )
  expect(text('dhclient -cf conf -lf leases -pf pid e0')).toBe('conf line 7: expecting a statement.\n')
  expect(text('cat /etc/resolv.conf')).toBe('domain a;b\nsearch a;b\nnameserver 127.0.0.1\n')
  expect(text('cat leases')).toContain('option domain-name "a;b";')
  expect(text('cat /var/lib/misc/dnsmasq.leases')).toContain(' other *')
  expect(text('cat pid')).toMatch(/^\d+\n$/)
})

test('without a server it tries for a minute', () => {
  const { text, status } = twoHosts()
  expect(status('dhclient -1 e0')).toBe(2)
  expect(text('dhclient -1 -v e0')).toMatch(
    /\nNo DHCPOFFERS received\.\nUnable to obtain a lease on first try\. {2}Exiting\.\n$/,
  )
  expect(text('dhclient -v e0')).toMatch(
    /\nNo DHCPOFFERS received\.\nNo working leases in persistent database - sleeping\.\n$/,
  )
})

test('mistakes', () => {
  const { text, status } = twoHosts()
  expect(text('dhclient nosuch')).toBe('Cannot find device "nosuch"\n')
  expect(status('dhclient nosuch')).toBe(1)
  expect(text('dhclient -Q')).toMatch(/^Internet Systems[\s\S]*\nUnknown command: -Q\nUsage: dhclient \[-4\|-6\]/)
  expect(text('dhclient --version')).toBe('isc-dhclient-4.4.3-P1\n')
  expect(text('dhclient -r e0')).toBe('')
})

test.each([
  ['10.0.0.2', true],
  ['10.0.0.3', false],
])('whether somebody has %s: %s', (address, wanted) => {
  const { machine, clock } = twoHosts()
  const { root } = machine.kernel
  const answers: boolean[] = []
  const began = clock.now()
  const link = root.links.get('e0')!
  probeAddress(root, clock, link, parseIp4(address)!, isTaken => answers.push(isTaken))
  clock.runWhile(() => answers.length === 0)
  expect(answers).toEqual([wanted])
  expect(clock.now() - began).toBe(wanted ? 0 : 200e6)
})
