import type { Mininet } from './mininet.ts'
import type { Node } from './node.ts'
import { Switch } from './switch.ts'

export type Exported = {
  nodes: {
    name: string
    kind: 'host' | 'switch' | 'controller'
    class: string
    ip?: string
    mac?: string
    dpid?: string
  }[]
  links: { node1: string; intf1: string; node2: string; intf2: string; [option: string]: unknown }[]
}

const kindOf = (net: Mininet, node: Node): Exported['nodes'][number]['kind'] =>
  net.hosts.includes(node) ? 'host' : node instanceof Switch ? 'switch' : 'controller'

/** A network as plain data. */
export const exportJson = (net: Mininet): Exported => ({
  nodes: net.values().map(node => {
    const kind = kindOf(net, node)
    const hasIntf = node.intfs.size > 0 && kind === 'host'
    const [ip, mac] = hasIntf ? [node.IP(), node.MAC()] : kind === 'controller' ? [node.IP()] : []
    return {
      name: node.name,
      kind,
      class: node.constructor.name,
      ...(ip === undefined ? {} : { ip }),
      ...(mac === undefined ? {} : { mac }),
      ...(node instanceof Switch ? { dpid: node.dpid } : {}),
    }
  }),
  links: net.links.map(({ intf1, intf2 }) => ({
    node1: intf1.node.name,
    intf1: intf1.name,
    node2: intf2.node.name,
    intf2: intf2.name,
    ...shaping({ ...intf1.params, ...intf1.shaping }),
    status: [intf1.status(), intf2.status()],
  })),
})

/** What shapes a link, of all that its interfaces were made with. */
const shaping = (params: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    ['bw', 'delay', 'jitter', 'loss', 'max_queue_size']
      .filter(key => params[key] !== undefined)
      .map(key => [key, params[key]]),
  )

const quoted = (text: string): string => `"${text.replace(/["\\]/g, each => `\\${each}`)}"`

const labelOf = (link: Exported['links'][number]): string =>
  Object.entries(shaping(link))
    .map(([key, value]) => `${key}=${value}`)
    .join(' ')

/** A network in the language of Graphviz. */
export const exportGraphviz = (net: Mininet): string => {
  const { nodes, links } = exportJson(net)
  const lines = nodes
    .filter(({ kind }) => kind !== 'controller')
    .map(({ name, kind, ip }) => {
      const label = ip === undefined ? name : `${name}\\n${ip}`
      return `  ${quoted(name)} [label="${label}" shape=${kind === 'switch' ? 'box' : 'ellipse'}]`
    })
  const edges = links.map(link => {
    const label = labelOf(link)
    const text = label === '' ? '' : ` [label=${quoted(label)}]`
    return `  ${quoted(link.node1)} -- ${quoted(link.node2)}${text}`
  })
  return `graph {\n${[...lines, ...edges].join('\n')}\n}\n`
}

/** A network in the language of Mermaid. */
export const exportMermaid = (net: Mininet): string => {
  const { nodes, links } = exportJson(net)
  const shown = nodes.filter(({ kind }) => kind !== 'controller')
  // Words of Mermaid's own, as `end`, are no names of nodes.
  const ids = new Map(shown.map(({ name }, i) => [name, `n${i}`]))
  const lines = shown.map(({ name, kind, ip }) => {
    const label = quoted(ip === undefined ? name : `${name}<br/>${ip}`)
    return `  ${ids.get(name)}${kind === 'switch' ? `[${label}]` : `([${label}])`}`
  })
  const edges = links.map(link => {
    const label = labelOf(link)
    return `  ${ids.get(link.node1)} ---${label === '' ? '' : `|${quoted(label)}|`} ${ids.get(link.node2)}`
  })
  return `graph TD\n${[...lines, ...edges].join('\n')}\n`
}
