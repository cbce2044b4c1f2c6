import type { FlowKey } from '../flow/layout.ts'
import type { Frame } from '../wire/frame.ts'
import type { ConnTrack } from './action.ts'

/** Knows connections. A datapath asks it for each frame that a `ct` action sends there. */
export interface ConnTracker {
  /**
   * Finds the frame's connection, or begins one if the action commits, and may rewrite the frame's addresses (`nat`).
   * `key` is the frame's, in full; its words from `ctState` to `ctProto` are what an earlier `ct` said, and hold
   * what this one says afterwards. Both are the tracker's only during the call. False if the frame is to go no further.
   */
  track(frame: Frame, key: FlowKey, action: ConnTrack): boolean
}
