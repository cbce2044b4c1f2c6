import { describe, expect, test } from 'vitest'
import { actionsOf, checkOf, hexOf, textOf, wrongOf } from './long.testing.ts'

// Bytes and words of errors: ovs-ofctl 3.1.
describe('ct', () => {
  test.each([
    [
      'ct(commit,nat(src=10.0.0.1:5),exec(load:0x1->NXM_NX_CT_MARK[]),alg=ftp)',
      4,
      'ffff00480000232000230001000000000000ff0000000015ffff001800002320002400000001' +
        '00110a00000100050000ffff0018000023200007001f0001d6040000000000000001',
    ],
    ['ct(table=5,zone=NXM_NX_REG0[0..15])', 1, 'ffff0018000023200023000000010004000f050000000000'],
    ['ct(commit,force,zone=7)', 4, 'ffff0018000023200023000300000000' + '0007ff0000000000'],
  ] as const)('%s', (text, version, bytes) => {
    expect(hexOf(actionsOf(text), version)).toBe(bytes)
    expect(textOf(bytes, version)).toBe(text)
  })

  test('1.5 has other words for what is inside', () => {
    expect(hexOf(actionsOf('ct(commit,exec(load:1->ct_mark))'), 6)).toContain('001900100001d6040000000100000000')
  })

  test.each([
    ['force', '"force" flag requires "commit" flag.'],
    ['foo', 'invalid argument to "ct" action: `foo\''],
    ['table=255', 'invalid table 0xff'],
    ['table=x', 'unknown table x'],
    ['zone=65536', "65536: unknown field `65536'"],
    ['alg=foo', 'invalid conntrack helper "foo"'],
    ['commit,exec(output:1)', "ct action doesn't support nested action output"],
    ['commit,exec(set_field:1->reg0)', "ct action doesn't support nested modification of reg0"],
    ['commit,exec(pop:ct_mark)', "ct action doesn't support nested action pop"],
    ['commit,exec(meter:1)', "ct action doesn't support nested action meter"],
    ['nat(foo)', 'invalid key "foo" in "nat" argument'],
    ['nat(src,dst)', 'May only specify one of "src" or "dst".'],
    ['nat(persistent)', 'Flags allowed only with "src" or "dst".'],
    ['nat(src,hash,random)', 'Both "hash" and "random" are not allowed.'],
    ['nat(src=10.0.0.9-10.0.0.1)', 'invalid nat range "10.0.0.9-10.0.0.1"'],
    ['nat(src=10.0.0.9:6-5)', 'invalid nat range "10.0.0.9:6-5"'],
    ['nat(src=10.0.0.9x)', 'garbage (x) after nat range "10.0.0.9x" (pos: 8)'],
    ['nat(src=[fe80::2)', 'garbage ([fe80::2) after nat range "[fe80::2" (pos: 0)'],
  ])('refuses ct(%s)', (argument, words) => {
    expect(wrongOf(`ct(${argument})`)).toBe(words)
  })

  test('nat stands nowhere else', () => {
    expect(wrongOf('nat(src=1.2.3.4)')).toBe('Cannot have NAT action outside of "ct" action')
    expect(wrongOf('clone(nat)')).toBe('Cannot have NAT action outside of "ct" action')
  })

  test.each([
    ['nat', 'nat'],
    ['nat()', 'nat'],
    ['nat(src)', 'nat(src)'],
    ['nat(src,hash)', 'nat(src)'],
    ['nat(dst=10.0.0.1-10.0.0.9:5-9,persistent)', 'nat(dst=10.0.0.1-10.0.0.9:5-9,persistent)'],
    ['nat(dst=10.0.0.9-10.0.0.9:5-5)', 'nat(dst=10.0.0.9:5)'],
    ['nat(dst=10.0.0.9:70000)', 'nat(dst=10.0.0.9:4464)'],
    ['nat(src=[fe80::1]-[fe80::ffff]:5-9,hash)', 'nat(src=[fe80::1]-[fe80::ffff]:5-9,hash)'],
    ['nat(src=fe80::1:5)', 'nat(src=fe80::1:5)'],
    ['nat(src=::)', 'nat(src)'],
    ['nat(src=1:2:3:4:5:6:7:8:9)', 'nat(src)'],
    ['nat(dst=0.0.0.0-0.0.0.5)', 'OFPBAC_BAD_ARGUMENT'],
    ['nat(dst=10.0.0.9:0-5)', 'OFPBAC_BAD_ARGUMENT'],
  ])('%s over the wire', (text, shown) => {
    const over = textOf(hexOf(actionsOf(`ct(commit,${text})`)))
    expect(over).toBe(shown.startsWith('nat') ? `ct(commit,${shown})` : shown)
  })

  test('a range of one address keeps its end on the wire', () => {
    expect(hexOf(actionsOf('ct(commit,nat(src=10.0.0.1-10.0.0.1))'))).toContain('000100030a0000010a000001')
  })

  test.each([
    ['actions=ct(commit)', 'OFPBAC_MATCH_INCONSISTENT'],
    ['ip,actions=ct(commit)', undefined],
    ['ip,actions=ct(alg=ftp)', 'OFPBAC_MATCH_INCONSISTENT'],
    ['tcp,actions=ct(alg=ftp)', undefined],
    ['udp,actions=ct(commit,alg=tftp)', undefined],
    ['ct_state=+inv,ip,actions=ct(commit)', 'OFPBAC_MATCH_INCONSISTENT'],
    ['ip,actions=ct(zone=arp_spa[0..15])', 'OFPBAC_MATCH_INCONSISTENT'],
    ['ip,actions=ct(commit,nat(src=fe80::1))', 'OFPBAC_MATCH_INCONSISTENT'],
    ['ipv6,actions=ct(commit,nat(src=fe80::1))', undefined],
  ])('%s', (line, error) => {
    expect(checkOf(line)).toBe(error)
  })

  const ctOf = (flags: string, zone: string, inside = ''): string =>
    `ffff${(24 + inside.length / 2).toString(16).padStart(4, '0')}000023200023${flags}${zone}ff0000000000${inside}`
  test.each([
    ['force alone', ctOf('0002', '000000000000'), 'OFPBAC_BAD_ARGUMENT'],
    ['an unknown field', ctOf('0000', '0fff0004000f'), 'OFPBAC_BAD_SET_TYPE'],
    ['too many bits', ctOf('0000', '00010004001f'), 'OFPBAC_BAD_SET_LEN'],
    ['bits that are not there', ctOf('0000', '00010004040f'), 'ct(zone=NXM_NX_REG0[16..31])'],
    ['both sides', ctOf('0001', '000000000000', 'ffff00100000232000240000' + '00030000'), 'OFPBAC_BAD_ARGUMENT'],
    ['unknown flags', ctOf('0001', '000000000000', 'ffff00100000232000240000' + '00200000'), 'OFPBAC_BAD_ARGUMENT'],
    [
      'nat without commit',
      ctOf('0000', '000000000000', 'ffff00100000232000240000' + '00010000'),
      'OFPBAC_BAD_ARGUMENT',
    ],
    ['an output inside', ctOf('0001', '000000000000', '0000001000000001ffff000000000000'), 'OFPBAC_BAD_ARGUMENT'],
  ])('bytes with %s', (_, bytes, outcome) => {
    expect(textOf(bytes)).toBe(outcome)
  })
})
