import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OfErrorName } from '../../src/openflow/error.ts'
import { formatFlowStats } from '../../src/openflow/flow-format.ts'
import { flagNames } from '../../src/openflow/index.ts'
import { seeded } from '../../src/runtime/random.ts'
import { Bridge } from '../../src/switch/bridge.ts'
import { hasOpenVswitch, type RealSwitch, startRealSwitch } from './real-switch.ts'
import { bundleLine, randomSteps, type Step } from './store-steps.ts'
import { startWeftSwitch } from './weft-switch.testing.ts'

const quietly = {
  now: () => 0,
  at: () => () => {},
  log: () => {},
  pullStats() {},
  changed() {},
  changedMacs() {},
  packetOut() {},
}
const newBridge = (): Bridge => {
  const bridge = new Bridge('br0', 1, quietly)
  bridge.configure({ failMode: 'secure' })
  return bridge
}

/** The flows as `--no-stats dump-flows` of 1.3 shows them. */
const ourFlows = (bridge: Bridge): string[] =>
  bridge.flows.dump().map(rule =>
    formatFlowStats(
      {
        ...rule,
        match: rule.match,
        duration: 0,
        idleAge: 0,
        hardAge: 0,
        actions: rule.actions,
        flags: flagNames(rule.flags),
      },
      { noStats: true, version: 4 },
    ),
  )

/** Group numbers, how many flows refer to them, and the numbers of their buckets. */
const ourGroups = (bridge: Bridge): string[] =>
  bridge.groups.list().map(({ id, references, buckets }) => `${id} ${references} ${buckets.map(b => b.id).join()}`)

