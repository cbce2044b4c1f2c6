import { below, type Random, seeded } from '../../src/runtime/random.ts'
import type { MirrorOptions } from '../../src/switch/mirrors.ts'
import { bridgeNames, portsOf } from './network.ts'
import { chance, pick } from './values.ts'

/** What the database says besides bridges and ports, for some rounds: how many tags flows see, and mirrors of bridges. */
export type Settings = { vlanLimit: 1 | 2; mirrors: readonly (MirrorOptions & { bridge: number })[] }

export const plainSettings: Settings = { vlanLimit: 1, mirrors: [] }

/** So many rounds have the same settings: to change them takes the real switch its time. */
const roundsOfSettings = 32

/** Settings of a round: always the same. */
export const settingsOf = (seed: number, round: number): Settings => {
  const block = Math.floor(round / roundsOfSettings)
  const random = seeded(seed * 2_000_003 + block)
  return {
    vlanLimit: pick(random, [1, 2]),
    mirrors: chance(random, 0.5)
      ? []
      : Array.from({ length: 1 + below(random, 3) }, (_, i) => randomMirror(random, i, below(random, 2))),
  }
}

const randomMirror = (random: Random, number: number, bridge: number): Settings['mirrors'][number] => {
  const ports = portsOf(bridge).map(({ name }) => name)
  const some = (): string[] => ports.filter(() => chance(random, 0.3))
  const toPort = chance(random, 0.6)
  return {
    bridge,
    uuid: `mirror${number}`,
    all: chance(random, 0.3),
    sources: some(),
    destinations: some(),
    vlans: chance(random, 0.6) ? [] : pick(random, [[5], [0, 7], [5, 7]]),
    outputPort: toPort ? pick(random, ports) : undefined,
    outputVlan: toPort ? undefined : pick(random, [5, 7, 9]),
    snapLength: chance(random, 0.7) ? undefined : 64 + below(random, 100),
  }
}

/** The words that a transaction of its own of `ovs-vsctl` has for each step; the first takes away what there was. */
export const settingsWords = ({ vlanLimit, mirrors }: Settings): string[][] => [
  [
    ...['set', 'Open_vSwitch', '.', `other_config:vlan-limit=${vlanLimit}`],
    ...bridgeNames.flatMap(name => ['--', 'clear', 'bridge', name, 'mirrors']),
  ],
  ...mirrors.map(mirrorWords),
]

const mirrorWords = (mirror: Settings['mirrors'][number]): string[] => {
  const { bridge, uuid, all, sources, destinations, vlans, outputPort, outputVlan, snapLength } = mirror
  const named = [...new Set([...sources, ...destinations, ...(outputPort === undefined ? [] : [outputPort])])]
  const ports = (names: readonly string[]): string => names.map(name => `@${name}`).join(',')
  return [
    ...named.flatMap(name => [`--id=@${name}`, 'get', 'port', name, '--']),
    ...['--id=@m', 'create', 'mirror', `name=${uuid}`, `select-all=${all}`],
    ...(sources.length === 0 ? [] : [`select-src-port=${ports(sources)}`]),
    ...(destinations.length === 0 ? [] : [`select-dst-port=${ports(destinations)}`]),
    ...(vlans.length === 0 ? [] : [`select-vlan=${vlans.join(',')}`]),
    ...(outputPort === undefined ? [] : [`output-port=@${outputPort}`]),
    ...(outputVlan === undefined ? [] : [`output-vlan=${outputVlan}`]),
    ...(snapLength === undefined ? [] : [`snaplen=${snapLength}`]),
    ...['--', 'add', 'bridge', bridgeNames[bridge] as string, 'mirrors', '@m'],
  ]
}
