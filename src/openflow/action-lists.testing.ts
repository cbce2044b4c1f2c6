/** Actions as text: right ones, wrong ones, and those in between, for comparisons and round trips. */
import fc from 'fast-check'

const usual = fc.constantFrom('0', '1', '2', '3', '4', '7', '12')
const edge = fc.constantFrom(
  '8',
  '15',
  '255',
  '256',
  '4095',
  '4096',
  '65535',
  '65536',
  '0x10',
  '-1',
  'x',
  '1x',
  '4294967295',
)
const number = fc.oneof({ weight: 6, arbitrary: usual }, { weight: 1, arbitrary: edge })
const usualPort = fc.constantFrom('1', '2', '3', 'LOCAL', 'in_port')
const edgePort = fc.constantFrom(
  'NORMAL',
  'flood',
  'ALL',
  'CONTROLLER',
  'TABLE',
  'NONE',
  'foo',
  '65280',
  '65534',
  'UNSET',
)
const port = fc.oneof({ weight: 4, arbitrary: usualPort }, { weight: 1, arbitrary: edgePort })

/** Fields of all formats, and names that are none. */
const fieldName = fc.constantFrom(
  ...'reg0 reg1 xreg0 xxreg1 NXM_NX_REG0 OXM_OF_ETH_SRC eth_src dl_dst nw_src ip_dst in_port in_port_oxm tun_id metadata'.split(
    ' ',
  ),
  ...'vlan_vid vlan_tci vlan_pcp ip_dscp nw_tos nw_ecn nw_ttl tcp_src udp_dst sctp_src mpls_label mpls_ttl arp_op'.split(
    ' ',
  ),
  ...'arp_spa icmp_type ipv6_src ipv6_label nd_target tun_src tun_flags tun_gbp_id pkt_mark eth_type nw_proto'.split(
    ' ',
  ),
  ...'tun_erspan_idx nsh_ttl nsh_c1 ct_mark ct_label foo packet_type actset_output conj_id tun_metadata0'.split(' '),
)
const part = fc.constantFrom('', '[]', '[]', '[0]', '[0..3]', '[4..11]', '[0..31]', '[32..63]', '[5', '[3..1]', '[]x')
const subfield = fc.tuple(fieldName, part).map(([name, bits]) => name + bits)
const register = fc
  .tuple(fc.constantFrom('reg0', 'reg1', 'xreg2'), fc.constantFrom('[]', '[0..3]', '[4]'))
  .map(([name, bits]) => name + bits)
const value = fc.constantFrom(
  ...[
    '0',
    '1',
    '5',
    '8',
    '0x1005',
    '00:11:22:33:44:55',
    '1.2.3.4',
    '::1',
    '5/7',
    '1.2.3.0/24',
    'LOCAL',
    '1000000',
    'x',
  ],
)

