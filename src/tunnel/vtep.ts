/**
 * A VTEP by itself, without a switch above it, as the Linux kernel's `vxlan` device is: per VNI a list of remote VTEPs, and
 * which of them a station is behind is learned from what comes in.
 *
 * Broadcast, multicast and unknown unicast go to every remote of the VNI, a copy each (head-end replication). A remote
 * may be a multicast group: then the underlay's group takes the place of the list (RFC 7348 §4.2), and joining it is the
 * underlay's matter.
 */
import { type TunnelRow, tunnelFlag } from '../flow/layout.ts'
import type { Clock } from '../runtime/clock.ts'
import { Counters } from '../runtime/counters.ts'
import { type Ip, isMulticastMac } from '../wire/address.ts'
import type { Frame, FrameSink } from '../wire/frame.ts'
import { u48 } from '../wire/header.ts'
import { RemoteMacs } from './remote-macs.ts'
import { at, readRow, writeRow } from './row.ts'
import { VxlanVport, type VxlanVportOptions } from './vxlan-vport.ts'

export type VtepOptions = Omit<VxlanVportOptions, 'receive'> & {
  clock: Clock
  /** Outer source address; without it the underlay chooses. */
  local?: Ip
  ttl?: number
  tos?: number
  /** UDP checksum on the way out. */
  csum?: boolean
  dontFragment?: boolean
  /** Stations remembered for each VNI, and for how many ns. */
  limit?: number
  ageing?: number
}

/** A VNI on a VTEP: what is sent to it goes into the tunnel. */
export interface Segment extends FrameSink {
  readonly vni: number
  /** Where broadcast, multicast and unknown unicast go. It may be changed. */
  readonly remotes: Ip[]
}

export class Vtep {
  readonly vport: VxlanVport
  readonly macs: RemoteMacs
  readonly counters = new Counters<'vtep_unknown_vni' | 'vtep_no_remote' | 'vtep_short'>()
  private readonly options: VtepOptions
  private readonly segments = new Map<number, { segment: Segment; local: FrameSink }>()

  constructor(options: VtepOptions) {
    const { clock, limit, ageing } = options
    this.options = options
    this.vport = new VxlanVport({ ...options, receive: (frame, tunnel) => this.arrive(frame, tunnel) })
    this.macs = new RemoteMacs({
      clock,
      ...(limit === undefined ? {} : { limit }),
      ...(ageing === undefined ? {} : { ageing }),
    })
  }

  /** Joins a VNI: what comes out of it goes to `local`. A VNI that is there already is replaced. */
  join(vni: number, remotes: readonly Ip[], local: FrameSink): Segment {
    const segment: Segment = { vni, remotes: [...remotes], send: frame => this.send(segment, frame) }
    this.segments.set(vni, { segment, local })
    return segment
  }

  leave(vni: number): void {
    this.segments.delete(vni)
    this.macs.forget(vni)
  }

  /** A datagram for this VTEP came: for the underlay, as `VxlanVport.receive`. */
  receive(frame: Frame, outer: TunnelRow): void {
    this.vport.receive(frame, outer)
  }

  private send({ vni, remotes }: Segment, frame: Frame): void {
    if (frame.size < 14) {
      this.counters.add('vtep_short')
      return
    }
    const dst = u48.get(frame.bytes, frame.start)
    const known = isMulticastMac(dst) ? undefined : this.macs.find(vni, dst)
    const to = known === undefined ? remotes : [known]
    if (to.length === 0) this.counters.add('vtep_no_remote')
    for (const [i, remote] of to.entries())
      this.vport.send(i === to.length - 1 ? frame : frame.copy(), this.outer(vni, remote))
  }

  private outer(vni: number, dst: Ip): TunnelRow {
    const { local, ttl, tos, csum, dontFragment } = this.options
    const flags =
      tunnelFlag.key | (csum === true ? tunnelFlag.csum : 0) | (dontFragment === true ? tunnelFlag.dontFragment : 0)
    return writeRow({ vni, dst, src: local ?? 0, ttl: ttl ?? 0, tos: tos ?? 0, flags })
  }

  private arrive(frame: Frame, tunnel: TunnelRow): void {
    const vni = tunnel[at.id]!
    const joined = this.segments.get(vni)
    if (joined === undefined) {
      this.counters.add('vtep_unknown_vni')
      return
    }
    this.macs.learn(vni, u48.get(frame.bytes, frame.start + 6), readRow(tunnel).src)
    joined.local.send(frame)
  }
}
