import type { FlowKey } from './layout.ts'

/**
 * The prefixes that rules have in one field, as a binary tree without single-branch nodes. It answers two questions at
 * once: prefixes of which lengths hold a value, and how many of the value's bits had to be looked at to know that. With
 * rules for 10.0.0.0/8 and 20.0.0.0/8 only, a packet to 192.168.1.1 is told apart from both by its first bit, and
 * that is all that a megaflow for it must match.
 *
 * Nodes lie in one array of numbers, so that a million addresses take tens of megabytes and no object each.
 * A node: its prefix (`words` words, zero beyond its length), its length, how many rules have just this prefix, and the two
 * nodes that go on with 0 and 1 (0 for none). Node 0 is not used, node 1 is the empty prefix.
 */
export class PrefixTrie {
  /** First word of the field in a flow key. */
  readonly at: number
  /** Width in bits: up to 32 bits from bit `low` of one word, or whole words. */
  readonly bits: number
  private readonly low: number
  private readonly words: number
  private readonly size: number
  private nodes: Int32Array
  private top = 2
  private freed = 0
  private readonly value = new Int32Array(4)
  private readonly found = new Int32Array(5)
  private checked = 0
  /** The nodes from the root on that the last insertion went by, and its value: the next one often has much in common. */
  private readonly path: Int32Array
  private pathLength = 1
  private readonly last = new Int32Array(4)

  constructor(at: number, bits: number, low = 0) {
    this.at = at
    this.bits = bits
    this.low = low
    this.words = Math.ceil(bits / 32)
    this.size = this.words + 4
    this.nodes = new Int32Array(this.size * 16)
    this.path = new Int32Array(bits + 2).fill(1)
  }

  /** The prefix length of a mask in this field; 0 if the field is not looked at or the mask is no prefix. */
  lengthIn(mask: FlowKey): number {
    this.load(mask)
    let length = 0
    while (length < this.bits && this.bitOf(length) === 1) length++
    for (let i = length; i < this.bits; i++) if (this.bitOf(i) === 1) return 0
    return length
  }

  /** Counts one more rule with the first `length` bits of `key`. */
  insert(key: FlowKey, length: number): void {
    this.load(key)
    let node = this.resume(length)
    for (;;) {
      const depth = this.length(node)
      if (depth === length) {
        this.nodes[node * this.size + this.words + 1]! += 1
        return
      }
      const side = this.bitOf(depth)
      const child = this.child(node, side)
      if (child === 0) {
        const leaf = this.node(length, 1)
        this.link(node, side, leaf)
        this.path[this.pathLength++] = leaf
        return
      }
      const same = this.agree(child, depth, Math.min(length, this.length(child)))
      if (same < this.length(child)) {
        // The new prefix ends or turns off inside the child's: a node between takes both.
        const between = this.node(same, 0)
        this.link(between, this.nodeBit(child, same), child)
        this.link(node, side, between)
        node = between
      } else node = child
      this.path[this.pathLength++] = node
    }
  }

  /** The node farthest down the last insertion's way that this one, of so many bits, goes by as well. */
  private resume(length: number): number {
    const { path, last, value } = this
    let same = 0
    for (let i = 0; i < this.words; i++) {
      const differ = value[i]! ^ last[i]!
      last[i] = value[i]!
      if (same === 32 * i) same += Math.clz32(differ)
    }
    const common = Math.min(same, length)
    while (this.length(path[this.pathLength - 1]!) > common) this.pathLength--
    return path[this.pathLength - 1]!
  }

  /** Takes back one `insert`. */
  remove(key: FlowKey, length: number): void {
    this.load(key)
    this.pathLength = 1
    let above = 0
    let parent = 0
    let node = 1
    while (this.length(node) < length) {
      above = parent
      parent = node
      node = this.child(node, this.bitOf(this.length(node)))
      if (node === 0) return
    }
    this.nodes[node * this.size + this.words + 1]! -= 1
    this.tidy(node, parent)
    if (parent !== 0) this.tidy(parent, above)
  }

