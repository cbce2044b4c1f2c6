import type { Lab } from '../lab.ts'
import type { Network } from '../network.ts'

const wire = { bandwidth: 10e9, delay: 50_000 }
const backplane = { bandwidth: 10e9, delay: 5_000 }

/** The tables of the field notes: table 0 says which tenant, table 1 where to. `mine` lives here, `theirs` over there. */
const flows = (mine: number, theirs: number): string => `
  table=0,in_port=1,actions=set_field:100->tun_id,resubmit(,1)
  table=0,in_port=2,actions=set_field:200->tun_id,resubmit(,1)
  table=0,actions=resubmit(,1)
  table=1,tun_id=100,dl_dst=00:00:00:00:00:0${mine},actions=output:1
  table=1,tun_id=200,dl_dst=00:00:00:00:00:0${mine},actions=output:2
  table=1,tun_id=100,dl_dst=00:00:00:00:00:0${theirs},actions=output:10
  table=1,tun_id=200,dl_dst=00:00:00:00:00:0${theirs},actions=output:10
  table=1,tun_id=100,arp,nw_dst=10.0.0.${mine},actions=output:1
  table=1,tun_id=200,arp,nw_dst=10.0.0.${mine},actions=output:2
  table=1,tun_id=100,arp,nw_dst=10.0.0.${theirs},actions=output:10
  table=1,tun_id=200,arp,nw_dst=10.0.0.${theirs},actions=output:10
  table=1,priority=100,actions=drop`

/** The file flows.txt of hypervisor `n`, which is at home in /root. */
const writeFlows = (net: Network, n: 1 | 2): void => {
  const hv = net.get(`hv${n}`)
  hv.files.write(
    hv.init,
    '/root/flows.txt',
    flows(n, 3 - n)
      .trim()
      .replaceAll('\n  ', '\n'),
  )
}

/** Hypervisor `n` with a VM of each tenant, before it has a switch; the VMs have the same MAC and IP address. */
const hypervisor = (net: Network, n: 1 | 2, ...vms: [blue: string, red: string]): void => {
  const hv = `hv${n}`
  net.machine(hv)
  net.cable(`${hv}:eth0`, `r1:eth${n - 1}`, wire)
  net.type(
    hv,
    `ip addr add 192.168.${n}.${n}0/24 dev eth0
     ip link set eth0 up
     ip route add default via 192.168.${n}.1
     ip tuntap add mode tap vport1
     ip tuntap add mode tap vport2
     ip link set vport1 up
     ip link set vport2 up`,
  )
  writeFlows(net, n)
  for (const [i, vm] of vms.entries()) {
    net.machine(vm)
    net.cable(`${vm}:eth0`, `${hv}:vport${i + 1}`, backplane)
    net.type(
      vm,
      `ip link set eth0 address 00:00:00:00:00:0${n}
       ip link set eth0 mtu 1450
       ip addr add 10.0.0.${n}/24 dev eth0
       ip link set eth0 up`,
    )
  }
}

/** The switch of hypervisor `n`: the VMs on ports 1 and 2, the tunnel on port 10. */
const addSwitch = (net: Network, n: 1 | 2): void => {
  const other = 3 - n
  net.type(
    `hv${n}`,
    `ovs-vsctl add-br br-int -- set-fail-mode br-int secure
     ovs-vsctl add-port br-int vport1
     ovs-vsctl add-port br-int vport2
     ovs-vsctl add-port br-int vtep -- set interface vtep type=vxlan option:remote_ip=192.168.${other}.${other}0 option:key=flow ofport_request=10
     ovs-ofctl add-flows br-int flows.txt`,
  )
}

/** The router, both hypervisors and their VMs, without switches. */
export const underlay = (net: Network): void => {
  net.machine('r1')
  hypervisor(net, 1, 'web1', 'web2')
  hypervisor(net, 2, 'db1', 'db2')
  net.type(
    'r1',
    `ip addr add 192.168.1.1/24 dev eth0
     ip addr add 192.168.2.1/24 dev eth1
     ip link set eth0 up
     ip link set eth1 up
     sysctl -q -w net.ipv4.ip_forward=1`,
  )
}

export const twoHypervisors: Lab = {
  name: 'two-hypervisors',
  about: 'two tenants with the same addresses on two hypervisors, one VXLAN tunnel between them',
  picture: `
   web1 10.0.0.1    web2 10.0.0.1               db1 10.0.0.2     db2 10.0.0.2
   blue, VNI 100    red, VNI 200                blue, VNI 100    red, VNI 200
        |vport1          |vport2                     |vport1          |vport2
   +----+----------------+----+                 +----+----------------+----+
   | hv1      br-int          |                 | hv2      br-int          |
   |            |vtep         |                 |            |vtep         |
   |       eth0 192.168.1.10  |                 |       eth0 192.168.2.20  |
   +------------+-------------+                 +------------+-------------+
                |                                            |
                +------ 192.168.1.1  r1  192.168.2.1 --------+`.slice(1),
  build(net) {
    underlay(net)
    addSwitch(net, 1)
    addSwitch(net, 2)
  },
  groups: { underlay: ['hv1', 'hv2'], 'blue, VNI 100': ['web1', 'db1'], 'red, VNI 200': ['web2', 'db2'] },
  shown: { from: 'web1', to: 'db1', at: 'hv1:eth0' },
}
