import { describe, expect, test } from 'vitest'
import { actionsOf, checkOf, hexOf, textOf, wrongOf } from './long.testing.ts'

// Bytes and words of errors: ovs-ofctl 3.1.
const bytes = 'ffff002000002320000a00000032000000000004000000000000000f80000004'
const text = 'multipath(eth_src,50,modulo_n,5,0,OXM_OF_IN_PORT[0..15])'

describe('multipath', () => {
  test('to the wire and back', () => {
    expect(hexOf(actionsOf(text), 6)).toBe(bytes)
    expect(textOf(bytes, 1)).toBe(text)
  })

  test('numbers wrap around', () => {
    expect(actionsOf('multipath(symmetric_l3,-50,HRW,65536,-1,reg0[0..15])')).toEqual([
      {
        type: 'multipath',
        fields: 'symmetric_l3',
        basis: 65486,
        algorithm: 'hrw',
        maxLink: 65535,
        argument: 0xffffffff,
        target: { field: 'reg0', start: 0, count: 16 },
      },
    ])
  })

  test.each([
    ['eth_src,50,modulo_n,5,0', 'not enough arguments to multipath action'],
    ['eth_src,50,modulo_n,0,0,reg0', 'n_links 0 is not in valid range 1 to 65536'],
    ['eth_src,50,modulo_n,65537,0,reg0', 'n_links 65537 is not in valid range 1 to 65536'],
    ['foo,50,modulo_n,1,0,reg0', "unknown fields `foo'"],
    ['eth_src,50,foo,1,0,reg0', "unknown algorithm `foo'"],
    ['eth_src,50,hrw,1,0,nsh_c1', "experimenter OXM field 'nsh_c1' not supported"],
    ['eth_src,5,hrw,3,0,reg0[0]', '1-bit destination field has 2 possible values, less than specified n_links 3'],
  ])('refuses multipath(%s)', (argument, words) => {
    expect(wrongOf(`multipath(${argument})`)).toBe(`${argument}: ${words}`)
  })

  test('targets that cannot be written', () => {
    expect(checkOf('actions=multipath(eth_src,50,hrw,1,0,reg0)')).toBeUndefined()
    expect(checkOf('actions=multipath(eth_src,50,hrw,1,0,ip_src)')).toBe('OFPBAC_MATCH_INCONSISTENT')
    expect(checkOf('actions=multipath(eth_src,50,hrw,1,0,eth_type)')).toBe('OFPBAC_BAD_SET_ARGUMENT')
  })

  test.each([
    ['fields', 4 * 5, '0007', 'OFPBAC_BAD_ARGUMENT'],
    ['algorithm', 4 * 8, '0004', 'OFPBAC_BAD_ARGUMENT'],
    ['count of links', 4 * 9, 'ffff', 'multipath(eth_src,50,modulo_n,65536,0,OXM_OF_IN_PORT[0..15])'],
    ['width', 4 * 13, '0001', 'OFPBAC_BAD_ARGUMENT'],
    ['place', 4 * 13, '07cf', 'OFPBAC_BAD_SET_LEN'],
    ['field', 4 * 14, '8fff', 'OFPBAC_BAD_SET_TYPE'],
  ])('bytes with another %s', (_, at, digits, outcome) => {
    expect(textOf(bytes.slice(0, at) + digits + bytes.slice(at + 4))).toBe(outcome)
  })
})
