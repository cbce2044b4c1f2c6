import { describe, expect, test } from 'vitest'
import { newKey, tunnelFlag, tunnelWords, word } from '../flow/layout.ts'
import type { Action, SparseKey } from './action.ts'
import { formatActions } from './actions-text.ts'

const row = (words: Record<number, number>): Uint32Array => {
  const tunnel = new Uint32Array(tunnelWords)
  for (const [place, value] of Object.entries(words)) tunnel[Number(place) - word.tunIdHigh] = value
  return tunnel
}

const flow = (ethType: number, protocol = 0) => {
  const key = newKey()
  key[word.ethType] = ethType << 16
  key[word.ip] = protocol
  return key
}

const set = (...words: [word: number, value: number, mask?: number][]): Action => ({
  type: 'set',
  key: words.map(([place, value]) => [place, value]) as SparseKey,
  mask: words.map(([place, , mask]) => [place, mask ?? 0xffffffff]) as SparseKey,
})

const one = (action: Action, key = flow(0x0800, 17)): string => formatActions([action], key)

// The expected texts are what ovs-vswitchd 3.1 printed for `dpctl/add-flow` and `ofproto/trace`.
describe('actions as Open vSwitch prints them', () => {
  test('no action is a drop', () => {
    expect(formatActions([])).toBe('drop')
    expect(formatActions([{ type: 'drop', reason: 'x' }])).toBe('drop')
  })

  test('outputs, tags and labels', () => {
    expect(
      formatActions([
        { type: 'push_vlan', tpid: 0x8100, tci: 0x3005 },
        { type: 'output', port: 2 },
        { type: 'pop_vlan' },
        { type: 'output', port: 100 },
      ]),
    ).toBe('push_vlan(vid=5,pcp=1),2,pop_vlan,100')
    expect(one({ type: 'push_vlan', tpid: 0x88a8, tci: 0x1005 })).toBe('push_vlan(tpid=0x88a8,vid=5,pcp=0)')
    expect(one({ type: 'push_mpls', label: (100 << 12) | 0x100 | 64, ethType: 0x8847 })).toBe(
      'push_mpls(label=100,tc=0,ttl=64,bos=1,eth_type=0x8847)',
    )
    expect(one({ type: 'pop_mpls', ethType: 0x800 })).toBe('pop_mpls(eth_type=0x800)')
    expect(one({ type: 'trunc', size: 100 })).toBe('trunc(100)')
    expect(one({ type: 'recirc', id: 4 })).toBe('recirc(0x4)')
    expect(
      one({
        type: 'clone',
        actions: [set([word.ethernet1, 0, 0xffff], [word.ethernet2, 5]), { type: 'output', port: 2 }],
      }),
    ).toBe('clone(set(eth(src=00:00:00:00:00:05)),2)')
  })

  test('tunnels', () => {
    const key = tunnelFlag.key | tunnelFlag.dontFragment
    const dst = 0xc0a80214
    expect(
      one({
        type: 'tunnel',
        row: row({
          [word.tunIdLow]: 100,
          [word.tunDst]: dst,
          [word.tunFlags]: (key << 16) | 64,
          [word.tunTransport]: 4789,
        }),
      }),
    ).toBe('set(tunnel(tun_id=0x64,dst=192.168.2.20,ttl=64,tp_dst=4789,flags(df|key)))')
    expect(
      one({
        type: 'tunnel',
        row: row({
          [word.tunIdLow]: 100,
          [word.tunSrc]: 0x01020304,
          [word.tunDst]: dst,
          [word.tunFlags]: ((key | tunnelFlag.csum) << 16) | 0x0440,
          [word.tunTransport]: (5 << 16) | 4789,
        }),
      }),
    ).toBe(
      'set(tunnel(tun_id=0x64,src=1.2.3.4,dst=192.168.2.20,tos=0x4,ttl=64,tp_src=5,tp_dst=4789,flags(df|csum|key)))',
    )
    expect(
      one({
        type: 'tunnel',
        row: row({
          [word.tunIpv6Src]: 0xfd000000,
          [word.tunIpv6Src + 3]: 1,
          [word.tunIpv6Dst]: 0xfd000000,
          [word.tunIpv6Dst + 3]: 2,
          [word.tunFlags]: tunnelFlag.key << 16,
          [word.tunTransport]: 4789,
        }),
      }),
    ).toBe('set(tunnel(tun_id=0x0,ipv6_src=fd00::1,ipv6_dst=fd00::2,ttl=0,tp_dst=4789,flags(key)))')
    expect(
      one({
        type: 'tunnel',
        row: row({
          [word.tunDst]: 0x01020304,
          [word.tunFlags]: (tunnelFlag.dontFragment << 16) | 64,
          [word.tunTransport]: 4789,
          [word.tunGbp]: 0x480005,
        }),
      }),
    ).toBe('set(tunnel(dst=1.2.3.4,ttl=64,tp_dst=4789,vxlan(gbp(id=5,flags=0x48)),flags(df)))')
    expect(one({ type: 'tunnel', row: row({ [word.tunDst]: 0x01020304, [word.tunFlags]: 64 }) })).toBe(
      'set(tunnel(dst=1.2.3.4,ttl=64))',
    )
  })

  test('set on Ethernet, whole and in part', () => {
    expect(one(set([word.ethernet, 0], [word.ethernet1, 0x00060000], [word.ethernet2, 5]))).toBe(
      'set(eth(src=00:00:00:00:00:05,dst=00:00:00:00:00:06))',
    )
    expect(one(set([word.ethernet1, 0, 0xffff], [word.ethernet2, 0, 0xff000000]))).toBe(
      'set(eth(src=00:00:00:00:00:00/ff:ff:ff:00:00:00))',
    )
    expect(one(set([word.ethernet, 0x01000000, 0x01000000]))).toBe('set(eth(dst=01:00:00:00:00:00/01:00:00:00:00:00))')
  })

  test('set on IP', () => {
    expect(one(set([word.ip, 0x00040300, 0x00ffff00], [word.ipv4Src, 0x01020304], [word.ipv4Dst, 0x05060708]))).toBe(
      'set(ipv4(src=1.2.3.4,dst=5.6.7.8,tos=0x4,ttl=3))',
    )
    expect(one(set([word.ip, 0, 0x00fc0000]))).toBe('set(ipv4(tos=0/0xfc))')
    expect(one(set([word.pktMark, 0]))).toBe('set(skb_mark(0))')
    expect(one(set([word.ip, 0x00040000, 0x00fc0000], [word.ipv4Src, 0x01020000, 0xffff0000]))).toBe(
      'set(ipv4(src=1.2.0.0/255.255.0.0,tos=0x4/0xfc))',
    )
    const ipv6 = set(
      [word.ip, 0x00040300, 0x00ffff00],
      [word.ipv6Src, 0xfd000000, 0xffff0000],
      [word.ipv6Label, 5, 0xfffff],
    )
    expect(one(ipv6, flow(0x86dd, 17))).toBe('set(ipv6(src=fd00::/ffff::,label=0x5,tclass=0x4,hlimit=3))')
    expect(one(set([word.ip, 0x300, 0xff00]), flow(0x86dd, 6))).toBe('set(ipv6(hlimit=3))')
  })

  test('set on what is above IP', () => {
    expect(one(set([word.transport, 0x00050006]))).toBe('set(udp(src=5,dst=6))')
    expect(one(set([word.transport, 0x00050000, 0x00ff0000]))).toBe('set(udp(src=5/0xff))')
    expect(one(set([word.transport, 7, 0xffff]), flow(0x0800, 6))).toBe('set(tcp(dst=7))')
    expect(one(set([word.transport, 7, 0xffff]), flow(0x0800, 132))).toBe('set(sctp(dst=7))')
    expect(one(set([word.transport, 3 << 16, 0x00ff00ff]), flow(0x0800, 1))).toBe('set(icmp(type=3,code=0))')
    expect(one(set([word.transport, 136 << 16, 0x00ff00ff]), flow(0x86dd, 58))).toBe('set(icmpv6(type=136,code=0))')
    expect(one(set([word.ipv4Src, 0x01020304], [word.transport, 7, 0xffff]))).toBe(
      'set(ipv4(src=1.2.3.4)),set(udp(dst=7))',
    )
  })

  test('set on ARP, neighbour discovery, MPLS and metadata', () => {
    expect(
      one(
        set(
          [word.ip, 2, 255],
          [word.ipv4Src, 0x0a000009],
          [word.arpSha, 0x00112233],
          [word.arpSha + 1, 0x44550000, 0xffff0000],
        ),
        flow(0x0806, 1),
      ),
    ).toBe('set(arp(sip=10.0.0.9,op=2,sha=00:11:22:33:44:55))')
    expect(
      one(
        set(
          [word.arpSha, 0],
          [word.arpSha + 1, 0x00010000],
          [word.arpSha + 2, 2],
          [word.ndTarget, 0xfd000000],
          [word.ndTarget + 1, 0],
          [word.ndTarget + 2, 0],
          [word.ndTarget + 3, 1],
        ),
        flow(0x86dd, 58),
      ),
    ).toBe('set(nd(target=fd00::1,sll=00:00:00:00:00:01,tll=00:00:00:00:00:02))')
    expect(one(set([word.mpls, (200 << 12) | 0x140]), flow(0x8847))).toBe('set(mpls(label=200,tc=0,ttl=64,bos=1))')
    expect(one(set([word.pktMark, 5]))).toBe('set(skb_mark(0x5))')
    expect(one(set([word.pktMark, 5, 255]))).toBe('set(skb_mark(0x5/0xff))')
    expect(one(set([word.skbPriority, 1]))).toBe('set(skb_priority(0x1))')
  })

  test('userspace', () => {
    const cookie = {
      type: 'controller',
      reason: 'action',
      dontSend: true,
      continuation: false,
      recircId: 1,
      ruleCookie: 0n,
      controllerId: 0,
      maxLength: 65535,
    }
    expect(one({ type: 'userspace', reason: 'controller', cookie })).toBe(
      'userspace(pid=0,controller(reason=1,dont_send=1,continuation=0,recirc_id=1,rule_cookie=0,controller_id=0,max_len=65535))',
    )
    expect(
      one({ type: 'userspace', reason: 'controller', cookie: { ...cookie, ruleCookie: 5n, reason: 'invalid_ttl' } }),
    ).toContain('reason=2,dont_send=1,continuation=0,recirc_id=1,rule_cookie=0x5,')
    expect(one({ type: 'userspace', reason: 'slow_path', cookie: { type: 'slow_path', reason: 'action' } })).toBe(
      'userspace(pid=0,slow_path(action))',
    )
    expect(one({ type: 'userspace', reason: 'sample', cookie: 7 })).toBe('userspace(pid=0)')
  })
})
