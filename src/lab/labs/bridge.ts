import type { Task } from '../../runtime/index.ts'
import { formatIp4, parseIp4 } from '../../wire/address.ts'
import type { Lab } from '../lab.ts'
import type { Network } from '../network.ts'
import { addressesOf, portsOf, reaches } from './looks.ts'

const wire = { bandwidth: 1e9, delay: 100_000 }
const outside = '8.8.8.8'

const restore = 'ifconfig mybridge 10.0.2.15 netmask 255.255.255.0, then route add default gw 10.0.2.2'

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
  if (yield* reaches(network, 'host', outside)) return []
  if (yield* reaches(network, 'host', gateway)) return [`${outside} does not answer, though the router ${gateway} does`]
  return [
    `neither ${outside} nor the router ${gateway} answers: ovs-ofctl dump-flows mybridge shows what mybridge does`,
  ]
}

export const bridge: Lab = {
  name: 'bridge',
  about: 'a host whose eth0 joins a bridge: why the internet is gone then, and how it comes back',
  picture: `
   +-- host ---------------+            +-- router ---------+
   |  eth0 10.0.2.15/24    |------------|  eth0 10.0.2.2    |
   |  default via 10.0.2.2 |            |  8.8.8.8 behind   |
   +-----------------------+            +-------------------+`.slice(1),
  build(net) {
    net.machine('host')
    net.machine('router')
    net.cable('host:eth0', 'router:eth0', wire)
    net.type('router', `ip addr add 10.0.2.2/24 dev eth0\nip addr add ${outside}/32 dev lo\nip link set eth0 up`)
    net.type('host', 'ip addr add 10.0.2.15/24 dev eth0\nip link set eth0 up\nip route add default via 10.0.2.2')
  },
  groups: {},
  exercise: {
    task: `
host pings ${outside} through its eth0. Make a bridge mybridge of Open vSwitch and put eth0 into it: the ping stops.
What comes in at a port of a switch goes to the switch, not to the host, so an address on eth0 is of no use any more.
Give address and default route to mybridge, which is the host's own port of the switch, and ping again.`.slice(1),
    missing,
    solution: [
      'host ovs-vsctl add-br mybridge',
      'host ovs-vsctl add-port mybridge eth0',
      'host ifconfig eth0 0',
      'host ifconfig mybridge 10.0.2.15 netmask 255.255.255.0',
      'host route add default gw 10.0.2.2',
    ],
  },
}
