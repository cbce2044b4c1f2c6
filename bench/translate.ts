import { SoftDatapath } from '../src/datapath/soft/index.ts'
import type { FieldName } from '../src/flow/fields.ts'
import { type FlowKey, newKey, word } from '../src/flow/layout.ts'
import { matchOf, newMatch } from '../src/flow/match.ts'
import { seeded } from '../src/runtime/random.ts'
import { VirtualClock } from '../src/runtime/virtual-clock.ts'
import { Switch } from '../src/switch/switch.ts'
import { type Bench, seconds } from './harness.ts'

const tables = 10
const flowsEach = 1000
const lookups = 2000

/** A switch with ten tables of a thousand flows, each table matching on something else, and keys that pass all ten. */
const build = (): { run: (key: FlowKey) => number; keys: FlowKey[] } => {
  const clock = new VirtualClock()
  const bed = new Switch({ datapath: new SoftDatapath({ clock }), clock, random: seeded(1) })
  const send = (): void => {}
  const bridge = bed.addBridge('br0', { name: 'br0', type: 'internal', send }, { failMode: 'secure' })
  const port = bed.addPort(bridge, { name: 'p1', type: 'dummy', vport: { name: 'p1', type: 'dummy', send } })
  if (typeof port === 'string') throw new Error(port)
  bed.addPort(bridge, { name: 'p2', type: 'dummy', vport: { name: 'p2', type: 'dummy', send } })
  const ip = { eth_type: 0x0800n }
  const udp = { ...ip, nw_proto: 17n }
  const shapes: ((i: bigint) => { [N in FieldName]?: bigint | readonly [bigint, bigint] })[] = [
    i => ({ eth_src: 0x020000000000n + i }),
    i => ({ eth_dst: 0x060000000000n + i }),
    i => ({ ...ip, ip_src: [0x0a000000n + (i << 8n), 0xffffff00n] }),
    i => ({ ...ip, ip_dst: 0x0b000000n + i }),
    i => ({ ...udp, udp_src: 1000n + i }),
    i => ({ ...udp, udp_dst: 5000n + i }),
    i => ({ in_port: 1n, eth_dst: 0x060000000000n + i }),
    i => ({ ...ip, ip_src: [0x0a000000n + (i << 8n), 0xffffff00n], ip_dst: 0x0b000000n + i }),
    i => ({ reg0: i }),
    i => ({ metadata: 7n, eth_src: 0x020000000000n + i }),
  ]
  for (let table = 0; table < tables; table++) {
    for (let i = 0; i < flowsEach; i++) {
      const number = BigInt(i)
      bridge.flows.add({
        table,
        match: matchOf(shapes[table]!(number)),
        actions:
          table === tables - 1
            ? [
                { type: 'dec_ttl', controllerIds: [0] },
                { type: 'output', port: 2 },
              ]
            : [
                { type: 'set_field', field: 'reg0', value: number, mask: 0xffffffffn },
                { type: 'write_metadata', value: 7n, mask: 0xffn },
                { type: 'goto_table', table: table + 1 },
              ],
      })
    }
    bridge.flows.add({ table, priority: 0, match: newMatch(), actions: [] })
  }
  const random = seeded(2)
  const keys = Array.from({ length: 256 }, () => {
    const i = BigInt(Math.floor(random() * flowsEach))
    const { key } = matchOf({
      ...udp,
      eth_src: 0x020000000000n + i,
      eth_dst: 0x060000000000n + i,
      ip_src: 0x0a000000n + (i << 8n) + 5n,
      ip_dst: 0x0b000000n + i,
      udp_src: 1000n + i,
      udp_dst: 5000n + i,
      nw_ttl: 64n,
    })
    key[word.inPort] = port.datapathPort as number
    return key
  })
  return { keys, run: key => bed.explain(key, undefined, true).actions.length }
}

/** What a miss costs in the switch: from the datapath's key to actions and mask, through ten tables of 1,000 flows. */
export const translateBenches: Bench[] = [
  {
    name: 'translate/miss',
    unit: 'us',
    setUp() {
      const { run, keys } = build()
      if (keys.some(key => run(key) !== 2)) throw new Error('a key does not pass all tables')
      return () => {
        const spent = seconds(() => {
          for (let i = 0; i < lookups; i++) run(keys[i % keys.length] ?? newKey())
        })
        return (spent / lookups) * 1e6
      }
    },
  },
]
