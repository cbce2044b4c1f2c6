import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseOdpActions } from './actions-parse.ts'
import { formatActions } from './actions-text.ts'

/** What is read, told again; a number is that of an error. */
const again = (text: string): string | number => {
  const read = parseOdpActions(text, name => (name === 'p1' ? 5 : undefined))
  return read.ok ? formatActions(read.actions) : read.error
}

const invalid = 22
const noData = `userdata(${'00'.repeat(48)})`
const header = (ip: string, rest = 'udp(src=0,dst=4789,csum=0x0),vxlan(flags=0x8000000,vni=0x1c7)') =>
  `eth(dst=f8:bc:12:44:34:b6,src=f8:bc:12:46:58:e0,${ip}),${rest}`
const ip4 = 'dl_type=0x0800),ipv4(src=1.1.2.88,dst=1.1.2.92,proto=17,tos=0,ttl=64,frag=0x4000'
const ip6 = 'dl_type=0x86dd),ipv6(src=2001:cafe::88,dst=2001:cafe::92,label=0,proto=17,tclass=0x3,hlimit=64'

// The second of each pair is what ovs-vswitchd 3.1 answered to `dpctl/parse-actions`; without one, it told the same again.
describe('actions as Open vSwitch reads them', () => {
  test.each<[string, string?]>([
    ['1,2'],
    ['', 'drop'],
    ['DROP', 'drop'],
    [' 1\t2,', '1,2'],
    [',1', '1'],
    ['01,0x10', '1,16'],
    ['4294967296', '0'],
    ['p1,2', '5,2'],
    ['push_vlan(vid=12,pcp=0)'],
    ['push_vlan(tpid=0x9100,vid=13,pcp=5,cfi=0)'],
    ['push_vlan(vid=1,pcp=2,cfi=1)', 'push_vlan(vid=1,pcp=2)'],
    ['pop_vlan,ct_clear,pop_nsh()'],
    [
      'trunc(100),recirc(1),meter(3),lb_output(1),tnl_pop(4)',
      'trunc(100),recirc(0x1),meter(3),lb_output(1),tnl_pop(4)',
    ],
    ['clone(clone(push_vlan(vid=12,pcp=0),2),1)'],
    ['sample(sample=9.7%,actions(1,2,3,push_vlan(vid=1,pcp=2)))'],
    ['sample(sample=50%,actions(1))', 'sample(sample=50.0%,actions(1))'],
    ['check_pkt_len(size=200,gt(drop),le(5))'],
    ['check_pkt_len(size=200,gt(ct(nat)),le(drop))'],
    [
      'check_pkt_len(size=200,gt(),le(check_pkt_len(size=5,gt(1),le(2))))',
      'check_pkt_len(size=200,gt(drop),le(check_pkt_len(size=5,gt(1),le(2))))',
    ],
    ['check_pkt_len(size=65536,gt(4),le(5))', 'check_pkt_len(size=0,gt(4),le(5))'],
    ['add_mpls(label=200,tc=7,ttl=64,bos=1,eth_type=0x8847)'],
    ['push_nsh(flags=0,ttl=63,mdtype=1,np=3,spi=0x123,si=1,c1=0x1,c2=0x2,c3=0x3,c4=0x4)'],
    ['push_nsh()', 'push_nsh(flags=0,ttl=63,mdtype=1,np=3,spi=0x0,si=255,c1=0x0,c2=0x0,c3=0x0,c4=0x0)'],
    ['set(eth(src=00:01:02:03:04:05/ff:00:00:00:00:00,dst=50:54:00:00:00:07))'],
    ['set(eth())'],
    ['set(ipv4(src=1.2.3.4/255.255.255.0,ttl=3,frag=first))'],
    [
      'set(ipv6(src=::1/::ff,dst=::2,label=0x3,tclass=3,hlimit=5))',
      'set(ipv6(src=::1/::ff,dst=::2,label=0x3,tclass=0x3,hlimit=5))',
    ],
    ['set(vlan(vid=3))'],
    ['set(vlan())'],
    ['set(vlan(vid=5,pcp=3,cfi=0))'],
    ['set(mpls(label=3,tc=1,ttl=3,bos=0))'],
    ['set(mpls(label=3))', 'set(mpls(label=3/0xfffff,tc=0/0,ttl=0/0x0,bos=0/0))'],
    [
      'set(mpls(label=3,tc=1,ttl=3,bos=0,label=4))',
      'set(mpls(label=3/0xfffff,tc=1/7,ttl=3/0xff,bos=0/1,label=4/0xfffff,tc=0/0,ttl=0/0x0,bos=0/0))',
    ],
    [
      'set(nd(target=::1)),set(nd_ext(nd_options_type=1))',
      'set(nd(target=::1)),set(nd_ext(nd_reserved=0x0,nd_options_type=1))',
    ],
    ['set(skb_mark(3/0)),set(skb_priority(0x3/0xff))', 'set(skb_mark(0x3/0)),set(skb_priority(0x3/0xff))'],
    ['set(in_port(3)),set(eth_type(0x800)),set(ct_mark(5))', 'set(in_port(3)),set(eth_type(0x0800)),set(ct_mark(0x5))'],
    [
      'set(packet_type(ns=0,id=1)),set(encap(eth_type(5)))',
      'set(packet_type(ns=0,id=0x1)),set(encap(eth_type(0x0005)))',
    ],
    ['set(tcp_flags(syn)),set(tcp(src=1,dst=2)),set(arp(op=1)),set(icmpv6(type=1))'],
    ['set(tunnel(tun_id=0xabcdef1234567890,src=1.1.1.1,dst=2.2.2.2,ttl=64,flags(df|csum|key)))'],
    ['set(tunnel(tun_id=0x5,dst=1.1.1.1,ttl=64,vxlan(gbp(id=5,flags=0x10)),flags(df|key)))'],
    ['ct,ct(commit),ct(commit,zone=5),ct(force_commit)'],
    ['ct()', 'ct'],
    [
      'ct(commit,mark=0xa0a0a0a0/0xfefefefe,label=0x1234567890abcdef1234567890abcdef/0xf1f2f3f4f5f6f7f8f9f0fafbfcfdfeff)',
    ],
    [
      'ct(commit zone=65541,mark=5,label=5,helper=ftp,nat)',
      'ct(commit,zone=5,mark=0x5/0xffffffff,label=0x5,helper=ftp,nat)',
    ],
    ['ct(commit,timeout=foo)'],
    ['ct(commit,nat(src=10.0.0.240-10.0.0.254:32768-65535,persistent))'],
    ['ct(commit,nat(src=fe80::20c:29ff:fe88:a18b,random)),ct(nat(dst))'],
    ['ct(commit,nat(src=[::1]-[::5]:5-9,hash,persistent))', 'ct(commit,nat(src=[::1]-[::5]:5-9,persistent,hash))'],
    ['ct(commit,nat(src,random)),ct(commit,nat(random))', 'ct(commit,nat(src)),ct(commit,nat)'],
    ['userspace(pid=555666777)', `userspace(pid=555666777,${noData})`],
    ['userspace(pid=6633,sFlow(vid=9,pcp=7,output=10))'],
    ['userspace(pid=1,sFlow(vid=4096,pcp=070,output=-1))', 'userspace(pid=1,sFlow(vid=0,pcp=0,output=4294967295))'],
    ['userspace(pid=9765,slow_path())', 'userspace(pid=9765,slow_path(0))'],
    [
      'userspace(pid=1,slow_path(4)),userspace(pid=1,slow_path(action))',
      'userspace(pid=1,slow_path(lacp)),userspace(pid=1,slow_path(action))',
    ],
    ['userspace(pid=9766,userdata(0102030405060708090a0b0c0d0e0f))'],
    [
      'userspace(pid=1,userdata(01 02),actions,tunnel_out_port=5)',
      'userspace(pid=1,userdata(0102000000000000),actions,tunnel_out_port=5)',
    ],
    [
      'userspace(pid=6633,flow_sample(probability=123,collector_set_id=1234,obs_domain_id=2345,obs_point_id=3456,output_port=10,ingress))',
    ],
    ['userspace(pid=6633,ipfix(output_port=10))'],
    [
      'userspace(pid=1,controller(reason=1,dont_send=3,continuation=0,recirc_id=4,rule_cookie=5,controller_id=70000,max_len=3))',
      'userspace(pid=1,controller(reason=1,dont_send=1,continuation=0,recirc_id=4,rule_cookie=0x5,controller_id=4464,max_len=3))',
    ],
    [`tnl_push(tnl_port(6),header(size=50,type=4,${header(ip4)}),out_port(1))`],
    [`tnl_push(tnl_port(6),header(size=70,type=4,${header(ip6)}),out_port(1))`],
  ])('%s', (text, told = text) => {
    expect(again(text)).toBe(told)
    expect(again(told)).toBe(told)
  })

  test.each([
    ['foo'],
    ['1,drop'],
    ['pop_eth'],
    ['hash(l4(0))'],
    ['recirc(0x1'],
    ['clone(drop)'],
    ['clone(1'],
    ['push_vlan(vid=4096,pcp=0)'],
    ['push_vlan(vid=1)'],
    ['push_vlan(pcp=1,vid=1)'],
    ['sample(sample=101%,actions(1))'],
    ['check_pkt_len(size=200,le(4),gt(5))'],
    ['add_mpls(label=200,eth_type=0x8847)'],
    ['set()'],
    ['set(eth(foo=3))'],
    ['set( eth(src=00:01:02:03:04:05))'],
    ['set(nsh(flags=0))'],
    ['set(eth'],
    ['ct(commit,force_commit)'],
    ['ct(commit,foo)'],
    ['ct(commit,nat(src=:5))'],
    ['ct(commit,nat(src=2.2.2.2-1.1.1.1))'],
    ['ct(commit,nat(src,dst))'],
    ['ct(commit,nat(src=1.1.1.1,hash,random))'],
    ['userspace()'],
    ['userspace(pid=1,slow_path(foo))'],
    ['userspace(pid=1,userdata(012))'],
    ['userspace(pid=1,tunnel_out_port=5,actions)'],
    ['userspace(pid=1,controller(reason=1,dont_send=0))'],
    ['push_nsh(mdtype=3)'],
    [`tnl_push(tnl_port(6),header(size=51,type=4,${header(ip4)}),out_port(1))`],
    ['clone('.repeat(40) + ')'.repeat(40)],
  ])('not %s', text => {
    expect(again(text)).toBe(invalid)
  })

  test('an empty list is told as a drop, which a list does not have', () => {
    expect(again('clone()')).toBe('clone(drop)')
    expect(again('sample(sample=5%,actions())')).toBe('sample(sample=5.0%,actions(drop))')
  })

  test('reasons are told in another way than they are read', () => {
    expect(again('userspace(pid=1,slow_path(lldp|cfm))')).toBe('userspace(pid=1,slow_path(cfm,lldp))')
    expect(again('userspace(pid=1,slow_path(cfm,lldp))')).toBe(invalid)
  })

  test('what follows an action must be apart from it', () => {
    expect(again('1;2')).toBe(-1)
    expect(again('pop_vlanpop_vlan')).toBe(-8)
  })
})

