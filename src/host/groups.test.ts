import { expect, test } from 'vitest'
import { Groups } from './groups.ts'
import { ip, TestLab } from './lab.testing.ts'

test('a group is joined by its first user and left by its last', () => {
  const lab = new TestLab()
  const link = lab.nic(lab.kernel().root, 'eth0')
  const other = lab.nic(lab.kernel().root, 'eth1')
  const groups = new Groups()
  const changes: string[] = []
  groups.onChange = (on, _, joined) => changes.push(`${on.name} ${joined}`)
  const group = ip('239.1.1.1')
  groups.join(link, group)
  groups.join(link, group)
  expect([groups.has(link, group), groups.has(other, group)]).toEqual([true, false])
  groups.leave(link, group)
  expect(groups.of(link)).toEqual([[group, 1]])
  groups.leave(link, group)
  groups.leave(link, group)
  expect(groups.has(link, group)).toBe(false)
  expect(changes).toEqual(['eth0 true', 'eth0 false'])
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
