/** Meters, hashes, headers before all others, and the connection tracker. */
import { describe, expect, test } from 'vitest'
import { extract } from '../../flow/extract.ts'
import { hashFiveTuple, hashPair, hashSymmetricL3L4 } from '../../flow/key-hash.ts'
import { newKey, word } from '../../flow/layout.ts'
import { millisecond, second, VirtualClock } from '../../runtime/index.ts'
import { Frame } from '../../wire/frame.ts'
import type { Action, ConnTrack } from '../action.ts'
import type { ConnTracker } from '../conn-tracker.ts'
import { hexOf, maskOf, portMask, setOf, Taker, udp } from '../frames.testing.ts'
import { addedHeaders, strippedHeaders } from './naive.testing.ts'
import { SoftDatapath, type SoftOptions } from './soft-datapath.ts'

const bed = (options: Partial<SoftOptions> = {}) => {
  const clock = new VirtualClock()
  const datapath = new SoftDatapath({ clock, ...options })
  const sink = new Taker()
  datapath.addPort(new Taker(), 1)
  datapath.addPort(sink, 2)
  const does = (...actions: Action[]): void => datapath.onMiss(() => ({ mask: portMask(), actions, install: true }))
  /** What one frame becomes. */
  const changed = (frame: Frame, ...actions: Action[]): string | undefined => {
    datapath.execute(frame, 1, [...actions, { type: 'output', port: 2 }])
    return sink.take()[0]
  }
  return { clock, datapath, sink, does, changed }
}
const out: Action = { type: 'output', port: 2 }

describe('meter', () => {
  const flags = { kbps: false, pktps: true, burst: true, stats: true }
  const band = (rate: number, burst = 0) => ({ type: 'drop' as const, rate, burst, precedence: 0 })
  const counter = (datapath: SoftDatapath): number => new Map(datapath.counters()).get('datapath_drop_meter') ?? 0

  test('lets a burst through, then the rate, in packets', () => {
    const { clock, datapath, sink, does } = bed()
    datapath.setMeter(0, { meter: 1, flags, bands: [band(10, 5)] })
    does({ type: 'meter', meter: 0 }, out)
    for (let i = 0; i < 8; i++) datapath.receive(1, udp())
    expect(sink.frames).toHaveLength(5)
    clock.runUntil(200 * millisecond)
    for (let i = 0; i < 8; i++) datapath.receive(1, udp())
    expect(sink.frames).toHaveLength(7)
    clock.runUntil(100 * second)
    for (let i = 0; i < 8; i++) datapath.receive(1, udp())
    expect(sink.frames).toHaveLength(12)
    expect(datapath.meterCounts(0)).toEqual({ packets: 24, bytes: 24 * 60, bands: [{ packets: 12, bytes: 12 * 60 }] })
    expect(counter(datapath)).toBe(12)
  })

  test('counts bits of frames of their size', () => {
    const { clock, datapath, sink, does } = bed()
    datapath.setMeter(3, { meter: 1, flags: { ...flags, kbps: true, pktps: false }, bands: [band(8)] })
    does({ type: 'meter', meter: 3 }, out)
    // 8000 bits are in the bucket: 1000 bytes.
    for (const payload of [858, 58, 100]) datapath.receive(1, udp({ payload }))
    expect(sink.frames.map(frame => frame.size)).toEqual([900, 100])
    clock.runUntil(60 * millisecond)
    datapath.receive(1, udp())
    datapath.receive(1, udp())
    expect(sink.frames.map(frame => frame.size)).toEqual([900, 100, 60])
  })

  test('charges the band of the highest rate that is exceeded', () => {
    const { datapath, does } = bed()
    datapath.setMeter(0, { meter: 1, flags, bands: [band(10, 2), band(20, 4), band(5, 100)] })
    does({ type: 'meter', meter: 0 }, out)
    for (let i = 0; i < 6; i++) datapath.receive(1, udp())
    expect(datapath.meterCounts(0)?.bands.map(({ packets }) => packets)).toEqual([2, 2, 0])
  })

  test('that is set anew, is gone, or ends a list', () => {
    const { datapath, sink, does } = bed()
    const config = { meter: 1, flags, bands: [band(1)] }
    datapath.setMeter(0, config)
    does({ type: 'meter', meter: 0 }, out)
    for (let i = 0; i < 3; i++) datapath.receive(1, udp())
    datapath.setMeter(0, config)
    expect(datapath.meterCounts(0)?.packets).toBe(0)
    datapath.receive(1, udp())
    expect(sink.frames).toHaveLength(2)
    datapath.removeMeter(0)
    datapath.receive(1, udp())
    expect(sink.frames).toHaveLength(3)
    expect(datapath.meterCounts(0)).toBeUndefined()
    datapath.setMeter(0, config)
    datapath.execute(udp(), 1, [{ type: 'meter', meter: 0 }])
    expect(datapath.meterCounts(0)?.packets).toBe(1)
  })

  test('drops a copy only', () => {
    const { datapath, sink, does } = bed()
    datapath.setMeter(0, { meter: 1, flags, bands: [band(1)] })
    does({ type: 'clone', actions: [{ type: 'meter', meter: 0 }, out] }, out)
    for (let i = 0; i < 3; i++) datapath.receive(1, udp())
    expect(sink.frames).toHaveLength(4)
  })
})

