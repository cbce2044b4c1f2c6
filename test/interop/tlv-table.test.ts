/** Random changes of a TLV table, made in a bridge of Open vSwitch and in ours: the same are refused, the same options are left. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatMatch, parseMatch } from '../../src/flow/match-text.ts'
import { changeTlvTable, emptyTlvTable, mapped, type TlvCommand, type TlvOption } from '../../src/flow/tlv-table.ts'
import { Reader, Writer } from '../../src/openflow/bytes.ts'
import { pullNxMatch, putNxMatch } from '../../src/openflow/match-wire.ts'
import { below, type Random, seeded } from '../../src/runtime/random.ts'
import { type DummyOvs, hasOvs, startOvs } from './ovs.testing.ts'

const anyOption = (random: Random): TlvOption => ({
  class: [0xffff, 0x102][below(random, 2)] as number,
  type: below(random, 6),
  length: [4, 8, 16, 60, 124, 4 * below(random, 32), below(random, 140)][below(random, 7)] as number,
  index: below(random, 10) === 0 ? below(random, 80) : below(random, 8),
})
const textOf = (options: readonly TlvOption[]): string =>
  options
    .map(it => `{class=0x${it.class.toString(16)},type=${it.type},len=${it.length}}->tun_metadata${it.index}`)
    .join(',')

describe.skipIf(!hasOvs())('a TLV table', () => {
  let ovs: DummyOvs
  const bridge = 'br0'
  beforeAll(() => {
    ovs = startOvs()
    ovs.vsctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=dummy')
  })
  afterAll(() => ovs.stop())

  const said = (args: string[]): string => {
    try {
      return ovs.ofctl(args)
    } catch (error) {
      return (error as { stderr: string }).stderr
    }
  }
  const rows = (): TlvOption[] =>
    [...ovs.ofctl(['dump-tlv-map', bridge]).matchAll(/^ +(\S+) +(\S+) +(\d+) +tun_metadata(\d+)$/gm)].map(
      ([, optionClass, type, length, index]) => ({
        class: Number(optionClass),
        type: Number(type),
        length: Number(length),
        index: Number(index),
      }),
    )

  test('changes', () => {
    const random = seeded(3)
    let table = emptyTlvTable
    for (let i = 0; i < 150; i++) {
      const command: TlvCommand = (['add', 'add', 'add', 'delete', 'delete'] as const)[below(random, 5)] ?? 'add'
      const options = Array.from({ length: 1 + below(random, 2) }, () => anyOption(random))
      const ours = changeTlvTable(table, command, options)
      const theirs = said([command === 'add' ? 'add-tlv-map' : 'del-tlv-map', bridge, textOf(options)])
      expect([textOf(options), theirs.match(/NXTTMFC_\w+/)?.[0]]).toEqual([
        textOf(options),
        'error' in ours ? ours.error : undefined,
      ])
      if ('table' in ours) table = ours.table
    }
    expect(mapped(table).length).toBeGreaterThan(2)
    expect(rows()).toEqual(mapped(table))
  })

  test('flows on options', () => {
    said(['del-tlv-map', bridge])
    const options = [4, 8, 124, 60].map((length, index) => ({ class: 1, type: index, length, index }))
    ovs.ofctl(['add-tlv-map', bridge, textOf(options)])
    const made = changeTlvTable(emptyTlvTable, 'add', options)
    if ('error' in made) throw new Error(made.error)
    const texts = [
      'tun_metadata0=0x1234',
      'tun_metadata0=0x123456789abc',
      'tun_metadata0=0x123456789abc/0xffff00000000',
      'tun_metadata1=0x12/0xff',
      'tun_metadata2=0x1234567890/0xffffffffff',
      'tun_metadata3,tun_metadata1=5',
      'tun_metadata0=0xffff/0',
      'tun_metadata0=0x12345678/0xffffffff',
      'tun_metadata0=0',
      'tun_metadata9=1',
    ]
    for (const [priority, text] of texts.entries())
      said(['-Fnxm', 'add-flow', bridge, `priority=${priority},${text},actions=drop`])
    const dumped = ovs.ofctl(['-Fnxm', '--sort=priority', 'dump-flows', bridge])
    const want = [...dumped.matchAll(/priority=\d+(?:,(\S+))? actions=drop/g)].map(([, match]) => match ?? '')
    const got = texts.flatMap(text => {
      const parsed = parseMatch(text)
      if ('wrong' in parsed) throw new Error(parsed.wrong)
      const out = new Writer()
      const length = putNxMatch(out, parsed.match)
      const read = pullNxMatch(new Reader(out.done()), length, { tlv: made.table.layout })
      if (!read.ok) return []
      const back = new Writer()
      const size = putNxMatch(back, read.value.match)
      const shown = pullNxMatch(new Reader(back.done()), size, { loose: true })
      return shown.ok ? [formatMatch(shown.value.match)] : []
    })
    expect(got).toEqual(want)
    expect(want).toHaveLength(9)
  })
})
