/** A spanning tree priority vector (IEEE 802.1D-2004 §17.5): less is better, the first difference decides. */
export type Vector = { root: bigint; rootCost: number; bridge: bigint; port: number; bridgePort: number }

export const noVector: Vector = { root: 0n, rootCost: 0, bridge: 0n, port: 0, bridgePort: 0 }

/** Below 0: `a` is better; 0: the same; above: worse. */
export const compareVectors = (a: Vector, b: Vector): number =>
  order(a.root, b.root) ||
  order(a.rootCost, b.rootCost) ||
  order(a.bridge, b.bridge) ||
  order(a.port, b.port) ||
  order(a.bridgePort, b.bridgePort)

const order = (a: bigint | number, b: bigint | number): number => (a < b ? -1 : a > b ? 1 : 0)

/** The MAC of a bridge's identifier. */
export const addressOf = (bridge: bigint): bigint => bridge & 0xffffffffffffn

/** Whether two vectors speak of the same port of the same bridge, whatever their priorities. */
export const sameSpeaker = (a: Vector, b: Vector): boolean =>
  addressOf(a.bridge) === addressOf(b.bridge) && (a.port & 0xfff) === (b.port & 0xfff)
