/** What `ovs-ofctl monitor` hears of a real ovs-vswitchd and of our switch while the same things happen to both. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Happening, monitored } from './monitor.testing.ts'
import { hasOpenVswitch, type RealSwitch, startRealSwitch } from './real-switch.ts'
import { startWeftSwitch, type WeftSwitch } from './weft-switch.testing.ts'

const packet =
  '50540000000a5054000000090800450000280001000040063cf87f0000017f0000010001005000000000000000005002200000000000'

/** Packets for the controller, ports set otherwise, flows that come, change and go. */
const happenings: readonly Happening[] = [
  `packet-out br0 "in_port=1,packet=${packet},actions=controller"`,
  `packet-out br0 "in_port=2,packet=${packet},actions=load:5->NXM_NX_REG0[],controller(max_len=20,userdata=01.02)"`,
  '-O OpenFlow13 add-flow br0 "table=3,priority=7,cookie=0x9,send_flow_rem,tcp,actions=controller"',
  `packet-out br0 "in_port=1,packet=${packet},actions=resubmit(,3)"`,
  'mod-port br0 1 no-flood',
  'mod-port br0 1 flood',
  'mod-port br0 2 down',
  'mod-port br0 2 up',
  '-O OpenFlow13 mod-flows br0 "table=3,tcp,actions=2"',
  // A real switch tells of it in its own time.
  { line: '-O OpenFlow13 del-flows br0 table=3', heard: /FLOW_REMOVED/, times: 1 },
].map(each => (typeof each === 'string' ? `ovs-ofctl ${each}` : { ...each, line: `ovs-ofctl ${each.line}` }))
const masked = (text: string): string =>
  text
    .replace(/\(xid=0x[0-9a-f]+\)/g, '(xid)')
    .replace(/duration[0-9.]+s/g, 'duration')
    .replace(/addr:[0-9a-f:]{17}/g, 'addr:MAC')

describe.skipIf(!hasOpenVswitch())('ovs-ofctl monitor', () => {
  let real: RealSwitch
  let weft: WeftSwitch
  beforeAll(async () => {
    real = startRealSwitch()
    const ports = [1, 2].map(n => `-- add-port br0 p${n} -- set interface p${n} type=dummy ofport_request=${n}`)
    real.run(`ovs-vsctl add-br br0 ${ports.join(' ')}`)
    weft = await startWeftSwitch()
  })
  afterAll(async () => {
    real?.close()
    await weft?.close()
  })

  test.each([
    '-O OpenFlow10',
    '-O OpenFlow10 -P nxt_packet_in',
    '-O OpenFlow13',
    '-O OpenFlow14 -P standard',
    '-O OpenFlow15',
  ])('%s', async options => {
    const play = async ({ directory }: { directory: string }): Promise<string> => {
      const { heard, said } = await monitored(directory, `${options} monitor br0 65534 watch:`, happenings)
      return masked(said + heard)
    }
    const [ours, theirs] = await Promise.all([weft, real].map(play))
    expect(theirs?.split('\n').length).toBeGreaterThan(30)
    expect(ours).toBe(theirs)
  })
})
