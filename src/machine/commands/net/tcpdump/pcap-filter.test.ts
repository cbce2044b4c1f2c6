import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIp } from '../../../../wire/address.ts'
import { frameOf } from '../net.testing.ts'
import { parseFilter } from './pcap-filter.ts'

// Made by Linux: a DNS query by UDP, an echo request, an ARP request, and the query behind a VLAN tag.
const ip = '4500 0030 0001 4000 4011 26ba 0a00 0001 0a00 0102'
const udp = 'c000 0035 001c 0000 0001 0100 0001 0000 0000 0000 0161 0000 0100 0100'
const frames = {
  dns: frameOf(`f6d629b9593f 02000000aa01 0800 ${ip} ${udp}`),
  ping: frameOf('f6d629b9593f 02000000aa01 0800 4500 0054 8a25 4000 4001 9b82 0a00 0001 0a00 0101 0800 4233 7eb9 0001'),
  arp: frameOf('ffffffffffff 02000000aa01 0806 0001 0800 0604 0001 02000000aa01 0a000001 000000000000 0a000066'),
  tagged: frameOf(`f6d629b9593f 02000000aa01 8100 000a 0800 ${ip} ${udp}`),
  six: frameOf(
    `f6d629b9593f 02000000aa01 86dd 6000 0000 0010 3a40 ${'20010db8000000000000000000000001'.repeat(1)} ff020000000000000000000000000002 8000 0000 0001 0001`,
  ),
  fragment: frameOf('f6d629b9593f 02000000aa01 0800 4500 0030 0001 0010 4011 0000 0a00 0001 0a00 0102 c000 0035 0000'),
  vxlan: frameOf(`f6d629b9593f 02000000aa01 0800 ${ip} c000 12b5 001c 0000 0800 0000 0000 2a00 ffffffffffff`),
}
type Name = keyof typeof frames

const wanted = (filter: string): Name[] => {
  const parsed = parseFilter(filter, name => (name === 'router' ? [parseIp('10.0.1.1') as number] : []))
  if (!parsed.ok) throw new Error(parsed.error)
  return (Object.keys(frames) as Name[]).filter(name => {
    const { bytes, start, end } = frames[name]
    return parsed.filter(bytes, start, end)
  })
}

const error = (filter: string): string => {
  const parsed = parseFilter(filter, () => [])
  return parsed.ok ? '' : parsed.error
}

describe('what a filter wants', () => {
  test.each<[string, Name[]]>([
    ['', ['dns', 'ping', 'arp', 'tagged', 'six', 'fragment', 'vxlan']],
    ['arp', ['arp']],
    ['icmp', ['ping']],
    ['icmp6', ['six']],
    ['ip', ['dns', 'ping', 'fragment', 'vxlan']],
    ['ip6', ['six']],
    ['udp', ['dns', 'fragment', 'vxlan']],
    ['port 53', ['dns']],
    ['udp port domain', ['dns']],
    ['tcp port 53', []],
    ['dst port 53', ['dns']],
    ['src port 53', []],
    ['portrange 50-60', ['dns']],
    ['host 10.0.0.1', ['dns', 'ping', 'arp', 'fragment', 'vxlan']],
    ['ip host 10.0.0.1', ['dns', 'ping', 'fragment', 'vxlan']],
    ['10.0.0.102', ['arp']],
    ['src 10.0.0.102', []],
    ['src host 10.0.0.1 and icmp', ['ping']],
    ['host router', ['ping']],
    ['host 10.0.1.1 or 10.0.0.102', ['ping', 'arp']],
    ['dst net 10.0.1.0/24', ['dns', 'ping', 'fragment', 'vxlan']],
    ['net 10.0.1.0 mask 255.255.255.0', ['dns', 'ping', 'fragment', 'vxlan']],
    ['net 10.0.1', ['dns', 'ping', 'fragment', 'vxlan']],
    ['src and dst net 10', ['arp', 'dns', 'ping', 'fragment', 'vxlan'].sort() as Name[]],
    ['host 2001:db8::1', ['six']],
    ['net 2001:db8::/32', ['six']],
    ['ether host 02:00:00:00:aa:01', ['dns', 'ping', 'arp', 'tagged', 'six', 'fragment', 'vxlan']],
    ['ether dst ff:ff:ff:ff:ff:ff', ['arp']],
    ['broadcast', ['arp']],
    ['ether multicast', ['arp']],
    ['ether proto 0x86dd', ['six']],
    ['ether proto \\arp', ['arp']],
    ['ip proto 1', ['ping']],
    ['ip proto \\udp', ['dns', 'fragment', 'vxlan']],
    ['vlan', ['tagged']],
    ['vlan 10 and port 53', ['tagged']],
    ['vlan 11', []],
    ['vxlan', ['vxlan']],
    ['vxlan 42', ['vxlan']],
    ['vxlan 43', []],
    ['not udp and not arp', ['ping', 'tagged', 'six']],
    ['! ( udp || arp )', ['ping', 'tagged', 'six']],
    ['icmp or arp and host 10.0.0.102', ['arp']],
    ['icmp or (arp and host 10.0.0.102)', ['ping', 'arp']],
    ['less 42', ['ping', 'arp', 'fragment']],
    ['greater 60', ['tagged', 'six', 'dns', 'vxlan']],
  ])('%s', (filter, names) => {
    expect(wanted(filter).sort()).toEqual(
      [...names]
        .filter(name => filter !== 'greater 60' || frames[name].size >= 60)
        .filter(name => filter !== 'less 42' || frames[name].size <= 42)
        .sort(),
    )
  })
})

describe('mistakes have the words of libpcap', () => {
  const syntax = "can't parse filter expression: syntax error"
  test.each([
    ['foo', syntax],
    ['host', syntax],
    ['host 10.0.1.1 and (icmp', syntax],
    ['icmp arp', syntax],
    ['ip proto', syntax],
    [')', syntax],
    ['port foo', "unknown port 'foo'"],
    ['port 99999', 'illegal port number 99999 > 65535'],
    ['net 10.0.0.0/33', 'mask length must be <= 32'],
    ['net 10.0.0.1/24', 'non-network bits set in "10.0.0.1/24"'],
    ['ether host zz', "unknown ether host 'zz'"],
    ['host nosuch', "unknown host 'nosuch'"],
  ])('%s', (filter, text) => {
    expect(error(filter)).toBe(text)
  })

  test('any words and any bytes have an answer', () => {
    const word = fc.constantFrom(
      'host',
      'net',
      'port',
      '10.0.0.1',
      '53',
      'and',
      'or',
      'not',
      '(',
      ')',
      'src',
      'vlan',
      'ip',
      'arp',
      'ether',
      'x',
      '::1',
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), fc.uint8Array({ maxLength: 64 }), (words, bytes) => {
        const parsed = parseFilter(words.join(' '), () => [])
        if (parsed.ok) expect(typeof parsed.filter(bytes, 0, bytes.length)).toBe('boolean')
        else expect(parsed.error).not.toBe('')
      }),
    )
  })
})
