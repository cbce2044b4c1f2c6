import { describe, expect, test } from 'vitest'
import { seeded } from '../runtime/index.ts'
import { isMulticastMac } from '../wire/address.ts'
import { TestLab } from './lab.testing.ts'
import type { Link } from './link.ts'
import { randomMac } from './links.ts'

const root = () => new TestLab().kernel().root

describe('indexes', () => {
  test('count from lo, for each namespace on its own, the peer of a veth first', () => {
    const kernel = new TestLab().kernel()
    const green = kernel.addNamespace('green')
    if (!green.ok) throw new Error(green.errno)
    kernel.root.links.addVeth('v0', 'v1')
    expect(kernel.root.links.all().map(l => `${l.index} ${l.name}`)).toEqual(['1 lo', '2 v1', '3 v0'])
    kernel.root.links.addVeth('w0', 'w1', green.value.links)
    expect(green.value.links.all().map(l => `${l.index} ${l.name}`)).toEqual(['1 lo', '2 w1'])
    expect(kernel.root.links.get('w0')?.index).toBe(4)
  })

  test('are kept by a move where they are free, and drawn anew where not', () => {
    const kernel = new TestLab().kernel()
    const green = kernel.addNamespace('green')
    if (!green.ok) throw new Error(green.errno)
    kernel.root.links.add('dummy', 'd2')
    kernel.root.links.add('dummy', 'd3')
    green.value.links.add('dummy', 'x2')
    const d2 = kernel.root.links.get('d2') as Link
    const d3 = kernel.root.links.get('d3') as Link
    expect(kernel.moveLink(d3, green.value).ok).toBe(true)
    expect(kernel.moveLink(d2, green.value).ok).toBe(true)
    expect(d3.index).toBe(3)
    expect(d2.index).toBe(4)
    expect(kernel.namespaceOf(d2)).toBe(green.value)
    expect(kernel.root.links.get('d2')).toBeUndefined()
  })
})

describe('mistakes', () => {
  test('a name twice, a pair with itself, a bad name', () => {
    const { links } = root()
    expect(links.add('dummy', 'lo')).toMatchObject({ errno: 'EEXIST' })
    expect(links.addVeth('v', 'v')).toMatchObject({ errno: 'EEXIST' })
    expect(links.add('dummy', 'sixteen-letters-')).toMatchObject({ errno: 'EINVAL' })
    expect(links.add('dummy', 'd', { index: 1 })).toMatchObject({ errno: 'EBUSY' })
    expect(links.addVeth('v0', 'lo')).toMatchObject({ errno: 'EEXIST' })
    expect(links.all()).toHaveLength(1)
  })

  test('lo is neither removed nor moved', () => {
    const kernel = new TestLab().kernel()
    const green = kernel.addNamespace('green')
    if (!green.ok) throw new Error(green.errno)
    expect(kernel.root.links.remove(kernel.root.lo)).toMatchObject({ errno: 'EOPNOTSUPP' })
    expect(kernel.moveLink(kernel.root.lo, green.value)).toMatchObject({ errno: 'EINVAL' })
  })

  test('a move or a new name that meets its like', () => {
    const kernel = new TestLab().kernel()
    const green = kernel.addNamespace('green')
    if (!green.ok) throw new Error(green.errno)
    kernel.root.links.add('dummy', 'd0')
    green.value.links.add('dummy', 'd0')
    const d0 = kernel.root.links.get('d0') as Link
    expect(kernel.moveLink(d0, green.value)).toMatchObject({ errno: 'EEXIST' })
    expect(kernel.root.links.rename(d0, 'lo')).toMatchObject({ errno: 'EEXIST' })
    expect(kernel.root.links.rename(d0, 'd 1')).toMatchObject({ errno: 'EINVAL' })
    expect(kernel.root.links.rename(d0, 'd0').ok).toBe(true)
    expect(kernel.root.links.rename(d0, 'd1').ok).toBe(true)
    expect(kernel.root.links.get('d1')).toBe(d0)
  })
})

describe('removal', () => {
  test('of one end of a veth takes the other along, in another namespace too, and says so once for each', () => {
    const kernel = new TestLab().kernel()
    const green = kernel.addNamespace('green')
    if (!green.ok) throw new Error(green.errno)
    kernel.root.links.addVeth('v0', 'v1', green.value.links)
    const events: string[] = []
    kernel.root.watchers.add((link, event) => events.push(`${link.name} ${event}`))
    green.value.watchers.add((link, event) => events.push(`${link.name} ${event}`))
    const v1 = green.value.links.get('v1') as Link
    v1.setUp(true)
    events.length = 0
    expect(green.value.links.remove(v1).ok).toBe(true)
    expect(events.filter(event => event.endsWith('removed'))).toEqual(['v1 removed', 'v0 removed'])
    expect(kernel.root.links.get('v0')).toBeUndefined()
    expect(kernel.namespaceOf(v1)).toBeUndefined()
  })

  test('of a link takes its addresses, routes and neighbours', () => {
    const lab = new TestLab()
    const { a, la } = lab.pair()
    a.pingSocket().echo(1, new Uint8Array(0), 0x0a000002)
    lab.pass(1)
    a.links.remove(la)
    expect(a.addresses.all().map(x => x.link.name)).toEqual(['lo', 'lo'])
    expect(a.routes4.list()).toEqual([])
    expect(a.routes6.list()).toEqual([])
    expect(a.arp.size + a.nd.size).toBe(0)
    expect(a.settings.get('net.ipv4.conf.eth0.forwarding')).toBeUndefined()
  })
})

describe('random MACs', () => {
  test('are unicast and locally administered', () => {
    const random = seeded(7)
    for (let i = 0; i < 1000; i++) {
      const mac = randomMac(random)
      expect(isMulticastMac(mac)).toBe(false)
      expect(Math.floor(mac / 2 ** 41) % 2).toBe(1)
    }
  })

  test('are the same for the same seed', () => {
    expect(randomMac(seeded(3))).toBe(randomMac(seeded(3)))
  })
})

test('a port of a bridge that moves to another namespace leaves the bridge', () => {
  const kernel = new TestLab().kernel()
  const far = kernel.addNamespace('far')
  const made = kernel.root.links.add('dummy', 'd0')
  if (!far.ok || !made.ok) throw new Error('no')
  const link = made.value
  link.enslave('ovs-system', () => {})
  expect(link.promiscuity).toBe(1)
  expect(kernel.moveLink(link, far.value).ok).toBe(true)
  expect([link.master, link.handler, link.promiscuity]).toEqual([undefined, undefined, 0])
})
