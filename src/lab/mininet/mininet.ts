import { Box } from './box.ts'
import { type Controller, type ControllerClass, type ControllerParams, OVSController } from './controller.ts'
import { type IperfOptions, parseIperf, runIperf } from './iperf-test.ts'
import { Link, type LinkClass, type LinkParams } from './link.ts'
import { loopSentence } from './loops.ts'
import type { MininetOptions, SwitchClass } from './mininet-options.ts'
import { NAT, type NATParams } from './nat.ts'
import { Host, type Node, type NodeClass, type NodeParams } from './node.ts'
import { ipAdd, macColonHex, netParse } from './numbers.ts'
import { Output } from './output.ts'
import { OVSSwitch } from './ovs-switch.ts'
import { type PingResult, pingEach } from './ping-test.ts'
import { Switch, type SwitchParams } from './switch.ts'
import type { Topo } from './topo.ts'
import { waitConnected } from './wait-connected.ts'
import { monitorHosts } from './watching.ts'

/** Cores of the simulated computer, for hosts that are pinned to one. */
const cores = 2

/**
 * A network that runs: a topology's hosts, switches, controllers and links, or those that are added one by one.
 *
 *     const net = new Mininet({ topo: new TreeTopo(2, 2), switch: OVSBridge })
 *     await net.start()
 *     await net.pingAll()
 *     await net.stop()
 */
export class Mininet {
  readonly box: Box
  readonly output: Output
  readonly options: MininetOptions
  readonly hosts: Node[] = []
  readonly switches: Switch[] = []
  readonly controllers: Controller[] = []
  readonly links: Link[] = []
  /** Told of each link that is made, for captures. */
  readonly onLink = new Set<(link: Link) => void>()
  readonly topo: Topo<never[]> | undefined
  readonly ipBase: string
  readonly inNamespace: boolean
  private readonly nodes = new Map<string, Node>()
  private readonly base: number
  private readonly prefixLen: number
  private nextIP: number
  private nextCore = 0
  private listenPort: number | undefined
  private built = false

  constructor(options: MininetOptions = {}) {
    this.options = options
    this.box = options.box ?? new Box({ seed: options.seed ?? 1, output: new Output(options.logLevel, options.print) })
    this.output = this.box.output
    this.topo = options.topo
    this.ipBase = options.ipBase ?? '10.0.0.0/8'
    const { base, prefixLen } = netParse(this.ipBase)
    this.base = base
    this.prefixLen = prefixLen
    const host = prefixLen === 0 ? base : base % 2 ** (32 - prefixLen)
    this.nextIP = host > 0 ? host : 1
    this.inNamespace = options.inNamespace ?? false
    this.listenPort = options.listenPort
  }

  /** Adds a host with the next address, unless its parameters have one. */
  addHost(name: string, params: NodeParams & { cls?: NodeClass | undefined } = {}): Node {
    this.refuseTwice(name)
    const { cls, ...given } = params
    const defaults: Record<string, unknown> = {}
    if (!('ip' in given)) defaults.ip = `${ipAdd(this.nextIP, this.prefixLen, this.base)}/${this.prefixLen}`
    if (this.options.autoSetMacs) defaults.mac = macColonHex(this.nextIP)
    if (this.options.autoPinCpus) {
      defaults.cores = this.nextCore
      this.nextCore = (this.nextCore + 1) % cores
    }
    this.nextIP++
    const Class = cls ?? this.options.host ?? Host
    return this.take(new Class(this.box, name, { ...defaults, ...given }), this.hosts)
  }

  addSwitch(name: string, params: SwitchParams & { cls?: SwitchClass | undefined } = {}): Switch {
    this.refuseTwice(name)
    const { cls, ...given } = params
    const Class = cls ?? this.options.switch ?? OVSSwitch
    const defaults = { listenPort: this.listenPort, inNamespace: this.inNamespace }
    const made = new Class(this.box, name, { ...defaults, ...given })
    if (!this.inNamespace && this.listenPort !== undefined) this.listenPort++
    return this.take(made, this.switches)
  }

