import { describe, expect, test } from 'vitest'
import { millisecond, second, seeded, VirtualClock } from '../../runtime/index.ts'
import { formatIp, type Ip, parseIp } from '../../wire/address.ts'
import { type GroupQuery, Reporter, type Version } from './reporter.ts'
import { everySource, noSource, type SourceFilter } from './source-filter.ts'

const ip = (text: string): Ip => parseIp(text) as Ip
const [first, another] = [ip('239.1.1.1'), ip('239.2.2.2')]
const include = (...sources: string[]): SourceFilter => ({ exclude: false, sources: new Set(sources.map(ip)) })
const exclude = (...sources: string[]): SourceFilter => ({ exclude: true, sources: new Set(sources.map(ip)) })
const kinds = ['', 'IS_IN', 'IS_EX', 'TO_IN', 'TO_EX', 'ALLOW', 'BLOCK']

/** A reporter and what it has sent, each line with its second. */
const host = (forced: Version | 0 = 0) => {
  const clock = new VirtualClock()
  const filters = new Map<Ip, SourceFilter>()
  const times: number[] = []
  const said: string[] = []
  const reporter = new Reporter({
    clock,
    random: seeded(1),
    send: message => {
      times.push(clock.now())
      said.push(
        message.kind === 'records'
          ? message.records
              .map(({ type, group, sources }) => `${kinds[type]} ${formatIp(group)}{${sources.map(formatIp).join()}}`)
              .join(' ')
          : `${message.kind}${message.kind === 'report' ? message.version : ''} ${formatIp(message.group)}`,
      )
    },
    groups: () => [...filters.keys()].reverse(),
    filterOf: group => filters.get(group) ?? noSource,
    robustness: () => 2,
    forced: () => forced,
  })
  const set = (group: Ip, filter: SourceFilter): void => {
    const before = filters.get(group) ?? noSource
    if (filter === noSource) filters.delete(group)
    else filters.set(group, filter)
    reporter.changed(group, before, filter)
  }
  const pass = (seconds: number): string[] => {
    clock.runUntil(clock.now() + seconds * second)
    return said.splice(0)
  }
  const ask = (query: Partial<GroupQuery> = {}): void =>
    reporter.query({
      version: 3,
      group: undefined,
      sources: [],
      maxResponse: 10 * second,
      robustness: 2,
      interval: 125 * second,
      ...query,
    })
  return { clock, reporter, set, pass, ask, times }
}

describe('changes', () => {
  test('of mode are told twice, the second time within a second', () => {
    const { set, pass, times } = host()
    set(first, everySource)
    expect(pass(5)).toEqual(['TO_EX 239.1.1.1{}', 'TO_EX 239.1.1.1{}'])
    expect(times[0]).toBeLessThan(20 * millisecond)
    expect((times[1] as number) - (times[0] as number)).toBeLessThanOrEqual(second)
    set(first, noSource)
    expect(pass(5)).toEqual(['TO_IN 239.1.1.1{}', 'TO_IN 239.1.1.1{}'])
  })

  test('of one moment go in one report', () => {
    const { set, pass } = host()
    set(first, everySource)
    set(another, include('10.0.0.9'))
    const both = 'TO_EX 239.1.1.1{} ALLOW 239.2.2.2{10.0.0.9}'
    expect(pass(5)).toEqual([both, both])
  })

  test('of sources name those that changed', () => {
    const { set, pass } = host()
    set(first, include('10.0.0.9'))
    expect(pass(5)).toEqual(Array(2).fill('ALLOW 239.1.1.1{10.0.0.9}'))
    set(first, include('10.0.0.8'))
    expect(pass(5)).toEqual(Array(2).fill('ALLOW 239.1.1.1{10.0.0.8} BLOCK 239.1.1.1{10.0.0.9}'))
    set(first, exclude('10.0.0.7'))
    expect(pass(5)).toEqual(Array(2).fill('TO_EX 239.1.1.1{10.0.0.7}'))
    set(first, exclude('10.0.0.6'))
    expect(pass(5)).toEqual(Array(2).fill('ALLOW 239.1.1.1{10.0.0.7} BLOCK 239.1.1.1{10.0.0.6}'))
    set(first, include('10.0.0.5'))
    expect(pass(5)).toEqual(Array(2).fill('TO_IN 239.1.1.1{10.0.0.5}'))
    set(first, noSource)
    expect(pass(5)).toEqual(Array(2).fill('BLOCK 239.1.1.1{10.0.0.5}'))
  })

  test('that are taken back before they are told twice say what is true at last', () => {
    const { set, pass } = host()
    set(first, everySource)
    set(first, noSource)
    expect(pass(5)).toEqual(Array(2).fill('TO_IN 239.1.1.1{}'))
  })

  test('that are none are not told', () => {
    const { set, pass } = host()
    set(first, everySource)
    pass(5)
    set(first, exclude())
    expect(pass(5)).toEqual([])
  })

  test('are told as often as a router wants', () => {
    const { set, pass, ask } = host()
    ask({ robustness: 4 })
    set(first, everySource)
    expect(pass(1)).toContain('TO_EX 239.1.1.1{}')
    const { set: again, pass: wait, ask: query } = host()
    query({ robustness: 4, maxResponse: 0 })
    wait(1)
    again(first, everySource)
    expect(wait(9)).toHaveLength(4)
  })
})

