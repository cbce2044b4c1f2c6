import { expect, test } from 'vitest'
import { word } from './layout.ts'
import { parseOdpKey } from './odp-parse.ts'

const read = (text: string, tags = 2) => {
  const got = parseOdpKey(`in_port(1),eth(),${text}`, undefined, tags)
  if (!got.ok) throw new Error(got.wrong)
  return got.key
}

const tcp = 'eth_type(0x0800),ipv4(src=1.1.1.1,proto=6,frag=no),tcp(src=1,dst=2),tcp_flags(0x2)'

/** All of this as `ofproto/trace` of Open vSwitch 3.1 reads it. */
test('of parts that contradict each other those count that the type and the protocol ask for', () => {
  expect(read(tcp)[word.transport]).toBe(0x10002)
  expect(read(tcp)[word.tcpFlags]).toBe(0x20000)
  for (const other of [
    tcp.replace('frag=no', 'frag=later'),
    tcp.replace('proto=6', 'proto=17'),
    tcp.replace('0x0800', '0x1234'),
  ]) {
    expect(read(other)[word.transport]).toBe(0)
    expect(read(other)[word.tcpFlags]).toBe(0)
  }
  expect(read(tcp.replace('0x0800', '0x86dd'))[word.ipv4Src]).toBe(0)
  const neighbour = (type: number, frag: string) =>
    read(
      `eth_type(0x86dd),ipv6(proto=58,frag=${frag}),icmpv6(type=${type},code=0),nd(target=fd00::1,sll=00:00:00:00:00:05)`,
    )
  expect(neighbour(135, 'no')[word.ndTarget]).toBe(0xfd000000)
  expect(neighbour(128, 'no')[word.ndTarget]).toBe(0)
  expect(neighbour(135, 'later')[word.transport]).toBe(0)
})

test('a type that is not told is that of the header that is there', () => {
  expect(read('ipv6(proto=6)')[word.ethType]! >>> 16).toBe(0x86dd)
  expect(read('mpls(label=1,tc=0,ttl=3,bos=1)')[word.ethType]! >>> 16).toBe(0x8847)
  expect(read('arp(op=1)')[word.ethType]! >>> 16).toBe(0x05ff)
})

test('so many tags are looked into, and what ends behind one has no type', () => {
  const two = `eth_type(0x88a8),vlan(vid=5,pcp=0),encap(eth_type(0x8100),vlan(vid=7,pcp=0),encap(${tcp}))`
  const told = (tags: number) => {
    const key = read(two, tags)
    return [key[word.vlan]! & 0xfff, key[word.vlan1]! & 0xfff, key[word.ethType]! >>> 16, key[word.ipv4Src]]
  }
  expect(told(2)).toEqual([5, 7, 0x0800, 0x01010101])
  expect(told(1)).toEqual([5, 0, 0x8100, 0])
  expect(read('eth_type(0x8100)')[word.ethType]! >>> 16).toBe(0)
  expect(read('eth_type(0x8100),vlan(vid=5,pcp=0)')[word.ethType]! >>> 16).toBe(0)
  expect(read(`vlan(vid=5,pcp=0),encap(${tcp})`)[word.vlan]).toBe(0)
})
