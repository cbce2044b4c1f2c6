/** How `nat` of a `ct` action translates (ovs-actions(7)); without a side, as the connection was committed. */
export type Nat = {
  side: 'src' | 'dst' | undefined
  /** IPv4 or IPv6 by its width; `last` is the same for one address. */
  addresses: { version: 4 | 6; first: bigint; last: bigint } | undefined
  ports: { first: number; last: number } | undefined
  persistent: boolean
  /** How ports are chosen from the range. */
  mapping: 'hash' | 'random' | undefined
}
