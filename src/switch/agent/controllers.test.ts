import { describe, expect, test } from 'vitest'
import { newMatch } from '../../flow/match.ts'
import { Backoff } from '../../runtime/backoff.ts'
import { type Duplex, duplexPair, millisecond, second } from '../../runtime/index.ts'
import { agentBed } from './agent.testing.ts'
import type { ControllerOptions } from './connector.ts'
import { Controllers, type Network } from './controllers.ts'

const options = (target: string): ControllerOptions => ({
  target,
  probeInterval: 5 * second,
  maxBackoff: 8 * second,
  limit: undefined,
})

/** Controllers that can be there or not, and when they were called. */
const scene = () => {
  const bed = agentBed()
  const { clock } = bed.bed
  const calls: number[] = []
  const accepted: Duplex[] = []
  const state = { answers: false }
  const listeners = new Map<string, (duplex: Duplex, name: string) => void>()
  const network: Network = {
    dial(_target, done) {
      calls.push(clock.now() / second)
      const [near, far] = duplexPair()
      // A hello of version 1.3 is all that it takes.
      if (state.answers) far.output.offer(Uint8Array.of(4, 0, 0, 8, 0, 0, 0, 1))
      if (state.answers) accepted.push(far)
      done(state.answers ? near : 'Connection refused')
      return () => {}
    },
    listen(target, accept) {
      listeners.set(target, accept)
      return () => void listeners.delete(target)
    },
  }
  const controllers = new Controllers(bed.agent, network)
  const pass = (time: number): void => clock.runUntil(clock.now() + time)
  return { ...bed, controllers, calls, accepted, state, listeners, pass }
}

test('the log is told of controllers, and of attempts until they are the same again and again', () => {
  const { bed, controllers, accepted, state, pass } = scene()
  const target = 'tcp:10.0.0.1:6653'
  controllers.set([{ ...options(target), probeInterval: 0 }])
  pass(20 * second)
  state.answers = true
  pass(15 * second)
  for (const far of accepted) far.close()
  pass(second)
  controllers.set([])
  const name = `rconn|INFO|${bed.switch.bridges.keys().next().value}<->${target}`
  const failed = `${name.replace('INFO', 'WARN')}: connection failed (Connection refused)`
  const attempt = [`${name}: connecting...`, failed]
  const controller = name.replace(/^rconn(.*)<->.*$/, 'connmgr$1')
  expect(bed.said).toEqual([
    `${controller}: added primary controller "${target}"`,
    ...attempt,
    `${name}: waiting 1 seconds before reconnect`,
    ...attempt,
    `${name}: waiting 2 seconds before reconnect`,
    ...attempt,
    `${name}: waiting 4 seconds before reconnect`,
    ...attempt,
    `${name}: continuing to retry connections in the background but suppressing further logging`,
    `${name}: connected`,
    `${name}: connection closed by peer`,
    `${name}: connecting...`,
    `${name}: connected`,
    `${controller}: removed primary controller "${target}"`,
  ])
})

describe('a controller that does not answer', () => {
  test('is called again after 1, 2, 4 and then every 8 seconds', () => {
    const { controllers, calls, pass } = scene()
    controllers.set([options('tcp:10.0.0.1:6653')])
    pass(32 * second)
    expect(calls).toEqual([0, 1, 3, 7, 15, 23, 31])
    expect(controllers.get('tcp:10.0.0.1:6653')).toMatchObject({
      state: 'BACKOFF',
      isConnected: false,
      lastError: 'Connection refused',
    })
  })

  test('is called no more when it is wanted no more', () => {
    const { controllers, calls, pass } = scene()
    controllers.set([options('tcp:10.0.0.1:6653')])
    pass(2 * second)
    controllers.set([])
    pass(60 * second)
    expect(calls).toEqual([0, 1])
  })
})

test('a controller that hangs up is called again, and one that is silent is given up', () => {
  const { controllers, accepted, calls, state, pass } = scene()
  state.answers = true
  controllers.set([options('tcp:10.0.0.1:6653')])
  pass(second)
  const connector = controllers.get('tcp:10.0.0.1:6653')
  expect(connector).toMatchObject({ state: 'ACTIVE', isConnected: true, role: 'equal' })
  accepted[0]?.close()
  pass(2 * second)
  expect(calls.length).toBe(2)
  expect(connector?.isConnected).toBe(true)
  pass(5 * second)
  expect(connector?.state).toBe('IDLE')
  pass(6 * second)
  expect(calls.length).toBe(3)
  expect(connector?.lastError).toBe('Connection timed out')
})

