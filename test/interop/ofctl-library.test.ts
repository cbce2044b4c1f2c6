/** Every call of os-ken's `ofctl` libraries, made by one controller to a real ovs-vswitchd and to ours: the same answers. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFlowNetwork } from '../../src/node/index.ts'
import { second } from '../../src/runtime/index.ts'
import { Controllers } from '../../src/switch/agent/controllers.ts'
import { type Answer, hasOsKen, runCalls } from './controllers/controller.testing.ts'
import { ofctlCalls } from './controllers/ofctl-calls.ts'
import { hasOpenVswitch, type RealSwitch, startRealSwitch } from './real-switch.ts'
import { startWeftSwitch, type WeftSwitch } from './weft-switch.testing.ts'

/** Unknown of Open vSwitch's dummy devices. */
const onlyDummies = ['rx_dropped', 'tx_dropped']
/** Numbers that differ from run to run. */
const varying = new Set([
  'duration_sec',
  'duration_nsec',
  'idle_time_sec',
  'idle_time_nsec',
  'dp_desc',
  'xid',
  'hw_addr',
  ...onlyDummies,
])
/** Counters that only dummy devices have, and the length with them. */
const isIntel = (value: unknown): boolean => Object(value).experimenter === 43521

/** A statistic of 1.5. */
const isDuration = (value: unknown): boolean => Object(Object(value).OXSTlv).field === 'duration'

/** Ports, groups and meters come in the order of a hash table. */
const keys = ['port_no', 'group_id', 'meter_id']
const realId = 0xaa55aa550000
const weftId = 0xaa55aa5500aa

/** What both must say, apart from times and the switch's own name. */
const comparable = (value: unknown): unknown => {
  if (Array.isArray(value)) {
    const key = keys.find(name => Object.hasOwn(Object(value[0]), name))
    const list = value.filter(each => !isIntel(each) && !isDuration(each)).map(comparable) as Record<string, unknown>[]
    return key === undefined ? list : list.sort((a, b) => String(a[key]).localeCompare(String(b[key])))
  }
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value)
        .filter(([name]) => !varying.has(name) && !(name === 'length' && 'rx_packets' in value))
        .map(([name, each]) => [name === String(realId) || name === String(weftId) ? 'dpid' : name, comparable(each)]),
    )
  return value
}

describe.skipIf(!hasOpenVswitch() || !hasOsKen())('os-ken: ofctl', () => {
  let real: RealSwitch
  let weft: WeftSwitch
  let controllers: Controllers
  beforeAll(async () => {
    real = startRealSwitch()
    const ports = [1, 2, 3].map(n => `-- add-port br0 p${n} -- set interface p${n} type=dummy ofport_request=${n}`)
    real.run(
      `ovs-vsctl add-br br0 -- set bridge br0 fail_mode=secure other_config:hwaddr=aa:55:aa:55:00:00 ${ports.join(' ')}`,
    )
    weft = await startWeftSwitch(3)
    weft.enter(() => weft.bridge.configure({ failMode: 'secure', hwaddr: realId, datapathId: BigInt(weftId) }))
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

  test.each([
    ['1.0', 1],
    ['1.2', 3],
    ['1.3', 4],
    ['1.4', 5],
    ['1.5', 6],
  ])('OpenFlow %s', async (_, version) => {
    const calls = ofctlCalls(version)
    const answers = await runCalls({ version, calls, switches: 2 }, port => {
      const target = `tcp:127.0.0.1:${port}`
      real.run(`ovs-vsctl set-controller br0 ${target} -- set controller br0 max_backoff=1000`)
      weft.enter(() => controllers.set([{ target, probeInterval: 5 * second, maxBackoff: second, limit: undefined }]))
    })
    const [theirs, ours] = [answers[realId] as Answer[], answers[weftId] as Answer[]]
    expect(theirs.length).toBeGreaterThan(calls.length)
    expect(ours).toHaveLength(theirs.length)
    for (const [i, answer] of theirs.entries()) expect.soft(comparable(ours[i])).toEqual(comparable(answer))
  })
})
