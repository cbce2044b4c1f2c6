import type { Cancel } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import type { Frame } from '../wire/frame.ts'
import type { BridgePort } from './port.ts'
import type { PortTree } from './stp/spanning-tree.ts'

/** What a spanning tree needs of its bridge. */
export interface TreeHost {
  readonly name: string
  readonly mac: number
  /** By OpenFlow number, in the order of being added. */
  readonly ports: ReadonlyMap<number, BridgePort>
  now(): number
  at(when: number, run: () => void): Cancel
  log: Log
  /** Sends a frame out of a port. Owns it. */
  send(port: BridgePort, frame: Frame): void
  /** A port does something else now. */
  setTree(port: BridgePort, tree: PortTree | undefined): void
  /** Learned MACs are to be forgotten, of one port or of all. */
  flush(port?: number): void
}
