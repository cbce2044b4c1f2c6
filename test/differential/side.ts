import type { Version } from '../../src/openflow/protocol.ts'
import type { Change } from './openflow-bytes.ts'
import type { Asked } from './packets.ts'
import type { Settings } from './settings.ts'

/** A switch, the real one or ours, as far as a comparison needs it. */
export type Side = {
  /** Makes bridges so, unless they are. */
  configure(settings: Settings): void
  /** Puts changes into a bridge. What comes back: the names of errors, by the number of the change. */
  change(bridge: number, version: Version, changes: readonly Change[]): Promise<Map<number, string>>
  /** Waits until what was deleted is gone, ms: until then it leaves bits in megaflows. */
  settle(wait: number): Promise<void>
  /** The answer of `ofproto/trace` or `ofproto/trace-packet-out`; a refusal is its text after `error: `. */
  trace(asked: Asked): Promise<string>
  /** Forgets MACs that were learned. */
  forget(): Promise<void>
  close(): Promise<void>
}
