import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FieldName } from '../../flow/fields.ts'
import type { Learn, LearnSpec } from '../learn.ts'
import { actionsOf, checkOf, hexOf, readHex, textOf, wrongOf } from './long.testing.ts'

// Bytes and words of errors: ovs-ofctl 3.1.
const samples: [text: string, bytes: string][] = [
  [
    'learn(table=3,idle_timeout=9,fin_idle_timeout=4,priority=7,send_flow_rem,delete_learned,cookie=0x1234,limit=3,result_dst=NXM_NX_REG0[5],NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],load:0x5->NXM_NX_REG3[0..5],output:NXM_OF_IN_PORT[])',
    'ffff005000002320002d00090000000700000000000012340007030000040000000000030005000000010004003000000406000000000206000028060005000106040000101000000002000000000000',
  ],
  [
    'learn(table=1,in_port=5,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],OXM_OF_VLAN_VID[],output:OXM_OF_IN_PORT[],load:OXM_OF_VLAN_VID[]->NXM_NX_REG5[0..11])',
    'ffff006000002320001000000000800000000000000000000000010000000000201000050000000200000030000004060000000002060000000c80000c02000080000c0200001020800000040000080c80000c02000000010a04000000000000',
  ],
]

describe('learn', () => {
  test.each(samples)('%s', (text, bytes) => {
    expect(hexOf(actionsOf(text), 1)).toBe(bytes)
    expect(textOf(bytes, 6)).toBe(text)
  })

  test('a port stands on the wire with 32 bits', () => {
    const bytes = hexOf(actionsOf('learn(in_port_oxm=LOCAL)'))
    expect(bytes).toContain('2020fffffffe80000004')
    expect(textOf(bytes)).toBe('learn(table=1,in_port_oxm=LOCAL)')
    expect(textOf(bytes.replace('fffffffe', 'ff00010d'))).toBe('learn(table=1,in_port_oxm=ANY)')
  })

  test.each([
    ['table=255', "table=255: table id 255 not valid for `learn' action"],
    ['table=x', 'unknown table "x"'],
    ['result_dst=reg0', "result_dst in 'learn' action must be a single bit"],
    ['result_dst=eth_type[1]', 'eth_type[1] is read-only'],
    ['foo=1', 'foo=1: unknown keyword foo'],
    [
      'eth_dst[0..7]=eth_src[0..6]',
      'eth_dst[0..7]=eth_src[0..6]: bit widths of eth_dst[0..7] (7) and eth_src[0..6] (8) differ',
    ],
    ['dl_vlan=5', "dl_vlan=5: experimenter OXM field 'dl_vlan' not supported"],
    ['load:5', "load: missing `->' in `5'"],
    ['load:->reg0', "load: missing source before `->' in `->reg0'"],
    ['load:5x->reg0', "load: garbage before `->' in `5x->reg0'"],
    ['load:5->reg0[0..1]', '5->reg0[0..1]: value does not fit into 2 bits'],
    ['load:reg1[0..3]->reg0', 'reg1[0..3]->reg0: source field is 4 bits wide but destination is 32 bits wide'],
    ['output:1', "1: unknown field `1'"],
    [
      'ip_src=1.2.3.4/8',
      "ip_src=1.2.3.4/8: ip_src value 1.2.3.4/8 cannot be parsed as a subfield (1.2.3.4/8: unknown field `1.2.3.4/8') or an immediate value (1.2.3.4/8: wildcards not allowed here)",
    ],
    [
      'eth_dst[0..7]=256',
      "eth_dst[0..7]=256: eth_dst[0..7] value 256 cannot be parsed as a subfield (256: unknown field `256') or an immediate value (eth_dst[0..7]=256: value 00:00:00:00:01:00 does not fit into 8 bits)",
    ],
  ])('refuses learn(%s)', (argument, words) => {
    expect(wrongOf(`learn(${argument})`)).toBe(words)
  })

  test.each([
    ['actions=learn(eth_type=0x800,ip_src=1.2.3.4)', undefined],
    ['actions=learn(ip_src=1.2.3.4)', 'OFPBAC_MATCH_INCONSISTENT'],
    ['actions=learn(eth_type[0..14]=0x800,ip_src=5.5.5.5)', 'OFPBAC_MATCH_INCONSISTENT'],
    ['actions=learn(eth_type=0x800,nw_proto=6,tcp_src=tcp_dst)', 'OFPBAC_MATCH_INCONSISTENT'],
    ['tcp,actions=learn(eth_type=0x800,nw_proto=6,tcp_src=tcp_dst)', undefined],
    ['actions=learn(vlan_vid=0x1005,vlan_pcp=5)', 'OFPBAC_MATCH_INCONSISTENT'],
    ['actions=learn(vlan_tci[12]=1,vlan_pcp=5)', undefined],
    ['actions=learn(load:5->eth_type)', 'OFPBAC_BAD_SET_ARGUMENT'],
    ['actions=learn(eth_type=0x800,load:5->ip_src)', undefined],
  ])('what a learned flow needs: %s', (line, error) => {
    expect(checkOf(line)).toBe(error)
  })

  test.each([
    ['table 255', '0000', 'ff00', '', 'OFPBAC_BAD_ARGUMENT'],
    ['flags', '0004', '0100', '', 'OFPBAC_BAD_ARGUMENT'],
    ['filling', '0000', '0101', '', 'OFPBAC_BAD_ARGUMENT'],
    ['field', '0000', '0100', '20100005000000030000000000000000', 'OFPBAC_BAD_SET_TYPE'],
    ['short spec', '0000', '0100', '2010000500000002', 'OFPBAC_BAD_LEN'],
    ['reserved target', '0000', '0100', '18100000000200000000000000000000', 'OFPBAC_BAD_ARGUMENT'],
    ['constant to output', '0000', '0100', '30100005000000000000000000000000', 'OFPBAC_BAD_ARGUMENT'],
    ['end', '0000', '0100', '20100005000000020000000000000001', 'OFPBAC_BAD_ARGUMENT'],
  ])('bytes with a wrong %s', (_, flags, table, specs, error) => {
    const length = (32 + specs.length / 2).toString(16).padStart(4, '0')
    expect(textOf(`ffff${length}000023200010000000008000${'00'.repeat(8)}${flags}${table}00000000${specs}`)).toBe(error)
  })

  const fieldNames: readonly FieldName[] = ['reg0', 'xxreg1', 'eth_dst', 'ip_src', 'vlan_tci', 'in_port', 'metadata']
  const widths = { reg0: 32, xxreg1: 128, eth_dst: 48, ip_src: 32, vlan_tci: 16, in_port: 16, metadata: 64 }
  const spec: fc.Arbitrary<LearnSpec> = fc
    .tuple(
      fc.constantFrom(...fieldNames),
      fc.nat(15),
      fc.integer({ min: 1, max: 16 }),
      fc.nat(4),
      fc.bigInt(0n, 65535n),
    )
    .map(([field, from, most, kind, value]) => {
      const width = widths[field as keyof typeof widths]
      const count = Math.min(most, width - from)
      const bits = { field, start: from, count }
      const constant = { value: BigInt.asUintN(count, value), count }
      if (kind === 0) return { source: bits, target: { type: 'output' } }
      const target = { type: kind < 3 ? 'match' : 'load', field: bits } as const
      return { source: kind % 2 === 0 ? constant : bits, target }
    })
  const number = fc.nat(0xffff)
  const anyLearn: fc.Arbitrary<Learn> = fc.record({
    table: fc.nat(254),
    priority: number,
    idleTimeout: number,
    hardTimeout: number,
    finIdleTimeout: number,
    finHardTimeout: number,
    cookie: fc.bigInt(0n, 2n ** 64n - 1n),
    sendFlowRemoved: fc.boolean(),
    deleteLearned: fc.boolean(),
    limit: fc.nat(5),
    result: fc.option(
      fc.nat(31).map(start => ({ field: 'reg3' as const, start, count: 1 })),
      { nil: undefined },
    ),
    specs: fc.array(spec, { maxLength: 6 }),
  })

  test('what is written is read', () => {
    fc.assert(
      fc.property(anyLearn, fc.constantFrom(1 as const, 4 as const, 6 as const), (learn, version) => {
        const action = { type: 'learn', learn } as const
        expect(readHex(hexOf([action], version), version)).toEqual({ ok: true, value: [action] })
      }),
    )
  })
})
