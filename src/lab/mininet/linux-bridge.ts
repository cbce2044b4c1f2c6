import type { Box } from './box.ts'
import { OVSBridge, type OVSSwitchParams } from './ovs-switch.ts'

/** A bridge as Linux has them, with its spanning tree if wanted; underneath it is Open vSwitch's. */
export class LinuxBridge extends OVSBridge {
  static override readonly params: readonly string[] = ['stp', 'prio']
  /** The bridge's priority in its spanning tree: 0 to 65535, lower is nearer to the root. */
  readonly prio: number

  constructor(box: Box, name: string, params: OVSSwitchParams & { prio?: number } = {}) {
    super(box, name, params)
    this.prio = params.prio ?? 100 + Number(BigInt(`0x${this.dpid}`) % 1000n)
  }

  protected override bridgeWords(): string[] {
    return [...super.bridgeWords(), `other-config:stp-priority=${this.prio}`]
  }
}
