import { field, fieldNamed } from '../../src/flow/fields.ts'
import type { Version } from '../../src/openflow/protocol.ts'
import { below, type Random, seeded } from '../../src/runtime/random.ts'
import type { FragmentHandling } from '../../src/switch/bridge.ts'
import { type Category, categories, lastTable, liking, randomActions } from './actions.ts'
import { randomGroups } from './groups.ts'
import { kinds } from './kinds.ts'
import { randomMatch } from './match.ts'
import { bridgeNames, tunnelBridge } from './network.ts'
import { type Asked, kindFor, randomPacket } from './packets.ts'
import { type Settings, settingsOf } from './settings.ts'
import { chance, pick } from './values.ts'

/** Flows and groups of each bridge, as ovs-ofctl's lines, and the OpenFlow that brings them. */
export type Tables = {
  version: Version
  flows: readonly string[][]
  groups: readonly string[][]
  /** What the bridges do with fragments of IP. */
  fragments: FragmentHandling
  settings: Settings
}

export type Round = { category: Category; tables: Tables; packets: Asked[] }

const versions: readonly Version[] = [6, 6, 6, 1, 1, 4, 4, 5, 3, 2]

/** Packets of a round; the tables are the same for all of them. */
export const packetsPerRound = 40

/** Round `number` of a seed: always the same. */
export const randomRound = (seed: number, number: number, wanted: readonly Category[] = categories): Round => {
  const random = seeded(seed * 1_000_003 + number)
  const category = wanted[number % wanted.length] as Category
  const version = pick<Version>(random, category === 'nsh' ? [6, 6, 4] : versions)
  const first = category === 'tunnels' ? tunnelBridge : 0
  const groups = (bridge: number): string[] =>
    version === 1 || (bridge !== first && bridge !== 1) ? [] : randomGroups(random, bridge, version, category)
  const flows = (bridge: number): string[] =>
    bridge === first || bridge === 1 ? randomFlows(random, bridge, bridge === 1 ? 8 : 24, version, category) : []
  return {
    category,
    tables: {
      version,
      groups: [...bridgeNames.keys()].map(groups),
      flows: [...bridgeNames.keys()].map(flows),
      fragments: pick(random, ['normal', 'normal', 'normal', 'nx_match', 'nx_match', 'drop'] as const),
      settings: settingsOf(seed, number),
    },
    packets: Array.from({ length: packetsPerRound }, () => randomPacket(random, category)),
  }
}

const randomFlows = (random: Random, bridge: number, count: number, version: Version, category: Category): string[] =>
  Array.from({ length: count }, (_, i) => {
    // Each table has a flow that takes all, so that frames get far.
    const isLast = i <= lastTable && chance(random, 0.9)
    const table = i <= lastTable ? i : pick(random, [0, 0, 1, 1, 2, 3, 4])
    const kind = isLast ? 'any' : kindFor(random, category, kinds)
    const match = isLast ? { parts: [], kind, tagged: false } : randomMatch(random, kind, version, liking(category))
    const head = [`table=${table}`, `priority=${isLast ? 1 : 2 + i}`]
    if (chance(random, 0.1)) head.push(`cookie=0x${below(random, 99) + 1}`)
    if (!isLast && chance(random, 0.05)) {
      // Clauses of a conjunction and what it does, over this match: the first has two dimensions, the second three.
      match.parts.push(`conj_id=${1 + below(random, 2)}`)
    } else if (!isLast && chance(random, 0.08)) {
      const clauses = [1, 2].map(id => `conjunction(${id},${1 + below(random, id + 1)}/${id + 1})`)
      const clause = pick(random, [...clauses, clauses.join(',')])
      return `${[`table=${table}`, `priority=${20 + below(random, 2)}`, ...match.parts].join(',')},actions=${clause}`
    }
    const actions = randomActions({ random, match, table, bridge, version, depth: 0 }, category)
    return `${[...head, ...match.parts].join(',')},actions=${actions}`
  })

/** Whether a word of a flow is a field of its match. */
export const isField = (text: string): boolean => {
  const name = fieldNamed((text.split('=')[0] ?? '').trim())
  return name !== undefined && field(name) !== undefined
}
