import { floods } from './compare.ts'
import type { Disagreement } from './runner.ts'

/** Disagreements that docs/differences.md lists, so that they are no news. */
export type Known = { name: string; is(found: Disagreement): boolean }

const only = ({ aspects }: Disagreement, ...wanted: string[]): boolean =>
  aspects.every(aspect => wanted.includes(aspect))

export const known: readonly Known[] = [
  {
    name: 'the order in which a flood reaches ports, and what is undone and done again between them',
    is: found => floods.test(found.theirs) && only(found, 'datapath actions', 'steps'),
  },
  {
    name: 'a flood without end is cut off elsewhere',
    is: found => floods.test(found.theirs) && /over (max|4096)/.test(found.theirs),
  },
  {
    name: 'megaflows of tunnelled frames for a controller have the tunnel’s group policy too',
    is: found =>
      only(found, 'megaflow') && /controller\(/.test(found.theirs) && /^Megaflow: .*tun_gbp/m.test(found.ours),
  },
]

export const knownName = (found: Disagreement): string | undefined => known.find(({ is }) => is(found))?.name
