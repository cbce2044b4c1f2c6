import type { Task } from '../../runtime/index.ts'
import { parseIp4 } from '../../wire/address.ts'
import type { Lab } from '../lab.ts'
import type { Network } from '../network.ts'
import { flowsOf, portsOf, reaches } from './looks.ts'

const wire = { bandwidth: 1e9, delay: 10_000 }

/** Why `from` does not reach `to`: without a MAC it is ARP that does not pass. */
const why = (network: Network, from: number, to: number): string => {
  const { arp, links } = network.get(`h${from}`).kernel.root
  const link = links.get('eth0')
  const known = link !== undefined && arp.find(link, parseIp4(`10.0.0.${to}`) as number)?.usable === true
  const [request, answer] = [`in_port=${from},actions=output:${to}`, `in_port=${to},actions=output:${from}`]
  return known
    ? `h${from} does not reach h${to}, though it knows its MAC: IP needs a flow each way, as ${request} and ${answer} are`
    : `h${from} does not reach h${to}, not even its MAC is known: ARP needs a flow each way too, as ${request} and ${answer} are`
}

function* missing(network: Network): Task<string[]> {
  const ports = yield* portsOf(network, 'sw', 's1')
  if (ports === undefined) return ['sw has no bridge s1 any more: ovs-vsctl add-br s1']
  const gone = [1, 2, 3, 4].map(n => `eth${n}`).filter(name => !ports.includes(name))
  if (gone.length > 0) return gone.map(name => `${name} is not in s1: ovs-vsctl add-port s1 ${name}`)
  if ((yield* flowsOf(network, 'sw', 's1')).length === 0)
    return ['s1 has no flows, so it drops every frame: ovs-ofctl add-flow s1 …']
  const wrong: string[] = []
  for (const [from, to] of [
    [1, 2],
    [3, 4],
  ] as const)
    if (!(yield* reaches(network, `h${from}`, `10.0.0.${to}`))) wrong.push(why(network, from, to))
  for (const [from, to] of [
    [1, 3],
    [4, 2],
  ] as const)
    if (yield* reaches(network, `h${from}`, `10.0.0.${to}`))
      wrong.push(
        `h${from} reaches h${to}, which it must not: ovs-ofctl dump-flows s1 shows the flow that lets it, and del-flows takes it out`,
      )
  return wrong
}

export const openflow: Lab = {
  name: 'openflow',
  about: 'four hosts on a switch that does nothing but what its flows say, and it has none',
  picture: `
   h1 10.0.0.1   h2 10.0.0.2   h3 10.0.0.3   h4 10.0.0.4
        |1            |2            |3            |4
   +----+-------------+-------------+-------------+----+
   | sw              s1, fail_mode secure              |
   +---------------------------------------------------+`.slice(1),
  build(net) {
    net.machine('sw')
    net.type('sw', 'ovs-vsctl add-br s1 -- set-fail-mode s1 secure')
    for (const n of [1, 2, 3, 4]) {
      net.machine(`h${n}`)
      net.cable(`h${n}:eth0`, `sw:eth${n}`, wire)
      net.type(
        `h${n}`,
        `ip link set eth0 address 00:00:00:00:00:0${n}\nip addr add 10.0.0.${n}/24 dev eth0\nip link set eth0 up`,
      )
      net.type('sw', `ip link set eth${n} up\novs-vsctl add-port s1 eth${n}`)
    }
  },
  groups: {},
  exercise: {
    task: `
Give s1 flows so that h1 and h2 reach each other, and h3 and h4, but none of the first two any of the others.
h1 and h2 by their ports (in_port), h3 and h4 by their MACs (dl_src, dl_dst), which are 00:00:00:00:00:03 and …:04.
ARP goes to everybody (ff:ff:ff:ff:ff:ff), so a match on the MAC of a host does not see it. ovs-ofctl show s1 names the
ports; ovs-ofctl add-flow s1 action=normal makes it a learning switch, which is more than is wanted.`.slice(1),
    missing,
    solution: [
      'sw ovs-ofctl add-flow s1 priority=500,in_port=1,actions=output:2',
      'sw ovs-ofctl add-flow s1 priority=500,in_port=2,actions=output:1',
      'sw ovs-ofctl add-flow s1 in_port=3,arp,actions=output:4',
      'sw ovs-ofctl add-flow s1 in_port=4,arp,actions=output:3',
      'sw ovs-ofctl add-flow s1 dl_src=00:00:00:00:00:03,dl_dst=00:00:00:00:00:04,actions=output:4',
      'sw ovs-ofctl add-flow s1 dl_src=00:00:00:00:00:04,dl_dst=00:00:00:00:00:03,actions=output:3',
    ],
  },
}
