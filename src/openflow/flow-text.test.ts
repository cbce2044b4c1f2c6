import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { preconditionOf } from './action-check.ts'
import { seenBy } from './action-version.ts'
import { formatFlowMod } from './flow-format.ts'
import { parseFlow } from './flow-text.ts'
import { formatProtocols, type Version } from './protocol.ts'

/** The flow as a peer of a version is told of it. */
const told = (line: string, version: Version): string => {
  const read = parseFlow(line, 'add')
  if (!read.ok) return read.error
  const { flow } = read
  return formatFlowMod({ ...flow, importance: 0, actions: seenBy(version, flow.actions, preconditionOf(flow.match)) })
}

/** What `ovs-ofctl parse-flow` of Open vSwitch 3.1.0 printed: usable protocols, and the flow as OpenFlow 1.0 has it. */
const recorded: readonly (readonly [line: string, protocols: string, flow: string])[] = [
  ['actions=', 'any', 'ADD actions=drop'],
  ['action=', 'any', 'ADD actions=drop'],
  ['in_port=1,actions=output:65279', 'any', 'ADD in_port=1 actions=output:65279'],
  ['in_port=1,actions=output(1)', 'any', 'ADD in_port=1 actions=output:1'],
  ['in_port=1,actions=1:2', 'any', 'ADD in_port=1 actions=output:1'],
  ['in_port=1,actions=NORMAL:3', 'any', 'ADD in_port=1 actions=NORMAL'],
  ['in_port=1,actions=LOCAL:3', 'any', 'ADD in_port=1 actions=LOCAL'],
  ['in_port=1,actions=controller(reason=invalid_ttl)', 'any', 'ADD in_port=1 actions=controller(reason=invalid_ttl)'],
  ['in_port=1,actions=controller(reason=action,max_len=1)', 'any', 'ADD in_port=1 actions=CONTROLLER:1'],
  ['in_port=1,actions=resubmit:65300', 'any', 'ADD in_port=1 actions=resubmit:65300'],
  ['in_port=1,actions=resubmit(1,255)', 'any', 'ADD in_port=1 actions=resubmit:1'],
  ['in_port=1,actions=resubmit(in_port,2)', 'any', 'ADD in_port=1 actions=resubmit(,2)'],
  ['in_port=1,actions=resubmit(NORMAL,2)', 'any', 'ADD in_port=1 actions=resubmit(NORMAL,2)'],
  ['in_port=1,actions=resubmit(1,2', 'any', 'ADD in_port=1 actions=resubmit(1,2)'],
  ['in_port=1,actions=set_field:8/7->reg0', 'NXM,OXM', 'ADD in_port=1 actions=load:0->NXM_NX_REG0[0..2]'],
  ['in_port=1,actions=set_field:1->reg0,', 'NXM,OXM', 'ADD in_port=1 actions=load:0x1->NXM_NX_REG0[]'],
  [
    'in_port=1,actions=set_field:1->in_port_oxm',
    'NXM,OXM,OpenFlow11',
    'ADD in_port=1 actions=load:0x1->OXM_OF_IN_PORT[]',
  ],
  ['in_port=1,actions=set_field:LOCAL->in_port', 'any', 'ADD in_port=1 actions=load:0xfffe->NXM_OF_IN_PORT[]'],
  ['in_port=1,actions=set_field:oam->tun_flags', 'NXM,OXM', 'ADD in_port=1 actions=load:0x1->NXM_NX_TUN_FLAGS[]'],
  ['in_port=1,actions=load:010->reg0', 'any', 'ADD in_port=1 actions=load:0x8->NXM_NX_REG0[]'],
  ['in_port=1,actions=load:1->xreg0[0..3]', 'any', 'ADD in_port=1 actions=load:0x1->OXM_OF_PKT_REG0[0..3]'],
  [
    'in_port=1,actions=move:eth_type[]->reg0[0..15]',
    'any',
    'ADD in_port=1 actions=move:NXM_OF_ETH_TYPE[]->NXM_NX_REG0[0..15]',
  ],
  ['in_port=1,actions=mod_vlan_vid:0x5', 'any', 'ADD in_port=1 actions=mod_vlan_vid:5'],
  ['in_port=1,actions=strip_vlan:3', 'OpenFlow10,NXM', 'ADD in_port=1 actions=strip_vlan'],
  ['in_port=1,actions=pop_vlan:3', 'OpenFlow10,NXM', 'ADD in_port=1 actions=strip_vlan'],
  ['in_port=1,actions=mod_dl_src:1:2:3:4:5:6:7', 'any', 'ADD in_port=1 actions=mod_dl_src:01:02:03:04:05:06'],
  ['in_port=1,actions=mod_dl_src:1:2:3:4:5:6x', 'any', 'ADD in_port=1 actions=mod_dl_src:01:02:03:04:05:06'],
  ['in_port=1,actions=dec_ttl:', 'OpenFlow10,NXM', 'ADD in_port=1 actions=dec_ttl'],
  ['in_port=1,actions=dec_ttl:3', 'OpenFlow10,NXM', 'ADD in_port=1 actions=dec_ttl(3)'],
  ['in_port=1,actions=dec_ttl()', 'OpenFlow10,NXM', 'ADD in_port=1 actions=dec_ttl'],
  ['in_port=1,actions=dec_ttl(x)', 'OpenFlow10,NXM', 'ADD in_port=1 actions=dec_ttl(0)'],
  ['in_port=1,actions=dec_ttl(70000)', 'OpenFlow10,NXM', 'ADD in_port=1 actions=dec_ttl(4464)'],
  ['in_port=1,actions=dec_ttl(0)', 'OpenFlow10,NXM', 'ADD in_port=1 actions=dec_ttl(0)'],
  ['in_port=1,actions=drop:3', 'any', 'ADD in_port=1 actions=drop'],
  ['in_port=1,actions=drop,drop', 'any', 'ADD in_port=1 actions=drop'],
  ['in_port=1,actions=goto_table:0', 'any', 'ADD in_port=1 actions=resubmit(,0)'],
  [
    'table=3,actions=goto_table:5',
    'OXM,OpenFlow10+table_id,NXM+table_id,OpenFlow11',
    'ADD table:3 actions=resubmit(,5)',
  ],
  ['in_port=1,actions=note', 'any', 'ADD in_port=1 actions=note:00.00.00.00.00.00'],
  [
    'in_port=1,actions=note:01.02.03.04.05.06.07',
    'any',
    'ADD in_port=1 actions=note:01.02.03.04.05.06.07.00.00.00.00.00.00.00',
  ],
  ['in_port=1,actions=set_tunnel:0x100000000', 'any', 'ADD in_port=1 actions=set_tunnel64:0x100000000'],
  ['in_port=1,actions=set_tunnel64:0x100000000', 'any', 'ADD in_port=1 actions=set_tunnel64:0x100000000'],
  ['in_port=1,actions=,output:1', 'any', 'ADD in_port=1 actions=output:1'],
  ['in_port=1,actions=output:1,,output:2', 'any', 'ADD in_port=1 actions=output:1,output:2'],
  ['in_port=1,actions=output:1 output:2', 'any', 'ADD in_port=1 actions=output:1,output:2'],
  ['in_port=1,actions= output:1', 'any', 'ADD in_port=1 actions=output:1'],
  ['in_port=1,actions=output=1', 'any', 'ADD in_port=1 actions=output:1'],
  ['in_port=1,actions=Output:1', 'any', 'ADD in_port=1 actions=output:1'],
  ['in_port=1,actions=Drop', 'any', 'ADD in_port=1 actions=drop'],
  ['in_port=1,actions=table', 'any', 'ADD in_port=1 actions=TABLE'],
  ['in_port=1,actions=flood', 'any', 'ADD in_port=1 actions=FLOOD'],
  ['in_port=1,actions=in_port', 'any', 'ADD in_port=1 actions=IN_PORT'],
  ['in_port=1,actions=output:IN_PORT', 'any', 'ADD in_port=1 actions=IN_PORT'],
  ['in_port=1,actions=output:TABLE', 'any', 'ADD in_port=1 actions=TABLE'],
  ['actions=output:1,in_port=1', 'any', 'ADD actions=output:1,IN_PORT'],
  ['table=1,actions=1', 'OXM,OpenFlow10+table_id,NXM+table_id,OpenFlow11', 'ADD table:1 actions=output:1'],
  ['table=255,actions=1', 'any', 'ADD actions=output:1'],
  ['priority=1,actions=1', 'any', 'ADD priority=1 actions=output:1'],
  ['priority=32768,actions=1', 'any', 'ADD actions=output:1'],
  ['priority=65535,actions=1', 'any', 'ADD priority=65535 actions=output:1'],
  ['cookie=0x1,actions=1', 'any', 'ADD cookie:0x1 actions=output:1'],
  ['cookie=-1,actions=1', 'any', 'ADD actions=output:1'],
  ['cookie=0xffffffffffffffff,actions=1', 'any', 'ADD actions=output:1'],
  ['idle_timeout=10,actions=1', 'any', 'ADD idle:10 actions=output:1'],
  ['hard_timeout=20,actions=1', 'any', 'ADD hard:20 actions=output:1'],
  ['importance=3,actions=1', 'any', 'ADD actions=output:1'],
  ['send_flow_rem,actions=1', 'any', 'ADD send_flow_rem actions=output:1'],
  ['send_flow_rem=3,actions=1', 'any', 'ADD send_flow_rem actions=output:1'],
  ['check_overlap,actions=1', 'any', 'ADD check_overlap actions=output:1'],
  ['check_overlap,send_flow_rem,actions=1', 'any', 'ADD send_flow_rem check_overlap actions=output:1'],
  ['in_port=1 actions=1', 'any', 'ADD in_port=1 actions=output:1'],
  ['in_port=1, priority=3, actions=1', 'any', 'ADD priority=3,in_port=1 actions=output:1'],
  ['priority=3 in_port=1 actions=1', 'any', 'ADD priority=3,in_port=1 actions=output:1'],
  ['duration=3s,actions=1', 'any', 'ADD actions=output:1'],
  ['n_packets=3,actions=1', 'any', 'ADD actions=output:1'],
  ['n_bytes=3,actions=1', 'any', 'ADD actions=output:1'],
  ['idle_age=3,actions=1', 'any', 'ADD actions=output:1'],
  ['hard_age=3,actions=1', 'any', 'ADD actions=output:1'],
  [
    'idle_timeout=5,hard_timeout=6,importance=7,cookie=8,priority=9,table=1,actions=1',
    'OXM,OpenFlow10+table_id,NXM+table_id,OpenFlow11',
    'ADD table:1 priority=9 cookie:0x8 idle:5 hard:6 actions=output:1',
  ],
  ['actions=1,', 'any', 'ADD actions=output:1'],
  [',actions=1', 'any', 'ADD actions=output:1'],
  ['in_port=1,in_port=2,actions=1', 'any', 'ADD in_port=2 actions=output:1'],
  ['ip,arp,actions=1', 'any', 'ADD arp actions=output:1'],
  ['nw_dst=1.2.3.4,actions=1', 'any', 'ADD actions=output:1'],
  ['tcp,tp_dst=80,actions=1', 'any', 'ADD tcp,tp_dst=80 actions=output:1'],
  ['tp_dst=80,actions=1', 'any', 'ADD actions=output:1'],
  ['dl_type=0x800,nw_dst=10.0.0.1,actions=1', 'any', 'ADD ip,nw_dst=10.0.0.1 actions=output:1'],
  ['dl_type=0x800,nw_proto=6,tp_dst=3,actions=1', 'any', 'ADD tcp,tp_dst=3 actions=output:1'],
  ['cookie=0x5,idle_timeout=3,tun_id=5,actions=1', 'NXM,OXM', 'ADD tun_id=0x5 cookie:0x5 idle:3 actions=output:1'],
  ['tun_id=5/7,actions=1', 'NXM,OXM', 'ADD tun_id=0x5/0x7 actions=output:1'],
  ['ipv6,ipv6_dst=::1,actions=1', 'NXM,OXM', 'ADD ipv6,ipv6_dst=::1 actions=output:1'],
  ['tcp,tp_dst=0x10/0xf0,actions=1', 'NXM,OXM', 'ADD tcp,tp_dst=0x10/0xf0 actions=output:1'],
  ['reg0=1,actions=1', 'NXM,OXM', 'ADD reg0=0x1 actions=output:1'],
  ['metadata=1,actions=1', 'NXM,OXM,OpenFlow11', 'ADD metadata=0x1 actions=output:1'],
  ['dl_vlan=3,dl_vlan_pcp=2,actions=1', 'any', 'ADD dl_vlan=3,dl_vlan_pcp=2 actions=output:1'],
  ['vlan_tci=0x1003/0x1fff,actions=1', 'NXM,OXM', 'ADD dl_vlan=3 actions=output:1'],
  ['vlan_tci=0x1003,actions=1', 'any', 'ADD dl_vlan=3,dl_vlan_pcp=0 actions=output:1'],
  [
    'dl_src=01:02:03:04:05:06/ff:ff:ff:00:00:00,actions=1',
    'NXM,OXM,OpenFlow11',
    'ADD dl_src=01:02:03:00:00:00/ff:ff:ff:00:00:00 actions=output:1',
  ],
  [
    'dl_dst=01:00:00:00:00:00/01:00:00:00:00:00,actions=1',
    'NXM,OXM,OpenFlow11',
    'ADD dl_dst=01:00:00:00:00:00/01:00:00:00:00:00 actions=output:1',
  ],
  [
    'nw_dst=10.0.0.0/255.0.255.0,ip,actions=1',
    'NXM,OXM,OpenFlow11',
    'ADD ip,nw_dst=10.0.0.0/255.0.255.0 actions=output:1',
  ],
  ['ip,nw_src=10.0.0.0/8,actions=1', 'any', 'ADD ip,nw_src=10.0.0.0/8 actions=output:1'],
  ['arp,arp_spa=1.2.3.4,actions=1', 'any', 'ADD arp,arp_spa=1.2.3.4 actions=output:1'],
  ['arp,nw_proto=1,actions=1', 'any', 'ADD arp,arp_op=1 actions=output:1'],
  ['icmp,icmp_type=8,actions=1', 'any', 'ADD icmp,icmp_type=8 actions=output:1'],
  ['mpls,mpls_label=3,actions=1', 'NXM,OXM,OpenFlow11', 'ADD mpls,mpls_label=3 actions=output:1'],
  ['mpls,mpls_ttl=3,actions=1', 'NXM,OXM', 'ADD mpls,mpls_ttl=3 actions=output:1'],
  ['ip,nw_tos=8,actions=1', 'any', 'ADD ip,nw_tos=8 actions=output:1'],
  ['ip,nw_ecn=1,actions=1', 'NXM,OXM,OpenFlow11', 'ADD ip,nw_ecn=1 actions=output:1'],
  ['ip,nw_ttl=1,actions=1', 'NXM,OXM', 'ADD ip,nw_ttl=1 actions=output:1'],
  ['ip,ip_frag=first,actions=1', 'NXM,OXM', 'ADD ip,nw_frag=first actions=output:1'],
  ['in_port=LOCAL,actions=1', 'any', 'ADD in_port=LOCAL actions=output:1'],
  [
    'priority=1,in_port=1,tcp,actions=mod_nw_src:1.2.3.4',
    'any',
    'ADD priority=1,tcp,in_port=1 actions=mod_nw_src:1.2.3.4',
  ],
  ['packet_type=(1,0x800),actions=1', 'NXM,OXM', 'ADD packet_type=(1,0x800) actions=output:1'],
  ['sctp,sctp_dst=1,actions=1', 'NXM,OXM,OpenFlow11', 'ADD sctp,tp_dst=1 actions=output:1'],
  ['ct_state=+trk,actions=1', 'NXM,OXM', 'ADD ct_state=+trk actions=output:1'],
  ['arp,arp_sha=1:2:3:4:5:6,actions=1', 'NXM,OXM', 'ADD arp,arp_sha=01:02:03:04:05:06 actions=output:1'],
  ['pkt_mark=1,actions=1', 'NXM,OXM', 'ADD pkt_mark=0x1 actions=output:1'],
  ['actset_output=1,actions=1', 'NXM,OXM', 'ADD actset_output=1 actions=output:1'],
  ['recirc_id=1,actions=1', 'NXM,OXM', 'ADD recirc_id=0x1 actions=output:1'],
  ['tcp,tcp_flags=+syn,actions=1', 'NXM,OXM', 'ADD tcp,tcp_flags=+syn actions=output:1'],
]