describe.skipIf(!hasOpenVswitch())('flows, groups and meters against ovs-vswitchd', () => {
  let real: RealSwitch
  beforeAll(() => {
    real = startRealSwitch()
    const versions = [10, 11, 12, 13, 14, 15].map(n => `OpenFlow${n}`).join()
    const made = real.run(`ovs-vsctl add-br br0 -- set bridge br0 fail-mode=secure protocols=${versions}`)
    if (made.status !== 0) throw new Error(made.stderr)
  })
  afterAll(() => real?.close())

  const ofctl = (version: number, args: readonly string[]): { stdout: string; stderr: string } =>
    real.run(`ovs-ofctl -O OpenFlow1${version - 1} ${args.map(arg => `'${arg}'`).join(' ')}`)

  const errorOf = (version: number, { args }: Step): string | undefined => {
    const { stdout, stderr } = ofctl(version, args)
    const text = stdout + stderr
    if (text.includes('ovs-ofctl:')) throw new Error(`${args.join(' ')}: ${text}`)
    return /OFPT_ERROR.*: (\S+)/.exec(text)?.[1]
  }

  const realFlows = (): string[] =>
    ofctl(4, ['--no-stats', 'dump-flows', 'br0'])
      .stdout.split('\n')
      .filter(line => line !== '' && !line.includes(' reply '))

  const realGroups = (): string[] => {
    const counts = [...ofctl(6, ['dump-group-stats', 'br0']).stdout.matchAll(/group_id=(\d+),.*ref_count=(\d+)/g)]
    const described = new Map(
      [...ofctl(6, ['dump-groups', 'br0']).stdout.matchAll(/group_id=(\d+),(.*)/g)].map(([, id, rest]) => [
        id,
        [...rest!.matchAll(/bucket_id:(\d+)/g)].map(([, bucket]) => bucket).join(),
      ]),
    )
    return counts
      .sort((a, b) => Number(a[1]) - Number(b[1]))
      .map(([, id, references]) => `${id} ${references} ${described.get(id)}`)
  }

  /** Nothing on either side. */
  const begin = (): Bridge => {
    for (const verb of ['del-flows', 'del-groups', 'del-meters']) ofctl(6, [verb, 'br0'])
    return newBridge()
  }

  const expectTheSame = (bridge: Bridge, done: readonly string[]): void => {
    expect({ done, flows: ourFlows(bridge).sort() }).toEqual({ done, flows: realFlows().sort() })
    expect(ourGroups(bridge)).toEqual(realGroups())
  }

  const change = (bridge: Bridge, version: number, seed: number, count: number): void => {
    const done: string[] = []
    for (const [i, step] of randomSteps(seeded(seed), version, count).entries()) {
      done.push(step.args.join(' '))
      const ours = step.ours(bridge)
      expect({ done: done.at(-1), error: ours }).toEqual({ done: done.at(-1), error: errorOf(version, step) })
      if (i % 6 === 5) expectTheSame(bridge, done)
    }
  }

  test.each([
    [1, 1],
    [4, 2],
    [6, 3],
  ])('random changes, version %i, seed %i', (version, seed) => {
    change(begin(), version, seed, 90)
  })

  test.each([
    [1, 40],
    [6, 42],
  ])('the same through our socket, version %i, seed %i', async (version, seed) => {
    begin()
    const weft = await startWeftSwitch(4)
    weft.enter(() => weft.bridge.configure({ failMode: 'secure' }))
    const ask = async (args: readonly string[]): Promise<{ real: string[]; ours: string[] }> => {
      const line = `ovs-ofctl -O OpenFlow1${version - 1} ${args.map(arg => `'${arg}'`).join(' ')}`
      const [one, other] = [real.run(line), await weft.run(line)]
      const words = ({ stdout, stderr }: { stdout: string; stderr: string }): string[] =>
        (stdout + stderr)
          .replaceAll(/(duration|idle_age|hard_age)=[\d.]+s?,? ?/g, '')
          .split('\n')
          .sort()
      return { real: words(one), ours: words(other) }
    }
    try {
      const looks = [
        ['dump-flows', 'br0'],
        ['dump-aggregate', 'br0'],
        ...(version > 1
          ? [
              ['dump-groups', 'br0'],
              ['dump-group-stats', 'br0'],
            ]
          : []),
      ]
      for (const [i, { args }] of randomSteps(seeded(seed), version, 50).entries()) {
        for (const each of i % 10 === 9 ? [args, ...looks] : [args]) {
          const answers = await ask(each)
          expect({ args: each, answer: answers.ours }).toEqual({ args: each, answer: answers.real })
        }
      }
    } finally {
      await weft.close()
    }
  })

  test('flows that come in the order of the tables stay in it', () => {
    const bridge = begin()
    const adds = randomSteps(seeded(9), 4, 120).filter(
      ({ args }) => args[0] === 'add-flow' && errorOf(4, { args } as Step) === undefined,
    )
    for (const { ours } of adds) expect(ours(bridge)).toBeUndefined()
    expect(ourFlows(bridge)).toEqual(realFlows())
    expect(ourFlows(bridge).length).toBeGreaterThan(10)
  })

  test('full tables refuse or evict', () => {
    const evict = 'overflow_policy=evict'
    const made = real.run(
      `ovs-vsctl set bridge br0 flow_tables:0=@a flow_tables:1=@b flow_tables:2=@c -- --id=@a create flow_table flow_limit=5 ` +
        `-- --id=@b create flow_table flow_limit=4 ${evict} -- --id=@c create flow_table flow_limit=4 ${evict} 'groups="NXM_OF_ETH_SRC[]"'`,
    )
    expect(made.stderr).toBe('')
    const bridge = begin()
    bridge.flows.configureTable(0, { limit: 5 })
    bridge.flows.configureTable(1, { limit: 4, evictBy: [] })
    bridge.flows.configureTable(2, { limit: 4, evictBy: [] })
    change(bridge, 5, 20, 100)
    real.run('ovs-vsctl clear bridge br0 flow_tables')
  })

  test('bundles', () => {
    const bridge = begin()
    const steps = randomSteps(seeded(31), 6, 150).filter(step => bundleLine(step) !== undefined)
    const results = new Set<string | undefined>()
    for (let from = 0; from < steps.length; from += 4) {
      const entries = steps.slice(from, from + 4)
      const lines = entries.map(bundleLine)
      const { stderr } = real.run('ovs-ofctl -O OpenFlow15 bundle br0 -', `${lines.join('\n')}\n`)
      const refused = /Error (\S+) for: OFPT_(?:FLOW|GROUP)_MOD/.exec(stderr)?.[1]
      const ours = commitSteps(bridge, entries)
      results.add(ours)
      expect({ lines, error: ours }).toEqual({ lines, error: refused })
      expectTheSame(bridge, lines as string[])
    }
    expect(results.size).toBeGreaterThan(2)
  })
})

/** Does steps as one bundle: each step's own change, taken back if a later one is refused. */
const commitSteps = (bridge: Bridge, steps: readonly Step[]): OfErrorName | undefined => {
  const atOnce = steps.map(({ atOnce: check }) => check?.(bridge)).find(error => error !== undefined)
  if (atOnce !== undefined) return atOnce
  const mods = steps.map(({ ours }) => ({ type: 'port_mod' as const, apply: () => ours(bridge) ?? (() => {}) }))
  return bridge.commit(mods.map(mod => ({ mod })))?.error
}
