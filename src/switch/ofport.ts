import { OfPort } from '../openflow/action.ts'
import { second } from '../runtime/clock.ts'

/** A number given back less than this long ago is only given out again if there is no other. */
const rest = 3600 * second

/**
 * Gives ports their OpenFlow numbers as ovs-vswitchd does: a requested one if it is free, else the next one up from the
 * last one given that no port ever had; when all were in use before, the one whose port went away longest ago.
 */
export class OfportNumbers {
  private readonly used = new Set<number>()
  private readonly freed = new Map<number, number>()
  private last = 0

  /** A number for a new port, or undefined if all 65,279 are taken. */
  take(now: number, wanted?: number): number | undefined {
    const found = wanted !== undefined && this.isFree(wanted) ? wanted : this.search(now)
    if (found === undefined) return undefined
    this.used.add(found)
    this.freed.delete(found)
    return found
  }

  giveBack(ofport: number, now: number): void {
    if (this.used.delete(ofport)) this.freed.set(ofport, now)
  }

  isFree(ofport: number): boolean {
    return ofport >= 1 && ofport < OfPort.max && !this.used.has(ofport)
  }

  private search(now: number): number | undefined {
    let oldest: number | undefined
    for (let tries = 1; tries < OfPort.max; tries++) {
      const candidate = ((this.last + tries - 1) % (OfPort.max - 1)) + 1
      if (this.used.has(candidate)) continue
      const when = this.freed.get(candidate)
      if (when === undefined || now - when > rest) {
        this.last = candidate
        return candidate
      }
      if (oldest === undefined || when < (this.freed.get(oldest) as number)) oldest = candidate
    }
    return oldest
  }
}
