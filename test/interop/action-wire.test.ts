/** Actions' bytes, right and wrong ones, through `ovs-ofctl parse-actions` and `parse-instructions` and through ours. */
import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fieldNames } from '../../src/flow/fields.ts'
import { actionBytes, instructionBytes, toHex } from '../../src/openflow/action-bytes.testing.ts'
import { parseActionLines } from '../../src/openflow/action-lines.ts'
import { oxmField } from '../../src/openflow/oxm-fields.ts'
import type { Version } from '../../src/openflow/protocol.ts'
import { hasOpenVswitch } from './real-switch.ts'

type Kind = 'actions' | 'instructions'

const blocks = (text: string): string[] => text.split('\n\n').slice(0, -1)

const real = (lists: readonly string[], version: Version, kind: Kind): string[] => {
  const args = [`parse-${kind}`, `OpenFlow1${version - 1}`]
  const { stdout } = spawnSync('ovs-ofctl', args, {
    input: `${lists.join('\n')}\n`,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  return blocks(stdout)
}
const ours = (lists: readonly string[], version: Version, kind: Kind): string[] =>
  blocks(parseActionLines(lists.join('\n'), version, kind).output)

const compareLists = (lists: readonly string[], version: Version, kind: Kind = 'actions'): void => {
  const [theirs, mine] = [real(lists, version, kind), ours(lists, version, kind)]
  expect(theirs.length).toBe(lists.length)
  const different = lists.flatMap((bytes, i) =>
    theirs[i] === mine[i] ? [] : [{ bytes, their: theirs[i], our: mine[i] }],
  )
  expect(different).toEqual([])
}

const compare = (list: fc.Arbitrary<Uint8Array>, version: Version, kind: Kind, seed: number): void => {
  const lists = fc.sample(list, { numRuns: 1500, seed }).map(toHex)
  compareLists(lists, version, kind)
}

/** An action with what its header leaves to it, in whole words of 8 bytes. */
const actionOf = (start: string, ...rest: string[]): string => {
  const body = start.slice(8) + rest.join('')
  const size = 8 * Math.ceil((4 + body.length / 2) / 8)
  return (start.slice(0, 4) + size.toString(16).padStart(4, '0') + body).padEnd(2 * size, '0')
}

const setField = '00190000'
const regLoad = 'ffff0000000023200007'
const regLoad2 = 'ffff0000000023200021000000000000'
const hex32 = (first: number): string => (first >>> 0).toString(16).padStart(8, '0')

/** Every field by every header it has, with and without a mask, too short by one, and every number that is no field's. */
const everyHeader = (): { header: string; size: number }[] => {
  const known = fieldNames.flatMap(name => {
    const { row, size } = oxmField(name)
    return (row.codes ?? []).flatMap(({ class: oxmClass, number, experimenter = 0 }) => {
      const first = (oxmClass << 16) | (number << 9)
      return [first | size, first | 0x100 | (2 * size), first | (size - 1)].map(word => {
        const extra = experimenter === 0 ? 0 : 4
        return { header: hex32(word + extra) + (extra === 0 ? '' : hex32(experimenter)), size: word & 0xff }
      })
    })
  })
  const others = [0x0000, 0x0001, 0x0003, 0x8000, 0x8001, 0x1234].flatMap(oxmClass =>
    Array.from({ length: 128 }, (_, number) => {
      const size = [1, 2, 4, 6, 8, 16][number % 6]!
      return { header: hex32((oxmClass << 16) | (number << 9) | size), size }
    }),
  )
  return [...known, ...others]
}

/** Masks that have fewer bits than the wire, all of the field's, or more. */
const partialMasks: readonly string[] = [
  '00190010 0001d104 0001 0001 00000000',
  '00190010 0001d104 0001 00ff 00000000',
  '00190010 0001d104 0001 ffff 00000000',
  '00190010 ffff1b06 00002320 01 01 0000',
  '00190010 ffff1906 00002320 01 0f 0000',
  '00190010 ffff1906 00002320 01 ff 0000',
  '00190018 ffff170c 00002320 00000001 000fffff 00000000',
  '00190010 00000104 0001 0001 00000000',
  '00190010 00000104 00ff 00ff 00000000',
  '00190010 00000104 fff0 fff0 00000000',
  '00190010 00000104 0001 ffff 00000000',
  '00190010 8000 0d04 1001 1fff 00000000',
  '00190010 8000 0d04 1001 ffff 00000000',
  '00190010 8000 2b04 0001 00ff 00000000',
  '00190010 8000 4508 00000001 000fffff',
  '00190010 8000 3908 00000001 000fffff',
  '00190010 0000 0b02 24 fc 000000000000',
  '00190010 0000 0b02 24 ff 000000000000',
].map(bytes => bytes.replaceAll(' ', ''))

describe.skipIf(!hasOpenVswitch())('bytes of actions against ovs-ofctl', () => {
  test.each([1, 2, 3, 4, 5, 6] as const)('actions of version %i', version => {
    compare(actionBytes(version), version, 'actions', 5 * version)
  })
  test('fields set under masks of some bits, of all of the field, and of all of the wire', () => {
    compareLists(partialMasks, 6)
  })
  test.each([2, 3, 4, 5, 6] as const)('instructions of version %i', version => {
    compare(instructionBytes(version), version, 'instructions', 7 * version)
  })

  test.each([3, 4, 5, 6] as const)('set_field of every header, version %i', version => {
    const lists = everyHeader().flatMap(({ header, size }) => {
      const [zero, one] = [0, 1].map(value => value.toString(16).padStart(2 * size, '0')) as [string, string]
      // In 1.5 that would be a mask of one bit, which of a field of one bit is written back as none.
      return version === 6 ? [actionOf(setField, header, zero)] : [zero, one].map(it => actionOf(setField, header, it))
    })
    compareLists(lists, version)
  })
  test.each([1, 4, 5] as const)('loads of every header, version %i', version => {
    const lists = everyHeader().flatMap(({ header, size }) => [
      actionOf(regLoad, '0000', header.slice(0, 8), '0000000000000001'),
      actionOf(regLoad2, header, '00'.repeat(size)),
    ])
    compareLists(lists, version)
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
      const { output, fatal } = parseActionLines(list, 1, 'actions', {
        warn(module, text, level = 'WARN') {
          logs.push(`${module}|${level}|${text}\n`)
        },
      })
      const told = spawnSync('ovs-ofctl', ['parse-actions', 'OpenFlow10'], { input: `${list}\n`, encoding: 'utf8' })
      expect(output).toBe(told.stdout)
      const text = logs.join('') + (fatal === undefined ? '' : `ovs-ofctl: ${fatal}\n`)
      expect(text).toBe(told.stderr.replace(/^\d{4}-\d\d-\d\dT[\d:]+Z\|\d+\|/gm, ''))
    }
  })
})
