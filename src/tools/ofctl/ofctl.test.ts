import { describe, expect, test } from 'vitest'
import { bench } from '../bench.testing.ts'
import { programs } from '../index.ts'

/**
 * Sessions as Open vSwitch 3.1.0 answered them: command line, status, and what it printed on both channels. What holds
 * times, UUIDs or lists in no certain order is left out (undefined); test/interop compares that too.
 */
type Session = readonly (readonly [line: string, status: number, printed: string | undefined])[]
const sessions: readonly Session[] = [
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- set interface p1 ofport_request=1 -- add-port br0 p2', 0, ''],
    ['ovs-ofctl show br0', 0, undefined],
    ['ovs-ofctl -O OpenFlow13 show br0', 0, undefined],
    ['ovs-ofctl -O OpenFlow15 show br0', 0, undefined],
    ['ovs-ofctl show nobr', 1, 'ovs-ofctl: nobr is not a bridge or a socket\n'],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- set interface p1 ofport_request=1 -- add-port br0 p2', 0, ''],
    ['ovs-ofctl dump-flows br0', 0, undefined],
    ['ovs-ofctl del-flows br0', 0, ''],
    ['ovs-ofctl dump-flows br0', 0, undefined],
    ['ovs-ofctl add-flow br0 action=normal', 0, ''],
    ['ovs-ofctl dump-flows br0', 0, undefined],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- set interface p1 ofport_request=1 -- add-port br0 p2', 0, ''],
    ['ovs-ofctl add-flow br0 priority=500,in_port=1,actions=output:2', 0, ''],
    ['ovs-ofctl add-flow br0 priority=500,dl_type=0x0800,nw_dst=10.0.0.2,actions=output:4', 0, ''],
    ['ovs-ofctl add-flow br0 dl_src=00:00:00:00:00:01,dl_dst=00:00:00:00:00:02,actions=output:1', 0, ''],
    ['ovs-ofctl dump-flows br0', 0, undefined],
    ['ovs-ofctl dump-flows br0 --names', 0, undefined],
    ['ovs-ofctl --no-stats dump-flows br0', 0, undefined],
    ['ovs-ofctl dump-flows br0 --sort=priority', 0, undefined],
    ['ovs-ofctl dump-flows br0 --rsort=priority --no-stats', 0, undefined],
    ['ovs-ofctl dump-flows br0 ip', 0, undefined],
    ['ovs-ofctl dump-flows br0 in_port=1', 0, undefined],
    ['ovs-ofctl dump-flows br0 out_port=2', 0, undefined],
    ['ovs-ofctl -O OpenFlow13 dump-flows br0', 0, undefined],
    ['ovs-ofctl dump-aggregate br0', 0, undefined],
    ['ovs-ofctl dump-aggregate br0 in_port=1', 0, undefined],
    ['ovs-ofctl -O OpenFlow13 dump-aggregate br0', 0, undefined],
    ['ovs-ofctl --strict del-flows br0 priority=500,in_port=1', 0, ''],
    ['ovs-ofctl del-flows br0 dl_type=0x0800', 0, ''],
    ['ovs-ofctl dump-flows br0', 0, undefined],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- set interface p1 ofport_request=1 -- add-port br0 p2', 0, ''],
    [
      'FILE flows.txt: # the first side\n  table=0,in_port=1,actions=set_field:100->tun_id,resubmit(,1)\n  table=0,in_port=2,actions=set_field:200->tun_id,resubmit(,1)\n\ntable=0,actions=resubmit(,1)\ntable=1,tun_id=100,dl_dst=00:00:00:00:00:01,actions=output:1\ntable=1,tun_id=200,arp,nw_dst=10.0.0.2,actions=output:10\ntable=1,priority=100,actions=drop # the rest\n',
      0,
      '',
    ],
    ['ovs-ofctl add-flows br0 flows.txt', 0, ''],
    ['ovs-ofctl dump-flows br0', 0, undefined],
    ['ovs-ofctl dump-flows br0 table=1', 0, undefined],
    ['ovs-ofctl -O OpenFlow13 dump-flows br0 table=0', 0, undefined],
    ['ovs-ofctl -O OpenFlow15 --no-stats dump-flows br0', 0, undefined],
    ['ovs-ofctl dump-tables br0', 0, undefined],
    ['ovs-ofctl diff-flows br0 flows.txt', 2, undefined],
    ['ovs-ofctl del-flows br0 table=1', 0, ''],
    ['ovs-ofctl diff-flows br0 flows.txt', 2, undefined],
    ['ovs-ofctl diff-flows flows.txt br0', 2, undefined],
    ['ovs-ofctl parse-flows flows.txt', 0, undefined],
    ['ovs-ofctl add-flows br0 nothere.txt', 1, 'ovs-ofctl: nothere.txt: open failed (No such file or directory)\n'],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- set interface p1 ofport_request=1 -- add-port br0 p2', 0, ''],
    ['FILE a.txt: in_port=1,actions=2\n\nfoo,actions=1\n', 0, ''],
    ['ovs-ofctl add-flows br0 a.txt', 1, 'ovs-ofctl: a.txt:3: field foo missing value\n'],
    ['ovs-ofctl parse-flows a.txt', 1, 'ovs-ofctl: a.txt:3: field foo missing value\n'],
    ['ovs-ofctl replace-flows br0 a.txt', 1, 'ovs-ofctl: a.txt:3: field foo missing value\n'],
    ['FILE b.txt: priority=3,in_port=1,actions=2\npriority=4,actions=drop\n', 0, ''],
    ['ovs-ofctl replace-flows br0 b.txt', 0, ''],
    ['ovs-ofctl --no-stats dump-flows br0', 0, undefined],
    ['ovs-ofctl diff-flows br0 b.txt', 0, ''],
    ['FILE c.txt: delete in_port=1\nadd in_port=2,actions=1\nmodify_strict priority=4,actions=2\n', 0, ''],
    ['ovs-ofctl add-flows br0 c.txt', 0, ''],
    ['ovs-ofctl --no-stats dump-flows br0', 0, undefined],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- set interface p1 ofport_request=1 -- add-port br0 p2', 0, ''],
    ['ovs-ofctl add-flow br0 check_overlap,priority=5,ip,actions=1', 0, ''],
    ['ovs-ofctl add-flow br0 check_overlap,priority=5,tcp,actions=1', 1, undefined],
    ['ovs-ofctl -O OpenFlow13 add-flow br0 check_overlap,priority=5,tcp,actions=1', 1, undefined],
    ['ovs-ofctl add-flow br0 table=254,actions=drop', 1, undefined],
    ['ovs-ofctl add-flow br0 nw_dst=1.2.3.4,actions=1', 0, undefined],
    ['ovs-ofctl add-flow br0 push_vlan:0x8100', 1, 'ovs-ofctl: must specify an action\n'],
    [
      'ovs-ofctl add-flow br0 actions=push_vlan:0x8100,output:1',
      1,
      'ovs-ofctl: none of the usable flow formats (OXM,OpenFlow11) is among the allowed flow formats (OpenFlow10,NXM)\n',
    ],
    ['ovs-ofctl -O OpenFlow13 add-flow br0 ip,actions=push_vlan:0x8100,set_field:4099->vlan_vid,output:1', 0, ''],
    ['ovs-ofctl --no-stats dump-flows br0', 0, undefined],
    ['ovs-ofctl -O OpenFlow13 --no-stats dump-flows br0 ip', 0, undefined],
    [
      'ovs-ofctl -O OpenFlow11 add-flow br0 priority=9,actions=set_field:1->reg0',
      1,
      'ovs-ofctl: none of the usable flow formats (NXM,OXM) is among the allowed flow formats (OpenFlow11)\n',
    ],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- set interface p1 ofport_request=1 -- add-port br0 p2', 0, ''],
    [
      'ovs-ofctl -O OpenFlow14 add-flow br0 importance=3,no_packet_counts,tcp,idle_timeout=30,cookie=0x99,actions=2',
      0,
      '',
    ],
    ['ovs-ofctl -O OpenFlow14 dump-flows br0 tcp', 0, undefined],
    ['ovs-ofctl -O OpenFlow15 dump-flows br0 tcp', 0, undefined],
    ['ovs-ofctl dump-flows br0 tcp', 0, undefined],
    [
      'ovs-ofctl add-flow br0 table=3,cookie=3,idle_timeout=100,hard_timeout=200,send_flow_rem,ip,actions=mod_vlan_vid:5,output:p2',
      0,
      '',
    ],
    ['ovs-ofctl dump-flows br0 table=3', 0, undefined],
    ['ovs-ofctl dump-flows br0 table=3 --names', 0, undefined],
    ['ovs-ofctl -O OpenFlow14 dump-flows br0 table=3', 0, undefined],
    ['ovs-ofctl dump-flows br0 cookie=3/-1', 0, undefined],
    [
      'ovs-ofctl dump-flows br0 cookie=3',
      1,
      'ovs-ofctl: cannot set cookie (to match on a cookie, specify a mask, e.g. cookie=3/-1)\n',
    ],
    [
      'ovs-ofctl del-flows br0 cookie=1',
      1,
      'ovs-ofctl: cannot set cookie (to match on a cookie, specify a mask, e.g. cookie=1/-1)\n',
    ],
    ['ovs-ofctl del-flows br0 cookie=3/-1', 0, ''],
    ['ovs-ofctl --no-stats dump-flows br0', 0, undefined],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- set interface p1 ofport_request=1 -- add-port br0 p2', 0, ''],
    ['ovs-ofctl del-flows br0', 0, ''],
    ['ovs-ofctl mod-flows br0 in_port=44,actions=3', 0, ''],
    ['ovs-ofctl --strict mod-flows br0 in_port=45,priority=4,actions=5', 0, ''],
    ['ovs-ofctl mod-flows br0 actions=7', 0, ''],
    ['ovs-ofctl --no-stats dump-flows br0', 0, undefined],
    ['ovs-ofctl mod-flows br0 cookie=5/-1,actions=8', 0, ''],
    ['ovs-ofctl mod-flows br0 cookie=5,actions=9', 0, ''],
    ['ovs-ofctl --no-stats dump-flows br0', 0, undefined],
    ['ovs-ofctl del-flows br0 in_port=LOCAL', 0, ''],
    ['ovs-ofctl del-flows br0 priority=4', 1, 'ovs-ofctl: unknown keyword priority\n'],
    ['ovs-ofctl del-flows br0 actions=2', 1, 'ovs-ofctl: unknown keyword actions\n'],
    ['ovs-ofctl del-flows br0 idle_timeout=3', 1, 'ovs-ofctl: unknown keyword idle_timeout\n'],
    ['ovs-ofctl del-flows br0 foo', 1, 'ovs-ofctl: field foo missing value\n'],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- set interface p1 ofport_request=1 -- add-port br0 p2', 0, ''],
    ['ovs-ofctl dump-ports br0', 0, undefined],
    ['ovs-ofctl dump-ports br0 1', 0, undefined],
    ['ovs-ofctl dump-ports br0 LOCAL', 0, undefined],
    ['ovs-ofctl dump-ports br0 9', 0, undefined],
    ['ovs-ofctl dump-ports br0 foo', 1, "ovs-ofctl: br0: unknown port `foo'\n"],
    ['ovs-ofctl dump-ports-desc br0', 0, undefined],
    ['ovs-ofctl -O OpenFlow13 dump-ports-desc br0', 0, undefined],
    ['ovs-ofctl dump-desc br0', 0, undefined],
    ['ovs-ofctl -O OpenFlow12 dump-desc br0', 0, undefined],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- set interface p1 ofport_request=1 -- add-port br0 p2', 0, ''],
    ['ovs-ofctl mod-port br0 p1 no-flood', 0, ''],
    ['ovs-ofctl mod-port br0 2 no-forward', 0, ''],
    ['ovs-ofctl mod-port br0 2 no-receive', 0, ''],
    ['ovs-ofctl mod-port br0 2 no-packet-in', 0, ''],
    ['ovs-ofctl show br0', 0, undefined],
    ['ovs-ofctl mod-port br0 p1 flood', 0, ''],
    ['ovs-ofctl mod-port br0 9 down', 1, "ovs-ofctl: br0: couldn't find port `9'\n"],
    ['ovs-ofctl mod-port br0 p1 foo', 1, "ovs-ofctl: unknown mod-port command 'foo'\n"],
    ['ovs-ofctl dump-ports-desc br0', 0, undefined],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- set interface p1 ofport_request=1 -- add-port br0 p2', 0, ''],
    ['ovs-ofctl packet-out br0 1 output:2 ffffffffffff0102030405060800', 0, ''],
    ['ovs-ofctl packet-out br0 1 output:2 xx', 1, 'ovs-ofctl: Trailing garbage in packet data\n'],
    ['ovs-ofctl packet-out br0 1 output:2 0102', 1, 'ovs-ofctl: Packet data too short for Ethernet\n'],
    ['ovs-ofctl packet-out br0 xx output:1 ff', 1, "ovs-ofctl: br0: unknown port `xx'\n"],
    ['ovs-ofctl packet-out br0 1 foo ffffffffffff0102030405060800', 1, 'ovs-ofctl: unknown action foo\n'],
    ['ovs-ofctl packet-out br0 in_port=1,actions=2', 1, 'ovs-ofctl: must specify packet\n'],
    ['ovs-ofctl packet-out br0 foo=1', 1, 'ovs-ofctl: unknown keyword foo\n'],
    ['ovs-ofctl packet-out br0 in_port=1,packet=ffffffffffff0102030405060800,actions=output:2', 0, ''],
  ],
  [
    ['ovs-vsctl add-br br0 -- add-port br0 p1 -- set interface p1 ofport_request=1 -- add-port br0 p2', 0, ''],
    ['ovs-ofctl', 1, 'ovs-ofctl: missing command name; use --help for help\n'],
    ['ovs-ofctl foo', 1, "ovs-ofctl: unknown command 'foo'; use --help for help\n"],
    ['ovs-ofctl --foo', 1, "ovs-ofctl: unrecognized option '--foo'\n"],
    ['ovs-ofctl show', 1, "ovs-ofctl: 'show' command requires at least 1 arguments\n"],
    ['ovs-ofctl show a b', 1, "ovs-ofctl: 'show' command takes at most 1 arguments\n"],
    ['ovs-ofctl add-flow br0', 1, "ovs-ofctl: 'add-flow' command requires at least 2 arguments\n"],
    ['ovs-ofctl add-flow br0 a b', 1, "ovs-ofctl: 'add-flow' command takes at most 2 arguments\n"],
    ['ovs-ofctl add-flow br0 foo', 1, 'ovs-ofctl: must specify an action\n'],
    ['ovs-ofctl add-flow nobr actions=1', 1, 'ovs-ofctl: nobr is not a bridge or a socket\n'],
    ['ovs-ofctl dump-flows nobr', 1, 'ovs-ofctl: nobr is not a bridge or a socket\n'],
    ['ovs-ofctl dump-flows br0 foo=1', 1, 'ovs-ofctl: unknown keyword foo\n'],
    ['ovs-ofctl dump-flows br0 --sort=foo', 1, 'ovs-ofctl: foo: unknown field name\n'],
    ['ovs-ofctl -O OpenFlow99 show br0', 1, 'ovs-ofctl: Unknown OpenFlow version: "OpenFlow99"\n'],
    ['ovs-ofctl -O', 1, "ovs-ofctl: option requires an argument -- 'O'\n"],
    ['ovs-ofctl -V', 0, 'ovs-ofctl (Open vSwitch) 3.1.0\nOpenFlow versions 0x1:0x6\n'],
    ['ovs-ofctl dump-flows br0 out_port=foo', 1, 'ovs-ofctl: foo is not a valid OpenFlow port\n'],
    ['ovs-ofctl add-flow br0 in_port=p1,actions=p2,output:br0', 0, ''],
    ['ovs-ofctl --names --no-stats dump-flows br0', 0, undefined],
    ['ovs-ofctl --no-names --no-stats dump-flows br0', 0, undefined],
  ],
]

describe('ovs-ofctl answers as the original did', () => {
  test.each(sessions.map((session, i) => [i, session] as const))('session %i', (_, session) => {
    const { run, files } = bench(programs)
    for (const [line, status, printed] of session) {
      const file = /^FILE (\S+): (.*)$/s.exec(line)
      if (file !== null) {
        files.set(file[1] as string, file[2] as string)
        continue
      }
      const result = run(line)
      expect({ line, status: result.status }).toEqual({ line, status })
      if (printed !== undefined) expect({ line, printed: result.stdout + result.stderr }).toEqual({ line, printed })
    }
  })
})
