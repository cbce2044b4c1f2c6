/** Our TCP and the kernel's, in both roles and every weather: exactly the bytes arrive, and tshark finds nothing wrong. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hasTaps } from './tap-host.testing.ts'
import { fine, Pairing, whole } from './tcp-kernel.testing.ts'

describe.runIf(hasTaps())('with the TCP of the kernel', () => {
  let pair: Pairing
  let before: Record<string, number>
  const counted = (name: string): number => pair.host.counters.get(name) - (before[name] ?? 0)

  beforeAll(async () => {
    pair = await Pairing.make('tcp')
  })
  afterAll(() => pair.close())
  beforeEach(() => {
    before = Object.fromEntries(pair.host.counters.entries())
  })

  /** What no exchange may have, whatever the path does. */
  const wrong = (): string[] =>
    Object.keys(pair.expert()).filter(text => /checksum|malformed|ACKed unseen|overlap/i.test(text))

  for (const role of ['listen', 'connect'] as const)
    for (const six of [false, true])
      test(`a megabyte each way, the kernel ${role}s, IPv${six ? 6 : 4}`, async () => {
        pair.forecast(fine)
        const { kernel, ours } = await pair.talk(role, { send: 1_000_000 }, { send: 1_100_000 }, six)
        expect(ours).toEqual(whole(1_000_000))
        expect(kernel).toEqual(whole(1_100_000))
        expect(wrong()).toEqual([])
        expect(counted('Tcp.InErrs')).toBe(0)
        // A machine that stands still for a while makes a timer run out; nothing else may be sent twice here.
        if (counted('TcpExt.TCPTimeouts') === 0) expect(counted('Tcp.RetransSegs')).toBe(0)
      })

  for (const [name, weather] of Object.entries({
    'loses one in a hundred': { seed: 2, loss: 0.01, late: 0, delay: 2 },
    'loses one in twenty': { seed: 3, loss: 0.05, late: 0, delay: 2 },
    'loses one in ten': { seed: 4, loss: 0.1, late: 0, delay: 2 },
    'changes the order': { seed: 5, loss: 0, late: 0.1, delay: 5 },
    'loses and changes the order': { seed: 6, loss: 0.02, late: 0.05, delay: 5 },
  }))
    for (const role of ['listen', 'connect'] as const)
      test(`on a path that ${name}, the kernel ${role}s`, async () => {
        pair.forecast(weather)
        const { kernel, ours } = await pair.talk(role, { send: 250_000 }, { send: 250_000 })
        expect(ours).toEqual(whole(250_000))
        expect(kernel).toEqual(whole(250_000))
        if (weather.loss > 0) expect(counted('Tcp.RetransSegs')).toBeGreaterThan(0)
      })

  for (const role of ['listen', 'connect'] as const) {
    test(`through windows of two segments, the kernel ${role}s`, async () => {
      pair.forecast(fine)
      const { kernel, ours } = await pair.talk(role, { send: 40_000, receive: 2304 }, { send: 40_000, receive: 2000 })
      expect(ours).toEqual(whole(40_000))
      expect(kernel).toEqual(whole(40_000))
      expect(wrong()).toEqual([])
    })

    test(`half closed: who closed first still reads, the kernel ${role}s`, async () => {
      pair.forecast(fine)
      const first = await pair.talk(role, { send: 1000, last: true }, { send: 1000 })
      expect(first).toEqual({ kernel: whole(1000), ours: whole(1000) })
      const second = await pair.talk(role, { send: 300_000 }, { send: 300_000, last: true })
      expect(second).toEqual({ kernel: whole(300_000), ours: whole(300_000) })
      expect(wrong()).toEqual([])
    })

    test(`a reader who sleeps closes the window, which is probed, the kernel ${role}s`, async () => {
      pair.forecast(fine)
      const { kernel } = await pair.talk(role, { send: 0, receive: 5000, asleep: 1500 }, { send: 60_000 })
      expect(kernel).toEqual(whole(60_000))
      expect(counted('TcpExt.TCPWinProbe')).toBeGreaterThan(0)
      pair.forecast(fine)
      const { ours } = await pair.talk(role, { send: 60_000 }, { send: 0, receive: 5000, asleep: 1500 })
      expect(ours).toEqual(whole(60_000))
      expect(pair.expert()).toHaveProperty(['TCP Zero Window segment'])
    })
  }

  test('simultaneous open: two SYNs meet on the way', async () => {
    pair.forecast({ ...fine, delay: 40 })
    const result = await pair.talk('meet', { send: 5000 }, { send: 6000 })
    expect(result).toEqual({ kernel: whole(6000), ours: whole(5000) })
    expect(wrong()).toEqual([])
  })

  test('simultaneous close: two FINs meet on the way', async () => {
    pair.forecast({ ...fine, delay: 60 })
    const result = await pair.talk('listen', { send: 10 }, { send: 10 })
    expect(result).toEqual({ kernel: whole(10), ours: whole(10) })
    expect(counted('Tcp.OutRsts')).toBe(0)
  })
})
