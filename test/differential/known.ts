import { renumber } from './compare.ts'
import type { Disagreement } from './runner.ts'

/** Disagreements that docs/differences.md lists, so that they are no news. */
export type Known = { name: string; is(found: Disagreement): boolean }

const only = ({ aspects }: Disagreement, ...wanted: string[]): boolean =>
  aspects.every(aspect => wanted.includes(aspect))

const actionsOf = (trace: string): string => /^Datapath actions: (.*)$/m.exec(trace)?.[1] ?? ''

/** Without headers taken off behind a label that was put on. */
const withoutPops = (actions: string): string => {
  const at = actions.indexOf('add_mpls')
  return actions.slice(0, at) + actions.slice(at).replace(/,pop_eth|,pop_nsh\(\)/g, '')
}

export const known: readonly Known[] = [
  {
    name: 'behind encap(mpls) Open vSwitch takes off the header that was under it',
    is: found =>
      only(found, 'datapath actions') &&
      /add_mpls.*,pop_(eth|nsh)/.test(actionsOf(found.theirs)) &&
      withoutPops(renumber(actionsOf(found.theirs))) === withoutPops(renumber(actionsOf(found.ours))),
  },
]

export const knownName = (found: Disagreement): string | undefined => known.find(({ is }) => is(found))?.name
