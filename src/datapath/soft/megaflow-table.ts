import { hashFinish, hashStep } from '../../flow/hash.ts'
import { type FlowKey, frameWords, newKey, word } from '../../flow/layout.ts'
import type { Action, Megaflow } from '../action.ts'
import type { CachedFlow, Datapath, FlowStats } from '../datapath.ts'
import type { Program } from './program.ts'
import type { Compiled } from './programs.ts'
import { Subtable } from './subtable.ts'
import { Trust } from './trust.ts'

export const countsPerFlow = 4
const nothing = [0, 0, -1, 0]

/**
 * All megaflows, searched mask by mask (tuple-space search). Each has a slot, a small number that is used again after
 * it is gone, which indexes the columns of statistics, and an id that is not.
 */
export class MegaflowTable {
  /** The words that any mask looks at, and the union of the masks in them. */
  words = new Uint8Array(0)
  masks = new Int32Array(0)
  union: FlowKey = newKey()
  subtables: Subtable[] = []
  /** Masks looked at so far. */
  visits = 0
  readonly programs: Program[] = []
  readonly trust = new Trust()
  /** Four numbers a slot: packets, bytes, last use in ns (-1 for never), TCP flags. One cache line counts a frame. */
  counts = new Float64Array(64 * countsPerFlow)
  private readonly homes: Subtable[] = []
  private rows = new Int32Array(64)
  /** What the frame said that made the megaflow of a slot: the words of a key that come from a frame. */
  private seenWords = new Uint32Array(64 * frameWords)
  private readonly ids: number[] = []
  private readonly megaflows: (Megaflow | undefined)[] = []
  private readonly free: number[] = []
  private readonly slotOfId = new Map<number, number>()
  private nextId = 1
  /** What `hash` saw last: the key's words in use, under the union of the masks. */
  private seen = new Int32Array(0)

  get size(): number {
    return this.slotOfId.size
  }

  /** A hash of the words in use, which it keeps for `matches`. Two chains side by side, for the processor does both at once. */
  hash(key: FlowKey): number {
    const { words, masks, seen } = this
    const count = words.length
    let even = 0
    let odd = count
    let i = 0
    for (; i + 1 < count; i += 2) {
      const one = key[words[i]!]! & masks[i]!
      const other = key[words[i + 1]!]! & masks[i + 1]!
      seen[i] = one
      seen[i + 1] = other
      even = hashStep(even, one)
      odd = hashStep(odd, other)
    }
    if (i < count) {
      const last = key[words[i]!]! & masks[i]!
      seen[i] = last
      even = hashStep(even, last)
    }
    return hashFinish(hashStep(even, odd), count)
  }

  /** Whether the megaflow in this slot, if there is one, is that of the key last hashed. */
  matches(slot: number, key: FlowKey): boolean {
    const row = this.rows[slot]!
    if (row < 0) return false
    const home = this.homes[slot]!
    return home.words.length === this.words.length ? home.holds(row, this.seen) : home.matches(row, key)
  }

  /** The slot of the first megaflow that the key agrees with, or -1. Masks that are hit more move to the front. */
  find(key: FlowKey): number {
    const { subtables } = this
    for (let i = 0; i < subtables.length; i++) {
      const subtable = subtables[i]!
      this.visits++
      const slot = subtable.find(key)
      if (slot < 0) continue
      subtable.hits++
      if (i > 0 && subtables[i - 1]!.hits < subtable.hits) {
        subtables[i] = subtables[i - 1]!
        subtables[i - 1] = subtable
      }
      return slot
    }
    return -1
  }

  /**
   * Adds a megaflow, copying its rows; one of the same mask and key gets the new actions instead. It is right as of a doubt,
   * or now. Gives the slot.
   */
  insert(key: FlowKey, mask: FlowKey, compiled: Compiled, asOf = this.trust.last): number {
    const home = this.subtableOf(mask) ?? this.addSubtable(mask)
    const present = home.find(key)
    if (present >= 0) {
      this.setActions(present, compiled)
      this.trust.give(present, asOf)
      return present
    }
    const slot = this.free.pop() ?? this.newSlot()
    this.homes[slot] = home
    this.rows[slot] = home.insert(key, slot)
    this.megaflows[slot] = new Placed(home, this.rows[slot]!, compiled.actions)
    this.programs[slot] = compiled.program
    this.counts.set(nothing, slot * countsPerFlow)
    this.seenWords.set(key.subarray(0, frameWords), slot * frameWords)
    this.trust.give(slot, asOf)
    this.ids[slot] = this.nextId
    this.slotOfId.set(this.nextId++, slot)
    return slot
  }

  /** Adds a megaflow unless one decides frames of this key already; gives its id. */
  add(key: FlowKey, mask: FlowKey, compiled: Compiled): number | undefined {
    for (const subtable of this.subtables) if (subtable.find(key) >= 0) return undefined
    return this.idOf(this.insert(key, mask, compiled))
  }

