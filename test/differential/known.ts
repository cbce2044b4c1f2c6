import { renumber } from './compare.ts'
import { tunnelPort } from './network.ts'
import type { Disagreement } from './runner.ts'

/** Disagreements that docs/differences.md lists, so that they are no news. */
export type Known = { name: string; is(found: Disagreement): boolean }

const only = ({ aspects }: Disagreement, ...wanted: string[]): boolean =>
  aspects.every(aspect => wanted.includes(aspect))

const megaflowOf = (trace: string): string => /^Megaflow: (.*)$/m.exec(renumber(trace))?.[1] ?? ''

/**
 * What our megaflow could be without the second tag, without the priority of a tag of VLAN 0 or of one that came in at the
 * dot1q-tunnel port, and without both.
 */
const withLessOfTags = (megaflow: string): string[] => {
  const noPriority = (text: string): string =>
    text
      .replace(/(,dl_vlan=0),dl_vlan_pcp=\d/, '$1')
      .replace(new RegExp(`(,in_port=${tunnelPort},(?:.*,)?dl_vlan=\\d+),dl_vlan_pcp=\\d`), '$1')
  const noSecond = megaflow.replace(/,(dl_vlan1|dl_vlan_pcp1|vlan_tci1)=[^,]*/g, '')
  return [noPriority(megaflow), noSecond, noPriority(noSecond)]
}

/** Without the type of neighbour discovery's option in megaflows, and what is written of it. */
const withoutOptionType = (trace: string): string =>
  renumber(trace)
    .replace(/,nd_options_type=0x[^,\n]*/g, '')
    .replace(/nd_options_type=\d+(\/0x[0-9a-f]+)?/g, 'nd_options_type')

export const known: readonly Known[] = [
  {
    name: 'a label that cannot be popped forgets what a list of its own has, not the lists around it',
    is: found =>
      only(found, 'datapath actions', 'rest') &&
      /^ +(pop_mpls|decap)/m.test(found.theirs) &&
      /^Datapath actions: .*bad length \d+, expected -?\d+ for: /m.test(found.theirs),
  },
  {
    name: 'the type of a neighbour’s option, of which Open vSwitch keeps what was looked at last',
    is: found =>
      only(found, 'megaflow', 'datapath actions') &&
      found.ours.includes('nd_options_type=') &&
      withoutOptionType(found.theirs) === withoutOptionType(found.ours),
  },
  {
    name: 'NORMAL, and mirrors, look at the second tag, and at the priority of a tag of VLAN 0 or from a dot1q-tunnel port',
    is: found =>
      only(found, 'megaflow') &&
      (/^[ >]+NORMAL$/m.test(found.theirs) || found.tables.settings.mirrors.length > 0) &&
      withLessOfTags(megaflowOf(found.ours)).includes(megaflowOf(found.theirs)),
  },
]

export const knownName = (found: Disagreement): string | undefined => known.find(({ is }) => is(found))?.name
