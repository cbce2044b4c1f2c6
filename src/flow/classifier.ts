/**
 * The classifier: which of many rules, each a match with a priority, does a flow key fit, and which bits of the key decided
 * that?
 *
 * Tuple-space search: rules with one mask share a subtable, where one hash of the masked words finds a rule among any
 * number. A look-up visits subtables from the highest priority that they hold downwards, and stops when the best rule
 * found outranks all that follow. So time grows with the number of different masks, not of rules.
 *
 * The mask that a look-up un-wildcards becomes a megaflow's, and a wide one serves more packets. Three things keep it wide:
 *   - subtables that were not visited add nothing;
 *   - a subtable is asked in stages (metadata, L2, L3, L4): when no rule in it has this metadata and L2, L3 and L4
 *     are not looked at;
 *   - tries of the address and port prefixes in use tell that a subtable cannot match after a few leading bits.
 * All of it is done as Open vSwitch does it, so that megaflows have the same masks.
 *
 * What may be wrong and still safe: the mask may have bits that did not matter, which costs only speed. It never lacks one that
 * did: every skip above depends only on bits that it sets, so that any key equal under the mask takes the same way
 * to the same rule. Hashes of stages may collide: then a stage says "maybe", later stages look at more, and that too depends
 * only on bits already set.
 *
 * Among overlapping rules of one priority OpenFlow leaves the choice open; here it is steady while no rule comes or goes.
 */
import { type ConjunctionsOf, resolveConjunctions, type SoftMatch } from './conjunction.ts'
import { hashFinish } from './hash.ts'
import { type FlowKey, keyWords, newKey, word } from './layout.ts'
import type { Match } from './match.ts'
import { type MaskWords, maskWords, type Seated } from './match-rows.ts'
import { defaultPrefixFields, type PrefixField, trieOf } from './prefix-fields.ts'
import { Subtable } from './subtable.ts'
import { TrieLook } from './trie-look.ts'

export type Place<R extends Seated> = Subtable<R>

/** What a look-up sees of a rule; undefined: nothing. */
export type StandIn<R> = (rule: R) => R | undefined

/** Rules by match and priority. The matches are kept here: a rule says where by `Seated`. */
export class Classifier<R extends Seated> {
  /** By `maxPriority`, the highest first, unless `untidy`. */
  private subtables: Subtable<R>[] = []
  /** Whether subtables have come, gone or changed places since they were put in order. */
  private untidy = false
  private readonly byMask = new Map<number, Subtable<R>[]>()
  /** Of the fields whose prefixes are kept; each subtable keeps its ports' by itself. */
  private tries = defaultPrefixFields.map(trieOf)
  private trieLook = new TrieLook(this.tries)
  private readonly conjunctionsOf: ConjunctionsOf<R> | undefined
  private recent: Subtable<R> | undefined
  private readonly scratch = newKey()
  private count = 0
  /** Above 0 while a whole conjunction's number is looked up: then parts of conjunctions do not count. */
  private resolving = 0

  /** `conjunctionsOf` says which rules are only part of one that matches when all its clauses do. */
  constructor(conjunctionsOf?: ConjunctionsOf<R>) {
    this.conjunctionsOf = conjunctionsOf
  }

  /** How many rules there are. */
  get size(): number {
    return this.count
  }

  /** How many different masks the rules have. */
  get masks(): number {
    return this.ordered().length
  }

  /** Keeps the prefixes of these fields from now on, and of no others. It takes time for each rule. */
  keepPrefixes(fields: readonly PrefixField[]): void {
    this.tries = fields.map(trieOf)
    this.trieLook = new TrieLook(this.tries)
    for (const subtable of this.ordered()) {
      subtable.use(this.tries)
      if (subtable.prefixes.every(length => length === 0)) continue
      this.scratch.fill(0)
      for (const row of subtable.rows()) this.countPrefixes(subtable, subtable.keyWords(row, this.scratch))
    }
  }

