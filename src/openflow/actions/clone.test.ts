import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeActions } from '../action-wire.ts'
import { Reader } from '../bytes.ts'
import { actionsOf, checkOf, hexOf, textOf, wrongOf } from './long.testing.ts'

// Bytes and words of errors: ovs-ofctl 3.1.
const samples: [text: string, bytes: string][] = [
  [
    'clone(output:1,output:2)',
    'ffff003000002320002a0000000000000000001000000001000000000000000000000010000000020000000000000000',
  ],
  ['conjunction(4660,1/2)', 'ffff0010000023200022000200001234'],
  ['ct_clear', 'ffff001000002320002b000000000000'],
  ['check_pkt_larger(100)->NXM_NX_REG0[3]', 'ffff00180000232000310064000300010004000000000000'],
  ['check_pkt_larger(100)->NXOXM_NSH_C1[3]', 'ffff001800002320003100640003ffff0c08005ad6500000'],
  ['delete_field:tun_metadata3', 'ffff00180000232000320001567c00000000000000000000'],
]

describe('smaller actions', () => {
  test.each(samples)('%s', (text, bytes) => {
    // An output to the wire has no length of its own for a controller.
    expect(hexOf(actionsOf(text)).replaceAll('ffff000000000000', '0'.repeat(16))).toBe(
      bytes.replaceAll('ffff000000000000', '0'.repeat(16)),
    )
    expect(textOf(bytes)).toBe(text)
  })

  test.each([
    ['conjunction(1)', '"conjunction" syntax is "conjunction(id,i/n)"'],
    ['conjunction(1,1/1)', 'conjunction must have at least 2 clauses'],
    ['conjunction(1,1/65)', 'conjunction must have at most 64 clauses'],
    ['conjunction(1,0/2)', 'clause index must be positive'],
    ['conjunction(1,3/2)', 'clause index must be less than or equal to number of clauses'],
    [
      'conjunction(1,1/2),mod_nw_src:1.2.3.4',
      '"conjunction" actions may be used along with "note" but not any other kind of action (such as the "mod_nw_src" action used here)',
    ],
    ['clone(1,drop)', '"drop" must not be accompanied by any other action or instruction'],
    ['clone(goto_table:1)', 'goto_table instruction not allowed here'],
    ['clone(1,meter:1)', "clone action doesn't support nested action meter"],
    ['check_pkt_larger(100)', "100: missing `->'"],
    ['check_pkt_larger(100)->reg0', 'Only 1-bit destination field is allowed'],
    ['check_pkt_larger(70000)->reg0[1]', 'invalid (null) "70000"'],
    ['delete_field:foo', "unknown field `foo'"],
  ])('refuses %s', (text, words) => {
    expect(wrongOf(text)).toBe(words)
  })

  test('a conjunction’s numbers wrap around', () => {
    expect(actionsOf('conjunction(-1, 300 /300)')).toEqual([
      { type: 'conjunction', id: 0xffffffff, clause: 43, clauses: 44 },
    ])
  })

  test('what a clone changes does not outlive it', () => {
    expect(checkOf('actions=clone(push_vlan:0x8100),push_vlan:0x8100,push_vlan:0x8100')).toBeUndefined()
    expect(checkOf('actions=delete_field:reg0')).toBe('OFPBAC_BAD_ARGUMENT')
  })

  test.each([
    ['a clause of none', 'ffff0010000023200022020200001234', 'NXBAC_BAD_CONJUNCTION'],
    ['one clause', 'ffff0010000023200022000100001234', 'NXBAC_BAD_CONJUNCTION'],
    ['an unfinished action inside', 'ffff001800002320002a0000000000010000001000000001', 'OFPBAC_BAD_LEN'],
    ['something after the field', 'ffff00180000232000310064000300010004000000000001', 'NXBRC_MUST_BE_ZERO'],
    ['a bit beyond the field', 'ffff00180000232000310064002000010004000000000000', 'OFPBAC_BAD_SET_LEN'],
    ['a field with a mask', 'ffff00180000232000320001577c00000000000000000000', 'OFPBMC_BAD_MASK'],
    ['an option too long', 'ffff00180000232000320001568000000000000000000000', 'OFPBMC_BAD_FIELD'],
  ])('bytes with %s', (_, bytes, error) => {
    expect(textOf(bytes)).toBe(error)
  })

  test('any bytes at all are read or refused', () => {
    const subtype = fc.constantFrom(10, 12, 13, 16, 34, 35, 36, 42, 43, 45, 46, 47, 48, 49, 50)
    fc.assert(
      fc.property(
        subtype,
        fc.array(fc.nat(255), { maxLength: 80 }),
        fc.constantFrom(1 as const, 4 as const, 6 as const),
        (number, rest, version) => {
          const length = Math.ceil((10 + rest.length) / 8) * 8
          const bytes = new Uint8Array(length)
          bytes.set([0xff, 0xff, length >> 8, length & 255, 0, 0, 0x23, 0x20, 0, number, ...rest])
          expect(typeof decodeActions(new Reader(bytes), version).ok).toBe('boolean')
        },
      ),
      { numRuns: 3000 },
    )
  })
})
