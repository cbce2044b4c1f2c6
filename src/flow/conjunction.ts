/** One clause of a conjunction, counted from 0: when all `clauses` match, a look-up goes on with `conj_id` set to `id`. */
export type Conjunction = { id: number; clause: number; clauses: number }

/** The clauses that a rule stands for; undefined for a rule that decides by itself. */
export type ConjunctionsOf<R> = (rule: R) => readonly Conjunction[] | undefined

/** A rule that fits, but only as a part; `lower` gives the rule of next lower priority with the same match. */
export type SoftMatch<R> = {
  rule: R
  conjunctions: readonly Conjunction[]
  lower: (rule: R) => R | undefined
}

/**
 * The rule that a set of parts comes to (ovs-actions(7), "conjunction"): from the highest priority downwards, the first
 * whole conjunction whose number some rule matches; `hard` where none above its priority is.
 */
export const resolveConjunctions = <R extends { readonly priority: number }>(
  soft: SoftMatch<R>[],
  hard: R | undefined,
  conjunctionsOf: ConjunctionsOf<R>,
  withId: (id: number) => R | undefined,
): R | undefined => {
  let left = soft
  let best = hard
  for (;;) {
    const floor = best?.priority ?? -1
    left = left.filter(({ rule }) => rule.priority > floor)
    if (left.length === 0) return best
    const top = left.reduce((highest, { rule }) => Math.max(highest, rule.priority), floor)
    const found = wholeAmong(
      left.filter(({ rule }) => rule.priority === top),
      withId,
    )
    if (found !== undefined) return found
    // None was whole: what lies below them under the same matches is considered in their place.
    const next: SoftMatch<R>[] = []
    for (const match of left) {
      if (match.rule.priority !== top) {
        next.push(match)
        continue
      }
      const rule = match.lower(match.rule)
      if (rule === undefined || rule.priority <= (best?.priority ?? -1)) continue
      const conjunctions = conjunctionsOf(rule)
      if (conjunctions === undefined) best = rule
      else next.push({ ...match, rule, conjunctions })
    }
    left = next
  }
}

/** Gathers clauses in the order in which the parts were found; the first conjunction that is whole and leads on. */
const wholeAmong = <R>(parts: readonly SoftMatch<R>[], withId: (id: number) => R | undefined): R | undefined => {
  const open = new Map<number, Set<number>>()
  for (const { conjunctions } of parts) {
    const whole = conjunctions.find(({ id, clause, clauses }) => {
      const having = open.get(id) ?? new Set<number>()
      open.set(id, having)
      having.add(clause)
      return having.size === clauses
    })
    const rule = whole === undefined ? undefined : withId(whole.id)
    if (rule !== undefined) return rule
  }
  return undefined
}
