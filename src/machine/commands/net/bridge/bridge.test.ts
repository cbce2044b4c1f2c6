import { describe, expect, test } from 'vitest'
import { netMachine } from '../net.testing.ts'

// What the real ip, brctl and bridge print is held against them in test/interop/net-commands.test.ts; there is no module
// for VLAN devices where that runs, so here the texts are those of ip-link(8) and of its source.

/** A switch br0 with red at r0 and blue at b0, which have 10.0.0.1 and 10.0.0.2 on their eth0. */
const switched = (...lines: string[]) =>
  netMachine(
    'ip netns add red; ip netns add blue; ip link add br0 type bridge; ip link set br0 up',
    'ip link add r0 address 02:00:00:00:00:01 type veth peer name eth0 address 02:00:00:00:00:02 netns red',
    'ip link add b0 address 02:00:00:00:00:03 type veth peer name eth0 address 02:00:00:00:00:04 netns blue',
    'for i in r0 b0; do ip link set $i up master br0; done; for n in red blue; do ip -n $n link set eth0 up; done',
    'ip -n red addr add 10.0.0.1/24 dev eth0; ip -n blue addr add 10.0.0.2/24 dev eth0; sleep 3',
    ...lines,
  )

const answered = '1 packets transmitted, 1 received, 0% packet loss'
const lost = '1 packets transmitted, 0 received'

describe('a bridge', () => {
  test('joins namespaces, and knows who is where', () => {
    const { text } = switched()
    expect(text('ip netns exec red ping -c 1 10.0.0.2')).toContain(answered)
    expect(text('brctl showmacs br0').split('\n').slice(0, 5)).toEqual([
      'port no\tmac addr\t\tis local?\tageing timer',
      '  1\t02:00:00:00:00:01\tyes\t\t   0.00',
      '  1\t02:00:00:00:00:02\tno\t\t   0.00',
      '  2\t02:00:00:00:00:03\tyes\t\t   0.00',
      '  2\t02:00:00:00:00:04\tno\t\t   0.00',
    ])
    expect(text('bridge fdb show dynamic', 'brctl setageing br0 0; bridge fdb show dynamic')).toBe('')
  })

  test('ends what a frame may do when it is told to', () => {
    const { text } = switched('bridge link set dev r0 isolated on; bridge link set dev b0 isolated on')
    expect(text('ip netns exec red ping -c 1 -W 1 10.0.0.2')).toContain(lost)
    expect(text('bridge link set dev b0 isolated off; ip netns exec red ping -c 1 -W 1 10.0.0.2')).toContain(answered)
    expect(text('bridge link set dev b0 state 4; ip netns exec red ping -c 1 -W 1 10.0.0.2')).toContain(lost)
  })

  test('with a tree says nothing to hosts for twice the forward delay', () => {
    const { text } = netMachine(
      'brctl addbr br0; brctl stp br0 on; ip link set br0 up; ip netns add red',
      'ip link add r0 type veth peer name eth0 netns red; ip link set r0 up; ip -n red link set eth0 up',
      'ip addr add 10.0.0.254/24 dev br0; ip -n red addr add 10.0.0.1/24 dev eth0; brctl addif br0 r0',
    )
    expect(text('ip link show br0')).toContain('<NO-CARRIER,BROADCAST,MULTICAST,UP>')
    expect(text('sleep 14; bridge link')).toContain('state listening')
    expect(text('sleep 14; bridge link')).toContain('state learning')
    expect(text('ip netns exec red ping -c 1 -W 1 10.0.0.254')).toContain(lost)
    expect(text('sleep 3; bridge link')).toContain('state forwarding')
    expect(text('ip netns exec red ping -c 1 10.0.0.254')).toContain(answered)
    expect(text('brctl showstp br0')).toMatch(/ hello timer\t\t {3}[01]\.\d\d\t/)
  })

  test.each([
    ['ip link set r0 type bridge_slave cost 0', 'RTNETLINK answers: Numerical result out of range\n'],
    ['brctl addif br0 r0', "device r0 is already a member of a bridge; can't add it to bridge br0.\n"],
    ['bridge vlan add dev r0 vid 10', 'RTNETLINK answers: Operation not supported\n'],
  ])('%s is refused and changes nothing', (line, says) => {
    const { text } = switched()
    const before = text('brctl show; bridge -d link')
    expect(text(line)).toBe(says)
    expect(text('brctl show; bridge -d link')).toBe(before)
  })
})

