import { Counters } from '../runtime/index.ts'
import type { Mac } from '../wire/address.ts'
import { EtherType } from '../wire/ethernet.ts'
import type { Frame, FrameSink } from '../wire/frame.ts'
import { u16 } from '../wire/header.ts'
import { isRun6, segmentCount, segmentSize, segmentsOf, wireSize } from '../wire/tcp-segments.ts'
import { popVlan, VlanHeader } from '../wire/vlan.ts'
import type { Backlog, Receiver } from './backlog.ts'
import { done, failed, type Result } from './errno.ts'
import type { LinkKind } from './link-kind.ts'
import { type OffloadName, Offloads } from './offload.ts'
import type { Egress } from './qdisc/egress.ts'

export type LinkEvent = 'added' | 'removed' | 'up' | 'down' | 'carrier' | 'mac' | 'mtu' | 'name' | 'master'

/** Sees a frame that passes, without owning it: it must copy what it keeps. `time` is the clock's. */
export type LinkTap = (direction: 'in' | 'out', frame: Frame, time: number, link: Link) => void

/** The namespace, as far as a link knows it. */
export interface LinkOwner {
  readonly name: string
  now(): number
  receive(link: Link, frame: Frame): void
  changed(link: Link, event: LinkEvent): void
  /** Takes a link out of the namespace, because the other end of its pair is gone. */
  discard(link: Link): void
}

export type LinkStats = { packets: number; bytes: number; errors: number; dropped: number; multicast: number }

/** Why a frame did not pass: `down`, `carrier`, `long` (over the MTU), `short`, `backlog`, `unplugged`, `stranger` (for another MAC), `protocol`. */
export type LinkDrop = 'down' | 'carrier' | 'long' | 'short' | 'backlog' | 'unplugged' | 'stranger' | 'protocol'

export type OperState = 'UP' | 'DOWN' | 'LOWERLAYERDOWN' | 'UNKNOWN'

/** Names may have 15 bytes and no slash, colon or white space (`dev_valid_name`). */
export const isLinkName = (name: string): boolean =>
  name.length > 0 && name.length <= 15 && name !== '.' && name !== '..' && !/[/:\s]/.test(name)

const noStats = (): LinkStats => ({ packets: 0, bytes: 0, errors: 0, dropped: 0, multicast: 0 })

/** A network device. Made by `Links`; all changes that others must hear of go through methods. */
export class Link implements Receiver {
  readonly kind: LinkKind
  /** The namespace it is in; `Kernel.namespaceOf` gives it in full. */
  owner: LinkOwner
  index: number
  name: string
  mac: Mac
  mtu: number
  readonly smallestMtu: number
  readonly largestMtu: number
  /** Administratively up (`ip link set up`). */
  up = false
  txQueueLength = 1000
  alias = ''
  group = 'default'
  /** `ip link set promisc on` and `allmulticast on`, the only askers whose wish shows as a flag. */
  promiscuous = false
  allMulticast = false
  /** How many others want to see every frame: a switch, captures. */
  watching = 0
  /** The name of what took it as a port, as `ovs-system`; undefined if nothing did. */
  master: string | undefined
  /** The other end of a veth pair. */
  peer: Link | undefined
  /** The link that a `vlan` is of, and which VLAN. */
  lower: Link | undefined
  vlanId = 0
  /** The VLANs that have links of their own. */
  vlans: Map<number, Link> | undefined
  /** Where frames go that leave any link but a veth, `lo` and a dummy. */
  output: FrameSink | undefined
  /** Takes every frame that comes in, instead of the namespace's protocols (rx_handler). */
  handler: ((frame: Frame, link: Link) => void) | undefined
  readonly taps = new Set<LinkTap>()
  /** Those that hear of each change of this link alone: a bridge of its ports. */
  listeners: Set<(event: LinkEvent) => void> | undefined
  readonly rx = noStats()
  readonly tx = noStats()
  readonly drops = new Counters<`${'rx' | 'tx'}_${LinkDrop}`>()
  private plugged: boolean
  /** Whether the carrier ever changed, without which a bridge's state is not known. */
  private carrierSeen = false
  private activated = false
  private queueing: Egress | undefined
  /** Made by the first who asks: nearly no link is asked. */
  private switches: Offloads | undefined
  /** Whether runs of TCP segments leave whole, by what `ethtool -K` says. */
  private takesRuns4 = true
  private takesRuns6 = true
  private readonly backlog: Backlog

  constructor(owner: LinkOwner, backlog: Backlog, kind: LinkKind, index: number, name: string, mac: Mac, mtu: number) {
    this.owner = owner
    this.backlog = backlog
    this.kind = kind
    this.index = index
    this.name = name
    this.mac = mac
    this.mtu = mtu
    this.smallestMtu = kind === 'loopback' || kind === 'dummy' || kind === 'vlan' ? 0 : 68
    this.largestMtu = kind === 'dummy' || kind === 'loopback' ? 0x7fffffff : 65535
    this.plugged = kind !== 'eth' && kind !== 'tap'
  }

