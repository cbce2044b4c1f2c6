import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nxmLine, ofp10Line, ofp11Line, testLine } from './match-tools.ts'
import { formatNxMatch, parseNxMatch } from './nx-match-text.ts'

// What the tools of Open vSwitch 3.1 print; `test/interop/match-wire.test.ts` asks them about thousands more.
describe('parse-nxm', () => {
  test.each([
    ['NXM_OF_IN_PORT(fffe)', 'NXM_OF_IN_PORT(fffe)'],
    ['00000002(fffe)', 'NXM_OF_IN_PORT(fffe)'],
    ['<any>', '<any>'],
    ['NXM_NX_COOKIE_W(0000000000000001/ffffffffffffffff)', 'NXM_NX_COOKIE(0000000000000001)'],
    ['NXM_OF_TCP_SRC(0050)', 'OXM_OF_PACKET_TYPE(00000000)'],
    ['NXM_OF_ETH_SRC_W(000000000000/000000000000)', 'OXM_OF_PACKET_TYPE(00000000)'],
    ['NXM_NX_XXREG0_W(00000000000000000000000000000000/00000000000000000000000000000000)', '<any>'],
    ['NXM_NX_CT_STATE(00000021)', 'NXM_NX_CT_STATE_W(00000021/000000ff)'],
    ['NXOXM_ET_ERSPAN_VER_W(05/0f)', 'NXOXM_ET_ERSPAN_VER_W(05/05)'],
    ['NXM_NX_TUN_METADATA0(12345678)', 'NXM_NX_TUN_METADATA0(00000000)'],
    ['NXM_NX_TUN_METADATA0_W(0000/0000)', 'NXM_NX_TUN_METADATA0_W(/)'],
    ['00020a02(1122)', '<any>'],
    ['NXM_OF_IN_PORT(0001), NXM_OF_IN_PORT(0001)', 'nx_pull_match() returned error OFPBMC_DUP_FIELD'],
    ['NXM_OF_ETH_TYPE(0800)NXM_OF_IP_TOS(f1)', 'nx_pull_match() returned error OFPBMC_BAD_VALUE'],
  ])('%s', (text, want) => {
    expect(nxmLine(text, undefined)).toEqual({ output: `${want}\n` })
  })
  test('strictly', () => {
    expect(nxmLine('NXM_OF_TCP_SRC(0050)', undefined, { strict: true })).toEqual({
      output: 'nx_pull_match() returned error OFPBMC_BAD_PREREQ\n',
    })
  })
  test('with the bytes', () => {
    expect(nxmLine('OXM_OF_IN_PORT(00000001)', 4, { more: true })).toEqual({
      output: 'OXM_OF_IN_PORT(00000001)\n00000000  00 01 00 0c 80 00 00 04-00 00 00 01 00 00 00 00\n',
    })
  })
  test('what it logs', () => {
    const said: string[] = []
    nxmLine('00020b02(02/01)', undefined, { warn: (module, text) => said.push(`${module}: ${text}`) })
    expect(said).toEqual([
      'nx_match: Rejecting NXM/OXM entry 0:2:5:1:2 with 1-bits in value for bits wildcarded by the mask.',
    ])
  })
  test.each([
    ['NXM_OF_IN_PORT', 'NXM_OF_IN_PORT: missing ( at end of nx_match'],
    ['NXM_OF_FOO(1)', "NXM_OF_FOO(1): unknown field `NXM_OF_FOO'"],
    ['NXM_OF_IN_PORT_W(00/00)', "NXM_OF_IN_PORT_W(00/00): unknown field `NXM_OF_IN_PORT_W'"],
    ['NXM_OF_IN_PORT(0001', 'NXM_OF_IN_PORT(0001: missing ) following field NXM_OF_IN_PORT'],
    ['NXM_OF_IN_PORT(ff)', 'expected to read 2 bytes but got 1'],
    ['ffff2000(12345678)', 'expected to read -4 bytes but got 4'],
  ])('%s ends it', (text, fatal) => {
    expect(nxmLine(text, undefined)).toEqual({ fatal })
  })
})

describe('fixed rows', () => {
  test.each([
    [
      '0038200f',
      'arp,arp_op=1,tp_src=80,tp_dst=0\n 5: 01 -> 00\n28: 0a -> 00\n31: 01 -> 00\nnormal:  3: 0f -> cf\nnormal: 37: 50 -> 00\n\n',
    ],
    [
      '0000000e',
      'arp,in_port=1,dl_vlan_pcp=0,arp_spa=10.0.0.1,arp_tpa=0.0.0.0,arp_op=1,nw_tos=0,tp_src=80,tp_dst=0\n' +
        'normal:  1: 00 -> 20\nnormal:  3: 0e -> ce\nnormal: 37: 50 -> 00\n\n',
    ],
  ])('1.0 with wildcards %s', (wildcards, output) => {
    const row = `${wildcards} 0001 ${'00'.repeat(12)} 0000 00 00 0806 00 01 0000 0a000001 00000000 0050 0000`
    expect(ofp10Line(row)).toEqual({ output })
  })
  test('1.1, as the tool printed it', () => {
    const row =
      '000000580000000100000000ffffffffffffff000000000011111111111100000000000f0007050008000006' +
      '1122334400000000112233440000ff0000500000000000000000000000000000000000010000000000000000'
    expect(ofp11Line(row)).toEqual({
      output:
        'tcp,metadata=0x1,in_port=1,dl_vlan=7,dl_vlan_pcp=5,dl_src=00:ff:ff:ff:ff:ff/00:ff:ff:ff:ff:ff,' +
        'dl_dst=11:11:11:11:11:10/ff:ff:ff:ff:ff:f0,nw_src=17.34.51.68,nw_dst=17.34.0.68/255.255.0.255,' +
        'nw_tos=0,tp_src=80,tp_dst=0\n10: 00 -> 03\n12: ff -> 00\n29: 11 -> 10\n54: 33 -> 00\n\n',
    })
  })
  test('bytes that are no row', () => {
    expect(ofp10Line('00')).toEqual({ fatal: 'Input is 1 bytes, expected 40' })
    expect(ofp10Line('0000 zz')).toEqual({ fatal: 'Trailing garbage in hex data' })
    expect(ofp11Line('00')).toEqual({ fatal: 'Input is 1 bytes, expected 88' })
  })
})

test('lines that say something', () => {
  expect(['# x', '', '  ', ' # b'].map(testLine)).toEqual([
    { passed: '# x' },
    { passed: '' },
    { passed: '' },
    { passed: '' },
  ])
  expect(['a # b', 'a'].map(testLine)).toEqual([{ text: 'a ' }, { text: 'a' }])
})

test('digits that do not matter', () => {
  const wild = `${'0038 20ff'} ${'xxxx'.repeat(18)}`
  expect(ofp10Line(wild)).toEqual({ output: '\n\n' })
  expect(ofp10Line(wild.replace('xxxx', '00x'))).toHaveProperty('fatal')
})

test('what is read is written the same, and any bytes are text', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
      expect(typeof formatNxMatch(bytes)).toBe('string')
    }),
  )
  const text = 'NXM_OF_ETH_TYPE(0800), NXM_OF_IP_SRC_W(0a000000/ff000000), NXOXM_NSH_SPI(00000005)'
  const bytes = parseNxMatch(text)
  expect(typeof bytes === 'string' ? bytes : formatNxMatch(bytes)).toBe(text)
  expect(formatNxMatch(Uint8Array.of(0, 0, 0, 9, 1))).toBe('<5 invalid bytes>')
})
