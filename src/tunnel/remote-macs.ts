import { type Clock, second } from '../runtime/clock.ts'
import { type Ip, isMulticastMac, type Mac } from '../wire/address.ts'

type Entry = { remote: Ip; learned: number }

/** A station behind another VTEP: `age` is ns since it was last heard. */
export type RemoteMac = { vni: number; mac: Mac; remote: Ip; age: number }

export type RemoteMacsOptions = {
  clock: Clock
  /** Stations of one VNI; the one that was heard least recently goes first. */
  limit?: number
  /** ns until a station that is not heard is forgotten. Linux: 300 s. */
  ageing?: number
}

/** Which VTEP a station is behind, by VNI: learned from the frames that come in (RFC 7348 §4.1). */
export class RemoteMacs {
  private readonly clock: Clock
  private readonly limit: number
  private readonly ageing: number
  /** The stations of each VNI, the one heard least recently first. */
  private readonly vnis = new Map<number, Map<Mac, Entry>>()

  constructor({ clock, limit = 8192, ageing = 300 * second }: RemoteMacsOptions) {
    this.clock = clock
    this.limit = limit
    this.ageing = ageing
  }

  /** A frame from this station came from this VTEP. A group's or an all-zero address is nobody's. */
  learn(vni: number, mac: Mac, remote: Ip): void {
    if (mac === 0 || isMulticastMac(mac)) return
    let stations = this.vnis.get(vni)
    if (stations === undefined) {
      stations = new Map()
      this.vnis.set(vni, stations)
    }
    const now = this.clock.now()
    const known = stations.get(mac)
    if (known !== undefined && known.remote === remote && known.learned === now) return
    stations.delete(mac)
    stations.set(mac, { remote, learned: now })
    if (stations.size > this.limit) stations.delete(stations.keys().next().value as Mac)
  }

  /** The VTEP that a station is behind, if that is known. */
  find(vni: number, mac: Mac): Ip | undefined {
    const stations = this.vnis.get(vni)
    const entry = stations?.get(mac)
    if (stations === undefined || entry === undefined) return undefined
    if (this.clock.now() - entry.learned < this.ageing) return entry.remote
    stations.delete(mac)
    return undefined
  }

  /** Forgets what is behind a VTEP in a VNI, or all of the VNI. */
  forget(vni: number, remote?: Ip): void {
    if (remote === undefined) this.vnis.delete(vni)
    for (const [mac, entry] of this.vnis.get(vni) ?? []) if (entry.remote === remote) this.vnis.get(vni)?.delete(mac)
  }

  /** All that are not too old. */
  *entries(): Iterable<RemoteMac> {
    const now = this.clock.now()
    for (const [vni, stations] of this.vnis)
      for (const [mac, { remote, learned }] of stations)
        if (now - learned < this.ageing) yield { vni, mac, remote, age: now - learned }
  }
}
