import type { Network } from './network.ts'

/** A ready-made network: how to build it, and what holds when it is built. */
export type Lab = {
  name: string
  /** One line for `weft lab --list`. */
  about: string
  /** A drawing of it, without trailing newline. */
  picture: string
  /** Adds the machines, lays the cables, types the commands. */
  build(network: Network): void
  /** Those who can reach each other, by what they have in common: a tenant, the underlay. */
  groups: Readonly<Record<string, readonly string[]>>
  /** The ping whose first frame the demonstration takes apart, and the cable end where it is seen. */
  shown: { from: string; to: string; at: string }
  /** Where a VTEP of the real world can be plugged in (`weft vtep`): a NIC without a cable. */
  join?: string
}
