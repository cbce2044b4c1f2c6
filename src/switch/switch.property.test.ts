import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FieldName } from '../flow/fields.ts'
import { matchOf } from '../flow/match.ts'
import { type OfAction, OfPort } from '../openflow/action.ts'
import { bytesOf, NaiveBridge, type NaivePacket, type NaiveRule, plain } from './naive.testing.ts'
import { Bed, hex } from './switch.testing.ts'

const few = fc.integer({ min: 0, max: 3 })
const packets: fc.Arbitrary<NaivePacket> = fc
  .record({
    in_port: fc.integer({ min: 1, max: 4 }),
    eth_src: fc.integer({ min: 1, max: 4 }),
    eth_dst: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(0xffffffffffff)),
    tag: fc.oneof(fc.constant(undefined), fc.constantFrom(0x0005, 0x6005, 0x0007, 0x2000)),
    ip_src: few,
    ip_dst: few,
    nw_ttl: fc.integer({ min: 1, max: 3 }),
    nw_tos: fc.constantFrom(0, 4, 0x20),
    udp_src: few,
    udp_dst: few,
  })
  .map(wanted => ({ ...plain, ...wanted }))

const value = (field: FieldName): fc.Arbitrary<readonly [bigint, bigint]> => {
  const exact = (values: readonly bigint[], mask: bigint) => fc.constantFrom(...values).map(v => [v, mask] as const)
  switch (field) {
    case 'in_port':
      return exact([1n, 2n, 3n], 0xffffn)
    case 'eth_src':
    case 'eth_dst':
      return fc.oneof(exact([1n, 2n, 3n], 0xffffffffffffn), fc.constant([1n, 1n] as const))
    case 'vlan_tci':
      return fc.constantFrom([0n, 0xffffn], [0x1005n, 0x1fffn], [0x1000n, 0x1000n], [0n, 0x1000n], [0x7000n, 0xf000n])
    case 'ip_src':
    case 'ip_dst':
      return fc.oneof(
        exact([0x0a000001n, 0x0a000002n], 0xffffffffn),
        fc.constantFrom([0x0a000002n, 0xfffffffen], [1n, 1n]),
      )
    case 'nw_ttl':
      return exact([1n, 2n], 0xffn)
    case 'nw_tos':
      return exact([0n, 4n], 0xffn)
    default:
      return exact([0n, 1n, 2n], field === 'udp_src' || field === 'udp_dst' ? 0xffffn : 0xffffffffn)
  }
}

const matchFields: FieldName[] = [
  'in_port',
  'eth_src',
  'eth_dst',
  'vlan_tci',
  'ip_src',
  'ip_dst',
  'nw_ttl',
  'nw_tos',
  'udp_src',
  'udp_dst',
  'reg0',
]
const matches: fc.Arbitrary<NaiveRule['match']> = fc
  .subarray(matchFields, { maxLength: 3 })
  .chain(names => fc.record(Object.fromEntries(names.map(name => [name, value(name)]))))
  .map(match => {
    const names = Object.keys(match)
    const needsIp = names.some(name => /^(ip_|nw_|udp_)/.test(name))
    const needsUdp = names.some(name => name.startsWith('udp_'))
    return {
      ...(needsIp ? { eth_type: [0x800n, 0xffffn] as const } : {}),
      ...(needsUdp ? { nw_proto: [17n, 0xffn] as const } : {}),
      ...match,
    }
  })

const set = (field: FieldName, max: bigint, mask: bigint): fc.Arbitrary<OfAction> =>
  fc.bigInt(0n, max).map(v => ({ type: 'set_field', field, value: v & mask, mask }))
