import type { Action } from '../datapath/action.ts'
import type { CachedFlow, FlowStats } from '../datapath/datapath.ts'
import type { Translation } from './translate/translation.ts'

/** What is kept of a translation: there may be very many, so not the keys that it worked with. */
export type Kept = Pick<Translation, 'actions' | 'effects' | 'credits' | 'macTags' | 'recircs'>

/** What the switch remembers of a megaflow: what its frames are counted on, and how many already were. */
export type FlowState = {
  translation: Kept
  packets: number
  bytes: number
  readonly installed: number
  /** Its number in the datapath; undefined until it is there. */
  id: number | undefined
  /** Doubted before it was there. */
  isDoubted: boolean
}

/**
 * Megaflows by what the switch knows of them. A datapath gives a flow its number only when it installs it, so a state
 * hangs on the list of actions, which is the same array there and here and one of its own for each translation.
 */
export class FlowStates {
  private readonly states = new WeakMap<readonly Action[], FlowState>()
  private readonly byMac = new Map<string, Set<FlowState>>()

  /** Remembers a translation that goes to the datapath at time `installed`. */
  add({ actions, effects, credits, macTags, recircs }: Kept, installed: number, id?: number): FlowState {
    const translation = { actions, effects, credits, macTags, recircs }
    const state: FlowState = { translation, packets: 0, bytes: 0, installed, id, isDoubted: false }
    this.states.set(translation.actions, state)
    for (const tag of translation.macTags) {
      const having = this.byMac.get(tag)
      if (having === undefined) this.byMac.set(tag, new Set([state]))
      else having.add(state)
    }
    return state
  }

  of(flow: CachedFlow): FlowState | undefined {
    return this.states.get(flow.flow.actions)
  }

  /** Forgets a state whose flow is gone or has new actions. */
  delete(state: FlowState): void {
    this.states.delete(state.translation.actions)
    for (const tag of state.translation.macTags) {
      const having = this.byMac.get(tag)
      having?.delete(state)
      if (having?.size === 0) this.byMac.delete(tag)
    }
  }

  /** Forgets states of flows that the datapath dropped by itself: all but `live`. */
  retain(live: ReadonlySet<FlowState>): void {
    for (const [tag, having] of this.byMac) {
      for (const state of having) if (!live.has(state)) having.delete(state)
      if (having.size === 0) this.byMac.delete(tag)
    }
  }

  /** Those whose translation asked for this MAC. */
  withMac(tag: string): ReadonlySet<FlowState> | undefined {
    return this.byMac.get(tag)
  }
}

/** Takes what a flow counted since the last time. */
export const takeNew = (state: FlowState, stats: FlowStats): { packets: number; bytes: number } => {
  const packets = stats.packets - state.packets
  const bytes = stats.bytes - state.bytes
  state.packets = stats.packets
  state.bytes = stats.bytes
  return { packets, bytes }
}
