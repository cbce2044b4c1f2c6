import type { Box } from './box.ts'
import { Host, type NodeParams } from './node.ts'

export type CPUParams = NodeParams & {
  sched?: 'cfs' | 'rt'
  /** Part of all processors; -1 for no limit. */
  cpu?: number
  cores?: number | string | readonly number[]
  period_us?: number
}

/** Processors of the simulated computer. */
const processors = 2

/** A host with a share of the processor. Programs of a simulated machine take no time, so the share is kept and shown. */
export class CPULimitedHost extends Host {
  readonly sched: 'cfs' | 'rt'
  private readonly period: number
  /** What was set last, in µs of each period; -1 for no limit. */
  quota = -1

  constructor(box: Box, name: string, params: CPUParams = {}) {
    super(box, name, params)
    this.sched = params.sched ?? 'cfs'
    this.period = params.period_us ?? 100_000
  }

  /** Sets the part of all processors that the host may use. */
  setCPUFrac(share: number): void {
    if (this.sched === 'rt' && !(share > 0)) throw new Error('Please set a positive CPU fraction for sched=rt\n')
    const whole = this.sched === 'rt' ? this.period : this.period * processors
    let period = this.period
    let quota = Math.trunc(whole * share)
    if (this.sched === 'cfs' && share > 0 && quota < 1000) {
      quota = 1000
      period = Math.trunc(quota / share / processors)
    }
    this.quota = quota < 0 ? -1 : quota
    this.box.output.info(`(${this.sched} ${this.quota}/${period}us) `)
  }

  override async config(params: CPUParams = {}): Promise<Record<string, unknown>> {
    const result = await super.config(params)
    this.setCPUFrac(params.cpu ?? -1)
    return result
  }
}
