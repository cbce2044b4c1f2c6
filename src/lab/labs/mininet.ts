import type { Task } from '../../runtime/index.ts'
import type { Lab } from '../lab.ts'
import type { Network } from '../network.ts'
import { columnOf, portsOf, reaches } from './looks.ts'

const hosts = [1, 2] as const

function* missing(network: Network): Task<string[]> {
  const { kernel } = network.get('vm')
  const ports = yield* portsOf(network, 'vm', 's1')
  if (ports === undefined) return ['vm has no bridge s1 any more: ovs-vsctl add-br s1']
  const wrong: string[] = []
  for (const n of hosts) {
    const inside = kernel.namespace(`h${n}`)
    const [near, far] = [kernel.root.links.get(`s1-eth${n}`), inside?.links.get(`h${n}-eth0`)]
    if (inside === undefined || near === undefined || far === undefined)
      wrong.push(`h${n} or its link h${n}-eth0 is gone: leave the lab and begin anew`)
    else if (!ports.includes(near.name)) wrong.push(`${near.name} is not in s1: ovs-vsctl add-port s1 ${near.name}`)
    else if (!near.up) wrong.push(`${near.name} is down, so h${n} has no carrier: ip link set ${near.name} up`)
    else if (!far.up) wrong.push(`${far.name} is down: ip netns exec h${n} ip link set ${far.name} up`)
  }
  if (wrong.length > 0) return wrong
  const rows = yield* columnOf(network, 'vm', 'Bridge', 's1', 'controller')
  const controller = /[0-9a-f-]{36}/.exec(rows ?? '')?.[0]
  const standalone = (yield* columnOf(network, 'vm', 'Bridge', 's1', 'fail_mode')) !== 'secure'
  if (controller === undefined && !standalone)
    return ['s1 has no controller and its fail mode is secure: ovs-vsctl set-controller s1 tcp:127.0.0.1:6653']
  const connected =
    controller !== undefined && (yield* columnOf(network, 'vm', 'Controller', controller, 'is_connected')) === 'true'
  if (!connected && !standalone) {
    const target = yield* columnOf(network, 'vm', 'Controller', controller as string, 'target')
    return [`nobody answers at ${target}, where s1 looks for its controller: ovs-testcontroller ptcp:6653 &`]
  }
  for (const [from, to] of [hosts, [2, 1] as const])
    if (!(yield* reaches(network, 'vm', `10.0.0.${to}`, `h${from}`)))
      wrong.push(`h${from} does not reach h${to}: ovs-ofctl dump-flows s1 shows what the controller told s1`)
  return wrong
}

export const mininet: Lab = {
  name: 'mininet',
  about: 'the smallest network of Mininet by hand: namespaces, veth pairs, a switch that waits for its controller',
  picture: `
   +-- vm ---------------------------------------------+
   |  h1 10.0.0.1    s1, fail_mode secure    h2 10.0.0.2
   |  h1-eth0 ------ s1-eth1      s1-eth2 ------ h2-eth0
   |                      :                            |
   |            c0  tcp:127.0.0.1:6653                 |
   +---------------------------------------------------+`.slice(1),
  build(net) {
    net.machine('vm')
    net.type('vm', 'ovs-vsctl add-br s1 -- set-fail-mode s1 secure -- set-controller s1 tcp:127.0.0.1:6653')
    for (const n of hosts)
      net.type(
        'vm',
        `ip netns add h${n}
         ip link add s1-eth${n} type veth peer name h${n}-eth0
         ip link set h${n}-eth0 netns h${n}
         ip netns exec h${n} ip link set lo up
         ip netns exec h${n} ip addr add 10.0.0.${n}/8 dev h${n}-eth0
         ip netns exec h${n} ip link set h${n}-eth0 up
         ip link set s1-eth${n} up
         ovs-vsctl add-port s1 s1-eth${n}`,
      )
  },
  groups: {},
  exercise: {
    task: `
weft mn makes this and gives Mininet's prompt. Here it is by hand, on one machine: two hosts are network namespaces,
their links veth pairs, s1 is a bridge that knows nothing by itself. What is missing is its controller, c0: start one,
and h1 and h2 reach each other. vm ip netns exec h1 ping 10.0.0.2 pings; vm ovs-ofctl dump-flows s1 shows what the
controller taught s1.`.slice(1),
    missing,
    solution: ['vm ovs-testcontroller ptcp:6653 &', 'vm sleep 10'],
  },
}
