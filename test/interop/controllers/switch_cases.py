"""Writes cases for os-ken's switch tester (os_ken.tests.switch.tester): `switch_cases.py VERSION DIRECTORY [few]`.

A file for each kind of case. They are made from tables, so what a switch is to do follows from what the packet is made of: what
has a field matches it; what gets a field set becomes the packet that is made with that field. Cases that a switch refuses are
there too: they compare the error's type and code.
"""

import json
import os
import sys

from os_ken.ofproto.ofproto_parser import ofp_msg_from_jsondict
from os_ken.ofproto.ofproto_protocol import ProtocolDesc

from switch_packets import packet

# Its reader of replies lacks what a target of 1.5 needs.
VERSION = {'openflow10': 1, 'openflow13': 4, 'openflow14': 5}[sys.argv[1]]
DIRECTORY = sys.argv[2]
FEW = 'few' in sys.argv[3:]

dp = ProtocolDesc(VERSION)
ofp, parser = dp.ofproto, dp.ofproto_parser
OUT, OTHER = 'target_send_port_1', 'target_send_port_2'
files = {}
SLOW = ['table-miss', 'egress of nothing'] + (['egress of refused'] if VERSION == 1 else [])


def case(file, title, messages, *tests):
    """`tests` are (packet, what happens, packet or tables). What os-ken cannot read again it must not be given."""
    if FEW and any(kind in SLOW for _, kind, _ in tests):
        return
    for message in messages:
        ofp_msg_from_jsondict(dp, message.to_jsondict()).serialize()
    files.setdefault(file, []).append({
        'description': title,
        'prerequisite': [message.to_jsondict() for message in messages],
        'tests': [{'ingress': given, kind.split()[0]: wanted} for given, kind, wanted in tests],
    })


def same(given):
    return given, 'egress', given


def nothing(given):
    """The tester has no word for what must not arrive; a case that drops it "fails" after three seconds."""
    return given, 'egress of nothing', given


def refused(given):
    """In 1.0 os-ken hangs up when it is told of an error."""
    return given, 'egress of refused', given


def becomes(given, wanted):
    return given, 'egress', wanted


def to_controller(given, wanted=None):
    return given, 'PACKET_IN', wanted or given


def miss(given, *tables):
    return given, 'table-miss', list(tables or (0,))


def output(port=2, length=None):
    return parser.OFPActionOutput(port) if length is None else parser.OFPActionOutput(port, length)


def apply(*actions):
    return parser.OFPInstructionActions(ofp.OFPIT_APPLY_ACTIONS, list(actions))


def write(*actions):
    return parser.OFPInstructionActions(ofp.OFPIT_WRITE_ACTIONS, list(actions))


def flow(match, *actions, table=0, instructions=None, **more):
    """Priority 32768 is also that of the tester's own flow for port 2."""
    if VERSION == 1:
        return parser.OFPFlowMod(dp, match=parser.OFPMatch(**match), cookie=more.pop('cookie', 0),
                                 command=ofp.OFPFC_ADD, actions=list(actions), **more)
    if instructions is None:
        instructions = [apply(*actions)] if actions else []
    return parser.OFPFlowMod(dp, match=parser.OFPMatch(**match), table_id=table, instructions=instructions, **more)


# Matches from 1.1 on: a field, a kind of packet, values in the packet that match and that do not, masks, what it needs.
IP4, IP6 = {'eth_type': 0x800}, {'eth_type': 0x86dd}
ARP, MPLS = {'eth_type': 0x806}, {'eth_type': 0x8847}
MAC_MASKS = ['ff:ff:ff:00:00:00', '01:00:00:00:00:00']
IP4_MASKS, IP6_MASKS = ['255.255.255.0', '255.0.255.0'], ['ffff:ffff::', 'ffff::ff']


def l4(name, number, kind):
    return [('%s_%s' % (name, side), kind, 'l4_' + side, 8765, 4321, [0xfff0],
             dict(IP6 if kind.endswith('6') else IP4, ip_proto=number)) for side in ('src', 'dst')]


