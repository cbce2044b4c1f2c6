import { Topo } from '../topo.ts'
import { Place } from './place.ts'
import { dpidOf } from './switches.ts'

/** Kinds of node that are switches; all others are hosts. */
const bridges = new Set(['bridge', 'ovs-bridge', 'ovs'])

/** Ends of links that are no nodes but lead out of the topology. */
const outside = new Set(['host', 'mgmt-net', 'macvlan'])

/**
 * A topology of containerlab: `topology.nodes` and `topology.links` with their `endpoints`, `web:eth1` or written out. Bridges are
 * switches; all others are hosts. `eth3` is port 3 of its node; interfaces of other names get the next free ones.
 */
export const fromContainerlab = (parsed: unknown): Topo<never[]> => {
  const topology = new Place(parsed).at('topology')
  const topo = new Topo<never[]>()
  const kinds = kindsOf(topology)
  for (const [name, node] of topology.at('nodes').entries())
    node.with(() => (bridges.has(kinds(node)) ? topo.addSwitch(name, dpidOf(topo, name)) : topo.addHost(name)))
  const links = topology.at('links').items().map(linkOf)
  // Named ports come first, so that none of them is given to an interface of another name.
  for (const { place, ends, ports } of links) {
    if (ports[0] === undefined || ports[1] === undefined) continue
    place.with(() => topo.addLink(...ends, { port1: ports[0], port2: ports[1] }))
  }
  for (const { place, ends, ports } of links) {
    if (ports[0] !== undefined && ports[1] !== undefined) continue
    const named = {
      ...(ports[0] === undefined ? {} : { port1: ports[0] }),
      ...(ports[1] === undefined ? {} : { port2: ports[1] }),
    }
    place.with(() => topo.addLink(...ends, named))
  }
  return topo
}

/** The kind of a node: its own, its group's, or that of the defaults. */
const kindsOf = (topology: Place): ((node: Place) => string) => {
  const kind = (place: Place): string | undefined => {
    if (place.isEmpty) return undefined
    const own = place.at('kind')
    return own.isEmpty ? undefined : own.text()
  }
  const groups = topology.at('groups')
  return node => {
    const group = node.isEmpty ? undefined : node.at('group')
    const inherited = group === undefined || group.isEmpty || groups.isEmpty ? undefined : kind(groups.at(group.text()))
    return kind(node) ?? inherited ?? kind(topology.at('defaults')) ?? 'linux'
  }
}

type FileLink = { place: Place; ends: [string, string]; ports: (number | undefined)[] }

const linkOf = (place: Place): FileLink => {
  const endpoints = place.at('endpoints')
  const alone = place.at('endpoint')
  if (endpoints.isEmpty && !alone.isEmpty)
    return place.refuse(`${place.name} has one endpoint: links out of the topology are not read`)
  const ends = endpoints.items().map(endOf)
  const [one, other] = ends
  if (one === undefined || other === undefined || ends.length !== 2)
    return place.refuse(`${place.name} has ${ends.length} endpoints, not 2`)
  const out = ends.find(({ node }) => outside.has(node))
  if (out !== undefined)
    return place.refuse(`${place.name} leads to ${out.node}, out of the topology, which is not read`)
  return { place, ends: [one.node, other.node], ports: ends.map(({ port }) => port) }
}

/** `node:eth1`, or an endpoint written out. */
const endOf = (place: Place): { node: string; port: number | undefined } => {
  if (typeof place.value !== 'string') {
    const interfaceName = place.at('interface')
    return { node: place.at('node').text(), port: portOf(interfaceName.isEmpty ? '' : interfaceName.text()) }
  }
  const [node = '', ...rest] = place.text().split(':')
  return { node, port: portOf(rest.join(':')) }
}

const portOf = (name: string): number | undefined => {
  const number = /^eth([1-9]\d{0,4})$/.exec(name)?.[1]
  return number === undefined ? undefined : Number(number)
}