  /** Looks up the field's value in `key`; `has` and `unwildcard` then answer for it. */
  look(key: FlowKey): void {
    this.load(key)
    const { found, nodes, size, words } = this
    found.fill(0)
    let node = 1
    let depth = 0
    for (;;) {
      const length = nodes[node * size + words]!
      const same = this.agree(node, depth, length)
      if (same < length) {
        this.checked = same + 1
        return
      }
      if (nodes[node * size + words + 1]! > 0) found[length >> 5]! |= 1 << (length & 31)
      depth = length
      const zero = nodes[node * size + words + 2]!
      const one = nodes[node * size + words + 3]!
      if (zero === 0 && one === 0) {
        this.checked = length
        return
      }
      node = this.bitOf(length) === 0 ? zero : one
      if (node === 0) {
        this.checked = length + 1
        return
      }
    }
  }

  /** Whether some rule's prefix of this length holds the value. */
  has(length: number): boolean {
    return (this.found[length >> 5]! & (1 << (length & 31))) !== 0
  }

  /** How many leading bits the answers of `has` rest on. */
  get looked(): number {
    return this.checked
  }

  /** Those bits, of a field of one word. */
  bitsLooked(): number {
    return this.checked === 0 ? 0 : -1 << (32 - this.checked)
  }

  /** Whether `mask` has all of them already. */
  isCovered(mask: FlowKey): boolean {
    this.load(mask)
    for (let i = 0; i < this.checked; i++) if (this.bitOf(i) === 0) return false
    return true
  }

  /** Sets the bits that the answers of `has` rest on. */
  unwildcard(mask: FlowKey): void {
    let left = this.checked
    if (this.bits < 32) {
      if (left > 0) mask[this.at]! |= ((1 << this.bits) - (1 << (this.bits - left))) << this.low
      return
    }
    for (let i = this.at; left > 0; i++, left -= 32) mask[i]! |= left >= 32 ? -1 : -1 << (32 - left)
  }

  /** The field's bits, the first one highest in the first word. */
  private load(key: FlowKey): void {
    const { value, at, bits } = this
    if (bits < 32) value[0] = (key[at]! >>> this.low) << (32 - bits)
    else for (let i = 0; i < this.words; i++) value[i] = key[at + i]!
  }

  private bitOf(place: number): number {
    return (this.value[place >> 5]! >>> (31 - (place & 31))) & 1
  }

  private nodeBit(node: number, place: number): number {
    return (this.nodes[node * this.size + (place >> 5)]! >>> (31 - (place & 31))) & 1
  }

  private length(node: number): number {
    return this.nodes[node * this.size + this.words]!
  }

  private child(node: number, side: number): number {
    return this.nodes[node * this.size + this.words + 2 + side]!
  }

  private link(node: number, side: number, child: number): void {
    this.nodes[node * this.size + this.words + 2 + side] = child
  }

  /** The first place from `from` to `to` where the value and the node's prefix differ; `to` if nowhere. */
  private agree(node: number, from: number, to: number): number {
    for (let at = from; at < to; at = (at | 31) + 1) {
      const differ = (this.nodes[node * this.size + (at >> 5)]! ^ this.value[at >> 5]!) << (at & 31)
      if (differ !== 0) {
        const place = at + Math.clz32(differ)
        if (place < Math.min(to, (at | 31) + 1)) return place
      }
    }
    return to
  }

  /** A node with the first `length` bits of the value. */
  private node(length: number, count: number): number {
    const { size, words } = this
    let node = this.freed
    if (node !== 0) this.freed = this.nodes[node * size + words + 2]!
    else {
      node = this.top++
      if (this.top * size > this.nodes.length) {
        const nodes = new Int32Array(this.nodes.length * 2)
        nodes.set(this.nodes)
        this.nodes = nodes
      }
    }
    const at = node * size
    const { nodes, value } = this
    for (let i = 0; i < words; i++) {
      const keep = length - i * 32
      nodes[at + i] = keep >= 32 ? value[i]! : keep <= 0 ? 0 : value[i]! & (-1 << (32 - keep))
    }
    nodes[at + words] = length
    nodes[at + words + 1] = count
    nodes[at + words + 2] = 0
    nodes[at + words + 3] = 0
    return node
  }

  /** Takes a node out if no rule has its prefix and it does not branch. */
  private tidy(node: number, parent: number): void {
    const at = node * this.size + this.words
    const zero = this.nodes[at + 2]!
    const one = this.nodes[at + 3]!
    if (parent === 0 || this.nodes[at + 1] !== 0 || (zero !== 0 && one !== 0)) return
    this.link(parent, this.nodeBit(node, this.length(parent)), zero !== 0 ? zero : one)
    this.nodes[at + 2] = this.freed
    this.freed = node
  }
}