  /** Adds a controller, made here or by the caller; undefined for a class of null. */
  async addController(
    name: string | Controller = 'c0',
    params: ControllerParams & { controller?: ControllerClass | null } = {},
  ): Promise<Controller | undefined> {
    const { controller = this.firstController(), ...given } = params
    const text = typeof name === 'string' ? name : name.name
    if (typeof name === 'string' && controller === null) return undefined
    this.refuseTwice(text)
    const inNamespace = this.inNamespace ? { inNamespace: true } : {}
    const made =
      typeof name === 'string'
        ? new (controller as ControllerClass)(this.box, name, { ...inNamespace, ...given })
        : name
    await made.checkListening()
    return this.take(made, this.controllers)
  }

  private firstController(): ControllerClass | null {
    const { controller = OVSController } = this.options
    return Array.isArray(controller) ? (controller[0] ?? null) : (controller as ControllerClass | null)
  }

  private take<N extends Node>(node: N, list: Node[]): N {
    list.push(node)
    this.nodes.set(node.name, node)
    return node
  }

  private refuseTwice(name: string): void {
    if (this.nodes.has(name)) throw new Error(`there are two nodes named ${name}`)
  }

  /** A router to other networks at a switch, and the hosts' way to it. */
  async addNAT(
    name = 'nat0',
    { connect = true, ...params }: NATParams & { connect?: Node | boolean } = {},
  ): Promise<Node> {
    const nat = this.addHost(name, { cls: NAT, inNamespace: false, subnet: this.ipBase, ...params })
    const to = connect === true ? this.switches[0] : connect === false ? undefined : connect
    if (to === undefined) return nat
    await this.addLink(nat, to)
    const [address] = String(nat.params.ip).split('/')
    for (const host of this.hosts) if (host.inNamespace) await host.setDefaultRoute(`via ${address}`)
    return nat
  }

  /** The node of this name, or those of several; an error if there is none. */
  get(name: string): Node
  get(...names: [string, string, ...string[]]): Node[]
  get(name: string, ...more: string[]): Node | Node[] {
    return more.length === 0 ? this.find(name) : this.getNodeByName(name, ...more)
  }

  private find(name: string): Node {
    const node = this.nodes.get(name)
    if (node === undefined) throw new Error(`node '${name}' not in network`)
    return node
  }

  getNodeByName(...names: string[]): Node[] {
    return names.map(name => this.find(name))
  }

  has(name: string): boolean {
    return this.nodes.has(name)
  }

  /** Names: hosts, switches, controllers. */
  keys(): string[] {
    return this.values().map(({ name }) => name)
  }

  values(): Node[] {
    return [...this.hosts, ...this.switches, ...this.controllers]
  }

  items(): [string, Node][] {
    return this.values().map(node => [node.name, node])
  }

  get size(): number {
    return this.nodes.size
  }

  [Symbol.iterator](): Iterator<string> {
    return this.keys()[Symbol.iterator]()
  }

  /** A MAC address by chance, one of those that nobody's hardware has. */
  randMac(): string {
    const { random } = this.box.machine
    const low = Math.floor(random() * 2 ** 32)
    const high = (Math.floor(random() * 2 ** 16) & 0xfeff) | 0x0200
    return macColonHex(high * 2 ** 32 + low)
  }

  /** Links two nodes, given or by name, and brings the link up. */
  async addLink(
    one: Node | string,
    other: Node | string,
    params: LinkParams & { cls?: LinkClass } = {},
  ): Promise<Link> {
    const [node1, node2] = [one, other].map(node => (typeof node === 'string' ? this.get(node) : node)) as [Node, Node]
    const { cls, ...given } = params
    const Class = cls ?? this.options.link ?? Link
    const addresses = { addr1: this.randMac(), addr2: this.randMac() }
    const link = new Class(node1, node2, { intf: this.options.intf, ...addresses, ...given })
    this.links.push(link)
    for (const told of this.onLink) told(link)
    await link.config()
    return link
  }

  async delLink(link: Link): Promise<void> {
    await link.delete()
    this.links.splice(this.links.indexOf(link), 1)
  }