/** What it said of these. */
const refused: readonly (readonly [line: string, error: string])[] = [
  ['actions', 'must specify an action'],
  ['in_port=1', 'must specify an action'],
  ['in_port=1,actions=output', ': output to unknown port'],
  ['in_port=1,actions=output:', ': output to unknown port'],
  ['in_port=1,actions=output:foo', 'foo: output to unknown port'],
  ['in_port=1,actions=output:70000', '70000: output to unknown port'],
  ['in_port=1,actions=output:65280', 'actions are invalid with specified match (OFPBAC_BAD_OUT_PORT)'],
  ['in_port=1,actions=output:65300', 'actions are invalid with specified match (OFPBAC_BAD_OUT_PORT)'],
  ['in_port=1,actions=output:-1', '-1: output to unknown port'],
  ['in_port=1,actions=output:1x', '1x: output to unknown port'],
  ['in_port=1,actions=output(port=1)', 'port=1: output to unknown port'],
  ['in_port=1,actions=output(port=1,max_len=1)', 'max_len 1 is less than the minimum value 14'],
  ['in_port=1,actions=output:reg0[', 'reg0[: output to unknown port'],
  ['in_port=1,actions=output:reg0[5..3]', 'reg0[5..3]: output to unknown port'],
  ['in_port=1,actions=output:reg0[33]', 'reg0[33]: output to unknown port'],
  ['in_port=1,actions=output:reg99', 'reg99: output to unknown port'],
  ['in_port=1,actions=70000', 'unknown action 70000'],
  ['in_port=1,actions=65300', 'actions are invalid with specified match (OFPBAC_BAD_OUT_PORT)'],
  ['in_port=1,actions=UNSET', 'actions are invalid with specified match (OFPBAC_BAD_OUT_PORT)'],
  ['in_port=1,actions=none', 'actions are invalid with specified match (OFPBAC_BAD_OUT_PORT)'],
  ['in_port=1,actions=any', 'actions are invalid with specified match (OFPBAC_BAD_OUT_PORT)'],
  ['in_port=1,actions=controller:x', 'unknown key "x" parsing controller action'],
  ['in_port=1,actions=controller:70000', 'invalid max_len "70000"'],
  ['in_port=1,actions=controller(foo=1)', 'unknown key "foo" parsing controller action'],
  ['in_port=1,actions=controller(reason=foo)', 'unknown reason "foo"'],
  ['in_port=1,actions=controller(max_len=x)', 'invalid max_len "x"'],
  ['in_port=1,actions=controller(max_len=70000)', 'invalid max_len "70000"'],
  ['in_port=1,actions=controller(id=70000)', 'invalid id "70000"'],
  ['in_port=1,actions=resubmit', 'at least one "in_port" or "table" must be specified on resubmit'],
  ['in_port=1,actions=resubmit:', 'at least one "in_port" or "table" must be specified on resubmit'],
  ['in_port=1,actions=resubmit:foo', 'foo: resubmit to unknown port'],
  ['in_port=1,actions=resubmit:70000', '70000: resubmit to unknown port'],
  ['in_port=1,actions=resubmit(foo,1)', 'foo: resubmit to unknown port'],
  ['in_port=1,actions=resubmit(1,foo)', 'foo: resubmit to unknown table'],
  ['in_port=1,actions=resubmit(1,256)', '256: resubmit to unknown table'],
  ['in_port=1,actions=resubmit(1,2,3)', '3: unknown parameter'],
  ['in_port=1,actions=resubmit(,2,3)', '3: unknown parameter'],
  ['in_port=1,actions=set_field', ": missing `->'"],
  ['in_port=1,actions=set_field:', ": missing `->'"],
  ['in_port=1,actions=set_field:1->', "1->: missing field name following `->'"],
  ['in_port=1,actions=set_field:->reg0', ': bad syntax for reg0 value'],
  ['in_port=1,actions=set_field:1->foo', 'foo is not a valid OXM field name'],
  ['in_port=1,actions=set_field:1-reg0', "1-reg0: missing `->'"],
  ['in_port=1,actions=set_field:1/x->reg0', '1/x: bad syntax for reg0 mask'],
  ['in_port=1,actions=set_field:0x100000000->reg0', '0x100000000: value too large for 4-byte field reg0'],
  ['in_port=1,actions=set_field:300->nw_tos', '300: value too large for 1-byte field nw_tos'],
  ['in_port=1,actions=set_field:0x2000->vlan_vid', '0x2000 is not a valid value for field vlan_vid'],
  ['in_port=1,actions=set_field:9->vlan_pcp', '9 is not a valid value for field vlan_pcp'],
  ['in_port=1,actions=set_field:1.2.3->tun_dst', '1.2.3: invalid IP address'],
  ['in_port=1,actions=set_field:1:2:3->eth_src', '1:2:3: invalid Ethernet address'],
  ['in_port=1,actions=set_field:1->eth_type', 'eth_type is read-only'],
  ['in_port=1,actions=set_field:-1->reg0', '-1: value too large for 4-byte field reg0'],
  [
    'in_port=1,actions=set_field:18446744073709551616->tun_id',
    '18446744073709551616: value too large for 8-byte field tun_id',
  ],
  [
    'in_port=1,actions=set_field:0x1ffffffffffffffff->tun_id',
    '0x1ffffffffffffffff: value too large for 8-byte field tun_id',
  ],
  ['in_port=1,actions=set_field:abc->in_port', 'abc: invalid or unknown port for in_port'],
  ['in_port=1,actions=set_field:1/1->in_port', '1/1: invalid or unknown port for in_port'],
  ['in_port=1,actions=set_field:1/1->tcp_dst', 'actions are invalid with specified match (OFPBAC_MATCH_INCONSISTENT)'],
  ['in_port=1,actions=set_field:1->reg0[]', 'reg0[] is not a valid OXM field name'],
  ['in_port=1,actions=set_field:1->NXM_NX_REG0', 'NXM_NX_REG0 is not a valid OXM field name'],
  ['in_port=1,actions=set_field:1->NXM_NX_REG0[]', 'NXM_NX_REG0[] is not a valid OXM field name'],
  ['in_port=1,actions=set_field:1->OXM_OF_METADATA', 'OXM_OF_METADATA is not a valid OXM field name'],
  ['in_port=1,actions=set_field:1->skb_priority', 'skb_priority is read-only'],
  ['in_port=1,actions=set_field:1->tun_tos', 'tun_tos is read-only'],
  ['in_port=1,actions=set_field:1->tun_ttl', 'tun_ttl is read-only'],
  ['in_port=1,actions=set_field:1->ct_mark', 'cannot set CT fields outside of ct action'],
  ['in_port=1,actions=set_field:1->recirc_id', 'recirc_id is read-only'],
  ['in_port=1,actions=load', ": missing `->'"],
  ['in_port=1,actions=load:', ": missing `->'"],
  ['in_port=1,actions=load:1', "1: missing `->'"],
  ['in_port=1,actions=load:->reg0', '->reg0: cannot parse integer value'],
  ['in_port=1,actions=load:x->reg0', 'x->reg0: cannot parse integer value'],
  ['in_port=1,actions=load:1->foo', "foo: unknown field `foo'"],
  ['in_port=1,actions=load:1->reg0[x]', 'reg0[x]: syntax error expecting [] or [<bit>] or [<start>..<end>]'],
  ['in_port=1,actions=load:1->reg0[3..1]', 'reg0[3..1]: starting bit 3 is after ending bit 1'],
  ['in_port=1,actions=load:1->reg0[32]', 'reg0[32]: starting bit 32 is not valid because field is only 32 bits wide'],
  ['in_port=1,actions=load:1->reg0[]x', 'unexpected input following field syntax'],
  ['in_port=1,actions=load:1->reg0x', "reg0x: unknown field `reg0x'"],
  ['in_port=1,actions=load:1->vlan_vid', 'actions are invalid with specified match (OFPBAC_MATCH_INCONSISTENT)'],
  ['in_port=1,actions=load:0x1000->vlan_vid[]', '0x1000->vlan_vid[]: value 4096 does not fit into 12 bits'],
  ['in_port=1,actions=load:0x2000->vlan_vid[]', '0x2000->vlan_vid[]: value 8192 does not fit into 12 bits'],
  ['in_port=1,actions=load:1->ip_src', 'actions are invalid with specified match (OFPBAC_MATCH_INCONSISTENT)'],
  [
    'in_port=1,actions=load:1->NXM_OF_TCP_SRC[]',
    'actions are invalid with specified match (OFPBAC_MATCH_INCONSISTENT)',
  ],
  ['in_port=1,actions=load:-1->reg0[]', '-1->reg0[]: cannot parse integer value'],
  ['in_port=1,actions=move', ": unknown field `'"],
  ['in_port=1,actions=move:', ": unknown field `'"],
  ['in_port=1,actions=move:reg0', "reg0: missing `->' following source"],
  ['in_port=1,actions=move:reg0->', ": unknown field `'"],
  ['in_port=1,actions=move:->reg0', "->reg0: unknown field `'"],
  ['in_port=1,actions=move:reg0-reg1', "reg0-reg1: missing `->' following source"],
  [
    'in_port=1,actions=move:reg0[0..3]->reg1[0..4]',
    'reg0[0..3]->reg1[0..4]: source field is 4 bits wide but destination is 5 bits wide',
  ],
  [
    'in_port=1,actions=move:reg0[0..15]->eth_type[]',
    'actions are invalid with specified match (OFPBAC_BAD_SET_ARGUMENT)',
  ],
  ['in_port=1,actions=move:ip_src->reg0', 'actions are invalid with specified match (OFPBAC_MATCH_INCONSISTENT)'],
  [
    'in_port=1,actions=move:tcp_src->reg0[0..15]',
    'actions are invalid with specified match (OFPBAC_MATCH_INCONSISTENT)',
  ],
  ['in_port=1,actions=mod_vlan_vid', 'invalid VLAN VID ""'],
  ['in_port=1,actions=mod_vlan_vid:', 'invalid VLAN VID ""'],
  ['in_port=1,actions=mod_vlan_vid:4096', '4096: not a valid VLAN VID'],
  ['in_port=1,actions=mod_vlan_vid:x', 'invalid VLAN VID "x"'],
  ['in_port=1,actions=mod_vlan_vid:-1', 'invalid VLAN VID "-1"'],
  ['in_port=1,actions=mod_vlan_pcp:8', '8: not a valid VLAN PCP'],
  ['in_port=1,actions=mod_vlan_pcp:x', 'invalid VLAN PCP "x"'],
  ['in_port=1,actions=mod_vlan_pcp', 'invalid VLAN PCP ""'],
  ['in_port=1,actions=push_vlan', 'invalid ethertype ""'],
  ['in_port=1,actions=push_vlan:x', 'invalid ethertype "x"'],
  ['in_port=1,actions=push_vlan:0x800', '0x800: not a valid VLAN ethertype'],
  ['in_port=1,actions=push_vlan:70000', 'invalid ethertype "70000"'],
  ['in_port=1,actions=mod_dl_src', 'invalid mac address '],
  ['in_port=1,actions=mod_dl_src:x', 'invalid mac address x'],
  ['in_port=1,actions=mod_dl_src:1:2:3:4:5', 'invalid mac address 1:2:3:4:5'],
  ['in_port=1,actions=mod_nw_src', ': could not convert to IP address'],
  ['in_port=1,actions=mod_nw_src:x', 'x: could not convert to IP address'],
  ['in_port=1,actions=mod_nw_src:1.2.3', '1.2.3: could not convert to IP address'],
  ['in_port=1,actions=mod_nw_src:1.2.3.4.5', '1.2.3.4.5: could not convert to IP address'],
  ['in_port=1,actions=mod_nw_src:1.2.3.400', '1.2.3.400: could not convert to IP address'],
  ['in_port=1,actions=mod_nw_tos:x', 'invalid TOS "x"'],
  ['in_port=1,actions=mod_nw_tos:256', 'invalid TOS "256"'],
  ['in_port=1,actions=mod_nw_tos:3', '3: not a valid TOS'],
  ['in_port=1,actions=mod_nw_ecn:4', '4: not a valid ECN'],
  ['in_port=1,actions=mod_nw_ecn:x', 'invalid ECN "x"'],
  ['in_port=1,actions=mod_nw_ttl:256', 'invalid TTL "256"'],
  ['in_port=1,actions=mod_nw_ttl:x', 'invalid TTL "x"'],
  ['in_port=1,actions=mod_tp_src:x', 'invalid source port "x"'],
  ['in_port=1,actions=mod_tp_src:70000', 'invalid source port "70000"'],
  ['in_port=1,actions=mod_tp_dst', 'invalid destination port ""'],
  ['in_port=1,actions=drop,output:1', '"drop" must not be accompanied by any other action or instruction'],
  ['in_port=1,actions=goto_table', 'unknown table ""'],
  ['in_port=1,actions=goto_table:', 'unknown table ""'],
  ['in_port=1,actions=goto_table:x', 'unknown table "x"'],
  ['in_port=1,actions=goto_table:256', 'unknown table "256"'],
  ['table=5,actions=goto_table:3', 'actions are invalid with specified match (OFPBIC_BAD_TABLE_ID)'],
  [
    'in_port=1,actions=goto_table:1,goto_table:2',
    'duplicate goto_table instruction not allowed, for OpenFlow 1.1+ compatibility',
  ],
  [
    'in_port=1,actions=goto_table:1,write_metadata:3',
    'invalid instruction ordering: write_metadata must appear before goto_table, for OpenFlow 1.1+ compatibility',
  ],
  [
    'in_port=1,actions=write_metadata:3,output:1',
    'invalid instruction ordering: apply_actions must appear before write_metadata, for OpenFlow 1.1+ compatibility',
  ],
  ['in_port=1,actions=write_metadata', 'missing required numeric argument'],
  ['in_port=1,actions=write_metadata:x', 'invalid numeric format x'],
  ['in_port=1,actions=write_metadata:1/x', 'invalid numeric format x'],
  ['in_port=1,actions=write_metadata:1/', 'missing required numeric argument'],
  ['in_port=1,actions=write_metadata:/1', 'missing required numeric argument'],
  ['in_port=1,actions=write_metadata:0x1ffffffffffffffff', 'invalid numeric format 0x1ffffffffffffffff'],
  ['in_port=1,actions=note:x', "bad hex digit in `note' argument"],
  ['in_port=1,actions=note:1', "bad hex digit in `note' argument"],
  ['in_port=1,actions=note:123', "bad hex digit in `note' argument"],
  ['in_port=1,actions=note:1.2.3', "bad hex digit in `note' argument"],
  ['in_port=1,actions=set_tunnel:x', 'invalid numeric format x'],
  ['in_port=1,actions=set_tunnel', 'missing required numeric argument'],
  ['in_port=1,actions=set_tunnel64:x', 'invalid numeric format x'],
  ['in_port=1,actions=(output:1)', 'unknown action '],
  ['in_port=1,actions=p1', 'unknown action p1'],
  ['in_port=1,actions="p1"', 'unknown action "p1"'],
  ['in_port=1,actions=output:"p1"', '"p1": output to unknown port'],
  ['in_port=1,actions=output:1,actions=output:2', 'unknown action actions'],
  ['table=256,actions=1', 'unknown table "256"'],
  ['table=x,actions=1', 'unknown table "x"'],
  ['table=,actions=1', 'field table missing value'],
  ['table,actions=1', 'field table missing value'],
  ['priority=65536,actions=1', 'invalid priority "65536"'],
  ['priority=x,actions=1', 'invalid priority "x"'],
  ['priority=-1,actions=1', 'invalid priority "-1"'],
  ['priority,actions=1', 'field priority missing value'],
  ['cookie=1/1,actions=1', 'flow additions cannot use a cookie mask'],
  ['cookie=0x1/-1,actions=1', 'flow additions cannot use a cookie mask'],
  ['cookie=x,actions=1', 'invalid numeric format x'],
  ['idle_timeout=65536,actions=1', 'invalid idle_timeout "65536"'],
  ['idle_timeout=x,actions=1', 'invalid idle_timeout "x"'],
  ['hard_timeout=x,actions=1', 'invalid hard_timeout "x"'],
  ['importance=70000,actions=1', 'invalid importance "70000"'],
  ['importance=x,actions=1', 'invalid importance "x"'],
  ['out_port=3,actions=1', 'unknown keyword out_port'],
  ['foo,actions=1', 'field foo missing value'],
  ['foo=1,actions=1', 'unknown keyword foo'],
  ['in_port=foo,actions=1', 'foo: invalid or unknown port for in_port'],
  ['actions=1 priority=3', 'unknown action priority'],
  ['delete', 'must specify an action'],
  ['delete in_port=1', 'must specify an action'],
  ['modify in_port=1,actions=1', 'field modify missing value'],
  ['add in_port=1,actions=1', 'field add missing value'],
]

