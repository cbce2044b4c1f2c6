import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { second, seeded, VirtualClock } from '../runtime/index.ts'
import { type Fragment, Reassembly } from './reassembly.ts'

const header = new Uint8Array([0x45])
const piece = (offset: number, size: number, more: boolean, fill = 1): Fragment => ({
  offset,
  more,
  bytes: new Uint8Array(size).fill(fill),
  header,
})
const make = (limit = 1 << 20) => {
  const clock = new VirtualClock()
  return { clock, reassembly: new Reassembly(clock, 30, limit) }
}

describe('reassembly', () => {
  test('gives the whole from fragments in any order, with copies among them', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(sizes, fc.integer(), fc.integer({ min: 1, max: 8 }), (words, seed, tail) => {
        const { reassembly } = make()
        const total = words.reduce((sum, n) => sum + 8 * n, tail)
        const whole = Uint8Array.from({ length: total }, (_, i) => i * 7)
        const pieces: Fragment[] = []
        let at = 0
        for (const size of [...words.map(n => 8 * n), tail]) {
          pieces.push({ offset: at, more: at + size < total, bytes: whole.slice(at, at + size), header })
          at += size
        }
        const random = seeded(seed >>> 0)
        const shuffled = pieces.map(p => ({ p, order: random() })).sort((a, b) => a.order - b.order)
        let results = 0
        for (const { p } of shuffled) {
          const result = reassembly.add('k', p)
          if (result.kind === 'whole') {
            results++
            expect(result.payload).toEqual(whole)
          } else {
            expect(result.kind).toBe('waiting')
            // The same once more changes nothing.
            expect(reassembly.add('k', p).kind).toBe('waiting')
          }
        }
        expect(results).toBe(1)
        expect(reassembly.size).toBe(0)
      }),
      { numRuns: 50 },
    )
  })

  test('of two packets at once keeps them apart', () => {
    const { reassembly } = make()
    reassembly.add('a', piece(0, 8, true, 1))
    reassembly.add('b', piece(0, 8, true, 2))
    const a = reassembly.add('a', piece(8, 8, false, 1))
    expect(a.kind === 'whole' && [...a.payload].every(byte => byte === 1)).toBe(true)
  })

  test('ends a packet whose fragments overlap', () => {
    const { reassembly } = make()
    reassembly.add('k', piece(0, 16, true))
    expect(reassembly.add('k', piece(8, 16, true))).toEqual({ kind: 'dropped', why: 'overlap' })
    expect(reassembly.size).toBe(0)
    expect(reassembly.add('k', piece(16, 8, false)).kind).toBe('waiting')
  })

  test.each([
    ['a size that is no multiple of eight', [piece(0, 9, true)]],
    ['no bytes at all', [piece(0, 0, true)]],
    ['an end beyond 65,535', [piece(65528, 16, false)]],
    ['two different ends', [piece(16, 8, false), piece(24, 8, false)]],
    ['bytes behind the end', [piece(16, 8, false), piece(32, 8, true)]],
  ])('refuses %s', (_, pieces) => {
    const { reassembly } = make()
    expect(pieces.map(p => reassembly.add('k', p)).at(-1)).toEqual({ kind: 'dropped', why: 'size' })
    expect(reassembly.size).toBe(0)
  })

  test('gives up after its time, and hands back the first fragment', () => {
    const { clock, reassembly } = make()
    const timeouts: (number | undefined)[] = []
    reassembly.onTimeout = first => timeouts.push(first?.bytes.length)
    reassembly.add('with', piece(0, 8, true))
    reassembly.add('without', piece(8, 8, true))
    clock.runUntil(30 * second - 1)
    expect(timeouts).toEqual([])
    clock.runUntil(30 * second)
    expect(timeouts).toEqual([8, undefined])
    expect(reassembly.size).toBe(0)
    expect(clock.pending).toBe(0)
  })

  test('holds no more than its limit, whatever comes', () => {
    const { reassembly } = make(10_000)
    for (let i = 0; i < 1000; i++) reassembly.add(`k${i}`, piece(0, 1480, true))
    expect(reassembly.size).toBeLessThanOrEqual(10_000)
    expect(reassembly.add('more', piece(0, 1480, true))).toEqual({ kind: 'dropped', why: 'memory' })
  })

  test('keeps its own copy of the bytes', () => {
    const { reassembly } = make()
    const first = piece(0, 8, true, 1)
    reassembly.add('k', first)
    first.bytes.fill(9)
    const whole = reassembly.add('k', piece(8, 8, false, 1))
    expect(whole.kind === 'whole' && whole.payload[0]).toBe(1)
  })
})
