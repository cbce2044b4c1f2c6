/** Random texts of the actions that have arguments of their own: `learn`, `ct`, `bundle` and their kin, right and wrong. */
import fc from 'fast-check'

type Text = fc.Arbitrary<string>
const among = (...texts: string[]): Text => fc.constantFrom(...texts)
const upTo = (max: number): Text => fc.integer({ min: 0, max }).map(String)
/** Mostly what is expected, seldom something else. */
const mostly = (usual: Text, ...odd: string[]): Text =>
  fc.oneof({ arbitrary: usual, weight: 12 }, { arbitrary: among(...odd), weight: 1 })
const list = (item: Text, minLength: number, maxLength: number): Text =>
  fc.array(item, { minLength, maxLength }).map(items => items.join(','))
const joined = (...parts: Text[]): Text => fc.tuple(...parts).map(texts => texts.join(''))
const optional = (text: Text): Text => fc.oneof(fc.constant(''), text)

const hashFields = mostly(
  among('eth_src', 'symmetric_l4', 'symmetric_l3l4', 'symmetric_l3l4+udp', 'nw_src', 'nw_dst', 'symmetric_l3'),
  'eth_dst',
  'SYMMETRIC_L3',
)
const basis = mostly(upTo(65535), '-1', 'x', '70000', '0x10')
const port = mostly(upTo(200), 'LOCAL', 'in_port', 'controller', 'none', 'x', '65280', '-5')

const range = (most: number): Text =>
  fc
    .tuple(fc.integer({ min: 0, max: most }), fc.integer({ min: 0, max: 20 }))
    .map(([from, more]) => `[${from}..${from + more}]`)
const register = among(
  'reg0',
  'reg15',
  'xreg1',
  'xxreg3',
  'NXM_NX_REG7',
  'OXM_OF_PKT_REG2',
  'metadata',
  'OXM_OF_METADATA',
)
const header = among(
  'eth_src',
  'NXM_OF_ETH_DST',
  'vlan_tci',
  'vlan_vid',
  'ip_src',
  'nw_dst',
  'ipv6_dst',
  'tcp_src',
  'udp_dst',
  'arp_spa',
  'in_port',
  'in_port_oxm',
  'eth_type',
  'nw_proto',
  'nw_tos',
  'icmp_type',
  'mpls_label',
)
const other = among(
  'tun_id',
  'tun_src',
  'pkt_mark',
  'ct_mark',
  'ct_label',
  'ct_zone',
  'tun_gbp_id',
  'nsh_c1',
  'actset_output',
  'dl_vlan',
  'nope',
  '',
)
const fieldName = fc.oneof({ arbitrary: register, weight: 4 }, { arbitrary: header, weight: 4 }, other)
const bits = fc.oneof(
  fc.constant(''),
  fc.constant('[]'),
  upTo(40).map(bit => `[${bit}]`),
  range(30),
  among('[5', '[a]', '[3..1]', '[]x', '-3'),
)
const subfield = fc.oneof(
  { arbitrary: joined(register, fc.oneof(fc.constant('[]'), range(12))), weight: 3 },
  joined(fieldName, bits),
)
const oneBit = fc.oneof(
  {
    arbitrary: joined(
      register,
      upTo(31).map(bit => `[${bit}]`),
    ),
    weight: 4,
  },
  subfield,
)

const members = joined(mostly(among('members', 'slaves'), 'foo', 'Members'), among(':', ' ', ':  '), list(port, 0, 4))
const algorithm = mostly(among('hrw', 'active_backup'), 'HRW', 'foo')
const bundle = joined(
  hashFields,
  fc.constant(','),
  basis,
  fc.constant(','),
  algorithm,
  mostly(fc.constant(',ofport,'), ',port,', ',', ' ofport '),
)
const bundles = fc.oneof(
  joined(fc.constant('bundle('), bundle, members, fc.constant(')')),
  joined(fc.constant('bundle_load('), bundle, subfield, fc.constant(','), members, fc.constant(')')),
)
const multipath = fc
  .tuple(
    hashFields,
    basis,
    mostly(among('modulo_n', 'hash_threshold', 'hrw', 'iter_hash'), 'foo'),
    mostly(upTo(70000), '0', '-1', 'x'),
    basis,
    subfield,
  )
  .map(parts => `multipath(${parts.join(',')})`)

