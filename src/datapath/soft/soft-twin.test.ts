import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newKey, word } from '../../flow/layout.ts'
import { VirtualClock } from '../../runtime/index.ts'
import { Frame } from '../../wire/frame.ts'
import { u16, u32 } from '../../wire/header.ts'
import { isIpv4ChecksumRight, setIpv4Checksum } from '../../wire/ipv4.ts'
import { isSctpChecksumRight, SctpHeader, setSctpChecksum } from '../../wire/sctp.ts'
import { storeChecksum, sumsUp, transportSum } from '../../wire/transport-checksum.ts'
import { setUdpChecksum } from '../../wire/udp.ts'
import type { Action } from '../action.ts'
import { hexOf, setOf, Taker } from '../frames.testing.ts'
import { NaiveDatapath, naiveSet } from './naive.testing.ts'
import { compileRewrite } from './rewrite.ts'
import { SoftDatapath } from './soft-datapath.ts'

const small = (limit: number) => fc.nat({ max: limit })

/** Well-formed IPv4, IPv6 and ARP packets from few values, so that megaflows are hit. */
const packet = fc
  .record({
    kind: fc.constantFrom('ip', 'ip6', 'arp'),
    protocol: fc.constantFrom(1, 6, 17, 47),
    addresses: fc.tuple(small(3), small(3)),
    macs: fc.tuple(small(3), small(3)),
    ports: fc.tuple(small(3), small(3)),
    tos: fc.constantFrom(0, 0xff),
    options: small(2),
    noChecksum: fc.boolean(),
    later: fc.boolean(),
    padding: small(4),
    payload: fc.uint8Array({ maxLength: 7 }),
  })
  .map(({ kind, protocol, addresses, macs, ports, tos, options, noChecksum, later, padding, payload }) => {
    const proto = kind === 'ip6' && protocol === 1 ? 58 : protocol
    const transportSize = proto === 6 ? 20 : 8
    const header = kind === 'ip' ? 20 + 4 * options : kind === 'ip6' ? 40 : 28
    const size = 14 + header + (kind === 'arp' ? 0 : transportSize + payload.length)
    const frame = Frame.of(size + padding)
    const { bytes, start } = frame
    const end = start + size
    u32.set(bytes, start + 2, macs[0])
    u32.set(bytes, start + 8, macs[1])
    const at = start + 14
    u16.set(bytes, start + 12, kind === 'ip' ? 0x0800 : kind === 'ip6' ? 0x86dd : 0x0806)
    if (kind === 'arp') {
      bytes.set([0, 1, 8, 0, 6, 4, 0, 1], at)
      u32.set(bytes, at + 14, addresses[0])
      u32.set(bytes, at + 24, addresses[1])
      return frame
    }
    const l4 = at + header
    bytes.set(payload, l4 + transportSize)
    u16.set(bytes, l4, ports[0])
    u16.set(bytes, l4 + 2, ports[1])
    if (kind === 'ip') {
      bytes.set([0x45 + options, tos, 0, 0, 0, 7, later ? 1 : 0, later ? 9 : 0, 64, proto], at)
      u16.set(bytes, at + 2, size - 14)
      u32.set(bytes, at + 12, addresses[0])
      u32.set(bytes, at + 16, addresses[1])
      setIpv4Checksum(bytes, at)
    } else {
      u32.set(bytes, at, ((6 << 28) | (tos << 20)) >>> 0)
      u16.set(bytes, at + 4, size - 54)
      bytes[at + 6] = proto
      bytes[at + 7] = 64
      u32.set(bytes, at + 20, addresses[0])
      u32.set(bytes, at + 36, addresses[1])
    }
    if (proto === 17) {
      u16.set(bytes, l4 + 4, end - l4)
      if (!noChecksum) setUdpChecksum(bytes, at, l4, end)
    } else if (proto === 6) {
      bytes[l4 + 12] = 0x50
      storeChecksum(bytes, l4 + 16, l4, end, transportSum(bytes, at, 6, end - l4))
    } else if (proto === 1 || proto === 58)
      storeChecksum(bytes, l4 + 2, l4, end, proto === 1 ? 0 : transportSum(bytes, at, 58, end - l4))
    return frame
  })

