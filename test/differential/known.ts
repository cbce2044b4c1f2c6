import { floods } from './compare.ts'
import type { Disagreement } from './runner.ts'

/** Disagreements that docs/differences.md lists, so that they are no news. */
export type Known = { name: string; is(found: Disagreement): boolean }

export const known: readonly Known[] = [
  {
    name: 'which part of an endless flood is cut off',
    is: found => floods.test(found.theirs) && /over (max|4096)/.test(found.theirs),
  },
]

export const knownName = (found: Disagreement): string | undefined => known.find(({ is }) => is(found))?.name
