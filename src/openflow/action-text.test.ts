import { describe, expect, test } from 'vitest'
import { checkReceived, preconditionOf } from './action-check.ts'
import { formatActions } from './action-text.ts'
import { decodeInstructions, encodeInstructions } from './action-wire.ts'
import { Reader, Writer } from './bytes.ts'
import type { FlowMod } from './flow-mod.ts'
import { parseFlow } from './flow-text.ts'
import { formatProtocols, protocolsOf, type Version } from './protocol.ts'

const versions = [1, 2, 4, 6] as const

/** What `ovs-ofctl parse-flow` of Open vSwitch 3.1.0 printed: usable protocols, and the actions in 1.0, 1.1, 1.3 and 1.5. */
const taken: readonly (readonly [line: string, protocols: string, seen: readonly string[]])[] = [
  ['actions=group:5', 'any', ['group:5', 'group:5', 'group:5', 'group:5']],
  ['actions=group:-1', 'any', ['group:4294967295', 'group:4294967295', 'group:4294967295', 'group:4294967295']],
  [
    'actions=enqueue:1:2',
    'any',
    [
      'enqueue:1:2',
      'set_queue:2,output:1,pop_queue',
      'set_queue:2,output:1,pop_queue',
      'set_queue:2,output:1,pop_queue',
    ],
  ],
  [
    'actions=enqueue(LOCAL,2)',
    'any',
    ['enqueue:LOCAL:2', 'set_queue:2,LOCAL,pop_queue', 'set_queue:2,LOCAL,pop_queue', 'set_queue:2,LOCAL,pop_queue'],
  ],
  [
    'actions=set_queue:7,pop_queue',
    'any',
    ['set_queue:7,pop_queue', 'set_queue:7,pop_queue', 'set_queue:7,pop_queue', 'set_queue:7,pop_queue'],
  ],
  [
    'actions=push:NXM_NX_REG0[0..3],pop:in_port',
    'any',
    [
      'push:NXM_NX_REG0[0..3],pop:NXM_OF_IN_PORT[]',
      'push:NXM_NX_REG0[0..3],pop:NXM_OF_IN_PORT[]',
      'push:NXM_NX_REG0[0..3],pop:NXM_OF_IN_PORT[]',
      'push:NXM_NX_REG0[0..3],pop:NXM_OF_IN_PORT[]',
    ],
  ],
  ['actions=exit', 'any', ['exit', 'exit', 'exit', 'exit']],
  [
    'actions=fin_timeout(idle_timeout=5,hard_timeout=6)',
    'OpenFlow10,NXM',
    ['fin_timeout(idle_timeout=5,hard_timeout=6)', '-', '-', '-'],
  ],
  [
    'tcp,actions=fin_timeout(idle_timeout=5)',
    'any',
    [
      'fin_timeout(idle_timeout=5)',
      'fin_timeout(idle_timeout=5)',
      'fin_timeout(idle_timeout=5)',
      'fin_timeout(idle_timeout=5)',
    ],
  ],
  [
    'actions=sample(probability=12345,collector_set_id=23456,obs_domain_id=34567,obs_point_id=45678)',
    'any',
    [
      'sample(probability=12345,collector_set_id=23456,obs_domain_id=34567,obs_point_id=45678)',
      'sample(probability=12345,collector_set_id=23456,obs_domain_id=34567,obs_point_id=45678)',
      'sample(probability=12345,collector_set_id=23456,obs_domain_id=34567,obs_point_id=45678)',
      'sample(probability=12345,collector_set_id=23456,obs_domain_id=34567,obs_point_id=45678)',
    ],
  ],
  [
    'actions=sample(probability=1,sampling_port=2)',
    'any',
    [
      'sample(probability=1,collector_set_id=0,obs_domain_id=0,obs_point_id=0,sampling_port=2)',
      'sample(probability=1,collector_set_id=0,obs_domain_id=0,obs_point_id=0,sampling_port=2)',
      'sample(probability=1,collector_set_id=0,obs_domain_id=0,obs_point_id=0,sampling_port=2)',
      'sample(probability=1,collector_set_id=0,obs_domain_id=0,obs_point_id=0,sampling_port=2)',
    ],
  ],
  [
    'actions=sample(probability=1,sampling_port=2,ingress)',
    'any',
    [
      'sample(probability=1,collector_set_id=0,obs_domain_id=0,obs_point_id=0,sampling_port=2,ingress)',
      'sample(probability=1,collector_set_id=0,obs_domain_id=0,obs_point_id=0,sampling_port=2,ingress)',
      'sample(probability=1,collector_set_id=0,obs_domain_id=0,obs_point_id=0,sampling_port=2,ingress)',
      'sample(probability=1,collector_set_id=0,obs_domain_id=0,obs_point_id=0,sampling_port=2,ingress)',
    ],
  ],
  [
    'actions=sample(probability=1,egress)',
    'any',
    [
      'sample(probability=1,collector_set_id=0,obs_domain_id=0,obs_point_id=0,egress)',
      'sample(probability=1,collector_set_id=0,obs_domain_id=0,obs_point_id=0,egress)',
      'sample(probability=1,collector_set_id=0,obs_domain_id=0,obs_point_id=0,egress)',
      'sample(probability=1,collector_set_id=0,obs_domain_id=0,obs_point_id=0,egress)',
    ],
  ],
  ['actions=clear_actions', 'any', ['drop', 'clear_actions', 'clear_actions', 'clear_actions']],
  [
    'actions=write_actions(output:1)',
    'any',
    ['drop', 'write_actions(output:1)', 'write_actions(output:1)', 'write_actions(output:1)'],
  ],
  [
    'actions=write_actions(resubmit(1,2))',
    'any',
    ['drop', 'write_actions(resubmit(1,2))', 'write_actions(resubmit(1,2))', 'write_actions(resubmit(1,2))'],
  ],
  [
    'actions=write_actions(push_vlan:0x8100)',
    'OXM,OpenFlow11',
    ['-', 'write_actions(push_vlan:0x8100)', 'write_actions(push_vlan:0x8100)', 'write_actions(push_vlan:0x8100)'],
  ],
  [
    'actions=write_actions(group:3,set_field:5->tun_id)',
    'NXM,OXM',
    ['drop', '-', 'write_actions(group:3,set_field:0x5->tun_id)', 'write_actions(group:3,set_field:0x5->tun_id)'],
  ],
  ['actions=write_actions(note:01)', 'any', ['drop', 'OFPBAC_BAD_TYPE', 'OFPBAC_BAD_TYPE', 'OFPBAC_BAD_TYPE']],
  [
    'actions=write_actions(mod_nw_src:1.2.3.4)',
    'any',
    ['drop', 'write_actions(mod_nw_src:1.2.3.4)', 'OFPBAC_MATCH_INCONSISTENT', 'OFPBAC_MATCH_INCONSISTENT'],
  ],
  [
    'actions=meter:1,output:2',
    'OXM-OpenFlow13,OXM-OpenFlow14,OXM-OpenFlow15',
    ['-', '-', 'meter:1,output:2', 'meter:1,output:2'],
  ],
  [
    'actions=write_metadata:-1',
    'NXM,OXM,OpenFlow11',
    [
      'write_metadata:0xffffffffffffffff',
      'write_metadata:0xffffffffffffffff',
      'write_metadata:0xffffffffffffffff',
      'write_metadata:0xffffffffffffffff',
    ],
  ],
  [
    'actions=write_metadata:5/7',
    'NXM,OXM,OpenFlow11',
    ['write_metadata:0x5/0x7', 'write_metadata:0x5/0x7', 'write_metadata:0x5/0x7', 'write_metadata:0x5/0x7'],
  ],
  [
    'actions=debug_recirc',
    'any',
    ['OFPBAC_BAD_VENDOR_TYPE', 'OFPBAC_BAD_VENDOR_TYPE', 'OFPBAC_BAD_VENDOR_TYPE', 'OFPBAC_BAD_VENDOR_TYPE'],
  ],
  [
    'actions=output(port=1,max_len=100)',
    'any',
    [
      'output(port=1,max_len=100)',
      'output(port=1,max_len=100)',
      'output(port=1,max_len=100)',
      'output(port=1,max_len=100)',
    ],
  ],
  [
    'actions=output(port=1,max_len=99999999999)',
    'any',
    [
      'output(port=1,max_len=1215752191)',
      'output(port=1,max_len=1215752191)',
      'output(port=1,max_len=1215752191)',
      'output(port=1,max_len=1215752191)',
    ],
  ],
  [
    'actions=output(reg0[])',
    'any',
    ['output:NXM_NX_REG0[]', 'output:NXM_NX_REG0[]', 'output:NXM_NX_REG0[]', 'output:NXM_NX_REG0[]'],
  ],
  ['actions=push_mpls:0x8847', 'any', ['push_mpls:0x8847', 'push_mpls:0x8847', 'push_mpls:0x8847', 'push_mpls:0x8847']],
  ['mpls,actions=pop_mpls:0x0800', 'any', ['pop_mpls:0x0800', 'pop_mpls:0x0800', 'pop_mpls:0x0800', 'pop_mpls:0x0800']],
  ['actions=pop_mpls:0x0800', 'OpenFlow10,NXM', ['pop_mpls:0x0800', '-', '-', '-']],
  [
    'mpls,actions=set_mpls_label:5,set_mpls_tc:3,set_mpls_ttl:9,dec_mpls_ttl',
    'any',
    [
      'set_mpls_label(5),set_mpls_tc(3),set_mpls_ttl(9),dec_mpls_ttl',
      'set_mpls_label(5),set_mpls_tc(3),set_mpls_ttl(9),dec_mpls_ttl',
      'set_field:5->mpls_label,set_field:3->mpls_tc,set_mpls_ttl(9),dec_mpls_ttl',
      'set_field:5->mpls_label,set_field:3->mpls_tc,set_mpls_ttl(9),dec_mpls_ttl',
    ],
  ],
  ['actions=set_mpls_label:5', 'OpenFlow10,NXM', ['set_mpls_label(5)', '-', '-', '-']],
  ['ip,actions=dec_ttl(1,2,3)', 'any', ['dec_ttl(1,2,3)', 'dec_ttl(1,2,3)', 'dec_ttl(1,2,3)', 'dec_ttl(1,2,3)']],
  ['ip,actions=dec_ttl()', 'any', ['dec_ttl', 'dec_ttl', 'dec_ttl', 'dec_ttl']],
  ['actions=controller(max_len=100)', 'any', ['CONTROLLER:100', 'CONTROLLER:100', 'CONTROLLER:100', 'CONTROLLER:100']],
  [
    'actions=controller(reason=action_set)',
    'any',
    [
      'controller(reason=action_set)',
      'controller(reason=action_set)',
      'controller(reason=action_set)',
      'controller(reason=action_set)',
    ],
  ],
  [
    'actions=controller(max_len=100,id=5)',
    'any',
    [
      'controller(max_len=100,id=5)',
      'controller(max_len=100,id=5)',
      'controller(max_len=100,id=5)',
      'controller(max_len=100,id=5)',
    ],
  ],
  [
    'actions=controller(userdata=01.02.03)',
    'any',
    [
      'controller(userdata=01.02.03)',
      'controller(userdata=01.02.03)',
      'controller(userdata=01.02.03)',
      'controller(userdata=01.02.03)',
    ],
  ],
  [
    'actions=controller(pause,meter_id=5,id=7,reason=no_match)',
    'any',
    [
      'controller(reason=no_match,id=7,pause,meter_id=5)',
      'controller(reason=no_match,id=7,pause,meter_id=5)',
      'controller(reason=no_match,id=7,pause,meter_id=5)',
      'controller(reason=no_match,id=7,pause,meter_id=5)',
    ],
  ],
  [
    'ip,ct_state=+trk-inv,nw_proto=6,actions=resubmit(1,2,ct)',
    'NXM,OXM',
    ['resubmit(1,2,ct)', '-', 'resubmit(1,2,ct)', 'resubmit(1,2,ct)'],
  ],
  ['actions=resubmit(1,255)', 'any', ['resubmit:1', 'resubmit:1', 'resubmit:1', 'resubmit:1']],
  [
    'actions=load:5x->reg0',
    'any',
    ['load:0x5->NXM_NX_REG0[]', 'load:0x5->NXM_NX_REG0[]', 'load:0x5->NXM_NX_REG0[]', 'set_field:0x5->reg0'],
  ],
  [
    'actions=load:0x123456789abcdef0123->xxreg0[]',
    'any',
    [
      'load:0x456789abcdef0123->NXM_NX_XXREG0[0..63],load:0x123->NXM_NX_XXREG0[64..127]',
      'load:0x456789abcdef0123->NXM_NX_XXREG0[0..63],load:0x123->NXM_NX_XXREG0[64..127]',
      'load:0x456789abcdef0123->NXM_NX_XXREG0[0..63],load:0x123->NXM_NX_XXREG0[64..127]',
      'set_field:0x123456789abcdef0123->xxreg0',
    ],
  ],
  [
    'actions=set_field:3/7->tun_erspan_idx',
    'NXM,OXM',
    [
      'set_field:0x3/0x7->tun_erspan_idx',
      '-',
      'set_field:0x3/0x7->tun_erspan_idx',
      'set_field:0x3/0x7->tun_erspan_idx',
    ],
  ],
  [
    'actions=set_field:0/6->tun_erspan_ver,set_field:0/7->tun_gbp_flags',
    'NXM,OXM',
    [
      'set_field:0/0x6->tun_erspan_ver,load:0->NXM_NX_TUN_GBP_FLAGS[0..2]',
      '-',
      'set_field:0/0x6->tun_erspan_ver,load:0->NXM_NX_TUN_GBP_FLAGS[0..2]',
      'set_field:0/0x6->tun_erspan_ver,set_field:0/0x7->tun_gbp_flags',
    ],
  ],
  [
    'actions=set_field:1->tun_metadata0',
    'NXM,OXM',
    ['set_field:0x1->tun_metadata0', '-', 'set_field:0x1->tun_metadata0', 'set_field:0x1->tun_metadata0'],
  ],
  [
    'actions=set_field:0->vlan_tci',
    'any',
    ['strip_vlan', 'OFPBAC_MATCH_INCONSISTENT', 'set_field:0->vlan_tci', 'set_field:0->vlan_tci'],
  ],
  [
    'actions=set_field:0x1005->vlan_tci',
    'any',
    [
      'mod_vlan_vid:5,mod_vlan_pcp:0',
      'push_vlan:0x8100,set_vlan_vid:5,set_vlan_pcp:0',
      'set_field:0x1005->vlan_tci',
      'set_field:0x1005->vlan_tci',
    ],
  ],
  [
    'dl_vlan=3,actions=set_field:0x1005->vlan_vid',
    'any',
    ['mod_vlan_vid:5', 'set_vlan_vid:5', 'set_field:4101->vlan_vid', 'set_field:4101->vlan_vid'],
  ],
  ['actions=set_field:*->reg0', 'NXM,OXM', ['drop', '-', 'drop', 'set_field:ANY->reg0']],
  [
    'actions=set_field:1->tun_flags',
    'NXM,OXM',
    ['load:0x1->NXM_NX_TUN_FLAGS[]', '-', 'set_field:oam->tun_flags', 'set_field:oam->tun_flags'],
  ],
  [
    'mpls,actions=set_field:5->mpls_label',
    'NXM,OXM,OpenFlow11',
    [
      'load:0x5->OXM_OF_MPLS_LABEL[]',
      'load:0x5->OXM_OF_MPLS_LABEL[]',
      'set_field:5->mpls_label',
      'set_field:5->mpls_label',
    ],
  ],
]