describe('hash', () => {
  const keyOf = (frame: Frame): Uint32Array => {
    const key = newKey()
    extract(frame, key, 1)
    return key
  }
  /** What a frame has as `dp_hash` when it comes round. */
  const hashOf = (frame: Frame, ...actions: Action[]): number => {
    const { datapath } = bed()
    let found = 0
    datapath.onMiss(({ key }) => {
      if (key[word.recircId] !== 0) found = key[word.dpHash]!
      return {
        mask: portMask(),
        actions: key[word.recircId] === 0 ? [...actions, { type: 'recirc', id: 1 }] : [],
        install: true,
      }
    })
    datapath.receive(1, frame)
    return found
  }
  const l4 = (basis: number): Action => ({ type: 'hash', algorithm: 'l4', basis })

  test('l4 is of the frame as it came, whatever was written to it', () => {
    const wanted = hashPair(hashFiveTuple(keyOf(udp())), 7)
    expect(hashOf(udp(), l4(7))).toBe(wanted)
    expect(hashOf(udp(), setOf([word.ipv4Dst, 1]), l4(7))).toBe(wanted)
    expect(hashOf(udp({ ports: [1, 2] }), l4(7))).not.toBe(wanted)
  })

  test('l4 of ports behind extension headers has the first of them as the protocol', () => {
    const ipv6 = udp({ src: 'fd00::1', dst: 'fd00::2' })
    // A hop-by-hop header of padding.
    const options = [17, 0, 1, 4, 0, 0, 0, 0]
    const content = [...ipv6.content()]
    const withOptions = (end: number): Frame => {
      const bytes = [...content.slice(0, 54), ...options, ...content.slice(54, end)]
      bytes[18 + 1] = bytes.length - 54
      bytes[20] = 0
      return Frame.from(Uint8Array.from(bytes))
    }
    const whole = withOptions(content.length)
    expect(hashOf(whole.copy(), l4(7))).toBe(hashPair(hashFiveTuple(keyOf(whole), 0, 0), 7))
    expect(hashOf(ipv6.copy(), l4(7))).toBe(hashPair(hashFiveTuple(keyOf(ipv6)), 7))
    const portless = withOptions(54 + 7)
    expect(hashOf(portless.copy(), l4(7))).toBe(hashPair(hashFiveTuple(keyOf(portless)), 7))
  })

  test('after a label was taken off it is of what is left', () => {
    const push: Action = { type: 'push_mpls', label: 0x140, ethType: 0x8847 }
    const pop: Action = { type: 'pop_mpls', ethType: 0x0800 }
    expect(hashOf(udp(), push, pop, l4(7))).toBe(hashFiveTuple(keyOf(udp()), 7))
  })

  test('sym_l4 is of the frame as it is, and the same both ways', () => {
    const symmetric: Action = { type: 'hash', algorithm: 'sym_l4', basis: 3 }
    const there = hashOf(udp({ src: '10.0.0.1', dst: '10.0.0.2' }), symmetric)
    expect(there).toBe(hashSymmetricL3L4(keyOf(udp()), 3, false))
    expect(hashOf(udp({ src: '10.0.0.2', dst: '10.0.0.1' }), symmetric)).toBe(there)
    expect(hashOf(udp(), setOf([word.ipv4Dst, 1]), symmetric)).not.toBe(there)
  })

  test('is gone with the frame', () => {
    const { datapath } = bed()
    const seen: number[] = []
    datapath.onMiss(({ key }) => {
      seen.push(key[word.dpHash]!)
      return {
        mask: maskOf(word.inPort, word.recircId, word.dpHash),
        actions: [l4(0), { type: 'userspace', reason: 'action', cookie: 0 }],
        install: false,
      }
    })
    datapath.onUserspace(({ key }) => void seen.push(key[word.dpHash]!))
    datapath.receive(1, udp())
    datapath.receive(1, udp())
    const hash = hashPair(hashFiveTuple(keyOf(udp())), 0)
    expect(seen).toEqual([0, hash, 0, hash])
  })
})

