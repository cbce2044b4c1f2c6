import type { PortNumber } from '../datapath/action.ts'
import type { CachedFlow, Datapath } from '../datapath/datapath.ts'
import type { FlowKey } from '../flow/layout.ts'
import { applyCredits, type MacChange, refreshMacs } from './effects.ts'
import { idleTime } from './flow-limit.ts'
import { type FlowState, FlowStates, stateOf, takeNew } from './flow-states.ts'
import { sameActions } from './same-actions.ts'
import type { Effect, Translation } from './translate/translation.ts'
import { withTags } from './translate/vlan-tag.ts'

/**
 * Keeps the datapath's megaflows true. A megaflow is a cached answer; when what it was made from changes, it is asked
 * again, and if the answer is another one the flow gets it, or goes.
 *
 * Changes only leave a doubt: on all flows of a bridge (a table, a port, a VLAN) or on those that asked for one MAC. The datapath
 * asks before a frame uses a flow that is doubted: so no frame sees an old answer, a thousand flow_mods in a row cost nothing,
 * and what they cost later goes by the flows in use and not by all that there are. `settle` looks at all, for who wants to see them.
 * Statistics of the old answer are counted on the old rules first, since the frames that made them were forwarded by those.
 */
export class Revalidator {
  private readonly states = new FlowStates()
  /** Those whose actions mention frozen pipelines. */
  private readonly holding = new Set<FlowState>()
  private pulledAt = -1
  private readonly datapath: Datapath
  private readonly now: () => number
  private readonly translate: (key: FlowKey) => Translation
  private readonly release: (recircs: readonly number[]) => void

  constructor(
    datapath: Datapath,
    now: () => number,
    translate: (key: FlowKey) => Translation,
    release: (recircs: readonly number[]) => void = () => {},
  ) {
    this.datapath = datapath
    this.now = now
    this.translate = translate
    this.release = release
    datapath.onDoubt(flow => this.look(flow))
  }

  /** Remembers what goes to the datapath. */
  goes(translation: Translation): FlowState {
    const state = stateOf(translation, this.now())
    this.hold(state)
    return state
  }

  /** The datapath has it now; MACs may have been learned or moved since it was asked for. */
  installed(state: FlowState, id: number, changes: readonly MacChange[]): void {
    this.states.put(state, id)
    const asked = state.translation.macTags
    if (changes.some(({ bridge, mac }) => asked.some(tag => tag.bridge === bridge && tag.mac === mac)))
      this.datapath.doubt({ id })
  }

  /** Flows may be wrong: all, or those of frames that come in at some ports. */
  doubt(which: 'all' | { ports: Iterable<PortNumber> }): void {
    this.datapath.doubt(which)
  }

  /** MACs were learned, moved or forgotten. */
  doubtMacs(changes: Iterable<MacChange>): void {
    for (const change of changes) for (const { id } of this.states.withMac(change)) this.datapath.doubt({ id })
  }

  /** Counts what went through the datapath since the last time on rules, ports and MACs. */
  pull(): void {
    const { hit } = this.datapath.stats()
    if (hit === this.pulledAt) return
    this.pulledAt = hit
    const used: Used[] = []
    for (const flow of this.datapath.flows()) {
      const state = this.states.of(flow)
      if (state !== undefined && this.push(flow, state))
        used.push({ at: flow.stats.used ?? this.now(), state, tcpFlags: flow.stats.tcpFlags })
    }
    this.teach(used)
  }

  /** Asks again for all flows that are doubted. */
  settle(): void {
    this.pull()
    for (const flow of [...this.datapath.doubted()]) this.look(flow)
  }

  /** Removes flows that have been idle too long. Returns how many are left. */
  removeIdle(): number {
    this.pull()
    const now = this.now()
    const maxIdle = idleTime(this.datapath.stats().flows, this.datapath.flowLimit)
    const left = new Set<FlowState>()
    for (const flow of [...this.datapath.flows()]) {
      const state = this.states.of(flow) ?? this.adopt(flow)
      if (state !== undefined && now - Math.max(flow.stats.used ?? 0, state.installed) <= maxIdle) left.add(state)
      else this.remove(flow, state)
    }
    this.states.retain(left)
    for (const state of this.holding) if (!left.has(state)) this.forget(state)
    return left.size
  }

  /** Removes all flows, counting what they have. */
  flush(): void {
    this.pull()
    for (const flow of [...this.datapath.flows()]) this.remove(flow, this.states.of(flow))
  }

