import type { Vport } from '../datapath/index.ts'
import type { Link, Namespace } from '../host/index.ts'
import type { Device, Devices } from '../vswitchd/index.ts'
import type { Frame } from '../wire/frame.ts'

/** What `ip link` calls the master of a switch's ports. */
const master = 'ovs-system'

/** The links of a namespace as the devices of a switch. */
export class LinkDevices implements Devices {
  private readonly namespace: Namespace
  private readonly opened: Opened = new Map()

  constructor(namespace: Namespace) {
    this.namespace = namespace
    namespace.watchers.add(link => this.opened.get(link)?.onChange?.())
  }

  open(name: string, type: 'system' | 'internal' | 'tap', mac: number): Device | string {
    if (type === 'internal') return this.make(name, mac)
    const link = this.namespace.links.get(name)
    if (link === undefined) return 'No such device'
    if (link.isLoopback) return 'Invalid argument'
    if (link.master !== undefined) return 'Device or resource busy'
    return new PortDevice(this.opened, this.namespace, link)
  }

  private make(name: string, mac: number): Device | string {
    const added = this.namespace.links.add('internal', name, mac === 0 ? {} : { mac })
    return added.ok ? new InternalDevice(this.opened, this.namespace, added.value) : 'File exists'
  }
}

type Opened = Map<Link, LinkDevice>

/** What both kinds of device are: a link that tells of its changes. */
abstract class LinkDevice implements Device {
  receiver: ((frame: Frame) => void) | undefined
  onChange: (() => void) | undefined
  abstract readonly vport: Vport
  protected readonly link: Link
  private readonly namespace: Namespace
  private readonly opened: Opened

  constructor(opened: Opened, namespace: Namespace, link: Link) {
    this.opened = opened
    this.namespace = namespace
    this.link = link
    opened.set(link, this)
  }

  get mac(): number {
    return this.link.mac
  }

  get mtu(): number {
    return this.link.mtu
  }

  get ifindex(): number {
    return this.link.index
  }

  get adminUp(): boolean {
    return this.link.up
  }

  get linkUp(): boolean {
    return this.link.running
  }

  /** What Linux tells of a pair of veths and of a tap (since 5.14) that has no speed of its own. */
  get linkSpeed(): number | undefined {
    return this.link.kind === 'veth' || this.link.kind === 'tap' ? 10e9 : undefined
  }

  /** The link is in the namespace no more: deleted, or moved to another. */
  get gone(): boolean {
    return this.namespace.links.at(this.link.index) !== this.link
  }

  setMac(mac: number): void {
    this.link.setMac(mac)
  }

  setMtu(mtu: number): void {
    this.link.setMtu(mtu)
  }

  statistics(): Readonly<Record<string, number>> {
    const { rx, tx } = this.link
    return { rx_errors: rx.errors, rx_dropped: rx.dropped, tx_errors: tx.errors, tx_dropped: tx.dropped }
  }

  close(): void {
    if (this.opened.get(this.link) === this) this.opened.delete(this.link)
    this.receiver = undefined
    this.onChange = undefined
  }
}

/** A link of the machine that became a port: what it receives goes to the switch and not to IP. */
class PortDevice extends LinkDevice {
  readonly vport: Vport

  constructor(opened: Opened, namespace: Namespace, link: Link) {
    super(opened, namespace, link)
    this.vport = { name: link.name, type: 'system', takesRuns: true, send: frame => link.transmit(frame) }
    link.enslave(master, frame => this.receiver?.(frame))
  }

  override close(): void {
    super.close()
    if (this.link.master !== master) return
    this.link.enslave(undefined, undefined)
  }
}

/** A link whose far end is the switch: what the machine sends through it comes in at the port, and the other way. */
class InternalDevice extends LinkDevice {
  readonly vport: Vport
  private readonly links: Namespace['links']

  constructor(opened: Opened, namespace: Namespace, link: Link) {
    super(opened, namespace, link)
    this.links = namespace.links
    this.vport = { name: link.name, type: 'internal', takesRuns: true, send: frame => link.deliver(frame) }
    link.plug({ send: frame => this.receiver?.(frame) })
  }

  override get linkUp(): boolean {
    return this.link.up
  }

  override close(): void {
    super.close()
    if (!this.gone) this.links.remove(this.link)
  }
}
