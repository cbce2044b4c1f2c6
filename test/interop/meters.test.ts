import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseFlow } from '../../src/openflow/flow-text.ts'
import { parseMeter } from '../../src/openflow/meter-parse.ts'
import { millisecond } from '../../src/runtime/clock.ts'
import { below, seeded } from '../../src/runtime/random.ts'
import { Bed, hex, packet } from '../../src/switch/switch.testing.ts'
import { type DummyOvs, hasOvs, startOvs } from './ovs.testing.ts'

/** Frames at the same times through the same meters: what they counted must be the same. */

const version = ['-O', 'OpenFlow13']
const meters = [
  'meter=1,pktps,burst,stats,bands=type=drop,rate=10,burst_size=5',
  'meter=1,pktps,stats,bands=type=drop,rate=3',
  'meter=1,kbps,burst,stats,bands=type=drop,rate=8,burst_size=12',
  'meter=1,kbps,stats,bands=type=drop,rate=4',
  'meter=1,pktps,burst,stats,bands=type=drop,rate=10,burst_size=4,type=drop,rate=30,burst_size=8,type=drop,rate=2,burst_size=60',
  'meter=1,kbps,burst,stats,bands=type=drop,rate=3,burst_size=9,type=drop,rate=7,burst_size=7',
]

/** Packets and bytes of the meter and of its bands, as meter-stats prints them. */
const numbers = (text: string): number[] =>
  [...text.matchAll(/(?:packet|byte)(?:_in)?_count:(\d+)/g)].map(([, count]) => Number(count))

/** How many frames the datapath has looked up. */
const lookups = async (ovs: DummyOvs): Promise<number> => {
  const [, hit, missed] = (await ovs.appctl('dpctl/show')).match(/hit:(\d+) missed:(\d+)/) ?? []
  return Number(hit) + Number(missed)
}

describe.runIf(hasOvs())('meters', () => {
  let ovs: DummyOvs

  beforeAll(async () => {
    ovs = startOvs('--enable-dummy')
    ovs.vsctl(
      'add-br',
      'br0',
      '--',
      'set',
      'bridge',
      'br0',
      'datapath_type=dummy',
      'fail_mode=secure',
      'protocols=OpenFlow13',
    )
    for (const i of [1, 2])
      ovs.vsctl('add-port', 'br0', `p${i}`, '--', 'set', 'interface', `p${i}`, 'type=dummy', `ofport_request=${i}`)
    await ovs.appctl('time/stop')
  }, 20000)
  afterAll(() => ovs.stop())

  test.each(meters)('%s', async line => {
    const read = parseMeter(line, 'add')
    const flow = parseFlow('in_port=1,actions=meter:1,output:2', 'add')
    if (!read.ok || !flow.ok) throw new Error('no meter or no flow')
    const bed = new Bed()
    const bridge = bed.bridge('br0', { failMode: 'secure' })
    const port = bed.port(bridge, 'p1', {}, 1)
    bed.port(bridge, 'p2', {}, 2)
    expect(bridge.meters.apply(read.mod)).toBeUndefined()
    expect(bridge.flows.apply(flow.flow)).toBeUndefined()
    ovs.ofctl([...version, 'del-flows', 'br0'])
    ovs.ofctl([...version, 'del-meters', 'br0'])
    ovs.ofctl([...version, 'add-meter', 'br0', line])
    ovs.ofctl([...version, 'add-flow', 'br0', 'in_port=1,actions=meter:1,output:2'])
    const random = seeded(line.length)
    const before = await lookups(ovs)
    for (let i = 0; i < 60; i++) {
      const frame = Uint8Array.from([...packet({}), ...new Array<number>(below(random, 400)).fill(0)])
      const wait = below(random, 4) === 0 ? 1 + below(random, 300) : below(random, 12)
      if (wait > 0) await ovs.appctl('time/warp', String(wait))
      await ovs.appctl('netdev-dummy/receive', 'p1', hex(frame))
      // The daemon takes frames from its devices between commands, sooner or later.
      while ((await lookups(ovs)) < before + i + 1);
      bed.clock.runUntil(bed.clock.now() + wait * millisecond)
      bed.send(port, frame)
    }
    const meter = bridge.meters.get(1)
    if (meter === undefined) throw new Error('our meter is gone')
    const { packets, bytes, bands } = bridge.meters.counts(meter)
    const ours = [packets, bytes, ...bands.flatMap(band => [band.packets, band.bytes])]
    expect(ours).toEqual(numbers(ovs.ofctl([...version, 'meter-stats', 'br0'])))
    expect(bands.some(band => band.packets > 0)).toBe(true)
  })
})
