import { expect, test } from 'vitest'
import { seeded } from '../runtime/index.ts'
import type { Ip } from '../wire/address.ts'
import { ip, TestLab } from './lab.testing.ts'
import { firstEphemeral, lastEphemeral, type UdpEndpoint, UdpTable } from './udp-table.ts'

const lab = new TestLab()
const host = lab.host('h')
const [eth0, eth1] = [lab.nic(host, 'eth0'), lab.nic(host, 'eth1')]

const endpoint = (port: number, more: Partial<UdpEndpoint> = {}): UdpEndpoint => ({
  family: 4,
  port,
  address: undefined,
  peer: undefined,
  peerPort: 0,
  boundLink: undefined,
  reuseAddress: false,
  accepts: () => true,
  received: () => true,
  failed: () => {},
  ...more,
})

test('the endpoint with the most conditions comes first', () => {
  const table = new UdpTable(seeded(1))
  const dst: Ip = ip('10.0.0.2')
  const src: Ip = ip('10.0.0.1')
  const any = endpoint(53)
  const linked = endpoint(53, { boundLink: eth0 })
  const bound = endpoint(53, { address: dst })
  const connected = endpoint(53, { peer: src, peerPort: 9 })
  for (const each of [any, linked, bound, connected]) table.insert(each)
  expect(table.matches(4, dst, 53, src, 9, eth0)).toEqual([connected, bound, linked, any])
  expect(table.matches(4, dst, 53, src, 10, eth1)).toEqual([bound, any])
  expect(table.matches(6, dst, 53, src, 9, eth0)).toEqual([])
  expect(table.matches(4, dst, 54, src, 9, eth0)).toEqual([])
  table.delete(bound)
  expect(table.all()).toEqual([any, linked, connected])
})

test('sockets on different links may share a port', () => {
  const table = new UdpTable(seeded(1))
  table.insert(endpoint(67, { boundLink: eth0 }))
  expect(table.taken(4, undefined, 67, false, eth1)).toBe(false)
  expect(table.taken(4, undefined, 67, false, eth0)).toBe(true)
  expect(table.taken(4, undefined, 67, false, undefined)).toBe(true)
  expect(table.taken(6, undefined, 67, false, undefined)).toBe(false)
})

test('ephemeral ports run out, and only then', () => {
  const table = new UdpTable(seeded(1))
  const count = lastEphemeral - firstEphemeral + 1
  for (let port = firstEphemeral; port < lastEphemeral; port++) table.insert(endpoint(port))
  expect(table.ephemeral(4, undefined, undefined)).toBe(lastEphemeral)
  table.insert(endpoint(lastEphemeral))
  expect(table.ephemeral(4, undefined, undefined)).toBeUndefined()
  expect(table.all()).toHaveLength(count)
})

test('a tunnel gives its port back once, and not that of its successor', () => {
  const table = new UdpTable(seeded(1))
  const first = table.encap(4789, () => {})
  first?.()
  const handler = () => {}
  expect(table.encap(4789, handler)).toBeDefined()
  first?.()
  expect(table.encapOf(4789)).toBe(handler)
})