FIELDS = [
    # field, kind of packet, field in the packet, value, other value, masks, needs
    ('eth_dst', 'tcp', None, '22:22:22:33:33:33', '44:44:44:44:44:44', MAC_MASKS[:1], {}),
    ('eth_src', 'udp', None, '12:34:56:78:9a:bc', '44:44:44:44:44:44', MAC_MASKS, {}),
    ('eth_dst', 'vlan.tcp', None, '22:22:22:33:33:33', '44:44:44:44:44:44', [], {}),
    ('vlan_vid', 'vlan.tcp', None, 10, 11, [0x100f], {}),
    ('vlan_vid', 'vlan.arp', None, 10, 11, [], {}),
    ('vlan_vid', 'svlan.vlan.tcp6', None, 10, 11, [], {}),
    ('vlan_pcp', 'vlan.tcp', None, 5, 2, [], {'vlan_vid': 0x1000 | 100}),
    ('ip_dscp', 'tcp', None, 40, 9, [], IP4),
    ('ip_dscp', 'udp6', None, 40, 9, [], IP6),
    ('ip_ecn', 'udp', None, 2, 1, [], IP4),
    ('ip_ecn', 'tcp6', None, 3, 1, [], IP6),
    ('ipv4_src', 'tcp', None, '10.1.2.3', '172.16.9.9', IP4_MASKS, IP4),
    ('ipv4_dst', 'udp', None, '10.1.2.3', '172.16.9.9', IP4_MASKS, IP4),
    ('ipv4_dst', 'vlan.icmp', None, '10.1.2.3', '172.16.9.9', [], IP4),
    ('ipv6_src', 'tcp6', None, '1234:5678::9', '4321::9', IP6_MASKS, IP6),
    ('ipv6_dst', 'udp6', None, '1234:5678::9', '4321::9', IP6_MASKS, IP6),
    ('ipv6_dst', 'vlan.tcp6', None, '1234:5678::9', '4321::9', [], IP6),
    ('ipv6_flabel', 'tcp6', None, 0x12345, 0x54321, [0xff0ff], IP6),
    *l4('tcp', 6, 'tcp'), *l4('tcp', 6, 'tcp6'), *l4('tcp', 6, 'vlan.tcp'),
    *l4('udp', 17, 'udp'), *l4('udp', 17, 'udp6'),
    *l4('sctp', 132, 'sctp'), *l4('sctp', 132, 'sctp6'),
    ('icmpv4_type', 'icmp', None, 13, 8, [], dict(IP4, ip_proto=1)),
    ('icmpv4_code', 'icmp', None, 3, 1, [], dict(IP4, ip_proto=1)),
    ('icmpv6_type', 'icmp6', None, 129, 128, [], dict(IP6, ip_proto=58)),
    ('icmpv6_code', 'icmp6', None, 3, 1, [], dict(IP6, ip_proto=58)),
    ('ipv6_nd_target', 'ns', None, 'fe80::1', 'fe80:1::2', [], dict(IP6, ip_proto=58, icmpv6_type=135)),
    ('ipv6_nd_sll', 'ns', None, '12:34:56:78:9a:bc', '44:44:44:44:44:44', [], dict(IP6, ip_proto=58, icmpv6_type=135)),
    ('ipv6_nd_target', 'na', None, 'fe80::1', 'fe80:1::2', [], dict(IP6, ip_proto=58, icmpv6_type=136)),
    ('ipv6_nd_tll', 'na', None, '12:34:56:78:9a:bc', '44:44:44:44:44:44', [], dict(IP6, ip_proto=58, icmpv6_type=136)),
    ('arp_op', 'arp', None, 2, 1, [], ARP),
    ('arp_spa', 'arp', None, '10.1.2.3', '172.16.9.9', IP4_MASKS, ARP),
    ('arp_tpa', 'arp', None, '10.1.2.3', '172.16.9.9', IP4_MASKS, ARP),
    ('arp_sha', 'arp', None, '12:34:56:78:9a:bc', '44:44:44:44:44:44', MAC_MASKS, ARP),
    ('arp_tha', 'arp', None, '12:34:56:78:9a:bc', '44:44:44:44:44:44', MAC_MASKS, ARP),
    ('mpls_label', 'mpls.tcp', None, 12345, 54321, [], MPLS),
    ('mpls_label', 'mpls.mpls.tcp', None, 12345, 54321, [], MPLS),
    ('mpls_label', 'vlan.mplsm.udp6', None, 12345, 54321, [], {'eth_type': 0x8848}),
    ('mpls_tc', 'mpls.udp', None, 6, 1, [], MPLS),
    ('nw_ttl', 'tcp', None, 77, 99, [], IP4),
    ('nw_ttl', 'udp6', None, 77, 99, [], IP6),
    ('mpls_ttl', 'mpls.tcp', None, 77, 99, [], MPLS),
]
# These change what a packet is; they are matched and not set.
FIXED = [
    ('eth_type', 'tcp', 0x800, 0x86dd, {}), ('eth_type', 'arp', 0x806, 0x800, {}), ('eth_type', 'tcp6', 0x86dd, 0x800, {}),
    ('eth_type', 'vlan.tcp', 0x800, 0x86dd, {}), ('eth_type', 'mpls.tcp', 0x8847, 0x8848, {}), ('eth_type', 'other', 0x88b5, 0x88b6, {}),
    ('ip_proto', 'tcp', 6, 17, IP4), ('ip_proto', 'udp', 17, 6, IP4), ('ip_proto', 'icmp', 1, 6, IP4), ('ip_proto', 'ip', 253, 6, IP4),
    ('ip_proto', 'tcp6', 6, 17, IP6), ('ip_proto', 'icmp6', 58, 6, IP6), ('ip_proto', 'vlan.sctp', 132, 6, IP4),
    ('in_port', 'tcp', 1, 3, {}), ('in_port', 'arp', 1, 0xfffffffe, {}), ('mpls_bos', 'mpls.tcp', 1, 0, MPLS),
    ('mpls_bos', 'mpls.mpls.tcp', 0, 1, MPLS), ('metadata', 'tcp', 0, 5, {}), ('tunnel_id', 'tcp', 0, 5, {}),
    ('tcp_flags', 'tcp', 0, 2, dict(IP4, ip_proto=6)), ('tcp_flags', 'tcp6', 0, 16, dict(IP6, ip_proto=6)),
    ('reg0', 'tcp', 0, 9, {}), ('xreg1', 'udp', 0, 9, {}), ('xxreg2', 'udp', 0, 9, {}), ('pkt_mark', 'udp', 0, 1, {}),
    ('vlan_vid', 'tcp', 0, 0x1005, {}), ('vlan_vid', 'arp', 0, 0x1000, {}), ('ct_state', 'tcp', 0, 33, {}), ('ct_mark', 'tcp', 0, 1, {}),
    ('ip_frag', 'udp', 0, 1, IP4), ('actset_output', 'tcp', 0xffffffff, 2, {}), ('in_phy_port', 'tcp', 1, 2, {'in_port': 1}),
    ('pbb_isid', 'tcp', 1, 2, {'eth_type': 0x88e7}), ('ipv6_exthdr', 'tcp6', 1, 2, IP6), ('packet_type', 'tcp', 0, 0x10800, {}),
    ('tun_ipv4_src', 'tcp', '0.0.0.0', '10.0.0.1', {}), ('conj_id', 'tcp', 0, 1, {}), ('nsh_spi', 'tcp', 1, 2, {'eth_type': 0x894f}),
]
# Masks that leave nothing, everything, or what a value does not have.
MASKED = [
    ('metadata', 'tcp', (0, 0xffff), {}), ('tunnel_id', 'tcp', (0, 0xff), {}), ('vlan_vid', 'vlan.tcp', (0x1000, 0x1000), {}),
    ('in_port', 'tcp', (1, 0xffffffff), {}), ('in_port', 'tcp', (1, 0xff), {}), ('eth_type', 'tcp', (0x800, 0xff00), {}),
    ('ip_dscp', 'tcp', (8, 0xc), IP4), ('arp_op', 'arp', (1, 3), ARP), ('mpls_label', 'mpls.tcp', (100, 0xff), MPLS),
    ('ipv4_src', 'tcp', ('192.168.10.10', '255.255.0.0'), IP4), ('eth_src', 'tcp', ('00:00:00:00:00:00', '00:00:00:00:00:00'), {}),
    ('eth_src', 'tcp', ('12:11:11:11:11:11', 'ff:ff:ff:ff:ff:ff'), {}), ('tcp_src', 'tcp', (11111, 0xffff), dict(IP4, ip_proto=6)),
    ('ipv6_nd_target', 'ns', ('30::', 'ffff::'), dict(IP6, ip_proto=58, icmpv6_type=135)),
    ('icmpv4_type', 'icmp', (8, 8), dict(IP4, ip_proto=1)), ('tcp_flags', 'tcp', (0, 2), dict(IP4, ip_proto=6)),
    ('reg0', 'tcp', (0, 0xf), {}), ('ct_label', 'tcp', (0, 0xf), {}), ('nw_ttl', 'tcp', (64, 0xf0), IP4),
]
FLOW_FIELDS = {t.name for t in getattr(ofp, 'oxm_types', [])}


