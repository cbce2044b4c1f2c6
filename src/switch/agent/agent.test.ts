import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newMatch } from '../../flow/match.ts'
import { OfPort } from '../../openflow/action.ts'
import { plainFlowMod } from '../../openflow/flow-mod.ts'
import type { BodyOf, OfBody } from '../../openflow/message.ts'
import { encodeMessage } from '../../openflow/message-wire.ts'
import type { Version } from '../../openflow/protocol.ts'
import { duplexPair, second } from '../../runtime/index.ts'
import { packet } from '../switch.testing.ts'
import { agentBed } from './agent.testing.ts'

const flowMod = (change: Partial<BodyOf<'flow_mod'>> = {}): BodyOf<'flow_mod'> => ({
  type: 'flow_mod',
  bufferId: 0xffffffff,
  ...plainFlowMod('add'),
  table: 0,
  priority: 1,
  newCookie: 0n,
  ...change,
})
const toController = {
  type: 'controller',
  maxLength: 20,
  reason: 'action',
  controllerId: 0,
} as const

const config = (missSendLength: number, version: Version): OfBody => ({
  type: 'set_config',
  fragments: 'normal',
  missSendLength,
  invalidTtlToController: version <= 3 ? false : undefined,
})

const versions = [1, 2, 3, 4, 5, 6] as const satisfies Version[]
const typesOf = (messages: readonly { body: OfBody }[]): string[] => messages.map(({ body }) => body.type)

describe.each(versions)('version %i', version => {
  test('features, configuration and barriers', () => {
    const { talk } = agentBed()
    const talker = talk(version)
    const features = talker.ask({ type: 'features_request' }, 'features_reply')
    expect(features).toMatchObject({ datapathId: 0xaa55aa550000n, buffers: 0, tables: 254 })
    expect(features.ports?.map(({ name }) => name)).toEqual(version >= 4 ? undefined : ['br0', 'p1', 'p2'])
    expect(talker.say(config(77, version))).toEqual([])
    expect(talker.ask({ type: 'get_config_request' }, 'get_config_reply').missSendLength).toBe(77)
    expect(typesOf(talker.say({ type: 'barrier_request' }))).toEqual(['barrier_reply'])
  })

  test('packets go to who asked for them, whole: the switch keeps none', () => {
    const { bed, ports, talk } = agentBed()
    const [service, primary] = [talk(version), talk(version, { kind: 'primary' })]
    expect(service.say(flowMod({ actions: [toController] }))).toEqual([])
    bed.send(ports[0], packet({}))
    expect(service.heard()).toEqual([])
    expect(primary.heard().map(({ body }) => body)).toMatchObject([
      { type: 'packet_in', total: packet({}).length, bufferId: 0xffffffff, packet: packet({}) },
    ])
    service.say(config(128, version))
    bed.send(ports[0], packet({}))
    expect([typesOf(service.heard()), typesOf(primary.heard())]).toEqual([['packet_in'], ['packet_in']])
  })

  test('a flow that goes is told to those who want it', () => {
    const { bed, talk } = agentBed()
    const primary = talk(version, { kind: 'primary' })
    primary.say(flowMod({ sendFlowRemoved: true, idleTimeout: 5, priority: 9 }))
    bed.clock.runUntil(bed.clock.now() + 7 * second)
    expect(primary.heard().map(({ body }) => body)).toMatchObject([
      { type: 'flow_removed', reason: 'idle', priority: 9, idleTimeout: 5 },
    ])
  })

  test('ports that come, change and go are told; who sets one down hears of that itself only since 1.5', () => {
    const { bed, bridge, ports, talk } = agentBed()
    const [one, other] = [talk(version, { kind: 'primary' }), talk(version, { kind: 'primary' })]
    const port = bed.port(bridge, 'p3')
    const mod: OfBody = { type: 'port_mod', port: 3, mac: port.mac, config: 1, mask: 1, advertise: 0 }
    const own = one.say(mod)
    bed.switch.removePort(bridge, port)
    const reasons = (messages: readonly { body: OfBody }[]) =>
      messages.map(({ body }) => (body.type === 'port_status' ? body.reason : body.type))
    const all = ['add', 'modify', 'modify', 'delete']
    expect(reasons(other.heard())).toEqual(all)
    expect(reasons([...own, ...one.heard()])).toEqual(version >= 6 ? all : ['add', 'modify', 'delete'])
    expect(one.refusal({ ...mod, port: 9 })).toBe('OFPPMFC_BAD_PORT')
    expect(one.refusal({ ...mod, port: 1, mac: ports[0].mac + 5 })).toBe('OFPPMFC_BAD_HW_ADDR')
  })

  test('one whose controller wants no asynchronous messages is told nothing', () => {
    const { bed, bridge, talk } = agentBed()
    const [quiet, other] = [talk(version, { kind: 'primary', quiet: true }), talk(version, { kind: 'primary' })]
    bed.port(bridge, 'p3')
    expect(other.heard()).toHaveLength(1)
    expect(quiet.heard()).toEqual([])
  })

  test('there is one primary; a secondary may not change anything', () => {
    const { talk } = agentBed()
    const [one, other] = [talk(version), talk(version)]
    const role = (wanted: 'primary' | 'secondary' | 'equal', generation: bigint): OfBody => ({
      type: 'role_request',
      role: wanted,
      generation: version >= 3 ? generation : undefined,
    })
    expect(one.ask(role('primary', 5n), 'role_reply').role).toBe('primary')
    expect(other.ask(role('primary', 6n), 'role_reply').role).toBe('primary')
    expect(one.refusal(flowMod())).toBe(version >= 3 ? 'OFPBRC_IS_SECONDARY' : 'OFPBRC_EPERM')
    expect(other.refusal(flowMod())).toBeUndefined()
    if (version >= 3) expect(one.refusal(role('secondary', 4n))).toBe('OFPRRFC_STALE')
    expect(one.ask(role('equal', 0n), 'role_reply').role).toBe('equal')
    expect(one.refusal(flowMod())).toBeUndefined()
  })

  test('flows are told in as many messages as it takes', () => {
    const { bridge, talk } = agentBed()
    for (let i = 0; i < 1500; i++) bridge.flows.add({ priority: i, match: newMatch(), actions: [] })
    const all = talk(version).say({
      type: 'flow_request',
      table: undefined,
      match: newMatch(),
      outPort: undefined,
      outGroup: undefined,
      cookie: 0n,
      cookieMask: 0n,
    })
    const bodies = all.map(({ body }) => body as BodyOf<'flow_reply'>)
    expect(bodies.length).toBeGreaterThan(1)
    expect(bodies.map(({ more }) => more === true)).toEqual(bodies.map((_, i) => i < bodies.length - 1))
    const priorities = bodies.flatMap(({ flows }) => flows.map(({ priority }) => priority))
    expect(priorities.sort((a, b) => a - b)).toEqual(Array.from({ length: 1500 }, (_, i) => i))
  })

  test('a packet-out leaves by the port that it names', () => {
    const { bed, talk } = agentBed()
    const talker = talk(version)
    const out: OfBody = {
      type: 'packet_out',
      bufferId: 0xffffffff,
      inPort: OfPort.controller,
      match: newMatch(),
      actions: [{ type: 'output', port: 2 }],
      packet: packet({}),
    }
    bed.sent = []
    expect(talker.say(out)).toEqual([])
    expect(bed.sent.map(({ port }) => port)).toEqual(['p2'])
    expect(talker.refusal({ ...out, bufferId: 7 })).toBe('OFPBRC_BUFFER_UNKNOWN')
  })
})

