import { expect, test } from 'vitest'
import { ip, TestLab } from './lab.testing.ts'
import type { LinkEvent } from './link.ts'

const watched = () => {
  const lab = new TestLab()
  const host = lab.host('h')
  const events: string[] = []
  host.watchers.add((link, event: LinkEvent) => events.push(`${link.name} ${event}`))
  return { lab, host, events }
}

test('the life of a NIC, as a watcher hears it', () => {
  const { host, events } = watched()
  const made = host.links.add('eth', 'eth0')
  if (!made.ok) throw new Error(made.errno)
  const nic = made.value
  nic.setUp(true)
  nic.setUp(true)
  nic.plug({ send: () => {} })
  nic.setCarrier(false)
  nic.setCarrier(false)
  nic.setMtu(9000)
  nic.setMtu(9000)
  nic.setMac(0x020000000001)
  host.links.rename(nic, 'lan')
  nic.enslave('ovs-system', () => {})
  host.links.remove(nic)
  expect(events).toEqual([
    'eth0 added',
    'eth0 up',
    'eth0 carrier',
    'eth0 carrier',
    'eth0 mtu',
    'eth0 mac',
    'lan name',
    'lan master',
    'lan down',
    'lan removed',
  ])
})

test('a veth tells its peer of its carrier', () => {
  const { host, events } = watched()
  const made = host.links.addVeth('a', 'b')
  if (!made.ok) throw new Error(made.errno)
  events.length = 0
  made.value.setUp(true)
  made.value.peer?.setUp(true)
  made.value.setUp(false)
  expect(events).toEqual(['a up', 'b up', 'a carrier', 'a down', 'b carrier'])
})

test('IPv6 waits for carrier, IPv4 does not', () => {
  const { lab, host } = watched()
  const nic = lab.nic(host, 'eth0', '10.0.0.1/24')
  lab.pass(3)
  expect(host.addresses.of(nic, 6)).toEqual([])
  expect(host.route(ip('10.0.0.9'))).toMatchObject({ link: nic })
  nic.plug({ send: () => {} })
  lab.pass(3)
  expect(host.addresses.of(nic, 6)).toMatchObject([{ scope: 'link', tentative: false }])
})

test('each change makes kept paths be looked up again', () => {
  const { lab, host } = watched()
  const nic = lab.nic(host, 'eth0')
  const steps: (() => unknown)[] = [
    () => nic.setMtu(1400),
    () => nic.setMac(0x020000000002),
    () => lab.address(host, nic, '10.0.0.1/24'),
    () => host.addRoute({ dst: 0, length: 0, via: ip('10.0.0.2') }),
    () => host.removeRoute({ dst: 0, length: 0 }),
    () => host.addNeighbour(nic, ip('10.0.0.2'), 1),
    () => host.removeNeighbour(nic, ip('10.0.0.2')),
    () => host.pathMtu.learn(ip('10.0.0.2'), 1000),
    () => host.settings.set('net.ipv4.ip_default_ttl', '32'),
    () => nic.setUp(false),
    () => host.links.remove(nic),
  ]
  for (const [i, step] of steps.entries()) {
    const { generation } = host
    step()
    expect([i, host.generation > generation]).toEqual([i, true])
  }
})
