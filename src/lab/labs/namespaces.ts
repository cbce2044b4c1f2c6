import type { Task } from '../../runtime/index.ts'
import type { Lab } from '../lab.ts'
import type { Network } from '../network.ts'
import { addressesOf, portsOf, reaches } from './looks.ts'

const sides = [
  { name: 'red', letter: 'r', address: '10.0.0.1/24', other: '10.0.0.2' },
  { name: 'green', letter: 'g', address: '10.0.0.2/24', other: '10.0.0.1' },
] as const

function* missing(network: Network): Task<string[]> {
  const { kernel } = network.get('hv1')
  const ports = yield* portsOf(network, 'hv1', 'OVS1')
  const wrong = ports === undefined ? ['hv1 has no bridge OVS1: ovs-vsctl add-br OVS1'] : []
  for (const side of sides) wrong.push(...lacks(kernel, side, ports))
  if (wrong.length > 0) return wrong
  for (const { name, other } of sides)
    if (!(yield* reaches(network, 'hv1', other, name)))
      wrong.push(`${name} does not reach ${other}: ovs-ofctl dump-flows OVS1`)
  return wrong
}

/** What one side still needs. */
const lacks = (
  kernel: ReturnType<Network['get']>['kernel'],
  { name, letter, address }: (typeof sides)[number],
  ports: readonly string[] | undefined,
): string[] => {
  const [inner, outer] = [`eth0-${letter}`, `veth-${letter}`]
  const namespace = kernel.namespace(name)
  if (namespace === undefined) return [`there is no namespace ${name}: ip netns add ${name}`]
  const [near, far] = [kernel.root.links.get(outer), namespace.links.get(inner)]
  const wrong: string[] = []
  const within = `ip netns exec ${name}`
  if (far === undefined)
    return kernel.root.links.get(inner) === undefined
      ? [`there is no ${inner}: ip link add ${inner} type veth peer name ${outer}`]
      : [`${inner} is not in ${name}: ip link set ${inner} netns ${name}`]
  if (near === undefined || far.peer !== near)
    return [`the other end of ${inner} is not ${outer}: ip link add ${inner} type veth peer name ${outer} makes a pair`]
  if (ports !== undefined && !ports.includes(outer))
    wrong.push(`${outer} is not in OVS1: ovs-vsctl add-port OVS1 ${outer}`)
  if (!near.up) wrong.push(`${outer} is down: ip link set ${outer} up`)
  if (!namespace.lo.up) wrong.push(`lo of ${name} is down: ${within} ip link set dev lo up`)
  if (!far.up) wrong.push(`${inner} is down: ${within} ip link set dev ${inner} up`)
  const there = addressesOf(namespace, far)
  const add = `${within} ip address add ${address} dev ${inner}`
  if (there.length === 0) wrong.push(`${inner} has no address: ${add}`)
  else if (!there.includes(address)) wrong.push(`${inner} has ${there.join(', ')}, not ${address}: ${add}`)
  return wrong
}

export const namespaces: Lab = {
  name: 'namespaces',
  about: 'one machine, and all that it needs for two network namespaces on one bridge',
  picture: `
   +-- hv1 ------------------------------------------------+
   |  (red)  10.0.0.1/24             (green)  10.0.0.2/24  |
   |  (eth0-r) --- (veth-r) (OVS1) (veth-g) --- (eth0-g)   |
   +-------------------------------------------------------+`.slice(1),
  build(net) {
    net.machine('hv1')
  },
  groups: {},
  exercise: {
    task: `
Make two namespaces, red and green, and a bridge OVS1. A veth pair leads from each into the bridge: eth0-r in red with
veth-r, eth0-g in green with veth-g. red has 10.0.0.1/24, green 10.0.0.2/24, and they reach each other.
hv1 ip netns exec red bash gives a prompt inside red.`.slice(1),
    missing,
    solution: [
      'hv1 ip netns add green',
      'hv1 ip netns add red',
      'hv1 ovs-vsctl add-br OVS1',
      ...sides.flatMap(({ name, letter, address }) => [
        `hv1 ip link add eth0-${letter} type veth peer name veth-${letter}`,
        `hv1 ip link set eth0-${letter} netns ${name}`,
        `hv1 ovs-vsctl add-port OVS1 veth-${letter}`,
        `hv1 ip link set dev veth-${letter} up`,
        `hv1 ip netns exec ${name} ip link set dev lo up`,
        `hv1 ip netns exec ${name} ip link set dev eth0-${letter} up`,
        `hv1 ip netns exec ${name} ip address add ${address} dev eth0-${letter}`,
      ]),
    ],
  },
}
