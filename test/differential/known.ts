import type { Disagreement } from './runner.ts'

/** Disagreements that docs/differences.md lists, so that they are no news. */
export type Known = { name: string; is(found: Disagreement): boolean }

const only = ({ aspects }: Disagreement, ...wanted: string[]): boolean =>
  aspects.every(aspect => wanted.includes(aspect))

export const known: readonly Known[] = [
  {
    name: 'megaflows of tunnelled frames for a controller have the tunnel’s group policy too',
    is: found =>
      only(found, 'megaflow') && /controller\(/.test(found.theirs) && /^Megaflow: .*tun_gbp/m.test(found.ours),
  },
]

export const knownName = (found: Disagreement): string | undefined => known.find(({ is }) => is(found))?.name