  linksBetween(one: Node, other: Node): Link[] {
    return this.links.filter(
      ({ intf1, intf2 }) =>
        (intf1.node === one && intf2.node === other) || (intf1.node === other && intf2.node === one),
    )
  }

  /** Removes a link between two nodes, of several the one at `index`, or all of them; gives those. */
  async delLinkBetween(one: Node, other: Node, index = 0, allLinks = false): Promise<Link[]> {
    const between = this.linksBetween(one, other)
    const links = allLinks ? between : between.slice(index, index + 1)
    if (links.length === 0) throw new Error(`there is no link between ${one} and ${other}`)
    for (const link of links) await this.delLink(link)
    return links
  }

  /** Removes a node with its interfaces, and the links that they were ends of. */
  async delNode(node: Node): Promise<void> {
    for (const link of this.links.filter(({ intf1, intf2 }) => intf1.node === node || intf2.node === node))
      await this.delLink(link)
    await node.stop(true)
    await node.terminate()
    for (const list of [this.hosts, this.switches, this.controllers] as Node[][])
      if (list.includes(node)) list.splice(list.indexOf(node), 1)
    this.nodes.delete(node.name)
  }

  delHost(host: Node): Promise<void> {
    return this.delNode(host)
  }

  delSwitch(node: Switch): Promise<void> {
    return this.delNode(node)
  }

  /** The switches go on calling it. */
  delController(controller: Controller): Promise<void> {
    return this.delNode(controller)
  }

  /** Makes what the topology says, and configures the hosts. */
  async build(): Promise<void> {
    if (this.built) return
    this.built = true
    if (this.topo !== undefined) await this.buildFromTopo(this.topo)
    if (this.inNamespace) await this.configureControlNetwork()
    this.output.info('*** Configuring hosts\n')
    for (const host of this.hosts) {
      this.output.info(`${host.name} `)
      await host.configDefault(host.intfs.size > 0 ? undefined : { ip: undefined, mac: undefined })
    }
    this.output.info('\n')
    if (this.options.xterms) this.output.error('Error starting terms: Cannot connect to display\n')
    if (this.options.autoStaticArp) await this.staticArp()
    await this.box.passTimeOfLinks(this.links.length)
  }

  private async buildFromTopo(topo: Topo<never[]>): Promise<void> {
    const { output } = this
    const { controller = OVSController } = this.options
    output.info('*** Creating network\n')
    if (this.controllers.length === 0 && controller !== null) {
      output.info('*** Adding controller\n')
      const classes = (Array.isArray(controller) ? controller : [controller]) as (ControllerClass | null)[]
      for (const [i, each] of classes.entries()) await this.addController(`c${i}`, { controller: each })
    }
    output.info('*** Adding hosts:\n')
    for (const name of topo.hosts()) {
      this.addHost(name, topo.nodeInfo(name))
      output.info(`${name} `)
    }
    output.info('\n*** Adding switches:\n')
    for (const name of topo.switches()) {
      const { isSwitch: _, ...info } = topo.nodeInfo(name)
      this.addSwitch(name, { batch: true, ...info } as SwitchParams)
      output.info(`${name} `)
    }
    output.info('\n*** Adding links:\n')
    for (const info of topo.links(true)) {
      const { node1, node2, ...params } = info
      await this.addLink(node1, node2, params as LinkParams)
      output.info(`(${node1}, ${node2}) `)
    }
    output.info('\n')
  }

  /** Connects switches that have namespaces of their own with their controller; overridden by who knows how. */
  protected async configureControlNetwork(): Promise<void> {
    throw new Error('configureControlNetwork: should be overriden in subclass')
  }

  /** Tells every host the MAC of every other. */
  async staticArp(): Promise<void> {
    for (const src of this.hosts)
      for (const dst of this.hosts) {
        const [ip, mac] = [dst.IP(), dst.MAC()]
        if (src !== dst && ip !== undefined && mac !== undefined) await src.setARP(ip, mac)
      }
  }