describe('flows that ovs-ofctl takes', () => {
  test.each(recorded)('%s', (line, protocols, flow) => {
    const read = parseFlow(line, 'add')
    expect(read.ok && formatProtocols(read.protocols)).toBe(protocols)
    expect(told(line, 1)).toBe(flow)
  })
})

describe('flows that ovs-ofctl refuses', () => {
  test.each(refused)('%s', (line, error) => {
    expect(parseFlow(line, 'add')).toEqual({ ok: false, error })
  })
})

describe('commands', () => {
  test('adding needs actions, deleting takes none', () => {
    expect(parseFlow('in_port=1', 'add')).toEqual({ ok: false, error: 'must specify an action' })
    expect(parseFlow('in_port=1', 'delete').ok).toBe(true)
    expect(parseFlow('in_port=1,actions=2', 'delete')).toEqual({ ok: false, error: 'unknown keyword actions' })
  })
  test('a loose delete takes no priority, a strict one does', () => {
    expect(parseFlow('priority=3', 'delete')).toEqual({ ok: false, error: 'unknown keyword priority' })
    const read = parseFlow('priority=3', 'delete_strict')
    expect(read.ok && read.flow.priority).toBe(3)
  })
  test('out_port is for deleting and dumping', () => {
    const read = parseFlow('out_port=2', 'delete')
    expect(read.ok && read.flow.outPort).toBe(2)
    expect(parseFlow('out_port=foo', 'delete')).toEqual({ ok: false, error: 'foo is not a valid OpenFlow port' })
  })
  test('a cookie with a mask is looked for, one without is given', () => {
    const modified = parseFlow('cookie=5/-1,actions=2', 'modify')
    expect(modified.ok && [modified.flow.cookie, modified.flow.cookieMask, modified.flow.newCookie]).toEqual([
      5n,
      0xffffffffffffffffn,
      undefined,
    ])
    const given = parseFlow('cookie=5,actions=2', 'modify')
    expect(given.ok && [given.flow.cookieMask, given.flow.newCookie]).toEqual([0n, 5n])
    expect(parseFlow('cookie=5', 'delete')).toEqual({
      ok: false,
      error: 'cannot set cookie (to match on a cookie, specify a mask, e.g. cookie=5/-1)',
    })
  })
  test('a bridge lends its port names', () => {
    const ports = { number: (name: string) => (name === 'p1' ? 7 : undefined), name: () => undefined }
    const read = parseFlow('in_port=p1,actions=p1,output:"p1"', 'add', { ports })
    expect(read.ok && formatFlowMod(read.flow)).toBe('ADD in_port=7 actions=output:7,output:7')
  })
  test('a match that lacks its lower layer is cut down with a note', () => {
    const notes: string[] = []
    const read = parseFlow('nw_dst=1.2.3.4,actions=1', 'add', { warn: (_module, text) => notes.push(text) })
    expect(read.ok && formatFlowMod(read.flow)).toBe('ADD actions=output:1')
    expect(notes).toEqual(['normalization changed ofp_match, details:', ' pre: nw_dst=1.2.3.4', 'post: '])
  })
})

test('text of any kind is read or refused', () => {
  const piece = fc.constantFrom(
    'in_port',
    'tcp',
    'actions',
    'action',
    'output',
    'set_field',
    'load',
    'move',
    'resubmit',
    'controller',
    'reg0',
    'table',
    '=',
    ':',
    ',',
    '(',
    ')',
    '->',
    '[',
    ']',
    '..',
    '/',
    '0x',
    '1',
    '99999999999999999999',
    '-1',
    ' ',
    '"',
    '\n',
    'drop',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 30 }).map(parts => parts.join('')),
      ),
      text => {
        for (const line of [text, `actions=${text}`]) {
          const read = parseFlow(line, 'add')
          if (read.ok) expect(told(line, 4)).not.toBe('')
          else expect(read.error).not.toBe('')
        }
      },
    ),
    { numRuns: 2000 },
  )
})
