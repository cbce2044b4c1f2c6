import { openVSwitch, openVSwitchCommands } from '../../machine/index.ts'
import { UnixSockets } from '../../runtime/index.ts'
import type { Vswitchd } from '../../vswitchd/index.ts'
import type { Box, Ended } from './box.ts'
import { OVSSwitch, type OVSSwitchParams } from './ovs-switch.ts'

/**
 * OpenFlow's reference switch, in its words; forwarding is Open vSwitch's. In a namespace of its own it has a daemon of its own
 * there, so that it reaches its controller by a control network.
 */
export class UserSwitch extends OVSSwitch {
  static override readonly dpidLen = 12
  private own: { vswitchd: Vswitchd; commands: ReturnType<typeof openVSwitchCommands> } | undefined

  constructor(box: Box, name: string, params: OVSSwitchParams = {}) {
    super(box, name, { datapath: 'user', ...params })
  }

  /** Made when it is first asked for. */
  private get daemon() {
    if (this.own === undefined) {
      const { machine, clock } = this.box
      const { kernel, random } = machine
      const sockets = new UnixSockets()
      const vswitchd = openVSwitch({ kernel, namespace: this.namespace, clock, random, sockets })
      this.own = { vswitchd, commands: openVSwitchCommands(vswitchd, sockets) }
    }
    return this.own
  }

  override get vswitchd(): Vswitchd {
    return this.inNamespace ? this.daemon.vswitchd : super.vswitchd
  }

  protected override tool(words: readonly string[]): Promise<Ended> {
    if (!this.inNamespace) return super.tool(words)
    return this.box.calls.run(this.box.exec(words, this.namespace, this.daemon.commands))
  }

  override async dpctl(...words: string[]): Promise<string> {
    if (!this.inNamespace) return await super.dpctl(...words)
    const [command = '', ...rest] = words
    return (await this.tool(['ovs-ofctl', command, this.bridge, ...rest])).text
  }
}
