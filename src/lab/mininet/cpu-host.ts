import { CpuShare } from '../../machine/index.ts'
import { microsecond } from '../../runtime/index.ts'
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
export const processors = 2

/** A host with a share of the processor, which its shell and what is started in it have for their work (`CpuShare`). */
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
    let period = this.period
    let quota = Math.trunc((this.sched === 'rt' ? period : period * processors) * share)
    if (this.sched === 'cfs' && share > 0 && quota < 1000) {
      quota = 1000
      period = Math.trunc(quota / share / processors)
    }
    this.quota = quota < 0 ? -1 : quota
    const { process } = this.shell
    if (quota >= 0) process.cpu ??= new CpuShare(this.box.clock)
    // What Linux has for real-time processes it has for each processor.
    const whole = this.sched === 'rt' ? quota * processors : quota
    process.cpu?.limit(quota < 0 ? -1 : whole * microsecond, period * microsecond)
    this.box.output.info(`(${this.sched} ${this.quota}/${period}us) `)
  }

  /** Processor time that the host used, ns; undefined where it never had a limit. */
  get cpuUsed(): number | undefined {
    return this.shell.process.cpu?.used
  }

  override async config(params: CPUParams = {}): Promise<Record<string, unknown>> {
    const result = await super.config(params)
    this.setCPUFrac(params.cpu ?? -1)
    return result
  }
}
