import { parseMac } from '../../wire/address.ts'
import { Intf, type IntfClass, type IntfLink, type IntfParams } from './intf.ts'
import { intfName } from './names.ts'
import type { Node } from './node.ts'
import { changeShaping, shapingOf } from './tc-change.ts'
import { TCIntf, type TCParams } from './tc-intf.ts'
import type { Options } from './topo.ts'

/** What a link is made with; all that is not named here goes to both interfaces. */
export type LinkParams = {
  port1?: number | undefined
  port2?: number | undefined
  intfName1?: string | undefined
  intfName2?: string | undefined
  /** MAC addresses. */
  addr1?: string | undefined
  addr2?: string | undefined
  /** Classes of the interfaces. */
  intf?: IntfClass | undefined
  cls1?: IntfClass | undefined
  cls2?: IntfClass | undefined
  /** Parameters of one interface alone. */
  params1?: IntfParams | undefined
  params2?: IntfParams | undefined
  [option: string]: unknown
}

export type LinkClass = new (node1: Node, node2: Node, params?: LinkParams) => Link

/** A pair of veths between two nodes. It is there when it was made, and up when it was configured. */
export class Link implements IntfLink {
  readonly intf1: Intf
  readonly intf2: Intf

  constructor(node1: Node, node2: Node, params: LinkParams = {}) {
    const { port1, port2, intfName1, intfName2, addr1, addr2, intf, cls1, cls2, params1, params2, ...both } = params
    const [one, other] = [params1?.port ?? port1 ?? node1.newPort(), params2?.port ?? port2 ?? node2.newPort()]
    for (const [node, port] of [
      [node1, one],
      [node2, other],
    ] as const)
      if (node.intfs.has(port)) throw new Error(`port ${port} of ${node.name} is taken`)
    const names = [intfName1 ?? intfName(node1.name, one), intfName2 ?? intfName(node2.name, other)] as const
    this.makeIntfPair(names, [addr1, addr2], [node1, node2])
    const Class1 = cls1 ?? intf ?? Intf
    const Class2 = cls2 ?? intf ?? Intf
    this.intf1 = new Class1(names[0], node1, { ...both, ...params1, link: this, mac: addr1, port: one })
    this.intf2 = new Class2(names[1], node2, { ...both, ...params2, link: this, mac: addr2, port: other })
  }

  /** Brings both ends up, and makes them what their parameters say. */
  async config(): Promise<void> {
    await this.intf1.config()
    await this.intf2.config()
  }

  /** Makes the two devices, each in its node; overridden by links that are something else. */
  protected makeIntfPair(
    names: readonly [string, string],
    macs: readonly [string | undefined, string | undefined],
    nodes: readonly [Node, Node],
  ): void {
    const [near, far] = nodes.map(node => node.namespace.links) as [
      Node['namespace']['links'],
      Node['namespace']['links'],
    ]
    const [mine, theirs] = macs.map(text => (text === undefined ? {} : { mac: macOf(text) })) as [Options, Options]
    const made = near.addVeth(names[0], names[1], far, mine, theirs)
    if (made.ok) return
    const why = made.errno === 'EEXIST' ? 'RTNETLINK answers: File exists\n' : `${made.errno}\n`
    throw new Error(`Error creating interface pair (${names.join(',')}): ${why}`)
  }

  /**
   * Changes bandwidth, delay, loss and the like of both ends while the network runs: what is named is set, the rest stays. Throws
   * what is wrong, with nothing changed.
   */
  async change(changes: TCParams): Promise<void> {
    const before = shapingOf(this.intf1)
    await changeShaping(this.intf1, changes)
    try {
      await changeShaping(this.intf2, changes)
    } catch (error) {
      const all = Object.fromEntries(Object.keys(changes).map(key => [key, undefined]))
      await changeShaping(this.intf1, { ...all, ...before })
      throw error
    }
  }

  async delete(): Promise<void> {
    await this.intf1.delete()
    await this.intf2.delete()
  }

  async stop(): Promise<void> {
    await this.delete()
  }

  /** `(OK OK)`: what the two ends say. */
  status(): string {
    return `(${this.intf1.status()} ${this.intf2.status()})`
  }

  toString(): string {
    return `${this.intf1}<->${this.intf2}`
  }
}

const macOf = (text: string): number => {
  const mac = parseMac(text)
  if (mac === undefined) throw new Error(`'${text}' is no MAC address`)
  return mac
}

/** A link with interfaces that `tc` shapes. */
export class TCLink extends Link {
  constructor(node1: Node, node2: Node, params: LinkParams = {}) {
    super(node1, node2, { cls1: TCIntf, cls2: TCIntf, ...params })
  }
}

/** As `TCLink`, without checksum offload. */
export class TCULink extends TCLink {
  constructor(node1: Node, node2: Node, params: LinkParams = {}) {
    super(node1, node2, { ...params, txo: false, rxo: false })
  }
}
