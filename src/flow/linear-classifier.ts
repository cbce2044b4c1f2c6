import type { FlowKey } from './layout.ts'
import { equals, type Match, matches } from './match.ts'

/** What a classifier holds. `match` and `priority` must not change while it does. */
export interface Classified {
  readonly match: Match
  readonly priority: number
}

/** The classifier's obvious twin, which judges it: looks at every rule, and un-wildcards every bit that any looks at. */
export class LinearClassifier<R extends Classified> {
  private readonly rules = new Set<R>()

  get size(): number {
    return this.rules.size
  }

  [Symbol.iterator](): Iterator<R> {
    return this.rules.values()
  }

  insert(rule: R): void {
    this.rules.add(rule)
  }

  remove(rule: R): boolean {
    return this.rules.delete(rule)
  }

  find(match: Match, priority: number): R | undefined {
    for (const rule of this.rules) if (rule.priority === priority && equals(rule.match, match)) return rule
    return undefined
  }

  lookup(key: FlowKey, mask?: FlowKey): R | undefined {
    let best: R | undefined
    for (const rule of this.rules) {
      if (mask !== undefined) for (let i = 0; i < mask.length; i++) mask[i]! |= rule.match.mask[i]!
      if (matches(rule.match, key) && (best === undefined || rule.priority > best.priority)) best = rule
    }
    return best
  }
}