/** What it said of others. */
const refused: readonly (readonly [line: string, error: string])[] = [
  ['actions=group:x', 'invalid numeric format x'],
  ['actions=group:', 'missing required numeric argument'],
  ['actions=enqueue:1', '"enqueue" syntax is "enqueue:PORT:QUEUE" or "enqueue(PORT,QUEUE)"'],
  ['actions=enqueue:x:2', 'x: enqueue to unknown port'],
  ['actions=enqueue:NORMAL:2', 'actions are invalid with specified match (OFPBAC_BAD_OUT_PORT)'],
  ['actions=set_queue:x', 'invalid numeric format x'],
  ['actions=push:foo', "foo: unknown field `foo'"],
  ['actions=pop:reg0[]x', 'x: trailing garbage following push or pop'],
  ['actions=pop:NXM_OF_IP_SRC[]', 'actions are invalid with specified match (OFPBAC_MATCH_INCONSISTENT)'],
  ['tcp,actions=fin_timeout(foo=5)', "invalid key 'foo' in 'fin_timeout' argument"],
  ['tcp,actions=fin_timeout(idle_timeout=66666)', 'invalid idle_timeout "66666"'],
  ['actions=sample(probability=0,collector_set_id=23456)', 'invalid probability value "0"'],
  ['actions=sample(probability=12345,foo=23456)', 'invalid key "foo" in "sample" argument'],
  ['actions=sample()', 'non-zero "probability" must be specified on sample'],
  ['actions=sample(probability=99999)', 'invalid probability "99999"'],
  ['actions=sample(sampling_port=foo)', 'foo: unknown port'],
  ['actions=sample(probability=5,collector_set_id=x)', 'invalid numeric format x'],
  [
    'actions=clear_actions,output:1',
    'invalid instruction ordering: apply_actions must appear before clear_actions, for OpenFlow 1.1+ compatibility',
  ],
  ['actions=write_actions(output:1,drop)', '"drop" must not be accompanied by any other action or instruction'],
  ['actions=write_actions(write_actions(output:1))', 'write_actions instruction not allowed here'],
  ['actions=write_actions(goto_table:1)', 'goto_table instruction not allowed here'],
  ['actions=write_actions(set_field:1->ct_mark)', 'cannot set CT fields outside of ct action'],
  [
    'actions=write_actions(set_field:1.2.3.4->ip_src)',
    'actions are invalid with specified match (OFPBAC_MATCH_INCONSISTENT)',
  ],
  ['actions=meter:0', 'actions are invalid with specified match (OFPMMFC_INVALID_METER)'],
  ['actions=meter:x', 'invalid numeric format x'],
  [
    'actions=output:2,meter:1',
    'invalid instruction ordering: meter must appear before apply_actions, for OpenFlow 1.1+ compatibility',
  ],
  ['actions=meter:1,meter:2', 'duplicate meter instruction not allowed, for OpenFlow 1.1+ compatibility'],
  ['table=3,actions=goto_table:3', 'actions are invalid with specified match (OFPBIC_BAD_TABLE_ID)'],
  ['actions=goto_table:300', 'unknown table "300"'],
  ['actions=goto_table:-1', 'unknown table "-1"'],
  ['actions=output(port=1,max_len=13)', 'max_len 13 is less than the minimum value 14'],
  ['actions=output(port=1)', 'port=1: output to unknown port'],
  ['actions=output(port=NORMAL,max_len=100)', 'output to unsupported truncate port: NORMAL'],
  ['actions=output(port=foo,max_len=100)', 'output to unknown truncate port: foo'],
  ['actions=output:UNSET', 'actions are invalid with specified match (OFPBAC_BAD_OUT_PORT)'],
  ['actions=output:', ': output to unknown port'],
  ['mpls,actions=set_mpls_label:0x100000', '0x100000: not a valid MPLS label'],
  ['mpls,actions=set_mpls_label:', 'set_mpls_label: expected label.'],
  ['mpls,actions=set_mpls_tc:8', '8: not a valid MPLS TC'],
  ['mpls,actions=set_mpls_tc:', 'set_mpls_tc: expected tc.'],
  ['mpls,actions=set_mpls_ttl:256', 'invalid MPLS TTL "256"'],
  ['mpls,actions=set_mpls_ttl:', 'set_mpls_ttl: expected ttl.'],
  ['actions=controller(reason=foo)', 'unknown reason "foo"'],
  ['actions=controller(userdata=xx)', "bad hex digit in `controller' action `userdata'"],
  ['actions=controller(foo)', 'unknown key "foo" parsing controller action'],
  ['actions=controller:100000', 'invalid max_len "100000"'],
  ['actions=resubmit(,2,ct)', 'actions are invalid with specified match (OFPBAC_MATCH_INCONSISTENT)'],
  ['actions=resubmit(,2,foo)', 'foo: unknown parameter'],
  ['actions=resubmit:in_port', 'at least one "in_port" or "table" must be specified on resubmit'],
  ['actions=note:01.0', "bad hex digit in `note' argument"],
  ['actions=load:->reg0', '->reg0: cannot parse integer value'],
  ['actions=load:99999999999999999999->reg0', '99999999999999999999->reg0: cannot parse integer value'],
  ['tcp,actions=load:7->ip_dst[0]', '7->ip_dst[0]: value 0.0.0.7 does not fit into 1 bits'],
  ['actions=set_field:5->vlan_vid', 'actions are invalid with specified match (OFPBAC_MATCH_INCONSISTENT)'],
  ['actions=move:reg0[]x->reg1', "reg0[]x->reg1: missing `->' following source"],
  [
    'actions=conjunction(1,1/2),output:1',
    '"conjunction" actions may be used along with "note" but not any other kind of action (such as the "output" action used here)',
  ],
]

