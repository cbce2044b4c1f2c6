import { natural } from './numbers.ts'
import { type Options, Topo } from './topo.ts'
import { type Element, parseXml } from './xml.ts'

/** A file that is no topology: what is wrong with it, and where. */
export class ImportError extends Error {
  override name = 'ImportError'
}

type Table = Readonly<Record<string, unknown>>

const tableOf = (value: unknown, what: string): Table => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ImportError(`${what} is no mapping`)
  return value as Table
}

const listOf = (value: unknown, what: string): readonly unknown[] => {
  if (!Array.isArray(value)) throw new ImportError(`${what} is no list`)
  return value
}

const bridges = new Set(['bridge', 'ovs-bridge', 'ovs'])

/** Options whose value is a text or a number that counts, with Mininet's names for them. */
const chosen = (table: Table, names: Readonly<Record<string, string>>, numbers: ReadonlySet<string>): Options => {
  const options: Record<string, unknown> = {}
  for (const [name, own] of Object.entries(names)) {
    const value = table[name]
    if (value === undefined || value === null || value === '') continue
    options[own] = numbers.has(own) ? Number(value) : String(value)
    if (numbers.has(own) && !Number.isFinite(options[own])) throw new ImportError(`${name} is a number, not '${value}'`)
  }
  return options
}

/**
 * A topology of containerlab: `topology.nodes` and `topology.links` with their `endpoints`. Bridges are
 * switches; all others are hosts.
 */
export const fromContainerlab = (parsed: unknown): Topo<never[]> => {
  const { nodes, links } = tableOf(tableOf(parsed, 'the file').topology, 'topology')
  const topo = new Topo<never[]>()
  for (const [name, node] of Object.entries(tableOf(nodes, 'topology.nodes'))) {
    const { kind } = node === null ? ({} as Table) : tableOf(node, `topology.nodes.${name}`)
    if (bridges.has(String(kind))) topo.addSwitch(name, dpidOf(topo, name))
    else topo.addHost(name)
  }
  for (const [i, link] of listOf(links ?? [], 'topology.links').entries()) {
    const ends = listOf(tableOf(link, `topology.links[${i}]`).endpoints, `topology.links[${i}].endpoints`).map(endOf)
    const [one, other] = ends
    if (one === undefined || other === undefined || ends.length !== 2)
      throw new ImportError(`topology.links[${i}] has ${ends.length} endpoints, not 2`)
    topo.addLink(one, other)
  }
  return topo
}

/** The node of `node:eth1`, or of an endpoint written out. */
const endOf = (end: unknown): string => {
  if (typeof end === 'string') return end.split(':')[0] as string
  return String(tableOf(end, 'an endpoint').node)
}

/** A datapath id for a switch whose name has no number: past those that names with numbers can have. */
const dpidOf = (topo: Topo<never[]>, name: string): Options =>
  /\d/.test(name) ? {} : { dpid: (0x10000 + topo.switches().length).toString(16) }

/** A topology of MiniEdit: what it saves in its `.mn` files. */
export const fromMiniEdit = (parsed: unknown): Topo<never[]> => {
  const file = tableOf(parsed, 'the file')
  const topo = new Topo<never[]>()
  for (const [i, each] of listOf(file.hosts ?? [], 'hosts').entries()) {
    const options = tableOf(tableOf(each, `hosts[${i}]`).opts, `hosts[${i}].opts`)
    const { defaultRoute, ...rest } = chosen(
      options,
      { ip: 'ip', defaultRoute: 'defaultRoute', cores: 'cores' },
      new Set(),
    )
    topo.addHost(String(options.hostname), {
      ...rest,
      ...(defaultRoute === undefined ? {} : { defaultRoute: `via ${defaultRoute}` }),
    })
  }
  for (const [i, each] of listOf(file.switches ?? [], 'switches').entries()) {
    const options = tableOf(tableOf(each, `switches[${i}]`).opts, `switches[${i}].opts`)
    const name = String(options.hostname)
    topo.addSwitch(name, { ...dpidOf(topo, name), ...chosen(options, { dpid: 'dpid' }, new Set()) })
  }
  for (const [i, each] of listOf(file.links ?? [], 'links').entries()) {
    const link = tableOf(each, `links[${i}]`)
    const names = { bw: 'bw', delay: 'delay', loss: 'loss', jitter: 'jitter', max_queue_size: 'max_queue_size' }
    const options = chosen(
      tableOf(link.opts ?? {}, `links[${i}].opts`),
      names,
      new Set(['bw', 'loss', 'max_queue_size']),
    )
    topo.addLink(String(link.src), String(link.dest), options)
  }
  return topo
}

/**
 * A topology of GraphML, as the Topology Zoo has them: every node is a switch with one host. Switches are `s1`, `s2`… in the order of the
 * file, as names of cities are no names of bridges; their labels are in the option `label`.
 */
export const fromGraphml = (text: string): Topo<never[]> => {
  const root = parseXml(text)
  if (typeof root === 'string') throw new ImportError(root)
  const graph = root.children.find(({ name }) => name === 'graph')
  if (root.name !== 'graphml' || graph === undefined) throw new ImportError('there is no <graph> in a <graphml>')
  const labels = new Set(
    root.children
      .filter(({ name, attributes }) => name === 'key' && attributes['attr.name'] === 'label')
      .map(({ attributes }) => attributes.id),
  )
  const topo = new Topo<never[]>()
  const names = new Map<string, string>()
  for (const node of graph.children.filter(({ name }) => name === 'node')) {
    const { id } = node.attributes
    if (id === undefined || names.has(id)) throw new ImportError(`a node needs an id of its own, not '${id ?? ''}'`)
    const name = `s${names.size + 1}`
    names.set(id, name)
    const label = node.children.find(({ name: tag, attributes }) => tag === 'data' && labels.has(attributes.key))?.text
    topo.addSwitch(name, { label: label ?? id })
    topo.addLink(topo.addHost(`h${names.size}`), name)
  }
  const between = (edge: Element): [string, string] => {
    const ends = [edge.attributes.source, edge.attributes.target].map(id => names.get(id ?? ''))
    if (ends[0] === undefined || ends[1] === undefined)
      throw new ImportError(
        `an edge from '${edge.attributes.source ?? ''}' to '${edge.attributes.target ?? ''}', which are not both nodes`,
      )
    return ends as [string, string]
  }
  for (const edge of graph.children.filter(({ name }) => name === 'edge')) {
    const [one, other] = between(edge)
    // The zoo has cables of a place to itself, which no switch needs.
    if (one !== other) topo.addLink(...([one, other].sort(natural) as [string, string]))
  }
  return topo
}