  get isLoopback(): boolean {
    return this.kind === 'loopback'
  }

  /** Whether the far end is there: a veth's peer up, a cable plugged in. Meaningful while the link is up. */
  get carrier(): boolean {
    return this.kind === 'veth' ? this.up && this.peer?.up === true : this.plugged
  }

  /** Up and with carrier: frames pass. */
  get running(): boolean {
    return this.up && this.carrier
  }

  /** RFC 2863 state as `ip link` names it. */
  get operState(): OperState {
    if (!this.up) return 'DOWN'
    if (this.kind === 'loopback' || this.kind === 'dummy' || this.kind === 'internal') return 'UNKNOWN'
    if (this.kind === 'bridge' && !this.carrierSeen) return 'UNKNOWN'
    if (this.carrier) return 'UP'
    return this.linked === undefined ? 'DOWN' : 'LOWERLAYERDOWN'
  }

  /** The queueing discipline's name as `ip link` shows it; a link that never was up has `noop`. */
  get qdisc(): string {
    if (this.queueing !== undefined) return this.queueing.child.kind
    if (!this.activated) return 'noop'
    return this.kind === 'eth' || this.kind === 'tap' ? 'pfifo_fast' : 'noqueue'
  }

  /** Flags in the order in which `ip link` prints them. */
  get flags(): string[] {
    const flags: string[] = []
    if (this.up && !this.carrier) flags.push('NO-CARRIER')
    if (this.kind === 'loopback') flags.push('LOOPBACK')
    else {
      flags.push('BROADCAST')
      if (this.kind === 'dummy') flags.push('NOARP')
      else flags.push('MULTICAST')
    }
    if (this.allMulticast) flags.push('ALLMULTI')
    if (this.promiscuous) flags.push('PROMISC')
    if (this.up) flags.push('UP')
    if (this.running) flags.push('LOWER_UP')
    // Only one in the same namespace can be looked at.
    if (this.linked?.up === false && this.linked.owner === this.owner) flags.push('M-DOWN')
    return flags
  }

  /** The link that `ip link` shows behind `@`. */
  get linked(): Link | undefined {
    return this.peer ?? this.lower
  }

  /** How many want to see every frame, as `ip -d link` prints it. */
  get promiscuity(): number {
    return this.watching + (this.promiscuous ? 1 : 0)
  }

  /** Whether neighbours are asked for by ARP and ND. */
  get resolves(): boolean {
    return this.kind !== 'loopback' && this.kind !== 'dummy'
  }

  /** `ip link set up` and `down`. ENETDOWN for a VLAN of a link that is down. */
  setUp(up: boolean): Result {
    if (up === this.up) return done
    if (up && this.lower?.up === false) return failed('ENETDOWN')
    this.up = up
    if (up) this.activated = true
    else this.queueing?.reset()
    this.owner.changed(this, up ? 'up' : 'down')
    const { peer } = this
    if (this.kind === 'veth' && peer?.up) peer.carrierChanged()
    return done
  }

  /** Plugs the cable, the VM or the switch in, or pulls it out (undefined). An internal link keeps its carrier. */
  plug(output: FrameSink | undefined): void {
    this.output = output
    if (this.kind !== 'internal') this.setCarrier(output !== undefined)
  }

  /** A cable may stay plugged and lose its signal: the far end was shut. */
  setCarrier(carrier: boolean): void {
    if (this.kind === 'veth' || carrier === this.plugged) return
    this.plugged = carrier
    this.carrierSeen = true
    if (this.up) this.carrierChanged()
  }

  private carrierChanged(): void {
    this.owner.changed(this, 'carrier')
  }

  setMac(mac: Mac): Result {
    if (Math.floor(mac / 2 ** 40) % 2 === 1 || mac === 0) return failed('EADDRNOTAVAIL')
    if (this.mac === mac) return done
    this.mac = mac
    this.owner.changed(this, 'mac')
    return done
  }

  setMtu(mtu: number): Result {
    if (mtu < this.smallestMtu) return failed('EINVAL', 'mtu less than device minimum.')
    if (this.lower !== undefined && mtu > this.lower.mtu) return failed('ERANGE')
    if (mtu > this.largestMtu) return failed('EINVAL', 'mtu greater than device maximum.')
    if (this.mtu === mtu) return done
    this.mtu = mtu
    this.owner.changed(this, 'mtu')
    return done
  }