const settable: [word: number, bits: number][] = [
  [word.ethernet, 0xffffffff],
  [word.ethernet1, 0xffffffff],
  [word.ethernet2, 0xffffffff],
  [word.ip, 0x00ffff00],
  [word.ipv4Src, 0xffffffff],
  [word.ipv4Dst, 0xffffffff],
  [word.ipv6Src + 3, 0xffffffff],
  [word.ipv6Dst, 0xffffffff],
  [word.ipv6Label, 0xfffff],
  [word.arpSha, 0xffffffff],
  [word.arpSha + 1, 0xffffffff],
  [word.arpSha + 2, 0xffffffff],
]
const word32 = fc.nat({ max: 0xffffffff })
const set = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...settable), word32, fc.oneof(fc.constant(0xffffffff), word32)), {
    selector: ([[place]]) => place,
    minLength: 1,
    maxLength: 4,
  })
  .map(words =>
    setOf(
      ...words.map(([[place, all], value, bits]) => [place, value, (bits & all) >>> 0] as [number, number, number]),
    ),
  )

describe('set', () => {
  test('mends what the twin computes anew', () => {
    fc.assert(
      fc.property(packet, set, (frame, { key, mask }) => {
        const expected = hexOf(naiveSet(frame, key, mask).content())
        const copy = frame.copy()
        compileRewrite(key, mask)(copy)
        expect(hexOf(copy.content())).toBe(expected)
      }),
      { numRuns: 2000 },
    )
  })

  test('ports and ICMP types', () => {
    fc.assert(
      fc.property(packet, fc.tuple(small(255), small(255)), (frame, [high, low]) => {
        // A byte each, so that it means the same as ports and as type and code.
        const { key, mask } = setOf([word.transport, (high << 16) | low, 0x00ff00ff])
        const copy = frame.copy()
        compileRewrite(key, mask)(copy)
        expect(hexOf(copy.content())).toBe(hexOf(naiveSet(frame, key, mask).content()))
      }),
      { numRuns: 1000 },
    )
  })

  test('a wrong checksum stays wrong', () => {
    fc.assert(
      fc.property(packet, set, (frame, { key, mask }) => {
        const { bytes, start } = frame
        if (u16.get(bytes, start + 12) !== 0x0800) return
        u16.set(bytes, start + 24, u16.get(bytes, start + 24) ^ 0x0101)
        compileRewrite(key, mask)(frame)
        expect(isIpv4ChecksumRight(bytes, start + 14)).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  test('SCTP ports, padded or not, with a right checksum and a wrong one', () => {
    for (const wrong of [0, 0x40]) {
      const frame = Frame.of(14 + 20 + 16 + 6)
      const { bytes, start } = frame
      bytes.set([8, 0, 0x45, 0, 0, 36, 0, 0, 0, 0, 64, 132], start + 12)
      setIpv4Checksum(bytes, start + 14)
      const at = start + 34
      SctpHeader.write(bytes, at, { src: 1, dst: 2, tag: 3 })
      setSctpChecksum(bytes, at, at + 16)
      bytes[at + 9]! ^= wrong
      const { key, mask } = setOf([word.transport, 0x00070000, 0xffff0000])
      compileRewrite(key, mask)(frame)
      expect(u32.get(bytes, at)).toBe(0x00070002)
      expect(isSctpChecksumRight(bytes, at, at + 16)).toBe(wrong === 0)
    }
  })

  test('neighbour discovery: target, the first address in options, flags', () => {
    const option = { source: '0101020202020202', target: '0201040404040404', other: '0501010101010101' }
    const [newSource, newTarget] = ['01010a0b0c0d0e0f', '0201111213141516']
    for (const [before, after] of [
      [option.source + option.target, newSource + option.target],
      [option.target + option.source, newTarget + option.source],
      [option.other + option.target, option.other + newTarget],
    ] as const) {
      const frame = Frame.of(14 + 40 + 24 + 16)
      const { bytes, start, end } = frame
      bytes.set([0x86, 0xdd, 0x60, 0, 0, 0, 0, 40, 58, 255], start + 12)
      const at = start + 54
      bytes.set([136], at)
      bytes.set(
        before.match(/../g)!.map(byte => Number.parseInt(byte, 16)),
        at + 24,
      )
      storeChecksum(bytes, at + 2, at, end, transportSum(bytes, start + 14, 58, end - at))
      const { key, mask } = setOf(
        [word.arpSha, 0x0a0b0c0d],
        [word.arpSha + 1, 0x0e0f1112],
        [word.arpSha + 2, 0x13141516],
        [word.ndTarget + 3, 9],
        [word.ndReserved, 0x60000000],
        [word.ipv6Dst, 0xfd000000],
      )
      compileRewrite(key, mask)(frame)
      expect(hexOf(bytes.subarray(at + 4, at + 40))).toBe(`60000000${'0'.repeat(24)}00000009${after}`)
      expect(sumsUp(bytes, at, end, transportSum(bytes, start + 14, 58, end - at))).toBe(true)
      const kind = setOf([word.ndOptionsType, 2, 255])
      compileRewrite(kind.key, kind.mask)(frame)
      expect(bytes[at + 24]).toBe(2)
      expect(sumsUp(bytes, at, end, transportSum(bytes, start + 14, 58, end - at))).toBe(true)
    }
  })

  test('tags and labels', () => {
    const frame = Frame.of(40)
    const { bytes, start } = frame
    bytes.set([0x88, 0xa8, 0x20, 5, 0x81, 0, 0, 6, 0x88, 0x47, 0, 6, 0x41, 0x40], start + 12)
    const { key, mask } = setOf(
      [word.vlan, 0x1007, 0x1fff],
      [word.vlan1, 0x7008, 0xffff],
      [word.mpls, 200 << 12, 0xfffff000],
    )
    compileRewrite(key, mask)(frame)
    expect(hexOf(bytes.subarray(start + 12, start + 26))).toBe('88a82007810060088847000c8140')
  })
})

const maskWords = [
  word.ethernet,
  word.ethernet2,
  word.ethType,
  word.ip,
  word.ipv4Src,
  word.ipv4Dst,
  word.transport,
  word.ipv6Src + 3,
]

describe('soft and its twin', () => {
  test('send the same frames', () => {
    const action = fc.oneof(
      fc.record({ type: fc.constant('output' as const), port: fc.constantFrom(2, 3) }),
      set,
      set.map(inner => ({ type: 'clone' as const, actions: [inner, { type: 'output' as const, port: 3 }] })),
    )
    const lists = fc.array(fc.array(action, { maxLength: 4 }), { minLength: 4, maxLength: 4 })
    const frames = fc.array(fc.tuple(small(1), packet), { maxLength: 40 })
    fc.assert(
      fc.property(
        lists,
        frames,
        fc.uniqueArray(fc.constantFrom(...maskWords), { minLength: 1 }),
        (all, input, chosen) => {
          // A mask that depends on the frame only by what every mask has: so megaflows never overlap.
          const decide = (key: Uint32Array): { mask: Uint32Array; actions: Action[] } => {
            const mask = newKey()
            mask[word.inPort] = mask[word.ethType] = 0xffffffff
            const count = 1 + ((key[word.ethType]! >>> 16) % chosen.length)
            let sum = key[word.inPort]!
            for (const place of chosen.slice(0, count)) {
              mask[place] = 0xffffffff
              sum += key[place]! % 251
            }
            return { mask, actions: all[sum % all.length]! }
          }
          const twin = new NaiveDatapath(decide)
          const soft = new SoftDatapath({ clock: new VirtualClock() })
          const sent: { port: number; frame: Frame }[] = []
          for (const port of [0, 1, 2, 3]) {
            const taker = new Taker()
            taker.send = frame => void sent.push({ port, frame })
            soft.addPort(taker, port)
          }
          soft.onMiss(({ key }) => ({ ...decide(key), install: true }))
          for (const [port, frame] of input) {
            twin.receive(port, frame)
            soft.receive(port, frame.copy())
          }
          const text = (list: typeof sent) => list.map(({ port, frame }) => `${port} ${hexOf(frame.content())}`)
          expect(text(sent)).toEqual(text(twin.sent))
          expect(soft.stats()).toMatchObject({ flows: twin.flows.length, missed: twin.flows.length })
        },
      ),
      { numRuns: 200 },
    )
  })
})
