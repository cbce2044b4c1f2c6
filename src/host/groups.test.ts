import { expect, test } from 'vitest'
import { formatIp } from '../wire/address.ts'
import { everySource, noSource, type SourceFilter } from './groups/source-filter.ts'
import { Groups, type Listener } from './groups.ts'
import { ip, TestLab } from './lab.testing.ts'

const setUp = () => {
  const lab = new TestLab()
  const link = lab.nic(lab.kernel().root, 'eth0')
  const other = lab.nic(lab.kernel().root, 'eth1')
  const groups = new Groups()
  const changes: string[] = []
  const text = ({ exclude, sources }: SourceFilter): string =>
    `${exclude ? 'all but' : 'only'} ${[...sources].map(formatIp).join()}`
  groups.onChange = (on, _, before, after) => changes.push(`${on.name}: ${text(before)} -> ${text(after)}`)
  return { link, other, groups, changes }
}

test('a group that a protocol needs is joined by its first user and left by its last, and nobody is told', () => {
  const { link, other, groups, changes } = setUp()
  const group = ip('239.1.1.1')
  groups.join(link, group)
  groups.join(link, group)
  expect([groups.has(link, group), groups.has(other, group)]).toEqual([true, false])
  groups.leave(link, group)
  expect(groups.of(link)).toEqual([[group, 1]])
  groups.leave(link, group)
  groups.leave(link, group)
  expect(groups.has(link, group)).toBe(false)
  expect(changes).toEqual([])
})

test('sockets together hear what one of them hears', () => {
  const { link, groups, changes } = setUp()
  const group = ip('239.1.1.1')
  const [good, bad] = [ip('10.0.0.8'), ip('10.0.0.9')]
  const some: Listener = { link, group, filter: { exclude: false, sources: new Set([good]) } }
  const most: Listener = { link, group, filter: { exclude: true, sources: new Set([bad]) } }
  expect(groups.hears(link, group, good)).toBe(false)
  groups.listen(some)
  expect([good, bad].map(source => groups.hears(link, group, source))).toEqual([true, false])
  groups.listen(most)
  groups.listenTo(most, everySource)
  expect(groups.hears(link, group, bad)).toBe(true)
  groups.unlisten(some)
  groups.unlisten(some)
  groups.unlisten(most)
  groups.listenTo(most, everySource)
  expect(groups.of(link)).toEqual([])
  expect(groups.filterOf(link, group)).toBe(noSource)
  expect(changes).toEqual([
    'eth0: only  -> only 10.0.0.8',
    'eth0: only 10.0.0.8 -> all but 10.0.0.9',
    'eth0: all but 10.0.0.9 -> all but ',
    'eth0: all but  -> all but ',
    'eth0: all but  -> only ',
  ])
})

test("all hosts and all nodes are everybody's", () => {
  const lab = new TestLab()
  const link = lab.nic(lab.kernel().root, 'eth0')
  const groups = new Groups()
  for (const group of ['224.0.0.1', 'ff02::1', 'ff01::1']) expect(groups.has(link, ip(group))).toBe(true)
  for (const group of ['224.0.0.2', 'ff02::2']) expect(groups.has(link, ip(group))).toBe(false)
})

test('a host listens to the solicited-node groups of its addresses, and a router to all routers', () => {
  const lab = new TestLab()
  const { a, la } = lab.pair()
  expect(a.groups.has(la, ip('ff02::1:ff00:1'))).toBe(true)
  a.settings.set('net.ipv6.conf.all.forwarding', '1')
  expect(a.groups.has(la, ip('ff02::2'))).toBe(true)
  a.settings.set('net.ipv6.conf.all.forwarding', '0')
  expect(a.groups.has(la, ip('ff02::2'))).toBe(false)
  a.removeAddress(la, ip('fd00::1'))
  expect(a.groups.has(la, ip('ff02::1:ff00:1'))).toBe(false)
})
