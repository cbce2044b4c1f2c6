import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatIp4, formatIp6, formatMac } from './address.ts'
import { readCapture } from './capture.ts'
import { LinkType } from './captured.ts'
import { EtherType, pushEthernet } from './ethernet.ts'
import { Frame } from './frame.ts'
import { IcmpType, pushIcmp } from './icmp.ts'
import { layersFault, offsetsFault, same } from './invariants.testing.ts'
import { IpProtocol } from './ip-protocol.ts'
import { pushIpv4 } from './ipv4.ts'
import type { Layer, Protocol } from './layer.ts'
import { dissect, mostLayers } from './layers.ts'
import { parsers } from './parsers.testing.ts'
import { reencode } from './reencode.testing.ts'
import { samples } from './samples.testing.ts'
import { pushVlan } from './vlan.ts'

const walk = (frame: Frame): Layer[] => dissect(frame.bytes, frame.start, frame.end)
const names = (layers: readonly Layer[]): string => layers.map(layer => layer.protocol).join(' ')
const sample = (name: string): Frame => {
  const found = samples().find(candidate => candidate.name === name)
  if (found === undefined) throw new Error(name)
  return found.frame
}
const layer = <P extends Protocol>(layers: readonly Layer[], protocol: P): Layer<P> => {
  const found = layers.find(candidate => candidate.protocol === protocol)
  if (found === undefined) throw new Error(`no ${protocol} in ${names(layers)}`)
  return found as Layer<P>
}

const chains: [name: string, protocols: string][] = [
  ['arp request', 'eth arp padding'],
  ['rarp request', 'eth arp padding'],
  ['icmp echo', 'eth ip icmp data'],
  ['icmp timestamp', 'eth ip icmp'],
  ['icmp port unreachable', 'eth ip icmp ip udp data'],
  ['icmp6 echo', 'eth ip6 icmp6 data'],
  ['icmp6 packet too big', 'eth ip6 icmp6 ip6 udp data'],
  ['nd router advertisement', 'eth ip6 nd'],
  ['mld2 report', 'eth ip6 mld'],
  ['igmp3 report', 'eth ip igmp'],
  ['udp', 'eth ip udp data'],
  ['tcp syn', 'eth ip tcp'],
  ['sctp', 'eth ip sctp data'],
  ['ip last fragment', 'eth ip data'],
  ['ip6 fragment', 'eth ip6 data'],
  ['vlan in vlan', 'eth vlan vlan ip icmp data'],
  ['stp', 'eth llc stp padding'],
  ['stp change', 'eth llc stp padding'],
  ['mstp of two', 'eth llc stp'],
  ['snap', 'eth llc ip icmp data'],
  ['mpls', 'eth mpls mpls ip icmp data'],
  ['lldp', 'eth lldp'],
  ['dhcp', 'eth ip udp dhcp'],
  ['dns', 'eth ip udp dns'],
  ['vxlan', 'eth ip udp vxlan eth ip icmp data'],
  ['vxlan gpe', 'eth ip udp vxlan ip icmp data'],
  ['vxlan over ip6', 'eth ip6 udp vxlan eth ip6 icmp6 data'],
  ['vxlan in vxlan', 'eth ip udp vxlan eth ip udp vxlan eth ip icmp data'],
]

