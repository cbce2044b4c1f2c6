import type { Cancel } from '../runtime/clock.ts'
import { OpenFlowAgent } from '../switch/agent/agent.ts'
import { Controllers, type Network, noNetwork } from '../switch/agent/controllers.ts'
import type { Bridge } from '../switch/bridge.ts'
import type { BridgeOptions } from '../switch/bridge-options.ts'
import { inTableOrder } from '../switch/name-order.ts'
import type { Switch } from '../switch/switch.ts'
import type { PortSpec } from '../switch/switch-options.ts'
import { type VlanSettings, vlanSettings } from '../switch/vlan.ts'
import { parseTunnelOptions } from '../tunnel/options.ts'
import { sayOpened } from './datapath-lines.ts'
import type { Device, Devices } from './devices.ts'
import { Dummies, DummyDevice } from './dummy.ts'
import type { Present, Step } from './reconcile.ts'
import { warnOfTunnel } from './tunnel-warnings.ts'
import type { WantedBridge, WantedPort } from './wanted.ts'

type Made = {
  bridge: Bridge
  options: BridgeOptions
  ports: Map<string, WantedPort>
  devices: Map<string, Device>
  /** The bridge's OpenFlow side. */
  agent: OpenFlowAgent
  controllers: Controllers
}

/** Tunnels of Open vSwitch that Weft does not have yet; other unknown types are nobody's. */
const otherTunnels = new Set(['gre', 'geneve', 'erspan', 'ip6gre', 'ip6erspan', 'lisp', 'stt', 'gtpu', 'bareudp'])

/** What became of a bridge's OpenFlow side: `changed` is that it speaks other versions. */
export type AgentNews = 'added' | 'changed' | 'removed'

/** Carries out steps on a switch and its devices, and knows what it has made. */
export class Hand {
  readonly made = new Map<string, Made>()
  /** Why a port could not be made, by interface UUID. */
  readonly errors = new Map<string, string>()
  /** Told of each bridge's OpenFlow side when it comes and before it goes. */
  readonly onAgent = new Set<(agent: OpenFlowAgent, what: AgentNews) => void>()
  private readonly network: Network
  private readonly dummies: Dummies
  private readonly sw: Switch
  private readonly devices: Devices
  private readonly onChange: () => void
  private readonly cores: number
  /** Whether a datapath was opened before. */
  private hasOpened = false
  private cancelTelling: Cancel | undefined

  /** What lets spanning trees look at their ports again. */
  private readonly releases: (() => void)[] = []

  /** `onChange` is called when a device says that its state has changed, or a controller came or went. */
  constructor(
    sw: Switch,
    devices: Devices,
    onChange: () => void,
    {
      network = noNetwork,
      dummies = new Dummies(),
      cores = 1,
    }: { network?: Network | undefined; dummies?: Dummies | undefined; cores?: number | undefined } = {},
  ) {
    this.cores = cores
    this.dummies = dummies
    this.sw = sw
    this.devices = devices
    this.network = network
    this.onChange = onChange
  }

  present(): Present {
    return this.made
  }

  /** Takes away the ports whose devices are gone, so that a plan asks for them again. */
  dropGone(): void {
    for (const made of this.made.values()) {
      for (const [name, device] of [...made.devices]) {
        if (device.gone === true && name !== made.bridge.name) this.removePort(made, name)
      }
    }
  }

  /** Takes away the port on a device, which the next look at the database makes anew. */
  loseDevice(name: string): void {
    for (const made of this.made.values()) if (made.devices.has(name)) this.removePort(made, name)
  }

  run(steps: readonly Step[], wanted: readonly WantedBridge[]): void {
    this.errors.clear()
    const ids = new Map([...this.made.values()].map(({ bridge }) => [bridge, bridge.datapathId]))
    // Spanning trees look at their ports when all of them are as they should be: numbers that change places do not meet.
    this.releases.push(...[...this.made.values()].map(({ bridge }) => bridge.tree.hold()))
    this.lookAtTunnels(steps, wanted)
    for (const step of steps) this.take(step, wanted)
    for (const made of this.made.values()) this.pickMac(made)
    for (const release of this.releases.splice(0)) release()
    for (const { name, versions, controllers, ports } of wanted) {
      const made = this.made.get(name)
      if (made === undefined) continue
      // A bridge that was deleted and made anew at once is the same one, with another row.
      const local = made.ports.get(name)
      const row = ports.find(port => port.name === name)?.uuid
      if (local !== undefined && row !== undefined) made.ports.set(name, { ...local, uuid: row })
      const before = ids.get(made.bridge)
      if (before !== made.bridge.datapathId) this.sayDatapathId(made.bridge)
      const speaksOthers = made.agent.setVersions(versions)
      made.controllers.set(controllers)
      if (before === undefined) this.tell(made.agent, 'added')
      else if (speaksOthers) this.tell(made.agent, 'changed')
      if (before !== undefined && before !== made.bridge.datapathId) made.agent.hangUp()
    }
  }

