import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Bpdu, bpduFrame } from './bpdu.ts'
import { readCapture } from './capture.ts'
import { dissect } from './layers.ts'
import { showLayers, toJson } from './show-layers.ts'

const { packets } = readCapture(readFileSync(new URL('../../test/captures/kinds.pcapng', import.meta.url)))
const frame = (name: string): Uint8Array => packets.find(({ comment }) => comment === name)!.bytes
const layered = (name: string): string[] => showLayers(dissect(frame(name)), frame(name)).split('\n')

describe('lines', () => {
  test('a ping in VXLAN', () => {
    expect(layered('vxlan around ping')).toEqual([
      'Ethernet  02:00:00:00:00:0a > 02:00:00:00:00:0b, IPv4, 148 bytes',
      'IPv4      10.0.0.1 > 10.0.0.2, UDP, ttl 64, 134 bytes',
      'UDP       50000 > 4789, checksum 0, 114 bytes',
      'VXLAN     VNI 100, flags I, 106 bytes',
      'Ethernet  02:00:00:00:00:0a > 02:00:00:00:00:0b, IPv4, 98 bytes',
      'IPv4      10.0.0.1 > 10.0.0.2, ICMP, ttl 64, 84 bytes',
      'ICMP      echo request, id 7, seq 1, 64 bytes',
      'Data      56 bytes: 000102030405060708090a0b0c0d0e0f…',
    ])
  })

  test('tags, padding and a quoted packet', () => {
    expect(layered('vlan tag')[1]).toBe('VLAN      VLAN 100, priority 3, IPv4, 88 bytes')
    expect(layered('arp padded').slice(1)).toEqual([
      'ARP       10.0.0.1 is at 02:00:00:00:00:0a, 46 bytes',
      'Padding   18 bytes',
    ])
    expect(layered('icmp redirect').slice(2, 5)).toEqual([
      'ICMP      redirect to 10.0.0.2, 92 bytes',
      '  IPv4    10.0.0.1 > 10.0.0.2, ICMP, ttl 64, 84 bytes',
      '  ICMP    echo request, id 7, seq 1, 64 bytes',
    ])
  })

  test('bridges talk', () => {
    const last = (bpdu: Bpdu): string | undefined => {
      const { bytes, start, end } = bpduFrame(bpdu, 1)
      return showLayers(dissect(bytes, start, end), bytes).split('\n')[2]
    }
    const id = { root: 0x1000020000000099n, rootCost: 4, bridge: 0x8000020000000001n, port: 0x8001 }
    const tree = { ...id, messageAge: 0, maxAge: 20, helloTime: 2, forwardDelay: 15 }
    expect(last({ kind: 'change', version: 0 })).toBe('STP       topology change version 0, 4 bytes')
    expect(last({ kind: 'config', version: 0, ...tree, flags: 0x81 })).toBe(
      'STP       configuration version 0, root 1000.02:00:00:00:00:99 at 4, bridge 8000.02:00:00:00:00:01 port 0x8001, topology change, change acknowledged, 35 bytes',
    )
    const rapid: Bpdu = { kind: 'rapid', version: 2, ...tree, flags: 0x0e }
    expect(last(rapid)).toMatch(/ port 0x8001, designated port, proposal, 36 bytes$/)
    const { bytes, start, end } = bpduFrame(rapid, 1)
    expect(toJson(dissect(bytes, start, end))[2]).toMatchObject({
      protocol: 'stp',
      value: { root: '1000.02:00:00:00:00:99', bridge: '8000.02:00:00:00:00:01', rootCost: 4 },
    })
  })

  test('what is bad says why', () => {
    expect(layered('udp bad checksum')[2]).toMatch(/^UDP {7}1234 > 5678, checksum 0x0102, bad \(checksum\), 18 bytes$/)
    expect(layered('ip version 5').slice(1)).toMatchObject(
      [/^IPv4 {6}bad \(version\)/, /^Data/].map(p => expect.stringMatching(p)),
    )
  })

  test('questions and answers', () => {
    expect(layered('dns question')[3]).toBe('DNS       query, id 4660, A example.com., 29 bytes')
    expect(layered('dhcp offer')[3]).toBe('DHCP      offer, client 02:00:00:00:00:0a, address 10.0.0.1, 305 bytes')
    expect(layered('nd solicitation')[2]).toMatch(/^ND {8}neighbor solicitation: who has 2001:db8::b\?, source 02:/)
    expect(layered('tcp syn')[2]).toBe('TCP       40000 > 5001, SYN, seq 1000, ack 0, window 512, 40 bytes')
  })

  test('every frame has lines, all aligned', () => {
    for (const { bytes } of packets) {
      const layers = dissect(bytes)
      const lines = showLayers(layers, bytes).split('\n')
      expect(lines).toHaveLength(Math.max(1, layers.length))
      for (const line of lines) expect(line).not.toMatch(/undefined|NaN|\[object/)
    }
  })
})

describe('json', () => {
  const json = (name: string) => toJson(dissect(frame(name)))
  const last = (name: string) => json(name).at(-1)!.value as { [name: string]: unknown[] }

  test('addresses are text, and stay what they are', () => {
    const layers = json('vxlan around arp')
    expect(layers.map(layer => layer.protocol)).toEqual(['eth', 'ip', 'udp', 'vxlan', 'eth', 'arp'])
    expect(layers[0]).toEqual({
      protocol: 'eth',
      start: 0,
      end: 14,
      size: 92,
      value: { dst: '02:00:00:00:00:0b', src: '02:00:00:00:00:0a', type: 0x0800 },
    })
    expect(layers[1]!.value).toMatchObject({ src: '10.0.0.1', dst: '10.0.0.2', ttl: 64, protocol: 17, options: '' })
    expect(layers[2]!.value).toMatchObject({ src: 50000, dst: 4789 })
    expect(layers[3]!.value).toMatchObject({ vni: 42 })
    expect(layers[5]!.value).toMatchObject({ op: 1, sha: '02:00:00:00:00:0a', spa: '10.0.0.1', tpa: '10.0.0.2' })
  })

  test('options, records and lists', () => {
    expect(last('dhcp request')).toMatchObject({ chaddr: '02:00:00:00:00:0a', options: { 50: '0a000001', 53: '03' } })
    expect(last('dns answers').answers![1]).toMatchObject({ data: { kind: 'a', address: '10.0.0.1' } })
    expect(last('igmp v3 report').records![4]).toEqual({
      type: 5,
      group: '239.1.1.1',
      sources: ['10.0.0.1', '10.0.0.2'],
    })
    expect(last('nd router advertisement').options![3]).toEqual({
      kind: 'rdnss',
      lifetime: 600,
      servers: ['2001:db8::a', '2001:db8::b'],
    })
  })

  test('what was not understood has a reason and no value', () => {
    expect(json('ip version 5')[1]).toEqual({ protocol: 'ip', start: 14, end: 14, size: 84, bad: 'version' })
  })

  test('every frame is plain data', () => {
    for (const { bytes } of packets) {
      const json = toJson(dissect(bytes))
      expect(JSON.parse(JSON.stringify(json))).toEqual(json)
    }
  })
})