  private countPrefixes({ prefixes }: Subtable<R>, key: FlowKey): void {
    for (let i = 0; i < prefixes.length; i++) if (prefixes[i]! > 0) this.tries[i]!.insert(key, prefixes[i]!)
  }

  /**
   * The fitting rule of the highest priority. The bits of `key` that decided are set in `mask`, others left as they are.
   * `standIn`: what is seen of a rule that was found; undefined if it counts as not there.
   */
  lookup(key: FlowKey, mask?: FlowKey, standIn?: StandIn<R>): R | undefined {
    if (mask !== undefined) this.trieLook.restart()
    const { conjunctionsOf } = this
    const subtables = this.ordered()
    let best: R | undefined
    let bestPriority = -1
    let soft: SoftMatch<R>[] | undefined
    for (let i = 0; i < subtables.length; i++) {
      const subtable = subtables[i]!
      if (subtable.maxPriority <= bestPriority) break
      const found = mask === undefined ? subtable.lookup(key) : subtable.lookupWide(key, mask, this.trieLook)
      const next = standIn === undefined ? undefined : downFrom(subtable, found, standIn)
      const rule = next === undefined ? found : next()
      if (rule === undefined || rule.priority <= bestPriority) continue
      const conjunctions = conjunctionsOf?.(rule)
      if (conjunctions === undefined) {
        best = rule
        bestPriority = rule.priority
      } else if (this.resolving === 0) {
        soft ??= []
        soft.push({ rule, conjunctions, lower: next ?? (other => subtable.lower(other)) })
      }
    }
    if (soft === undefined) return best
    const clausesOf: ConjunctionsOf<R> = rule => conjunctionsOf?.(rule)
    return resolveConjunctions(soft, best, clausesOf, id => this.lookUpWhole(id, key, mask, standIn))
  }

  /** The rule with exactly this match and priority. */
  find(match: Match, priority: number, place = this.placeOf(match)): R | undefined {
    return place?.find(match.key, priority)
  }

  /**
   * Where rules with this match's mask are: `find` and `insert` of the same match need not look for it each by itself. It is
   * good for that match until a rule is taken out.
   */
  placeOf({ mask }: Match): Place<R> | undefined {
    return this.subtable(mask)
  }

  /** The rules whose match is this one or narrower, in the order of the iteration. */
  narrower(match: Match): R[] {
    const words = maskWords(match.mask)
    const out: R[] = []
    for (const subtable of this.ordered()) subtable.narrower(words, match.key, out)
    return out
  }

  /** Whether a key can fit both this match and some rule of this priority. */
  overlaps(match: Match, priority: number): boolean {
    const words: MaskWords = maskWords(match.mask)
    return this.ordered().some(subtable => subtable.overlaps(words, match.key, priority))
  }

  /** Puts a rule in. The caller has made sure that none is there with the same match and priority. */
  insert(rule: R, match: Match, place = this.placeOf(match)): void {
    const { key, mask } = match
    let subtable = place
    if (subtable === undefined) {
      subtable = new Subtable<R>(mask, this.tries)
      this.subtables.push(subtable)
      const hash = hashMask(mask)
      this.byMask.set(hash, [...(this.byMask.get(hash) ?? []), subtable])
    }
    const before = subtable.maxPriority
    subtable.insert(rule, key)
    this.count++
    this.countPrefixes(subtable, key)
    if (subtable.maxPriority !== before) this.moved()
  }

  /**
   * Puts a rule into the place of one with the same match and priority. Its mask keeps its place among those of the same
   * priority, also if it has no other rule, and comes last of them if the old one is taken out first.
   */
  replace(old: R, rule: R, { key }: Match): void {
    const subtable = old.rows
    if (!(subtable instanceof Subtable)) return
    subtable.remove(old)
    subtable.insert(rule, key)
  }

