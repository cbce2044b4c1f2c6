import type { TreeMessage } from '../../wire/bpdu.ts'
import type { TreeState } from './spanning-tree.ts'
import { Timer } from './timer.ts'

/** A port of a spanning tree (IEEE 802.1D-1998 §8.5.5), with the best that was heard on its LAN. */
export type StpPort = {
  /** Its owner's number. */
  readonly number: number
  /** Priority 8 bits, number 8 bits. */
  id: number
  pathCost: number
  state: TreeState
  /** When it came into its state, ns. */
  since: number
  designatedRoot: bigint
  designatedCost: number
  designatedBridge: bigint
  designatedPort: number
  /** The next configuration message acknowledges a change. */
  acknowledges: boolean
  /** A configuration message waits for `hold`. */
  isPending: boolean
  readonly messageAge: Timer
  readonly forwardDelay: Timer
  readonly hold: Timer
  readonly counts: { sent: number; received: number; bad: number }
}

export const stpPort = (now: number, number: number, id: number, pathCost: number): StpPort => ({
  number,
  id,
  pathCost,
  state: 'blocking',
  since: now,
  designatedRoot: 0n,
  designatedCost: 0,
  designatedBridge: 0n,
  designatedPort: 0,
  acknowledges: false,
  isPending: false,
  messageAge: new Timer(),
  forwardDelay: new Timer(),
  hold: new Timer(),
  counts: { sent: 0, received: 0, bad: 0 },
})

/** Compares by one thing after the other; the first difference counts. */
const isLess = (...pairs: readonly (readonly [a: bigint | number, b: bigint | number])[]): boolean => {
  for (const [a, b] of pairs) if (a !== b) return a < b
  return false
}

/** §8.6.8: whether the way to the root through one port is better than through another. */
export const isBetterRoot = (a: StpPort, b: StpPort): boolean =>
  isLess(
    [a.designatedRoot, b.designatedRoot],
    [a.designatedCost + a.pathCost, b.designatedCost + b.pathCost],
    [a.designatedBridge, b.designatedBridge],
    [a.designatedPort, b.designatedPort],
    [a.id, b.id],
  )

/** §8.6.2: whether a message is better than what its port knows, or comes from the one who said that. */
export const isNews = (config: TreeMessage, port: StpPort, own: bigint): boolean => {
  if (config.root !== port.designatedRoot) return config.root < port.designatedRoot
  if (config.rootCost !== port.designatedCost) return config.rootCost < port.designatedCost
  if (config.bridge !== port.designatedBridge) return config.bridge < port.designatedBridge
  return config.bridge !== own || config.port <= port.designatedPort
}
