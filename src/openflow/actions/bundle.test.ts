import { describe, expect, test } from 'vitest'
import { actionsOf, checkOf, hexOf, textOf, wrongOf } from './long.testing.ts'

// Bytes and words of errors: ovs-ofctl 3.1.
const samples: [text: string, bytes: string][] = [
  [
    'bundle(eth_src,0,hrw,ofport,members:1,2,LOCAL)',
    'ffff002800002320000c0001000000000000000200030000000000000000000000010002fffe0000',
  ],
  [
    'bundle_load(eth_src,7,hrw,ofport,NXM_NX_REG0[],members:1)',
    'ffff002800002320000d000100000007000000020001001f00010004000000000001000000000000',
  ],
]

describe('bundle', () => {
  test.each(samples)('%s', (text, bytes) => {
    for (const version of [1, 4, 6] as const) {
      expect(hexOf(actionsOf(text), version)).toBe(bytes)
      expect(textOf(bytes, version)).toBe(text)
    }
  })

  test.each([
    ['', ': not enough arguments to bundle action'],
    ['eth_src', 'eth_src: not enough arguments to bundle action'],
    ['eth_src,0,hrw,ofport,foo', "eth_src,0,hrw,ofport,foo: missing member delimiter, expected `members', got `foo'"],
    ['eth_src,0,hrw,ofport,members:1,x', 'x: bad port number'],
    ['foo,0,hrw,ofport,members:1', "foo,0,hrw,ofport,members:1: unknown fields `foo'"],
    ['eth_src,0,foo,ofport,members:1', "eth_src,0,foo,ofport,members:1: unknown algorithm `foo'"],
    ['eth_src,0,hrw,foo,members:1', "eth_src,0,hrw,foo,members:1: unknown member_type `foo'"],
  ])('refuses bundle(%s)', (argument, words) => {
    expect(wrongOf(`bundle(${argument})`)).toBe(words)
  })

  test('an experimenter’s field has no room to be named in', () => {
    const argument = 'eth_src,0,hrw,ofport,NXOXM_NSH_C1[],members:1'
    expect(wrongOf(`bundle_load(${argument})`)).toBe(
      `${argument}: experimenter OXM field 'NXOXM_NSH_C1[]' not supported`,
    )
  })

  test('older words and numbers that do not fit', () => {
    expect(actionsOf('bundle(Eth_Src,-1,HRW,OFPORT,slaves:[1],[2 3])')).toEqual([
      { type: 'bundle', fields: 'eth_src', basis: 0xffff, algorithm: 'hrw', members: [1, 2, 3] },
    ])
  })

  test('no more than 2048 members', () => {
    const [bundle] = actionsOf(`bundle(eth_src,0,hrw,ofport,members:${Array(3000).fill(1).join(',')})`)
    expect(bundle?.type === 'bundle' && bundle.members.length).toBe(2048)
  })

  test('members and targets that are none', () => {
    expect(checkOf('actions=bundle(eth_src,0,hrw,ofport,members:none,local)')).toBeUndefined()
    expect(checkOf('actions=bundle(eth_src,0,hrw,ofport,members:controller)')).toBe('OFPBAC_BAD_OUT_PORT')
    expect(checkOf('actions=bundle(eth_src,0,hrw,ofport,members:65280)')).toBe('OFPBAC_BAD_OUT_PORT')
    expect(checkOf('actions=bundle_load(eth_src,0,hrw,ofport,ip_src,members:1)')).toBe('OFPBAC_MATCH_INCONSISTENT')
    expect(checkOf('actions=bundle_load(eth_src,0,hrw,ofport,eth_type,members:1)')).toBe('OFPBAC_BAD_SET_ARGUMENT')
  })

  test.each([
    ['fields', 'ffff002000002320000c00010007000000000002000000000000000000000000', 'OFPBAC_BAD_ARGUMENT'],
    ['algorithm', 'ffff002000002320000c00020000000000000002000000000000000000000000', 'OFPBAC_BAD_ARGUMENT'],
    ['kind of members', 'ffff002000002320000c00010000000000000003000000000000000000000000', 'OFPBAC_BAD_ARGUMENT'],
    ['count', 'ffff002000002320000c00010000000000000002000100000000000000000000', 'OFPBAC_BAD_LEN'],
    ['target', 'ffff002000002320000c00010000000000000002000000010000000000000000', 'OFPBAC_BAD_ARGUMENT'],
    ['filling', 'ffff002000002320000c00010000000000000002000000000000000000000001', 'OFPBAC_BAD_ARGUMENT'],
    ['width of the target', 'ffff002000002320000d00010000000000000002000000000001000400000000', 'OFPBAC_BAD_ARGUMENT'],
    ['target of a load', 'ffff002000002320000d000100000000000000020000001f00ff000400000000', 'OFPBAC_BAD_SET_TYPE'],
  ])('bytes with a wrong %s', (_, bytes, error) => {
    expect(textOf(bytes)).toBe(error)
  })
})
