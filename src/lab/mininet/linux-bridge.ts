import { bridgeOf } from '../../host/index.ts'
import type { Box } from './box.ts'
import type { Controller } from './controller.ts'
import type { Intf } from './intf.ts'
import { bridgeName } from './names.ts'
import { Switch, type SwitchParams } from './switch.ts'

export type LinuxBridgeParams = SwitchParams & {
  /** A spanning tree. */
  stp?: boolean | number
  /** The bridge's priority in it: 0 to 65535, lower is nearer to the root. */
  prio?: number
}

/** The next priority of each machine's bridges: they count up, so that the first is the root. */
const nextPrio = new WeakMap<Box, number>()

/** A bridge of the Linux kernel, made and changed by the words of `brctl`. */
export class LinuxBridge extends Switch {
  static readonly params: readonly string[] = ['stp', 'prio']
  readonly stp: boolean
  readonly prio: number
  /** The bridge: named as the switch is, if a link can be named so. */
  readonly bridge: string

  constructor(box: Box, name: string, params: LinuxBridgeParams = {}) {
    super(box, name, params)
    const next = nextPrio.get(box) ?? 100
    this.stp = Boolean(params.stp)
    this.prio = params.prio || next
    if (!params.prio) nextPrio.set(box, next + 1)
    this.bridge = bridgeName(name)
  }

  override get cutsLoops(): boolean {
    return this.stp
  }

  /** With a tree: whether a port forwards yet. */
  override connected(): boolean {
    const link = this.namespace.links.get(this.bridge)
    const bridge = link && bridgeOf(link)
    return !this.stp || bridge?.ports.some(({ forwards }) => forwards) === true
  }

  async start(_controllers: readonly Controller[]): Promise<void> {
    const { bridge } = this
    await this.cmd('ifconfig', bridge, 'down')
    await this.cmd('brctl delbr', bridge)
    await this.cmd('brctl addbr', bridge)
    if (this.stp) {
      await this.cmd('brctl setbridgeprio', bridge, String(this.prio))
      await this.cmd('brctl stp', bridge, 'on')
    }
    for (const intf of this.intfList()) if (this.ports.get(intf) !== 0) await this.cmd('brctl addif', bridge, intf.name)
    await this.cmd('ifconfig', bridge, 'up')
  }

  /** Makes an interface a port, when the bridge is running already. */
  async attach(intf: Intf): Promise<void> {
    await this.cmd('brctl addif', this.bridge, intf.name)
    await intf.setUp()
  }

  async detach(intf: Intf): Promise<void> {
    await this.cmd('brctl delif', this.bridge, intf.name)
  }

  override async stop(deleteIntfs = true): Promise<void> {
    await this.cmd('ifconfig', this.bridge, 'down')
    await this.cmd('brctl delbr', this.bridge)
    await super.stop(deleteIntfs)
  }

  async dpctl(...words: string[]): Promise<string> {
    return await this.cmd('brctl', ...words)
  }
}
