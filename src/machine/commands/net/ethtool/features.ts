/** What `ethtool -k` prints, and what `ethtool -K` understands and answers. */
import { type Link, type OffloadName, offloadNames } from '../../../../host/index.ts'
import { Refusal } from '../refusal.ts'

/** Words older than the kernel's own names, each for one or several switches. */
type Group = { short: string; long: string; names: readonly OffloadName[] }

const groups: readonly Group[] = [
  { short: 'rx', long: 'rx-checksumming', names: ['rx-checksum'] },
  {
    short: 'tx',
    long: 'tx-checksumming',
    names: [
      'tx-checksum-ipv4',
      'tx-checksum-ip-generic',
      'tx-checksum-ipv6',
      'tx-checksum-fcoe-crc',
      'tx-checksum-sctp',
    ],
  },
  { short: 'sg', long: 'scatter-gather', names: ['tx-scatter-gather', 'tx-scatter-gather-fraglist'] },
  {
    short: 'tso',
    long: 'tcp-segmentation-offload',
    names: [
      'tx-tcp-segmentation',
      'tx-tcp-ecn-segmentation',
      'tx-tcp-mangleid-segmentation',
      'tx-tcp6-segmentation',
      'tx-tcp-accecn-segmentation',
    ],
  },
  { short: 'gso', long: 'generic-segmentation-offload', names: ['tx-generic-segmentation'] },
  { short: 'gro', long: 'generic-receive-offload', names: ['rx-gro'] },
  { short: 'lro', long: 'large-receive-offload', names: ['rx-lro'] },
  { short: 'rxvlan', long: 'rx-vlan-offload', names: ['rx-vlan-hw-parse'] },
  { short: 'txvlan', long: 'tx-vlan-offload', names: ['tx-vlan-hw-insert'] },
  { short: 'ntuple', long: 'ntuple-filters', names: ['rx-ntuple-filter'] },
  { short: 'rxhash', long: 'receive-hashing', names: ['rx-hashing'] },
]

/** UDP fragmentation: a word that is still read, without a switch since Linux 4.14. */
const forgotten: Group = { short: 'ufo', long: 'udp-fragmentation-offload', names: [] }

const grouped = new Set(groups.flatMap(group => group.names))

/** One line of the table: a group of several switches has neither `fixed` nor `requested`. */
type Row = { name: string; indented: boolean; active: boolean; fixed?: boolean; requested?: boolean }

const rowsOf = (link: Link): Row[] => {
  const { offloads } = link
  const active = offloads.active(link.carrier)
  const row = (name: OffloadName, shown: string = name, indented = false): Row => ({
    name: shown,
    indented,
    active: active.has(name),
    fixed: offloads.isFixed(name),
    requested: offloads.isWanted(name),
  })
  const old = groups.flatMap(({ long, names }): Row[] => {
    const [first] = names
    if (names.length === 1 && first !== undefined) return [row(first, long)]
    const any = names.some(name => active.has(name))
    return [{ name: long, indented: false, active: any }, ...names.map(name => row(name, name, true))]
  })
  return [...old, ...offloadNames.filter(name => !grouped.has(name)).map(name => row(name))]
}

const onOff = (on: boolean | undefined): string => (on === true ? 'on' : 'off')

/** The text of `ethtool -k`. */
export const featuresText = (link: Link): string => {
  const lines = rowsOf(link).map(({ name, indented, active, fixed, requested }) => {
    const asked = requested !== undefined && requested !== active ? ` [requested ${onOff(requested)}]` : ''
    return `${indented ? '\t' : ''}${name}: ${onOff(active)}${fixed === true ? ' [fixed]' : asked}\n`
  })
  return `Features for ${link.name}:\n${lines.join('')}`
}

/** The text of `ethtool --json -k`. */
export const featuresJson = (link: Link): string => {
  const rows = rowsOf(link).map(({ name, active, fixed = null, requested = null }) => {
    const entries = Object.entries({ active, fixed, requested }).map(([key, value]) => `            "${key}": ${value}`)
    return `        "${name}": {\n${entries.join(',\n')}\n        }`
  })
  return `[ {\n        "ifname": "${link.name}",\n${rows.join(',\n')}\n    } ]\n`
}

const isOffload = (name: string): name is OffloadName => (offloadNames as readonly string[]).includes(name)

/** Reads `tso off tx-gro on`: what is asked of each switch. */
export const readWishes = (words: readonly string[]): Map<OffloadName, boolean> => {
  const wishes = new Map<OffloadName, boolean>()
  for (let i = 0; i < words.length; i += 2) {
    const [name, value] = [words[i] as string, words[i + 1]]
    if (value !== 'on' && value !== 'off') {
      const said = `flag '${value ?? '(null)'}' for parameter '(null)' is not followed by 'on' or 'off'`
      throw new Refusal(`ethtool (-K): ${said}`, 1)
    }
    const group = [...groups, forgotten].find(({ short, long }) => name === short || name === long)
    if (group === undefined && !isOffload(name))
      throw new Refusal('netlink error: bit name not found (offset 52)\nnetlink error: Operation not supported', 92)
    if (name === 'vlan-challenged')
      throw new Refusal('netlink error: attempt to change non-ethtool features\nnetlink error: Invalid argument', 92)
    for (const each of group?.names ?? [name as OffloadName]) wishes.set(each, value === 'on')
  }
  return wishes
}

/**
 * Sets switches as far as they can be. Gives the lines that tell what became of it, empty where all is as it was asked and
 * nothing else moved; `refused` if nothing moved and nothing is as it was asked.
 */
export const changeFeatures = (
  link: Link,
  wishes: ReadonlyMap<OffloadName, boolean>,
): { text: string; refused: boolean } => {
  if (wishes.size === 0) return { text: '', refused: true }
  const before = link.offloads.active(link.carrier)
  link.askOffloads(wishes)
  const after = link.offloads.active(link.carrier)
  const isUnmet = (name: OffloadName): boolean => wishes.has(name) && wishes.get(name) !== after.has(name)
  const isMoved = (name: OffloadName): boolean => before.has(name) !== after.has(name)
  const told = offloadNames.filter(name => isUnmet(name) || isMoved(name))
  if (!told.some(name => isUnmet(name) || !wishes.has(name))) return { text: '', refused: false }
  const lines = told.map(name => {
    const why = isUnmet(name) ? ` [requested ${onOff(wishes.get(name))}]` : wishes.has(name) ? '' : ' [not requested]'
    return `${name}: ${onOff(after.has(name))}${why}\n`
  })
  return {
    text: `Actual changes:\n${lines.join('')}`,
    refused: !told.some(isMoved) && [...wishes.keys()].every(isUnmet),
  }
}
