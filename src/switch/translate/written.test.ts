import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type FieldName, fullMask, writeField } from '../../flow/fields.ts'
import { newKey, word } from '../../flow/layout.ts'
import { markField, markWritten, prepare, subfieldMask, write } from './written.ts'

const fields: FieldName[] = [
  'eth_src',
  'eth_dst',
  'ip_src',
  'nw_tos',
  'tun_id',
  'metadata',
  'reg3',
  'ipv6_dst',
  'udp_dst',
]

test('prepared words write what the field writes', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...fields),
      fc.bigInt(0n, (1n << 128n) - 1n),
      fc.bigInt(0n, (1n << 128n) - 1n),
      (field, v, m) => {
        const mask = m & fullMask(field)
        const value = v & mask
        const [written] = prepare([{ type: 'set_field', field, value, mask }])
        const [wanted, got] = [newKey().fill(0xa5a5a5a5), newKey().fill(0xa5a5a5a5)]
        writeField(wanted, field, value, mask)
        write(got, written ?? [])
        expect(got).toEqual(wanted)
        const [bits, marked] = [newKey(), newKey()]
        writeField(bits, field, mask, mask)
        markWritten(marked, field, written ?? [])
        expect(marked).toEqual(bits)
      },
    ),
  )
})

test('a load writes its bits of the field; actions without constants have no words', () => {
  const target = { field: 'reg0', start: 4, count: 8 } as const
  expect(subfieldMask(target)).toBe(0xff0n)
  const [written, nothing] = prepare([{ type: 'load', target, value: 0x12n }, { type: 'strip_vlan' }])
  const key = newKey()
  write(key, written ?? [])
  expect(key.filter(value => value !== 0)).toEqual(Uint32Array.of(0x120))
  expect(nothing).toBeUndefined()
})

test('bits of a label in a mask are those that there are, as soon as an action adds some', () => {
  const matched = () => {
    const mask = newKey()
    mask[word.ipv6Label] = 0xffffffff
    return mask
  }
  const label = matched()
  const [written] = prepare([{ type: 'set_field', field: 'ipv6_label', value: 1n, mask: 1n }])
  markWritten(label, 'ipv6_label', written ?? [])
  const [read, other] = [matched(), matched()]
  markField(read, 'ipv6_label', 0xcn)
  markField(other, 'ipv6_dst', 0xcn)
  expect([label, read, other].map(mask => mask[word.ipv6Label])).toEqual([0xfffff, 0xfffff, 0xffffffff])
})

test('of the type and code of ICMP, too', () => {
  const [type] = prepare([{ type: 'set_field', field: 'icmp_type', value: 3n, mask: 0xffffn }])
  const mask = newKey()
  mask[word.transport] = 0xffffffff
  markWritten(mask, 'icmp_type', type ?? [])
  expect(mask[word.transport]).toBe(0x00ffffff)
  markField(mask, 'icmpv6_code', 0xffn)
  expect(mask[word.transport]).toBe(0x00ff00ff)
})
