import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Network } from '../../src/lab/index.ts'
import { screenOf, typedLines, withoutChance } from './run.testing.ts'

const transcript = readFileSync(new URL('namespaces.txt', import.meta.url), 'utf8')

test('two namespaces, each with a veth into one Open vSwitch bridge', () => {
  const network = new Network({ seed: 1 })
  const machine = network.machine('hv1')
  const screen = screenOf(machine, network.clock, typedLines(transcript))
  expect(withoutChance(screen)).toBe(withoutChance(transcript))
})
