import { renumber } from './compare.ts'
import { tunnelPort } from './network.ts'
import type { Disagreement } from './runner.ts'

/** Disagreements that docs/differences.md lists, so that they are no news. */
export type Known = { name: string; is(found: Disagreement): boolean }

const only = ({ aspects }: Disagreement, ...wanted: string[]): boolean =>
  aspects.every(aspect => wanted.includes(aspect))

const megaflowsOf = (trace: string): string[] =>
  [...renumber(trace).matchAll(/^Megaflow: (.*)$/gm)].map(([, megaflow]) => megaflow as string)

const withoutSecondTag = (megaflow: string): string => megaflow.replace(/,(dl_vlan1|dl_vlan_pcp1|vlan_tci1)=[^,]*/g, '')

/** That there is a tag is said by its priority, too. */
const withoutPresence = (megaflow: string): string => megaflow.replace(/,vlan_tci=0x1000\/0x1000(?=,|$)/, '')

/** Without the priority of a tag, where it may be looked at. */
const withoutPriority = (megaflow: string): string => megaflow.replace(/,dl_vlan_pcp=\d/, '')

/** What a megaflow has of the outer tag, in whatever words, and all else of it. */
const tagIn = (megaflow: string): { value: number; mask: number; rest: string } => {
  let [value, mask] = [0, 0]
  const put = (bits: number, under: number): void => {
    value |= bits & under
    mask |= under
  }
  const rest = megaflow.replace(/,(vlan_tci|dl_vlan|dl_vlan_pcp)=(\w+)(?:\/(\w+))?/g, (_, name, bits, under) => {
    if (name === 'vlan_tci') put(Number(bits), Number(under ?? 0xffff))
    else if (name === 'dl_vlan') put(0x1000 | Number(bits), 0x1fff)
    else put(0x1000 | (Number(bits) << 13), 0xf000)
    return ''
  })
  return { value, mask, rest }
}

/** Whether ours has all that theirs has, and the whole priority beside. */
const hasPriorityBeside = (theirs: string, ours: string): boolean => {
  const [a, b] = [tagIn(theirs), tagIn(ours)]
  const more = b.mask & ~a.mask
  return (
    a.rest === b.rest &&
    (b.value & a.mask) === a.value &&
    (a.mask & ~b.mask) === 0 &&
    (more & 0xe000) !== 0 &&
    (more & ~0xf000) === 0 &&
    (b.mask & 0xe000) === 0xe000
  )
}

/** Whether the frame's tag is of VLAN 0, or it came in at the dot1q-tunnel port, or is mirrored there. */
const mayLookAtPriority = ({ theirs, tables }: Disagreement): boolean => {
  const [, frame] = /^Flow: (.*)$/m.exec(theirs) ?? []
  if (frame === undefined) return false
  const at = `p0${tunnelPort}`
  return (
    frame.includes(',dl_vlan=0,') ||
    `,${frame}`.includes(`,in_port=${tunnelPort},`) ||
    tables.settings.mirrors.some(({ sources, destinations }) => [...sources, ...destinations].includes(at))
  )
}

/** Whether the megaflows of NORMAL, and of mirrors, are alike but for these. */
const differInTags = (found: Disagreement): boolean => {
  const { theirs, ours, tables } = found
  const mayLook = mayLookAtPriority(found)
  const hasMirrors = tables.settings.mirrors.length > 0
  if (!hasMirrors && !/^[ >]+NORMAL$/m.test(theirs)) return false
  const [a, b] = [theirs, ours].map(trace => megaflowsOf(trace).map(withoutSecondTag)) as [string[], string[]]
  return (
    a.length === b.length &&
    b.every((one, i) => {
      const their = a[i] as string
      return (
        one === their ||
        (mayLook && withoutPresence(their) === withoutPriority(one)) ||
        (mayLook && hasMirrors && hasPriorityBeside(their, one))
      )
    })
  )
}

/** Without the type of neighbour discovery's option in megaflows, and what is written of it. */
const withoutOptionType = (trace: string): string =>
  renumber(trace)
    .replace(/^(Megaflow: .*),nd_options_type=[^,\n]*/gm, '$1')
    .replace(/,nd_options_type=0x[^,\n]*/g, '')
    .replace(/nd_options_type=\d+(\/0x[0-9a-f]+)?/g, 'nd_options_type')

/** Without an Ethernet destination, of which bits may have been looked at, in megaflows. */
const withoutDestination = (trace: string): string => trace.replace(/^(Megaflow: .*),dl_dst=[^,\n]*/gm, '$1')

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
    name: 'NORMAL, and mirrors, look at the second tag, and at the priority of a tag of VLAN 0 or at a dot1q-tunnel port',
    is: found => only(found, 'megaflow') && differInTags(found),
  },
  {
    name: 'a port that receives only frames of spanning tree looks at whom those without a type are for',
    is: found =>
      only(found, 'megaflow') &&
      found.tables.settings.ports.some(({ config }) => config === 'no-receive') &&
      withoutDestination(renumber(found.theirs)) === withoutDestination(renumber(found.ours)),
  },
]

export const knownName = (found: Disagreement): string | undefined => known.find(({ is }) => is(found))?.name
