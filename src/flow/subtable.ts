import { hashAdd, hashFinish } from './hash.ts'
import { HashTable } from './hash-table.ts'
import { type FlowKey, keyWords, word } from './layout.ts'
import type { Match } from './match.ts'
import { LoneRow, type MaskWords, type MatchRows, maskWords, type Seated, spread, spreadInto } from './match-rows.ts'
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
 * All rules that have one mask. Their masked words lie in one array, a row each, in the order in which the rules came;
 * rows that were given up are closed when the array is full. Row numbers start at 1. Rows with one hash are chained, the
 * highest priority first.
 */
export class Subtable<R extends Seated> implements MatchRows, MaskWords {
  /** The words that the mask has, by stage and then by place, and their bits. */
  readonly index: Uint8Array
  readonly bits: Int32Array
  readonly mask: FlowKey
  /** Prefix length in each trie's field; 0 where the trie cannot help. */
  prefixes: readonly number[] = []
  /** For each stage that has words, the tries whose field is in it. */
  private trieStages: (readonly number[])[] = []
  /** The transport ports of all rules, if the mask has any: a value that no rule has is told by its first bits. */
  private readonly ports: PrefixTrie | undefined
  private readonly portBits: number
  private readonly portColumn: number
  private readonly portLength: number
  private readonly portValue = new Uint32Array(1)
  /** Of all rules in it; -1 when empty. */
  maxPriority = -1
  size = 0
  /** Where in `index` the first stages that have words end; the last is not in it. */
  private readonly ends: number[] = []
  /** For each of `ends`, how many rules have that hash of the words up to there. */
  private readonly stages: HashTable[] = []
  private table = new HashTable()
  private readonly priorities = new Map<number, number>()
  private rules: (R | undefined)[] = [undefined]
  private values: Int32Array
  private next = new Int32Array(4)

  constructor(mask: FlowKey, tries: readonly PrefixTrie[]) {
    this.mask = mask.slice()
    const places = [...maskWords(mask).index].sort((a, b) => stageOf(a) - stageOf(b) || a - b)
    this.index = Uint8Array.from(places)
    this.bits = Int32Array.from(places, place => mask[place]!)
    this.values = new Int32Array(this.next.length * places.length)
    for (let stage = 0; stage < stageCount - 1; stage++) {
      const end = places.filter(place => stageOf(place) <= stage).length
      if (end === 0 || end === places.length || end === this.ends.at(-1)) continue
      this.ends.push(end)
      this.stages.push(new HashTable())
    }
    this.use(tries)
    this.portBits = mask[word.transport]!
    this.portColumn = this.index.indexOf(word.transport)
    this.portLength = 32 - trailingZeros(this.portBits)
    this.ports = this.portBits === 0 ? undefined : new PrefixTrie(0, 32)
  }

  /** Says which tries there are from now on. */
  use(tries: readonly PrefixTrie[]): void {
    const { mask, ends, index } = this
    this.prefixes = tries.map(trie => trie.lengthIn(mask))
    this.trieStages = []
    for (let i = 0; i <= ends.length; i++) {
      const within = index.subarray(ends[i - 1] ?? 0, ends[i] ?? index.length)
      this.trieStages.push(tries.flatMap(({ at }, j) => (this.prefixes[j] !== 0 && within.includes(at) ? [j] : [])))
    }
  }

  /** The rows that rules have now. */
  *rows(): Generator<number> {
    for (let row = 1; row < this.rules.length; row++) if (this.rules[row] !== undefined) yield row
  }

  hasMask(mask: FlowKey): boolean {
    const { mask: own } = this
    for (let i = 0; i < keyWords; i++) if (mask[i] !== own[i]) return false
    return true
  }

  match(row: number): Match {
    return spread(this, this.values, row * this.index.length)
  }

  spread(row: number, match: Match): void {
    spreadInto(this, this.values, row * this.index.length, match)
  }

  /** Writes the words of a row's key into `key`; the others are left as they are. */
  keyWords(row: number, key: FlowKey): FlowKey {
    const { index, values } = this
    const at = row * index.length
    for (let i = 0; i < index.length; i++) key[index[i]!] = values[at + i]!
    return key
  }

  /** The best rule that the key fits. */
  lookup(key: FlowKey): R | undefined {
    return this.rules[this.rowFor(key, this.hash(key))]
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
    const row = this.rowFor(key, hashFinish(hash, length))
    if (row !== 0 || this.ports === undefined) this.unwildcard(mask, length)
    else this.missedPorts(key, mask)
    return this.rules[row]
  }

