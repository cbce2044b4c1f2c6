/** How `nat` of a `ct` action translates (ovs-actions(7)); without a side, as the connection was committed. */
export type Nat = {
  side: 'src' | 'dst' | undefined
  /**
   * IPv4 or IPv6 by `version`; `last` is the same for one address, and `ranged` says that it was given all the same: it
   * makes a difference on the wire only.
   */
  addresses: { version: 4 | 6; first: bigint; last: bigint; ranged?: boolean } | undefined
  /** As the addresses. They come with addresses only. */
  ports: { first: number; last: number; ranged?: boolean } | undefined
  persistent: boolean
  /** How ports are chosen from the range. */
  mapping: 'hash' | 'random' | undefined
}
