import { second } from '../runtime/clock.ts'

/** A megaflow that no frame used for so long goes (Open vSwitch's `max-idle`). */
const maxIdle = 10 * second

/** The same while there are more flows than there may be. */
const maxIdleOfTooMany = second / 10

/** What the limit is at first, what it does not fall below by itself, and by how much it grows. */
const [first, least, step] = [10_000, 1_000, 1_000]

/** `other_config:flow-limit` where nobody set it. */
export const usualMostFlows = 200_000

/**
 * How many megaflows a switch keeps, as Open vSwitch chooses it: few at first, then more with each look at the flows as long
 * as there are any, up to `most`. What is decided beyond the limit is for one frame alone: a storm of frames that all differ
 * would else take memory for answers that nobody asks for again. Open vSwitch also takes some back when a look takes it
 * longer than a second; here it takes no time.
 */
export class FlowLimit {
  private readonly datapath: { flowLimit: number }
  private most = usualMostFlows

  constructor(datapath: { flowLimit: number }) {
    this.datapath = datapath
    datapath.flowLimit = first
  }

  /** `upcall/set-flow-limit`: holds until the next look at the flows. */
  use(limit: number): void {
    this.datapath.flowLimit = limit
  }

  /** `other_config:flow-limit`. */
  allow(most: number): void {
    this.most = most
    this.set(this.datapath.flowLimit)
  }

  /** `count` flows are left after a look at all. */
  looked(count: number): void {
    const { flowLimit } = this.datapath
    this.set(flowLimit + (count * 1000 > flowLimit ? step : 0))
  }

  private set(wanted: number): void {
    this.datapath.flowLimit = Math.min(this.most, Math.max(wanted, least))
  }
}

/** How long a flow may go without a frame, of `count` where `limit` are allowed. Nanoseconds. */
export const idleTime = (count: number, limit: number): number => (count > limit ? maxIdleOfTooMany : maxIdle)
