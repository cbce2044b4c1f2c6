/** Sessions about spanning trees and multicast snooping, on switches whose clock is stopped. `DIR` is the run directory. */

/** The database is told when something changes, and that takes a moment. */
const status =
  "sleep .2; ovs-vsctl get bridge br0 status rstp_status -- get port p1 status rstp_status | sed 's/in_state=.[0-9]*/in_state/'"
/** They are written every 5 s, at another moment by each; and Open vSwitch counts in `rstp_tx_count` what went in the last seconds. */
const statistics =
  "sleep .2; ovs-vsctl get port p1 statistics rstp_statistics | sed 's/tx_count=[0-9]*/tx_count/; s/uptime=[0-9]*/uptime/'"
/**
 * What modules wrote to the log since it was last looked at, of the least important too if they were asked to. How often
 * bridges complain of what they are told depends on how often they look at it.
 */
const lines = "sed 's/^[^|]*|[0-9]*|//' ovs-vswitchd.log"
const log = `${lines} | grep -E '^(bridge.*(stp|STP)|ofproto.*(stp|STP|snoop))' | sort -u; ${lines} | grep -E '^(stp|rstp|mcast)'; : > ovs-vswitchd.log`
/** Without repeats, and without how many were left out, for that depends on what was logged in former sessions. */
const repeated = `${lines} | grep -E '^stp' | sed 's/Dropped.*due/Dropped due/' | uniq; : > ovs-vswitchd.log`
const debug = (modules: string, level = 'dbg'): string =>
  `ovs-appctl vlog/set ${modules.replaceAll(/\w+/g, `$&:file:${level}`)}; : > ovs-vswitchd.log`
const sent = (name: string): string => `tcpdump -t -e -x -r ${name}.pcap 2>/dev/null`
const captured = (port: string, name: string): string =>
  `ovs-vsctl set interface ${port} options:tx_pcap=DIR/${name}.pcap`
const receive = (port: string, bytes: string): string => `ovs-appctl netdev-dummy/receive ${port} ${bytes}`
const warp = (seconds: number, step = 500): string => `ovs-appctl time/warp ${seconds * 1000} ${step}`

const bpdu = (text: string): string => `0180c2000000020000000099${text}`
/** A better root, and a change, of 1998; a proposal of 2004. */
const config = bpdu(
  '00264242030000000000' + '1000020000000099' + '00000000' + '1000020000000099' + '8001' + '0000140002000f00',
)
const change = bpdu('000742420300000080')
const rapid = bpdu(
  '0027424203000002023e' + '1000020000000099' + '00000000' + '1000020000000099' + '8001' + '0000140002000f0000',
)

const tree = '1000020000000099' + '00000000' + '1000020000000099' + '8001'
/** What is no message, or one too old, and then some that are of a strange kind. */
const notTaken = [
  '0003424203',
  '0006424203000000',
  '000742420300010000',
  '000742420300000500',
  '000742420300000017',
  '000842420300000000ff',
  '00264242030000000000000000000000000000000000',
  `00264242030000000000${tree}1400140002000f00`,
  `00264242030000000000${tree}1500140002000f00`,
  `002742420300000202fc${tree}0000140002000f0000`,
  `002642420300000202fc${tree}0000140002000f00`,
  `002742420300000002fc${tree}0000140002000f0000`,
  `002842420300000302fc${tree}0000140002000f000000`,
  `002742420300000202fc${tree}1500140002000f0000`,
  `00264242030000050000${tree}0000140002000f00`,
  `00274242030000000000${tree}0000140002000f0000`,
]