describe('headers before all others', () => {
  const nsh = (mdType: number, tlvs: number[] = []): Action => ({
    type: 'push_nsh',
    key: [
      [word.nsh, (2 << 24) | (63 << 16) | (mdType << 8) | 3],
      [word.nshPath, 0x123456ff],
      [word.nshContext, 1],
      [word.nshContext + 3, 0xfffffffe],
    ],
    mdType,
    tlvs,
  })
  const ethernet: Action = { type: 'push_eth', src: 0x020000000003, dst: 0x020000000004 }
  const before = hexOf(udp().content())

  test('are what the twin builds', () => {
    const { changed } = bed()
    const lists: Action[][] = [
      [nsh(1), ethernet],
      [nsh(2, [0x10, 0, 10, 4, 1, 2, 3, 4]), ethernet],
      [nsh(1), nsh(1), ethernet],
      [{ type: 'add_mpls', label: (77 << 12) | 0x140, ethType: 0x8847, inner: true }, ethernet],
      [{ type: 'pop_eth' }, ethernet],
    ]
    for (const list of lists) expect(changed(udp(), ...list)).toBe(hexOf(addedHeaders(udp().content(), list)))
  })

  test('come off again', () => {
    const { changed } = bed()
    const popNsh: Action[] = [{ type: 'pop_eth' }, { type: 'pop_nsh' }]
    expect(changed(udp(), nsh(1), ethernet, ...popNsh)).toBe(before)
    expect(changed(udp(), nsh(2, [0, 1, 2, 0]), ethernet, ...popNsh)).toBe(before)
    const mpls: Action = { type: 'add_mpls', label: 0x140, ethType: 0x8847, inner: true }
    expect(changed(udp(), mpls, ethernet, { type: 'pop_eth' }, { type: 'pop_mpls', ethType: 0x6558 })).toBe(before)
    expect(changed(udp(), { type: 'pop_eth' })).toBe(hexOf(strippedHeaders(udp().content())))
  })

  test('are told by the key when the frame comes round', () => {
    const { datapath } = bed()
    const types: number[] = []
    datapath.onMiss(({ key }) => {
      types.push(key[word.packetType]!, key[word.ethType]! >>> 16, key[word.ethernet]!)
      const id = key[word.recircId]!
      const actions: Action[] = id === 0 ? [{ type: 'pop_eth' }] : id === 1 ? [nsh(1)] : []
      return { mask: portMask(), actions: id < 2 ? [...actions, { type: 'recirc', id: id + 1 }] : [], install: true }
    })
    datapath.receive(1, udp())
    expect(types).toEqual([0, 0x800, 0x02000000, 0x10800, 0x800, 0, 0x1894f, 0x894f, 0])
  })

  test('of NSH are rewritten in place, outside and behind Ethernet', () => {
    const { changed } = bed()
    const set = setOf(
      [word.nsh, 0x01050000, 0x013f0000],
      [word.nshPath, 0x00000907, 0x0000ffff],
      [word.nshContext + 1, 0x0a0b0c0d],
    )
    const want = hexOf(addedHeaders(udp().content(), [nsh(1), ethernet])).replace(
      '2fc60103123456ff0000000100000000',
      '31460103123409070000000' + '10a0b0c0d',
    )
    expect(changed(udp(), nsh(1), set, ethernet)).toBe(want)
    expect(changed(udp(), nsh(1), ethernet, set)).toBe(want)
    // Other metadata has no such words.
    const other = [nsh(2, [0, 1, 2, 0]), ethernet]
    expect(changed(udp(), ...other, setOf([word.nshContext, 5]))).toBe(hexOf(addedHeaders(udp().content(), other)))
  })

  test('that are not there, or not whole, drop the frame', () => {
    const { datapath, changed } = bed()
    expect(changed(udp(), { type: 'pop_nsh' })).toBeUndefined()
    const cut = udp()
    cut.end = cut.start + 16
    expect(changed(cut, { type: 'pop_eth' }, { type: 'pop_nsh' })).toBeUndefined()
    expect(datapath.counters()).toEqual([['datapath_drop_nsh_decap_error', 2]])
  })

  test('cut anywhere do no harm', () => {
    const { changed } = bed()
    const whole = Frame.from(addedHeaders(udp().content(), [nsh(1), ethernet]))
    for (let cut = 14; cut <= whole.size; cut++) {
      const frame = whole.copy()
      frame.end = frame.start + cut
      const set = setOf([word.nsh, 0xffffffff], [word.nshPath, 1], [word.nshContext + 3, 1])
      const actions: Action[] = [set, { type: 'pop_eth' }, { type: 'pop_nsh' }, ethernet]
      changed(frame, ...actions)
      expect(frame.end - frame.start).toBeGreaterThanOrEqual(0)
    }
  })
})

