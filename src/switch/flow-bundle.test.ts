import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { word } from '../flow/layout.ts'
import { matchOf, newMatch } from '../flow/match.ts'
import { formatMatch } from '../flow/match-text.ts'
import { OfBucket, OfGroup } from '../openflow/group.ts'
import { second } from '../runtime/clock.ts'
import { bucket, flowMod, groupMod, output, Stores, toGroup } from './bridge-stores.testing.ts'
import { type BundleMod, Bundles } from './flow-bundle.ts'

const flow = (change: Parameters<typeof flowMod>[0]): { mod: BundleMod } => ({
  mod: { type: 'flow_mod', mod: flowMod(change) },
})
const group = (change: Parameters<typeof groupMod>[0]): { mod: BundleMod } => ({
  mod: { type: 'group_mod', mod: groupMod(change) },
})

/** All that a bundle could change, as text. */
const stateOf = ({ bridge }: Stores): string[] => [
  ...bridge.flows
    .dump()
    .map(({ table, priority, match, actions, cookie, packets, modified, importance, removed }) =>
      [
        table,
        priority,
        formatMatch(match),
        JSON.stringify(actions),
        cookie,
        packets,
        modified,
        importance,
        removed,
      ].join(),
    )
    .sort(),
  ...bridge.groups
    .list()
    .map(({ id, type, buckets, references, users }) =>
      [id, type, buckets.map(b => `${b.id}:${JSON.stringify(b.actions)}`), references, users.size].join(),
    ),
  `${bridge.flows.nextExpiry()} ${bridge.flows.size} ${bridge.table(1)?.size}`,
]

const port = fc.integer({ min: 1, max: 3 })
const match = fc.constantFrom(
  newMatch(),
  matchOf({ in_port: 1n }),
  matchOf({ in_port: 2n }),
  matchOf({ eth_type: 0x800n }),
)
const actions = fc.oneof(
  port.map(n => [output(n)]),
  port.map(n => [toGroup(n)]),
  port.map(n => [output(1), { type: 'write_actions' as const, actions: [toGroup(n)] }]),
)
const anyFlow = fc
  .record({
    command: fc.constantFrom('add', 'add', 'add', 'modify', 'modify_strict', 'delete', 'delete_strict'),
    table: fc.constantFrom(0, 0, 1),
    priority: port,
    match,
    actions,
    newCookie: fc.constantFrom(undefined, 1n, 2n),
    cookie: fc.constant(1n),
    cookieMask: fc.constantFrom(0n, 0n, 1n),
    hardTimeout: fc.constantFrom(0, 0, 10, 20),
    importance: fc.nat(2),
    checkOverlap: fc.constantFrom(false, false, false, true),
    resetCounts: fc.boolean(),
  } as const)
  .map(change => flow(change))
const anyGroup = fc
  .record({
    command: fc.constantFrom('add', 'add', 'modify', 'add_or_mod', 'delete', 'insert_bucket', 'remove_bucket'),
    group: fc.constantFrom(1, 2, 3, 3, OfGroup.all),
    commandBucket: fc.constantFrom(OfBucket.first, OfBucket.last, 1),
    buckets: fc.uniqueArray(fc.nat(5), { maxLength: 3 }).map(ids => ids.map(id => bucket([output(id)], id))),
  } as const)
  .filter(({ group: id, command }) => id <= OfGroup.max || command === 'delete')
  .map(change => group(change))
const mods = fc.array(fc.oneof({ weight: 3, arbitrary: anyFlow }, { weight: 1, arbitrary: anyGroup }), {
  maxLength: 20,
})