describe('a VLAN device', () => {
  const lines = [
    'ip link add e0 address 02:00:00:00:00:01 type veth peer name e1 address 02:00:00:00:00:02',
    'ip link add link e0 name e0.10 type vlan id 10',
  ]

  test('is shown with what it is of', () => {
    const { text } = netMachine(...lines)
    expect(text('ip link show e0.10')).toBe(
      '4: e0.10@e0: <BROADCAST,MULTICAST,M-DOWN> mtu 1500 qdisc noop state DOWN mode DEFAULT group default qlen 1000\n' +
        '    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n',
    )
    expect(text('ip -d link show e0.10')).toContain(
      'minmtu 0 maxmtu 65535 \n    vlan protocol 802.1Q id 10 <REORDER_HDR> addrgenmode eui64',
    )
    expect(text('ip -br link show type vlan')).toContain('e0.10@e0')
    expect(JSON.parse(text('ip -d -j link show e0.10'))[0]).toMatchObject({
      link: 'e0',
      linkinfo: { info_kind: 'vlan', info_data: { protocol: '802.1Q', id: 10, flags: ['REORDER_HDR'] } },
    })
    expect(text('ip link set e0 up; ip link set e1 up; ip link show e0.10')).toContain(
      'e0.10@e0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP',
    )
  })

  test('tags what is sent, as a capture on the other link shows', () => {
    const { text } = netMachine(...lines, 'ip link set e0 up; ip link set e1 up; ip addr add 10.0.0.1/24 dev e0.10')
    expect(text('tcpdump -nei e1 -c 1 vlan and arp & sleep .1; ping -c 1 -W 1 10.0.0.9 > /dev/null; wait')).toContain(
      '02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff, ethertype 802.1Q (0x8100), length 46: vlan 10, p 0, ethertype ARP (0x0806)',
    )
  })

  test.each([
    ['ip link add link e0 name x type vlan', 'Error: VLAN properties not specified.\n'],
    ['ip link add name x type vlan id 5', 'Error: Link device is not specified.\n'],
    ['ip link add link e0 name x type vlan id abc', 'Error: argument "abc" is wrong: id is invalid\n'],
    ['ip link add link e0 name x type vlan id 10', 'Error: VLAN device already exists.\n'],
    ['ip link add link e0 name x type vlan id 5000', 'Error: Invalid VLAN id.\n'],
    ['ip link add link nosuch name x type vlan id 5', 'Cannot find device "nosuch"\n'],
  ])('%s', (line, says) => {
    const { text } = netMachine(...lines)
    expect(text(line)).toBe(says)
    expect(text('ip -br link show x')).toBe('Device "x" does not exist.\n')
  })

  test('vconfig makes and removes it, and says that it is old', () => {
    const { text, status } = netMachine(...lines)
    expect(text('vconfig add e0 20')).toBe(
      '\nWarning: vconfig is deprecated and might be removed in the future, please migrate to ip(route2) as soon as possible!\n\n',
    )
    expect(text('ip -br link show e0.20')).toContain('e0.20@e0')
    expect(status('vconfig rem e0.20')).toBe(0)
    expect(text('ip -br link show e0.20')).toBe('Device "e0.20" does not exist.\n')
    expect(status('vconfig add nosuch 5')).toBe(3)
    expect(status('vconfig add e0 x')).toBe(3)
    expect(status('vconfig rem nosuch')).toBe(4)
    expect(text('vconfig')).toContain('Expecting argc to be 3-5, inclusive.  Was: 1\n')
  })
})
