import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatFlowStats } from '../../src/openflow/flow-format.ts'
import { flagNames } from '../../src/openflow/index.ts'
import { seeded } from '../../src/runtime/random.ts'
import { Bridge } from '../../src/switch/bridge.ts'
import { hasOpenVswitch, type RealSwitch, startRealSwitch } from './real-switch.ts'
import { randomSteps, type Step } from './store-steps.ts'

const quietly = { now: () => 0, pullStats() {}, changed() {}, changedMacs() {}, packetOut() {} }
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

  test.each([
    [1, 1],
    [4, 2],
    [4, 3],
    [6, 4],
    [6, 5],
  ])('random changes, version %i, seed %i', (version, seed) => {
    ofctl(6, ['del-flows', 'br0'])
    ofctl(6, ['del-groups', 'br0'])
    ofctl(6, ['del-meters', 'br0'])
    const bridge = newBridge()
    const done: string[] = []
    for (const [i, step] of randomSteps(seeded(seed), version, 120).entries()) {
      done.push(step.args.join(' '))
      const ours = step.ours(bridge)
      expect({ done: done.at(-1), error: ours }).toEqual({ done: done.at(-1), error: errorOf(version, step) })
      if (i % 6 !== 5) continue
      expect({ done, flows: ourFlows(bridge).sort() }).toEqual({ done, flows: realFlows().sort() })
      expect(ourGroups(bridge)).toEqual(realGroups())
    }
  })
})
