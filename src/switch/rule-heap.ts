import type { Rule } from './rule.ts'

/**
 * Rules by a number, the smallest first: a binary heap that knows where each rule is, so that any can be taken out.
 * `slot` is the field of the rule that holds its place.
 */
export class RuleHeap {
  private readonly rules: Rule[] = []
  private readonly keys: number[] = []
  private readonly slot: 'timer' | 'seat'

  constructor(slot: 'timer' | 'seat') {
    this.slot = slot
  }

  get size(): number {
    return this.rules.length
  }

  /** The rule with the smallest number. */
  first(): Rule | undefined {
    return this.rules[0]
  }

  /** Its number. */
  firstKey(): number | undefined {
    return this.keys[0]
  }

  has(rule: Rule): boolean {
    return this.rules[rule[this.slot]] === rule
  }

  /** Puts a rule in, or gives it another number. */
  set(rule: Rule, key: number): void {
    if (this.has(rule)) {
      const at = rule[this.slot]
      this.keys[at] = key
      this.up(at)
      this.down(rule[this.slot])
      return
    }
    this.rules.push(rule)
    this.keys.push(key)
    this.up(this.rules.length - 1)
  }

  remove(rule: Rule): void {
    if (!this.has(rule)) return
    const at = rule[this.slot]
    rule[this.slot] = -1
    const last = this.rules.pop() as Rule
    const key = this.keys.pop() as number
    if (last === rule) return
    this.rules[at] = last
    this.keys[at] = key
    this.up(at)
    this.down(last[this.slot])
  }

  [Symbol.iterator](): Iterator<Rule> {
    return this.rules.values()
  }

  private up(from: number): void {
    const { rules, keys } = this
    const rule = rules[from]!
    const key = keys[from]!
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (keys[parent]! <= key) break
      this.put(at, rules[parent]!, keys[parent]!)
      at = parent
    }
    this.put(at, rule, key)
  }

  private down(from: number): void {
    const { rules, keys } = this
    const rule = rules[from]!
    const key = keys[from]!
    let at = from
    for (;;) {
      let child = at * 2 + 1
      if (child >= rules.length) break
      if (child + 1 < rules.length && keys[child + 1]! < keys[child]!) child++
      if (keys[child]! >= key) break
      this.put(at, rules[child]!, keys[child]!)
      at = child
    }
    this.put(at, rule, key)
  }

  private put(at: number, rule: Rule, key: number): void {
    this.rules[at] = rule
    this.keys[at] = key
    rule[this.slot] = at
  }
}
