import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIp4 } from './address.ts'
import { GroupRecordType } from './group-code.ts'
import { hex, toHex } from './hex.testing.ts'
import { type Igmp, IgmpType, igmpFrame, igmpSize, isIgmpChecksumRight, parseIgmp, writeIgmp } from './igmp.ts'

const ip = (text: string): number => parseIp4(text) as number

const messages: [name: string, bytes: string, Igmp][] = [
  ['report of version 2, from Linux', '1600f8faef020202', { kind: 'report', version: 2, group: ip('239.2.2.2') }],
  [
    'report of version 3 that joins, from Linux',
    '2200e9fb0000000104000000ef010101',
    { kind: 'report3', records: [{ type: GroupRecordType.toExclude, group: ip('239.1.1.1'), sources: [] }] },
  ],
  [
    'report of version 3 with a source, from Linux',
    '2200f1a90000000206000001e80101010a00004d03000000ef010101',
    {
      kind: 'report3',
      records: [
        { type: GroupRecordType.block, group: ip('232.1.1.1'), sources: [ip('10.0.0.77')] },
        { type: GroupRecordType.toInclude, group: ip('239.1.1.1'), sources: [] },
      ],
    },
  ],
  ['general query', '1164ee9b00000000', { kind: 'query', group: 0, maxResponse: 100 }],
  ['report of version 1', '1200fcfaef020202', { kind: 'report', version: 1, group: ip('239.2.2.2') }],
  ['leave', '1700f7faef020202', { kind: 'leave', group: ip('239.2.2.2') }],
  [
    'query of version 3',
    '1164e016ef0101010a7d00020a0000010a000002',
    {
      kind: 'query',
      group: ip('239.1.1.1'),
      maxResponse: 100,
      v3: { suppress: true, robustness: 2, interval: 125, sources: [ip('10.0.0.1'), ip('10.0.0.2')] },
    },
  ],
]

describe('IGMP', () => {
  test.each(messages)('a %s, both ways', (_, text, igmp) => {
    const bytes = hex(text)
    expect(parseIgmp(bytes, 0, bytes.length)).toEqual({ ok: true, value: { ...igmp, payload: bytes.length } })
    const out = new Uint8Array(bytes.length).fill(0xee)
    expect([writeIgmp(out, 0, igmp), igmpSize(igmp)]).toEqual([bytes.length, bytes.length])
    expect(toHex(out)).toBe(text)
    expect(isIgmpChecksumRight(bytes, 0, bytes.length)).toBe(true)
    expect(toHex(igmpFrame(igmp).content())).toBe(text)
  })

  test('a report that is cut is refused', () => {
    const bytes = hex(messages[2]?.[1] ?? '')
    for (let end = 0; end < bytes.length; end++) expect(parseIgmp(bytes, 0, end)).toEqual({ ok: false, why: 'short' })
  })

  test('a query between the sizes of the versions is refused', () => {
    const bytes = hex(messages[6]?.[1] ?? '')
    for (let end = 9; end < 12; end++) expect(parseIgmp(bytes, 0, end)).toEqual({ ok: false, why: 'length' })
    for (let end = 12; end < 20; end++) expect(parseIgmp(bytes, 0, end)).toEqual({ ok: false, why: 'short' })
  })

  test('auxiliary data of a record is stepped over', () => {
    const bytes = hex('2200 0000 0000 0002 0401 0000 ef01 0101 aaaa aaaa 0400 0000 ef01 0102')
    expect(parseIgmp(bytes, 0, bytes.length)).toMatchObject({
      value: { records: [{ group: ip('239.1.1.1') }, { group: ip('239.1.1.2') }], payload: 28 },
    })
  })

  test('a type that nobody here knows is kept', () => {
    const igmp: Igmp = { kind: 'other', type: 0x13, code: 9, group: ip('1.2.3.4') }
    const out = new Uint8Array(8)
    writeIgmp(out, 0, igmp)
    expect(parseIgmp(out, 0, 8)).toEqual({ ok: true, value: { ...igmp, payload: 8 } })
  })

  test('comes back as it was', () => {
    const address = fc.nat(0xffffffff)
    const record = fc.record({ type: fc.nat(255), group: address, sources: fc.array(address, { maxLength: 5 }) })
    fc.assert(
      fc.property(fc.array(record, { maxLength: 5 }), records => {
        const { bytes, start, end } = igmpFrame({ kind: 'report3', records })
        expect(bytes[start]).toBe(IgmpType.report3)
        expect(parseIgmp(bytes, start, end)).toEqual({ ok: true, value: { kind: 'report3', records, payload: end } })
        expect(isIgmpChecksumRight(bytes, start, end)).toBe(true)
      }),
    )
  })
})
