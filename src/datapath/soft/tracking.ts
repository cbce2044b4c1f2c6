import type { FlowKey } from '../../flow/layout.ts'
import type { Frame } from '../../wire/frame.ts'
import type { ConnTrack } from '../action.ts'
import type { ConnTracker } from '../conn-tracker.ts'

/** Asks the connection tracker, if there is one; says once if there is none. */
export class Tracking {
  private readonly tracker: ConnTracker | undefined
  private readonly log: (text: string) => void
  private told = false

  constructor(tracker: ConnTracker | undefined, log: (text: string) => void) {
    this.tracker = tracker
    this.log = log
  }

  /** Gives the reason if the frame goes no further; else the connection's words in `key` are as the tracker said. */
  refuses(frame: Frame, key: FlowKey, action: ConnTrack): string | undefined {
    if (this.tracker !== undefined) return this.tracker.track(frame, key, action) ? undefined : 'ct_drop'
    if (!this.told) this.log('There is no connection tracking yet: frames that a flow sends through ct are dropped.')
    this.told = true
    return 'ct_not_there'
  }
}
