import { Bucket } from './bucket.ts'
import { Fifo } from './fifo.ts'
import { type Handle, newStats, type Place, type Qdisc } from './qdisc.ts'

/** Bytes a second and bytes. `priority` 0 goes first; `quantum` is what a class sends before the next of its priority. */
export type HtbClassOptions = {
  rate: number
  ceil: number
  burst: number
  cburst: number
  priority: number
  quantum: number
}

/** A class of HTB: a rate that it has, a ceiling to which it may borrow from its parent, and what waits in it. */
export class HtbClass implements Place {
  readonly handle: Handle
  readonly parent: HtbClass | undefined
  readonly stats = newStats()
  options: HtbClassOptions
  child: Qdisc
  children = 0
  /** Frames that went by its own rate, and by a parent's. */
  lended = 0
  borrowed = 0
  giants = 0
  /** What it may still send before the next one, bytes. */
  deficit = 0
  private rate: Bucket
  private ceil: Bucket

  constructor(handle: Handle, parent: HtbClass | undefined, options: HtbClassOptions, limit: number, now: number) {
    this.handle = handle
    this.parent = parent
    this.options = options
    this.child = new Fifo('pfifo', 0, limit)
    this.rate = new Bucket(options.rate, options.burst, now)
    this.ceil = new Bucket(options.ceil, options.cburst, now)
  }

  change(options: HtbClassOptions, now: number): void {
    this.options = options
    this.rate = this.rate.changed(options.rate, options.burst, now)
    this.ceil = this.ceil.changed(options.ceil, options.cburst, now)
  }

  /** 0 for a leaf; those below the root that have children are 7, and each below them one less (`tc -d`). */
  get level(): number {
    let depth = 0
    for (let each = this.parent; each !== undefined; each = each.parent) depth++
    return this.children === 0 ? 0 : 7 - depth
  }

  /** Its tokens, and those below its ceiling, ns. */
  tokens(now: number): { rate: number; ceil: number } {
    return { rate: this.rate.at(now), ceil: this.ceil.at(now) }
  }

  /** ns until it may send: by its own rate, or as its parent may, and never above its ceiling. */
  wait(now: number): number {
    const ceiling = Math.max(0, -this.ceil.at(now))
    const own = Math.max(0, -this.rate.at(now))
    if (own === 0 || this.parent === undefined) return Math.max(ceiling, own)
    return Math.max(ceiling, Math.min(own, this.parent.wait(now)))
  }

  /** It sends so many bytes: whoever lends the tokens pays, and all above do; who borrows pays below its ceiling only. */
  charge(bytes: number, now: number): void {
    let lender: HtbClass | undefined = this
    while (lender.parent !== undefined && lender.rate.at(now) < 0) lender = lender.parent
    lender.lended++
    let pays = false
    for (let each: HtbClass | undefined = this; each !== undefined; each = each.parent) {
      if (each === lender) pays = true
      else if (!pays) each.borrowed++
      if (pays) each.rate.take(bytes, now)
      each.ceil.take(bytes, now)
      each.stats.bytes += bytes
      each.stats.packets++
    }
  }
}