  /** Starts controllers and switches, after building what was not built. */
  async start(): Promise<void> {
    const { output, switches } = this
    await this.build()
    output.info('*** Starting controller\n')
    for (const controller of this.controllers) {
      output.info(`${controller.name} `)
      await controller.start()
    }
    output.info(`\n*** Starting ${switches.length} switches\n`)
    for (const each of switches) {
      output.info(`${each.name} `)
      await each.start(this.controllers)
    }
    await OVSSwitch.batchStartup(switches.filter(each => each instanceof OVSSwitch))
    output.info('\n')
    if (this.options.waitConnected) await this.waitConnected(this.options.waitConnected)
  }

  /** What the commands that were sent to hosts print, line by line as it comes, each with its host. */
  monitor(hosts: readonly Node[] = this.hosts, timeoutms?: number): AsyncGenerator<[Node | undefined, string]> {
    return monitorHosts(hosts, timeoutms)
  }

  /** Starts, gives a prompt (`CLI` of `weft/node`), and stops. */
  async interact(prompt: (net: Mininet) => Promise<unknown>): Promise<unknown> {
    await this.start()
    const result = await prompt(this)
    await this.stop()
    return result
  }

  /** Waits for switches to find their controllers: so many seconds, or as long as any can still be found. True if all have. */
  waitConnected(timeout: boolean | number | undefined = true): Promise<boolean> {
    const seconds = timeout === false ? 0 : typeof timeout === 'number' ? timeout : undefined
    return this.box.calls.run(waitConnected(this.switches, this.output, this.box.clock, seconds))
  }

  /** Stops everything. */
  async stop(): Promise<void> {
    const { output, controllers, links, switches, hosts } = this
    output.info(`*** Stopping ${controllers.length} controllers\n`)
    for (const each of controllers) {
      output.info(`${each.name} `)
      await each.stop()
    }
    output.info(`\n*** Stopping ${links.length} links\n`)
    // Bridges first: each would else be told of every link of its own that goes.
    await OVSSwitch.batchShutdown(switches.filter(each => each instanceof OVSSwitch))
    for (const link of links) {
      output.info('.')
      await link.stop()
    }
    output.info(`\n*** Stopping ${switches.length} switches\n`)
    for (const each of switches) {
      output.info(`${each.name} `)
      if (!(each instanceof OVSSwitch)) await each.stop()
      await each.terminate()
    }
    output.info(`\n*** Stopping ${hosts.length} hosts\n`)
    for (const host of hosts) {
      output.info(`${host.name} `)
      await host.terminate()
    }
    output.info('\n*** Done\n')
  }

  /** Starts, runs a test, stops; gives what the test gave. */
  async run<T, Rest extends unknown[]>(test: (...args: Rest) => Promise<T> | T, ...args: Rest): Promise<T> {
    await this.start()
    this.output.info('*** Running test\n')
    try {
      return await test(...args)
    } finally {
      await this.stop()
    }
  }

  /** Pings between all of some hosts, or of the network; gives the per cent that was lost. */
  async ping(hosts?: readonly Node[], timeout?: string | number): Promise<number> {
    const { output } = this
    if (hosts === undefined || hosts.length === 0) output.output('*** Ping: testing ping reachability\n')
    let [packets, received] = [0, 0]
    const limit = timeout === undefined || timeout === '' ? undefined : String(timeout)
    // Said at once: in a loop every answer is waited for in vain, and that is long.
    let explained = false
    const explain = (): void => {
      if (explained || packets === received) return
      explained = true
      this.explainLoop()
    }
    const count = (_node: Node, _dest: Node, result: PingResult | undefined): void => {
      packets += result?.sent ?? 0
      received += result?.received ?? 0
    }
    const task = pingEach(hosts ?? this.hosts, output, limit, count, explain)
    await this.box.calls.run(task)
    if (packets === 0) {
      output.output('*** Warning: No packets sent\n')
      return 0
    }
    const loss = (100 * (packets - received)) / packets
    output.output(`*** Results: ${Math.trunc(loss)}% dropped (${received}/${packets} received)\n`)
    return loss
  }

