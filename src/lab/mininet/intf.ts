import type { Link as Device, Namespace } from '../../host/index.ts'
import { formatIp4, formatMac } from '../../wire/address.ts'
import type { Box } from './box.ts'
import type { Options } from './topo.ts'

/** A node, as far as its interfaces know it. */
export interface IntfOwner {
  readonly name: string
  readonly box: Box
  readonly namespace: Namespace
  /** Runs a program in the node, without its shell; gives what it printed. */
  exec(...words: string[]): Promise<string>
  addIntf(intf: Intf, port?: number): void
  delIntf(intf: Intf): void
}

/** A link, as far as its interfaces know it. */
export interface IntfLink {
  readonly intf1: Intf
  readonly intf2: Intf
}

/** What an interface is made with. */
export type IntfParams = {
  port?: number | undefined
  link?: IntfLink | undefined
  mac?: string | undefined
  ip?: string
  /** Words for `ifconfig`, once it is there. */
  ifconfig?: string
  /** False leaves it down. */
  up?: boolean
  [option: string]: unknown
}

export type IntfClass = new (name: string, node: IntfOwner, params?: IntfParams) => Intf

/** An interface of a node, configured by the words of `ifconfig` and `ip`. */
export class Intf {
  name: string
  /** Another one when the interface was moved. */
  node: IntfOwner
  readonly params: IntfParams
  link: IntfLink | undefined
  ip: string | undefined
  prefixLen: number | undefined
  mac: string | undefined
  /** What shapes it now, in the names of `TCIntf`; it may have been changed since it was made. */
  shaping: Options = {}

  constructor(name: string, node: IntfOwner, params: IntfParams = {}) {
    const { port, link, mac, ...rest } = params
    this.name = name
    this.node = node
    this.link = link
    this.mac = mac
    this.params = rest
    if (name === 'lo') {
      this.ip = '127.0.0.1'
      this.prefixLen = 8
    }
    node.addIntf(this, port)
  }

  /** The network device; undefined once it is gone. */
  get device(): Device | undefined {
    return this.node.namespace.links.get(this.name)
  }

  /** Makes it what its parameters say: address, MAC, up. */
  async config(params: Options = this.params): Promise<Record<string, unknown>> {
    const { mac, ip, ifconfig, up = true } = params as IntfParams
    const result: Record<string, unknown> = {}
    if (typeof mac === 'string') result.setMAC = await this.setMAC(mac)
    if (typeof ip === 'string') result.setIP = await this.setIP(ip)
    if (up) result.isUp = await this.setUp()
    if (typeof ifconfig === 'string') result.ifconfig = await this.ifconfig(...ifconfig.split(/\s+/))
    return result
  }

  /** `ifconfig NAME …`; what it printed, nothing if all went well. */
  ifconfig(...words: string[]): Promise<string> {
    return this.node.exec('ifconfig', this.name, ...words)
  }

  /** `10.0.0.1/8`, or an address and a length. */
  async setIP(ip: string, prefixLen?: number): Promise<string> {
    const [address = '', length] = ip.split('/')
    if (length === undefined && prefixLen === undefined) throw new Error(`No prefix length set for IP address ${ip}`)
    this.ip = address
    this.prefixLen = Number(length ?? prefixLen)
    return this.ifconfig(`${address}/${this.prefixLen}`, 'up')
  }

  async setMAC(mac: string): Promise<string> {
    this.mac = mac
    const texts = [await this.ifconfig('down'), await this.ifconfig('hw', 'ether', mac), await this.ifconfig('up')]
    return texts.join('')
  }

  /** The address that it has now. */
  updateIP(): string | undefined {
    const { device, node } = this
    const address = device === undefined ? undefined : node.namespace.addresses.of(device, 4)[0]
    this.ip = address === undefined ? undefined : formatIp4(address.ip as number)
    if (address !== undefined) this.prefixLen = address.length
    return this.ip
  }

  /** The MAC that it has now. */
  updateMAC(): string | undefined {
    const { device } = this
    this.mac = device === undefined ? undefined : formatMac(device.mac)
    return this.mac
  }

  IP(): string | undefined {
    return this.ip
  }

  MAC(): string | undefined {
    return this.mac
  }

  isUp(): boolean {
    return this.device?.up === true
  }

  /** Switches it on. False, with an error, if that could not be. */
  async setUp(): Promise<boolean> {
    if (this.isUp()) return true
    const said = await this.ifconfig('up')
    if (said !== '') this.node.box.output.error(`Error setting ${this.name} up: ${said} `)
    return said === ''
  }

  async rename(name: string): Promise<string> {
    await this.ifconfig('down')
    const said = await this.node.exec('ip', 'link', 'set', this.name, 'name', name)
    if (said === '') this.name = name
    await this.ifconfig('up')
    return said
  }

  /** Removes it, and with it the other end of its link. */
  async delete(): Promise<void> {
    const { device, node } = this
    if (device !== undefined) node.namespace.links.remove(device)
    node.delIntf(this)
    this.link = undefined
  }

  /** `OK`, `DOWN` if it or its cable is off, `MISSING`. */
  status(): string {
    const { device } = this
    if (device === undefined) return 'MISSING'
    return device.up ? 'OK' : 'DOWN'
  }

  /** `<Intf h1-eth0>`. */
  repr(): string {
    return `<${this.constructor.name} ${this.name}>`
  }

  toString(): string {
    return this.name
  }
}
