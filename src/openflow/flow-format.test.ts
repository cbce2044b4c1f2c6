import { describe, expect, test } from 'vitest'
import { matchOf } from '../flow/match.ts'
import { type FlowFormat, type FlowStats, flagNames, formatFlowStats, formatRule } from './flow-format.ts'

const flow: FlowStats = {
  table: 0,
  priority: 500,
  match: matchOf({ in_port: 1n }),
  cookie: 0n,
  actions: [{ type: 'output', port: 2 }],
  duration: 5.123,
  packets: 3,
  bytes: 222,
  idleTimeout: 0,
  hardTimeout: 0,
  importance: 0,
  idleAge: 1.9,
  hardAge: 5.123,
  flags: [],
}
const shown = (change: Partial<FlowStats>, format: FlowFormat = {}): string =>
  formatFlowStats({ ...flow, ...change }, format)

/** The lines are what `ovs-ofctl dump-flows` printed of such flows. */
describe('dump-flows', () => {
  test('plain', () => {
    expect(shown({}, { ages: true })).toBe(
      ' cookie=0x0, duration=5.123s, table=0, n_packets=3, n_bytes=222, idle_age=1, priority=500,in_port=1 actions=output:2',
    )
  })
  test('the usual priority is not told, nor is a match that fits all', () => {
    expect(shown({ priority: 0x8000, match: matchOf({}) })).toBe(
      ' cookie=0x0, duration=5.123s, table=0, n_packets=3, n_bytes=222, actions=output:2',
    )
    expect(shown({ priority: 0, match: matchOf({}), actions: [] })).toBe(
      ' cookie=0x0, duration=5.123s, table=0, n_packets=3, n_bytes=222, priority=0 actions=drop',
    )
  })
  test('timeouts, and the age of a change', () => {
    expect(shown({ idleTimeout: 4, hardTimeout: 3, hardAge: 2 }, { ages: true })).toBe(
      ' cookie=0x0, duration=5.123s, table=0, n_packets=3, n_bytes=222, idle_timeout=4, hard_timeout=3, idle_age=1, hard_age=2, priority=500,in_port=1 actions=output:2',
    )
  })
  test('flags and importance of newer versions', () => {
    expect(shown({ flags: ['send_flow_rem', 'reset_counts'], importance: 3 }, { version: 5 })).toBe(
      ' cookie=0x0, duration=5.123s, table=0, n_packets=3, n_bytes=222, send_flow_rem reset_counts importance=3, priority=500,in_port=1 actions=output:2',
    )
  })
  test('without statistics', () => {
    expect(shown({}, { noStats: true })).toBe(' priority=500,in_port=1 actions=output:2')
    expect(shown({ cookie: 3n, table: 3, idleTimeout: 100 }, { noStats: true })).toBe(
      ' cookie=0x3, table=3, idle_timeout=100, priority=500,in_port=1 actions=output:2',
    )
  })
  test('with names', () => {
    const ports = {
      number: () => undefined,
      name: (port: number) => (port === 1 ? 'p1' : port === 2 ? 'a b' : undefined),
    }
    expect(shown({}, { noStats: true, ports })).toBe(' priority=500,in_port=p1 actions=output:"a b"')
  })
})

test('rules', () => {
  expect(formatRule(matchOf({}), 0x8000)).toBe('')
  expect(formatRule(matchOf({}), 7)).toBe('priority=7')
  expect(formatRule(matchOf({ in_port: 0xfffen }), 7)).toBe('priority=7,in_port=LOCAL')
})

test('flags in the order of their bits', () => {
  const all = { sendFlowRemoved: true, checkOverlap: true, resetCounts: true, noPacketCounts: true, noByteCounts: true }
  expect(flagNames(all)).toEqual([
    'send_flow_rem',
    'check_overlap',
    'reset_counts',
    'no_packet_counts',
    'no_byte_counts',
  ])
  expect(flagNames({ ...all, checkOverlap: false, noByteCounts: false })).toEqual([
    'send_flow_rem',
    'reset_counts',
    'no_packet_counts',
  ])
})
