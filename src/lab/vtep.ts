import type { TunnelRow } from '../flow/layout.ts'
import type { Clock } from '../runtime/index.ts'
import { type Segment, type Underlay, Vtep } from '../tunnel/index.ts'
import type { Ip } from '../wire/address.ts'
import type { Frame, FrameSink } from '../wire/frame.ts'
import type { CableEnd } from './cable.ts'

export type LabVtepOptions = {
  clock: Clock
  underlay: Underlay
  vni: number
  /** Where broadcast, multicast and unknown unicast go, a copy each. */
  remotes: readonly Ip[]
  /** UDP port of the remotes, and the one that datagrams must come to. */
  port?: number
}

/** Frames that went through, each way. */
export type LabVtepCounter = 'vtep_encapsulated' | 'vtep_decapsulated'

/**
 * A VTEP at the end of a lab's cable: what comes out of the cable goes into one VNI, and the other way. It does what the
 * kernel does after `ip link add … type vxlan id 42 remote …`: it learns which remote a station is behind.
 */
export class LabVtep {
  readonly vtep: Vtep
  readonly segment: Segment
  private encapsulated = 0
  private decapsulated = 0

  constructor(end: CableEnd, { clock, underlay, vni, remotes, port }: LabVtepOptions) {
    this.vtep = new Vtep({ clock, underlay, ...(port === undefined ? {} : { port }) })
    const into: FrameSink = {
      send: frame => {
        this.decapsulated++
        end.send(frame)
      },
    }
    this.segment = this.vtep.join(vni, remotes, into)
    end.output = {
      send: frame => {
        this.encapsulated++
        this.segment.send(frame)
      },
    }
  }

  /** A datagram from the underlay, as `Underlay` describes it. */
  receive(frame: Frame, outer: TunnelRow): void {
    this.vtep.receive(frame, outer)
  }

  /** What was counted, under the names that the tunnel's layers use, in the order of their names. */
  counters(): [string, number][] {
    const own: [LabVtepCounter, number][] = [
      ['vtep_decapsulated', this.decapsulated],
      ['vtep_encapsulated', this.encapsulated],
    ]
    const all: [string, number][] = [...own, ...this.vtep.counters.entries(), ...this.vtep.vport.counters.entries()]
    return all.sort(([a], [b]) => (a < b ? -1 : 1))
  }
}
