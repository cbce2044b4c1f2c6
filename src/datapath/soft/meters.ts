/**
 * Meters: token buckets (OpenFlow 1.3 §5.7). A band's bucket fills with time at the band's rate up to its burst and gives
 * a frame its size, or one packet; the band of the highest rate whose bucket could not is the one that is done. Bands other
 * than `drop` only count, as the switch lets nobody ask for them: Open vSwitch's user-space datapath has none.
 *
 * Buckets count bits, or thousandths of packets, so that a millisecond adds exactly `rate` to either. Time is taken in
 * whole milliseconds, as in Open vSwitch, so frames within one share what there was.
 */
import type { MeterConfig } from '../../openflow/meter.ts'
import { millisecond } from '../../runtime/clock.ts'
import type { MeterCounts } from '../datapath.ts'

type Band = {
  readonly drops: boolean
  readonly rate: number
  readonly size: number
  level: number
  packets: number
  bytes: number
}

type Meter = {
  readonly isPackets: boolean
  readonly bands: readonly Band[]
  /** Milliseconds that fill any bucket. */
  readonly longest: number
  /** The last frame's time, ms. */
  used: number
  packets: number
  bytes: number
}

/** The meters of a datapath, by its numbers. */
export class SoftMeters {
  private readonly meters: (Meter | undefined)[] = []

  /** Makes a meter, or makes it anew: counts begin at 0 and buckets are full. */
  set(number: number, { flags, bands }: MeterConfig, now: number): void {
    const made = bands.map(({ type, rate, burst }): Band => {
      const size = (burst === 0 ? rate : burst) * 1000
      return { drops: type === 'drop', rate, size, level: size, packets: 0, bytes: 0 }
    })
    const longest = Math.max(0, ...made.map(({ rate, size }) => (rate === 0 ? 0 : Math.floor(size / rate))))
    this.meters[number] = {
      isPackets: flags.pktps,
      bands: made,
      longest,
      used: Math.floor(now / millisecond),
      packets: 0,
      bytes: 0,
    }
  }

  remove(number: number): void {
    this.meters[number] = undefined
  }

  counts(number: number): MeterCounts | undefined {
    const meter = this.meters[number]
    if (meter === undefined) return undefined
    const { packets, bytes, bands } = meter
    return { packets, bytes, bands: bands.map(band => ({ packets: band.packets, bytes: band.bytes })) }
  }

  /** Whether a frame of `size` bytes may pass. A meter that is not there lets everything through. */
  passes(number: number, size: number, now: number): boolean {
    const meter = this.meters[number]
    if (meter === undefined) return true
    const at = Math.floor(now / millisecond)
    const elapsed = Math.min(at - meter.used, meter.longest)
    meter.used = at
    meter.packets++
    meter.bytes += size
    const wanted = meter.isPackets ? 1000 : size * 8
    let caught: Band | undefined
    const { bands } = meter
    for (let i = 0; i < bands.length; i++) {
      const band = bands[i]!
      band.level = Math.min(band.level + elapsed * band.rate, band.size)
      if (band.level >= wanted) band.level -= wanted
      else if (band.rate > (caught?.rate ?? 0)) caught = band
    }
    if (caught === undefined) return true
    caught.packets++
    caught.bytes += size
    return !caught.drops
  }
}
