import type { CachedFlow, FlowStats } from '../datapath/datapath.ts'
import type { MacTag, Translation } from './translate/translation.ts'

/** What is kept of a translation: there may be very many, so not the keys that it worked with. */
export type Kept = Pick<Translation, 'effects' | 'credits' | 'macTags' | 'recircs'>

/** What the switch remembers of a megaflow: what its frames are counted on, and how many already were. */
export type FlowState = {
  readonly translation: Kept
  packets: number
  bytes: number
  readonly installed: number
  /** Its number in the datapath; 0 until it is there. */
  id: number
}

/** What is to be remembered of a translation that goes to the datapath at time `installed`. */
export const stateOf = ({ effects, credits, macTags, recircs }: Kept, installed: number): FlowState => ({
  // Copies are as long as they need to be; lists that grew have room left.
  translation: {
    effects: trimmed(effects),
    credits: trimmed(credits),
    macTags: trimmed(macTags),
    recircs: trimmed(recircs),
  },
  packets: 0,
  bytes: 0,
  installed,
  id: 0,
})

/** Megaflows by what the switch knows of them: by their numbers in the datapath, and by the MACs that they asked for. */
export class FlowStates {
  private readonly byId = new Map<number, FlowState>()
  /** By bridge and MAC, in whatever VLAN. Most MACs have one; a set for each would take more than all the rest. */
  private readonly byMac = new Map<string, Map<number, FlowState | Set<FlowState>>>()

  /** The datapath has it, as this number, in the place of one that may have been there. */
  put(state: FlowState, id: number): void {
    const before = this.byId.get(id)
    if (before !== undefined) this.delete(before)
    state.id = id
    this.byId.set(id, state)
    for (const { bridge, mac } of state.translation.macTags) {
      let macs = this.byMac.get(bridge)
      if (macs === undefined) {
        macs = new Map()
        this.byMac.set(bridge, macs)
      }
      const having = macs.get(mac)
      if (having === undefined) macs.set(mac, state)
      else if (having instanceof Set) having.add(state)
      else if (having !== state) macs.set(mac, new Set([having, state]))
    }
  }

  of(flow: CachedFlow): FlowState | undefined {
    return this.byId.get(flow.id)
  }

  /** Forgets a state whose flow is gone or has new actions. */
  delete(state: FlowState): void {
    if (this.byId.get(state.id) !== state) return
    this.byId.delete(state.id)
    for (const { bridge, mac } of state.translation.macTags) {
      const macs = this.byMac.get(bridge)
      const having = macs?.get(mac)
      if (having instanceof Set) having.delete(state)
      if (having === state || (having instanceof Set && having.size === 0)) macs?.delete(mac)
      if (macs?.size === 0) this.byMac.delete(bridge)
    }
  }

  /** Forgets states of flows that the datapath dropped by itself: all but `live`. */
  retain(live: ReadonlySet<FlowState>): void {
    if (live.size === this.byId.size) return
    for (const state of this.byId.values()) if (!live.has(state)) this.delete(state)
  }

  /** Those whose translation asked for this MAC, and perhaps others. */
  withMac({ bridge, mac }: MacTag): Iterable<FlowState> {
    const having = this.byMac.get(bridge)?.get(mac)
    return having === undefined ? [] : having instanceof Set ? having : [having]
  }
}

const none: readonly never[] = []
const trimmed = <T>(list: readonly T[]): readonly T[] => (list.length === 0 ? none : list.slice())

/** Takes what a flow counted since the last time. */
export const takeNew = (state: FlowState, stats: FlowStats): { packets: number; bytes: number } => {
  const packets = stats.packets - state.packets
  const bytes = stats.bytes - state.bytes
  state.packets = stats.packets
  state.bytes = stats.bytes
  return { packets, bytes }
}