  /** Takes a rule out; false if it was not in. It keeps its match. */
  remove(rule: R): boolean {
    const subtable = rule.rows
    if (!(subtable instanceof Subtable)) return false
    const before = subtable.maxPriority
    const key = subtable.keyWords(rule.row, this.scratch)
    subtable.remove(rule)
    this.count--
    const { prefixes } = subtable
    for (let i = 0; i < prefixes.length; i++) if (prefixes[i]! > 0) this.tries[i]!.remove(key, prefixes[i]!)
    if (subtable.size > 0) {
      if (subtable.maxPriority !== before) this.moved()
      return true
    }
    if (this.recent === subtable) this.recent = undefined
    const hash = hashMask(subtable.mask)
    const left = (this.byMask.get(hash) as Subtable<R>[]).filter(other => other !== subtable)
    if (left.length > 0) this.byMask.set(hash, left)
    else this.byMask.delete(hash)
    this.leave(subtable)
    return true
  }

  /** Puts a rule behind all others of its mask, as if it had just come. */
  renew(rule: R): void {
    if (rule.rows instanceof Subtable) rule.rows.renew(rule)
  }

  /**
   * Masks by the highest priority under them, and the rules of a mask in the order in which they came. Rules may come and
   * go meanwhile: none is given twice, and those that stay are given.
   */
  *[Symbol.iterator](): Generator<R> {
    for (const subtable of [...this.ordered()]) yield* subtable
  }

  /** The rule that matches the number of a conjunction that is whole. */
  private lookUpWhole(id: number, key: FlowKey, mask: FlowKey | undefined, standIn?: StandIn<R>): R | undefined {
    const before = key[word.conjId]!
    key[word.conjId] = id
    this.resolving++
    const rule = this.lookup(key, mask, standIn)
    this.resolving--
    key[word.conjId] = before
    return rule
  }

  /** Flows that come one after another often have one mask, and each is looked for before it is put in. */
  private subtable(mask: FlowKey): Subtable<R> | undefined {
    if (this.recent?.hasMask(mask) === true) return this.recent
    const found = this.byMask.get(hashMask(mask))?.find(subtable => subtable.hasMask(mask))
    if (found !== undefined) this.recent = found
    return found
  }

  /** An empty subtable goes, and the last one takes its place. */
  private leave(subtable: Subtable<R>): void {
    if (this.subtables.length <= fewMasks) {
      const last = this.subtables.pop() as Subtable<R>
      if (last !== subtable) this.subtables[this.subtables.indexOf(subtable)] = last
    }
    this.moved()
  }

  /** Order is made at once, which decides who is first among equals, unless there are so many masks that it takes long. */
  private moved(): void {
    this.untidy = true
    if (this.subtables.length <= fewMasks) this.ordered()
  }

  private ordered(): Subtable<R>[] {
    if (!this.untidy) return this.subtables
    this.untidy = false
    this.subtables = this.subtables.filter(({ size }) => size > 0).sort((a, b) => b.maxPriority - a.maxPriority)
    return this.subtables
  }
}

const fewMasks = 500

/**
 * What is seen of `rule` and, at each further call, of those with the same masked words and lower priorities. What stands
 * in for a rule may itself have left the table.
 */
const downFrom = <R extends Seated>(
  subtable: Subtable<R>,
  rule: R | undefined,
  standIn: StandIn<R>,
): (() => R | undefined) => {
  let at = rule
  return () => {
    while (at !== undefined) {
      const shown = standIn(at)
      at = subtable.lower(at)
      if (shown !== undefined) return shown
    }
    return undefined
  }
}

/** Masks are mostly zero; only the other words and their places go into the hash. */
const hashMask = (mask: FlowKey): number => {
  let hash = 0
  for (let i = 0; i < keyWords; i++) if (mask[i] !== 0) hash = Math.imul(hash ^ mask[i]!, 0x9e3779b1) + i
  return hashFinish(hash | 0, 1)
}