describe('the layers of a frame', () => {
  test.each(chains)('%s is %s', (name, protocols) => {
    expect(names(walk(sample(name)))).toBe(protocols)
  })

  test.each(samples())('$name is whole, and the same when written again', ({ frame }) => {
    const layers = walk(frame)
    expect(layers.filter(({ bad }) => bad !== undefined)).toEqual([])
    const bytes = frame.content()
    expect([...reencode(bytes, dissect(bytes))]).toEqual([...bytes])
  })

  test.each(samples())('$name cut anywhere still covers its bytes', ({ frame }) => {
    const bytes = frame.content()
    for (let end = 0; end <= bytes.length; end++) covers(dissect(bytes, 0, end), 0, end)
  })

  test.each(samples())('$name with any length in its IP header still covers its bytes', ({ frame }) => {
    const found = walk(frame).find(({ protocol }) => protocol === 'ip' || protocol === 'ip6')
    if (found === undefined) return
    const { bytes, start, end } = frame
    const [at, least] = found.protocol === 'ip' ? [found.start + 2, 20] : [found.start + 4, 0]
    for (let length = least; length <= end - start; length++) {
      bytes[at] = length >> 8
      bytes[at + 1] = length
      covers(dissect(bytes, start, end), start, end)
    }
  })

  test('random bytes are covered, by one bad layer at most', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        const layers = dissect(bytes)
        covers(layers, 0, bytes.length)
        expect(layers.filter(({ value, bad }) => value === undefined && bad !== undefined).length).toBeLessThan(2)
      }),
    )
  })

  test('the quoted packet is marked, and not judged', () => {
    const layers = walk(sample('icmp port unreachable'))
    expect(layers.map(({ quoted }) => quoted === true)).toEqual([false, false, false, true, true, false])
  })

  test('an error that quotes only eight bytes behind the header is whole', () => {
    const whole = sample('udp')
    const quote = Frame.from(whole.bytes, whole.start + 14, whole.start + 14 + 28)
    pushIcmp(quote, { kind: 'time-exceeded', type: IcmpType.timeExceeded, code: 0 })
    const layers = dissect(...bounds(pushIpv4(quote, { src: 1, dst: 2, protocol: IpProtocol.icmp })), LinkType.raw)
    expect(names(layers)).toBe('ip icmp ip udp')
    expect(layers.filter(({ bad }) => bad !== undefined)).toEqual([])
    expect(layer(layers, 'udp').value).toMatchObject({ src: 50000, dst: 9999, length: 32 })
  })
})

describe('what is wrong is said', () => {
  test.each([
    ['icmp echo', 24, 'ip'],
    ['icmp echo', 50, 'icmp'],
    ['icmp6 echo', 70, 'icmp6'],
    ['nd neighbor solicitation', 85, 'nd'],
    ['mld report', 85, 'mld'],
    ['igmp leave', 40, 'igmp'],
    ['udp', 50, 'udp'],
    ['udp6', 70, 'udp'],
    ['tcp with data', 60, 'tcp'],
    ['sctp', 45, 'sctp'],
  ] as const)('a bit of %s turned at byte %i spoils the checksum of %s', (name, at, protocol) => {
    const frame = sample(name)
    frame.bytes[frame.start + at]! ^= 1
    const found = layer(walk(frame), protocol)
    expect(found.bad).toBe('checksum')
    expect(found.value).toBeDefined()
  })

  test('a layer that cannot be read has no bytes, and data holds them', () => {
    const frame = sample('vxlan')
    const at = frame.start + 42
    frame.bytes[at] = 0
    const layers = walk(frame)
    expect(names(layers)).toBe('eth ip udp vxlan data')
    expect(layers[3]).toEqual({ protocol: 'vxlan', start: at, end: at, limit: frame.end, bad: 'flags' })
    expect(layers[4]).toMatchObject({ start: at, end: frame.end })
  })

  test('an 802.3 length beyond the frame', () => {
    const frame = sample('stp')
    frame.bytes[frame.start + 13] = 200
    expect(layer(walk(frame), 'eth').bad).toBe('short')
  })

  test('tags without end stop at a bound', () => {
    const frame = pushEthernet(Frame.of(0), { dst: 1, src: 2, type: EtherType.ipv4 })
    for (let i = 0; i < 100; i++) pushVlan(frame, EtherType.vlan, i)
    const layers = walk(frame)
    expect(layers).toHaveLength(mostLayers + 1)
    expect(layers.at(-1)?.protocol).toBe('data')
  })
})

