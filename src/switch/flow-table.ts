import { Classifier } from '../flow/classifier.ts'
import type { Conjunction } from '../flow/conjunction.ts'
import type { FlowKey } from '../flow/layout.ts'
import type { Match } from '../flow/match.ts'
import type { Rule } from './rule.ts'

/** Tables that OpenFlow can use: 0 to 253. Table 254 is the switch's own, 255 means all. */
export const tableCount = 254

/** One OpenFlow table: rules by match and priority, and how often it was asked. */
export class FlowTable {
  readonly id: number
  private readonly classifier = new Classifier<Rule>(conjunctionsOf)
  /** Look-ups, and those that found a rule, in frames. */
  lookups = 0
  matches = 0

  constructor(id: number) {
    this.id = id
  }

  get size(): number {
    return this.classifier.size
  }

  /** The rule of the highest priority that matches; what was looked at is set in `mask`. */
  lookup(key: FlowKey, mask?: FlowKey): Rule | undefined {
    return this.classifier.lookup(key, mask)
  }

  /** The rule with exactly this match and priority. */
  find(match: Match, priority: number): Rule | undefined {
    return this.classifier.find(match, priority)
  }

  /** Puts a rule in; the caller has taken out one with the same match and priority. */
  insert(rule: Rule, match: Match): void {
    this.classifier.insert(rule, match)
  }

  remove(rule: Rule): void {
    this.classifier.remove(rule)
  }

  rules(): Iterable<Rule> {
    return this.classifier
  }
}

/** A flow of `conjunction` actions is part of others; such a flow has nothing else but notes. */
const conjunctionsOf = ({ actions }: Rule): readonly Conjunction[] | undefined => {
  const first = actions[0]?.type
  if (first !== 'conjunction' && first !== 'note') return undefined
  const found = actions.filter(action => action.type === 'conjunction')
  return found.length === 0 ? undefined : found
}