const one = (...names: string[]): fc.Arbitrary<string> => fc.constantFrom(...names)
const named = (names: readonly string[], argument: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(fc.constantFrom(...names), argument).map(([name, text]) => `${name}:${text}`)
const options = (name: string, list: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...list.map(item => fc.option(item, { freq: 1 }))).map(parts => {
    return `${name}(${parts.filter(text => text !== null).join(',')})`
  })
const option = (name: string, argument: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  argument.map(text => `${name}=${text}`)

/** Actions that stand among others; not the instructions. */
export const plainText: fc.Arbitrary<string> = fc.oneof(
  port,
  named(['output', 'resubmit'], port),
  named(['output', 'push', 'pop'], fc.oneof(subfield, register)),
  fc.tuple(port, fc.constantFrom('100', '14', '13', 'x')).map(([to, size]) => `output(port=${to},max_len=${size})`),
  fc.tuple(port, number).map(([to, queue]) => `enqueue:${to}:${queue}`),
  named(['group', 'set_queue', 'controller', 'set_tunnel', 'set_tunnel64', 'set_mpls_label', 'set_mpls_tc'], number),
  named(['mod_nw_tos', 'mod_nw_ecn', 'mod_nw_ttl', 'mod_tp_src', 'mod_tp_dst', 'set_mpls_ttl'], number),
  named(['mod_vlan_vid', 'mod_vlan_pcp', 'set_vlan_vid', 'set_vlan_pcp'], number),
  options('controller', [
    option('max_len', number),
    option('id', number),
    option('reason', one('action', 'no_match', 'invalid_ttl', 'group', 'packet_out', 'foo')),
    option('userdata', one('01', '01.02.03', '0102')),
    one('pause'),
    option('meter_id', number),
  ]),
  fc.tuple(value, fc.oneof(subfield, register)).map(([text, to]) => `load:${text}->${to}`),
  fc.tuple(number, register).map(([text, to]) => `load:${text}->${to}`),
  fc.tuple(subfield, subfield).map(([from, to]) => `move:${from}->${to}`),
  part.map(bits => `move:reg0${bits}->reg1${bits}`),
  fc.tuple(value, fieldName).map(([text, to]) => `set_field:${text}->${to}`),
  named(['mod_dl_src', 'mod_nw_src'], value),
  one(
    'mod_dl_dst:00:11:22:33:44:55',
    'mod_nw_dst:1.2.3.4',
    'strip_vlan',
    'pop_vlan',
    'push_vlan:0x8100',
    'push_vlan:5',
  ),
  one('push_mpls:0x8847', 'push_mpls:x', 'pop_mpls:0x0800', 'dec_mpls_ttl', 'dec_ttl', 'dec_ttl(1,2)', 'dec_ttl()'),
  fc.tuple(port, number).map(([to, table]) => `resubmit(${to},${table})`),
  number.map(table => `resubmit(,${table})`),
  one('resubmit(,1,ct)', 'resubmit(,1,foo)', 'pop_queue', 'exit', 'note:01.02', 'note:x', 'note:', 'drop', 'foo'),
  one('fin_timeout(idle_timeout=3,hard_timeout=4)', 'fin_timeout()', 'fin_timeout(foo=1)', 'OUTPUT:1', 'Flood'),
  options('sample', [
    option('probability', number),
    option('collector_set_id', number),
    option('obs_domain_id', number),
    option('sampling_port', port),
    one('ingress', 'egress'),
  ]),
)

const instruction = fc.oneof(
  named(['write_metadata', 'goto_table', 'meter'], number),
  fc.tuple(number, number).map(([metadata, mask]) => `write_metadata:${metadata}/${mask}`),
  one('clear_actions'),
  fc.array(plainText, { maxLength: 2 }).map(list => `write_actions(${list.join(',')})`),
)

const match = fc.constantFrom(
  ...[
    '',
    'ip',
    'tcp',
    'udp',
    'sctp',
    'arp',
    'dl_vlan=5',
    'tcp,dl_vlan=5',
    'ipv6',
    'icmp',
    'mpls',
    'tcp6',
    'icmp6',
    'table=3',
  ],
)

/** Where an action has to stand: instructions go last, in an order of their own. */
const place = (text: string): number =>
  ['meter', '', 'clear_a', 'write_a', 'write_m', 'goto'].findIndex((start, i) => i !== 1 && text.startsWith(start))
const placed = (text: string): number => (place(text) < 0 ? 1 : place(text))

/** A flow with one to three actions, most of them in the right order. */
export const flowText: fc.Arbitrary<string> = fc
  .tuple(
    match,
    fc.array(fc.oneof({ weight: 6, arbitrary: plainText }, { weight: 1, arbitrary: instruction }), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.nat(4),
  )
  .map(([fields, list, chance]) => {
    const actions = chance === 0 ? list : [...list].sort((a, b) => placed(a) - placed(b))
    return `${fields === '' ? '' : `${fields},`}actions=${actions.join(',')}`
  })