describe('ports and link types', () => {
  test('VXLAN on a port of the caller', () => {
    const frame = sample('udp')
    const options = { vxlanPorts: new Map([[9999, 'plain' as const]]) }
    const layers = dissect(frame.bytes, frame.start, frame.end, LinkType.ethernet, options)
    expect(names(layers)).toBe('eth ip udp vxlan data')
    expect(names(dissect(...bounds(sample('vxlan')), LinkType.ethernet, options))).toBe('eth ip udp data')
  })

  test('a packet without a link header', () => {
    for (const [name, type] of [
      ['udp', LinkType.ipv4],
      ['udp6', LinkType.ipv6],
    ] as const) {
      const [bytes, start, end] = bounds(sample(name))
      const expected = name === 'udp' ? 'ip udp data' : 'ip6 udp data'
      expect(names(dissect(bytes, start + 14, end, LinkType.raw))).toBe(expected)
      expect(names(dissect(bytes, start + 14, end, type))).toBe(expected)
    }
  })

  test('a link type that is not known is data', () => {
    expect(dissect(new Uint8Array(4), 0, 4, 147)).toEqual([{ protocol: 'data', start: 0, end: 4, limit: 4 }])
  })
})

describe('frames that the Linux kernel made', () => {
  const capture = readCapture(readFileSync(new URL('../../test/captures/linux-protocols.pcap', import.meta.url)))
  const frames = capture.packets.map((packet, i) => ({ number: i + 1, bytes: packet.bytes }))

  test.each(frames)('frame $number is whole, and the same when written again', ({ bytes }) => {
    const layers = dissect(bytes)
    expect(layers.filter(({ bad }) => bad !== undefined)).toEqual([])
    covers(layers, 0, bytes.length)
    expect([...reencode(bytes, layers)]).toEqual([...bytes])
  })

  test('are of all these kinds', () => {
    const kinds = new Set(frames.map(({ bytes }) => names(dissect(bytes))))
    for (const kind of [
      'eth arp',
      'eth ip6 mld',
      'eth ip6 nd',
      'eth ip icmp data',
      'eth ip data',
      'eth ip icmp ip udp data',
      'eth ip6 icmp6 ip6 udp data',
      'eth ip tcp',
      'eth ip6 tcp data',
      'eth ip igmp',
      'eth ip icmp',
      'eth ip icmp ip icmp data',
      'eth ip6 icmp6 ip6 icmp6 data',
      'eth ip udp vxlan eth ip icmp data',
      'eth ip6 udp vxlan eth arp',
      'eth llc stp',
    ])
      expect([...kinds]).toContain(kind)
  })

  test('say what tshark reads in them', () => {
    const vxlan = frames.map(({ bytes }) => dissect(bytes)).find(layers => names(layers).includes('vxlan eth ip icmp'))
    expect(vxlan).toBeDefined()
    const [outer, ip, udp, header, inner, innerIp, icmp] = vxlan as [
      Layer<'eth'>,
      Layer<'ip'>,
      Layer<'udp'>,
      Layer<'vxlan'>,
      Layer<'eth'>,
      Layer<'ip'>,
      Layer<'icmp'>,
    ]
    expect(formatMac(outer.value?.src ?? 0)).toBe('02:00:00:00:00:0a')
    expect(formatIp4(ip.value?.dst ?? 0)).toBe('10.0.0.2')
    expect(udp.value).toMatchObject({ dst: 4789, length: 82 })
    expect(header.value?.vni).toBe(42)
    expect(formatMac(inner.value?.dst ?? 0)).toBe('02:42:00:00:00:0b')
    expect(formatIp4(innerIp.value?.src ?? 0)).toBe('10.42.0.1')
    expect(icmp.value).toMatchObject({ kind: 'echo', type: 8, seq: 1 })
  })

  test('neighbour discovery has its options', () => {
    const nd = frames
      .flatMap(({ bytes }) => dissect(bytes))
      .filter((found): found is Layer<'nd'> => found.protocol === 'nd')
      .map(({ value }) => value)
    const advertisement = nd.find(value => value?.kind === 'neighbor-advertisement')
    expect(advertisement).toMatchObject({
      solicited: true,
      override: true,
      router: false,
      options: [{ kind: 'target', mac: 0x02000000000b }],
    })
    expect(advertisement?.kind === 'neighbor-advertisement' && formatIp6(advertisement.target)).toBe('2001:db8::2')
  })
})

