import { expect, test } from 'vitest'
import { composeFrame } from '../flow/compose.ts'
import { newKey, word } from '../flow/layout.ts'
import { newMatch } from '../flow/match.ts'
import { Bed } from './switch.testing.ts'

/** A UDP packet from a port. */
const from = (source: number): Uint8Array => {
  const key = newKey()
  key[word.ethType] = 0x0800 << 16
  key[word.ip] = 17 | (64 << 16)
  key[word.transport] = (source << 16) | 53
  return composeFrame(key)
}

test('without megaflows each packet that differs has a flow of its own', () => {
  const bed = new Bed()
  const bridge = bed.bridge('br0', { failMode: 'secure' })
  const [a] = [bed.port(bridge, 'p1'), bed.port(bridge, 'p2')]
  bridge.flows.add({ match: newMatch(), actions: [{ type: 'output', port: 2 }] })
  const flows = (): number => [...bed.datapath.flows()].length
  const send = (): string[] => [1001, 1002, 1003].flatMap(source => bed.reaches(a, from(source)))
  expect(send()).toEqual(['p2', 'p2', 'p2'])
  expect(flows()).toBe(1)
  bed.switch.useMegaflows(false)
  expect(flows()).toBe(0)
  expect(send()).toEqual(['p2', 'p2', 'p2'])
  expect(flows()).toBe(3)
  bridge.flows.delete({})
  bridge.flows.add({ match: newMatch(), actions: [{ type: 'output', port: 0xfffe }] })
  expect(send()).toEqual(['br0', 'br0', 'br0'])
  bed.switch.useMegaflows(true)
  send()
  expect(flows()).toBe(1)
})
