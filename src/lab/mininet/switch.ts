import type { Box } from './box.ts'
import type { Controller } from './controller.ts'
import { Intf } from './intf.ts'
import { Node, type NodeParams } from './node.ts'

export type SwitchParams = NodeParams & {
  /** 16 hex digits at most, colons or none; by default the number in the name. */
  dpid?: string | number | undefined
  /** More words for the switch's program, where it has one. */
  opts?: string
  /** A TCP port at which `ovs-ofctl` may call. */
  listenPort?: number | undefined
}

/** A switch; `start` makes it one that forwards. Its first port is 1, and its port 0 is `lo`. */
export abstract class Switch extends Node {
  static override readonly portBase: number = 1
  /** Digits of a datapath id. */
  static readonly dpidLen: number = 16
  readonly dpid: string
  readonly opts: string
  readonly listenPort: number | undefined
  /** The interface that the control network uses. */
  controlIntf: Intf | undefined

  constructor(box: Box, name: string, params: SwitchParams = {}) {
    // Before there is a shell and an interface to take back.
    const dpid = datapathId(name, params.dpid, new.target.dpidLen)
    super(box, name, { inNamespace: false, ...params })
    this.dpid = dpid
    this.opts = params.opts ?? ''
    this.listenPort = params.listenPort
    if (!this.inNamespace) this.controlIntf = new Intf('lo', this, { port: 0 })
  }

  override defaultIntf(): Intf | undefined {
    return this.controlIntf ?? super.defaultIntf()
  }

  abstract start(controllers: readonly Controller[]): Promise<void>

  /** Stops forwarding; the interfaces go too unless told otherwise. */
  override async stop(deleteIntfs = true): Promise<void> {
    if (deleteIntfs) await this.deleteIntfs()
  }

  /** Whether it forwards by a controller's word, or does without. */
  connected(): boolean {
    return true
  }

  /** Whether it takes part in a spanning tree. */
  get cutsLoops(): boolean {
    return false
  }

  /** Runs the switch's own tool, as the prompt's `dpctl` does. */
  abstract dpctl(...words: string[]): Promise<string>
}

/** The datapath id of a switch: as given, or the first number in its name. */
const datapathId = (name: string, given: string | number | undefined, length: number): string => {
  let digits = given === undefined ? '' : String(given).replaceAll(':', '')
  if (digits === '') {
    const [first] = /\d+/.exec(name) ?? []
    if (first === undefined)
      throw new Error(
        'Unable to derive default datapath ID - please either specify a dpid or use a canonical switch name such as s23.',
      )
    digits = BigInt(first).toString(16)
  }
  if (!/^[0-9a-fA-F]+$/.test(digits) || digits.length > length)
    throw new Error(`${name}: a datapath ID has ${length} hex digits at most, and '${digits}' is none`)
  return digits.padStart(length, '0')
}
