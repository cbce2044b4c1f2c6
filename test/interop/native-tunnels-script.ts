/** For both switches: VXLAN through a bridge of dummies, as a datapath makes tunnels that is not a kernel's. */
const inner =
  'eth(src=f8:bc:12:44:34:b6,dst=aa:55:aa:55:00:00),eth_type(0x0800),ipv4(src=1.1.3.88,dst=1.1.3.112,proto=17,tos=0,ttl=64,frag=no),udp(src=1,dst=2)'
const answer =
  'in_port(1),eth(src=f8:bc:12:44:34:b6,dst=aa:55:aa:55:00:00),eth_type(0x0806),arp(sip=1.1.2.92,tip=1.1.2.88,op=2,sha=f8:bc:12:44:34:b6,tha=00:00:00:00:00:00)'
const question = answer.replace('op=2', 'op=1').replace('dst=aa:55:aa:55:00:00', 'dst=ff:ff:ff:ff:ff:ff')
const arriving =
  'aa55aa550000f8bc124434b6080045000050796040004011b9e00101025c01010258c85312b5003c00000800000000007b00f8bc124434b6aa55aa55000008004500001e000040004011f0d1010103580101037000010002000a0000'
const damaged = arriving.replace('b9e0', 'b9e1')
const trace = `ovs-appctl ofproto/trace ovs-dummy "in_port(3),${inner}"`
const bridge = (name: string, mac: string): string =>
  `ovs-vsctl -t 30 --if-exists del-br ${name} -- add-br ${name} -- set bridge ${name} datapath_type=dummy fail-mode=secure other-config:hwaddr=${mac}`

export const nativeTunnelScript: readonly string[] = [
  bridge('br0', 'aa:55:aa:55:00:00'),
  'ovs-vsctl -t 30 add-port br0 p1 -- set interface p1 type=dummy ofport_request=1 options:tx_pcap=p1.pcap',
  bridge('br1', 'aa:55:aa:56:00:00'),
  'ovs-vsctl -t 30 add-port br1 t2 -- set interface t2 type=vxlan options:remote_ip=1.1.2.92 options:key=123 ofport_request=2',
  'ovs-vsctl -t 30 add-port br1 p3 -- set interface p3 type=dummy ofport_request=3 options:tx_pcap=p3.pcap',
  'ovs-vsctl -t 30 add-port br1 t4 -- set interface t4 type=vxlan options:remote_ip=2001:cafe::92 options:key=flow options:tos=inherit options:dst_port=4790 ofport_request=4',
  'ovs-ofctl add-flow br0 action=normal',
  'ovs-ofctl add-flow br1 in_port=3,action=2',
  'ovs-ofctl add-flow br1 in_port=2,action=3',
  'ovs-appctl tnl/ports/show',
  'ovs-appctl tnl/ports/show -v',
  'ovs-appctl dpctl/show',
  trace,
  'ovs-appctl netdev-dummy/ip4addr br0 1.1.2.88/24',
  'ovs-appctl ovs/route/add 1.1.2.0/24 br0',
  'ovs-appctl tnl/ports/show -v',
  trace,
  `ovs-appctl netdev-dummy/receive p1 "${question}"`,
  'ovs-appctl tnl/neigh/show',
  `ovs-appctl netdev-dummy/receive p1 "${answer}"`,
  'ovs-appctl tnl/neigh/show',
  trace,
  `${trace} --names`,
  `ovs-appctl ofproto/trace ovs-dummy "in_port(1),${inner.replace('1.1.3.112', '1.1.2.88').replace('udp(src=1,dst=2)', 'udp(src=5,dst=4789)')}"`,
  `ovs-appctl ofproto/trace ovs-dummy "tunnel(tun_id=0x7b,src=1.1.2.92,dst=1.1.2.88,ttl=64,flags(df|key)),in_port(4789),${inner}"`,
  'ovs-appctl revalidator/purge',
  `ovs-appctl netdev-dummy/receive p3 "in_port(3),${inner}"`,
  `ovs-appctl netdev-dummy/receive p3 "in_port(3),${inner}"`,
  `ovs-appctl netdev-dummy/receive p1 ${arriving}`,
  `ovs-appctl netdev-dummy/receive p1 ${arriving}`,
  `ovs-appctl netdev-dummy/receive p1 ${damaged}`,
  // Frames go through it in its next turns.
  ...[1, 2, 3, 4].map(() => 'ovs-appctl version > /dev/null'),
  'ovs-pcap p1.pcap | grep 12b5',
  'ovs-pcap p3.pcap',
  'ovs-ofctl add-flow br1 in_port=3,action=set_field:77-\\>tun_id,4,2',
  'ovs-appctl netdev-dummy/ip6addr br0 2001:cafe::88/64',
  trace,
  'ovs-appctl ovs/route/add 2001:cafe::/64 br0',
  trace,
  'ovs-appctl tnl/neigh/set br0 2001:cafe::92 f8:bc:12:44:34:b7',
  trace,
  'ovs-ofctl add-flow br0 in_port=LOCAL,action=drop',
  trace,
  'ovs-appctl ovs/route/del 1.1.2.0/24',
  trace,
  'ovs-vsctl -t 30 del-port t4',
  'ovs-appctl tnl/ports/show',
  'ovs-vsctl -t 30 del-br br1 -- del-br br0',
]