  /** Calls `listener` at each change of this link; gives back what ends it. */
  listen(listener: (event: LinkEvent) => void): () => void {
    const listeners = this.listeners ?? new Set()
    this.listeners = listeners
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  /** The switch takes the link as a port of `master`, or gives it back (both undefined). */
  enslave(master: string | undefined, handler: ((frame: Frame, link: Link) => void) | undefined): void {
    if ((master === undefined) !== (this.master === undefined)) this.watching += master === undefined ? -1 : 1
    this.master = master
    this.handler = handler
    this.owner.changed(this, 'master')
  }

  /** What the device does in place of the kernel (`ethtool -k`). */
  get offloads(): Offloads {
    this.switches ??= new Offloads(this.kind)
    return this.switches
  }

  /** `ethtool -K`: without TCP segmentation offload, runs of segments are cut before they leave. */
  askOffloads(wishes: ReadonlyMap<OffloadName, boolean>): void {
    this.offloads.ask(wishes)
    const active = this.offloads.active(true)
    this.takesRuns4 = active.has('tx-tcp-segmentation')
    this.takesRuns6 = active.has('tx-tcp6-segmentation')
  }

  private takesRun(frame: Frame): boolean {
    return this.takesRuns4 === this.takesRuns6 ? this.takesRuns4 : isRun6(frame) ? this.takesRuns6 : this.takesRuns4
  }

  /** A frame leaves through this link; passes ownership. */
  transmit(frame: Frame): void {
    if (!this.up || !this.carrier) {
      this.tx.dropped++
      this.drops.add(this.up ? 'tx_carrier' : 'tx_down')
    } else if (this.egress === undefined) {
      if (frame.gso === 0 || this.takesRun(frame)) this.emit(frame)
      else for (const packet of segmentsOf(frame)) this.emit(packet)
    }
    // A queue gives each packet its turn.
    else for (const packet of segmentsOf(frame)) this.egress?.send(packet)
  }

  /** What `tc` puts in front of the link, in place of what it has by itself; undefined takes it away. */
  setEgress(egress: Egress | undefined): void {
    this.egress?.reset()
    this.queueing = egress
  }

  get egress(): Egress | undefined {
    return this.queueing
  }

  /** A frame has waited for its turn. */
  emit(frame: Frame): void {
    const { kind, tx } = this
    if (kind !== 'loopback' && this.taps.size > 0) this.tap('out', frame)
    const isNic = frame.gso > 0 && (kind === 'eth' || kind === 'tap')
    tx.packets += isNic ? segmentCount(frame) : 1
    tx.bytes += isNic ? wireSize(frame) : frame.size
    if (kind === 'veth') {
      if (!this.backlog.hand(this.peer as Link, frame)) (this.peer as Link).lost()
    } else if (kind === 'loopback') {
      if (!this.backlog.hand(this, frame)) this.lost()
    } else if (kind !== 'dummy') {
      if (this.output === undefined) this.drops.add('tx_unplugged')
      // A switch and a fast cable take runs of segments as they are, others get a frame for each.
      else if (frame.gso === 0 || kind === 'internal' || this.output.takesRuns === true) this.output.send(frame)
      else for (const packet of segmentsOf(frame)) this.output?.send(packet)
    }
  }

  /** A frame comes in from outside; passes ownership. */
  deliver(frame: Frame): void {
    if (!this.backlog.hand(this, frame)) this.lost()
  }

  private lost(): void {
    this.rx.dropped++
    this.drops.add('rx_backlog')
  }

  /** What the backlog calls when it is this frame's turn. */
  process(frame: Frame): void {
    const { rx } = this
    const size = frame.end - frame.start
    if (!this.up) {
      this.refuse('rx_down')
      return
    }
    if (size < 14) {
      this.refuse('rx_short')
      return
    }
    // A VLAN tag does not count against the MTU.
    if (size > this.mtu + 18 && segmentSize(frame) > this.mtu + 18) {
      this.refuse('rx_long')
      return
    }
    // A NIC counts the packets of a wire, another device what it is handed.
    const isNic = frame.gso > 0 && (this.kind === 'eth' || this.kind === 'tap')
    rx.packets += isNic ? segmentCount(frame) : 1
    rx.bytes += isNic ? wireSize(frame) : size
    if ((frame.bytes[frame.start] as number) & 1) rx.multicast++
    if (this.taps.size > 0) this.tap('in', frame)
    if (this.vlans !== undefined && deliverTagged(this.vlans, frame)) return
    if (this.handler !== undefined) this.handler(frame, this)
    else this.owner.receive(this, frame)
  }

  private refuse(why: 'rx_down' | 'rx_short' | 'rx_long'): void {
    if (why !== 'rx_down') this.rx.errors++
    this.rx.dropped++
    this.drops.add(why)
  }

  private tap(direction: 'in' | 'out', frame: Frame): void {
    const time = this.owner.now()
    for (const tap of this.taps) tap(direction, frame, time, this)
  }
}

/** A frame of a VLAN that has a link of its own is that link's, without the tag. */
const deliverTagged = (vlans: ReadonlyMap<number, Link>, frame: Frame): boolean => {
  const { bytes, start } = frame
  if (frame.size < 18 || u16.get(bytes, start + 12) !== EtherType.vlan) return false
  const vlan = vlans.get(VlanHeader.at.vid(bytes, start + 14))
  if (vlan === undefined) return false
  popVlan(frame)
  vlan.deliver(frame)
  return true
}