describe('misses', () => {
  test('go up to 1.0, 1.1 and 1.2 only', () => {
    const { bed, ports, talk } = agentBed()
    const [old, late] = [talk(1, { kind: 'primary' }), talk(4, { kind: 'primary' })]
    bed.send(ports[0], packet({}))
    expect(late.heard()).toEqual([])
    const bodies = old.heard().map(({ body }) => body as BodyOf<'packet_in'>)
    expect(bodies.map(({ reason, packet: { length } }) => [reason, length])).toEqual([['no_match', packet({}).length]])
    old.peer.close()
    bed.send(ports[0], packet({ src: 9 }))
    expect(late.heard()).toEqual([])
  })
})

describe('bundles', () => {
  const control = (which: BodyOf<'bundle_control'>['control']): OfBody => ({
    type: 'bundle_control',
    bundle: 1,
    control: which,
    flags: 1,
  })

  test('are done as a whole or not at all', () => {
    const { bridge, talk } = agentBed()
    const talker = talk(5)
    const add = (change: Partial<BodyOf<'flow_mod'>>): OfBody => ({
      type: 'bundle_add',
      bundle: 1,
      flags: 1,
      message: encodeMessage(flowMod(change), { version: 5, xid: 0x99 }) as Uint8Array,
    })
    expect(typesOf(talker.say(control('open_request')))).toEqual(['bundle_control'])
    const bytes = encodeMessage(add({}), { version: 5, xid: 0x99 }) as Uint8Array
    expect(talker.raw(bytes)).toEqual([])
    expect(bridge.flows.dump()).toEqual([])
    expect(typesOf(talker.say(control('commit_request')))).toEqual(['bundle_control'])
    expect(bridge.flows.dump().length).toBe(1)
    talker.say(control('open_request'))
    const wrong = encodeMessage(add({ priority: 2, actions: [{ type: 'group', group: 9 }] }), {
      version: 5,
      xid: 0x99,
    }) as Uint8Array
    const right = encodeMessage(add({ priority: 3 }), { version: 5, xid: 0x99 }) as Uint8Array
    talker.raw(right)
    talker.raw(wrong)
    const answers = talker.say(control('commit_request'))
    expect(answers.map(({ body }) => (body as BodyOf<'error'>).name)).toEqual([
      'OFPBAC_BAD_OUT_GROUP',
      'OFPBFC_MSG_FAILED',
    ])
    expect(bridge.flows.dump().length).toBe(1)
  })

  test('that nobody adds to are discarded', () => {
    const { bed, talk } = agentBed()
    const talker = talk(5)
    talker.say(control('open_request'))
    bed.clock.runUntil(bed.clock.now() + 11 * second)
    expect(talker.heard().map(({ body }) => (body as BodyOf<'error'>).name)).toEqual(['OFPBFC_TIMEOUT'])
  })
})

