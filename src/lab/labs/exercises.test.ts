import { describe, expect, test } from 'vitest'
import { missing, solve } from '../check.ts'
import type { Lab } from '../lab.ts'
import { Network } from '../network.ts'
import { findLab, labs } from './index.ts'

const up = (lab: Lab): Network => {
  const net = new Network({ seed: 1 })
  lab.build(net)
  net.settle()
  return net
}

/** A lab's network, its check, and lines typed at its machines. */
const begin = (name: string) => {
  const lab = findLab(name) as Lab
  const net = up(lab)
  const check = (): string[] => net.finish(missing(net, lab))
  return {
    net,
    check,
    solve: (): string[] => net.finish(solve(net, lab)),
    /** Types lines and gives what is missing then. */
    type: (...lines: string[]): string[] => {
      for (const line of lines) {
        const at = line.indexOf(' ')
        net.type(line.slice(0, at), line.slice(at + 1))
      }
      net.settle()
      return check()
    },
  }
}

const exercises = labs.filter(({ exercise }) => exercise !== undefined)

/** Waiting, and ARP from h4 to h3, who has told its own MAC by asking first. */
const free = ['sleep 10', 'in_port=4,arp,actions=output:3']

describe.each(exercises)('the exercise of lab $name', lab => {
  const solution = lab.exercise?.solution ?? []

  test('is not done from the start, and done by its solution', () => {
    const { check, solve } = begin(lab.name)
    expect(check()).not.toEqual([])
    expect(solve()).toEqual([])
    expect(check()).toEqual([])
  })

  test('needs every line of its solution', () => {
    for (const [i, left] of solution.entries()) {
      if (free.some(line => left.endsWith(line))) continue
      const net = up(lab)
      net.finish(solve(net, { ...lab, exercise: { ...lab.exercise!, solution: solution.filter((_, j) => j !== i) } }))
      net.settle()
      expect(net.finish(missing(net, lab)), left).not.toEqual([])
    }
  })

  test('says at every step which line is next, or one that can be next', () => {
    const { check, net } = begin(lab.name)
    for (const line of solution) {
      if (free.some(end => line.endsWith(end))) continue
      const before = check()
      expect(before, line).not.toEqual([])
      expect(
        before.every(sentence => sentence.length < 200 && !sentence.endsWith('.')),
        before.join('\n'),
      ).toBe(true)
      const at = line.indexOf(' ')
      net.type(line.slice(0, at), line.slice(at + 1))
      net.settle()
    }
  })

  test('has a task and a picture that fit a terminal', () => {
    for (const line of [...(lab.exercise?.task ?? '').split('\n'), ...lab.picture.split('\n')])
      expect(line.length <= 120 && line === line.trimEnd(), line).toBe(true)
  })
})

describe('what the check of the bridge says', () => {
  const bridged = ['host ovs-vsctl add-br mybridge', 'host ovs-vsctl add-port mybridge eth0']

  test('why the network is lost, and what brings it back', () => {
    const { type } = begin('bridge')
    const [sentence, ...more] = type(...bridged)
    expect(more).toEqual([])
    expect(sentence).toContain('eth0 is in mybridge but still has the address 10.0.2.15/24')
    expect(sentence).toContain('ifconfig eth0 0')
    expect(type('host ifconfig eth0 0')).toEqual(['mybridge has no address: dhclient mybridge'])
    expect(type('host ifconfig mybridge 10.0.2.15 netmask 255.255.255.0')[0]).toContain('route add default gw 10.0.2.2')
    expect(type('host route add default gw 10.0.2.2')).toEqual([])
  })

  test('the same by DHCP, and that names are gone', () => {
    const { type } = begin('bridge')
    type(...bridged, 'host ifconfig eth0 0')
    expect(type('host dhclient mybridge')).toEqual([])
    expect(type('host echo nameserver 10.0.2.9 > /etc/resolv.conf')).toEqual([
      '8.8.8.8 answers and google.com does not: cat /etc/resolv.conf shows who is asked for names',
    ])
  })

  test('that the bridge is down, that a flow drops, that the router is not the fault', () => {
    const { type, solve } = begin('bridge')
    solve()
    expect(type('host ifconfig mybridge down')).toEqual(['mybridge is down: ifconfig mybridge up'])
    expect(type('host ifconfig mybridge up', 'host route add default gw 10.0.2.2')).toEqual([])
    expect(type('internet ip addr del 8.8.8.8/32 dev lo')).toEqual([
      '8.8.8.8 does not answer, though the router 10.0.2.2 does',
    ])
    expect(type('host ovs-ofctl add-flow mybridge priority=9,icmp,actions=drop')[0]).toContain(
      'neither 8.8.8.8 nor the router 10.0.2.2 answers',
    )
  })
})

describe('what the check of the taps says', () => {
  test('of each tap what it needs', () => {
    const { type } = begin('taps')
    expect(type('hv1 ip tuntap add mode tap vport1', 'hv1 ovs-vsctl add-br mybridge')).toEqual([
      'vport1 is down: ifconfig vport1 up',
      'vport1 is not in mybridge: ovs-vsctl add-port mybridge vport1',
      'there is no tap vport2 for vm2 to be plugged into: ip tuntap add mode tap vport2',
    ])
    expect(type('hv1 ip link add vport2 type dummy')[2]).toBe(
      'vport2 is no tap: ip link del vport2, then ip tuntap add mode tap vport2',
    )
  })

  test('a tap that is made again has its VM again', () => {
    const { type, solve } = begin('taps')
    solve()
    expect(type('hv1 ovs-vsctl del-port vport1', 'hv1 ip link del vport1')[0]).toContain('there is no tap vport1')
    expect(
      type(
        'hv1 ip tuntap add mode tap vport1',
        'hv1 ifconfig vport1 up',
        'hv1 ovs-vsctl --may-exist add-port mybridge vport1',
      ),
    ).toEqual([])
  })
})