const conjunction = fc
  .tuple(mostly(upTo(100), '0x12', '-1', 'x', '4294967296'), mostly(upTo(70), '300', ''), mostly(upTo(70), '300', '2x'))
  .map(([id, clause, clauses]) => `conjunction(${id},${clause}/${clauses})`)

const value = fc.oneof(
  upTo(300),
  among(
    '0x800',
    '0x86dd',
    '0x806',
    '6',
    '17',
    '1.2.3.4',
    'fe80::1',
    '1:2:3:4:5:6',
    '0xffffffffffff',
    '1/2',
    'x',
    '-1',
    'LOCAL',
    '010',
  ),
)
const enough = among(
  'eth_type=0x800',
  'eth_type=0x86dd',
  'eth_type=0x806',
  'eth_type=0x800,nw_proto=6',
  'eth_type=0x86dd,nw_proto=17',
  'vlan_tci=0x1005',
)
const spec = fc.oneof(
  enough,
  fieldName,
  subfield,
  joined(fieldName, fc.constant('='), value),
  joined(subfield, fc.constant('='), fc.oneof(value, subfield)),
  joined(subfield, fc.constant('='), subfield),
  joined(fc.constant('load:'), fc.oneof(value, subfield), mostly(fc.constant('->'), '-', ''), subfield),
  joined(fc.constant('output:'), subfield),
)
const learnOption = fc.oneof(
  joined(fc.constant('table='), mostly(upTo(254), '255', '256', 'x', '')),
  joined(
    among('priority=', 'idle_timeout=', 'hard_timeout=', 'fin_idle_timeout=', 'fin_hard_timeout='),
    mostly(upTo(65535), '-1', '70000', 'x'),
  ),
  joined(
    fc.constant('cookie='),
    mostly(upTo(1000000), '-1', '0x123456789abcdef0', '0x1/0x1', 'x', '99999999999999999999'),
  ),
  joined(fc.constant('limit='), mostly(upTo(100), '-1', '5000000000')),
  joined(fc.constant('result_dst='), oneBit),
  among('send_flow_rem', 'delete_learned', 'foo'),
)
const learn = fc
  .tuple(fc.array(learnOption, { maxLength: 3 }), optional(enough), fc.array(spec, { maxLength: 4 }))
  .map(([options, first, specs]) => `learn(${[...options, first, ...specs].filter(part => part !== '').join(',')})`)

const ip4 = fc.oneof(
  upTo(9).map(last => `10.0.0.${last}`),
  among('0.0.0.0', '1.2.3', '1.2.3.400', '10.0.0.1x'),
)
const ip6 = fc.oneof(
  upTo(9).map(last => `fe80::${last}`),
  upTo(9).map(last => `[fe80::${last}]`),
  among('::', '::1.2.3.4', '[::', '1:2:3:4:5:6:7:8:9', 'x'),
)
const ports = joined(fc.constant(':'), mostly(upTo(66000), '', 'x'), optional(joined(fc.constant('-'), upTo(66000))))
const ranged = (address: Text): Text => joined(address, optional(joined(fc.constant('-'), address)), optional(ports))
const nat = fc
  .tuple(
    optional(joined(among('src', 'dst'), optional(joined(fc.constant('='), fc.oneof(ranged(ip4), ranged(ip6)))))),
    fc.subarray(['persistent', 'hash', 'random']),
  )
  .map(([side, flags]) => `nat(${[side, ...flags].filter(part => part !== '').join(',')})`)