test('a standalone bridge forwards by itself while its controllers are away, and no longer', () => {
  const { bridge, controllers, state, pass, accepted } = scene()
  bridge.configure({ failMode: 'standalone' })
  expect(bridge.flows.dump().length).toBe(1)
  controllers.set([options('tcp:10.0.0.1:6653')])
  expect(bridge.flows.dump()).toEqual([])
  pass(14 * second)
  expect(controllers.isFailedOpen).toBe(false)
  pass(2 * second)
  expect(controllers.isFailedOpen).toBe(true)
  expect(bridge.table(0)?.find(newMatch(), 0xf0f0f0)).toBeDefined()
  expect(bridge.flows.dump()).toEqual([])
  state.answers = true
  pass(9 * second)
  expect(accepted.length).toBeGreaterThan(0)
  // One that only looks is no controller yet, and is asked.
  accepted.at(-1)?.output.offer(Uint8Array.of(4, 5, 0, 8, 0, 0, 0, 2))
  pass(3 * second)
  expect(controllers.isFailedOpen).toBe(true)
  const asked = accepted.at(-1)?.input.take() ?? new Uint8Array()
  expect(Buffer.from(asked).toString('hex')).toContain('ffffffffffff002320')
  accepted.at(-1)?.output.offer(Uint8Array.of(4, 20, 0, 8, 0, 0, 0, 3))
  pass(0)
  expect(controllers.isFailedOpen).toBe(false)
  expect(bridge.table(0)?.find(newMatch(), 0xf0f0f0)).toBeUndefined()
  controllers.close()
  expect(bridge.flows.dump().length).toBe(1)
})

test('the log is told when a bridge begins to forward by itself, each minute that it does, and when it ends', () => {
  const { bed, bridge, controllers, pass } = scene()
  bridge.configure({ failMode: 'standalone' })
  controllers.set([options('tcp:10.0.0.1:6653')])
  const said = (): string[] => bed.said.splice(0).filter(line => line.startsWith('fail_open|'))
  pass(16 * second)
  const missed =
    "Could not connect to controller (or switch failed controller's post-connection admission control policy)"
  expect(said()).toEqual([`fail_open|WARN|${missed} for 15 seconds, failing open`])
  pass(59 * second)
  expect(said()).toEqual([])
  pass(62 * second)
  const still = (seconds: number): string =>
    `fail_open|INFO|Still in fail-open mode after ${seconds} seconds disconnected from controller`
  expect(said()).toEqual([still(76), still(137)])
  bridge.configure({ failMode: 'secure' })
  pass(2 * second)
  expect(said()).toEqual(['fail_open|WARN|No longer in fail-open mode'])
  controllers.close()
  expect(said()).toEqual([])
})

test('a secure bridge does nothing by itself', () => {
  const { bridge, controllers, pass } = scene()
  controllers.set([options('tcp:10.0.0.1:6653')])
  pass(60 * second)
  expect(controllers.isFailedOpen).toBe(false)
  expect(bridge.flows.dump()).toEqual([])
})

test('passive targets wait to be called, as long as they are wanted', () => {
  const { agent, bridge, controllers, listeners } = scene()
  bridge.configure({ failMode: 'standalone' })
  controllers.set([options('ptcp:6653')])
  const [, far] = duplexPair()
  listeners.get('ptcp:6653')?.(far, 'tcp:10.0.0.9:1234')
  expect([...agent.peers].map(({ connection: { kind, name } }) => [kind, name])).toEqual([
    ['service', 'tcp:10.0.0.9:1234'],
  ])
  // Whoever calls is no controller that the bridge could miss.
  expect(bridge.flows.dump().length).toBe(1)
  controllers.set([])
  expect(listeners.size).toBe(0)
})

test('back-off begins anew after a connection that held', () => {
  const backoff = new Backoff(8 * second)
  let now = 0
  const waits = [0, 0, 0, 0, 20 * second, 0].map(held => {
    backoff.attempt(now)
    const next = backoff.failed(now + held)
    const wait = (next - now - held) / second
    now = next
    return wait
  })
  expect(waits).toEqual([1, 2, 4, 8, 1, 2])
  expect(new Backoff(millisecond).failed(0)).toBe(second)
})
