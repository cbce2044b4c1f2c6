import { hashAdd, hashFinish } from './hash.ts'
import { HashTable } from './hash-table.ts'
import { type FlowKey, keyWords, word } from './layout.ts'
import type { Classified } from './linear-classifier.ts'
import { PrefixTrie } from './prefix-trie.ts'
import type { TrieLook } from './trie-look.ts'

/** Stages of a staged look-up: metadata, L2, L3, L4, as a packet's fields differ ever more. */
const stageCount = 4
const stageOf = (index: number): number => {
  if (index >= word.ctIpv4Src && index < word.ctProto) return index === word.ctTransport ? 3 : 2
  if (index === word.inPort || index >= word.packetType) return 0
  if (index <= word.ethType || (index >= word.mpls && index < word.nsh)) return 1
  return index <= word.ipv4Dst || (index >= word.ipv6Src && index <= word.ipv6Label) ? 2 : 3
}

/**
 * All rules that have one mask. Their masked words lie in one array, a row each; entry numbers start at 1 and stay as
 * long as the rule does. Rows with one hash are chained, the highest priority first.
 */
export class Subtable<R extends Classified> {
  /** The words that the mask has, by stage and then by place, and their bits. */
  readonly index: Uint8Array
  readonly bits: Int32Array
  /** Prefix length in each trie's field; 0 where the trie cannot help. */
  readonly prefixes: number[]
  /** For each stage that has words, the tries whose field is in it. */
  private readonly trieStages: (readonly number[])[] = []
  /** The transport ports of all rules, if the mask has any: a value that no rule has is told by its first bits. */
  private readonly ports: PrefixTrie | undefined
  private readonly portBits: number
  private readonly portValue = new Uint32Array(1)
  /** Of all rules in it; -1 when empty. */
  maxPriority = -1
  size = 0
  /** Where in `index` the first stages that have words end; the last is not in it. */
  private readonly ends: number[] = []
  /** For each of `ends`, how many rules have that hash of the words up to there. */
  private readonly stages: HashTable[] = []
  private readonly table = new HashTable()
  private readonly priorities = new Map<number, number>()
  private rules: (R | undefined)[] = [undefined]
  private values: Int32Array
  private next = new Int32Array(8)
  private freed = 0

  constructor(mask: FlowKey, tries: readonly PrefixTrie[]) {
    const places: number[] = []
    for (let i = 0; i < keyWords; i++) if (mask[i] !== 0) places.push(i)
    places.sort((a, b) => stageOf(a) - stageOf(b) || a - b)
    this.index = Uint8Array.from(places)
    this.bits = Int32Array.from(places, place => mask[place]!)
    this.values = new Int32Array(8 * places.length)
    for (let stage = 0; stage < stageCount - 1; stage++) {
      const end = places.filter(place => stageOf(place) <= stage).length
      if (end === 0 || end === places.length || end === this.ends.at(-1)) continue
      this.ends.push(end)
      this.stages.push(new HashTable())
    }
    this.prefixes = tries.map(trie => trie.lengthIn(mask))
    for (let i = 0; i <= this.ends.length; i++) {
      const from = this.ends[i - 1] ?? 0
      const within = places.slice(from, this.ends[i] ?? places.length)
      this.trieStages.push(tries.flatMap(({ at }, j) => (this.prefixes[j] !== 0 && within.includes(at) ? [j] : [])))
    }
    this.portBits = mask[word.transport]!
    this.ports = this.portBits === 0 ? undefined : new PrefixTrie(0, 32)
  }

  hasMask(mask: FlowKey): boolean {
    let at = 0
    for (let i = 0; i < keyWords; i++) if (mask[i] !== 0) at++
    if (at !== this.index.length) return false
    for (at = 0; at < this.index.length; at++) if ((mask[this.index[at]!]! | 0) !== this.bits[at]) return false
    return true
  }

  /** The best rule that the key fits. */
  lookup(key: FlowKey): R | undefined {
    return this.rules[this.entryFor(key, this.hash(key, this.index.length))]
  }

  /** The same; what decided it is set in `mask`. `tries` has what the classifier's tries say of the key. */
  lookupWide(key: FlowKey, mask: FlowKey, tries: TrieLook): R | undefined {
    const { index, bits, ends, stages } = this
    let hash = 0
    let at = 0
    for (let stage = 0; stage < ends.length; stage++) {
      if (this.ruledOut(stage, key, mask, tries)) return undefined
      const end = ends[stage]!
      for (; at < end; at++) hash = hashAdd(hash, key[index[at]!]! & bits[at]!)
      if (stages[stage]!.get(hash) === 0) {
        this.unwildcard(mask, end)
        return undefined
      }
    }
    if (this.ruledOut(ends.length, key, mask, tries)) return undefined
    const { length } = index
    for (; at < length; at++) hash = hashAdd(hash, key[index[at]!]! & bits[at]!)
    const entry = this.entryFor(key, hashFinish(hash, length))
    if (entry !== 0 || this.ports === undefined) this.unwildcard(mask, length)
    else this.missedPorts(key, mask)
    return this.rules[entry]
  }

  /** The next rule with the same masked words, of lower priority. */
  lower(rule: R): R | undefined {
    const { key } = rule.match
    let entry = this.table.get(this.hash(key, this.index.length))
    while (entry !== 0 && this.rules[entry] !== rule) entry = this.next[entry]!
    for (entry = this.next[entry]!; entry !== 0; entry = this.next[entry]!)
      if (this.fits(entry, key)) return this.rules[entry]
    return undefined
  }