/** The actions as a peer reads them, or why it does not. */
const seen = (flow: FlowMod, version: Version): string => {
  const out = new Writer()
  encodeInstructions(out, flow.actions, version, preconditionOf(flow.match))
  const actions = decodeInstructions(new Reader(out.done()), version)
  if (!actions.ok) return actions.error
  return checkReceived(actions.value, flow.match, undefined, protocolsOf(version)) ?? formatActions(actions.value)
}

describe('actions that ovs-ofctl takes', () => {
  test.each(taken)('%s', (line, protocols, flows) => {
    const read = parseFlow(line, 'add')
    if (!read.ok) throw new Error(read.error)
    expect(formatProtocols(read.protocols)).toBe(protocols)
    for (const [i, version] of versions.entries()) {
      if ((read.protocols & protocolsOf(version)) === 0) expect(flows[i]).toBe('-')
      else expect(seen(read.flow, version)).toBe(flows[i])
    }
  })
})

test('actions in actions, as deep as ovs-ofctl has them', () => {
  const nested = (depth: number): string => `actions=${'clone('.repeat(depth)}output:1${')'.repeat(depth)}`
  expect(parseFlow(nested(99), 'add').ok).toBe(true)
  expect(parseFlow(nested(100), 'add')).toEqual({ ok: false, error: 'Action nested too deeply' })
  expect(parseFlow(nested(5000), 'add')).toEqual({ ok: false, error: 'Action nested too deeply' })
})

describe('actions that ovs-ofctl refuses', () => {
  test.each(refused)('%s', (line, error) => {
    expect(parseFlow(line, 'add')).toEqual({ ok: false, error })
  })
})
