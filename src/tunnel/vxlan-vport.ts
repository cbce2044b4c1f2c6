import type { TunnelRow } from '../flow/layout.ts'
import { Counters } from '../runtime/counters.ts'
import type { Frame } from '../wire/frame.ts'
import { VxlanPort } from '../wire/vxlan.ts'
import { at, copyRow, isOuter6, newRow } from './row.ts'
import type { Underlay } from './underlay.ts'
import { decapsulate, encapsulate, type VxlanOptions, type VxlanRefusal, vxlanDefaults } from './vxlan.ts'

export type VxlanVportOptions = Partial<VxlanOptions> & {
  underlay: Underlay
  /** Where decapsulated frames go: the datapath's `receive`. The row is only valid during the call. */
  receive: (frame: Frame, tunnel: TunnelRow) => void
  /** UDP destination port. */
  port?: number
}

/** What a VXLAN port counts besides what it refuses. */
export type VxlanCounter = VxlanRefusal | 'vxlan_no_remote' | 'vxlan_wrong_port'

/**
 * The datapath's end of all VXLAN tunnels of one UDP port, `vxlan_sys_4789`: which tunnel a frame takes, and came by, is
 * in its tunnel row. It is a `Vport` of the datapath.
 */
export class VxlanVport {
  readonly name: string
  readonly type = 'vxlan'
  readonly port: number
  readonly options: VxlanOptions
  readonly counters = new Counters<VxlanCounter>()
  private readonly underlay: Underlay
  private readonly deliver: (frame: Frame, tunnel: TunnelRow) => void
  private readonly outer = newRow()

  constructor({ underlay, receive, port, ...options }: VxlanVportOptions) {
    this.underlay = underlay
    this.deliver = receive
    this.port = port ?? VxlanPort.iana
    this.name = `vxlan_sys_${this.port}`
    this.options = { ...vxlanDefaults, ...options }
  }

  /** Encapsulates a frame and hands it to the underlay. */
  send(frame: Frame, tunnel: TunnelRow): void {
    if (tunnel[at.dst] === 0 && !isOuter6(tunnel)) {
      this.counters.add('vxlan_no_remote')
      return
    }
    const { outer } = this
    copyRow(tunnel, outer)
    outer[at.transport] = ((outer[at.transport]! & 0xffff0000) | this.port) >>> 0
    encapsulate(frame, outer, this.options)
    this.underlay.send(frame, outer)
  }

  /** A datagram for this port came: the frame starts at the UDP payload, `outer` says who sent it, and how, and is written to. */
  receive(frame: Frame, outer: TunnelRow): void {
    if ((outer[at.transport]! & 0xffff) !== this.port) {
      this.counters.add('vxlan_wrong_port')
      return
    }
    const why = decapsulate(frame, outer, this.options)
    if (why === undefined) this.deliver(frame, outer)
    else this.counters.add(why)
  }
}
