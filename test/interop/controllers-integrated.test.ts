/** os-ken's integrated tests, which know nothing of ours, drive a switch of ours and Open vSwitch, and find the same. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasOsKen } from './controllers/controller.testing.ts'
import { runIntegrated } from './controllers/integrated.testing.ts'
import { type Line, startLine } from './controllers/line.testing.ts'
import { hasOpenVswitch, type RealSwitch, startRealSwitch } from './real-switch.ts'

describe.skipIf(!hasOsKen() || !hasOpenVswitch())("os-ken's integrated tests", () => {
  let line: Line
  let real: RealSwitch
  beforeAll(async () => {
    line = startLine(1)
    // They would ask for routers now and then for ever, and keep a flow alive that is to be idle; the real switch has no host.
    for (const name of ['h1', 's1']) await line.run(name, 'sysctl -w net.ipv6.conf.all.disable_ipv6=1')
    real = startRealSwitch()
    const id = '0000000000000001'
    real.run(`ovs-vsctl add-br br0 -- set bridge br0 fail_mode=secure other_config:datapath-id=${id}`)
    real.run('ovs-vsctl add-port br0 host -- set interface host ofport_request=1')
  })
  afterAll(() => {
    line?.close()
    real?.close()
  })

  test.each([
    ['test_add_flow_v10', 'OpenFlow10', 19, 19],
    ['test_add_flow_v12_actions', 'OpenFlow12', 45, 32],
    ['test_add_flow_v12_matches', 'OpenFlow12', 78, 65],
    ['test_request_reply_v12', 'OpenFlow12', 50, 45],
    // They measure durations in seconds: a machine that stood still gets a second go.
  ])('%s', { retry: 1 }, async (name, protocol, all, passing) => {
    const commands = (port: number): string[] => [
      `ovs-vsctl del-controller br0 -- set bridge br0 protocols=${protocol}`,
      `ovs-vsctl set-controller br0 tcp:127.0.0.1:${port} -- set controller br0 max_backoff=1000`,
    ]
    const [theirs, ours] = await Promise.all([
      runIntegrated(name, port => {
        for (const command of commands(port)) expect(real.run(command).stderr).toBe('')
      }),
      runIntegrated(name, async port => {
        for (const command of commands(port)) expect((await line.run('s1', command)).stderr).toBe('')
      }),
    ])
    expect([...ours]).toEqual([...theirs])
    const good = [...ours.values()].filter(result => result === 'True')
    expect([ours.size, good.length]).toEqual([all, passing])
  })
})
