import { describe, expect, test } from 'vitest'
import { Network } from './network.ts'
import { plug } from './plug.ts'
import { wiring } from './wiring.ts'

const cables = [
  ['h1:eth0', 's1:host'],
  ['h2:eth0', 's2:host'],
  ['s1:one', 's2:one'],
  ['s1:two', 's2:two'],
] as const

/** Two hosts on two switches, which have two cables; s1 sends through the first that works, and s2 floods. */
const twoCables = (): Network => {
  const net = new Network()
  for (const name of ['h1', 'h2', 's1', 's2']) net.machine(name)
  for (const [a, b] of cables) net.cable(a, b)
  net.type('h1', 'ip link set eth0 up\nip addr add 10.0.0.1/24 dev eth0')
  net.type('h2', 'ip link set eth0 up\nip addr add 10.0.0.2/24 dev eth0')
  for (const name of ['s1', 's2']) {
    net.type(name, 'ovs-vsctl add-br br0 -- set bridge br0 fail_mode=secure')
    for (const [i, port] of ['host', 'one', 'two'].entries())
      net.type(
        name,
        `ip link set ${port} up\novs-vsctl add-port br0 ${port} -- set interface ${port} ofport_request=${i + 1}`,
      )
    const group = 'group_id=1,type=ff,bucket=watch_port:2,output:2,bucket=watch_port:3,output:3'
    net.type(name, `ovs-ofctl -O OpenFlow13 add-group br0 ${group}`)
    net.type(name, 'ovs-ofctl -O OpenFlow13 add-flow br0 in_port=1,actions=group:1')
    net.type(name, 'ovs-ofctl -O OpenFlow13 add-flow br0 actions=1')
  }
  net.settle()
  return net
}

const pings = (net: Network): boolean => net.finish(net.get('h1').exec('ping -c 1 -W 1 10.0.0.2')).status === 0

/** Of each port, whether OpenFlow says that its link is down. */
const linksDown = (net: Network): string[] =>
  [...net.type('s1', 'ovs-ofctl -O OpenFlow13 show br0').matchAll(/\d\((\w+)\): addr.*?state: +(\S+)/gs)]
    .filter(([, name]) => name !== 'br0')
    .map(([, name, state]) => `${name} ${state}`)

describe('link A B up|down', () => {
  test('a fast failover group goes by another cable, and comes back', () => {
    const net = twoCables()
    const sent = (end: number): number => net.cables[end]!.a.counters.frames
    expect(linksDown(net)).toEqual(['host LIVE', 'one LIVE', 'two LIVE'])
    expect(pings(net)).toBe(true)
    const before = sent(3)
    expect(plug(net, ['s1:one', 's2:one', 'down'])).toBeUndefined()
    expect(linksDown(net)).toEqual(['host LIVE', 'one LINK_DOWN', 'two LIVE'])
    expect(pings(net)).toBe(true)
    expect(sent(3)).toBeGreaterThan(before)
    expect(wiring(net)).toContain('s1:one  <-> s2:one unplugged')
    plug(net, ['s2', 's1', 'down'])
    expect(pings(net)).toBe(false)
    plug(net, ['s1', 's2', 'up'])
    expect(linksDown(net)).toEqual(['host LIVE', 'one LIVE', 'two LIVE'])
    const [first, second] = [sent(2), sent(3)]
    expect(pings(net)).toBe(true)
    expect([sent(2) > first, sent(3)]).toEqual([true, second])
  })

  test('controllers hear of it at both ends', () => {
    const net = twoCables()
    for (const name of ['s1', 's2'])
      net.type(name, 'ovs-ofctl monitor br0 65534 --detach --no-chdir --pidfile > seen 2>&1 &')
    net.settle()
    plug(net, ['s1:two', 's2', 'down'])
    net.settle()
    for (const name of ['s1', 's2'])
      expect(net.type(name, 'cat seen')).toMatch(/OFPT_PORT_STATUS.*3\(two\).*LINK_DOWN/s)
  })

  test.each([
    ['', 'link A B up|down'],
    ['s1 s2', 'link A B up|down'],
    ['s1 s2 sideways', 'link A B up|down'],
    ['s1 s2 up now', 'link A B up|down'],
    ['h1 h2 down', 'no cable between h1 and h2'],
    ['s1:on s2 down', 'no cable between s1:on and s2'],
  ])('%s', (words, wrong) => {
    const net = new Network()
    for (const name of ['h1', 'h2', 's1', 's2']) net.machine(name)
    for (const [a, b] of cables) net.cable(a, b)
    expect(plug(net, words === '' ? [] : words.split(' '))).toBe(wrong)
  })
})