def in_match(field, value):
    """Where a match says it otherwise than a packet."""
    if field == 'vlan_vid' and isinstance(value, int):
        return 0x1000 | value
    return value


def part(value, mask):
    """What a mask leaves of a value, as text or a number."""
    if isinstance(value, int):
        return value & mask
    from os_ken.lib import type_desc
    kind = type_desc.MacAddr if len(mask) == 17 and mask[2] == ':' else type_desc.IPv6Addr if ':' in mask else type_desc.IPv4Addr
    a, b = kind.from_user(value), kind.from_user(mask)
    return kind.to_user(bytes(x & y for x, y in zip(a, b)))


def matches():
    for field, kind, inside, value, other, masks, needs in FIELDS:
        inside = inside or field
        given = packet(kind, **{inside: value})
        wanted = dict(needs, **{field: in_match(field, value)})
        name = '%s: %s=%s' % (kind, field, value)
        case('match', name + ' output', [flow(wanted, output())], same(given))
        if not FEW:
            case('match', name + ' controller', [flow(wanted, output(ofp.OFPP_CONTROLLER))], to_controller(given))
            case('match-miss', name + ' other', [flow(wanted, output())], miss(packet(kind, **{inside: other})))
        for mask in masks[:1] if FEW else masks:
            masked = dict(needs, **{field: (part(in_match(field, value), mask), mask)})
            case('match', '%s/%s' % (name, mask), [flow(masked, output())], same(given))
            if not FEW:
                case('match-miss', '%s/%s other' % (name, mask), [flow(masked, output())], miss(packet(kind, **{inside: other})))
    for field, kind, value, other, needs in FIXED:
        given = packet(kind)
        name = '%s: %s=%s' % (kind, field, value)
        if field not in FLOW_FIELDS:
            continue
        is_unlike = field in ('actset_output', 'nsh_spi')
        case('match', name, [flow(dict(needs, **{field: value}), output())], (nothing if is_unlike else same)(given))
        if not FEW and field not in ('in_phy_port', 'pbb_isid', 'ipv6_exthdr', 'nsh_spi'):
            case('match-miss', name + ' not %s' % other, [flow(dict(needs, **{field: other}), output())], miss(given))
    for field, kind, value, needs in MASKED:
        case('match-mask', '%s: %s=%s/%s' % (kind, field, *value), [flow(dict(needs, **{field: value}), output())],
             same(packet(kind)))
    everything = dict(IP4, in_port=1, eth_src='12:11:11:11:11:11', eth_dst='22:22:22:22:22:22', vlan_vid=0x1064, vlan_pcp=3,
                      ip_dscp=8, ip_ecn=0, ip_proto=6, ipv4_src='192.168.10.10', ipv4_dst='192.168.20.20', tcp_src=11111, tcp_dst=2222)
    case('match', 'all fields of tcp', [flow(everything, output())], same(packet('vlan.tcp')))
    case('match', 'priorities', [flow({}, output(3), priority=1), flow({'in_port': 1}, output(), priority=2)], same(packet('tcp')))
    case('match', 'cookie and timeouts', [flow({}, output(), cookie=0x123456789abcdef, idle_timeout=60, hard_timeout=600)],
         same(packet('tcp')))
    for name, wanted in (('no eth_type', {'ipv4_src': '1.2.3.4'}), ('no ip_proto', dict(IP4, tcp_src=1)), ('tcp_src of udp', dict(IP4, ip_proto=17, tcp_src=1)),
                         ('arp_op of ip', dict(IP4, arp_op=1)), ('vlan_pcp alone', {'vlan_pcp': 1}), ('vlan_pcp of none', {'vlan_vid': 0, 'vlan_pcp': 1}),
                         ('nd of echo', dict(IP6, ip_proto=58, icmpv6_type=128, ipv6_nd_target='::1')), ('vid too large', {'vlan_vid': 0x2000}),
                         ('no present bit', {'vlan_vid': 5}), ('pcp too large', {'vlan_vid': 0x1001, 'vlan_pcp': 8}), ('dscp too large', dict(IP4, ip_dscp=64)),
                         ('ecn too large', dict(IP4, ip_ecn=4)), ('label too large', dict(MPLS, mpls_label=0x100000)), ('tc too large', dict(MPLS, mpls_tc=8)),
                         ('flabel too large', dict(IP6, ipv6_flabel=0x100000)), ('arp_op too large', dict(ARP, arp_op=256)), ('bos too large', dict(MPLS, mpls_bos=2))):
        case('match-refused', name, [flow(wanted, output())], nothing(packet('tcp')) if name == 'no present bit' else same(packet('tcp')))