  /** Of the last stage, only the leading bits of the ports were looked at. */
  private missedPorts(key: FlowKey, mask: FlowKey): void {
    const { ports, portValue, portBits } = this
    this.unwildcard(mask, this.ends.at(-1) ?? 0)
    portValue[0] = key[word.transport]! & portBits
    ports!.look(portValue)
    mask[word.transport]! |= portBits & ports!.bitsLooked()
  }

  /** Whether a trie knows that no rule has this stage's prefix; what was looked at is set. */
  private ruledOut(stage: number, key: FlowKey, mask: FlowKey, tries: TrieLook): boolean {
    const among = this.trieStages[stage]!
    for (let i = 0; i < among.length; i++) {
      const trie = among[i]!
      if (!tries.rulesOut(trie, this.prefixes[trie]!, key, mask)) continue
      if (stage > 0) this.unwildcard(mask, this.ends[stage - 1]!)
      return true
    }
    return false
  }

  private entryFor(key: FlowKey, hash: number): number {
    let entry = this.table.get(hash)
    while (entry !== 0 && !this.fits(entry, key)) entry = this.next[entry]!
    return entry
  }

  /** The rule with the masked words of `key` and this priority. */
  find(key: FlowKey, priority: number): R | undefined {
    for (let entry = this.table.get(this.hash(key, this.index.length)); entry !== 0; entry = this.next[entry]!) {
      const rule = this.rules[entry] as R
      if (rule.priority === priority && this.fits(entry, key)) return rule
    }
    return undefined
  }

  insert(rule: R): void {
    const { key } = rule.match
    const entry = this.entry()
    this.rules[entry] = rule
    const row = entry * this.index.length
    for (let i = 0; i < this.index.length; i++) this.values[row + i] = key[this.index[i]!]! & this.bits[i]!
    const hash = this.hash(key, this.index.length)
    let before = 0
    let after = this.table.get(hash)
    while (after !== 0 && (this.rules[after] as R).priority >= rule.priority) {
      before = after
      after = this.next[after]!
    }
    this.next[entry] = after
    if (before === 0) this.table.set(hash, entry)
    else this.next[before] = entry
    this.size++
    this.maxPriority = Math.max(this.maxPriority, rule.priority)
    this.priorities.set(rule.priority, (this.priorities.get(rule.priority) ?? 0) + 1)
    this.countStages(key, 1)
  }

  remove(rule: R): boolean {
    const { key } = rule.match
    const hash = this.hash(key, this.index.length)
    let before = 0
    let entry = this.table.get(hash)
    while (entry !== 0 && this.rules[entry] !== rule) {
      before = entry
      entry = this.next[entry]!
    }
    if (entry === 0) return false
    const after = this.next[entry]!
    if (before !== 0) this.next[before] = after
    else if (after !== 0) this.table.set(hash, after)
    else this.table.delete(hash)
    this.rules[entry] = undefined
    this.next[entry] = this.freed
    this.freed = entry
    this.size--
    this.countStages(key, -1)
    const left = (this.priorities.get(rule.priority) as number) - 1
    if (left > 0) this.priorities.set(rule.priority, left)
    else {
      this.priorities.delete(rule.priority)
      this.maxPriority = -1
      for (const priority of this.priorities.keys()) this.maxPriority = Math.max(this.maxPriority, priority)
    }
    return true
  }

  /** Rules may come and go meanwhile: none is given twice, those that stay are given. */
  *[Symbol.iterator](): Generator<R> {
    for (let entry = 1; entry < this.rules.length; entry++) {
      const rule = this.rules[entry]
      if (rule !== undefined) yield rule
    }
  }

  private unwildcard(mask: FlowKey, end: number): void {
    for (let i = 0; i < end; i++) mask[this.index[i]!]! |= this.bits[i]!
  }

  private fits(entry: number, key: FlowKey): boolean {
    const { index, bits, values } = this
    const row = entry * index.length
    for (let i = 0; i < index.length; i++) if ((key[index[i]!]! & bits[i]!) !== values[row + i]) return false
    return true
  }

  private hash(key: FlowKey, end: number): number {
    let hash = 0
    for (let i = 0; i < end; i++) hash = hashAdd(hash, key[this.index[i]!]! & this.bits[i]!)
    return end === this.index.length ? hashFinish(hash, end) : hash
  }

  private countStages(key: FlowKey, by: 1 | -1): void {
    if (this.ports !== undefined) {
      this.portValue[0] = key[word.transport]! & this.portBits
      const length = 32 - trailingZeros(this.portBits)
      if (by > 0) this.ports.insert(this.portValue, length)
      else this.ports.remove(this.portValue, length)
    }
    for (const [stage, end] of this.ends.entries()) {
      const counts = this.stages[stage] as HashTable
      const hash = this.hash(key, end)
      const count = counts.get(hash) + by
      if (count === 0) counts.delete(hash)
      else counts.set(hash, count)
    }
  }

  private entry(): number {
    const entry = this.freed
    if (entry !== 0) {
      this.freed = this.next[entry]!
      return entry
    }
    const fresh = this.rules.length
    if (fresh >= this.next.length) {
      const next = new Int32Array(this.next.length * 2)
      next.set(this.next)
      this.next = next
      const values = new Int32Array(next.length * this.index.length)
      values.set(this.values)
      this.values = values
    }
    return fresh
  }
}

const trailingZeros = (bits: number): number => 31 - Math.clz32(bits & -bits)