  /** Open vSwitch looks at the options of the ports that there are, then takes away those that cannot stay and tries anew. */
  private lookAtTunnels(steps: readonly Step[], wanted: readonly WantedBridge[]): void {
    if (this.devices.dummyTypes?.has('vxlan') === true) return
    const anew = new Set(steps.flatMap(step => (step.do === 'add port' ? [step.port] : [])))
    for (const { name, ports } of wanted) {
      for (const port of ports) {
        if (port.type !== 'vxlan' || this.made.get(name)?.ports.get(port.name)?.type !== 'vxlan') continue
        const { error } = parseTunnelOptions(port.name, port.options)
        if (!anew.has(port) || error !== undefined) warnOfTunnel(this.sw.log, port.name, port.options)
      }
    }
  }

  private take(step: Step, wanted: readonly WantedBridge[]): void {
    const made = this.made.get(step.bridge)
    switch (step.do) {
      case 'add bridge': {
        const ports = wanted.find(({ name }) => name === step.bridge)?.ports ?? []
        this.addBridge(step.bridge, step.options)
        if (!ports.some(({ name }) => name === step.bridge)) this.addLocal(this.made.get(step.bridge), undefined)
        return
      }
      case 'remove bridge':
        if (made === undefined) return
        this.sayDeleted(made)
        this.removeBridge(made)
        return
      case 'configure bridge':
        made?.bridge.configure(step.options)
        if (made !== undefined) made.options = step.options
        return
      case 'remove port':
        if (made !== undefined) this.removePort(made, step.port)
        return
      case 'add port':
        if (step.port.name === step.bridge) this.addLocal(made, step.port)
        else if (made !== undefined) this.addPort(made, step.port)
        return
      case 'set vlan': {
        const port = made?.bridge.portByName(step.port)
        const from = made?.ports.get(step.port)
        if (made === undefined || port === undefined || from === undefined) return
        made.bridge.updatePort(port, { vlan: settings(step.vlan) })
        made.ports.set(step.port, { ...from, vlan: step.vlan })
        return
      }
      case 'set tree': {
        const { tree, snooping } = step
        const port = made?.bridge.portByName(step.port)
        const from = made?.ports.get(step.port)
        if (made === undefined || port === undefined || from === undefined) return
        made.bridge.updatePort(port, { treeOptions: tree, snooping })
        made.ports.set(step.port, { ...from, tree, snooping })
        return
      }
      case 'set options': {
        const from = made?.ports.get(step.port)
        const device = made?.devices.get(step.port)
        if (device instanceof DummyDevice) device.configure(step.options)
        if (made !== undefined && from !== undefined) made.ports.set(step.port, { ...from, options: step.options })
        return
      }
      case 'set mac': {
        const from = made?.ports.get(step.port)
        const port = made?.bridge.portByName(step.port)
        made?.devices.get(step.port)?.setMac?.(step.mac)
        if (made === undefined || from === undefined || port === undefined) return
        made.bridge.updatePort(port, { mac: step.mac })
        made.ports.set(step.port, { ...from, mac: step.mac })
        return
      }
      case 'set mtu': {
        const from = made?.ports.get(step.port)
        made?.devices.get(step.port)?.setMtu?.(step.mtu)
        if (made !== undefined && from !== undefined) made.ports.set(step.port, { ...from, mtu: step.mtu })
      }
    }
  }

  private addBridge(name: string, options: BridgeOptions): void {
    if (this.sw.bridges.size === 0) {
      sayOpened(this.sw.log, this.sw.datapath.name, !this.hasOpened, this.cores)
      this.hasOpened = true
    }
    const bridge = this.sw.addBridge(name, undefined, options)
    this.releases.push(bridge.tree.hold())
    bridge.onTree = () => this.changedSoon()
    const agent = new OpenFlowAgent(bridge, this.sw)
    const controllers = new Controllers(agent, this.network, this.onChange)
    const made: Made = { bridge, options, ports: new Map(), devices: new Map(), agent, controllers }
    this.made.set(name, made)
  }

