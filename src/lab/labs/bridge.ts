import type { Task } from '../../runtime/index.ts'
import { formatIp4, parseIp4 } from '../../wire/address.ts'
import type { Lab } from '../lab.ts'
import type { Network } from '../network.ts'
import { addInternet } from './internet.ts'
import { addressesOf, portsOf, reaches } from './looks.ts'

const outside = '8.8.8.8'
const site = 'google.com'

const restore = 'dhclient mybridge'

function* missing(network: Network): Task<string[]> {
  const ports = yield* portsOf(network, 'host', 'mybridge')
  const { root } = network.get('host').kernel
  const [eth0, mybridge] = [root.links.get('eth0'), root.links.get('mybridge')]
  if (ports === undefined || mybridge === undefined) return ['host has no bridge mybridge: ovs-vsctl add-br mybridge']
  if (!ports.includes('eth0')) return ['eth0 is not a port of mybridge: ovs-vsctl add-port mybridge eth0']
  if (eth0 === undefined || !eth0.up) return ['eth0 is down: ifconfig eth0 up']
  const wrong: string[] = []
  const [left] = addressesOf(root, eth0)
  const [own] = addressesOf(root, mybridge)
  if (left !== undefined) {
    const then = own === undefined ? `, then ${restore}` : ''
    wrong.push(`eth0 is in mybridge but still has the address ${left}: ifconfig eth0 0${then}`)
  } else if (own === undefined) wrong.push(`mybridge has no address: ${restore}`)
  if (!mybridge.up && own !== undefined) wrong.push('mybridge is down: ifconfig mybridge up')
  if (wrong.length > 0) return wrong
  const path = root.route(parseIp4(outside) as number)
  if (typeof path === 'string') return ['host has no default route: route add default gw 10.0.2.2']
  const gateway = formatIp4(path.hop as number)
  if (path.link !== mybridge) return [`the way to ${outside} goes out of ${path.link.name}, not of mybridge: route -n`]
  if (yield* reaches(network, 'host', outside)) {
    if (yield* reaches(network, 'host', site)) return []
    return [`${outside} answers and ${site} does not: cat /etc/resolv.conf shows who is asked for names`]
  }
  if (yield* reaches(network, 'host', gateway)) return [`${outside} does not answer, though the router ${gateway} does`]
  return [
    `neither ${outside} nor the router ${gateway} answers: ovs-ofctl dump-flows mybridge shows what mybridge does`,
  ]
}

export const bridge: Lab = {
  name: 'bridge',
  about: 'a host whose eth0 joins a bridge: why the internet is gone then, and how it comes back',
  picture: `
   +-- host ---------------+      +-- router ---------+      +-- internet --+
   |  eth0 10.0.2.15/24    |------|  eth0 10.0.2.2    |------|  google.com  |
   |  default via 10.0.2.2 |      |  DHCP, DNS, NAT   |      |  8.8.8.8     |
   +-----------------------+      +-------------------+      +--------------+`.slice(1),
  build(net) {
    net.machine('host')
    addInternet(net, 'host:eth0', 'router')
    net.type(
      'host',
      `ip addr add 10.0.2.15/24 dev eth0
       ip link set eth0 up
       ip route add default via 10.0.2.2
       echo nameserver 10.0.2.2 > /etc/resolv.conf`,
    )
  },
  groups: {},
  exercise: {
    task: `
host pings ${site} through its eth0. Make a bridge mybridge of Open vSwitch and put eth0 into it: the ping stops.
What comes in at a port of a switch goes to the switch, not to the host, so an address on eth0 is of no use any more.
Take it off eth0, have mybridge, which is the host's own port of the switch, ask the router for one, and ping again.`.slice(
      1,
    ),
    missing,
    solution: [
      'host ovs-vsctl add-br mybridge',
      'host ovs-vsctl add-port mybridge eth0',
      'host ifconfig eth0 0',
      'host dhclient mybridge',
    ],
  },
}
