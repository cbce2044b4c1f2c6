import type { Connector } from '../../switch/agent/connector.ts'
import type { Vswitchd } from '../../vswitchd/index.ts'
import type { Box, Ended } from './box.ts'
import type { Controller } from './controller.ts'
import type { Intf } from './intf.ts'
import { bridgeName } from './names.ts'
import { OVSIntf } from './ovs-link.ts'
import { Switch, type SwitchParams } from './switch.ts'
import { TCIntf } from './tc-intf.ts'

export type OVSSwitchParams = SwitchParams & {
  /** What it does without its controller: nothing, or what a bridge does. */
  failMode?: 'secure' | 'standalone'
  datapath?: 'kernel' | 'user'
  inband?: boolean | number
  /** `OpenFlow13`, or several with commas. */
  protocols?: string | undefined
  /** The longest pause between calls for a controller, ms; 0 leaves Open vSwitch's. */
  reconnectms?: number
  /** A spanning tree; counts with `failMode` standalone. */
  stp?: boolean | number
  /** Waits for the other switches, to be started with them. */
  batch?: boolean
}

/** Bridges that are made by one call of `ovs-vsctl`: about as many as words that a program may be given have room for. */
const batchSize = 1024

/** A bridge of Open vSwitch, made and changed by the words of `ovs-vsctl`. */
export class OVSSwitch extends Switch {
  /** Which parameter a word without a name is. */
  static readonly params: readonly string[] = ['failMode', 'datapath', 'inband', 'protocols', 'reconnectms', 'stp']
  readonly failMode: string
  readonly datapath: string
  readonly inband: boolean
  readonly protocols: string | undefined
  readonly reconnectms: number
  readonly stp: boolean
  /** The bridge: named as the switch is, if a link can be named so. */
  readonly bridge: string
  private readonly batch: boolean
  /** Names and addresses of the controllers that it was started with. */
  private targets: string[][] = []
  private started = false
  private waitingWords: string[] | undefined

  constructor(box: Box, name: string, params: OVSSwitchParams = {}) {
    super(box, name, params)
    this.failMode = params.failMode ?? 'secure'
    this.datapath = params.datapath ?? 'kernel'
    this.inband = isTrue(params.inband)
    this.protocols = params.protocols
    this.reconnectms = params.reconnectms ?? 1000
    this.stp = isTrue(params.stp)
    this.batch = params.batch ?? false
    this.bridge = bridgeName(name)
  }

  /** The daemon that has the bridge: the machine's. */
  get vswitchd(): Vswitchd {
    return this.box.vswitchd
  }

  /** Runs a tool of that daemon. */
  protected tool(words: readonly string[]): Promise<Ended> {
    return this.box.calls.run(this.box.exec(words))
  }

  async dpctl(...words: string[]): Promise<string> {
    const [command = '', ...rest] = words
    return await this.cmd('ovs-ofctl', command, this.bridge, ...rest)
  }

  /** `ovs-vsctl …`; gives what it printed. */
  async vsctl(...words: string[]): Promise<string> {
    return (await this.said(['ovs-vsctl', ...words])).text
  }

  /** Makes an interface a port, when the switch is running already. */
  async attach(intf: Intf): Promise<void> {
    await this.vsctl('add-port', this.bridge, intf.name)
    await intf.setUp()
    if (intf instanceof TCIntf) await intf.config()
  }

  async detach(intf: Intf): Promise<void> {
    await this.vsctl('del-port', this.bridge, intf.name)
  }

  override connected(): boolean {
    if (this.failMode === 'standalone') return true
    return this.connectors().some(({ isConnected }) => isConnected)
  }

  override get cutsLoops(): boolean {
    return this.stp && this.failMode === 'standalone'
  }

  /** Why no controller has answered: each with its target and the reason. */
  unreachable(): { target: string; why: string | undefined }[] {
    return this.connectors()
      .filter(({ isConnected }) => !isConnected)
      .map(({ options, lastError }) => ({ target: options.target, why: lastError }))
  }

  private connectors(): Connector[] {
    const controllers = this.vswitchd.hand.made.get(this.bridge)?.controllers
    const found = this.targets.map(([, target]) => controllers?.get(target as string))
    return found.filter(each => each !== undefined)
  }

  /** What `ovs-vsctl` is told of a port. */
  protected intfWords(intf: Intf): string[] {
    const words = ['--', 'set', 'Interface', intf.name, `ofport_request=${this.ports.get(intf)}`]
    return intf instanceof OVSIntf ? [...words, ...intf.ovsWords()] : words
  }

  protected bridgeWords(): string[] {
    const words = [`other_config:datapath-id=${this.dpid.padStart(16, '0')}`, `fail_mode=${this.failMode}`]
    if (!this.inband) words.push('other-config:disable-in-band=true')
    if (this.datapath === 'user') words.push('datapath_type=netdev')
    if (this.protocols !== undefined) words.push(`protocols=${this.protocols}`)
    if (this.stp && this.failMode === 'standalone') words.push('stp_enable=true')
    words.push(`other-config:dp-desc=${this.name}`)
    return words
  }

