import { expect, test } from 'vitest'
import { newMatch } from '../flow/match.ts'
import { second } from '../runtime/index.ts'
import { Bed } from '../switch/switch.testing.ts'
import { Frame } from '../wire/frame.ts'
import { warnOfTranslations } from './translation-warnings.ts'

const frame = (): Frame => Frame.from(Uint8Array.from([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x12, 0x34, 0]))

test('frames that were given up are told of with the way they went, each less often', () => {
  const bed = new Bed()
  bed.switch.onFailure = warnOfTranslations(bed.switch)
  const bridge = bed.bridge('br0', { failMode: 'secure' })
  const port = bed.port(bridge, 'p1')
  bridge.flows.add({ priority: 1, match: newMatch(), actions: [{ type: 'resubmit', port: undefined, table: 0 }] })
  const receive = (count: number): string[] => {
    for (let i = 0; i < count; i++) port.receive(frame())
    return bed.said.splice(0).map(line => line.split('\n')[0] ?? '')
  }
  const said = receive(1)
  expect(said[0]).toContain('over max translation depth 64 on bridge br0 while processing in_port=1,')
  expect(said[0]).toContain('dl_src=02:00:00:00:00:02,dl_dst=02:00:00:00:00:01,dl_type=0x1234')
  expect(said).toHaveLength(2)
  // A trace is told of once a minute, the rest five times.
  const more = receive(30)
  expect(more.length).toBeLessThan(10)
  expect(more.every(line => line.includes('over max translation depth'))).toBe(true)
  bed.clock.runUntil(120 * second)
  expect(receive(1).some(line => line.includes('over max translation depth'))).toBe(true)
  expect(bed.sent).toEqual([])
})
