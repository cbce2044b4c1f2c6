import { Classifier, type Place, type StandIn } from '../flow/classifier.ts'
import type { Conjunction } from '../flow/conjunction.ts'
import type { FlowKey } from '../flow/layout.ts'
import type { Match } from '../flow/match.ts'
import { defaultPrefixFields, type PrefixField } from '../flow/prefix-fields.ts'
import type { Rule } from './rule.ts'
import { TableSettings } from './table-settings.ts'

/** Tables that OpenFlow can use: 0 to 253. Table 254 is the switch's own, 255 means all. */
export const tableCount = 254
/** The switch's own table: controllers may look at it, but not change it. */
export const internalTable = 254

/** One OpenFlow table: rules by match and priority, how often it was asked, and how it was set up. */
export class FlowTable {
  readonly id: number
  readonly settings: TableSettings
  private readonly classifier = new Classifier<Rule>(conjunctionsOf)
  private prefixes: readonly PrefixField[] = defaultPrefixFields
  /** Look-ups, and those that found a rule, in frames. */
  lookups = 0
  matches = 0

  constructor(id: number) {
    this.id = id
    this.settings = new TableSettings(() => this.rules())
  }

  /** As `TableOptions.prefixes`. */
  keepPrefixes(fields: readonly PrefixField[] = defaultPrefixFields): void {
    if (fields.join() === this.prefixes.join()) return
    this.prefixes = fields
    this.classifier.keepPrefixes(fields)
  }

  get size(): number {
    return this.classifier.size
  }

  /** The rule of the highest priority that matches, or what is seen of it; what was looked at is set in `mask`. */
  lookup(key: FlowKey, mask?: FlowKey, standIn?: StandIn<Rule>): Rule | undefined {
    return this.classifier.lookup(key, mask, standIn)
  }

  /** The rule with exactly this match and priority. */
  find(match: Match, priority: number, place?: Place<Rule>): Rule | undefined {
    return this.classifier.find(match, priority, place)
  }

  /** For `find` and `insert` of this match; good until a rule is taken out. */
  placeOf(match: Match): Place<Rule> | undefined {
    return this.classifier.placeOf(match)
  }

  /** The rules whose match is this one or narrower. */
  narrower(match: Match): Rule[] {
    return this.classifier.narrower(match)
  }

  /** Whether a frame can fit both this match and some rule of this priority. */
  overlaps(match: Match, priority: number): boolean {
    return this.classifier.overlaps(match, priority)
  }

  /** Puts a rule in; the caller has taken out one with the same match and priority. */
  insert(rule: Rule, match: Match, place?: Place<Rule>): void {
    this.classifier.insert(rule, match, place)
    this.settings.eviction?.add(rule)
  }

  /** Puts a rule into the place of one with the same match and priority. */
  replace(old: Rule, rule: Rule, match: Match): void {
    this.settings.eviction?.remove(old)
    this.classifier.replace(old, rule, match)
    this.settings.eviction?.add(rule)
  }

  /** A rule was changed: it comes last among those of its mask now, as in Open vSwitch, where it is a new one. */
  renew(rule: Rule): void {
    this.classifier.renew(rule)
  }

  remove(rule: Rule): void {
    this.settings.eviction?.remove(rule)
    this.classifier.remove(rule)
  }

  /** By mask, those of a mask in the order in which they came. */
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
