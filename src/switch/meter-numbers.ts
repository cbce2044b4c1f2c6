import type { Datapath, MeterCounts } from '../datapath/datapath.ts'
import type { MeterConfig } from '../openflow/meter.ts'
import type { MeterDatapath } from './meters.ts'

/** As many as Open vSwitch's userspace datapath has. */
const limits = { maxMeters: 262144, maxBands: 8 }

/** Gives the meters of all bridges of a datapath their numbers there. Without a datapath, nothing goes through them. */
export class MeterNumbers implements MeterDatapath {
  readonly meterLimits = limits
  private readonly taken = new Set<number>()
  private readonly free: number[] = []
  private readonly datapath: Pick<Datapath, 'setMeter' | 'removeMeter' | 'meterCounts'> | undefined

  constructor(datapath?: MeterNumbers['datapath']) {
    this.datapath = datapath
  }

  addMeter(config: MeterConfig): number | undefined {
    if (this.taken.size >= limits.maxMeters) return undefined
    const number = this.free.pop() ?? this.taken.size
    this.taken.add(number)
    this.datapath?.setMeter(number, config)
    return number
  }

  setMeter(number: number, config: MeterConfig): void {
    this.datapath?.setMeter(number, config)
  }

  removeMeter(number: number): void {
    if (!this.taken.delete(number)) return
    this.free.push(number)
    this.datapath?.removeMeter(number)
  }

  meterCounts(number: number): MeterCounts | undefined {
    return this.datapath?.meterCounts(number)
  }
}