  private look(flow: CachedFlow): void {
    const state = this.states.of(flow)
    if (state === undefined) this.adopt(flow)
    else this.check(flow, state)
  }

  /** A flow that somebody else put into the datapath stays if it is what the switch would have decided. */
  private adopt(flow: CachedFlow): FlowState | undefined {
    const fresh = this.again(flow)
    const isOurs = fresh.failure === undefined && !looksFurther(fresh.mask, flow.flow.mask)
    if (!isOurs || !sameActions(fresh.actions, flow.flow.actions)) {
      this.release(fresh.recircs)
      this.datapath.removeFlow(flow.id)
      return undefined
    }
    const state = this.goes(fresh)
    this.states.put(state, flow.id)
    this.datapath.trust(flow.id)
    return state
  }

  private check(flow: CachedFlow, state: FlowState): void {
    this.count(flow, state)
    const fresh = this.again(flow)
    if (fresh.failure !== undefined || looksFurther(fresh.mask, flow.flow.mask) || fresh.effects.some(isNews)) {
      this.release(fresh.recircs)
      this.remove(flow, state)
      return
    }
    this.forget(state)
    const same = sameActions(fresh.actions, flow.flow.actions)
    const next = stateOf(fresh, state.installed)
    this.hold(next)
    this.states.put(next, flow.id)
    next.packets = state.packets
    next.bytes = state.bytes
    if (same) this.datapath.trust(flow.id)
    else if (!this.datapath.replaceActions(flow.id, fresh.actions)) this.forget(next)
  }

  /**
   * What the switch decides now for the frame that made a flow. Also what the mask leaves out of it counts: that a frame has an
   * IP header at all shows only in its protocol, at which no megaflow needs to look for that.
   */
  private again({ id, flow }: CachedFlow): Translation {
    return this.translate(withTags(this.datapath.seenBy(id) ?? flow.key))
  }

  private remove(flow: CachedFlow, state: FlowState | undefined): void {
    const last = this.datapath.removeFlow(flow.id)
    if (state === undefined) return
    if (last !== undefined) this.count({ ...flow, stats: last }, state)
    this.forget(state)
  }

  private count(flow: CachedFlow, state: FlowState): void {
    const { used, tcpFlags } = flow.stats
    if (this.push(flow, state)) this.teach([{ at: used ?? this.now(), state, tcpFlags }])
  }

  private hold(state: FlowState): void {
    if (state.translation.recircs.length > 0) this.holding.add(state)
  }

  private forget(state: FlowState): void {
    this.states.delete(state)
    if (this.holding.delete(state)) this.release(state.translation.recircs)
  }

  private push(flow: CachedFlow, state: FlowState): boolean {
    const { packets, bytes } = takeNew(state, flow.stats)
    if (packets === 0) return false
    applyCredits(state.translation.credits, packets, bytes, flow.stats.used ?? this.now())
    return true
  }

  /** In the order of time, which is the order of the MAC table. */
  private teach(used: Used[]): void {
    used.sort((a, b) => a.at - b.at)
    for (const { at, state, tcpFlags } of used) refreshMacs(state.translation.effects, at, tcpFlags)
  }
}

/** A flow that frames went through: when the last did, and the flags of all of them. */
type Used = { at: number; state: FlowState; tcpFlags: number }

/**
 * Whether the next frame of a flow would teach what the table does not say: its MAC has moved or was forgotten. Such a
 * flow goes, so that the frame comes up and is learned at once, not when statistics are next counted.
 */
const isNews = (effect: Effect): boolean => {
  if (effect.type === 'flow')
    return effect.bridge.table(effect.spec.table ?? 0)?.find(effect.spec.match, effect.spec.priority ?? 0) === undefined
  if (effect.type === 'fin' || effect.type === 'bpdu' || effect.type === 'heard') return false
  const { bridge, vlan, mac, port } = effect
  const entry = bridge.macs.lookup(vlan, mac)
  return entry === undefined || (entry.port !== port && !entry.isStatic)
}

/** Whether `mask` has bits that `than` lacks: then a flow under `than` holds frames that differ in what counts. */
const looksFurther = (mask: FlowKey, than: FlowKey): boolean => {
  for (let i = 0; i < mask.length; i++) if ((mask[i]! & ~than[i]!) !== 0) return true
  return false
}