export const treeSessions: Readonly<Record<string, readonly string[]>> = {
  'STP comes and goes': [
    debug('stp'),
    captured('p1', 'stp'),
    'ovs-vsctl set bridge br0 stp_enable=true',
    warp(0.5),
    'ovs-appctl stp/show br0',
    'ovs-ofctl show br0',
    'ovs-appctl ofproto/trace br0 in_port=1,dl_dst=00:00:00:00:00:02',
    ...[1, 2, 2, 10].flatMap(seconds => [warp(seconds), sent('stp')]),
    status,
    'ovs-ofctl show br0',
    warp(16),
    status,
    receive('p1', config),
    warp(1),
    'ovs-appctl stp/show',
    warp(6),
    status,
    'ovs-ofctl -O OpenFlow14 dump-ports-desc br0',
    receive('p1', change),
    receive('p1', bpdu('000342420300')),
    receive('p1', bpdu('00264242030000000005')),
    warp(35),
    'ovs-appctl stp/show',
    statistics,
    'ovs-appctl stp/tcn br0',
    warp(3),
    sent('stp'),
    'ovs-appctl stp/tcn nope',
    'ovs-vsctl set bridge br0 stp_enable=false',
    status,
    'ovs-appctl stp/show',
    'ovs-ofctl show br0',
    log,
  ],
  'what STP does not take': [
    debug('stp'),
    'ovs-vsctl set bridge br0 stp_enable=true',
    warp(1.5),
    ...notTaken.map(text => receive('p1', bpdu(text))),
    log,
    // More at once than is told.
    receive('p1', `$(yes ${config} | head -65)`),
    receive('p1', `$(yes ${config} | head -65)`),
    warp(6),
    'sleep .2',
    repeated,
    statistics,
    'ovs-vsctl set bridge br0 stp_enable=false rstp_enable=true',
    warp(1),
    ...notTaken.map(text => receive('p1', bpdu(text))),
    warp(6),
    statistics,
    log,
  ],
  'what STP is told': [
    debug('stp', 'info'),
    'ovs-vsctl set bridge br0 stp_enable=true other_config:stp-priority=0x100 other_config:stp-hello-time=1 other_config:stp-max-age=1 other_config:stp-forward-delay=0 other_config:stp-system-id=02:00:00:00:00:77',
    'ovs-appctl stp/show br0',
    'ovs-vsctl set bridge br0 other_config:stp-priority=100000 other_config:stp-hello-time=-1 other_config:stp-max-age=99 other_config:stp-forward-delay=99 other_config:stp-system-id=nope',
    'ovs-appctl stp/show br0',
    'ovs-vsctl set port p1 other_config:stp-path-cost=100000 other_config:stp-port-priority=300',
    'ovs-appctl stp/show br0',
    'ovs-vsctl set port p1 other_config:stp-port-num=3',
    'ovs-appctl stp/show br0',
    'ovs-vsctl set port p2 other_config:stp-port-num=3',
    'ovs-appctl stp/show br0',
    'ovs-vsctl set port p2 other_config:stp-port-num=0',
    'ovs-appctl stp/show br0',
    'ovs-vsctl set port p2 other_config:stp-port-num=255',
    'ovs-appctl stp/show br0',
    'ovs-vsctl set port p2 other_config:stp-enable=false',
    'ovs-appctl stp/show br0',
    status,
    'ovs-ofctl mod-port br0 p1 no-stp',
    'ovs-ofctl mod-port br0 p2 no-receive-stp',
    warp(1),
    'ovs-ofctl show br0',
    'ovs-appctl stp/show br0',
    'ovs-appctl netdev-dummy/set-admin-state p1 down',
    warp(1),
    'ovs-appctl stp/show br0',
    'ovs-appctl netdev-dummy/set-admin-state p1 up',
    warp(1),
    'ovs-appctl stp/show br0',
    'ovs-vsctl clear port p1 other_config -- clear port p2 other_config -- clear bridge br0 other_config',
    'ovs-appctl stp/show br0 | grep -v system-id',
    log,
  ],
  'RSTP comes and goes': [
    captured('p1', 'rstp'),
    'ovs-vsctl set bridge br0 rstp_enable=true',
    warp(0.5),
    'ovs-appctl rstp/show br0',
    'ovs-ofctl show br0',
    ...[1, 2, 2].flatMap(seconds => [warp(seconds), sent('rstp')]),
    status,
    receive('p1', rapid),
    warp(1),
    'ovs-appctl rstp/show',
    sent('rstp'),
    receive('p1', bpdu('000342420300')),
    warp(12),
    status,
    warp(3),
    'ovs-appctl rstp/show',
    sent('rstp'),
    receive('p1', config),
    warp(5),
    receive('p1', change),
    warp(5),
    'ovs-appctl rstp/show',
    sent('rstp'),
    statistics,
    'ovs-ofctl -O OpenFlow14 dump-ports-desc br0',
    'ovs-appctl rstp/tcn br0',
    warp(3),
    sent('rstp'),
    'ovs-appctl rstp/tcn nope',
    'ovs-vsctl set bridge br0 stp_enable=true',
    'ovs-appctl stp/show',
    'ovs-appctl rstp/show',
    'ovs-vsctl set bridge br0 rstp_enable=false',
    'ovs-appctl stp/show',
    warp(6),
    status,
    statistics,
    log,
  ],
  'what RSTP is told': [
    'ovs-vsctl set bridge br0 rstp_enable=true other_config:rstp-priority=100000 other_config:rstp-max-age=1 other_config:rstp-forward-delay=0 other_config:rstp-transmit-hold-count=99 other_config:rstp-address=02:00:00:00:00:77',
    'ovs-appctl rstp/show br0',
    'ovs-vsctl set bridge br0 other_config:rstp-priority=4097 other_config:rstp-max-age=99 other_config:rstp-forward-delay=99 other_config:rstp-transmit-hold-count=1 other_config:rstp-address=nope other_config:rstp-force-protocol-version=1 other_config:rstp-ageing-time=5',
    'ovs-appctl rstp/show br0',
    'ovs-vsctl set port p1 other_config:rstp-path-cost=300000000 other_config:rstp-port-priority=300 other_config:rstp-port-admin-edge=true',
    'ovs-appctl rstp/show br0',
    'ovs-vsctl set port p1 other_config:rstp-path-cost=7 other_config:rstp-port-priority=17 other_config:rstp-port-num=3',
    'ovs-appctl rstp/show br0',
    'ovs-vsctl set port p2 other_config:rstp-port-num=3',
    'ovs-appctl rstp/show br0',
    'ovs-vsctl set port p2 other_config:rstp-port-num=5000',
    'ovs-appctl rstp/show br0',
    'ovs-vsctl set port p2 other_config:rstp-enable=false',
    'ovs-appctl rstp/show br0',
    status,
    'ovs-vsctl clear port p1 other_config',
    'ovs-vsctl clear port p2 other_config',
    'ovs-appctl rstp/show br0',
    log,
  ],
  'snooping comes and goes': [
    'ovs-appctl mdb/show br0',
    'ovs-vsctl set bridge br0 mcast_snooping_enable=true other_config:mcast-snooping-aging-time=20',
    receive('p1', '01005e01010100000000001108004600002000000000010280c30a000001ef01010194040000' + '1600f8fcef010101'),
    warp(1),
    'ovs-appctl mdb/show br0',
    'ovs-appctl ofproto/trace br0 in_port=2,ip,dl_dst=01:00:5e:01:01:01,nw_dst=239.1.1.1,nw_proto=17 | grep -v actions',
    warp(10),
    'ovs-appctl mdb/show br0',
    warp(10),
    'ovs-appctl mdb/show br0',
    receive('p1', '01005e01010100000000001108004600002000000000010280c30a000001ef01010194040000' + '1600f8fcef010101'),
    'ovs-appctl mdb/flush br0',
    'ovs-appctl mdb/show br0',
    receive('p1', '01005e01010100000000001108004600002000000000010280c30a000001ef01010194040000' + '1600f8fcef010101'),
    'ovs-vsctl del-port p1',
    'ovs-appctl mdb/show br0',
    'ovs-vsctl set bridge br0 mcast_snooping_enable=false',
    'ovs-appctl mdb/show br0',
    'ovs-appctl mdb/flush',
    'ovs-appctl mdb/flush nope',
    log,
  ],
}
