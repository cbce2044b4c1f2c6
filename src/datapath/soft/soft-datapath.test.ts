import { describe, expect, test } from 'vitest'
import { word } from '../../flow/layout.ts'
import { VirtualClock } from '../../runtime/index.ts'
import { datapathContract } from '../contract.testing.ts'
import { doubtContract } from '../doubt-contract.testing.ts'
import { maskOf, portMask, setOf, Taker, udp } from '../frames.testing.ts'
import { SoftDatapath } from './soft-datapath.ts'

datapathContract('soft', () => new SoftDatapath({ clock: new VirtualClock() }))
doubtContract('soft', () => new SoftDatapath({ clock: new VirtualClock() }))

const soft = (options: Partial<ConstructorParameters<typeof SoftDatapath>[0]> = {}) => {
  const clock = new VirtualClock()
  const datapath = new SoftDatapath({ clock, ...options })
  const sink = new Taker()
  datapath.addPort(new Taker(), 1)
  datapath.addPort(sink, 2)
  return { clock, datapath, sink }
}

describe('soft', () => {
  test('notes the time of the last use', () => {
    const { clock, datapath } = soft()
    datapath.onMiss(() => ({ mask: portMask(), actions: [{ type: 'output', port: 2 }], install: true }))
    datapath.receive(1, udp())
    clock.runUntil(5000)
    datapath.receive(1, udp())
    expect([...datapath.flows()][0]?.stats.used).toBe(5000)
  })

  test('remembers microflows, and searches masks only for new ones', () => {
    const { datapath } = soft()
    const mask = maskOf(word.inPort, word.recircId, [word.transport, 0xffff])
    datapath.onMiss(() => ({ mask, actions: [{ type: 'output', port: 2 }], install: true }))
    for (let i = 0; i < 10; i++) datapath.receive(1, udp({ ports: [i, 7] }))
    // The source port is in no mask, so all ten are one microflow: one miss, one search, then the cache.
    expect(datapath.stats()).toMatchObject({ missed: 1, hit: 9, cacheHits: 8 })
  })

  test('carries out decisions beyond the flow limit without keeping them', () => {
    const { datapath, sink } = soft({ flowLimit: 2 })
    const mask = maskOf(word.inPort, word.recircId, word.ipv4Dst)
    datapath.onMiss(() => ({ mask, actions: [{ type: 'output', port: 2 }], install: true }))
    for (let i = 1; i < 6; i++) datapath.receive(1, udp({ dst: `10.0.0.${i}` }))
    expect(datapath.stats().flows).toBe(2)
    expect(sink.frames).toHaveLength(5)
  })

  test('counts TCP flags where masks look that far', () => {
    const { datapath } = soft()
    datapath.onMiss(() => ({
      mask: maskOf(word.inPort, word.recircId, word.transport),
      actions: [{ type: 'output', port: 2 }],
      install: true,
    }))
    for (const flags of [0x02, 0x10]) {
      const frame = udp({ payload: 40 })
      frame.bytes[frame.start + 23] = 6
      frame.bytes[frame.start + 46] = 0x50
      frame.bytes[frame.start + 47] = flags
      datapath.receive(1, frame)
      if (flags === 0x02) datapath.receive(1, frame.copy())
    }
    expect([...datapath.flows()][0]?.stats.tcpFlags).toBe(0x12)
  })

  test('writes IPv6 where the type says so, whatever version the header has', () => {
    const { datapath, sink } = soft()
    const frame = udp({ src: 'fd00::1', dst: 'fd00::2' })
    frame.bytes[frame.start + 14] = 0xc0
    datapath.execute(frame, 1, [setOf([word.ipv6Src + 3, 9]), { type: 'output', port: 2 }])
    expect(sink.frames[0]?.content()[14 + 23]).toBe(9)
  })

  test('refuses to install what it cannot set', () => {
    const { datapath } = soft()
    const set = { type: 'set' as const, key: [[word.regs, 1]] as const, mask: [[word.regs, 1]] as const }
    expect(() => datapath.execute(udp(), 1, [set, { type: 'output', port: 2 }])).toThrow('cannot set word')
    // A mistake of the caller leaves the datapath at work.
    datapath.execute(udp(), 1, [{ type: 'output', port: 2 }])
    expect(datapath.portStats(2)?.txPackets).toBe(1)
  })

  test('says once that there is no connection tracking', () => {
    const log: string[] = []
    const { datapath } = soft({ log: text => log.push(text) })
    const ct = { type: 'ct', commit: false, force: false, zone: 1 } as const
    const rest = { mark: undefined, label: undefined, helper: undefined, nat: undefined }
    datapath.onMiss(() => ({ mask: portMask(), actions: [{ ...ct, ...rest }], install: true }))
    for (let i = 0; i < 3; i++) datapath.receive(1, udp())
    expect(log).toEqual(['There is no connection tracking yet: frames that a flow sends through ct are dropped.'])
    expect(datapath.counters()).toEqual([['ct_not_there', 3]])
  })
})