  /** The number that the megaflow in a slot keeps while it lives. */
  idOf(slot: number): number {
    return this.ids[slot]!
  }

  /** The key of a megaflow, with all that the frame said that made it; undefined if it is gone. */
  seenBy(id: number): FlowKey | undefined {
    const slot = this.slotOf(id)
    if (slot === undefined) return undefined
    const key = this.homes[slot]!.key(this.rows[slot]!)
    for (let i = 0; i < frameWords; i++) key[i]! |= this.seenWords[slot * frameWords + i]!
    return key
  }

  /** The slot of an id, or undefined if that megaflow is gone. */
  slotOf(id: number): number | undefined {
    return this.slotOfId.get(id)
  }

  setActions(slot: number, { actions, program }: Compiled): void {
    this.megaflows[slot] = new Placed(this.homes[slot]!, this.rows[slot]!, actions)
    this.programs[slot] = program
    this.trust.give(slot)
  }

  remove(slot: number): void {
    const home = this.homes[slot]!
    home.remove(this.rows[slot]!)
    this.rows[slot] = -1
    this.megaflows[slot] = undefined
    this.slotOfId.delete(this.ids[slot]!)
    this.free.push(slot)
    if (home.count > 0) return
    this.subtables.splice(this.subtables.indexOf(home), 1)
    this.unite()
  }

  stats(slot: number): FlowStats {
    const at = slot * countsPerFlow
    const [packets, bytes, used, tcpFlags] = this.counts.subarray(at, at + countsPerFlow) as unknown as [
      number,
      number,
      number,
      number,
    ]
    return { packets, bytes, used: used < 0 ? undefined : used, tcpFlags }
  }

  /** In the order of installation. Safe against removal of the flow just given, whose key is not to be asked for after that. */
  *flows(): Iterable<CachedFlow> {
    for (const slot of this.slotOfId.values()) yield this.flow(slot)
  }

  /** Those of them that may be wrong. */
  *doubted(): Iterable<CachedFlow> {
    for (const slot of this.slotOfId.values()) if (!this.isTrusted(slot)) yield this.flow(slot)
  }

  doubt(which: Parameters<Datapath['doubt']>[0]): void {
    if (which === 'all') this.trust.takeFromAll()
    else if ('ports' in which) this.trust.takeFromPorts(which.ports)
    else {
      const slot = this.slotOf(which.id)
      if (slot !== undefined) this.trust.takeFrom(slot)
    }
  }

  trustFlow(id: number): void {
    const slot = this.slotOf(id)
    if (slot !== undefined) this.trust.give(slot)
  }

  flow(slot: number): CachedFlow {
    return { id: this.ids[slot]!, flow: this.megaflows[slot]!, stats: this.stats(slot) }
  }

  private isTrusted(slot: number): boolean {
    const { mask, key } = this.megaflows[slot]!
    return this.trust.has(slot, mask[word.inPort] === 0xffffffff ? key[word.inPort] : undefined)
  }

  private newSlot(): number {
    const slot = this.ids.length
    if (slot === this.rows.length) {
      this.rows = grown(this.rows, new Int32Array(slot * 2))
      this.seenWords = grown(this.seenWords, new Uint32Array(slot * 2 * frameWords))
      this.counts = grown(this.counts, new Float64Array(slot * 2 * countsPerFlow))
    }
    return slot
  }

  private subtableOf(mask: FlowKey): Subtable | undefined {
    let count = 0
    for (let w = 0; w < mask.length; w++) if (mask[w] !== 0) count++
    const { subtables } = this
    for (let i = 0; i < subtables.length; i++) if (subtables[i]!.hasMask(mask, count)) return subtables[i]
    return undefined
  }

  private addSubtable(mask: FlowKey): Subtable {
    const subtable = new Subtable(mask)
    this.subtables.push(subtable)
    this.unite()
    return subtable
  }

  private unite(): void {
    const union = newKey()
    for (const { words, mask } of this.subtables) for (const w of words) union[w]! |= mask[w]!
    const words: number[] = []
    for (let w = 0; w < union.length; w++) if (union[w] !== 0) words.push(w)
    this.union = union
    this.words = Uint8Array.from(words)
    this.masks = Int32Array.from(words, w => union[w]!)
    this.seen = new Int32Array(words.length)
  }
}

/** A megaflow whose words its subtable has: most are never asked for their key, and a whole one takes 672 bytes. */
class Placed implements Megaflow {
  readonly actions: readonly Action[]
  private readonly home: Subtable
  private readonly row: number

  constructor(home: Subtable, row: number, actions: readonly Action[]) {
    this.home = home
    this.row = row
    this.actions = actions
  }

  get mask(): FlowKey {
    return this.home.mask
  }

  get key(): FlowKey {
    return this.home.key(this.row)
  }
}

const grown = <T extends { set(from: T): void }>(from: T, to: T): T => {
  to.set(from)
  return to
}