  /** The port of the bridge's own name, without which there is no bridge. */
  private addLocal(made: Made | undefined, wanted: WantedPort | undefined): void {
    if (made === undefined) return
    const { bridge, options, devices } = made
    const { name, mac } = bridge
    const present = bridge.portByName(name)
    if (present !== undefined) {
      // It was there before its row.
      if (wanted !== undefined) made.ports.set(name, wanted)
      bridge.updatePort(present, { vlan: settings(wanted?.vlan ?? {}) })
      return
    }
    const device = this.devices.open(name, 'internal', options.hwaddr ?? 0, wanted?.options)
    if (typeof device === 'string') {
      if (wanted !== undefined) this.errors.set(wanted.uuid, couldNotOpen(name, device))
      this.removeBridge(made)
      return
    }
    const { vport, datapathPort } = device
    this.sw.addPort(bridge, { name, type: 'internal', vport, mac, datapathPort, vlan: wanted?.vlan ?? {} })
    devices.set(name, device)
    if (wanted !== undefined) made.ports.set(name, wanted)
    if (wanted?.mtu !== undefined) device.setMtu?.(wanted.mtu)
    this.connect(made, name, device)
    this.sayAdded(bridge, name)
  }

  private removeBridge({ bridge, controllers, agent, devices }: Made): void {
    controllers.close()
    this.tell(agent, 'removed')
    agent.close()
    this.sw.removeBridge(bridge)
    // A datapath goes with the last of its bridges, and its flows with it.
    if (this.sw.bridges.size === 0) this.sw.flush()
    for (const device of devices.values()) device.close()
    this.made.delete(bridge.name)
  }

  private tell(agent: OpenFlowAgent, what: AgentNews): void {
    for (const told of this.onAgent) told(agent, what)
  }

  private sayDatapathId({ name, datapathId }: Bridge): void {
    const digits = datapathId.toString(16).padStart(16, '0')
    this.sw.log('bridge', 'info', `bridge ${name}: using datapath ID ${digits}`)
  }

  private sayAdded(bridge: Bridge, name: string): void {
    const ofport = bridge.portByName(name)?.ofport
    this.sw.log('bridge', 'info', `bridge ${bridge.name}: added interface ${name} on port ${ofport}`)
  }

  private sayDeleted({ bridge, ports }: Made): void {
    for (const name of inTableOrder(ports.keys())) {
      const ofport = bridge.portByName(name)?.ofport
      this.sw.log('bridge', 'info', `bridge ${bridge.name}: deleted interface ${name} on port ${ofport}`)
    }
  }

  private addPort(made: Made, wanted: WantedPort): void {
    const { name, vlan, tree, snooping } = wanted
    const ofport = wanted.ofport ?? wanted.formerOfport
    const spec = this.specOf(wanted)
    if (typeof spec === 'string') {
      if (wanted.type !== 'patch' && wanted.type !== 'vxlan') this.sw.log('bridge', 'warn', spec)
      this.errors.set(wanted.uuid, spec)
      return
    }
    const { device, ...rest } = spec
    const port = this.sw.addPort(made.bridge, { name, ofport, vlan, tree, snooping, ...rest } as PortSpec)
    if (typeof port === 'string') {
      this.sw.log('bridge', 'warn', port)
      device?.close()
      this.errors.set(wanted.uuid, port)
      return
    }
    made.ports.set(name, wanted)
    this.sayAdded(made.bridge, name)
    if (device === undefined) return
    made.devices.set(name, device)
    if (wanted.mtu !== undefined) device.setMtu?.(wanted.mtu)
    this.connect(made, name, device)
  }

  /** How the switch is to make the port, and on which device, or why it cannot. */
  private specOf({ name, type, options, uuid, mac = 0 }: WantedPort): (SpecPart & { device?: Device }) | string {
    if (type === 'dummy' || this.devices.dummyTypes?.has(type) === true)
      return specOn(this.dummies.open(name, type, 0, options), 'dummy')
    switch (type) {
      case 'patch': {
        const wrong = patchError(name, options)
        if (wrong === undefined) return { type, peer: options.peer ?? '', mac: macOf(uuid) }
        this.sw.log('netdev_vport', 'err', wrong)
        this.sw.log('netdev', 'warn', `${name}: could not set configuration (Invalid argument)`)
        return wrong
      }
      case 'vxlan':
        return warnOfTunnel(this.sw.log, name, options) ?? { type, options, mac: macOf(uuid) }
      case 'system':
      case 'internal':
      case 'tap': {
        const device = this.devices.open(name, type, mac, options)
        return typeof device === 'string' ? couldNotOpen(name, device) : specOn(device, type)
      }
      default:
        if (!otherTunnels.has(type))
          this.sw.log('netdev', 'warn', `could not create netdev ${name} of unknown type ${type}`)
        return couldNotOpen(
          name,
          otherTunnels.has(type) ? `${type} is not supported yet` : 'Address family not supported by protocol',
        )
    }
  }

