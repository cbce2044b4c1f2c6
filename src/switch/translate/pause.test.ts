import { describe, expect, test } from 'vitest'
import { matchOf } from '../../flow/match.ts'
import { parseActions } from '../../openflow/action-text.ts'
import { Bed } from '../switch.testing.ts'
import { traceFlow } from '../trace.ts'

/**
 * As an ovs-vswitchd of Open vSwitch 3.1 traced them without a packet: no controller is told, and the pause goes on, so that
 * what ends outside of it ends for it as well.
 */
describe('a pause that no controller hears of', () => {
  const pause = 'set_field:00:00:00:00:00:01->eth_src,controller(pause)'
  const twice = 'set(eth(src=00:00:00:00:00:01)),set(eth(src=00:00:00:00:00:00))'
  const actionsOf = (first: string, behindPatch = 'drop'): { actions: string | undefined; runsSet: boolean } => {
    const bed = new Bed()
    const [bridge, other] = ['br0', 'br1'].map(name => bed.bridge(name, { failMode: 'secure' }))
    bed.patch(bridge!, 'to1', 'to0', 10)
    bed.patch(other!, 'to0', 'to1', 10)
    for (const number of [2, 3, 4]) bed.port(bridge!, `p${number}`, {}, number)
    for (const [at, text] of [
      [bridge!, first],
      [other!, behindPatch],
    ] as const) {
      const actions = text === 'drop' ? [] : parseActions(text)
      if (typeof actions === 'string') throw new Error(actions)
      at.flows.add({ match: matchOf({}), actions })
    }
    const trace = traceFlow(bed.switch, bridge!, matchOf({ in_port: 1n, eth_type: 0x800n }).key)
    return { actions: /^Datapath actions: (.*)$/m.exec(trace)?.[1], runsSet: trace.includes('Executing action set') }
  }

  test('in a clone', () => {
    expect(actionsOf(`clone(${pause},output:1),set_field:2->reg1,output:2`).actions).toBe(twice)
    expect(actionsOf(`clone(${pause}),write_actions(output:2)`)).toEqual({ actions: twice, runsSet: false })
  })
  test('behind a patch port, where the actions go on but no action set is run', () => {
    const { actions, runsSet } = actionsOf('output:10,output:2,write_actions(output:3)', `${pause},output:1`)
    expect(actions).toMatch(`${twice},`)
    expect(runsSet).toBe(false)
  })
  test('and nothing starts again behind a connection tracker', () => {
    expect(actionsOf('output:10,ct(commit,table=3)', 'controller(pause)').actions).toBe('ct(commit)')
  })
})
