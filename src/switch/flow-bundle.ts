import type { OfErrorName } from '../openflow/error.ts'
import type { GroupMod } from '../openflow/group.ts'
import { second } from '../runtime/clock.ts'
import type { FlowChange } from './flow-change.ts'
import type { FlowStore } from './flow-store.ts'
import type { Groups } from './groups.ts'
import type { Journal } from './journal.ts'
import type { Requestor } from './rule.ts'

/** One message of a bundle. */
export type BundleMod =
  | { type: 'flow_mod'; mod: FlowChange }
  | { type: 'group_mod'; mod: GroupMod }
  /** Does the change and gives how to take it back, or the refusal. */
  | { type: 'port_mod'; apply(): OfErrorName | (() => void) }
  /** Works out, with flows and groups as they are at its place, what to do when the whole bundle is done. */
  | { type: 'packet_out'; prepare(): OfErrorName | (() => void) }

/** What a bundle changes. */
export type BundleTarget = { flows: FlowStore; groups: Groups; journal: Journal }

/**
 * Does all of a bundle in order, or nothing: then it says which message was refused and why. Nothing else runs
 * meanwhile, so no frame sees a part of it.
 */
export const commitBundle = <E extends { mod: BundleMod; by?: Requestor }>(
  { flows, groups, journal }: BundleTarget,
  entries: readonly E[],
): { entry: E; error: OfErrorName } | undefined => {
  const sends: (() => void)[] = []
  const run = ({ mod, by }: E): OfErrorName | undefined => {
    switch (mod.type) {
      case 'flow_mod':
        return flows.apply(mod.mod, by)
      case 'group_mod':
        return groups.apply(mod.mod, by)
      case 'port_mod': {
        const undo = mod.apply()
        if (typeof undo === 'string') return undo
        journal.note(undo)
        return undefined
      }
      case 'packet_out': {
        const send = mod.prepare()
        if (typeof send === 'string') return send
        sends.push(send)
        return undefined
      }
    }
  }
  journal.begin()
  for (const entry of entries) {
    const error = run(entry)
    if (error === undefined) continue
    journal.rollBack()
    flows.settle(false)
    return { entry, error }
  }
  journal.commit()
  flows.settle(true)
  for (const send of sends) send()
  return undefined
}

/** A bundle that is being filled. */
export type Bundle<E> = { id: number; flags: number; closed: boolean; entries: E[]; used: number }

/** How long a bundle may lie without a message, ns (`other_config:bundle-idle-timeout`). */
export const bundleIdleTimeout = 10 * second

/** The bundles of one connection, by number. A mistake discards the bundle that it was made with. */
export class Bundles<E> {
  private readonly bundles = new Map<number, Bundle<E>>()

  get size(): number {
    return this.bundles.size
  }

  open(id: number, flags: number, now: number): OfErrorName | undefined {
    if (this.bundles.delete(id)) return 'OFPBFC_BAD_ID'
    this.bundles.set(id, { id, flags, closed: false, entries: [], used: now })
    return undefined
  }

  /** Adds a message; the first one of a number that was not opened opens it. */
  add(id: number, flags: number, entry: E, now: number): OfErrorName | undefined {
    if (!this.bundles.has(id)) this.open(id, flags, now)
    const bundle = this.bundles.get(id) as Bundle<E>
    if (bundle.closed) return this.discarded(id, 'OFPBFC_BUNDLE_CLOSED')
    if (bundle.flags !== flags) return this.discarded(id, 'OFPBFC_BAD_FLAGS')
    bundle.used = now
    bundle.entries.push(entry)
    return undefined
  }

  close(id: number, flags: number, now: number): OfErrorName | undefined {
    const bundle = this.bundles.get(id)
    if (bundle === undefined) return 'OFPBFC_BAD_ID'
    if (bundle.closed) return this.discarded(id, 'OFPBFC_BUNDLE_CLOSED')
    if (bundle.flags !== flags) return this.discarded(id, 'OFPBFC_BAD_FLAGS')
    bundle.used = now
    bundle.closed = true
    return undefined
  }

  discard(id: number): OfErrorName | undefined {
    return this.bundles.delete(id) ? undefined : 'OFPBFC_BAD_ID'
  }

  /** Takes a bundle out, for `commitBundle`. */
  take(id: number, flags: number): readonly E[] | OfErrorName {
    const bundle = this.bundles.get(id)
    if (bundle === undefined) return 'OFPBFC_BAD_ID'
    this.bundles.delete(id)
    return bundle.flags === flags ? bundle.entries : 'OFPBFC_BAD_FLAGS'
  }

  /** When the next bundle will have lain too long. */
  nextExpiry(timeout = bundleIdleTimeout): number | undefined {
    let next: number | undefined
    for (const { used } of this.bundles.values()) next = Math.min(next ?? Number.POSITIVE_INFINITY, used + timeout)
    return next
  }

  /** Discards bundles that have lain too long; the peer is told OFPBFC_TIMEOUT for each. */
  expire(now: number, timeout = bundleIdleTimeout): number[] {
    const gone = [...this.bundles.values()].filter(({ used }) => used + timeout <= now).map(({ id }) => id)
    for (const id of gone) this.bundles.delete(id)
    return gone
  }

  private discarded(id: number, error: OfErrorName): OfErrorName {
    this.bundles.delete(id)
    return error
  }
}
