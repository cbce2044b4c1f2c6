/** `other_config:rstp-*` of the Bridge table. Times in seconds; what is left out is the usual. */
export type RstpOptions = {
  /** The MAC in the bridge's identifier; the bridge's own, also for text that is no MAC. */
  address?: number | 'invalid' | undefined
  /** 0x8000; of its 16 bits the highest four count. */
  priority?: number | undefined
  /** 0: speaks as spanning tree of 1998; 2. */
  forceVersion?: number | undefined
  maxAge?: number | undefined
  forwardDelay?: number | undefined
  /** Messages a second that a port may send; 6. */
  holdCount?: number | undefined
}

/** `other_config:rstp-*` of the Port table. */
export type RstpPortOptions = {
  enabled?: boolean | undefined
  /** 1 to 4095. */
  number?: number | undefined
  /** 0x80; of its 8 bits the highest four count. */
  priority?: number | undefined
  pathCost?: number | undefined
  /** No other bridge is there: forwards at once. */
  adminEdge?: boolean | undefined
  /** Finds out by itself whether another bridge is there. */
  autoEdge?: boolean | undefined
  /** Asks, when it becomes true, whether rapid bridges are there after all. */
  mcheck?: boolean | undefined
}

/** What a bridge and its messages say of time, in seconds (IEEE 802.1D-2004 §17.18.8 and elsewhere). */
export type RstpTimes = { messageAge: number; maxAge: number; helloTime: number; forwardDelay: number }

/** Seconds that a rapid bridge waits for an answer before it believes that there is none (§17.13.9). */
export const migrateTime = 3
/** The only one that IEEE 802.1D-2004 table 17-1 allows. */
export const helloTime = 2
export const defaultHoldCount = 6

const within = (value: number, least: number, most: number, otherwise: number): number =>
  value < least || value > most ? otherwise : value

/**
 * Table 17-1, and §17.14: information is not to outlive twice the delay. What is out of range changes nothing of what was
 * there before. As in Open vSwitch the age is looked at first, against the delay of before.
 */
export const rstpTimes = (wanted: RstpOptions, before: RstpTimes = usualTimes): RstpTimes => {
  const age = (wanted.maxAge ?? usualTimes.maxAge) & 0xffff
  const maxAge = within(age, 6, Math.min(40, 2 * (before.forwardDelay - 1)), before.maxAge)
  const delay = (wanted.forwardDelay ?? usualTimes.forwardDelay) & 0xffff
  const forwardDelay = within(delay, Math.max(4, maxAge / 2 + 1), 30, before.forwardDelay)
  return { messageAge: 0, maxAge, helloTime, forwardDelay }
}

const usualTimes: RstpTimes = { messageAge: 0, maxAge: 20, helloTime, forwardDelay: 15 }

export const holdCount = (wanted: number = defaultHoldCount, before: number = defaultHoldCount): number =>
  within(wanted, 1, 10, before)

/** Table 17-3: the cost that a port is asked to have; undefined: it keeps what it has. */
export const askedPathCost = (wanted: number): number | undefined => {
  const cost = wanted >>> 0
  return cost >= 1 && cost <= 200_000_000 ? cost : undefined
}

/** Steps of 16 up to 240 in 8 bits; undefined: it keeps what it has. */
export const askedPortPriority = (wanted: number): number | undefined => {
  const priority = wanted & 0xff
  return priority <= 0xf0 ? priority & 0xf0 : undefined
}

/** The cost of a link by its bits/s (table 17-3); 10 Gbit/s is what Open vSwitch takes an unknown one for. */
export const rstpPathCost = (bitsPerSecond = 1e10): number => {
  const mbps = Math.floor(bitsPerSecond / 1e6)
  return costs.find(([speed]) => mbps >= speed)?.[1] ?? costOfSlow
}

const costs: readonly (readonly [mbps: number, cost: number])[] = [
  [10_000_000, 2],
  [1_000_000, 20],
  [100_000, 200],
  [10_000, 2000],
  [1000, 20_000],
  [100, 200_000],
  [10, 2_000_000],
  [1, 20_000_000],
]
const costOfSlow = 200_000_000
