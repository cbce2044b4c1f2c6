import { second } from '../../runtime/clock.ts'

/** `other_config:stp-*` of the Bridge table. Times in seconds; what is left out is the usual. */
export type StpOptions = {
  /** The MAC in the bridge's identifier; the bridge's own, also for text that is no MAC. */
  systemId?: number | 'invalid' | undefined
  /** 0x8000. */
  priority?: number | undefined
  helloTime?: number | undefined
  maxAge?: number | undefined
  forwardDelay?: number | undefined
}

/** `other_config:stp-*` of the Port table. */
export type StpPortOptions = {
  enabled?: boolean | undefined
  /** 1 to 255; if one port of a bridge has one, all must. */
  number?: number | undefined
  priority?: number | undefined
  pathCost?: number | undefined
}

export type StpTimes = { helloTime: number; maxAge: number; forwardDelay: number }

/** Open vSwitch keeps times in 16 bits of milliseconds. */
const kept = (seconds: number): number => ((seconds * 1000) & 0xffff) / 1000

const held = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most)

/** IEEE 802.1D-1998 §8.10.2, table 8-3, in ns: each in its range, and the delays long enough for the hellos and the age. */
export const stpTimes = ({ helloTime = 2, maxAge = 20, forwardDelay = 15 }: StpOptions): StpTimes => {
  const hello = held(kept(helloTime), 1, 10)
  const age = held(kept(maxAge), Math.max(2 * (hello + 1), 6), 40)
  return {
    helloTime: hello * second,
    maxAge: age * second,
    forwardDelay: held(kept(forwardDelay), age / 2 + 1, 30) * second,
  }
}

/** The cost of a link by its bits/s (IEEE 802.1D-1998 table 8-5); 10 Gbit/s is what Open vSwitch takes an unknown one for. */
export const stpPathCost = (bitsPerSecond = 1e10): number => {
  const mbps = Math.floor(bitsPerSecond / 1e6)
  return costs.find(([speed]) => mbps >= speed)?.[1] ?? costOfUnknown
}

const costs: readonly (readonly [mbps: number, cost: number])[] = [
  [10000, 2],
  [1000, 4],
  [100, 19],
  [16, 62],
  [10, 100],
  [4, 250],
]
const costOfUnknown = 19
