import type { MeterConfig } from '../openflow/meter.ts'
import type { MeterCounts, MeterDatapath } from './meters.ts'

/** As many as Open vSwitch's userspace datapath has. */
const limits = { maxMeters: 262144, maxBands: 8 }

/** Meters of a datapath that gives them numbers and forgets them: they let everything through and count nothing. */
export class MeterNumbers implements MeterDatapath {
  readonly meterLimits = limits
  private readonly taken = new Set<number>()
  private readonly free: number[] = []

  addMeter(_config: MeterConfig): number | undefined {
    if (this.taken.size >= limits.maxMeters) return undefined
    const number = this.free.pop() ?? this.taken.size
    this.taken.add(number)
    return number
  }

  setMeter(_number: number, _config: MeterConfig): void {}

  removeMeter(number: number): void {
    if (this.taken.delete(number)) this.free.push(number)
  }

  meterCounts(_number: number): MeterCounts | undefined {
    return undefined
  }
}