describe('all or nothing', () => {
  const prepared = (before: readonly { mod: BundleMod }[]): Stores => {
    const stores = new Stores()
    stores.bridge.flows.configureTable(1, { limit: 3, evictBy: [] })
    for (const each of before) stores.bridge.commit([each])
    for (const rule of stores.bridge.flows.dump()) rule.packets = rule.priority
    stores.time = second
    stores.told = []
    return stores
  }

  test('a bundle does what its messages do one after another; with a refusal among them, nothing', () => {
    fc.assert(
      fc.property(mods, mods, (before, bundle) => {
        const together = prepared(before)
        const single = prepared(before)
        const untouched = stateOf(together)
        expect(stateOf(single)).toEqual(untouched)
        let refused: { index: number; error: unknown } | undefined
        for (const [index, entry] of bundle.entries()) {
          const error = single.bridge.commit([entry])?.error
          if (error === undefined) continue
          refused = { index, error }
          break
        }
        const result = together.bridge.commit(bundle)
        if (refused === undefined) {
          expect(result).toBeUndefined()
          expect(stateOf(together)).toEqual(stateOf(single))
        } else {
          expect(result).toEqual({ entry: bundle[refused.index], error: refused.error })
          expect(stateOf(together)).toEqual(untouched)
          expect(together.told).toEqual([])
        }
      }),
      { numRuns: 300 },
    )
  })

  test('what a bundle did is told when it is done, in order; of one that was refused nothing is told', () => {
    const stores = new Stores()
    stores.bridge.commit([flow({ priority: 1, sendFlowRemoved: true }), flow({ priority: 2, sendFlowRemoved: true })])
    const gone = flow({ command: 'delete' })
    expect(stores.bridge.commit([gone, flow({ actions: [toGroup(5)] })])?.error).toBe('OFPBAC_BAD_OUT_GROUP')
    expect([stores.told, stores.priorities()]).toEqual([[], [1, 2]])
    stores.bridge.commit([gone, flow({ priority: 7 })])
    expect([stores.told.sort(), stores.priorities()]).toEqual([['1 delete', '2 delete'], [7]])
  })

  test('ports are put back; packets leave only when all is done, after being worked out in their place', () => {
    const { bridge } = new Stores()
    const said: string[] = []
    const say = (text: string) => () => void said.push(text)
    const down = (): (() => void) => {
      said.push('down')
      return say('up again')
    }
    const look = (): (() => void) => {
      said.push(`seen ${bridge.flows.size}`)
      return say('sent')
    }
    const portMod: { mod: BundleMod } = { mod: { type: 'port_mod', apply: down } }
    const packet: { mod: BundleMod } = { mod: { type: 'packet_out', prepare: look } }
    const bad: { mod: BundleMod } = { mod: { type: 'packet_out', prepare: () => 'OFPBRC_BAD_PORT' } }
    expect(bridge.commit([portMod, packet, bad])).toEqual({ entry: bad, error: 'OFPBRC_BAD_PORT' })
    expect(said.splice(0)).toEqual(['down', 'seen 0', 'up again'])
    bridge.commit([packet, flow({}), packet, portMod])
    expect(said.splice(0)).toEqual(['seen 0', 'seen 1', 'down', 'sent', 'sent'])
    const worse: { mod: BundleMod } = { mod: { type: 'port_mod', apply: () => 'OFPPMFC_BAD_PORT' } }
    expect(bridge.commit([flow({ command: 'delete' }), worse])?.error).toBe('OFPPMFC_BAD_PORT')
    expect(bridge.flows.size).toBe(1)
  })

  test('many flows are replaced, or not, without copying tables', () => {
    const { bridge } = new Stores()
    const count = 20000
    const many = Array.from({ length: count }, (_, i) => {
      const match = newMatch()
      match.mask[word.regs] = 0xffffffff
      match.key[word.regs] = i
      return flow({ match })
    })
    expect(bridge.commit(many)).toBeUndefined()
    const replace = [flow({ command: 'delete' }), ...many]
    expect(bridge.commit([...replace, flow({ actions: [toGroup(9)] })])?.error).toBe('OFPBAC_BAD_OUT_GROUP')
    expect(bridge.flows.size).toBe(count)
    expect(bridge.commit(replace)).toBeUndefined()
    expect(bridge.flows.size).toBe(count)
  }, 20000)
})

describe('filling bundles', () => {
  test('open, add, close, commit', () => {
    const bundles = new Bundles<string>()
    expect(bundles.open(1, 3, 0)).toBeUndefined()
    expect(bundles.add(1, 3, 'a', 0)).toBeUndefined()
    expect(bundles.add(1, 3, 'b', 0)).toBeUndefined()
    expect(bundles.close(1, 3, 0)).toBeUndefined()
    expect(bundles.take(1, 3)).toEqual(['a', 'b'])
    expect(bundles.take(1, 3)).toBe('OFPBFC_BAD_ID')
  })
  test('the first message opens one, and a bundle that is not closed can be committed', () => {
    const bundles = new Bundles<string>()
    expect(bundles.add(1, 1, 'a', 0)).toBeUndefined()
    expect(bundles.take(1, 1)).toEqual(['a'])
  })
  test('mistakes discard the bundle', () => {
    const bundles = new Bundles<string>()
    const opened = (): void => void bundles.open(1, 1, 0)
    opened()
    expect([bundles.open(1, 1, 0), bundles.size]).toEqual(['OFPBFC_BAD_ID', 0])
    opened()
    expect([bundles.add(1, 2, 'a', 0), bundles.size]).toEqual(['OFPBFC_BAD_FLAGS', 0])
    opened()
    bundles.close(1, 1, 0)
    expect([bundles.add(1, 1, 'a', 0), bundles.size]).toEqual(['OFPBFC_BUNDLE_CLOSED', 0])
    opened()
    bundles.close(1, 1, 0)
    expect([bundles.close(1, 1, 0), bundles.size]).toEqual(['OFPBFC_BUNDLE_CLOSED', 0])
    opened()
    expect([bundles.close(1, 2, 0), bundles.size]).toEqual(['OFPBFC_BAD_FLAGS', 0])
    opened()
    expect([bundles.take(1, 2), bundles.size]).toEqual(['OFPBFC_BAD_FLAGS', 0])
    expect([bundles.close(7, 1, 0), bundles.discard(7)]).toEqual(['OFPBFC_BAD_ID', 'OFPBFC_BAD_ID'])
    opened()
    expect([bundles.discard(1), bundles.size]).toEqual([undefined, 0])
  })
  test('one that nobody touches for long goes', () => {
    const bundles = new Bundles<string>()
    bundles.open(1, 1, 0)
    bundles.open(2, 1, 4 * second)
    bundles.add(1, 1, 'a', 6 * second)
    expect(bundles.nextExpiry()).toBe(14 * second)
    expect(bundles.expire(14 * second)).toEqual([2])
    expect([bundles.expire(15 * second), bundles.nextExpiry()]).toEqual([[], 16 * second])
  })
})
