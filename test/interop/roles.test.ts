/** Three controllers of one switch, with roles and wishes of their own: what each hears from a real ovs-vswitchd and from ours. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFlowNetwork } from '../../src/node/index.ts'
import type { Version } from '../../src/openflow/protocol.ts'
import { second } from '../../src/runtime/index.ts'
import { Controllers } from '../../src/switch/agent/controllers.ts'
import { play, type Step, stepsFor } from './controllers/roles.testing.ts'
import { flowLimits, wishesFor } from './controllers/wishes.testing.ts'
import { hasOpenVswitch, type RealSwitch, startRealSwitch } from './real-switch.ts'
import { startWeftSwitch, type WeftSwitch } from './weft-switch.testing.ts'

describe.skipIf(!hasOpenVswitch())('three controllers', () => {
  let real: RealSwitch
  let weft: WeftSwitch
  let controllers: Controllers
  let realMac = 0
  beforeAll(async () => {
    real = startRealSwitch()
    const ports = [1, 2].map(n => `-- add-port br0 p${n} -- set interface p${n} type=dummy ofport_request=${n}`)
    real.run(
      `ovs-vsctl add-br br0 -- set bridge br0 fail_mode=secure other_config:hwaddr=aa:55:aa:55:00:00 ${ports.join(' ')}`,
    )
    const { stdout } = real.run('ovs-vsctl get interface p2 mac_in_use')
    realMac = Number.parseInt(stdout.replace(/[^0-9a-f]/g, ''), 16)
    const { refusing, evicting } = flowLimits
    real.run(
      `ovs-vsctl set bridge br0 flow_tables:3=@a flow_tables:4=@b -- --id=@a create Flow_Table flow_limit=${refusing} -- --id=@b create Flow_Table flow_limit=${evicting} overflow_policy=evict`,
    )
    weft = await startWeftSwitch(2)
    weft.enter(() => {
      weft.bridge.flows.obtainTable(3).settings.configure({ limit: refusing })
      weft.bridge.flows.obtainTable(4).settings.configure({ limit: evicting, evictBy: [] })
    })
    weft.enter(() => weft.bridge.configure({ failMode: 'secure', hwaddr: 0xaa55aa550000 }))
    controllers = new Controllers(
      weft.agent,
      openFlowNetwork(happen => weft.enter(happen)),
    )
  })
  afterAll(async () => {
    real?.close()
    if (weft !== undefined) weft.enter(() => controllers.close())
    await weft?.close()
  })

  const versions = [
    ['1.0', 1],
    ['1.2', 3],
    ['1.3', 4],
    ['1.4', 5],
    ['1.5', 6],
  ] as const satisfies readonly (readonly [string, Version])[]

  const compare = async (version: Version, ours: readonly Step[], theirs = ours): Promise<void> => {
    const heard = await play(version, ours, targets =>
      weft.enter(() =>
        controllers.set(
          targets.map(target => ({ target, probeInterval: 5 * second, maxBackoff: second, limit: undefined })),
        ),
      ),
    )
    const call = (targets: string[]): void => void real.run(`ovs-vsctl set-controller br0 ${targets.join(' ')}`)
    const expected = await play(version, theirs, call, heard)
    expect(expected.length).toBeGreaterThan(20)
    for (const [i, each] of expected.entries())
      expect.soft({ step: i, heard: heard[i] }).toEqual({ step: i, heard: each })
  }

  test.each(versions)('OpenFlow %s', async (_, version) => {
    await compare(version, stepsFor(version, weft.ports[1]?.mac ?? 0), stepsFor(version, realMac))
  })

  test.each(versions)('wishes, OpenFlow %s', async (_, version) => {
    await compare(version, wishesFor(version))
  })
})