def set_fields():
    for field, kind, inside, value, other, masks, needs in FIELDS:
        inside = inside or field
        # A type of ICMP that is changed takes its packet elsewhere; os-ken has no checksum of what it does not know.
        before = dict(needs) if field not in ('vlan_vid',) else {'vlan_vid': (0x1000, 0x1000)}
        set_ = parser.OFPActionSetField(**{field: in_match(field, value)})
        name = '%s: %s=%s' % (kind, field, value)
        case('set-field', name, [flow(before, set_, output())],
             becomes(packet(kind, **{inside: other}), packet(kind, **{inside: value})))
        if not FEW:
            case('set-field', name + ' written', [flow(before, instructions=[write(output(), set_)])],
                 becomes(packet(kind, **{inside: other}), packet(kind, **{inside: value})))
            case('set-field', name + ' controller', [flow(before, set_, output(ofp.OFPP_CONTROLLER))],
                 to_controller(packet(kind, **{inside: other}), packet(kind, **{inside: value})))
    for field, value in (('eth_type', 0x806), ('ip_proto', 17), ('in_port', 3), ('metadata', 5), ('tunnel_id', 5), ('reg3', 7),
                         ('xreg3', 7), ('pkt_mark', 7), ('mpls_bos', 0), ('in_phy_port', 1), ('tcp_flags', 1), ('ipv6_exthdr', 1), ('actset_output', 3),
                         ('vlan_vid', 5), ('vlan_pcp', 3), ('tun_ipv4_dst', '10.0.0.1'), ('ct_mark', 1), ('conj_id', 1), ('arp_spa', '1.2.3.4'),
                         ('tcp_src', 5), ('udp_src', 5), ('ipv6_src', '::1'), ('ip_dscp', 64), ('ip_ecn', 4), ('mpls_label', 0x100000)):
        if field in FLOW_FIELDS:
            case('set-field-other', 'tcp: %s=%s' % (field, value),
                 [flow(dict(IP4, ip_proto=6), parser.OFPActionSetField(**{field: value}), output())], same(packet('tcp')))