  /** As `ping`, with the times of each. */
  async pingFull(hosts?: readonly Node[], timeout?: string | number): Promise<[Node, Node, PingResult][]> {
    const { output } = this
    if (hosts === undefined || hosts.length === 0) output.output('*** Ping: testing ping reachability\n')
    const all: [Node, Node, PingResult][] = []
    const limit = timeout === undefined || timeout === '' ? undefined : String(timeout)
    const task = pingEach(hosts ?? this.hosts, output, limit, (node, dest, result) => {
      if (result !== undefined) all.push([node, dest, result])
    })
    await this.box.calls.run(task)
    output.output('*** Results: \n')
    for (const [node, dest, { sent, received, rttmin, rttavg, rttmax, rttdev }] of all) {
      const times = [rttmin, rttavg, rttmax, rttdev].map(time => time.toFixed(3)).join('/')
      output.output(` ${node}->${dest}: ${sent}/${received}, rtt min/avg/max/mdev ${times} ms\n`)
    }
    return all
  }

  pingAll(timeout?: string | number): Promise<number> {
    return this.ping(undefined, timeout)
  }

  pingPair(): Promise<number> {
    return this.ping(this.hosts.slice(0, 2))
  }

  pingAllFull(): Promise<[Node, Node, PingResult][]> {
    return this.pingFull()
  }

  pingPairFull(): Promise<[Node, Node, PingResult][]> {
    return this.pingFull(this.hosts.slice(0, 2))
  }

  /** A loop that no spanning tree cuts is the usual reason why nobody answers. */
  private explainLoop(): void {
    const nodes = this.links.map(({ intf1, intf2 }) => [intf1.node, intf2.node] as const)
    const isOpen = (node: unknown): boolean => node instanceof Switch && !node.cutsLoops
    const edges = nodes.filter(pair => pair.every(isOpen)).map(([a, b]) => [a.name, b.name] as const)
    this.output.output(loopSentence(edges))
  }

  /** Measures what two hosts, the first and the last unless told otherwise, can send: rates of server and client. */
  async iperf(hosts?: readonly Node[], options: IperfOptions = {}): Promise<string[]> {
    const [client, server] = hosts ?? [this.hosts[0], this.hosts.at(-1)]
    const { l4Type = 'TCP', udpBw = '10M' } = options
    if (client === undefined || server === undefined) throw new Error('iperf needs two hosts')
    this.output.output(`*** Iperf: testing ${l4Type} bandwidth between ${client} and ${server} \n`)
    const said = await this.box.calls.run(runIperf(client, server, options))
    this.output.debug(`Client output: ${said.client}\nServer output: ${said.server}\n`)
    const rates = [said.server, said.client].map(text => {
      const found = parseIperf(text)
      if (found === undefined) this.output.error(`could not parse iperf output: ${text}`)
      return found ?? ''
    })
    const result = l4Type === 'UDP' ? [udpBw, ...rates] : rates
    this.output.output(`*** Results: [${result.map(each => `'${each}'`).join(', ')}]\n`)
    return result
  }

  iperfUdp(hosts?: readonly Node[], options: IperfOptions = {}): Promise<string[]> {
    return this.iperf(hosts, { ...options, l4Type: 'UDP' })
  }

  /** Brings the links between two nodes `up` or `down`. */
  async configLinkStatus(src: string, dst: string, status: 'up' | 'down'): Promise<void> {
    const { output } = this
    const [one, other] = [this.nodes.get(src), this.nodes.get(dst)]
    if (one === undefined) return output.error(`src not in network: ${src}\n`)
    if (other === undefined) return output.error(`dst not in network: ${dst}\n`)
    const pairs = one.connectionsTo(other)
    if (pairs.length === 0) output.error(`src and dst not connected: ${src} ${dst}\n`)
    for (const [mine, theirs] of pairs) {
      for (const [what, intf] of [
        ['src', mine],
        ['dst', theirs],
      ] as const) {
        const said = await intf.ifconfig(status)
        if (said !== '') output.error(`link ${what} status change failed: ${said}\n`)
      }
    }
  }
}
