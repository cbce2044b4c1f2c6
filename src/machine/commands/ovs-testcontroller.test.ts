import { describe, expect, test } from 'vitest'
import { Kernel } from '../../host/index.ts'
import { seeded, start, UnixSockets, VirtualClock } from '../../runtime/index.ts'
import { Machine } from '../machine.ts'
import { openVSwitch } from '../openvswitch.ts'
import { commands } from './net/index.ts'
import { openVSwitchCommands } from './openvswitch.ts'

/** A machine with switches in a row, a host in a namespace at each, and a prompt. */
const row = (count: number, version?: number) => {
  const clock = new VirtualClock()
  const random = seeded(7)
  const kernel = new Kernel({ clock, random, name: 'box' })
  kernel.root.lo.setUp(true)
  const sockets = new UnixSockets()
  const vswitchd = openVSwitch({ kernel, clock, random, sockets })
  const tools = openVSwitchCommands(vswitchd, sockets)
  const machine = new Machine({ kernel, clock, random, hostname: 'box', commands: { ...commands, ...tools } })
  const type = (line: string): string => {
    let text: string | undefined
    start(machine.exec(line), { done: ran => (text = `${ran.stdout}${ran.stderr}`) })
    clock.runWhile(() => text === undefined)
    return text ?? 'it never ended'
  }
  const protocols = version === undefined ? '' : ` protocols=OpenFlow1${version}`
  const lines: string[] = []
  for (let i = 1; i <= count; i++) {
    lines.push(`ip netns add h${i}`, `ip link add s${i}-eth1 type veth peer name eth0 netns h${i}`)
    lines.push(`ip link set s${i}-eth1 up`, `ip -n h${i} link set eth0 address 02:00:00:00:00:${i.toString(16)} up`)
    lines.push(`ip -n h${i} addr add 10.0.0.${i}/24 dev eth0`)
    const next = `s${i}-eth3`
    lines.push(`ip link add ${next} type veth peer name s${i + 1}-eth2`, `ip link set ${next} up`)
    lines.push(`ip link set s${i + 1}-eth2 up`)
    const ports = i === 1 ? [1, 3] : [1, 2, 3]
    lines.push(
      `ovs-vsctl add-br s${i} -- set bridge s${i} fail_mode=secure${protocols}` +
        ` -- set-controller s${i} tcp:127.0.0.1:6653` +
        ports
          .map(port => ` -- add-port s${i} s${i}-eth${port} -- set interface s${i}-eth${port} ofport_request=${port}`)
          .join(''),
    )
  }
  /** Lets time pass. */
  const pass = (seconds: number): void => void clock.runUntil(clock.now() + seconds * 1e9)
  const lay = (): void => {
    for (const line of lines) expect(type(line)).toBe('')
    pass(3)
  }
  const ping = (from: number, to: number): string =>
    /(\d+) received/.exec(type(`ip netns exec h${from} ping -c 1 -W 1 10.0.0.${to}`))?.[1] ?? 'none'
  return { clock, kernel, type, pass, lay, ping }
}

describe('ovs-testcontroller in a machine', () => {
  test('has switches learn: by flows that look at everything and go when nothing comes', () => {
    const { type, lay, ping, pass } = row(2)
    expect(type('ovs-testcontroller -v ptcp:6653 >/tmp/c0.log 2>&1 &')).toBe('')
    lay()
    expect(ping(1, 2)).toBe('1')
    const flows = (name: string): string[] =>
      type(`ovs-ofctl --no-stats --sort dump-flows ${name}`)
        .split('\n')
        .filter(line => line !== '')
    expect(flows('s1')).toEqual([
      ' priority=0 actions=CONTROLLER:128',
      ' idle_timeout=60, priority=1,arp,in_port=3,vlan_tci=0x0000/0x1fff,dl_src=02:00:00:00:00:02,' +
        'dl_dst=02:00:00:00:00:01,arp_spa=10.0.0.2,arp_tpa=10.0.0.1,arp_op=2 actions=output:1',
      ' idle_timeout=60, priority=1,icmp,in_port=1,vlan_tci=0x0000/0x1fff,dl_src=02:00:00:00:00:01,' +
        'dl_dst=02:00:00:00:00:02,nw_src=10.0.0.1,nw_dst=10.0.0.2,nw_tos=0,icmp_type=8,icmp_code=0 actions=output:3',
      ' idle_timeout=60, priority=1,icmp,in_port=3,vlan_tci=0x0000/0x1fff,dl_src=02:00:00:00:00:02,' +
        'dl_dst=02:00:00:00:00:01,nw_src=10.0.0.2,nw_dst=10.0.0.1,nw_tos=0,icmp_type=0,icmp_code=0 actions=output:1',
    ])
    pass(70)
    // The hosts made sure of each other by ARP meanwhile.
    expect(flows('s1').filter(line => line.includes('icmp'))).toEqual([])
    expect(type('cat /tmp/c0.log')).toMatch(/\|rconn\|DBG\|tcp:127\.0\.0\.1:\d+: entering ACTIVE\n/)
  })

  test('with --noflow every frame asks, with --hub it goes everywhere', () => {
    const { type, lay, ping } = row(2, 3)
    type('ovs-testcontroller -n ptcp: & echo $! > /tmp/pid')
    lay()
    expect(ping(1, 2)).toBe('1')
    const flows = (name: string): string => type(`ovs-ofctl -O OpenFlow13 --no-stats dump-flows ${name}`)
    expect(flows('s1')).toBe(' priority=0 actions=CONTROLLER:128\n')
    type('kill $(cat /tmp/pid); ovs-testcontroller --hub ptcp:6653 & sleep 5')
    expect(ping(2, 1)).toBe('1')
    expect(flows('s2')).toContain('actions=FLOOD\n')
  })

  test('knows no limit of sixteen switches, and its words are seen on lo', () => {
    const { type, lay, ping, kernel, pass } = row(20)
    type('ovs-testcontroller ptcp:6653 &')
    type('tcpdump -i lo -n -c 4 tcp port 6653 > /tmp/lo.txt 2>/dev/null &')
    lay()
    pass(5)
    expect(ping(1, 20)).toBe('1')
    expect(ping(20, 1)).toBe('1')
    expect(kernel.root.tcp.allChannels().filter(({ connection }) => connection.state === 'ESTABLISHED')).toHaveLength(
      40,
    )
    expect(type('cat /tmp/lo.txt')).toMatch(/127\.0\.0\.1\.\d+ > 127\.0\.0\.1\.6653: Flags \[S\]/)
  })

  test('goes into the background by itself, calls switches, and says what is wrong in the words of the original', () => {
    const { type, lay, pass } = row(1)
    expect(type('ovs-testcontroller --detach ptcp:6653')).toBe('')
    lay()
    pass(1)
    expect(type('ovs-vsctl get controller s1 is_connected')).toBe('true\n')
    expect(type('ovs-testcontroller ptcp:6653; echo $?')).toMatch(
      /^.*\|00001\|socket_util\|ERR\|6653: bind: Address already in use\n.*\|00002\|controller\|ERR\|ptcp:6653: connect: Address already in use\novs-testcontroller: no active or passive switch connections\n1\n$|^1\n/s,
    )
    type('ovs-vsctl set-controller s1 ptcp:6654')
    type('ovs-testcontroller tcp:127.0.0.1:6654 &')
    pass(1)
    expect(type('ovs-ofctl --no-stats dump-flows s1')).toContain('CONTROLLER:128')
    expect(type('ovs-testcontroller tcp:127.0.0.1:1 2>&1')).toContain('tcp:127.0.0.1:1: connect: Connection refused\n')
  })
})