describe('a connection tracker', () => {
  const ct: ConnTrack = {
    type: 'ct',
    commit: false,
    force: false,
    zone: 5,
    mark: undefined,
    label: undefined,
    helper: undefined,
    nat: undefined,
  }
  const tracker: ConnTracker = {
    track(_frame, key, { zone }) {
      key[word.ctState] = key[word.ctState]! + 0x21
      key[word.ctZone] = zone
      return key[word.ipv4Dst] !== 0x0a000009
    },
  }

  test('says what the key has when the frame comes round, for this frame alone', () => {
    const { datapath } = bed({ tracker })
    const seen: number[][] = []
    datapath.onMiss(({ key }) => {
      seen.push([key[word.recircId]!, key[word.ctState]!, key[word.ctZone]!])
      const isFirst = key[word.recircId] === 0
      const inner: Action[] = [{ type: 'ct_clear' }, { type: 'recirc', id: 2 }]
      const actions: Action[] = isFirst ? [ct, { type: 'clone', actions: inner }, { type: 'recirc', id: 1 }] : []
      return { mask: portMask(), actions, install: false }
    })
    datapath.receive(1, udp())
    datapath.receive(1, udp())
    const once = [
      [0, 0, 0],
      [2, 0, 0],
      [1, 0x21, 5],
    ]
    expect(seen).toEqual([...once, ...once])
  })

  test('may end a frame’s way', () => {
    const { datapath, sink, does } = bed({ tracker })
    does(ct, out)
    datapath.receive(1, udp({ dst: '10.0.0.9' }))
    datapath.receive(1, udp())
    expect(sink.frames).toHaveLength(1)
    expect(datapath.counters()).toEqual([['ct_drop', 1]])
  })
})