def actions():
    tcp, tcp6, tagged, labelled = packet('tcp'), packet('tcp6'), packet('vlan.tcp'), packet('mpls.tcp')
    group, meter = parser.OFPActionGroup, parser.OFPInstructionMeter
    field = lambda **one: parser.OFPActionSetField(**one)
    for name, port in (('ALL', ofp.OFPP_ALL), ('FLOOD', ofp.OFPP_FLOOD), ('NORMAL', ofp.OFPP_NORMAL), ('number', 2),
                       ('ANY', ofp.OFPP_ANY), ('too large', 0xffffff00), ('reserved', 0xfffffff0)):
        case('action', 'output %s' % name, [flow({'in_port': 1}, output(port))], same(tcp))
    for name, port in (('no such port', 99), ('0', 0), ('TABLE', ofp.OFPP_TABLE)):
        case('action', 'output %s' % name, [flow({'in_port': 1}, output(port))], nothing(tcp))
    case('action', 'output controller', [flow({}, output(ofp.OFPP_CONTROLLER, ofp.OFPCML_NO_BUFFER))], to_controller(tcp))
    case('action', 'output controller, 20 bytes', [flow({'in_port': 1}, output(ofp.OFPP_CONTROLLER, 20))], to_controller(tcp))
    case('action', 'output and controller', [flow({}, output(ofp.OFPP_CONTROLLER), output(3))], to_controller(tcp))
    case('action', 'output in_port, then 2', [flow({'in_port': 1}, output(ofp.OFPP_IN_PORT), output())], same(tcp))
    case('action', 'output own port, then 2', [flow({'in_port': 1}, output(1), output())], same(tcp))
    case('action', 'output local, then 2', [flow({'in_port': 1}, output(ofp.OFPP_LOCAL), output())], same(tcp))
    case('action', 'none', [flow({'in_port': 1})], nothing(tcp))
    for type_, wrapper in ((0x8100, 'vlan'), (0x88a8, 'svlan')):
        push = parser.OFPActionPushVlan(type_)
        case('action', 'push_vlan %#x' % type_, [flow({'in_port': 1}, push, output())], becomes(tcp, packet(wrapper + '.tcp', vlan_vid=0, vlan_pcp=0)))
        case('action', 'push_vlan %#x, set' % type_, [flow({'in_port': 1}, push, field(vlan_vid=0x1007), output())],
             becomes(tcp6, packet(wrapper + '.tcp6', vlan_vid=7, vlan_pcp=0)))
        case('action', 'push_vlan %#x of a tagged one' % type_, [flow({'in_port': 1}, push, output())],
             becomes(packet('vlan.tcp', vlan_vid=200, vlan_pcp=1), packet(wrapper + '.vlan.tcp', vlan_vid=200, vlan_pcp=1)))
    case('action', 'push_vlan 0x800', [flow({}, parser.OFPActionPushVlan(0x800), output())], same(tcp))
    case('action', 'pop_vlan', [flow({'vlan_vid': 0x1064}, parser.OFPActionPopVlan(), output())], becomes(tagged, tcp))
    case('action', 'pop_vlan without a match', [flow({'in_port': 1}, parser.OFPActionPopVlan(), output())], becomes(tagged, tcp))
    case('action', 'pop_vlan of two', [flow({'vlan_vid': (0x1000, 0x1000)}, parser.OFPActionPopVlan(), output())],
         becomes(packet('svlan.vlan.tcp'), packet('vlan.tcp', vlan_vid=200, vlan_pcp=1)))
    for type_, wrapper in ((0x8847, 'mpls'), (0x8848, 'mplsm')):
        push = parser.OFPActionPushMpls(type_)
        fill = (field(mpls_label=100), field(mpls_tc=3))
        case('action', 'push_mpls %#x' % type_, [flow(IP4, push, *fill, output())], becomes(tcp, packet(wrapper + '.tcp')))
        case('action', 'push_mpls %#x of ipv6' % type_, [flow(IP6, push, *fill, output())], becomes(tcp6, packet(wrapper + '.tcp6')))
        case('action', 'push_mpls %#x of mpls' % type_, [flow(MPLS, push, output())],
             becomes(packet('mpls.tcp', mpls_label=200, mpls_tc=1, mpls_ttl=32),
                     packet(wrapper + '.mpls.tcp', mpls_label=200, mpls_tc=1, mpls_ttl=32)))
    case('action', 'push_mpls of a tagged one', [flow(IP4, parser.OFPActionPushMpls(0x8847), field(mpls_label=100), field(mpls_tc=3), output())],
         becomes(tagged, packet('vlan.mpls.tcp')))
    case('action', 'push_mpls 0x800', [flow(IP4, parser.OFPActionPushMpls(0x800), output())], same(tcp))
    case('action', 'pop_mpls to ipv4', [flow(MPLS, parser.OFPActionPopMpls(0x800), output())], becomes(labelled, tcp))
    case('action', 'pop_mpls to ipv6', [flow(MPLS, parser.OFPActionPopMpls(0x86dd), output())], becomes(packet('mpls.tcp6'), tcp6))
    case('action', 'pop_mpls of two', [flow(MPLS, parser.OFPActionPopMpls(0x8847), output())],
         becomes(packet('mpls.mpls.tcp'), packet('mpls.tcp', mpls_label=200, mpls_tc=1, mpls_ttl=32)))
    case('action', 'pop_mpls, then match', [flow(MPLS, instructions=[apply(parser.OFPActionPopMpls(0x800)), parser.OFPInstructionGotoTable(1)]),
                                           flow(dict(IP4, ip_proto=6, tcp_dst=2222), output(), table=1)], becomes(labelled, tcp))
    case('action', 'pop_mpls without a match', [flow({}, parser.OFPActionPopMpls(0x800), output())], becomes(labelled, tcp))
    case('action', 'pop_mpls, dec_ttl', [flow(MPLS, parser.OFPActionPopMpls(0x800), parser.OFPActionDecNwTtl(), output())],
         becomes(labelled, packet('tcp', nw_ttl=63)))
    for name, action in (('copy_ttl_out', parser.OFPActionCopyTtlOut()), ('copy_ttl_in', parser.OFPActionCopyTtlIn())):
        case('action', name, [flow(MPLS, action, output())], same(labelled))
    for kind, needs in (('tcp', IP4), ('udp6', IP6), ('vlan.tcp', IP4)):
        case('action', '%s: set_nw_ttl' % kind, [flow(needs, parser.OFPActionSetNwTtl(100), output())], becomes(packet(kind), packet(kind, nw_ttl=100)))
        case('action', '%s: dec_nw_ttl' % kind, [flow(needs, parser.OFPActionDecNwTtl(), output())], becomes(packet(kind), packet(kind, nw_ttl=63)))
        case('action', '%s: dec_nw_ttl twice' % kind, [flow(needs, parser.OFPActionDecNwTtl(), parser.OFPActionDecNwTtl(), output())],
             becomes(packet(kind), packet(kind, nw_ttl=62)))
    case('action', 'dec_nw_ttl of arp', [flow(ARP, parser.OFPActionDecNwTtl(), output())], same(packet('arp')))
    case('action', 'set_nw_ttl without a match', [flow({}, parser.OFPActionSetNwTtl(3), output())], same(packet('arp')))
    case('action', 'set_mpls_ttl', [flow(MPLS, parser.OFPActionSetMplsTtl(9), output())], becomes(labelled, packet('mpls.tcp', mpls_ttl=9)))
    case('action', 'dec_mpls_ttl', [flow(MPLS, parser.OFPActionDecMplsTtl(), output())], becomes(labelled, packet('mpls.tcp', mpls_ttl=63)))
    case('action', 'dec_mpls_ttl of ip', [flow(IP4, parser.OFPActionDecMplsTtl(), output())], same(tcp))
    case('action', 'push_pbb', [flow({}, parser.OFPActionPushPbb(0x88e7), output())], same(tcp))
    case('action', 'pop_pbb', [flow({'eth_type': 0x88e7}, parser.OFPActionPopPbb(), output())], same(tcp))
    case('action', 'set_queue', [flow({'in_port': 1}, parser.OFPActionSetQueue(1), output())], same(tcp))
    case('action', 'no such group', [flow({}, group(9))], same(tcp))
    case('action', 'experimenter', [flow({}, parser.OFPActionExperimenterUnknown(0x123456, b'\0\0\0\0'), output())], same(tcp))
    goto = parser.OFPInstructionGotoTable
    metadata = parser.OFPInstructionWriteMetadata
    case('instruction', 'goto_table', [flow({}, instructions=[goto(1)]), flow({}, output(), table=1)], same(tcp))
    case('instruction', 'goto_table 253', [flow({}, instructions=[goto(253)]), flow({}, output(), table=253)], same(tcp))
    case('instruction', 'goto_table 254', [flow({}, instructions=[goto(254)])], nothing(tcp))
    case('instruction', 'goto_table back', [flow({}, instructions=[goto(0)], table=1)], same(tcp))
    case('instruction', 'goto_table, nothing there', [flow({}, instructions=[goto(5)])], miss(tcp, 5))
    case('instruction', 'write_metadata', [flow({}, instructions=[metadata(5, 0xffffffffffffffff), goto(1)]), flow({'metadata': 5}, output(), table=1)], same(tcp))
    case('instruction', 'write_metadata with a mask', [flow({}, instructions=[metadata(0x1234, 0xff00), goto(1)]), flow({'metadata': 0x1200}, output(), table=1)], same(tcp))
    case('instruction', 'write_actions', [flow({}, instructions=[write(output())])], same(tcp))
    case('instruction', 'the set has its order', [flow(IP4, instructions=[write(output(), field(ipv4_src='1.1.1.1'), parser.OFPActionDecNwTtl(), parser.OFPActionPushVlan(0x8100))])],
         becomes(tcp, packet('vlan.tcp', vlan_vid=0, vlan_pcp=0, nw_ttl=63, ipv4_src='1.1.1.1')))
    case('instruction', 'the last of a kind', [flow(IP4, instructions=[write(output(3), field(ipv4_src='9.9.9.9')), goto(1)]),
                                               flow(IP4, instructions=[write(output(), field(ipv4_src='1.1.1.1'))], table=1)], becomes(tcp, packet('tcp', ipv4_src='1.1.1.1')))
    clear = parser.OFPInstructionActions(ofp.OFPIT_CLEAR_ACTIONS, [])
    case('instruction', 'clear_actions', [flow(IP4, instructions=[write(field(ipv4_src='1.1.1.1')), goto(1)]),
                                          flow(IP4, instructions=[clear, write(output())], table=1)], same(tcp))
    case('instruction', 'apply and write', [flow(IP4, instructions=[apply(field(ipv4_dst='2.2.2.2')), write(output(), field(ipv4_src='1.1.1.1'))])],
         becomes(tcp, packet('tcp', ipv4_src='1.1.1.1', ipv4_dst='2.2.2.2')))
    case('instruction', 'no such meter', [flow({}, instructions=[meter(7), apply(output())])], same(tcp))


