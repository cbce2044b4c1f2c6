import { natural } from '../numbers.ts'
import { Topo } from '../topo.ts'
import { ImportError } from './place.ts'
import { type Element, parseXml } from './xml.ts'

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
