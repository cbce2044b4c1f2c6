import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allVersions } from '../openflow/hello.ts'
import { type Present, plan, type Step } from './reconcile.ts'
import type { WantedBridge, WantedPort } from './wanted.ts'

const port = (name: string, change: Partial<WantedPort> = {}): WantedPort => ({
  name,
  type: 'system',
  ofport: undefined,
  vlan: {},
  tree: {},
  snooping: {},
  options: {},
  mtu: undefined,
  uuid: `uuid of ${name}`,
  row: `row of ${name}`,
  ...change,
})
const bridge = (name: string, ...ports: WantedPort[]): WantedBridge => ({
  name,
  uuid: `uuid of ${name}`,
  options: {},
  versions: allVersions,
  controllers: [],
  ports: [port(name, { type: 'internal' }), ...ports],
})

/** What a step sets of a port. */
const changeOf = (
  step: Extract<Step, { do: 'set vlan' | 'set mtu' | 'set mac' | 'set options' | 'set tree' }>,
): Partial<WantedPort> => {
  if (step.do === 'set vlan') return { vlan: step.vlan }
  if (step.do === 'set mac') return { mac: step.mac }
  if (step.do === 'set tree') return { tree: step.tree, snooping: step.snooping }
  return step.do === 'set mtu' ? { mtu: step.mtu } : { options: step.options }
}

/** What there is once all that is wanted was made. */
const made = (wanted: readonly WantedBridge[]): Present =>
  new Map(wanted.map(({ name, options, ports }) => [name, { options, ports: new Map(ports.map(p => [p.name, p])) }]))
const steps = (present: Present, ...wanted: WantedBridge[]): string[] =>
  plan(present, wanted).map(step => [step.do, step.bridge, 'port' in step ? nameOf(step.port) : ''].join(' ').trim())
const nameOf = (given: string | WantedPort): string => (typeof given === 'string' ? given : given.name)

describe('steps from present to wanted', () => {
  test('nothing when all is there', () => {
    const wanted = [bridge('br0', port('p1'), port('p2', { vlan: { tag: 5 } }))]
    expect(plan(made(wanted), wanted)).toEqual([])
  })
  test('everything when nothing is', () => {
    expect(steps(new Map(), bridge('br0', port('p1')))).toEqual([
      'add bridge br0',
      'add port br0 br0',
      'add port br0 p1',
    ])
  })
  test('a local port of an access VLAN', () => {
    const wanted: WantedBridge = { ...bridge('br0'), ports: [port('br0', { type: 'internal', vlan: { tag: 5 } })] }
    expect(steps(new Map(), wanted)).toEqual(['add bridge br0', 'add port br0 br0'])
  })
  test('a port that moves is taken away first', () => {
    const before = made([bridge('br0', port('p1')), bridge('br1')])
    expect(steps(before, bridge('br0'), bridge('br1', port('p1')))).toEqual(['remove port br0 p1', 'add port br1 p1'])
  })
  test('a port of another kind, or with other options, is made anew', () => {
    const before = made([bridge('br0', port('p1'))])
    const anew = ['remove port br0 p1', 'add port br0 p1']
    expect(steps(before, bridge('br0', port('p1', { type: 'vxlan' })))).toEqual(anew)
    const tunnel = (key: string): WantedBridge => bridge('br0', port('p1', { type: 'vxlan', options: { key } }))
    expect(steps(made([tunnel('1')]), tunnel('flow'))).toEqual(anew)
    expect(steps(before, bridge('br0', port('p1', { ofport: 7 })))).toEqual(anew)
  })
  test('a port whose VLAN or MTU changes stays', () => {
    const before = made([bridge('br0', port('p1'))])
    expect(steps(before, bridge('br0', port('p1', { vlan: { tag: 5 } })))).toEqual(['set vlan br0 p1'])
    expect(steps(before, bridge('br0', port('p1', { mtu: 1400 })))).toEqual(['set mtu br0 p1'])
    for (const type of ['dummy', 'system', 'internal', 'tap']) {
      const device = (options: Record<string, string>): WantedBridge => bridge('br0', port('p1', { type, options }))
      expect(steps(made([device({})]), device({ pcap: 'a' }))).toEqual(['set options br0 p1'])
    }
  })
  test('what stands on a dummy takes other options as it is', () => {
    const tunnel = (key: string): WantedBridge => bridge('br0', port('p1', { type: 'vxlan', options: { key } }))
    const todo = plan(made([tunnel('1')]), [tunnel('2')], new Set(['vxlan']))
    expect(todo).toEqual([{ do: 'set options', bridge: 'br0', port: 'p1', options: { key: '2' } }])
  })
  test('giving up a requested number keeps it', () => {
    const before = made([bridge('br0', port('p1', { ofport: 7 }))])
    expect(steps(before, bridge('br0', port('p1')))).toEqual([])
  })
  test('a bridge is set or goes', () => {
    const before = made([bridge('br0')])
    expect(steps(before, { ...bridge('br0'), options: { datapathId: 5n } })).toEqual(['configure bridge br0'])
    expect(steps(before)).toEqual(['remove bridge br0'])
  })
})

/** Takes steps on a plain picture of the switch. */
const take = (present: Present, todo: readonly Step[]): Present => {
  const out = new Map([...present].map(([name, { options, ports }]) => [name, { options, ports: new Map(ports) }]))
  for (const step of todo) {
    const there = out.get(step.bridge)
    if (step.do === 'add bridge') out.set(step.bridge, { options: step.options, ports: new Map() })
    else if (step.do === 'remove bridge') out.delete(step.bridge)
    else if (there === undefined) throw new Error(`no bridge ${step.bridge}`)
    else if (step.do === 'configure bridge') there.options = step.options
    else if (step.do === 'remove port') there.ports.delete(step.port)
    else if (step.do === 'add port') there.ports.set(step.port.name, step.port)
    else {
      const from = there.ports.get(step.port)
      if (from === undefined) throw new Error(`no port ${step.port}`)
      there.ports.set(step.port, { ...from, ...changeOf(step) })
    }
  }
  return out
}

test('after its steps, a plan has no more', () => {
  const somePort = fc.record({
    name: fc.constantFrom('p1', 'p2', 'p3'),
    type: fc.constantFrom('system', 'vxlan'),
    ofport: fc.constantFrom(undefined, 5, 6),
    vlan: fc.constantFrom({}, { tag: 1 }, { tag: 2 }),
    options: fc.constantFrom({}, { key: '1' }),
    mtu: fc.constantFrom(undefined, 1400),
    mac: fc.constantFrom(0x020000000001, 0x020000000002),
  })
  const some = fc.uniqueArray(
    fc
      .tuple(fc.constantFrom('br0', 'br1'), fc.uniqueArray(somePort, { selector: ({ name }) => name }))
      .map(([name, ports]) => bridge(name, ...ports.map(each => port(each.name, each)))),
    { selector: ({ name }) => name },
  )
  fc.assert(
    fc.property(some, some, (before, after) => {
      const present = take(new Map(), plan(new Map(), before))
      expect(plan(present, before)).toEqual([])
      expect(plan(take(present, plan(present, after)), after)).toEqual([])
    }),
  )
})