describe('every parser', () => {
  test.each(parsers)('$name does not depend on what lies around its bytes', ({ parse }) => {
    for (const { frame } of samples().filter((_, i) => i % 3 === 0)) {
      const content = frame.content()
      for (const size of [content.length, content.length - 1, content.length >> 1, 24, 9]) {
        const [a, b] = [0x00, 0xff].map(poison => {
          const bytes = new Uint8Array(size + 64).fill(poison)
          bytes.set(content.subarray(0, size), 32)
          return parse(bytes, 32, 32 + size)
        })
        expect(a).toEqual(b)
        expect(same(a, b)).toBe(true)
      }
    }
  })
})

describe('what the fuzzer asks', () => {
  const data = { protocol: 'data', start: 0, end: 4, limit: 4 } as const
  const eth = { protocol: 'eth', start: 0, end: 4, limit: 4, value: { dst: 1, src: 2, type: 3 } } as const

  test.each<[string, Layer[]]>([
    ['a gap', [{ ...data, start: 1 }]],
    ['a missing end', [{ ...data, end: 3 }]],
    ['nothing', []],
    ['an end beyond the limit', [{ ...data, limit: 3 }]],
    ['a limit beyond the frame', [{ ...data, limit: 5 }]],
    ['data with a reason', [{ ...data, bad: 'short' }]],
    ['a layer that is neither read nor refused', [{ protocol: 'eth', start: 0, end: 0, limit: 4 }, data]],
    ['a checksum without a value', [{ protocol: 'eth', start: 0, end: 0, limit: 4, bad: 'checksum' }, data]],
    ['a value without bytes', [{ ...eth, end: 0 }, data]],
  ])('%s is a fault', (_, layers) => {
    expect(layersFault(layers, 0, 4)).toBeDefined()
  })

  test('layers in order are none', () => {
    expect(layersFault([eth], 0, 4)).toBeUndefined()
    expect(layersFault([{ protocol: 'eth', start: 0, end: 0, limit: 4, bad: 'short' }, data], 0, 4)).toBeUndefined()
  })

  test('offsets outside are a fault', () => {
    const fault = (value: unknown) => offsetsFault({ ok: true, value }, 10, 20)
    expect([
      fault({ payload: 9 }),
      fault({ payload: 21 }),
      fault({ end: 21 }),
      fault({ payload: 15, end: 14 }),
    ]).not.toContain(undefined)
    expect([fault({ payload: 20 }), fault([1]), fault(null), offsetsFault({ ok: false, why: 'short' }, 1, 2)]).toEqual([
      ...[undefined, undefined, undefined, undefined],
    ])
  })

  test('sameness goes all the way down', () => {
    const value = () => ({
      a: [1n, { b: Uint8Array.of(1, 2) }],
      c: new Map([[1, Uint8Array.of(3)]]),
      d: undefined,
      e: Number.NaN,
    })
    expect(same(value(), value())).toBe(true)
    expect(same(value(), { ...value(), a: [1n, { b: Uint8Array.of(1, 3) }] })).toBe(false)
    expect(same(value(), { ...value(), c: new Map([[1, Uint8Array.of(4)]]) })).toBe(false)
    expect(same(value(), { ...value(), f: 1 })).toBe(false)
    expect(same([1], [1, 2])).toBe(false)
    expect(same(null, {})).toBe(false)
  })
})

const bounds = ({ bytes, start, end }: Frame): [Uint8Array, number, number] => [bytes, start, end]

const covers = (layers: readonly Layer[], start: number, end: number): void =>
  expect(layersFault(layers, start, end)).toBeUndefined()
