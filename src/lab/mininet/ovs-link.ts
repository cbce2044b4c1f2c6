import { Intf } from './intf.ts'
import { Link, type LinkParams } from './link.ts'
import type { Node } from './node.ts'

/** A patch port: an end of a link inside Open vSwitch, which is no device and always up. */
export class OVSIntf extends Intf {
  override async ifconfig(...words: string[]): Promise<string> {
    if (words.join(' ') === 'up') return ''
    throw new Error(`OVSIntf cannot do ifconfig ${words.join(' ')}`)
  }

  /** What `ovs-vsctl` is told of it. */
  ovsWords(): string[] {
    if (this.link === undefined) return []
    const { intf1, intf2 } = this.link
    return ['type=patch', `options:peer=${this === intf1 ? intf2 : intf1}`]
  }

  override isUp(): boolean {
    return true
  }

  override status(): string {
    return 'OK'
  }

  override async delete(): Promise<void> {
    this.node.delIntf(this)
    this.link = undefined
  }
}

/** A link that is a pair of patch ports where both ends are bridges of Open vSwitch, and a pair of veths elsewhere. */
export class OVSLink extends Link {
  constructor(node1: Node, node2: Node, params: LinkParams = {}) {
    const isPatch = [node1, node2].every(node => 'bridge' in node)
    super(node1, node2, isPatch ? { ...params, cls1: OVSIntf, cls2: OVSIntf } : params)
  }

  protected override makeIntfPair(...args: Parameters<Link['makeIntfPair']>): void {
    if (!args[2].every(node => 'bridge' in node)) super.makeIntfPair(...args)
  }
}
