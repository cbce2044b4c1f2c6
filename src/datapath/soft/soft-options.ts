import type { Clock } from '../../runtime/index.ts'
import type { ConnTracker } from '../conn-tracker.ts'

export type SoftOptions = {
  clock: Clock
  /** What it is called, or what says so at any time. */
  name?: string | (() => string)
  /** Upcalls that may wait at a time. */
  upcallLimit?: number
  /** Frames that may wait at a time because they arrived while another was handled. */
  waitingLimit?: number
  /** Frames that one outermost call handles. */
  burstLimit?: number
  /** Megaflows; a decision beyond is carried out and not kept. */
  flowLimit?: number
  /** From 0 to below 1, for actions that are done to some frames only. The same ones at each start by default. */
  random?: () => number
  /** Without one, frames that ask for connection tracking are dropped. */
  tracker?: ConnTracker
  /** Takes what a user should know, in plain words. */
  log?: (text: string) => void
}

/** Recirculations of one frame, as Open vSwitch's user-space datapath bounds them. */
export const mostRecirculations = 6
