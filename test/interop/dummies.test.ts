/** A switch whose ports are dummies, driven as Open vSwitch's own tests drive theirs: by `netdev-dummy/receive`. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Network } from '../../src/lab/index.ts'
import { start } from '../../src/runtime/index.ts'
import type { Result } from '../../src/tools/words.testing.ts'
import { hasOpenVswitch, type RealSwitch, startRealSwitch } from './real-switch.ts'

const addPorts = [1, 2, 3]
  .map(n => `-- add-port br0 p${n} -- set interface p${n} type=dummy ofport_request=${n}`)
  .join(' ')
const tcp =
  'in_port(1),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=6,tos=0,ttl=64,frag=no),tcp(src=8,dst=80),tcp_flags(syn)'
const hex = '50540000000750540000000508004500001c00000000401100000a0000010a00000200010002000800000000'

const sessions: readonly (readonly string[])[] = [
  [
    "ovs-ofctl add-flow br0 'table=0,in_port=1,actions=mod_nw_tos:40,resubmit(,1)'",
    "ovs-ofctl add-flow br0 'table=1,tcp,actions=2,LOCAL'",
    "ovs-ofctl add-flow br0 'table=1,udp,actions=3'",
    `ovs-appctl netdev-dummy/receive p1 '${tcp}'`,
    `ovs-appctl netdev-dummy/receive p1 '${tcp}' '${tcp}'`,
    `ovs-appctl netdev-dummy/receive p1 ${hex}`,
    `ovs-appctl netdev-dummy/receive p1 ${hex} --len 80`,
    `ovs-appctl netdev-dummy/receive p2 '${tcp}' --len 100`,
    `ovs-appctl netdev-dummy/receive p1 --qid 0 '${tcp}' --len 200`,
    'ovs-appctl revalidator/wait',
    'ovs-appctl revalidator/purge',
    'ovs-ofctl dump-flows br0',
    'ovs-ofctl dump-ports br0 1',
    'ovs-ofctl dump-ports br0 2',
    'ovs-ofctl dump-ports br0 3',
    'ovs-ofctl -O OpenFlow14 dump-ports br0 1',
    'ovs-ofctl -O OpenFlow15 dump-ports br0 2',
    'ovs-ofctl -O OpenFlow14 queue-stats br0 2',
  ],
  [
    'ovs-appctl netdev-dummy/receive nope 00',
    'ovs-appctl netdev-dummy/receive p1 00',
    'ovs-appctl netdev-dummy/receive p1 1234567890',
    "ovs-appctl netdev-dummy/receive p1 'in_port(1)'",
    "ovs-appctl netdev-dummy/receive p1 'bad(1)'",
    "ovs-appctl netdev-dummy/receive p1 'in_port(1),eth()' --len 63",
    'ovs-appctl netdev-dummy/receive p1',
    'ovs-appctl netdev-dummy/set-admin-state p1 foo',
    'ovs-appctl netdev-dummy/set-admin-state nope up',
    'ovs-appctl netdev-dummy/set-admin-state p1 down',
    "ovs-ofctl add-flow br0 'in_port=1,actions=2'",
    `ovs-appctl netdev-dummy/receive p1 '${tcp}'`,
    'ovs-ofctl dump-flows br0',
    'ovs-ofctl show br0',
    'ovs-appctl netdev-dummy/set-admin-state up',
    `ovs-appctl netdev-dummy/receive p1 '${tcp}'`,
    'ovs-appctl revalidator/purge',
    'ovs-ofctl dump-flows br0',
    'ovs-ofctl show br0',
  ],
  [
    'ovs-appctl coverage/read-counter nope',
    'ovs-appctl dpctl/del-flows',
    'ovs-appctl dpctl/show system@nope',
    'ovs-appctl revalidator/wait',
    'ovs-appctl ofproto/list',
  ],
]

const masked = (text: string): string =>
  text
    .replace(/(duration|idle_age|used)[=:][0-9.]+s?/g, '$1')
    .replace(/(addr|dpid):\S+/g, '$1:')
    .replace(/\(xid=\S+\)/g, '(xid)')
    .replace(/ovs-appctl: \S+ server/g, 'ovs-appctl: server')
    .replace(/^ovs-vswitchd: /gm, '')

describe.skipIf(!hasOpenVswitch())('dummy ports, against the original', () => {
  let real: RealSwitch
  beforeAll(() => {
    real = startRealSwitch()
  })
  afterAll(() => real?.close())

  test.each(sessions.map((session, i) => [i, session] as const))('session %i', (_, session) => {
    const network = new Network()
    const machine = network.machine('s1')
    const ours = (line: string): Result => {
      let result: Result | undefined
      start(machine.exec(line), { done: said => (result = said) })
      network.settle()
      if (result === undefined) throw new Error(`${line} does not end`)
      return result
    }
    const begin = `ovs-vsctl add-br br0 -- set bridge br0 fail_mode=secure ${addPorts}`
    for (const line of ['ovs-vsctl --if-exists del-br br0', begin, ...session]) {
      const [a, b] = [ours(line), real.run(line)]
      const shown = ({ stdout, stderr, status }: Result): unknown => ({
        line,
        stdout: masked(stdout),
        stderr: masked(stderr),
        status,
      })
      expect(shown(a)).toEqual(shown(b))
      // There the bridge's own device is a dummy too; ours is the machine's, and Linux begins with those down.
      if (line === begin) ours('ip link set br0 up')
    }
  })
})
