import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FlowKey, newKey, word } from '../../flow/layout.ts'
import { Frame } from '../../wire/frame.ts'
import { maskOf, Taker } from '../frames.testing.ts'
import { MegaflowTable } from './megaflow-table.ts'
import { MicroflowCache } from './microflow-cache.ts'
import { mostPorts, Ports } from './ports.ts'
import { compile } from './program.ts'
import { Subtable } from './subtable.ts'
import { WaitingFrames } from './waiting.ts'

const program = compile([{ type: 'output', port: 1 }])
const keyOf = (src: number, dst: number): FlowKey => {
  const key = newKey()
  key[word.ipv4Src] = src
  key[word.ipv4Dst] = dst
  return key
}

describe('a subtable', () => {
  test('is a map from masked keys to slots, whatever comes and goes', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.nat({ max: 60 })), { maxLength: 300 })
    fc.assert(
      fc.property(steps, fc.constantFrom(0xffffffff, 0x80000001, 0x7), (all, bits) => {
        const subtable = new Subtable(maskOf([word.ipv4Src, bits], word.ipv4Dst))
        const rows = new Map<string, { row: number; slot: number }>()
        let slot = 0
        for (const [add, value] of all) {
          const src = (value * 0x9e3779b1) >>> 0
          const key = keyOf(src, value % 7)
          const name = `${(src & bits) >>> 0} ${value % 7}`
          const known = rows.get(name)
          expect(subtable.find(key)).toBe(known?.slot ?? -1)
          if (add && known === undefined) {
            rows.set(name, { row: subtable.insert(key, slot), slot })
            slot++
          } else if (!add && known !== undefined) {
            subtable.remove(known.row)
            rows.delete(name)
          }
          expect(subtable.count).toBe(rows.size)
        }
        for (const [name, { row, slot: at }] of rows) {
          const [src, dst] = name.split(' ').map(Number) as [number, number]
          expect(subtable.find(keyOf(src, dst))).toBe(at)
          expect(subtable.matches(row, keyOf(src, dst))).toBe(true)
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('the megaflow table', () => {
  test('counts the words that masks look at, as masks come and go', () => {
    const table = new MegaflowTable()
    const one = table.insert(keyOf(1, 1), maskOf(word.ipv4Src), { actions: [], program })
    const two = table.insert(keyOf(1, 1), maskOf([word.ipv4Dst, 0xff]), { actions: [], program })
    expect([...table.words]).toEqual([word.ipv4Src, word.ipv4Dst])
    expect([...table.masks]).toEqual([-1, 0xff])
    table.remove(one)
    expect([...table.words]).toEqual([word.ipv4Dst])
    table.remove(two)
    expect([...table.words]).toEqual([])
    expect(table.subtables).toHaveLength(0)
  })

  test('the same mask and key is the same megaflow', () => {
    const table = new MegaflowTable()
    const mask = maskOf(word.ipv4Src)
    const slot = table.insert(keyOf(1, 1), mask, { actions: [], program })
    expect(table.insert(keyOf(1, 2), mask, { actions: [{ type: 'output', port: 9 }], program })).toBe(slot)
    expect([...table.flows()]).toMatchObject([{ flow: { actions: [{ port: 9 }] } }])
    expect(table.size).toBe(1)
  })

  test('a slot is used again, an id is not', () => {
    const table = new MegaflowTable()
    const mask = maskOf(word.ipv4Src)
    const slot = table.insert(keyOf(1, 0), mask, { actions: [], program })
    table.counts[4 * slot] = 7
    table.remove(slot)
    expect(table.matches(slot, keyOf(1, 0))).toBe(false)
    expect(table.insert(keyOf(2, 0), mask, { actions: [], program })).toBe(slot)
    expect(table.stats(slot)).toEqual({ packets: 0, bytes: 0, used: undefined, tcpFlags: 0 })
    expect([...table.flows()].map(({ id }) => id)).toEqual([2])
    expect(table.slotOf(1)).toBeUndefined()
  })

  test('grows', () => {
    const table = new MegaflowTable()
    const mask = maskOf(word.ipv4Src)
    for (let i = 0; i < 5000; i++) table.insert(keyOf(i, 0), mask, { actions: [], program })
    for (let i = 0; i < 5000; i++) expect(table.find(keyOf(i, 7))).toBe(i)
    expect(table.find(keyOf(5000, 0))).toBe(-1)
  })

  test('masks that are hit more are looked at first', () => {
    const table = new MegaflowTable()
    for (let i = 0; i < 8; i++)
      table.insert(keyOf(i, 0), maskOf([word.ipv4Src, 0xff], [word.ipv4Dst, 1 << (i + 8)]), { actions: [], program })
    for (let i = 0; i < 100; i++) table.find(keyOf(7, 0))
    const before = table.visits
    table.find(keyOf(7, 0))
    expect(table.visits - before).toBe(1)
  })
})

describe('the microflow cache', () => {
  const find = (cache: MicroflowCache, hash: number): number[] => {
    const slots: number[] = []
    const bucket = cache.bucket(hash)
    for (let at = cache.next(hash, bucket); at >= 0 && at < bucket + 16; at = cache.next(hash, at + 2)) {
      slots.push(cache.slot(at))
      if (at + 2 >= bucket + 16) break
    }
    return slots
  }

  test('remembers by hash, two of one hash too', () => {
    const cache = new MicroflowCache(64, 64)
    cache.insert(5, 0)
    cache.insert(5, 9)
    cache.insert(-5, 3)
    expect(find(cache, 5)).toEqual([0, 9])
    expect(find(cache, -5)).toEqual([3])
    expect(find(cache, 6)).toEqual([])
    cache.forget(cache.next(5, cache.bucket(5)))
    expect(find(cache, 5)).toEqual([9])
    cache.clear()
    expect(find(cache, -5)).toEqual([])
  })

  test('grows up to its limit, keeping what it has', () => {
    const cache = new MicroflowCache(2 ** 14, 64)
    const hash = (i: number): number => Math.imul(i + 1, 0x9e3779b1)
    for (let i = 0; i < 4000; i++) cache.insert(hash(i), i)
    expect(cache.capacity).toBe(8192)
    let kept = 0
    for (let i = 0; i < 4000; i++) if (find(cache, hash(i)).includes(i)) kept++
    expect(kept).toBeGreaterThan(3900)
    for (let i = 0; i < 100_000; i++) cache.insert(hash(i), i)
    expect(cache.capacity).toBe(2 ** 14)
  })

  test('a full bucket lets one go', () => {
    const cache = new MicroflowCache(8, 8)
    for (let i = 0; i < 20; i++) cache.insert(i, i)
    const kept = Array.from({ length: 20 }, (_, i) => find(cache, i)).flat()
    expect(kept).toHaveLength(8)
    expect(kept).toContain(19)
  })
})

describe('ports', () => {
  test('are at most 65,535', () => {
    const ports = new Ports()
    expect(ports.add(new Taker(), mostPorts - 1)).toBe(mostPorts - 1)
    expect(ports.add(new Taker(), mostPorts)).toBe(0)
    expect(ports.add(new Taker(), -1)).toBe(1)
  })
})

describe('waiting frames', () => {
  test('come out in order, up to the bound', () => {
    const waiting = new WaitingFrames(3)
    const frames = Array.from({ length: 8 }, () => Frame.of(14))
    const seen: (Frame | undefined)[] = []
    for (const [i, frame] of frames.entries()) {
      expect(waiting.add(frame, i, undefined, undefined)).toBe(true)
      if (i % 2 === 1) {
        seen.push(waiting.take().frame)
        if (waiting.count === 2) seen.push(waiting.take().frame)
      }
    }
    while (waiting.count > 0) seen.push(waiting.take().frame)
    expect(seen).toEqual(frames)
    for (let i = 0; i < 3; i++) waiting.add(frames[i]!, i, undefined, undefined)
    expect(waiting.add(frames[3]!, 3, undefined, undefined)).toBe(false)
    expect(waiting.take()).toMatchObject({ port: 0, hasTunnel: false })
  })
})
