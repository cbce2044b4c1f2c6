import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { millisecond } from '../../src/runtime/clock.ts'
import type { Bridge } from '../../src/switch/bridge.ts'
import type { BridgeOptions } from '../../src/switch/bridge-options.ts'
import { showRstp } from '../../src/switch/rstp/show.ts'
import { showStp } from '../../src/switch/stp/show.ts'
import { Bed } from '../../src/switch/switch.testing.ts'
import type { TreePortOptions } from '../../src/switch/tree-options.ts'
import { type DummyOvs, hasOvs, startOvs } from './ovs.testing.ts'

type Protocol = 'stp' | 'rstp'
type Net = {
  bridges: number
  /** Patches between two bridges by number; a pair may have several. */
  links: readonly (readonly [number, number])[]
  /** Which protocol each bridge speaks. */
  speaks: (bridge: number) => Protocol
  /** What happens at which second. */
  events?: readonly { at: number; do: 'down' | 'up'; link: number }[]
  options?: (bridge: number) => Record<string, number>
  portOptions?: (port: string) => Record<string, number | boolean>
  seconds: number
  /** From when on they must agree, if not from the first: of messages that meet, the sockets decide which comes first. */
  from?: number
}

/** The two ends of a link. */
const ends = ({ links }: Net, index: number): [string, string] => {
  const [a, b] = links[index]!
  return [`p${index}a${a}`, `p${index}b${b}`]
}

/** Frames between dummies take some turns of the daemon's loop. */
const quiet = async (ovs: DummyOvs): Promise<void> => {
  for (let turn = 0; turn < 4; turn++) {
    await new Promise(resolve => setTimeout(resolve, 2))
    await ovs.appctl('version')
  }
}

const warp = async (ovs: DummyOvs): Promise<void> => {
  await ovs.appctl('time/warp', '500', '500')
  await quiet(ovs)
}

const connected = async (ovs: DummyOvs, port: string): Promise<void> => {
  for (let tries = 0; tries < 100; tries++) {
    if ((await ovs.appctl('netdev-dummy/conn-state', port)).includes(': connected')) return
    await new Promise(resolve => setTimeout(resolve, 20))
    await ovs.appctl('time/warp', '100', '100')
  }
  throw new Error(`${port} does not connect`)
}

/** One text for each second: what all bridges show. */
const real = async (ovs: DummyOvs, net: Net): Promise<string[]> => {
  const commands: string[] = []
  const set = (...words: string[]): number => commands.push('--', ...words)
  for (let i = 0; i < net.bridges; i++) {
    const mac = `aa:66:aa:66:00:${i.toString(16).padStart(2, '0')}`
    set('add-br', `br${i}`)
    set('set', 'bridge', `br${i}`, `other_config:hwaddr=${mac}`, 'fail_mode=secure')
    for (const [key, value] of Object.entries(net.options?.(i) ?? {}))
      set('set', 'bridge', `br${i}`, `other_config:${columnOf(net.speaks(i), key)}=${value}`)
  }
  for (const [index, [a, b]] of net.links.entries()) {
    const [one, two] = ends(net, index)
    const socket = `${ovs.directory}/${one}.sock`
    for (const [bridge, port, end] of [
      [a, one, `options:pstream=punix:${socket}`],
      [b, two, `options:stream=unix:${socket}`],
    ] as const) {
      set('add-port', `br${bridge}`, port)
      set('set', 'interface', port, 'type=dummy', end)
      for (const [key, value] of Object.entries(net.portOptions?.(port) ?? {}))
        set('set', 'port', port, `other_config:${portColumnOf(net.speaks(bridge), key)}=${value}`)
    }
  }
  ovs.vsctl(...commands)
  for (const [index] of net.links.entries()) await connected(ovs, ends(net, index)[1])
  const shows: string[] = []
  const show = async (): Promise<void> => {
    const texts: string[] = []
    for (let i = 0; i < net.bridges; i++) texts.push(await ovs.appctl(`${net.speaks(i)}/show`, `br${i}`))
    shows.push(texts.join(''))
  }
  ovs.vsctl(
    ...Array.from({ length: net.bridges }, (_, i) => [
      '--',
      'set',
      'bridge',
      `br${i}`,
      `${net.speaks(i)}_enable=true`,
    ]).flat(),
  )
  await show()
  // Looked at in the middle of a second, it does not matter that its clock goes in steps.
  await warp(ovs)
  for (let s = 1; s <= net.seconds; s++) {
    for (const event of net.events?.filter(({ at }) => at === s) ?? []) {
      for (const name of ends(net, event.link)) {
        await ovs.appctl('netdev-dummy/set-admin-state', name, event.do)
        await quiet(ovs)
      }
    }
    for (let step = 0; step < 2; step++) await warp(ovs)
    await show()
  }
  ovs.vsctl(...Array.from({ length: net.bridges }, (_, i) => ['--', 'del-br', `br${i}`]).flat())
  return shows
}

const columnOf = (protocol: Protocol, key: string): string =>
  `${protocol}-${key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`

const portColumnOf = (protocol: Protocol, key: string): string => {
  const named: Record<string, string> = { number: 'port-num', priority: 'port-priority', adminEdge: 'port-admin-edge' }
  return `${protocol}-${named[key] ?? columnOf(protocol, key).slice(protocol.length + 1)}`
}