  private connect(made: Made, name: string, device: Device): void {
    const port = made.bridge.portByName(name)
    if (port === undefined) return
    // A device that is set down brings nothing; a dummy does what it is told.
    device.receiver = frame => {
      if (!port.config.down || device instanceof DummyDevice) port.receive(frame)
    }
    port.linkSpeed = device.linkSpeed
    let { adminUp } = device
    if (!adminUp) made.bridge.updatePort(port, { config: { ...port.config, down: true } })
    device.onChange = () => {
      // `ovs-ofctl mod-port` says the same of the port by itself: only a change of the device's overrules it.
      const config = device.adminUp === adminUp ? port.config : { ...port.config, down: !device.adminUp }
      adminUp = device.adminUp
      made.bridge.updatePort(port, { linkUp: device.linkUp, mac: device.mac, config })
      this.pickMac(made)
      this.onChange()
    }
  }

  /** Tells of many changes at one time once. */
  private changedSoon(): void {
    const { clock } = this.sw
    this.cancelTelling ??= clock.at(clock.now(), () => {
      this.cancelTelling = undefined
      this.onChange()
    })
  }

  private removePort(made: Made, name: string): void {
    const port = made.bridge.portByName(name)
    if (port !== undefined) {
      this.sw.log('bridge', 'info', `bridge ${made.bridge.name}: deleted interface ${name} on port ${port.ofport}`)
      this.sw.removePort(made.bridge, port)
    }
    made.devices.get(name)?.close()
    made.devices.delete(name)
    made.ports.delete(name)
  }

  /**
   * A bridge has the lowest MAC of the network cards in it, so that an address moved from a card to the bridge keeps
   * its MAC. Made-up MACs (the "locally administered" bit) do not count; `other_config:hwaddr` overrules.
   */
  private pickMac(made: Made): void {
    const { bridge, options, ports } = made
    bridge.mac = options.hwaddr ?? lowestCard(made) ?? bridge.mac
    setMac(made, bridge.name, bridge.mac)
    // That of a fake bridge is a card's of its VLAN, or else its parent's.
    for (const { name, fake, mac, vlan } of ports.values())
      if (fake === true && mac === undefined) setMac(made, name, lowestCard(made, vlan.tag) ?? bridge.mac)
  }
}

type SpecPart =
  | { type: 'patch'; peer: string; mac: number }
  | { type: 'vxlan'; options: Readonly<Record<string, string>>; mac: number }
  | {
      type: 'system' | 'internal' | 'tap' | 'dummy'
      vport: Device['vport']
      mac: number
      linkUp: boolean
      datapathPort: number | undefined
    }

/** A port on a device. */
const specOn = (device: Device, type: 'system' | 'internal' | 'tap' | 'dummy'): SpecPart & { device: Device } => {
  const { vport, mac, linkUp, datapathPort } = device
  return { type, vport, mac, linkUp, device, datapathPort }
}

const settings = (vlan: WantedPort['vlan']): VlanSettings => vlanSettings(vlan)

/** What is wrong with a patch port's options. */
const patchError = (name: string, options: WantedPort['options']): string | undefined => {
  if (options.peer === undefined) return `${name}: patch type requires valid 'peer' argument`
  if (Object.keys(options).length > 1) return `${name}: patch type takes only a 'peer' argument`
  return options.peer === name ? `${name}: patch peer must not be self` : undefined
}

/** Of a port without a device: made up, and the same as long as its row is there. */
const macOf = (uuid: string): number => {
  const [first = 0, ...rest] = (uuid.match(/[0-9a-f]{2}/g) ?? []).slice(-6).map(digits => Number.parseInt(digits, 16))
  return rest.reduce((mac, byte) => mac * 256 + byte, (first & 0xfc) | 2)
}

/** The lowest MAC of the network cards in a bridge, or of those of a VLAN. */
const lowestCard = ({ bridge, ports, devices }: Made, vlan?: number): number | undefined => {
  const macs = [...devices].flatMap(([name, { mac }]) => {
    const isReal = mac !== 0 && Math.floor(mac / 2 ** 40) % 4 === 0
    const counts = name !== bridge.name && (vlan === undefined || ports.get(name)?.vlan.tag === vlan)
    return isReal && counts ? [mac] : []
  })
  return macs.length === 0 ? undefined : Math.min(...macs)
}

const setMac = ({ bridge, devices }: Made, name: string, mac: number): void => {
  const device = devices.get(name)
  if (device !== undefined && device.mac !== mac) device.setMac?.(mac)
  const port = bridge.portByName(name)
  if (port !== undefined && port.mac !== mac) bridge.updatePort(port, { mac })
}

const couldNotOpen = (name: string, why: string): string => `could not open network device ${name} (${why})`
