import { below, type Random, seeded } from '../../src/runtime/random.ts'
import type { MirrorOptions } from '../../src/switch/mirrors.ts'
import { bridgeNames, portsOf } from './network.ts'
import { chance, pick } from './values.ts'

/**
 * What the database says besides bridges and ports, for some rounds: how many tags flows see, mirrors of bridges, and what
 * NORMAL keeps to. `ports` also have what OpenFlow says of them (OFPT_PORT_MOD). What is not told of is as it is at first.
 */
export type Settings = {
  vlanLimit: 1 | 2
  mirrors: readonly (MirrorOptions & { bridge: number })[]
  bridges: readonly BridgeManners[]
  ports: readonly PortManners[]
}

export type BridgeManners = {
  bridge: number
  floodVlans: readonly number[]
  forwardBpdu: boolean
  /** Multicast goes where it was asked for; else where nobody asked it goes everywhere, or to routers only. */
  snooping: 'off' | 'floods' | 'to routers'
}

export type PortManners = {
  bridge: number
  port: string
  isProtected: boolean
  floodsMulticast: boolean
  floodsReports: boolean
  /** As `ovs-ofctl mod-port` has it. */
  config: 'flood' | 'no-flood' | 'no-forward' | 'no-receive' | 'no-packet-in'
}

export const plainSettings: Settings = { vlanLimit: 1, mirrors: [], bridges: [], ports: [] }

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
    bridges: chance(random, 0.5) ? [] : [0, 1].map(bridge => randomManners(random, bridge)),
    ports: chance(random, 0.5) ? [] : [0, 1].flatMap(bridge => randomPorts(random, bridge)),
  }
}

const randomManners = (random: Random, bridge: number): BridgeManners => ({
  bridge,
  floodVlans: chance(random, 0.7) ? [] : pick(random, [[5], [0, 7]]),
  forwardBpdu: chance(random, 0.5),
  snooping: pick(random, ['off', 'floods', 'to routers']),
})

const randomPorts = (random: Random, bridge: number): PortManners[] =>
  portsOf(bridge)
    .filter(() => chance(random, 0.3))
    .map(({ name }) => ({
      bridge,
      port: name,
      isProtected: chance(random, 0.5),
      floodsMulticast: chance(random, 0.2),
      floodsReports: chance(random, 0.2),
      config: pick(random, ['flood', 'flood', 'no-flood', 'no-forward', 'no-receive', 'no-packet-in']),
    }))

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
export const settingsWords = ({ vlanLimit, mirrors, bridges, ports }: Settings): string[][] => [
  [
    ...['set', 'Open_vSwitch', '.', `other_config:vlan-limit=${vlanLimit}`],
    ...bridgeNames.flatMap((name, i) => [
      ...['--', 'clear', 'bridge', name, 'mirrors', 'flood_vlans', 'other_config'],
      ...['--', 'set', 'bridge', name, 'mcast_snooping_enable=false'],
      ...portsOf(i).flatMap(({ name: port }) => [
        ...['--', 'remove', 'port', port, 'protected', 'true'],
        ...['--', 'remove', 'port', port, 'other_config', 'mcast-snooping-flood', 'mcast-snooping-flood-reports'],
      ]),
    ]),
  ],
  ...bridges.map(bridgeWords),
  ...ports.map(portWords),
  ...mirrors.map(mirrorWords),
]

const bridgeWords = ({ bridge, floodVlans, forwardBpdu, snooping }: BridgeManners): string[] => [
  ...['set', 'bridge', bridgeNames[bridge] as string, `other_config:forward-bpdu=${forwardBpdu}`],
  ...(floodVlans.length === 0 ? [] : [`flood_vlans=${floodVlans.join(',')}`]),
  ...(snooping === 'off' ? [] : ['mcast_snooping_enable=true']),
  `other_config:mcast-snooping-disable-flood-unregistered=${snooping === 'to routers'}`,
]

const portWords = ({ port, isProtected, floodsMulticast, floodsReports }: PortManners): string[] => [
  ...['set', 'port', port, `protected=${isProtected}`, `other_config:mcast-snooping-flood=${floodsMulticast}`],
  `other_config:mcast-snooping-flood-reports=${floodsReports}`,
]

/** What `ovs-ofctl mod-port` is told after a bridge; `before`: what it was told last. */
export const portModWords = (
  { ports }: Settings,
  { ports: before }: Settings = plainSettings,
): { bridge: number; words: string[] }[] => [
  ...before.flatMap(({ bridge, port, config }) =>
    config === 'flood' ? [] : [{ bridge, words: [port, config.replace('no-', '')] }],
  ),
  ...ports.flatMap(({ bridge, port, config }) => (config === 'flood' ? [] : [{ bridge, words: [port, config] }])),
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