describe('what the check of OpenFlow says', () => {
  test('that ARP needs flows too, and that NORMAL is too much', () => {
    const { type } = begin('openflow')
    const without = type('sw ovs-ofctl add-flow s1 ip,nw_dst=10.0.0.2,actions=output:2')
    expect(without[0]).toContain('h1 does not reach h2, not even its MAC is known: ARP needs a flow each way')
    const [loose] = type('sw ovs-ofctl add-flow s1 action=normal')
    expect(loose).toContain('h1 reaches h3, which it must not')
    expect(type('sw ovs-ofctl del-flows s1')[0]).toContain('s1 has no flows, so it drops every frame')
  })

  test('the same of a bridge that speaks one version only', () => {
    const { type, solve } = begin('openflow')
    solve()
    expect(type('sw ovs-vsctl set bridge s1 protocols=OpenFlow13')).toEqual([])
  })

  test('that IP is what does not pass where ARP does', () => {
    const { type } = begin('openflow')
    expect(type('sw ovs-ofctl add-flow s1 arp,actions=flood')[0]).toContain(
      'h1 does not reach h2, though it knows its MAC: IP needs a flow each way',
    )
  })
})

describe('what the check of Mininet says', () => {
  test('that nobody is at the controller, or that a link is down', () => {
    const { type, solve, check } = begin('mininet')
    expect(check()[0]).toContain('nobody answers at tcp:127.0.0.1:6653, where s1 looks for its controller')
    expect(solve()).toEqual([])
    expect(type('vm ip link set s1-eth2 down')).toEqual([
      's1-eth2 is down, so h2 has no carrier: ip link set s1-eth2 up',
    ])
    expect(type('vm ip link set s1-eth2 up')).toEqual([])
    expect(type('vm ovs-vsctl del-controller s1')[0]).toContain('s1 has no controller and its fail mode is secure')
    expect(type('vm ovs-vsctl set-fail-mode s1 standalone')).toEqual([])
  })
})

describe('what the check of VXLAN says', () => {
  test('which setting of the tunnel is wrong', () => {
    const { type, solve } = begin('vxlan')
    solve()
    expect(type('hv1 ovs-vsctl set interface vtep options:remote_ip=192.168.2.2')).toEqual([
      'vtep of hv1 has options:remote_ip 192.168.2.2, not 192.168.2.20: ovs-vsctl set interface vtep options:remote_ip=192.168.2.20',
    ])
    type('hv1 ovs-vsctl set interface vtep options:remote_ip=192.168.2.20')
    expect(type('hv2 ovs-vsctl set interface vtep options:key=100')[0]).toContain(
      'vtep of hv2 has options:key 100, not flow',
    )
  })

  test('that tenants are mixed, and that the underlay is cut', () => {
    const { type, solve } = begin('vxlan')
    solve()
    const mixed = type(
      "hv1 ovs-ofctl add-flow s1 'table=0,in_port=2,actions=set_field:100->tun_id,resubmit(,1)'",
      'hv1 ovs-ofctl add-flow s1 table=1,priority=40000,tun_id=100,dl_dst=00:00:00:00:00:01,actions=output:1,output:2',
    )
    expect(mixed.join('\n')).toContain('red, VNI 200')
    expect(type('r1 ip link set eth1 down')[0]).toContain(
      'hv1 does not reach 192.168.2.20, the other end of the tunnel',
    )
  })
})

describe('what the check of the namespaces says', () => {
  test('of each side what it needs, and nothing twice', () => {
    const { type, check } = begin('namespaces')
    expect(check()).toEqual([
      'hv1 has no bridge OVS1: ovs-vsctl add-br OVS1',
      'there is no namespace red: ip netns add red',
      'there is no namespace green: ip netns add green',
    ])
    expect(type('hv1 ovs-vsctl add-br OVS1', 'hv1 ip netns add red', 'hv1 ip netns add green')).toEqual([
      'there is no eth0-r: ip link add eth0-r type veth peer name veth-r',
      'there is no eth0-g: ip link add eth0-g type veth peer name veth-g',
    ])
    expect(type('hv1 ip link add eth0-r type veth peer name veth-r')[0]).toBe(
      'eth0-r is not in red: ip link set eth0-r netns red',
    )
  })

  test('that an address is another', () => {
    const { type, solve } = begin('namespaces')
    solve()
    const wrong = 'hv1 ip netns exec red ip address'
    expect(type(`${wrong} del 10.0.0.1/24 dev eth0-r`, `${wrong} add 10.0.1.1/24 dev eth0-r`)[0]).toContain(
      'eth0-r has 10.0.1.1/24, not 10.0.0.1/24',
    )
  })
})

describe('a lab without an exercise', () => {
  test('is checked by its pings', () => {
    const { check, type } = begin('two-hypervisors')
    expect(check()).toEqual([])
    expect(type('hv1 ip link set vport1 down')[0]).toMatch(/^web1 does not reach db1 \(10\.0\.0\.2\)/)
    expect(type('hv1 ip link set vport1 up', 'db1 ip addr flush dev eth0')).toContain('db1 has no IPv4 address')
  })
})