  /** The next rule with the same masked words, of lower priority. */
  lower(rule: R): R | undefined {
    for (let row = this.next[rule.row]!; row !== 0; row = this.next[row]!)
      if (this.sameRow(row, rule.row)) return this.rules[row]
    return undefined
  }

  /** Of the ports, only the leading bits were looked at. */
  private missedPorts(key: FlowKey, mask: FlowKey): void {
    const { ports, portValue, portBits } = this
    const before = mask[word.transport]!
    this.unwildcard(mask, this.index.length)
    portValue[0] = key[word.transport]! & portBits
    ports!.look(portValue)
    mask[word.transport] = before | (portBits & ports!.bitsLooked())
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

  private rowFor(key: FlowKey, hash: number): number {
    let row = this.table.get(hash)
    while (row !== 0 && !this.fits(row, key)) row = this.next[row]!
    return row
  }

  /** The rule with the masked words of `key` and this priority. */
  find(key: FlowKey, priority: number): R | undefined {
    for (let row = this.table.get(this.hash(key)); row !== 0; row = this.next[row]!) {
      const rule = this.rules[row] as R
      if (rule.priority === priority && this.fits(row, key)) return rule
    }
    return undefined
  }

  /** Adds the rules to `out` whose match is the one of `words` and `key` or narrower. */
  narrower(words: MaskWords, key: FlowKey, out: R[]): void {
    const columns = this.columns(words)
    if (columns.some((column, i) => column < 0 || (words.bits[i]! & ~this.bits[column]!) !== 0)) return
    if (columns.length === this.index.length && columns.every((column, i) => this.bits[column] === words.bits[i])) {
      for (let row = this.table.get(this.hash(key)); row !== 0; row = this.next[row]!)
        if (this.fits(row, key)) out.push(this.rules[row] as R)
      return
    }
    for (let row = 1; row < this.rules.length; row++) {
      const rule = this.rules[row]
      if (rule !== undefined && this.agrees(row, columns, words, key)) out.push(rule)
    }
  }

  /** Whether a key can fit both the match of `words` and `key` and some rule of this priority. */
  overlaps(words: MaskWords, key: FlowKey, priority: number): boolean {
    if (!this.priorities.has(priority)) return false
    const columns = this.columns(words)
    for (let row = 1; row < this.rules.length; row++)
      if (this.rules[row]?.priority === priority && this.agrees(row, columns, words, key)) return true
    return false
  }

  /** Puts a rule in; its match is that of `key`. */
  insert(rule: R, key: FlowKey): void {
    const { index, bits } = this
    if (this.rules.length >= this.next.length) this.makeRoom()
    const row = this.rules.length
    this.rules.push(rule)
    rule.rows = this
    rule.row = row
    const at = row * index.length
    let hash = 0
    for (let i = 0; i < index.length; i++) {
      const value = key[index[i]!]! & bits[i]!
      this.values[at + i] = value
      hash = hashAdd(hash, value)
    }
    this.link(row, hashFinish(hash, index.length))
    this.size++
    this.maxPriority = Math.max(this.maxPriority, rule.priority)
    this.priorities.set(rule.priority, (this.priorities.get(rule.priority) ?? 0) + 1)
    this.count(row, 1)
  }

  /** Puts a rule behind all others, as if it had just come. */
  renew(rule: R): void {
    if (rule.row === this.rules.length - 1) return
    if (this.rules.length >= this.next.length) this.makeRoom()
    const { length } = this.index
    const row = this.rules.length
    this.unlink(rule.row)
    this.values.copyWithin(row * length, rule.row * length, (rule.row + 1) * length)
    this.rules[rule.row] = undefined
    this.rules.push(rule)
    rule.row = row
    this.link(row, this.hashOf(row))
  }

  /** Takes out a rule whose rows are these. */
  remove(rule: R): void {
    const { row } = rule
    this.unlink(row)
    this.count(row, -1)
    const at = row * this.index.length
    rule.rows = new LoneRow({ index: this.index, bits: this.bits }, this.values.slice(at, at + this.index.length))
    this.rules[row] = undefined
    this.size--
    const left = (this.priorities.get(rule.priority) as number) - 1
    if (left > 0) {
      this.priorities.set(rule.priority, left)
      return
    }
    this.priorities.delete(rule.priority)
    if (rule.priority !== this.maxPriority) return
    this.maxPriority = -1
    for (const priority of this.priorities.keys()) this.maxPriority = Math.max(this.maxPriority, priority)
  }

  /** In the order in which they came. Rules may come and go meanwhile: those that stay are given. */
  *[Symbol.iterator](): Generator<R> {
    const { rules } = this
    for (let row = 1, end = rules.length; row < end; row++) {
      const rule = rules[row]
      if (rule !== undefined && rule.rows === this) yield rule
    }
  }

  private unwildcard(mask: FlowKey, end: number): void {
    for (let i = 0; i < end; i++) mask[this.index[i]!]! |= this.bits[i]!
  }

  private fits(row: number, key: FlowKey): boolean {
    const { index, bits, values } = this
    const at = row * index.length
    for (let i = 0; i < index.length; i++) if ((key[index[i]!]! & bits[i]!) !== values[at + i]) return false
    return true
  }

  private sameRow(a: number, b: number): boolean {
    const { values } = this
    const { length } = this.index
    for (let i = 0; i < length; i++) if (values[a * length + i] !== values[b * length + i]) return false
    return true
  }

  /** Where in a row each of the words is; -1 for one that is not there. */
  private columns(words: MaskWords): number[] {
    return Array.from(words.index, place => this.index.indexOf(place))
  }

  /** Whether a row and `key` agree in the bits that both masks have. */
  private agrees(row: number, columns: readonly number[], words: MaskWords, key: FlowKey): boolean {
    const { values, bits } = this
    const at = row * this.index.length
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]!
      if (column < 0) continue
      const common = words.bits[i]! & bits[column]!
      if (((values[at + column]! ^ key[words.index[i]!]!) & common) !== 0) return false
    }
    return true
  }

  private hash(key: FlowKey): number {
    const { index, bits } = this
    let hash = 0
    for (let i = 0; i < index.length; i++) hash = hashAdd(hash, key[index[i]!]! & bits[i]!)
    return hashFinish(hash, index.length)
  }

  private hashOf(row: number): number {
    const { values } = this
    const { length } = this.index
    const at = row * length
    let hash = 0
    for (let i = 0; i < length; i++) hash = hashAdd(hash, values[at + i]!)
    return hashFinish(hash, length)
  }

  private link(row: number, hash: number): void {
    const { priority } = this.rules[row] as R
    let before = 0
    let after = this.table.get(hash)
    while (after !== 0 && (this.rules[after] as R).priority >= priority) {
      before = after
      after = this.next[after]!
    }
    this.next[row] = after
    if (before === 0) this.table.set(hash, row)
    else this.next[before] = row
  }

  private unlink(row: number): void {
    const hash = this.hashOf(row)
    const after = this.next[row]!
    let before = this.table.get(hash)
    if (before === row) {
      if (after !== 0) this.table.set(hash, after)
      else this.table.delete(hash)
      return
    }
    while (this.next[before] !== row) before = this.next[before]!
    this.next[before] = after
  }

  /** One row more or less in the ports and the stages. */
  private count(row: number, by: 1 | -1): void {
    const { values, ends, stages, ports } = this
    const start = row * this.index.length
    if (ports !== undefined) {
      this.portValue[0] = values[start + this.portColumn]!
      if (by > 0) ports.insert(this.portValue, this.portLength)
      else ports.remove(this.portValue, this.portLength)
    }
    let hash = 0
    let at = 0
    for (let stage = 0; stage < ends.length; stage++) {
      for (; at < ends[stage]!; at++) hash = hashAdd(hash, values[start + at]!)
      stages[stage]!.add(hash, by)
    }
  }

  /** Closes the gaps if there are many, else doubles the rows. Readers of the old list of rules keep it as it was. */
  private makeRoom(): void {
    const { length } = this.index
    if (this.size * 4 >= this.rules.length * 3) {
      const next = new Int32Array(this.next.length * 2)
      next.set(this.next)
      this.next = next
      const values = new Int32Array(next.length * length)
      values.set(this.values)
      this.values = values
      return
    }
    const old = this.rules
    this.rules = [undefined]
    this.table = new HashTable()
    for (const rule of old) {
      if (rule === undefined) continue
      const row = this.rules.length
      this.values.copyWithin(row * length, rule.row * length, (rule.row + 1) * length)
      rule.row = row
      this.rules.push(rule)
      this.link(row, this.hashOf(row))
    }
  }
}

const trailingZeros = (bits: number): number => 31 - Math.clz32(bits & -bits)
