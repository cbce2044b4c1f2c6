import type { OfAction } from '../openflow/action.ts'

/** Whether two lists of OpenFlow actions are alike. */
export const sameOfActions = (a: readonly OfAction[], b: readonly OfAction[]): boolean => a === b || same(a, b)

const same = (a: unknown, b: unknown): boolean => {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  const [ofA, ofB] = [Object.entries(a), Object.entries(b)]
  return ofA.length === ofB.length && ofA.every(([name, value]) => same(value, (b as Record<string, unknown>)[name]))
}