const ours = (net: Net): string[] => {
  const bed = new Bed()
  const bridges: Bridge[] = []
  const optionsOf = (i: number): BridgeOptions => ({ hwaddr: 0xaa66aa660000 + i, failMode: 'secure' })
  for (let i = 0; i < net.bridges; i++) bridges.push(bed.bridge(`br${i}`, optionsOf(i)))
  for (const [index, [a, b]] of net.links.entries()) {
    const [one, two] = ends(net, index)
    for (const [number, name, peer] of [
      [a, one, two],
      [b, two, one],
    ] as const) {
      const bridge = bridges[number] as Bridge
      const port = bed.patch(bridge, name, peer)
      const tree: TreePortOptions = { [net.speaks(number)]: net.portOptions?.(name) ?? {} }
      bridge.updatePort(port, { treeOptions: tree })
    }
  }
  const shows: string[] = []
  const show = (): void => {
    shows.push(bridges.map((bridge, i) => (net.speaks(i) === 'stp' ? showStp : showRstp)(bridge) ?? '').join(''))
  }
  for (const [i, bridge] of bridges.entries())
    bridge.configure({ ...optionsOf(i), [net.speaks(i)]: net.options?.(i) ?? {} })
  bed.clock.runUntil(0)
  show()
  bed.clock.runUntil(500 * millisecond)
  for (let s = 1; s <= net.seconds; s++) {
    for (const event of net.events?.filter(({ at }) => at === s) ?? [])
      for (const name of ends(net, event.link))
        for (const bridge of bridges) {
          const port = bridge.portByName(name)
          if (port === undefined) continue
          bridge.updatePort(port, { linkUp: event.do === 'up' })
          bed.clock.runUntil(bed.clock.now())
        }
    bed.clock.runUntil((s * 1000 + 500) * millisecond)
    show()
  }
  return shows
}

/** The seconds at which a text is another than before, and how: short enough to read when two differ. */
const story = (shows: readonly string[]): string =>
  shows
    .flatMap((text, i) =>
      text === shows[i - 1] ? [] : [`== ${i} s`, ...text.split('\n').filter(line => /^(----| {2}p|.*root)/.test(line))],
    )
    .join('\n')

/** By its link; else ports whose names share a slot of a hash table have numbers by chance. */
const numbered = (port: string): { number: number } => ({ number: Number(port[1]) + 1 })

const triangle: Pick<Net, 'bridges' | 'links'> = {
  bridges: 3,
  links: [
    [0, 1],
    [0, 2],
    [1, 2],
  ],
}

describe.runIf(hasOvs())('spanning trees as Open vSwitch has them', () => {
  let ovs: DummyOvs
  beforeAll(async () => {
    ovs = startOvs()
    await ovs.appctl('time/stop')
  })
  afterAll(() => ovs.stop())

  const nets: Record<string, Net> = {
    'STP: three in a circle, a link goes': {
      ...triangle,
      speaks: () => 'stp',
      events: [
        { at: 33, do: 'down', link: 1 },
        { at: 66, do: 'up', link: 1 },
      ],
      seconds: 100,
    },
    'RSTP: three in a circle, a link goes': {
      ...triangle,
      speaks: () => 'rstp',
      events: [
        { at: 12, do: 'down', link: 1 },
        { at: 25, do: 'up', link: 1 },
      ],
      from: 2,
      seconds: 40,
    },
    'STP: a mesh with priorities and costs': {
      bridges: 4,
      links: [
        [0, 1],
        [0, 2],
        [1, 2],
        [1, 3],
        [2, 3],
        [2, 3],
      ],
      speaks: () => 'stp',
      options: i => (i === 3 ? { priority: 4096, forwardDelay: 6, maxAge: 8, helloTime: 1 } : {}),
      portOptions: name => ({ ...numbered(name), ...(name === 'p3b3' ? { pathCost: 100 } : {}) }),
      events: [{ at: 30, do: 'down', link: 4 }],
      seconds: 60,
    },
    'RSTP: a mesh with priorities and costs': {
      bridges: 4,
      links: [
        [0, 1],
        [0, 2],
        [1, 2],
        [1, 3],
        [2, 3],
        [2, 3],
      ],
      speaks: () => 'rstp',
      options: i => (i === 3 ? { priority: 4096, forwardDelay: 6, maxAge: 8 } : {}),
      portOptions: name => ({
        ...numbered(name),
        ...(name === 'p3b3' ? { pathCost: 100 } : name === 'p0a0' ? { adminEdge: true } : {}),
      }),
      events: [
        { at: 12, do: 'down', link: 4 },
        { at: 18, do: 'down', link: 5 },
        { at: 26, do: 'up', link: 4 },
      ],
      from: 4,
      seconds: 36,
    },
    'RSTP and STP together': { ...triangle, from: 2, speaks: i => (i === 1 ? 'stp' : 'rstp'), seconds: 70 },
  }
  for (const [name, net] of Object.entries(nets))
    test(name, async () => {
      const theirs = (await real(ovs, net)).slice(net.from ?? 0)
      const own = ours(net).slice(net.from ?? 0)
      expect(story(own)).toBe(story(theirs))
      expect(own).toEqual(theirs)
    })
})
