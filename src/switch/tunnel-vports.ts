import type { PortNumber } from '../datapath/action.ts'
import type { Datapath } from '../datapath/datapath.ts'
import { type FlowKey, type TunnelRow, word } from '../flow/layout.ts'
import { Counters } from '../runtime/counters.ts'
import { parseTunnelOptions, type TunnelConfig } from '../tunnel/options.ts'
import { egress, TunnelPorts } from '../tunnel/ports.ts'
import type { Frame } from '../wire/frame.ts'
import type { BridgePort } from './port.ts'
import type { OpenedTunnel, OpenTunnel } from './switch-options.ts'
import type { BridgeView, PortRef } from './view.ts'

/** Where a tunnel's frames go when they come up from the network. */
export type Deliver = (port: PortNumber, frame: Frame, row: TunnelRow) => void

type Owner = { bridge: BridgeView; name: string; ofport: number; config: TunnelConfig }
type Shared = { port: PortNumber; users: number; opened: OpenedTunnel }

/**
 * Tunnel ports of all bridges. Those of one UDP port share one port of the datapath (`vxlan_sys_4789`), which is opened
 * for the first and closed after the last; which of them a frame came in by is in its tunnel words.
 */
export class TunnelVports {
  private readonly table = new TunnelPorts<Owner>()
  private readonly owners = new Map<string, Owner>()
  private readonly byUdpPort = new Map<number, Shared>()
  private readonly udpPorts = new Map<PortNumber, number>()
  /** The datapath's ports by UDP port. */
  readonly ports = new Map<number, PortNumber>()
  private readonly datapath: Datapath
  private readonly openTunnel: OpenTunnel | undefined
  private readonly deliver: Deliver

  constructor(datapath: Datapath, openTunnel: OpenTunnel | undefined, deliver: Deliver) {
    this.datapath = datapath
    this.openTunnel = openTunnel
    this.deliver = deliver
  }

  /** The datapath port of a tunnel port to be; a text says why it cannot be. */
  open(
    bridge: BridgeView,
    name: string,
    ofport: number,
    options: Readonly<Record<string, string>>,
  ): PortNumber | string {
    const { config, error } = parseTunnelOptions(name, options)
    if (config === undefined) return error ?? `${name}: bad options`
    const owner: Owner = { bridge, name, ofport, config }
    const present = this.table.add(owner, config)
    if (present !== undefined)
      return `${name}: attempting to add tunnel port with same config as port '${present.name}'`
    const shared = this.share(config)
    if (typeof shared === 'string') {
      this.table.remove(config)
      return `${name}: ${shared}`
    }
    shared.users++
    this.owners.set(ownerName(bridge, ofport), owner)
    return shared.port
  }

  close(bridge: BridgeView, ofport: number): void {
    const owner = this.owners.get(ownerName(bridge, ofport))
    if (owner === undefined) return
    const { config } = owner
    this.owners.delete(ownerName(bridge, ofport))
    this.table.remove(config)
    const shared = this.byUdpPort.get(config.dstPort)
    if (shared === undefined || --shared.users > 0) return
    this.byUdpPort.delete(config.dstPort)
    this.udpPorts.delete(shared.port)
    this.ports.delete(config.dstPort)
    this.datapath.removePort(shared.port)
    shared.opened.close()
  }

  /** The port that a frame with these tunnel words came in by, if it came to one of the datapath's tunnel ports. */
  inputPort(key: FlowKey, mask: FlowKey): PortRef | undefined {
    const udpPort = this.udpPorts.get(key[word.inPort]!)
    const owner = udpPort === undefined ? undefined : this.table.find(key, udpPort, mask)
    const port = owner?.bridge.ports.get(owner.ofport)
    return owner === undefined || port === undefined ? undefined : { bridge: owner.bridge, port }
  }

  /** Writes a leaving frame's outer headers into its key; the text says why it cannot leave. */
  output(bridge: BridgeView, port: BridgePort, flow: FlowKey, mask: FlowKey): string | undefined {
    const owner = this.owners.get(ownerName(bridge, port.ofport))
    if (owner === undefined) return 'no tunnel'
    egress(owner.config, flow, mask)
    return undefined
  }

  configOf(bridge: BridgeView, ofport: number): TunnelConfig | undefined {
    return this.owners.get(ownerName(bridge, ofport))?.config
  }

  /** How many ports share one UDP port. */
  users(udpPort: number): number {
    return this.byUdpPort.get(udpPort)?.users ?? 0
  }

  /** What the tunnel ports refused, summed over UDP ports. */
  refused(): [reason: string, count: number][] {
    const sums = new Counters()
    for (const { opened } of this.byUdpPort.values())
      for (const [reason, count] of opened.refused()) sums.add(reason, count)
    return sums.entries()
  }

  private share({ dstPort: udpPort, dialect }: TunnelConfig): Shared | string {
    const present = this.byUdpPort.get(udpPort)
    if (present !== undefined) return present
    if (this.openTunnel === undefined) return 'this switch has no network for tunnels'
    let port: PortNumber | undefined
    const deliver = (frame: Frame, row: TunnelRow): void => {
      if (port !== undefined) this.deliver(port, frame, row)
    }
    const opened = this.openTunnel('vxlan', udpPort, deliver, dialect)
    if (typeof opened === 'string') return opened
    port = this.datapath.addPort(opened.vport, opened.number)
    const shared: Shared = { port, users: 0, opened }
    this.byUdpPort.set(udpPort, shared)
    this.udpPorts.set(port, udpPort)
    this.ports.set(udpPort, port)
    return shared
  }
}

const ownerName = (bridge: BridgeView, ofport: number): string => `${bridge.name} ${ofport}`
