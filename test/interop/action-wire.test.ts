/** Actions' bytes, right and wrong ones, through `ovs-ofctl parse-actions` and `parse-instructions` and through ours. */
import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { actionBytes, instructionBytes, toHex } from '../../src/openflow/action-bytes.testing.ts'
import { parseActionLines } from '../../src/openflow/action-lines.ts'
import type { Version } from '../../src/openflow/protocol.ts'
import { hasOpenVswitch } from './real-switch.ts'

type Kind = 'actions' | 'instructions'

const blocks = (text: string): string[] => text.split('\n\n').slice(0, -1)

const real = (lists: readonly string[], version: Version, kind: Kind): string[] => {
  const args = [`parse-${kind}`, `OpenFlow1${version - 1}`]
  const { stdout } = spawnSync('ovs-ofctl', args, { input: `${lists.join('\n')}\n`, encoding: 'utf8' })
  return blocks(stdout)
}
const ours = (lists: readonly string[], version: Version, kind: Kind): string[] =>
  blocks(parseActionLines(lists.join('\n'), version, kind).output)

/**
 * Which of two errors Open vSwitch gives for a header that it does not know depends on where its hash table puts other
 * fields.
 */
const comparable = (block: string): string => block.replace(/OFPBAC_BAD_SET_(LEN|TYPE)$/, 'OFPBAC_BAD_SET_TYPE|LEN')

const compare = (list: fc.Arbitrary<Uint8Array>, version: Version, kind: Kind, seed: number): void => {
  const lists = fc.sample(list, { numRuns: 1500, seed }).map(toHex)
  const [theirs, mine] = [real(lists, version, kind), ours(lists, version, kind)]
  expect(theirs.length).toBe(lists.length)
  const different = lists.flatMap((bytes, i) => {
    const [their, our] = [comparable(theirs[i] ?? ''), comparable(mine[i] ?? '')]
    return their === our ? [] : [{ bytes, their, our }]
  })
  expect(different).toEqual([])
}

describe.skipIf(!hasOpenVswitch())('bytes of actions against ovs-ofctl', () => {
  test.each([1, 2, 3, 4, 5, 6] as const)('actions of version %i', version => {
    compare(actionBytes(version), version, 'actions', 5 * version)
  })
  test.each([2, 3, 4, 5, 6] as const)('instructions of version %i', version => {
    compare(instructionBytes(version), version, 'instructions', 7 * version)
  })

  test('what the tools log of wrong bytes', () => {
    const lists = [
      '0000000800',
      '0063000800000000',
      'ffff001000002321006300000000000',
      'ffff00100000232000160000',
      '00',
    ]
    for (const list of lists) {
      const logs: string[] = []
      const { output, fatal } = parseActionLines(list, 1, 'actions', (module, text, level = 'WARN') => {
        logs.push(`${module}|${level}|${text}\n`)
      })
      const told = spawnSync('ovs-ofctl', ['parse-actions', 'OpenFlow10'], { input: `${list}\n`, encoding: 'utf8' })
      expect(output).toBe(told.stdout)
      const text = logs.join('') + (fatal === undefined ? '' : `ovs-ofctl: ${fatal}\n`)
      expect(text).toBe(told.stderr.replace(/^\d{4}-\d\d-\d\dT[\d:]+Z\|\d+\|/gm, ''))
    }
  })
})
