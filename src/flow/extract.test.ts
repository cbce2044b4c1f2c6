import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Frame } from '../wire/frame.ts'
import { Depth, depthOf, extract, extractWords } from './extract.ts'
import { readField } from './fields.ts'
import { frameWords, newKey, word } from './layout.ts'
import { matchOf } from './match.ts'
import { formatMatch } from './match-text.ts'
import { packetMask } from './packet-mask.ts'

const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(text.replace(/\s/g, '').match(/../g) ?? [], pair => Number.parseInt(pair, 16))
const keyOf = (text: string) => {
  const key = newKey()
  extract(Frame.from(bytesOf(text)), key)
  return key
}
const flow = (text: string): string => {
  const key = keyOf(text)
  return formatMatch({ key, mask: packetMask(key) }).replace('in_port=0,', '')
}
const mac = '0203040506070102030405aa'
const macs = 'dl_src=01:02:03:04:05:aa,dl_dst=02:03:04:05:06:07'
const ports = '0035005600080000'
const ipv4 = (proto: string, fragment = '0000'): string => `4500001c1234${fragment}40${proto}00000a0000010a000002`
const ip = 'nw_src=10.0.0.1,nw_dst=10.0.0.2'

/** Expected texts are those of `ovs-ofctl parse-pcap` on the same bytes. */
describe('as ovs-ofctl parse-pcap', () => {
  test.each([
    [
      `0800${ipv4('11')}${ports}`,
      `udp,vlan_tci=0x0000,${macs},${ip},nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=53,tp_dst=86`,
    ],
    [
      `0800${ipv4('11', '2000')}${ports}`,
      `udp,vlan_tci=0x0000,${macs},${ip},nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=first,tp_src=53,tp_dst=86`,
    ],
    [
      `0800${ipv4('11', '2005')}${ports}`,
      `udp,vlan_tci=0x0000,${macs},${ip},nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=later`,
    ],
    [
      `0800${ipv4('01')}0800000000000000`,
      `icmp,vlan_tci=0x0000,${macs},${ip},nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,icmp_type=8,icmp_code=0`,
    ],
    [
      '08060001080006040001 0102030405aa0a0000010000000000000a000002',
      `arp,vlan_tci=0x0000,${macs},arp_spa=10.0.0.1,arp_tpa=10.0.0.2,arp_op=1,arp_sha=01:02:03:04:05:aa,arp_tha=00:00:00:00:00:00`,
    ],
    [
      `8100e1230800${ipv4('11')}${ports}`,
      `udp,dl_vlan=291,dl_vlan_pcp=7,vlan_tci1=0x0000,${macs},${ip},nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=53,tp_dst=86`,
    ],
    [
      `88a80064810000c80800${ipv4('11')}${ports}`,
      `udp,dl_vlan=100,dl_vlan_pcp=0,dl_vlan1=200,dl_vlan_pcp1=0,${macs},${ip},nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,tp_src=53,tp_dst=86`,
    ],
    ['0026424203', `vlan_tci=0x0000,${macs},dl_type=0x05ff`],
    ['8847000641ff00065140', `mpls,vlan_tci=0x0000,${macs},mpls_label=100,mpls_tc=0,mpls_ttl=255,mpls_bos=1`],
    [
      '0800',
      `ip,vlan_tci=0x0000,${macs},nw_src=0.0.0.0,nw_dst=0.0.0.0,nw_proto=0,nw_tos=0,nw_ecn=0,nw_ttl=0,nw_frag=no`,
    ],
    ['8100', `vlan_tci=0x0000,${macs},dl_type=0x8100`],
  ])('%s', (rest, want) => {
    expect(flow(mac + rest)).toBe(want)
  })
})

test('IGMP, neighbour discovery and NSH reach words that the text does not show', () => {
  const igmp = keyOf(`${mac}0800${ipv4('02')}160000000a010203`)
  expect(igmp[word.igmpGroup]).toBe(0x0a010203)
  const nd = keyOf(
    `${mac}86dd6001234500203aff20010db800000000000000000000000120010db80000000000000000000000028700000000000007` +
      '20010db80000000000000000000000030101aabbccddeeff',
  )
  expect(readField(nd, 'nd_sll')).toBe(0xaabbccddeeffn)
  expect(readField(nd, 'nd_reserved')).toBe(7n)
  expect(readField(nd, 'nd_options_type')).toBe(1n)
  const nsh = keyOf(`${mac}894f0fc60103000001ff${'11'.repeat(16)}`)
  expect(readField(nsh, 'nsh_spi')).toBe(1n)
  expect(readField(nsh, 'nsh_c4')).toBe(0x11111111n)
})

test('of more tags than the limit the rest is payload', () => {
  const key = newKey()
  extract(Frame.from(bytesOf(`${mac}88a80064810000c80800${ipv4('11')}${ports}`)), key, 1)
  expect(key[word.ethType]).toBe(0x81000000)
  expect(key[word.vlan1]).toBe(0)
})

const start = fc.constantFrom(
  '',
  mac,
  `${mac}8100e123`,
  `${mac}0800`,
  `${mac}0800${ipv4('06')}`,
  `${mac}86dd60000000`,
  `${mac}0806`,
  `${mac}894f`,
  `${mac}8847`,
)
const anyBytes = fc
  .tuple(start, fc.uint8Array({ maxLength: 120 }))
  .map(([head, tail]) => Uint8Array.from([...bytesOf(head), ...tail]))

describe('any bytes', () => {
  test('give a key, the same whatever was in it and around the frame', () => {
    fc.assert(
      fc.property(anyBytes, fc.nat(255), (bytes, noise) => {
        const [a, b] = [newKey(), newKey().fill(0xdeadbeef)]
        extract(Frame.from(bytes), a)
        const around = new Uint8Array(bytes.length + 300).fill(noise)
        around.set(bytes, 100)
        extract(new Frame(around, 100, 100 + bytes.length), b)
        expect(b.subarray(word.ethernet, frameWords)).toEqual(a.subarray(word.ethernet, frameWords))
        expect(b[word.inPort]).toBe(0xdeadbeef)
        expect(b[word.packetType]).toBe(0)
        expect(b.subarray(word.skbPriority).every(value => value === 0xdeadbeef)).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })
  test('to a depth, have the same words up to there', () => {
    fc.assert(
      fc.property(anyBytes, fc.constantFrom(Depth.l2, Depth.l3), (bytes, depth) => {
        const [full, part] = [newKey(), newKey()]
        extract(Frame.from(bytes), full)
        extractWords(Frame.from(bytes), part, depth)
        for (let i = 0; i < frameWords; i++) {
          const mask = newKey()
          mask[i] = 1
          if (depthOf(mask) <= depth) expect(part[i]).toBe(full[i])
        }
      }),
      { numRuns: 1000 },
    )
  })
})

test('depth of a mask', () => {
  expect(depthOf(matchOf({ in_port: 1n, metadata: 1n }).mask)).toBe(Depth.metadata)
  expect(depthOf(matchOf({ eth_dst: 1n, vlan_tci: 0n }).mask)).toBe(Depth.l2)
  expect(depthOf(matchOf({ ip_dst: 1n }).mask)).toBe(Depth.l3)
  expect(depthOf(matchOf({ mpls_label: 1n }).mask)).toBe(Depth.l3)
  expect(depthOf(matchOf({ tcp_dst: 1n }).mask)).toBe(Depth.l4)
  expect(depthOf(matchOf({ arp_sha: 1n }).mask)).toBe(Depth.l4)
})