def extensions():
    tcp = packet('tcp')
    A = lambda name, **more: getattr(parser, 'NXAction' + name)(**more)
    rows = [
        ('reg_load', [A('RegLoad', ofs_nbits=(0 << 6) | 31, dst='ipv4_src', value=0x01010101), output()], {'ipv4_src': '1.1.1.1'}),
        ('reg_load bits', [A('RegLoad', ofs_nbits=(8 << 6) | 7, dst='ipv4_src', value=1), output()], {'ipv4_src': '192.168.1.10'}),
        ('reg_load2', [A('RegLoad2', dst='ipv4_src', value='1.1.1.1'), output()], {'ipv4_src': '1.1.1.1'}),
        ('reg_move', [A('RegMove', src_field='ipv4_src', dst_field='ipv4_dst', n_bits=32), output()], {'ipv4_dst': '192.168.10.10'}),
        ('reg_move bits', [A('RegMove', src_field='tcp_src', dst_field='tcp_dst', n_bits=8, src_ofs=8, dst_ofs=0), output()], {'l4_dst': 2222 & 0xff00 | 11111 >> 8}),
        ('resubmit', [A('ResubmitTable', in_port=0xfff8, table_id=1)], {}),
        ('exit', [output(), A('Exit'), output(3)], {}),
        ('note', [A('Note', note=[1, 2, 3, 4, 5, 6]), output()], {}),
        ('dec_ttl ids', [A('DecTtlCntIds', cnt_ids=[1, 2]), output()], {'nw_ttl': 63}),
        ('push and pop', [A('StackPush', field='ipv4_src', start=0, end=32), A('StackPop', field='ipv4_dst', start=0, end=32), output()], {'ipv4_dst': '192.168.10.10'}),
        ('output_reg', [A('RegLoad', ofs_nbits=31, dst='reg0', value=2), A('OutputReg', ofs_nbits=31, src='reg0', max_len=1024)], {}),
        ('output_reg2', [A('RegLoad', ofs_nbits=31, dst='reg0', value=2), A('OutputReg2', ofs_nbits=31, src='reg0', max_len=1024)], {}),
        ('multipath', [A('Multipath', fields=0, basis=0, algorithm=0, max_link=0, arg=0, ofs_nbits=15, dst='reg2'), output()], {}),
        ('set_tunnel', [A('SetTunnel', tun_id=3), output()], {}),
        ('set_tunnel64', [A('SetTunnel64', tun_id=3), output()], {}),
        ('fin_timeout', [A('FinTimeout', fin_idle_timeout=10, fin_hard_timeout=20), output()], {}),
        ('output trunc', [A('OutputTrunc', port=2, max_len=60)], {'payload': 6}),
        ('sample', [A('Sample', probability=1, collector_set_id=1, obs_domain_id=1, obs_point_id=1), output()], {}),
        ('ct_clear', [A('CTClear'), output()], {}),
    ]
    for name, list_, then in rows:
        case('extension', name, [flow({}, output(), table=1), flow(dict(IP4, ip_proto=6), *list_)], becomes(tcp, packet('tcp', **then)))
    case('extension', 'controller', [flow(IP4, A('Controller', max_len=1024, controller_id=0, reason=1))], to_controller(tcp))
    case('extension', 'conjunction', [flow(IP4, A('Conjunction', clause=0, n_clauses=2, id_=1))], nothing(tcp))
    learn = A('Learn', table_id=1, specs=[parser.NXFlowSpecMatch(src=('eth_src_nxm', 0), dst=('eth_dst_nxm', 0), n_bits=48),
                                          parser.NXFlowSpecOutput(src=('in_port_nxm', 0), dst='', n_bits=16)], priority=10)
    case('extension', 'learn', [flow({'in_port': 1}, learn, output())], same(tcp))


def groups():
    tcp = packet('tcp')
    field = lambda **one: parser.OFPActionSetField(**one)

    def bucket(*actions, weight=0, port=ofp.OFPP_ANY, group=ofp.OFPG_ANY):
        return parser.OFPBucket(weight=weight, watch_port=port, watch_group=group, actions=list(actions))

    def group(type_, number, *buckets):
        return parser.OFPGroupMod(dp, command=ofp.OFPGC_ADD, type_=type_, group_id=number, buckets=list(buckets))

    use = flow(dict(IP4, in_port=1), parser.OFPActionGroup(1))
    every, some, one, first = ofp.OFPGT_ALL, ofp.OFPGT_SELECT, ofp.OFPGT_INDIRECT, ofp.OFPGT_FF
    one_set = [field(ipv4_src='1.1.1.1'), output()]
    changed = becomes(tcp, packet('tcp', ipv4_src='1.1.1.1'))
    case('group', 'all', [group(every, 1, bucket(output()), bucket(output(3))), use], same(tcp))
    case('group', 'all, sets in one', [group(every, 1, bucket(field(ipv4_src='9.9.9.9'), output(3)), bucket(*one_set)), use], changed)
    case('group', 'all, then as before', [group(every, 1, bucket(field(ipv4_src='9.9.9.9'), output(3))),
                                          flow(dict(IP4, in_port=1), parser.OFPActionGroup(1), output())], same(tcp))
    case('group', 'all, empty', [group(every, 1), use], nothing(tcp))
    case('group', 'select', [group(some, 1, bucket(output(), weight=1)), use], same(tcp))
    case('group', 'select, weights', [group(some, 1, bucket(*one_set, weight=30), bucket(*one_set, weight=70)), use], changed)
    case('group', 'select, no weight', [group(some, 1, bucket(output())), use], nothing(tcp))
    case('group', 'indirect', [group(one, 1, bucket(*one_set)), use], changed)
    case('group', 'indirect with two', [group(one, 1, bucket(output()), bucket(output(3))), use], same(tcp))
    case('group', 'indirect with none', [group(one, 1), use], same(tcp))
    case('group', 'first live', [group(first, 1, bucket(output(), port=2), bucket(output(3), port=3)), use], same(tcp))
    case('group', 'first is no port', [group(first, 1, bucket(output(3), port=77), bucket(output(), port=2)), use], same(tcp))
    case('group', 'first without a watch', [group(first, 1, bucket(output())), use], same(tcp))
    case('group', 'first watches a group', [group(one, 2, bucket(output())), group(first, 1, bucket(output(), group=2)), use], same(tcp))
    case('group', 'chained', [group(one, 2, bucket(output())), group(every, 1, bucket(field(ipv4_src='1.1.1.1'), parser.OFPActionGroup(2))), use], changed)
    case('group', 'to itself', [group(every, 1, bucket(parser.OFPActionGroup(1))), use], nothing(tcp))
    case('group', 'to none', [group(every, 1, bucket(parser.OFPActionGroup(5))), use], nothing(tcp))
    case('group', 'to the controller', [group(every, 1, bucket(output(ofp.OFPP_CONTROLLER))), use], to_controller(tcp))
    case('group', 'in the action set', [group(every, 1, bucket(*one_set)), flow(IP4, instructions=[write(parser.OFPActionGroup(1), output(3))])], changed)
    case('group', 'push in a bucket', [group(every, 1, bucket(parser.OFPActionPushVlan(0x8100), output())), use], becomes(tcp, packet('vlan.tcp', vlan_vid=0, vlan_pcp=0)))
    case('group', 'twice the same', [group(every, 1, bucket(output())), group(every, 1, bucket(output()))], same(tcp))
    case('group', 'number too large', [group(every, 0xffffff01, bucket(output()))], same(tcp))
    case('group', 'no such type', [group(7, 1, bucket(output()))], same(tcp))
    case('group', 'weight where none belongs', [group(every, 1, bucket(output(), weight=3)), use], same(tcp))
    case('group', 'no such port', [group(every, 1, bucket(output(0xffffff05)))], same(tcp))


