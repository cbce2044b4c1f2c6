import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIp6 } from './address.ts'
import { GroupRecordType } from './group-code.ts'
import { hex, toHex } from './hex.testing.ts'
import { isMldType, type Mld, mldFrame, mldSize, parseMld, writeMld } from './mld.ts'

const ip = (text: string): bigint => parseIp6(text) as bigint

const group = 'ff050000000000000000000000000042'
const source = '20010db8000000000000000000000001'
const messages: [name: string, bytes: string, Mld][] = [
  ['query', '820000002710000000000000000000000000000000000000', { kind: 'query', group: 0n, maxResponse: 10000 }],
  ['report', `8300000000000000${group}`, { kind: 'report', group: ip('ff05::42') }],
  ['done', `8400000000000000${group}`, { kind: 'done', group: ip('ff05::42') }],
  [
    'query of version 2',
    `8200000027100000${group}0a7d0001${source}`,
    {
      kind: 'query',
      group: ip('ff05::42'),
      maxResponse: 10000,
      v2: { suppress: true, robustness: 2, interval: 125, sources: [ip('2001:db8::1')] },
    },
  ],
  [
    'report of version 2',
    `8f0000000000000204000000${group}05000001${group}${source}`,
    {
      kind: 'report2',
      records: [
        { type: GroupRecordType.toExclude, group: ip('ff05::42'), sources: [] },
        { type: GroupRecordType.allow, group: ip('ff05::42'), sources: [ip('2001:db8::1')] },
      ],
    },
  ],
]

describe('MLD', () => {
  test.each(messages)('a %s, both ways', (_, text, mld) => {
    const bytes = hex(text)
    expect(parseMld(bytes, 0, bytes.length)).toEqual({ ok: true, value: { ...mld, payload: bytes.length } })
    const out = new Uint8Array(bytes.length).fill(0xee)
    expect([writeMld(out, 0, mld), mldSize(mld)]).toEqual([bytes.length, bytes.length])
    expect(toHex(out)).toBe(text)
  })

  test('the checksum is that of Linux', () => {
    const done = mldFrame({ kind: 'done', group: ip('ff05::42') }, { src: ip('fe80::ff:fe00:a'), dst: ip('ff02::2') })
    expect(toHex(done.content())).toBe(`84007fd500000000${group}`)
    const records = ['ff02::1:ff00:1', 'ff02::1:ff00:a'].map(text => ({ type: 4, group: ip(text), sources: [] }))
    const report = mldFrame({ kind: 'report2', records }, { src: 0n, dst: ip('ff02::16') })
    expect(toHex(report.content(), 0, 8)).toBe('8f006d6500000002')
  })

  test('a message that is cut is refused', () => {
    for (const [name, text] of messages.filter(([name]) => name !== 'query of version 2')) {
      const bytes = hex(text)
      for (let end = 0; end < bytes.length; end++)
        expect([name, parseMld(bytes, 0, end)]).toEqual([name, { ok: false, why: 'short' }])
    }
  })

  test('a query between the sizes of the versions is refused', () => {
    const bytes = hex(messages[3]?.[1] ?? '')
    for (let end = 25; end < 28; end++) expect(parseMld(bytes, 0, end)).toEqual({ ok: false, why: 'length' })
    for (let end = 28; end < 44; end++) expect(parseMld(bytes, 0, end)).toEqual({ ok: false, why: 'short' })
  })

  test('another type is refused', () => {
    expect(parseMld(hex('8700', '00'.repeat(22)), 0, 24)).toEqual({ ok: false, why: 'value' })
    expect([129, 130, 131, 132, 133, 143].map(isMldType)).toEqual([false, true, true, true, false, true])
  })

  test('comes back as it was', () => {
    const address = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n })
    const record = fc.record({ type: fc.nat(255), group: address, sources: fc.array(address, { maxLength: 4 }) })
    fc.assert(
      fc.property(fc.array(record, { maxLength: 4 }), records => {
        const { bytes, start, end } = mldFrame({ kind: 'report2', records }, { src: 1n, dst: 2n })
        expect(parseMld(bytes, start, end)).toEqual({ ok: true, value: { kind: 'report2', records, payload: end } })
      }),
    )
  })
})
