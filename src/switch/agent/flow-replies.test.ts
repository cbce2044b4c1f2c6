import { expect, test } from 'vitest'
import { newMatch } from '../../flow/match.ts'
import { plainFlowMod } from '../../openflow/flow-mod.ts'
import type { BodyOf, OfBody } from '../../openflow/message.ts'
import { encodeMessage } from '../../openflow/message-wire.ts'
import { agentBed } from './agent.testing.ts'

const version = 4
const count = 10_000

const allFlows: OfBody = {
  type: 'flow_request',
  table: undefined,
  match: newMatch(),
  outPort: undefined,
  outGroup: undefined,
  cookie: 0n,
  cookieMask: 0n,
}

/** Asks for more flows than there is room for under way, and takes none yet. */
const asking = () => {
  const { bridge, talk } = agentBed()
  for (let priority = 0; priority < count; priority++)
    bridge.flows.add({ priority, match: newMatch(), actions: [{ type: 'output', port: 1 }] })
  const talker = talk(version)
  const request = encodeMessage(allFlows, { version, xid: 1 }) as Uint8Array
  talker.duplex.output.offer(request)
  const rest = () =>
    talker.heard().flatMap(({ body }) => (body.type === 'flow_reply' ? (body as BodyOf<'flow_reply'>).flows : []))
  return { bridge, talk, talker, rest }
}

test('what the peer does not take is not made yet', () => {
  const { bridge, talker, rest } = asking()
  expect(talker.duplex.input.size).toBeLessThan(count * 20)
  expect(bridge.flows.readers.size).toBe(1)
  expect(rest().length).toBe(count)
  expect(bridge.flows.readers.size).toBe(0)
})

test('flows are told as they were when they were asked for', () => {
  const { talk, rest } = asking()
  const other = talk(version)
  const mod: OfBody = { type: 'flow_mod', bufferId: 0xffffffff, ...plainFlowMod('modify'), actions: [] }
  expect(other.refusal(mod)).toBeUndefined()
  const told = rest()
  expect(told.length).toBe(count)
  expect(told.filter(({ actions }) => actions.length === 0)).toEqual([])
})

test('flows that go meanwhile are told, and those that come are not', () => {
  const { bridge, rest } = asking()
  bridge.flows.delete({})
  bridge.flows.add({ priority: 7, match: newMatch(), actions: [] })
  const told = rest()
  expect(told.length).toBe(count)
  expect(told.filter(({ actions }) => actions.length === 0)).toEqual([])
})

test('the next request waits for the rest', () => {
  const { talker } = asking()
  talker.duplex.output.offer(encodeMessage({ type: 'barrier_request' }, { version, xid: 2 }) as Uint8Array)
  const types = talker.heard().map(({ body }) => body.type)
  expect(types.at(-1)).toBe('barrier_reply')
  expect(types.filter(type => type === 'barrier_reply').length).toBe(1)
  expect(types.length).toBeGreaterThan(5)
})

test('nothing is left of a peer that goes away', () => {
  const { bridge, talker } = asking()
  talker.duplex.close()
  expect(bridge.flows.readers.size).toBe(0)
})
