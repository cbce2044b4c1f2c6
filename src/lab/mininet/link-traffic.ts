import { type Link as Device, lostIn, rateOf } from '../../host/index.ts'
import type { Intf } from './intf.ts'
import type { Mininet } from './mininet.ts'

/** What has passed a link one way, as `ip -s link` counts it where it leaves. */
export type Traffic = {
  /** Names of interfaces. */
  from: string
  to: string
  frames: number
  bytes: number
  /** What never came out at the other end: no room, lost on the way, or an end that was down. */
  lost: number
  /** Frames that wait for their turn. */
  waiting: number
  /** Bits a second, since it was last asked. */
  rate: number
  /** Bits a second that it could carry for long, where something bounds them. */
  bandwidth?: number
  /** The part of that which was used, since it was last asked: 0 to 1. */
  utilisation?: number
}

/** Counts what passes the links of a network; rates are since the last reading, the first since this was made. */
export class LinkTraffic {
  private readonly net: Mininet
  private since: number
  /** Bytes that had left each device. */
  private before = new Map<Device, number>()

  constructor(net: Mininet) {
    this.net = net
    this.since = net.box.clock.now()
    for (const device of this.devices()) this.before.set(device, device.tx.bytes)
  }

  private *devices(): Generator<Device> {
    for (const { intf1, intf2 } of this.net.links)
      for (const { device } of [intf1, intf2]) if (device !== undefined) yield device
  }

  /** Of each link both ways, in the order of `net.links`; nothing of those that are no devices, as patch ports. */
  read(): Traffic[][] {
    const now = this.net.box.clock.now()
    const seconds = (now - this.since) / 1e9
    const links = this.net.links.map(({ intf1, intf2 }) =>
      [this.oneWay(intf1, intf2, seconds), this.oneWay(intf2, intf1, seconds)].filter(each => each !== undefined),
    )
    this.since = now
    for (const device of this.devices()) this.before.set(device, device.tx.bytes)
    return links
  }

  private oneWay(from: Intf, to: Intf, seconds: number): Traffic | undefined {
    const { device } = from
    if (device === undefined) return undefined
    const { tx, egress } = device
    const queue = egress?.child
    const rate = seconds > 0 ? ((tx.bytes - (this.before.get(device) ?? 0)) * 8) / seconds : 0
    const bandwidth = queue === undefined ? undefined : rateOf(queue)
    return {
      from: from.name,
      to: to.name,
      frames: tx.packets,
      bytes: tx.bytes,
      lost: tx.dropped + (queue === undefined ? 0 : lostIn(queue)) + (to.device?.rx.dropped ?? 0),
      waiting: queue?.stats.backlogPackets ?? 0,
      rate,
      ...(bandwidth === undefined ? {} : { bandwidth: bandwidth * 8, utilisation: rate / (bandwidth * 8) }),
    }
  }
}

const mbit = (bits: number): string => `${(bits / 1e6).toFixed(2)} Mbit/s`

/** `h1-eth0 -> s1-eth1: 12 frames, 1132 bytes, 0 lost, 0 waiting; 9.41 Mbit/s, 94 % of 10.00 Mbit/s`. */
export const trafficText = ({
  from,
  to,
  frames,
  bytes,
  lost,
  waiting,
  rate,
  bandwidth,
  utilisation,
}: Traffic): string =>
  `${from} -> ${to}: ${frames} frames, ${bytes} bytes, ${lost} lost, ${waiting} waiting; ${mbit(rate)}${
    bandwidth === undefined ? '' : `, ${Math.round((utilisation ?? 0) * 100)} % of ${mbit(bandwidth)}`
  }`
