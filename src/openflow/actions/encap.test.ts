import { describe, expect, test } from 'vitest'
import { actionsOf, checkOf, hexOf, textOf, wrongOf } from './long.testing.ts'

// Bytes and words of errors: ovs-ofctl 3.1.
const samples: [text: string, bytes: string][] = [
  [
    'encap(nsh(md_type=2,tlv(0x1000,10,0x12345678),tlv(0x2000,20,0xfe)))',
    'ffff003800002320002e00000001894f0004010502000000' +
      '0004021010000a0412345678000000000004021020001401fe00000000000000',
  ],
  ['encap(ethernet)', 'ffff001000002320002e000000000000'],
  ['encap(mpls)', 'ffff001000002320002e000000018847'],
  ['encap(mpls_mc)', 'ffff001000002320002e000000018848'],
  ['decap()', 'ffff001000002320002f00000000fffe'],
  ['decap(packet_type(ns=0,type=0))', 'ffff001000002320002f000000000000'],
  ['decap(packet_type(ns=1,type=0x800))', 'ffff001000002320002f000000010800'],
  ['dec_nsh_ttl', 'ffff0010000023200030000000000000'],
]

describe('headers put around and taken away', () => {
  test.each(samples)('%s', (text, bytes) => {
    expect(hexOf(actionsOf(text))).toBe(bytes)
    expect(textOf(bytes, 6)).toBe(text)
    // 1.0 has a way to write some, and none to read them.
    expect(textOf(bytes, 1)).toBe('OFPBAC_BAD_VENDOR_TYPE')
  })

  test.each([
    ['encap', 'Missing encap hdr: '],
    ['encap(foo)', 'Encap hdr not supported: '],
    ['encap(hdr=ethernet)', 'Encap hdr not supported: ethernet'],
    ['encap(ethernet(md_type=1))', 'Invalid property: md_type'],
    ['encap(nsh(foo=1))', 'Invalid property: foo'],
    ['encap(nsh(md_type))', 'Value missing for encap property'],
    ['encap(nsh(md_type=3))', 'invalid md_type'],
    ['encap(nsh(md_type=x))', 'invalid md_type "x"'],
    ['encap(nsh(tlv(0x1000,10)))', 'Invalid NSH TLV header: 0x1000,10'],
    ['encap(nsh(tlv(4096,10,0x12)))', 'Invalid NSH TLV header: 4096,10,0x12'],
    ['decap(foo)', 'Invalid decap argument: foo'],
    ['decap(packet_type(type=0))', 'Missing packet_type attribute ns'],
    ['decap(packet_type(ns=0))', 'Missing packet_type attribute type'],
    ['decap(packet_type(ns=1,type=70000))', 'invalid type "70000"'],
  ])('refuses %s', (text, words) => {
    expect(wrongOf(text)).toBe(words)
  })

  test('numbers of a TLV are cut to their size, and an odd digit goes', () => {
    expect(actionsOf('encap(nsh(tlv(0x1abcd,300,0x123)))')).toEqual([
      {
        type: 'encap',
        packetType: 0x0001894f,
        properties: [{ type: 'tlv', class: 0xabcd, number: 44, value: [0x12] }],
      },
    ])
  })

  test.each([
    ['ip,actions=encap(nsh),dec_nsh_ttl', undefined],
    ['ip,actions=encap(nsh),set_field:1->nsh_si', undefined],
    ['ip,actions=encap(nsh),dec_ttl', 'OFPBAC_MATCH_INCONSISTENT'],
    ['ip,actions=encap(mpls),set_field:3->mpls_label', undefined],
    ['ip,actions=encap(mpls),set_field:11:22:33:44:55:66->eth_src', 'OFPBAC_MATCH_INCONSISTENT'],
    ['ip,actions=encap(nsh),encap(ethernet),set_field:11:22:33:44:55:66->eth_src', undefined],
    ['ip,actions=decap,dec_ttl', undefined],
    ['packet_type=(1,0x800),actions=decap,set_field:1.2.3.4->ip_src', 'OFPBAC_MATCH_INCONSISTENT'],
    ['ip,actions=clone(encap(nsh)),dec_ttl', undefined],
  ])('what frames are after it: %s', (line, error) => {
    expect(checkOf(line)).toBe(error)
  })

  test.each([
    ['another header', 'ffff001000002320002e000000018800', 'NXBAC_BAD_HEADER_TYPE'],
    ['another class', 'ffff001800002320002e00000001894f0005010502000000', 'NXBAC_UNKNOWN_ED_PROP'],
    ['another property', 'ffff001800002320002e00000001894f0004030502000000', 'NXBAC_UNKNOWN_ED_PROP'],
    ['a short property', 'ffff001800002320002e00000001894f0004010302000000', 'OFPBAC_BAD_LEN'],
    ['a long property', 'ffff001800002320002e00000001894f0004020910000a00', 'OFPBAC_BAD_LEN'],
    ['a TLV not padded', 'ffff002000002320002e00000001894f0004020c10000a040102030400000000', 'NXBAC_BAD_ED_PROP'],
    ['an empty TLV', 'ffff001800002320002e00000001894f0004020810000a00', 'encap(nsh(tlv(0x1000,10,0)))'],
  ])('bytes with %s', (_, bytes, outcome) => {
    expect(textOf(bytes)).toBe(outcome)
  })
})