const inCt = fc.oneof(
  joined(fc.constant('set_field:'), among('5', '0x3/7', '0'), among('->ct_mark', '->ct_label', '->reg0')),
  joined(fc.constant('load:5->'), among('ct_mark', 'ct_label[0..15]', 'NXM_NX_CT_LABEL[64..127]')),
  fc.constant('move:reg0[0..15]->ct_label[16..31]'),
  nat,
  among('output:1', 'drop', 'ct_clear', 'meter:1', 'goto_table:5'),
)
const ctOption = mostly(
  fc.oneof(
    among('commit', 'commit,force', 'nat', 'commit'),
    joined(fc.constant('table='), mostly(upTo(254), '255', '256', 'x')),
    joined(fc.constant('zone='), fc.oneof(upTo(65535), subfield)),
    nat,
    joined(fc.constant('exec('), list(inCt, 0, 3), fc.constant(')')),
    among('alg=ftp', 'alg=tftp', 'alg=x'),
  ),
  'force',
  'foo',
  'Commit',
  'commit=1',
)
const ct = joined(fc.constant('ct('), list(ctOption, 0, 4), fc.constant(')'))

const checkLarger = fc
  .tuple(mostly(upTo(65535), '0x10', '70000', 'x', ''), mostly(fc.constant(')->'), ')', ')-'), oneBit)
  .map(([size, arrow, target]) => `check_pkt_larger(${size}${arrow}${target}`)
const deleteField = joined(
  fc.constant('delete_field:'),
  mostly(
    upTo(63).map(n => `tun_metadata${n}`),
    'reg0',
    'foo',
    'tun_metadata64',
    'tun_id',
  ),
)

const property = fc.oneof(
  joined(fc.constant('md_type='), mostly(among('1', '2'), '0', '0x2', 'x', '')),
  fc
    .tuple(
      mostly(
        upTo(65535).map(n => `0x${Number(n).toString(16)}`),
        '5',
        '0x10000',
      ),
      mostly(upTo(255), '256', 'x'),
      mostly(
        upTo(1000000000).map(n => `0x${Number(n).toString(16)}`),
        '12',
        '0x',
        '0x0012',
      ),
    )
    .map(parts => `tlv(${parts.join(',')})`),
)
const encap = joined(
  fc.constant('encap('),
  mostly(among('ethernet', 'nsh', 'mpls', 'mpls_mc'), 'vlan', ''),
  optional(joined(fc.constant('('), list(mostly(property, 'foo=1'), 0, 3), fc.constant(')'))),
  fc.constant(')'),
)
const decap = fc.oneof(
  among('decap', 'decap()', 'decap(foo)', 'decap(packet_type(ns=1))'),
  fc
    .tuple(mostly(upTo(2), 'x'), mostly(among('0', '0x894f', '0x800', '0xfffe', '2048'), '70000'))
    .map(([ns, type]) => `decap(packet_type(ns=${ns},type=${type}))`),
)

const short = among(
  'output:1',
  'ct_clear',
  'dec_nsh_ttl',
  'dec_ttl',
  'set_field:5->reg0',
  'load:5->reg1[3..9]',
  'mod_nw_src:1.2.3.4',
  'strip_vlan',
  'push_vlan:0x8100',
  'note:01',
  'set_field:1->nsh_si',
)

/** One action, seldom a short one; `clone` has others inside. */
export const longAction: Text = fc.letrec<{ action: string; leaf: string }>(tie => ({
  leaf: fc.oneof(bundles, multipath, conjunction, learn, learn, ct, ct, checkLarger, deleteField, encap, decap, short),
  action: fc.oneof(
    { arbitrary: tie('leaf'), weight: 9 },
    fc.array(tie('leaf'), { maxLength: 3 }).map(inside => `clone(${inside.join(',')})`),
  ),
})).action

const match = among(
  '',
  'ip',
  'tcp',
  'udp',
  'ipv6',
  'udp6',
  'arp',
  'dl_vlan=5',
  'mpls',
  'tcp,dl_vlan=5',
  'dl_type=0x894f',
  'icmp6',
)

/** A flow whose actions are mostly such. */
export const longActionLine: Text = fc
  .tuple(match, fc.array(longAction, { minLength: 1, maxLength: 2 }))
  .map(([fields, actions]) => `${fields === '' ? '' : `${fields},`}actions=${actions.join(',')}`)
