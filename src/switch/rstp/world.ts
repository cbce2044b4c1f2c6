import type { Bpdu } from '../../wire/bpdu.ts'
import type { RstpPort } from './rstp-port.ts'
import type { RstpTimes } from './settings.ts'

/** What the machines of a port know of their bridge. */
export interface RstpWorld {
  readonly id: bigint
  /** Whether it speaks rapid spanning tree where it can; else only that of 1998. */
  readonly isRapid: boolean
  readonly holdCount: number
  readonly ports: readonly RstpPort[]
  /** The times of the root. */
  readonly rootTimes: RstpTimes
  send(port: RstpPort, bpdu: Bpdu): void
  /** MACs that were learned on a port are to be forgotten. */
  flush(port: RstpPort): void
}
