import type { Lab } from '../lab.ts'
import type { Network } from '../network.ts'

const wire = { bandwidth: 10e9, delay: 5_000 }

/** What is left of an Ethernet MTU for the inner packet: VXLAN over IPv4 takes 50 bytes. */
const mtu = 1450

const host = (net: Network, n: 1 | 2): void => {
  net.machine(`h${n}`)
  net.cable(`h${n}:eth0`, `s1:port${n}`, wire)
  net.type(
    `h${n}`,
    `ip link set eth0 mtu ${mtu}
     ip addr add 10.0.42.${n}/24 dev eth0
     ip addr add fd00:42::${n}/64 dev eth0
     ip link set eth0 up`,
  )
}

export const segment: Lab = {
  name: 'segment',
  about: 'two hosts on a switch with a free port, where weft vtep joins them to a real VXLAN overlay',
  picture: `
   h1 10.0.42.1        h2 10.0.42.2
   fd00:42::1          fd00:42::2
        |port1              |port2
   +----+-------------------+----+
   | s1          br0             |
   +--------------+--------------+
                  |uplink
           (free, or weft vtep)`.slice(1),
  build(net) {
    net.machine('s1')
    host(net, 1)
    host(net, 2)
    net.nic('s1:uplink')
    net.type(
      's1',
      `ip link set port1 up
       ip link set port2 up
       ip link set uplink up
       ovs-vsctl add-br br0
       ovs-vsctl add-port br0 port1 -- add-port br0 port2 -- add-port br0 uplink`,
    )
  },
  groups: { segment: ['h1', 'h2'] },
  shown: { from: 'h1', to: 'h2', at: 'h1:eth0' },
  join: 's1:uplink',
}