test('flow monitors hear of changes, their own in short', () => {
  const { talk } = agentBed()
  const [watcher, other] = [talk(5), talk(5)]
  const flags = {
    initial: true,
    add: true,
    removed: true,
    modify: true,
    instructions: true,
    noAbbrev: false,
    onlyOwn: false,
  }
  const request = { id: 1, command: 'add', flags, table: undefined, outPort: undefined, outGroup: undefined } as const
  const begin = watcher.ask(
    { type: 'flow_monitor_request', requests: [{ ...request, match: newMatch() }] },
    'flow_monitor_reply',
  )
  expect(begin.updates).toEqual([])
  other.say(flowMod({ priority: 4 }))
  expect(watcher.heard().map(({ xid, body }) => [xid, (body as BodyOf<'flow_monitor_reply'>).updates])).toMatchObject([
    [0, [{ event: 'added', priority: 4 }]],
  ])
  const own = watcher.say(flowMod({ priority: 5 }))
  expect(own.map(({ body }) => (body as BodyOf<'flow_monitor_reply'>).updates)).toMatchObject([
    [{ event: 'abbreviated' }],
  ])
})

test('other controllers are told of requests for groups if they want to be', () => {
  const { talk } = agentBed()
  const [one, other] = [talk(5, { kind: 'primary' }), talk(5, { kind: 'primary' })]
  other.say({ type: 'set_async', primary: { requestForward: 3 }, secondary: {} })
  const selection = { method: '', parameter: 0n, fields: [] }
  const mod = { command: 'add', type: 'all', group: 7, commandBucket: 0xffffffff, buckets: [], selection } as const
  expect(one.say({ type: 'group_mod', mod })).toEqual([])
  expect(other.heard().map(({ body }) => body)).toMatchObject([
    { type: 'requestforward', request: { type: 'group_mod', mod: { group: 7 } } },
  ])
})

test('a controller with a limit gets packets no faster, and every port its share', () => {
  const { bed, ports, talk } = agentBed()
  const talker = talk(4, { kind: 'primary', limit: { rate: 100, burst: 25 } })
  talker.say(flowMod({ actions: [toController] }))
  for (let i = 0; i < 300; i++) bed.send(ports[0], packet({ src: i + 1 }))
  bed.send(ports[1], packet({}))
  expect(talker.heard().length).toBe(25)
  bed.clock.runUntil(bed.clock.now() + second / 10)
  const some = talker.heard()
  expect(some.length).toBeGreaterThanOrEqual(9)
  expect(some.length).toBeLessThanOrEqual(11)
  expect(some.some(({ body }) => (body as BodyOf<'packet_in'>).match.key.includes(2))).toBe(true)
  bed.clock.runUntil(bed.clock.now() + 10 * second)
  expect(talker.heard().length).toBeLessThanOrEqual(100)
})

test('a snooper sees what the ruling controller and the bridge say', () => {
  const { agent, talk } = agentBed()
  const [quiet, ruling] = [talk(4, { kind: 'primary' }), talk(4, { kind: 'primary' })]
  ruling.say({ type: 'role_request', role: 'primary', generation: 1n })
  const [near, far] = duplexPair()
  agent.snoop(far)
  quiet.say({ type: 'barrier_request' })
  ruling.say({ type: 'get_config_request' })
  const types: number[] = []
  for (let all = near.input.take(); all.length > 0; all = all.subarray((all[2]! << 8) | all[3]!)) types.push(all[1]!)
  // Both sides of it say hello.
  expect(types).toEqual([0, 7, 8])
})

test('without a controller there is nothing to snoop', () => {
  const { agent, talk } = agentBed()
  talk(4)
  const [near, far] = duplexPair()
  agent.snoop(far)
  expect(near.input.closed).toBe(true)
})

test('a mutated message gets an error or ends the connection, and others notice nothing', () => {
  const { agent, talk } = agentBed()
  const bystander = talk(4)
  const samples: [OfBody, Version][] = versions.flatMap(version => [
    [flowMod({ actions: [{ type: 'output', port: 1 }] }), version],
    [{ type: 'features_request' }, version],
    [config(5, version), version],
    [{ type: 'port_desc_request', port: OfPort.none }, version],
    [{ type: 'table_request' }, version],
  ])
  fc.assert(
    fc.property(
      fc.constantFrom(...samples),
      fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 }),
      ([body, version], changes) => {
        const bytes = encodeMessage(body, { version, xid: 1 })
        if (bytes === undefined) return
        for (const [at, value] of changes) bytes[at % bytes.length] = value
        const talker = talk(version)
        talker.duplex.output.offer(bytes)
        talker.duplex.close()
      },
    ),
    { numRuns: 300 },
  )
  expect(agent.peers.size).toBe(1)
  expect(typesOf(bystander.say({ type: 'barrier_request' }))).toContain('barrier_reply')
})