describe('a question', () => {
  const joined = () => {
    const it = host()
    it.set(first, everySource)
    it.set(another, include('10.0.0.8', '10.0.0.9'))
    it.pass(5)
    it.times.splice(0)
    return it
  }

  test('for all groups has one answer, in time', () => {
    const { pass, ask, times, clock } = joined()
    const start = clock.now()
    ask({ maxResponse: 3 * second })
    ask({ maxResponse: 3 * second })
    expect(pass(3)).toEqual(['IS_IN 239.2.2.2{10.0.0.8,10.0.0.9} IS_EX 239.1.1.1{}'])
    expect((times[0] as number) - start).toBeGreaterThan(0)
    expect(pass(30)).toEqual([])
  })

  test('for one group, and for one of none', () => {
    const { pass, ask } = joined()
    ask({ group: first, maxResponse: second })
    ask({ group: ip('239.3.3.3'), maxResponse: second })
    expect(pass(1)).toEqual(['IS_EX 239.1.1.1{}'])
  })

  test('for sources names those of them that are heard', () => {
    const { pass, ask, set } = joined()
    ask({ group: another, sources: [ip('10.0.0.9'), ip('10.0.0.1')], maxResponse: second })
    expect(pass(1)).toEqual(['IS_IN 239.2.2.2{10.0.0.9}'])
    ask({ group: another, sources: [ip('10.0.0.1')], maxResponse: second })
    expect(pass(1)).toEqual([])
    // Two questions are answered together; one for all swallows the rest.
    ask({ group: another, sources: [ip('10.0.0.9')], maxResponse: second })
    ask({ group: another, sources: [ip('10.0.0.8')], maxResponse: second })
    expect(pass(1)).toEqual(['IS_IN 239.2.2.2{10.0.0.8,10.0.0.9}'])
    ask({ group: another, maxResponse: second })
    ask({ group: another, sources: [ip('10.0.0.8')], maxResponse: second })
    expect(pass(1)).toEqual(['IS_IN 239.2.2.2{10.0.0.8,10.0.0.9}'])
    set(first, exclude('10.0.0.1'))
    pass(5)
    ask({ group: first, sources: [ip('10.0.0.1')], maxResponse: second })
    expect(pass(1)).toEqual([])
    ask({ group: first, sources: [ip('10.0.0.1'), ip('10.0.0.2')], maxResponse: second })
    expect(pass(1)).toEqual(['IS_EX 239.1.1.1{10.0.0.1}'])
  })

  test('with sources and no group is none', () => {
    const { pass, ask } = joined()
    ask({ sources: [ip('10.0.0.9')] })
    expect(pass(20)).toEqual([])
  })

  test('is not answered for a group that was left meanwhile', () => {
    const { pass, ask, set } = joined()
    ask({ group: first })
    set(first, noSource)
    expect(pass(20)).toEqual(Array(2).fill('TO_IN 239.1.1.1{}'))
  })

  test('is not answered once the link is down', () => {
    const { pass, ask, set, reporter } = joined()
    ask()
    ask({ group: first })
    set(first, exclude('10.0.0.1'))
    reporter.stop()
    expect(pass(30)).toEqual([])
  })
})

describe('older routers', () => {
  test('of version 2 hear reports of one group, twice, and a leave', () => {
    const { pass, ask, set, times, clock, reporter } = host()
    ask({ version: 2 })
    expect(reporter.version).toBe(2)
    const start = clock.now()
    set(first, everySource)
    expect(pass(20)).toEqual(['report2 239.1.1.1', 'report2 239.1.1.1'])
    expect(times[0]).toBe(start)
    expect((times[1] as number) - start).toBeLessThanOrEqual(10 * second)
    set(first, noSource)
    expect(pass(20)).toEqual(['leave 239.1.1.1'])
  })

  test('of version 1 hear of no leaving, and have ten seconds', () => {
    const { pass, ask, set, times, clock } = host()
    set(first, everySource)
    pass(5)
    times.splice(0)
    const start = clock.now()
    ask({ version: 1, maxResponse: 0 })
    expect(pass(10)).toEqual(['report1 239.1.1.1'])
    expect((times[0] as number) - start).toBeGreaterThan(0)
    set(first, noSource)
    expect(pass(20)).toEqual([])
  })

  test('end what version 3 was about to say', () => {
    const { pass, ask, set } = host()
    ask()
    set(first, everySource)
    ask({ version: 2, group: another })
    expect(pass(20)).toEqual([])
  })

  test("are forgotten when they have not asked for robustness times interval and a response's time", () => {
    const { pass, ask, reporter } = host()
    ask({ robustness: 3, interval: 20 * second })
    ask({ version: 2, maxResponse: 4 * second })
    pass(63)
    expect(reporter.version).toBe(2)
    pass(2)
    expect(reporter.version).toBe(3)
    ask({ version: 1, maxResponse: 0 })
    ask({ version: 2 })
    expect(reporter.version).toBe(1)
  })

  test("another host's report spares ours, and the leave", () => {
    const { pass, ask, set, reporter } = host()
    set(first, everySource)
    pass(5)
    ask({ version: 2 })
    reporter.heard(first)
    reporter.heard(another)
    expect(pass(20)).toEqual([])
    set(first, noSource)
    expect(pass(20)).toEqual([])
  })

  test('a version that is forced is spoken whatever routers speak', () => {
    const { pass, set, ask } = host(2)
    set(first, everySource)
    expect(pass(20)).toEqual(['report2 239.1.1.1', 'report2 239.1.1.1'])
    ask()
    expect(pass(20)).toEqual(['report2 239.1.1.1'])
    const newer = host(3)
    newer.ask({ version: 2 })
    expect(newer.reporter.version).toBe(3)
  })
})

test('who has joined nothing says nothing, and waits for nothing', () => {
  const { ask, pass, reporter, clock } = host()
  ask({ version: 2 })
  ask({ group: first })
  reporter.heard(first)
  expect(pass(300)).toEqual([])
  expect(clock.now()).toBe(300 * second)
})
