import type { Task } from '../../runtime/index.ts'
import type { Lab } from '../lab.ts'
import type { Network } from '../network.ts'
import { portsOf, reaches } from './looks.ts'

const backplane = { bandwidth: 10e9, delay: 5_000 }

function* missing(network: Network): Task<string[]> {
  const { root } = network.get('hv1').kernel
  const wrong: string[] = []
  const ports = yield* portsOf(network, 'hv1', 'mybridge')
  if (ports === undefined) wrong.push('hv1 has no bridge mybridge: ovs-vsctl add-br mybridge')
  for (const n of [1, 2]) {
    const name = `vport${n}`
    const tap = root.links.get(name)
    if (tap === undefined)
      wrong.push(`there is no tap ${name} for vm${n} to be plugged into: ip tuntap add mode tap ${name}`)
    else if (tap.kind !== 'tap')
      wrong.push(`${name} is no tap: ip link del ${name}, then ip tuntap add mode tap ${name}`)
    else if (!tap.up) wrong.push(`${name} is down: ifconfig ${name} up`)
    if (tap !== undefined && ports !== undefined && !ports.includes(name))
      wrong.push(`${name} is not in mybridge: ovs-vsctl add-port mybridge ${name}`)
  }
  if (wrong.length > 0) return wrong
  for (const [vm, other] of [
    [1, 2],
    [2, 1],
  ])
    if (!(yield* reaches(network, `vm${vm}`, `10.0.0.${other}`)))
      wrong.push(`vm${vm} does not reach 10.0.0.${other}, vm${other}: ovs-ofctl dump-flows mybridge, ip -br link`)
  return wrong
}

export const taps: Lab = {
  name: 'taps',
  about: 'two VMs that wait for their taps, and a bridge to join them',
  picture: `
   vm1 10.0.0.1           vm2 10.0.0.2
        :                      :
        : vport1               : vport2
   +----------------------------------+
   | hv1        (mybridge)            |
   +----------------------------------+`.slice(1),
  build(net) {
    net.machine('hv1')
    for (const n of [1, 2]) {
      net.machine(`vm${n}`)
      net.cableToTap(`vm${n}:eth0`, `hv1:vport${n}`, backplane)
      net.type(`vm${n}`, `ip addr add 10.0.0.${n}/24 dev eth0\nip link set eth0 up`)
    }
  },
  groups: {},
  exercise: {
    task: `
vm1 and vm2 are VMs of hv1: as soon as there is a tap vport1, the NIC of vm1 is plugged in there, and vm2's at vport2.
Make both taps, bring them up, and put them into a bridge mybridge, so that the VMs reach each other.
ovs-appctl fdb/show mybridge then says behind which port it learned which MAC.`.slice(1),
    missing,
    solution: [
      'hv1 ovs-vsctl add-br mybridge',
      'hv1 ip tuntap add mode tap vport1',
      'hv1 ip tuntap add mode tap vport2',
      'hv1 ifconfig vport1 up',
      'hv1 ifconfig vport2 up',
      'hv1 ovs-vsctl add-port mybridge vport1 -- add-port mybridge vport2',
    ],
  },
}
