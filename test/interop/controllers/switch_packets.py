"""Packets for os-ken's switch tester, as it wants them: expressions that it evaluates, a header each.

`packet(kind, field=value, ...)` is a packet of a kind with some fields other than the usual ones; fields have the names that
OpenFlow gives them, so that a case can say what a packet has and what it has become in the same words.
"""

USUAL = {
    'eth_src': '12:11:11:11:11:11', 'eth_dst': '22:22:22:22:22:22', 'eth_type': None, 'vlan_vid': 100, 'vlan_pcp': 3,
    'mpls_label': 100, 'mpls_tc': 3, 'mpls_bos': 1, 'mpls_ttl': 64, 'ip_dscp': 8, 'ip_ecn': 0, 'ip_proto': None,
    'ipv4_src': '192.168.10.10', 'ipv4_dst': '192.168.20.20', 'nw_ttl': 64, 'ipv6_src': '10::10', 'ipv6_dst': '20::20',
    'ipv6_flabel': 100, 'l4_src': 11111, 'l4_dst': 2222, 'tcp_flags': 0, 'icmpv4_type': 8, 'icmpv4_code': 0,
    'icmpv6_type': 128, 'icmpv6_code': 0, 'arp_op': 1, 'arp_spa': '192.168.10.10', 'arp_tpa': '192.168.20.20',
    'arp_sha': '12:11:11:11:11:11', 'arp_tha': '00:00:00:00:00:00', 'ipv6_nd_target': '30::30',
    'ipv6_nd_sll': '12:11:11:11:11:11', 'ipv6_nd_tll': '12:11:11:11:11:11', 'ip_frag': 0, 'payload': 50,
}


def _ethernet(p, ethertype):
    return "ethernet(dst='%s', src='%s', ethertype=%d)" % (
        p['eth_dst'], p['eth_src'], ethertype if p['eth_type'] is None else p['eth_type'])


def _ipv4(p, proto):
    return "ipv4(tos=%d, proto=%d, src='%s', dst='%s', ttl=%d, flags=%d, offset=%d)" % (
        p['ip_dscp'] << 2 | p['ip_ecn'], proto if p['ip_proto'] is None else p['ip_proto'], p['ipv4_src'],
        p['ipv4_dst'], p['nw_ttl'], p['ip_frag'] & 1, 10 if p['ip_frag'] & 2 else 0)


def _ipv6(p, proto):
    return "ipv6(traffic_class=%d, flow_label=%d, nxt=%d, src='%s', dst='%s', hop_limit=%d)" % (
        p['ip_dscp'] << 2 | p['ip_ecn'], p['ipv6_flabel'], proto if p['ip_proto'] is None else p['ip_proto'],
        p['ipv6_src'], p['ipv6_dst'], p['nw_ttl'])


def _payload(p):
    return "b'%s'" % ''.join('\\x%02x' % (n & 255) for n in range(p['payload']))


def _tcp(p):
    return "tcp(src_port=%d, dst_port=%d, bits=%d)" % (p['l4_src'], p['l4_dst'], p['tcp_flags'])


def _udp(p):
    return "udp(src_port=%d, dst_port=%d)" % (p['l4_src'], p['l4_dst'])


def _sctp(p):
    return "sctp(src_port=%d, dst_port=%d, chunks=[chunk_data(unordered=0, begin=1, end=1, payload_data=b'12345678')])" % (
        p['l4_src'], p['l4_dst'])


def _icmp(p):
    # What is no echo has data that os-ken leaves as they are.
    data = "echo(1, 2, b'data')" if p['icmpv4_type'] in (0, 8) else "b'12345678'"
    return "icmp(type_=%d, code=%d, data=%s)" % (p['icmpv4_type'], p['icmpv4_code'], data)


def _icmp6(p):
    return "icmpv6(type_=%d, code=%d, data=icmpv6echo(1, 2, b'data'))" % (p['icmpv6_type'], p['icmpv6_code'])


def _neighbor(p, type_, option, address):
    return "icmpv6(type_=%d, data=nd_neighbor(dst='%s', option=%s(hw_src='%s')))" % (
        type_, p['ipv6_nd_target'], option, address)


def _solicit(p):
    return _neighbor(p, 135, 'nd_option_sla', p['ipv6_nd_sll'])


def _advert(p):
    return _neighbor(p, 136, 'nd_option_tla', p['ipv6_nd_tll'])


def _arp(p):
    return "arp(opcode=%d, src_mac='%s', src_ip='%s', dst_mac='%s', dst_ip='%s')" % (
        p['arp_op'], p['arp_sha'], p['arp_spa'], p['arp_tha'], p['arp_tpa'])


def _above(kind, p):
    """The type of what lies above Ethernet, and its headers."""
    if kind == 'arp':
        return 0x806, [_arp(p)]
    if kind == 'other':
        return 0x88b5, []
    number, make = {
        'tcp': (6, _tcp), 'udp': (17, _udp), 'sctp': (132, _sctp), 'icmp': (1, _icmp), 'ip': (253, None),
        'tcp6': (6, _tcp), 'udp6': (17, _udp), 'sctp6': (132, _sctp), 'icmp6': (58, _icmp6), 'ip6': (253, None),
        'ns': (58, _solicit), 'na': (58, _advert),
    }[kind]
    is6 = kind.endswith('6') or kind in ('ns', 'na')
    return (0x86dd, [_ipv6(p, number)] + ([make(p)] if make else [])) if is6 else (
        0x800, [_ipv4(p, number)] + ([make(p)] if make else []))


def packet(kind, **fields):
    """`kind` may have wrappers before it, outermost first: `vlan.tcp`, `svlan.vlan.tcp6`, `mpls.udp`."""
    p = dict(USUAL, **fields)
    *wrappers, inner = kind.split('.')
    above, headers = _above(inner, p)
    for i, wrapper in reversed(list(enumerate(wrappers))):
        # What is deeper than the outermost of its kind has values of its own.
        own = lambda name, usual: p[name] if wrapper not in wrappers[:i] else usual
        if wrapper in ('mpls', 'mplsm'):
            bottom = own('mpls_bos', 1) if not any(w.startswith('mpls') for w in wrappers[i + 1:]) else 0
            headers.insert(0, 'mpls(label=%d, exp=%d, bsb=%d, ttl=%d)' % (
                own('mpls_label', 200), own('mpls_tc', 1), bottom, own('mpls_ttl', 32)))
            above = 0x8847 if wrapper == 'mpls' else 0x8848
        else:
            outer = wrapper not in [w for w in wrappers[:i] if w.endswith('vlan')] and not any(
                w.endswith('vlan') for w in wrappers[:i])
            headers.insert(0, 'vlan(pcp=%d, cfi=0, vid=%d, ethertype=%d)' % (
                p['vlan_pcp'] if outer else 1, p['vlan_vid'] if outer else 200, above))
            if wrapper == 'svlan':
                headers[0] = headers[0].replace('vlan(', 'svlan(', 1)
            above = 0x8100 if wrapper == 'vlan' else 0x88a8
    tail = [] if inner in ('icmp', 'icmp6', 'ns', 'na', 'sctp', 'sctp6') else [_payload(p)]
    return [_ethernet(p, above)] + headers + tail
