import type { Task } from '../runtime/index.ts'
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
  /** Those who can reach each other as soon as it is built, by what they have in common: a tenant, the underlay. */
  groups: Readonly<Record<string, readonly string[]>>
  /** The ping whose first frame the demonstration takes apart, and the cable end where it is seen. */
  shown?: { from: string; to: string; at: string }
  /** Where a VTEP of the real world can be plugged in (`weft vtep`): a NIC without a cable. */
  join?: string
  /** What is left to do for who learns by it. */
  exercise?: Exercise
}

/** What a lab asks of its user, and how it sees whether that was done. */
export type Exercise = {
  /** A few lines: what there is, and what to bring about. Without trailing newline. */
  task: string
  /**
   * What is still missing: a sentence each, with the machine, what is wrong and what to type. Empty when all holds. What can be
   * seen only when something else is there waits for that. It looks and pings, and changes nothing.
   */
  missing(network: Network): Task<string[]>
  /** Lines that do it, in their order, as typed at the lab's prompt: a machine's name and a command. */
  solution: readonly string[]
}