const sub = (field: FieldName, start: number, count: number) => ({ field, start, count })
const actions = (table: number): fc.Arbitrary<OfAction> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 5 }).map((port): OfAction => ({ type: 'output', port })) },
    {
      weight: 2,
      arbitrary: fc
        .constantFrom(OfPort.normal, OfPort.inPort, OfPort.flood)
        .map((port): OfAction => ({ type: 'output', port })),
    },
    {
      weight: 3,
      arbitrary:
        table < 3
          ? fc
              .integer({ min: table + 1, max: 3 })
              .map((to): OfAction => ({ type: 'resubmit', port: undefined, table: to }))
          : fc.constant<OfAction>({ type: 'output', port: 1 }),
    },
    set('eth_src', 3n, 0xffffffffffffn),
    set('eth_dst', 3n, 3n),
    set('ip_dst', 3n, 0xffn),
    set('nw_ttl', 2n, 0xffn),
    set('udp_dst', 3n, 0xffffn),
    set('udp_src', 3n, 1n),
    set('reg0', 3n, 0xffffffffn),
    fc.constantFrom<OfAction>(
      { type: 'move', source: sub('eth_src', 0, 8), target: sub('reg0', 0, 8) },
      { type: 'move', source: sub('udp_src', 0, 2), target: sub('eth_dst', 0, 2) },
      { type: 'move', source: sub('reg0', 0, 4), target: sub('nw_tos', 2, 4) },
      { type: 'output_reg', source: sub('reg0', 0, 16), maxLength: 0xffff },
      { type: 'set_vlan_vid', vid: 5, push: true },
      { type: 'set_vlan_vid', vid: 7, push: true },
      { type: 'strip_vlan' },
      { type: 'dec_ttl', controllerIds: [] },
      { type: 'write_metadata', value: 1n, mask: 3n },
    ),
  )

const rules: fc.Arbitrary<NaiveRule> = fc.integer({ min: 0, max: 3 }).chain(table =>
  fc.record({
    table: fc.constant(table),
    // Equal priorities would leave the choice open.
    priority: fc.integer({ min: 1, max: 60000 }),
    match: matches,
    actions: fc.array(actions(table), { minLength: 1, maxLength: 4 }),
  }),
)

type Step = { do: 'send'; packet: NaivePacket } | { do: 'add'; rule: NaiveRule } | { do: 'delete'; index: number }
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: packets.map((p): Step => ({ do: 'send', packet: p })) },
    { weight: 2, arbitrary: rules.map((rule): Step => ({ do: 'add', rule })) },
    { weight: 1, arbitrary: fc.nat(20).map((index): Step => ({ do: 'delete', index })) },
  ),
  { minLength: 20, maxLength: 60 },
)

test('frames through the cache arrive as if each went through all tables, while tables change', () => {
  fc.assert(
    fc.property(fc.array(rules, { minLength: 2, maxLength: 14 }), steps, (first, then) => {
      const vlans = new Map<number, number | undefined>([
        [1, undefined],
        [2, undefined],
        [3, 5],
        [4, 5],
      ])
      const naive = new NaiveBridge(new Map([[OfPort.local as number, undefined], ...vlans]))
      const bed = new Bed()
      const bridge = bed.bridge('br', { failMode: 'secure' })
      const ports = [...vlans].map(([number, tag]) => bed.port(bridge, `p${number}`, { tag }, number))
      const add = (rule: NaiveRule): void => {
        if (naive.rules.some(old => old.table === rule.table && old.priority === rule.priority)) return
        naive.rules.push(rule)
        bridge.flows.add({
          table: rule.table,
          priority: rule.priority,
          match: matchOf(rule.match),
          actions: rule.actions,
        })
      }
      for (const rule of first) add(rule)
      let frames = 0
      for (const step of then) {
        if (step.do === 'add') add(step.rule)
        else if (step.do === 'delete') {
          const rule = naive.rules[step.index]
          if (rule === undefined) continue
          naive.rules.splice(step.index, 1)
          expect(
            bridge.flows.delete({
              table: rule.table,
              priority: rule.priority,
              match: matchOf(rule.match),
              strict: true,
            }),
          ).toBe(1)
        } else {
          frames++
          const wanted = naive
            .send(step.packet)
            .map(({ port, packet }) => `${port === OfPort.local ? 'br' : `p${port}`} ${hex(bytesOf(packet))}`)
          const got = bed
            .send(ports[step.packet.in_port - 1]!, bytesOf(step.packet))
            .map(sent => `${sent.port} ${sent.bytes}`)
          expect(got).toEqual(wanted)
        }
      }
      const { hit, missed } = bed.datapath.stats()
      expect(hit + missed).toBe(frames)
    }),
    { numRuns: 200 },
  )
})