const number = (most: number) => fc.integer({ min: 0, max: most })
const leaf = fc.oneof(
  number(0xfffffffe).map(String),
  fc.tuple(number(4095), number(7)).map(([vid, pcp]) => `push_vlan(vid=${vid},pcp=${pcp})`),
  fc.constantFrom('pop_vlan', 'ct_clear', 'pop_nsh()', 'ct', 'ct(commit)'),
  number(0xffff).map(zone => `ct(commit${zone === 0 ? '' : `,zone=${zone}`},nat(src=10.0.0.1-10.0.0.9))`),
  fc
    .tuple(number(0xfffff), number(7), number(255), number(1))
    .map(([label, tc, ttl, bos]) => `set(mpls(label=${label},tc=${tc},ttl=${ttl},bos=${bos}))`),
  fc.tuple(number(255), number(255)).map(([a, b]) => `set(ipv4(src=${a}.0.0.${b},ttl=${b}))`),
  number(0xffff).map(size => `trunc(${size})`),
)
const { list } = fc.letrec<{ action: string; list: string }>(tie => ({
  action: fc.oneof(
    { depthSize: 'small' },
    leaf,
    tie('list').map(inner => `clone(${inner})`),
    fc.tuple(tie('list'), tie('list')).map(([gt, le]) => `check_pkt_len(size=9,gt(${gt}),le(${le}))`),
  ),
  list: fc.array(tie('action'), { minLength: 1, maxLength: 4 }).map(actions => actions.join(',')),
}))

test('what is told is read as what it was', () => {
  fc.assert(
    fc.property(list, text => {
      expect(again(text)).toBe(text)
    }),
  )
})

test('any text is read or refused', () => {
  const noise = fc.string({ unit: fc.constantFrom(...'(),=/|0x9af:.%- ', 'set', 'ct', 'nat', 'clone', 'eth', 'src') })
  fc.assert(
    fc.property(noise, text => {
      expect(['string', 'number']).toContain(typeof again(text))
    }),
  )
})
