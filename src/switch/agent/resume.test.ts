import { describe, expect, test } from 'vitest'
import { parseFlow } from '../../openflow/flow-text.ts'
import type { BodyOf } from '../../openflow/message.ts'
import { packet } from '../switch.testing.ts'
import { agentBed, type Talker } from './agent.testing.ts'

/** A bridge with these flows and someone who takes packets to hold. */
const pausing = (...lines: string[]) => {
  const it = agentBed()
  for (const line of lines) {
    const read = parseFlow(line, 'add')
    if (!read.ok) throw new Error(read.error)
    expect(it.bridge.flows.apply(read.flow)).toBeUndefined()
  }
  const talker = it.talk(4)
  talker.say({ type: 'set_config', fragments: 'normal', missSendLength: 128, invalidTtlToController: undefined })
  talker.say({ type: 'set_packet_in_format', format: 'nxt_packet_in2' })
  return { ...it, talker }
}

const packetIn = (talker: Talker): BodyOf<'packet_in'> => {
  const [first, ...others] = talker.heard().map(({ body }) => body)
  expect(others).toEqual([])
  expect(first?.type).toBe('packet_in')
  return first as BodyOf<'packet_in'>
}
const back = (body: BodyOf<'packet_in'>): BodyOf<'resume'> => ({ ...body, type: 'resume' })

describe('a packet that waits for a controller', () => {
  test('goes on where it stopped, with registers, stack and action set', () => {
    const { bed, ports, talker } = pausing(
      'actions=load:5->NXM_NX_REG0[],push:NXM_NX_REG0[],write_actions(output:2),goto_table:1',
      'table=1,actions=controller(pause),pop:NXM_NX_REG1[],resubmit(,2)',
      'table=2,reg0=5,reg1=5,actions=set_field:02:00:00:00:00:99->eth_src',
      'table=2,priority=1,actions=clear_actions',
    )
    bed.send(ports[0], packet({}))
    const waiting = packetIn(talker)
    expect(bed.sent).toEqual([])
    expect(talker.say(back(waiting))).toEqual([])
    expect(bed.sent.map(({ port }) => port)).toEqual(['p2'])
    // Once more: nobody counts how often.
    talker.say(back(waiting))
    expect(bed.sent).toHaveLength(2)
  })

  test('may be changed by the controller', () => {
    const { bed, ports, talker } = pausing('actions=controller(pause),output:2')
    bed.send(ports[0], packet({}))
    const waiting = packetIn(talker)
    const changed = waiting.packet.slice()
    changed[5] = 0x77
    talker.say(back({ ...waiting, packet: changed, total: changed.length }))
    expect(bed.sent).toMatchObject([{ port: 'p2', bytes: Buffer.from(changed).toString('hex') }])
  })

  test('belongs to no bridge without its continuation, or when the bridge has gone', () => {
    const { bed, bridge, ports, talker } = pausing('actions=controller(pause),output:2')
    bed.send(ports[0], packet({}))
    const waiting = packetIn(talker)
    expect(talker.refusal(back({ ...waiting, continuation: undefined }))).toBe('NXR_STALE')
    bed.switch.removeBridge(bridge)
    expect(talker.refusal(back(waiting))).toBe('NXR_STALE')
    expect(bed.sent).toEqual([])
  })

  test('is told without its continuation to who takes packets in another format', () => {
    const { bed, ports, talker } = pausing('actions=controller(pause),output:2')
    talker.say({ type: 'set_packet_in_format', format: 'standard' })
    bed.send(ports[0], packet({}))
    expect(packetIn(talker).continuation).toBeUndefined()
  })
})
