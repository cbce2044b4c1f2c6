import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Ip } from '../../wire/address.ts'
import { GroupRecordType } from '../../wire/group-code.ts'
import { Changes } from './changes.ts'
import { pack } from './pack.ts'
import { combine, differing, passes, type SourceFilter } from './source-filter.ts'

const sources = fc.uniqueArray(fc.integer({ min: 1, max: 9 }))
const filter = fc
  .record({ exclude: fc.boolean(), sources })
  .map(({ exclude, sources }): SourceFilter => ({ exclude, sources: new Set(sources) }))
const all = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

test('a link hears what one of its sockets hears', () => {
  fc.assert(
    fc.property(fc.array(filter), filters => {
      const both = combine(filters)
      for (const source of all) expect(passes(both, source)).toBe(filters.some(each => passes(each, source)))
    }),
  )
})

test('differing sources are those that pass one filter of two of a mode', () => {
  fc.assert(
    fc.property(filter, sources, (a, others) => {
      const b = { exclude: a.exclude, sources: new Set<Ip>(others) }
      const expected = all.filter(source => passes(a, source) !== passes(b, source))
      expect(new Set(differing(a, b))).toEqual(new Set(expected))
    }),
  )
})

/** What a router believes that a host hears, once it has heard records (RFC 3376 §6.4, without timers). */
const believed = (filter: SourceFilter, type: number, named: readonly Ip[]): SourceFilter => {
  if (type === GroupRecordType.toExclude) return { exclude: true, sources: new Set(named) }
  if (type === GroupRecordType.toInclude) return { exclude: false, sources: new Set(named) }
  const adds = (type === GroupRecordType.allow) !== filter.exclude
  const rest = [...filter.sources].filter(source => !named.includes(source))
  return { exclude: filter.exclude, sources: new Set(adds ? [...rest, ...named] : rest) }
}

test('a router that hears every report of changes knows what is heard; one that misses a report of two does too', () => {
  fc.assert(
    fc.property(fc.array(filter, { maxLength: 8 }), fc.boolean(), (filters, missesFirst) => {
      const changes = new Changes()
      let now: SourceFilter = { exclude: false, sources: new Set() }
      let router = now
      for (const next of filters) {
        changes.add(1, now, next, 2)
        now = next
        for (let report = 0; report < 2; report++)
          for (const { type, sources } of changes.take(() => now))
            if (report === 1 || !missesFirst) router = believed(router, type, sources)
        expect(changes.isEmpty).toBe(true)
        expect(router.exclude).toBe(now.exclude)
        expect([...router.sources].sort()).toEqual([...now.sources].sort())
      }
    }),
  )
})

const record = fc.record({
  type: fc.integer({ min: 1, max: 6 }),
  group: fc.oneof(fc.constant(0xef010101), fc.constant((0xff15n << 112n) | 1n)),
  sources: fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 60 }),
})

test('packed records fit, and lose no source but those that are excluded beyond one message', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 12 }), fc.integer({ min: 60, max: 400 }), (records, room) => {
      const messages = pack(records, room)
      const size = ({ group, sources }: { group: Ip; sources: readonly Ip[] }): number =>
        typeof group === 'bigint' ? 20 + 16 * sources.length : 8 + 4 * sources.length
      for (const message of messages) {
        expect(message.length).toBeGreaterThan(0)
        expect(message.reduce((sum, each) => sum + size(each), 0)).toBeLessThanOrEqual(room)
      }
      const flat = messages.flat()
      const whole = (type: number): boolean => type === 2 || type === 4
      expect(flat.filter(({ type }) => whole(type))).toHaveLength(records.filter(({ type }) => whole(type)).length)
      const named = (list: readonly { type: number; sources: readonly Ip[] }[]): Ip[] =>
        list.filter(({ type }) => !whole(type)).flatMap(each => each.sources)
      expect(named(flat)).toEqual(named(records))
    }),
  )
})
