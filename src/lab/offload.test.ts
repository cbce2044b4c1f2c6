import { expect, test } from 'vitest'
import { start } from '../runtime/index.ts'
import { segmentCount } from '../wire/tcp-segments.ts'
import { Network } from './network.ts'

/** Two machines with a bridge each, joined by a cable and a VXLAN tunnel over it, and a host in a namespace on each. */
const overlay = (): Network => {
  const network = new Network({ seed: 1 })
  for (const n of [1, 2]) network.machine(`hv${n}`)
  network.cable('hv1:eth0', 'hv2:eth0', { bandwidth: 10e9, delay: 50_000 })
  for (const [n, other] of [
    [1, 2],
    [2, 1],
  ])
    network.type(
      `hv${n}`,
      `ip addr add 192.168.0.${n}/24 dev eth0
       ip link set eth0 up
       ip netns add web
       ip link add web type veth peer name eth0 netns web
       ip link set web up
       ip -n web link set eth0 mtu 1450 up
       ip -n web addr add 10.0.0.${n}/24 dev eth0
       ovs-vsctl add-br br0 -- add-port br0 web -- add-port br0 vx0 -- set interface vx0 type=vxlan options:remote_ip=192.168.0.${other}`,
    )
  network.settle()
  return network
}

test('TCP through switches and a VXLAN tunnel: whole as far as the tunnel, in packets on the cable', () => {
  const network = overlay()
  const longest = { veth: 0, cable: 0, packets: 0 }
  const web = network.get('hv1').kernel.root.links.get('web')
  if (web === undefined) throw new Error('no link')
  web.taps.add((direction, frame) => {
    if (direction !== 'in') return
    longest.veth = Math.max(longest.veth, frame.size)
    longest.packets += segmentCount(frame)
  })
  network.cables[0]?.taps.add((_, frame) => {
    longest.cable = Math.max(longest.cable, frame.size)
  })
  start(network.get('hv2').exec('ip netns exec web iperf -s'))
  const printed = network.type('hv1', 'ip netns exec web iperf -c 10.0.0.2 -n 2M')
  expect(printed).toMatch(/ 2\.00 MBytes /)
  expect(longest.veth).toBeGreaterThan(10_000)
  expect(longest.cable).toBe(1514)
  expect(longest.packets).toBeGreaterThan(1490)
})

test('a bridge with a loop of its own, labels pushed and popped: the bytes arrive', () => {
  const network = new Network({ seed: 1 })
  network.machine('m')
  network.type(
    'm',
    `ip netns add a
     ip netns add b
     ip link add a0 type veth peer name eth0 netns a
     ip link add b0 type veth peer name eth0 netns b
     ip link set a0 up
     ip link set b0 up
     ip -n a link set eth0 up
     ip -n b link set eth0 up
     ip -n a addr add 10.0.0.1/24 dev eth0
     ip -n b addr add 10.0.0.2/24 dev eth0
     ovs-vsctl add-br br0 -- set bridge br0 protocols=OpenFlow13,OpenFlow10 -- add-port br0 a0 -- add-port br0 b0
     ovs-ofctl add-flow br0 'table=0,priority=1,actions=normal'
     ovs-ofctl -O OpenFlow13 add-flow br0 'tcp,in_port=a0,actions=push_mpls:0x8847,set_field:16->mpls_label,pop_mpls:0x0800,goto_table:1'
     ovs-ofctl -O OpenFlow13 add-flow br0 'table=1,tcp,actions=mod_nw_tos:8,normal'`,
  )
  network.settle()
  start(network.get('m').exec('ip netns exec b iperf -s'))
  expect(network.type('m', 'ip netns exec a iperf -c 10.0.0.2 -n 1M')).toMatch(/ 1\.00 MBytes /)
})