  /** All that makes the bridge: its controllers, itself, its ports. */
  startWords(controllers: readonly Controller[]): string[] {
    const { bridge } = this
    const targets = controllers.map(each => [`${bridge}${each.name}`, `${each.protocol}:${each.IP()}:${each.port}`])
    this.targets = [...targets]
    if (this.listenPort) targets.push([`${bridge}-listen`, `ptcp:${this.listenPort}`])
    const backoff = this.reconnectms > 0 ? [`max_backoff=${Math.trunc(this.reconnectms)}`] : []
    const words = targets.flatMap(([name, target]) => [
      '--',
      `--id=@${name}`,
      'create',
      'Controller',
      `target="${target}"`,
      ...backoff,
    ])
    words.push('--', '--if-exists', 'del-br', bridge, '--', 'add-br', bridge)
    words.push('--', 'set', 'bridge', bridge, `controller=[${targets.map(([name]) => `@${name}`).join(',')}]`)
    words.push(...this.bridgeWords())
    for (const intf of this.intfList())
      if (this.ports.get(intf) !== 0 && intf.IP() === undefined)
        words.push('--', 'add-port', bridge, intf.name, ...this.intfWords(intf))
    return words
  }

  async start(controllers: readonly Controller[]): Promise<void> {
    if (this.inNamespace && this.vswitchd === this.box.vswitchd)
      throw new Error('OVS kernel switch does not work in a namespace')
    if (this.batch && !this.started) this.waitingWords = this.startWords(controllers)
    else {
      await this.configure(this.startWords(controllers))
      await this.reapply()
    }
    this.started = true
  }

  /** A call of `ovs-vsctl` that prints numbers of rows if all went well. */
  private async configure(words: readonly string[]): Promise<void> {
    const { text, status } = await this.said(['ovs-vsctl', ...words])
    if (status !== 0) this.box.output.error(text)
  }

  private async said(words: readonly string[]): Promise<Ended> {
    const { output } = this.box
    output.debug(`*** ${this.name} : (${words.map(word => `'${word}'`).join(', ')})\n`)
    const ended = await this.tool(words)
    output.debug(ended.text)
    return ended
  }

  /** Open vSwitch has queues of its own: those that were asked for come back. */
  private async reapply(): Promise<void> {
    for (const intf of this.intfList()) if (intf instanceof TCIntf) await intf.config()
  }

  /** Starts switches that wait for it, many by one call of `ovs-vsctl`. */
  static async batchStartup(switches: readonly OVSSwitch[]): Promise<void> {
    const waiting = switches.filter(each => each.waitingWords !== undefined)
    switches[0]?.box.output.info('...')
    for (const some of batches(waiting)) {
      const words = some.flatMap(each => each.waitingWords as string[])
      await (some[0] as OVSSwitch).configure(words)
    }
    for (const each of waiting) {
      each.waitingWords = undefined
      await each.reapply()
    }
  }

  override async stop(deleteIntfs = true): Promise<void> {
    await this.vsctl('--if-exists', 'del-br', this.bridge)
    await super.stop(deleteIntfs)
  }

  /** Stops switches by few calls of `ovs-vsctl`. */
  static async batchShutdown(switches: readonly OVSSwitch[]): Promise<void> {
    for (const some of batches(switches)) {
      const words = some.flatMap((each, i) => [...(i === 0 ? [] : ['--']), '--if-exists', 'del-br', each.bridge])
      await (some[0] as OVSSwitch).vsctl(...words)
    }
  }
}

/** Those that one call of `ovs-vsctl` is about: of one daemon, and not too many. */
const batches = (switches: readonly OVSSwitch[]): OVSSwitch[][] => {
  const ofDaemon = new Map<Vswitchd, OVSSwitch[]>()
  const all: OVSSwitch[][] = []
  for (const each of switches) {
    let some = ofDaemon.get(each.vswitchd)
    if (some === undefined || some.length === batchSize) {
      some = []
      ofDaemon.set(each.vswitchd, some)
      all.push(some)
    }
    some.push(each)
  }
  return all
}

const isTrue = (value: unknown): boolean => value === true || (typeof value === 'number' && value !== 0)

/** A bridge that learns addresses itself, without a controller. */
export class OVSBridge extends OVSSwitch {
  constructor(box: Box, name: string, params: OVSSwitchParams = {}) {
    super(box, name, { ...params, failMode: 'standalone' })
  }

  override start(_controllers: readonly Controller[]): Promise<void> {
    return super.start([])
  }

  /** With a spanning tree: whether every port has found its place in it. */
  override connected(): boolean {
    if (!this.stp) return true
    const made = this.vswitchd.hand.made.get(this.bridge)
    const states = made?.bridge.tree.stp?.members().map(port => port.state) ?? []
    return states.includes('forwarding') && !states.some(state => state === 'listening' || state === 'learning')
  }
}
