import { natural, naturalSeq } from './numbers.ts'

/** What a node or a link is made with: Mininet's keyword arguments. */
export type Options = Readonly<Record<string, unknown>>

/** What a topology knows of a link. */
export type LinkInfo = { node1: string; node2: string; port1: number; port2: number; [option: string]: unknown }

type Edge = { readonly key: number; info: LinkInfo }

/** Where a link from a port leads: `port` of `node`. */
type PortEnd = { node: string; port: number }

/**
 * A graph of hosts, switches and links: what a network is to be, before there is one. Subclasses override `build`, which the
 * constructor calls with its arguments.
 *
 *     class Pair extends Topo {
 *       override build(): void {
 *         this.addLink(this.addHost('h1'), this.addSwitch('s1'))
 *         this.addLink(this.addHost('h2'), 's1')
 *       }
 *     }
 */
export class Topo<Arguments extends unknown[] = unknown[]> {
  /** What hosts, switches and links are made with that are added without options. */
  hopts: Options = {}
  sopts: Options = {}
  lopts: Options = {}
  private readonly infos = new Map<string, Options>()
  private readonly edges: Edge[] = []
  /** Of each node, where its ports lead. */
  private readonly ports = new Map<string, Map<number, PortEnd>>()

  constructor(...args: Arguments) {
    this.build(...args)
  }

  /** Adds the nodes and links. */
  build(..._args: Arguments): void {}

  /** Adds a node; gives its name. A name can be there once. */
  addNode(name: string, options: Options = {}): string {
    if (name === '') throw new Error('a node needs a name')
    if (this.infos.has(name)) throw new Error(`there are two nodes named ${name}`)
    this.infos.set(name, { ...options })
    return name
  }

  /** Adds a host; gives its name. */
  addHost(name: string, options: Options = {}): string {
    return this.addNode(name, isEmpty(options) ? this.hopts : options)
  }

  /** Adds a switch; gives its name. */
  addSwitch(name: string, options: Options = {}): string {
    return this.addNode(name, { ...(isEmpty(options) ? this.sopts : options), isSwitch: true })
  }

  /** Adds a link; `port1` and `port2` of the options are its ports, the next free ones otherwise. Gives its key. */
  addLink(node1: string, node2: string, options: Options = {}): number {
    const { port1, port2, key, ...given } = options as LinkInfo & { key?: number }
    for (const node of [node1, node2])
      if (!this.infos.has(node)) throw new Error(`link ${node1} ${node2}: there is no node named ${node}`)
    if (node1 === node2) throw new Error(`link ${node1} ${node2}: a link has two ends`)
    const ends = this.addPort(node1, node2, port1, port2)
    const keys = this.between(node1, node2).map(edge => edge.key)
    const own = key ?? Math.max(0, ...keys) + 1
    if (keys.includes(own)) throw new Error(`link ${node1} ${node2}: there are two with the key ${own}`)
    const more = isEmpty(given) ? this.lopts : given
    this.edges.push({ key: own, info: { ...more, node1, node2, port1: ends[0], port2: ends[1] } })
    return own
  }

  /** The next ports of a link between two nodes, or those asked for: a port has one link. */
  addPort(node1: string, node2: string, port1?: number, port2?: number): [number, number] {
    const one = this.portsOf(node1)
    const sport = port1 ?? this.nextPort(node1)
    if (one.has(sport)) throw new Error(`link ${node1} ${node2}: port ${sport} of ${node1} is taken`)
    const other = this.portsOf(node2)
    const dport = port2 ?? this.nextPort(node2)
    if (other.has(dport)) throw new Error(`link ${node1} ${node2}: port ${dport} of ${node2} is taken`)
    one.set(sport, { node: node2, port: dport })
    other.set(dport, { node: node1, port: sport })
    return [sport, dport]
  }

  /** Names of all nodes, as people sort them, or in the order in which they were added. */
  nodes(sort = true): string[] {
    const names = [...this.infos.keys()]
    return sort ? names.sort(natural) : names
  }

  isSwitch(name: string): boolean {
    return this.infos.get(name)?.isSwitch === true
  }

  switches(sort = true): string[] {
    return this.nodes(sort).filter(name => this.isSwitch(name))
  }

  hosts(sort = true): string[] {
    return this.nodes(sort).filter(name => !this.isSwitch(name))
  }

  /** The links with what is known of them. */
  *iterLinks(): Generator<LinkInfo> {
    for (const { info } of this.edges) yield info
  }

  /** The links, in the order in which they were added or as people sort them. */
  links(sort = false): LinkInfo[] {
    const links = [...this.iterLinks()]
    return sort ? links.sort((a, b) => naturalSeq([a.node1, a.node2], [b.node1, b.node2])) : links
  }

  /** The ports by which `src` and `dst` are connected: a pair, or several where they have several links. */
  port(src: string, dst: string): [number, number] | [number, number][] {
    const found = [...(this.ports.get(src) ?? [])].filter(([, end]) => end.node === dst)
    const pairs = found.map(([port, end]): [number, number] => [port, end.port])
    return pairs.length === 1 ? (pairs[0] as [number, number]) : pairs
  }

  /** What is known of a link; of several, of the one with this key or the lowest. */
  linkInfo(src: string, dst: string, key?: number): LinkInfo {
    return this.edge(src, dst, key).info
  }

  setlinkInfo(src: string, dst: string, info: LinkInfo, key?: number): void {
    this.edge(src, dst, key).info = info
  }

  nodeInfo(name: string): Options {
    const info = this.infos.get(name)
    if (info === undefined) throw new Error(`there is no node named ${name}`)
    return info
  }

  setNodeInfo(name: string, info: Options): void {
    this.infos.set(name, info)
  }

  /** Fills another graph, one with the words of networkx: for libraries that draw and search. */
  convertTo<
    Graph extends {
      addNode(name: string, info: Options): unknown
      addEdge(a: string, b: string, info: Options): unknown
    },
  >(graph: Graph): Graph {
    for (const [name, info] of this.infos) graph.addNode(name, info)
    for (const { info } of this.edges) graph.addEdge(info.node1, info.node2, info)
    return graph
  }

  private between(node1: string, node2: string): Edge[] {
    return this.edges.filter(
      ({ info }) => (info.node1 === node1 && info.node2 === node2) || (info.node1 === node2 && info.node2 === node1),
    )
  }

  private edge(src: string, dst: string, key: number | undefined): Edge {
    const edges = this.between(src, dst)
    const lowest = Math.min(...edges.map(each => each.key))
    const found = edges.find(each => each.key === (key ?? lowest))
    if (found === undefined) throw new Error(`there is no link between ${src} and ${dst}`)
    return found
  }

  private portsOf(name: string): Map<number, PortEnd> {
    const there = this.ports.get(name) ?? new Map<number, PortEnd>()
    this.ports.set(name, there)
    return there
  }

  /** As many as there are links, from 1 on a switch and from 0 on a host; past those that were asked for. */
  private nextPort(name: string): number {
    const taken = this.portsOf(name)
    let port = taken.size + (this.isSwitch(name) ? 1 : 0)
    while (taken.has(port)) port++
    return port
  }
}

const isEmpty = (options: Options): boolean => Object.keys(options).length === 0