def meters():
    tcp = packet('tcp')

    def meter(number, flags, *bands):
        return parser.OFPMeterMod(dp, command=ofp.OFPMC_ADD, flags=flags, meter_id=number, bands=list(bands))

    def use(number):
        return flow({'in_port': 1}, instructions=[parser.OFPInstructionMeter(number), apply(output())])

    drop, remark = parser.OFPMeterBandDrop, parser.OFPMeterBandDscpRemark
    case('meter', 'pktps', [meter(1, ofp.OFPMF_PKTPS, drop(100, 10)), use(1)], same(tcp))
    case('meter', 'kbps', [meter(1, ofp.OFPMF_KBPS, drop(1000, 0)), use(1)], same(tcp))
    case('meter', 'burst and stats', [meter(1, ofp.OFPMF_KBPS | ofp.OFPMF_BURST | ofp.OFPMF_STATS, drop(1000, 500)), use(1)], same(tcp))
    case('meter', 'two bands', [meter(1, ofp.OFPMF_KBPS, drop(1000, 0), drop(2000, 0)), use(1)], same(tcp))
    case('meter', 'dscp_remark', [meter(1, ofp.OFPMF_KBPS, remark(1000, 0, 1)), use(1)], same(tcp))
    case('meter', 'no bands', [meter(1, ofp.OFPMF_KBPS), use(1)], same(tcp))
    case('meter', 'rate 0', [meter(1, ofp.OFPMF_KBPS, drop(0, 0)), use(1)], same(tcp))
    case('meter', 'kbps and pktps', [meter(1, ofp.OFPMF_KBPS | ofp.OFPMF_PKTPS, drop(10, 0))], same(tcp))
    case('meter', 'neither', [meter(1, 0, drop(10, 0)), use(1)], same(tcp))
    case('meter', 'number 0', [meter(0, ofp.OFPMF_KBPS, drop(10, 0))], same(tcp))
    case('meter', 'number too large', [meter(0xffff0001, ofp.OFPMF_KBPS, drop(10, 0))], same(tcp))
    case('meter', 'twice the same', [meter(1, ofp.OFPMF_KBPS, drop(10, 0)), meter(1, ofp.OFPMF_KBPS, drop(10, 0))], same(tcp))
    if FEW:
        return
    for name, flags, rate, unit, kind in (('pktps', ofp.OFPMF_PKTPS, 100, 'pktps', drop), ('kbps', ofp.OFPMF_KBPS, 400, 'kbps', drop)):
        files.setdefault('meter', []).append({
            'description': '%s: 1000 a second' % name,
            'prerequisite': [m.to_jsondict() for m in (meter(1, flags, kind(rate, 0)), use(1))],
            'tests': [{'ingress': {'packets': {'data': packet('tcp', payload=996), 'pktps': 300, 'duration_time': 12}},
                       'egress': {'throughput': [{'OFPMatch': parser.OFPMatch(in_port=2).to_jsondict()['OFPMatch'], unit: rate}]}}],
        })


def first_version():
    rows = [
        ('in_port', 'tcp', None, 1, 3, {}), ('dl_src', 'tcp', 'eth_src', '12:34:56:78:9a:bc', '44:44:44:44:44:44', {}),
        ('dl_dst', 'udp', 'eth_dst', '12:34:56:78:9a:bc', '44:44:44:44:44:44', {}), ('dl_vlan', 'vlan.tcp', 'vlan_vid', 10, 11, {}),
        ('dl_vlan_pcp', 'vlan.tcp', 'vlan_pcp', 5, 2, {'dl_vlan': 100}), ('dl_type', 'arp', None, 0x806, 0x800, {}),
        ('nw_tos', 'tcp', 'ip_dscp', 40, 9, {'dl_type': 0x800}), ('nw_proto', 'udp', None, 17, 6, {'dl_type': 0x800}),
        ('nw_proto', 'arp', 'arp_op', 2, 1, {'dl_type': 0x806}), ('nw_src', 'arp', 'arp_spa', '10.1.2.3', '10.3.2.1', {'dl_type': 0x806}),
        ('nw_src', 'tcp', 'ipv4_src', '10.1.2.3', '10.3.2.1', {'dl_type': 0x800}), ('nw_dst', 'udp', 'ipv4_dst', '10.1.2.3', '10.3.2.1', {'dl_type': 0x800}),
        ('tp_src', 'tcp', 'l4_src', 8765, 4321, {'dl_type': 0x800, 'nw_proto': 6}), ('tp_dst', 'udp', 'l4_dst', 8765, 4321, {'dl_type': 0x800, 'nw_proto': 17}),
        ('tp_src', 'icmp', 'icmpv4_type', 13, 8, {'dl_type': 0x800, 'nw_proto': 1}), ('tp_dst', 'icmp', 'icmpv4_code', 3, 1, {'dl_type': 0x800, 'nw_proto': 1}),
    ]
    says = lambda field, value: value << 2 if field == 'nw_tos' else value
    for field, kind, inside, value, other, needs in rows:
        given = packet(kind, **({inside: value} if inside else {}))
        wanted = dict(needs, **{field: says(field, value)})
        name = '%s: %s=%s' % (kind, field, value)
        case('match', name, [flow(wanted, output())], same(given))
        case('match', name + ' controller', [flow(wanted, output(ofp.OFPP_CONTROLLER, 65535))], to_controller(given))
        if not FEW:
            case('match-miss', name + ' not %s' % other, [flow(dict(needs, **{field: says(field, other)}), output())], miss(given))
        if field in ('nw_src', 'nw_dst'):
            # In masked text the rest of the address is zero; os-ken keeps what it was given.
            case('match', name + '/8', [flow(dict(needs, **{field: '10.0.0.0', field + '_mask': 8}), output())], same(given))
    case('match', 'nothing is needed', [flow({}, output())], same(packet('other')))
    case('match', 'dl_vlan none', [flow({'dl_vlan': 0xffff}, output())], same(packet('tcp')))
    case('match', 'nw_src without dl_type', [flow({'nw_src': '10.1.2.3'}, output())], same(packet('tcp')))
    tcp, tagged = packet('tcp'), packet('vlan.tcp')
    A = lambda name, *more: getattr(parser, 'OFPAction' + name)(*more)
    ip = {'dl_type': 0x800, 'nw_proto': 6}
    done = [
        ('strip_vlan', 'vlan.tcp', [A('StripVlan')], tagged, tcp), ('mod_vlan_vid', 'vlan.tcp', [A('VlanVid', 7)], tagged, packet('vlan.tcp', vlan_vid=7)),
        ('mod_vlan_vid of none', 'tcp', [A('VlanVid', 7)], tcp, packet('vlan.tcp', vlan_vid=7, vlan_pcp=0)),
        ('mod_vlan_pcp', 'vlan.tcp', [A('VlanPcp', 6)], tagged, packet('vlan.tcp', vlan_pcp=6)),
        ('mod_vlan_pcp of none', 'tcp', [A('VlanPcp', 6)], tcp, packet('vlan.tcp', vlan_vid=0, vlan_pcp=6)),
        ('mod_dl_src', 'tcp', [A('SetDlSrc', '00:00:00:00:00:09')], tcp, packet('tcp', eth_src='00:00:00:00:00:09')),
        ('mod_dl_dst', 'tcp', [A('SetDlDst', '00:00:00:00:00:09')], tcp, packet('tcp', eth_dst='00:00:00:00:00:09')),
        ('mod_nw_src', 'tcp', [A('SetNwSrc', '1.1.1.1')], tcp, packet('tcp', ipv4_src='1.1.1.1')),
        ('mod_nw_dst', 'tcp', [A('SetNwDst', '1.1.1.1')], tcp, packet('tcp', ipv4_dst='1.1.1.1')),
        ('mod_nw_tos', 'tcp', [A('SetNwTos', 160)], tcp, packet('tcp', ip_dscp=40)),
        ('mod_tp_src', 'tcp', [A('SetTpSrc', 80)], tcp, packet('tcp', l4_src=80)), ('mod_tp_dst', 'tcp', [A('SetTpDst', 80)], tcp, packet('tcp', l4_dst=80)),
        ('mod_tp_dst of udp', 'udp', [A('SetTpDst', 80)], packet('udp'), packet('udp', l4_dst=80)),
        ('several', 'tcp', [A('SetDlSrc', '00:00:00:00:00:09'), A('SetNwSrc', '1.1.1.1'), A('SetTpDst', 80), A('VlanVid', 7)], tcp,
         packet('vlan.tcp', vlan_vid=7, vlan_pcp=0, eth_src='00:00:00:00:00:09', ipv4_src='1.1.1.1', l4_dst=80)),
    ]
    for name, kind, list_, given, then in done:
        case('action', name, [flow(dict(ip, nw_proto=17) if kind == 'udp' else ip, *list_, output())], becomes(given, then))
    for name, list_ in (('mod_nw_tos with ecn bits', [A('SetNwTos', 161)]), ('mod_vlan_vid too large', [A('VlanVid', 4096)]),
                        ('mod_vlan_pcp too large', [A('VlanPcp', 8)]), ('enqueue to none', [A('Enqueue', ofp.OFPP_NONE, 1)]),
                        ('vendor', [parser.OFPActionVendorUnknown(0x123456, b'\0' * 8)])):
        case('action', name, [flow(ip, *list_, output())], refused(tcp))
    for name, port in (('ALL', ofp.OFPP_ALL), ('FLOOD', ofp.OFPP_FLOOD), ('NORMAL', ofp.OFPP_NORMAL), ('2', 2)):
        case('action', 'output %s' % name, [flow({'in_port': 1}, output(port))], same(tcp))
    for name, port in (('0', 0), ('TABLE', ofp.OFPP_TABLE)):
        case('action', 'output %s' % name, [flow({'in_port': 1}, output(port))], nothing(tcp))
    for name, port in (('NONE', ofp.OFPP_NONE), ('0xff00', 0xff00), ('0xfff0', 0xfff0)):
        case('action', 'output %s' % name, [flow({'in_port': 1}, output(port))], refused(tcp))
    case('action', 'output in_port, local, 2', [flow({'in_port': 1}, output(ofp.OFPP_IN_PORT), output(ofp.OFPP_LOCAL), output())], same(tcp))
    case('action', 'enqueue', [flow({'in_port': 1}, A('Enqueue', 2, 1))], same(tcp))


if VERSION == 1:
    first_version()
else:
    matches()
    set_fields()
    actions()
    extensions()
    groups()
    meters()
os.makedirs(DIRECTORY, exist_ok=True)
for name, cases in files.items():
    if FEW and VERSION == 5:
        # Most is as in 1.3.
        cases = cases[::4]
    with open(os.path.join(DIRECTORY, name + '.json'), 'w') as out:
        json.dump([name] + cases, out)
