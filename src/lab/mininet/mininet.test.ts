import { describe, expect, test } from 'vitest'
import {
  exportGraphviz,
  exportJson,
  exportMermaid,
  fromContainerlab,
  fromGraphml,
  fromMiniEdit,
  LinearTopo,
  LinkCapture,
  Mininet,
  type MininetOptions,
  Node,
  nodeConnections,
  OVSBridge,
  OVSLink,
  SingleSwitchTopo,
  TCLink,
  Topo,
  TorusTopo,
  TreeTopo,
} from './index.ts'

/** A network without a controller, and what it prints. */
const network = (options: MininetOptions): { net: Mininet; said: () => string } => {
  let text = ''
  const print = (more: string): void => {
    text += more
  }
  return {
    net: new Mininet({ switch: OVSBridge, controller: null, logLevel: 'info', print, ...options }),
    said: () => text,
  }
}

/** Starts a network, does something with it, stops it. */
const during = async <T>(
  options: MininetOptions,
  act: (net: Mininet, said: () => string) => Promise<T>,
): Promise<T> => {
  const { net, said } = network(options)
  await net.start()
  const result = await act(net, said)
  await net.stop()
  return result
}

describe('a network', () => {
  test('says what it does as Mininet does', async () => {
    const said = await during({ topo: new SingleSwitchTopo(2) }, async (net, all) => {
      expect(await net.pingAll()).toBe(0)
      return all
    })
    expect(said()).toBe(`*** Creating network
*** Adding hosts:
h1 h2 
*** Adding switches:
s1 
*** Adding links:
(h1, s1) (h2, s1) 
*** Configuring hosts
h1 h2 
*** Starting controller

*** Starting 1 switches
s1 ...
*** Ping: testing ping reachability
h1 -> h2 
h2 -> h1 
*** Results: 0% dropped (2/2 received)
*** Stopping 0 controllers

*** Stopping 2 links
..
*** Stopping 1 switches
s1 
*** Stopping 2 hosts
h1 h2 
*** Done
`)
  })

  test('takes time to be built, as Mininet does, so that its switches need not carry how interfaces begin', async () => {
    const { net } = network({ topo: new TreeTopo(3, 2), switch: OVSBridge })
    await net.build()
    expect(net.box.clock.now()).toBe(14 * 16 * 1_000_000)
    await net.start()
    expect(net.box.clock.now()).toBe(14 * 16 * 1_000_000)
    await net.stop()
  })

  test('leaves nothing behind', async () => {
    const { net } = network({ topo: new LinearTopo(3) })
    await net.start()
    await net.hosts[0]?.cmd('sleep 1000 &')
    await net.stop()
    const { machine } = net.box
    expect(machine.kernel.root.links.all().map(({ name }) => name)).toEqual(['lo'])
    expect([...machine.processes.keys()]).toEqual([1])
    expect((await net.box.calls.run(net.box.exec(['ovs-vsctl', 'list-br']))).text).toBe('')
  })

  test('with a controller: all switches find it, and everybody answers', async () => {
    const { net, said } = network({ topo: new LinearTopo(3), waitConnected: true })
    const own = new Mininet({ ...net.options, switch: undefined as never, controller: undefined as never })
    await own.start()
    expect(said()).toContain('*** Waiting for switches to connect\ns1 s2 s3 \n')
    expect(await own.pingAll()).toBe(0)
    expect(own.controllers[0]?.repr()).toMatch(/^<OVSController c0: 127\.0\.0\.1:6653 pid=\d+> $/)
    await own.stop()
  })

  test('the same seed gives the same bytes', async () => {
    const capture = async (seed: number): Promise<string> => {
      const bytes: number[] = []
      await during({ topo: new LinearTopo(3), seed }, async net => {
        const recorder = new LinkCapture(net, part => bytes.push(...part))
        await net.pingAll()
        await Promise.all(net.hosts.map((host, i) => host.cmd(`sleep 0.${i}; ping -c 2 10.0.0.${i + 1}`)))
        recorder.stop()
      })
      return bytes.join()
    }
    const first = await capture(7)
    expect(first.length).toBeGreaterThan(10_000)
    expect(await capture(7)).toBe(first)
    expect(await capture(8)).not.toBe(first)
  })

  test('changes while it runs', async () => {
    await during({ topo: new SingleSwitchTopo(2) }, async net => {
      const host = net.addHost('h3')
      const [s1] = net.switches
      const link = await net.addLink(host, s1!)
      await (s1 as OVSBridge).attach(link.intf2)
      await host.configDefault()
      expect(host.IP()).toBe('10.0.0.3')
      expect(await net.pingAll()).toBe(0)
      await net.delLinkBetween(host, s1!)
      expect(await net.ping([net.get('h1'), host])).toBe(100)
      await net.delHost(host)
      expect(net.keys()).toEqual(['h1', 'h2', 's1'])
    })
  })
})

describe('a node', () => {
  test('answers for itself when many are asked at once', async () => {
    await during({ topo: new SingleSwitchTopo(60) }, async net => {
      for (let i = 0; i < 2; i++) {
        const said = await Promise.all(net.hosts.map(host => host.cmd(`echo ${host.name} | cat`)))
        expect(said).toEqual(net.hosts.map(host => `${host.name}\n`))
      }
    })
  })

  test('keeps directory, variables and jobs between commands', async () => {
    await during({ topo: new SingleSwitchTopo(2) }, async net => {
      const h1 = net.get('h1')
      expect(await h1.cmd('cd /tmp; X=5')).toBe('')
      expect(await h1.cmd('pwd; echo $X')).toBe('/tmp\n5\n')
      expect(await h1.cmd('echo out; echo err >&2')).toBe('out\nerr\n')
      expect(await h1.cmd('sleep 100 &')).toBe('')
      expect(await h1.cmd(`ps -e | grep -c "^ *${h1.lastPid} "`)).toBe('1\n')
      expect(await h1.cmd('kill %1; sleep 1; echo done')).toBe('done\n')
    })
  })

  test('may be given a command and be listened to', async () => {
    await during({ topo: new SingleSwitchTopo(2) }, async net => {
      const h1 = net.get('h1')
      h1.sendCmd('ping 10.0.0.2')
      expect(() => h1.sendCmd('date')).toThrow('h1 still runs a command')
      let text = ''
      while (!text.includes('icmp_seq=3')) text += await h1.monitor()
      h1.sendInt()
      text += await h1.waitOutput()
      expect(text).toContain('3 packets transmitted, 3 received')
      expect(await h1.monitor(100)).toBe('')
    })
  })

  test('runs programs beside its shell', async () => {
    await during({ topo: new SingleSwitchTopo(2) }, async net => {
      const h1 = net.get('h1')
      expect(await h1.pexec('ls /nofile')).toEqual(['', "ls: cannot access '/nofile': No such file or directory\n", 2])
      expect(await h1.pexec('echo $((6*7)); exit 3', { shell: true })).toEqual(['42\n', '', 3])
      const popen = h1.popen('ping 10.0.0.2')
      expect(await popen.readline()).toMatch(/^PING/)
      expect(await popen.readline()).toMatch(/icmp_seq=1/)
      popen.sendSignal('INT')
      expect(await popen.wait()).toBe(0)
    })
  })

  test('has directories that nobody else sees', async () => {
    const topo = new Topo()
    topo.addHost('h1', { privateDirs: ['/var/log', ['/var/run', '/tmp/%(name)s/run']] })
    topo.addHost('h2')
    await during({ topo }, async net => {
      const [h1, h2] = [net.get('h1'), net.get('h2')]
      await h1.cmd('echo mine > /var/log/a; echo there > /var/run/b')
      expect(await h2.cmd('cat /var/log/a')).toContain('No such file')
      expect(await h2.cmd('cat /tmp/h1/run/b')).toBe('there\n')
      expect(await h1.cmd('cat /var/log/a')).toBe('mine\n')
    })
  })

  test('of a class of its own is configured by it', async () => {
    class LinuxRouter extends Node {
      override async config(params = {}): Promise<Record<string, unknown>> {
        const result = await super.config(params)
        await this.cmd('sysctl net.ipv4.ip_forward=1')
        return result
      }
    }
    const topo = new Topo()
    topo.addHost('r0', { cls: LinuxRouter, ip: '192.168.1.1/24' })
    topo.addHost('h1', { ip: '192.168.1.100/24', defaultRoute: 'via 192.168.1.1' })
    topo.addHost('h2', { ip: '172.16.0.100/12', defaultRoute: 'via 172.16.0.1' })
    topo.addLink('h1', 'r0', { intfName2: 'r0-eth1', params2: { ip: '192.168.1.1/24' } })
    topo.addLink('h2', 'r0', { intfName2: 'r0-eth2', params2: { ip: '172.16.0.1/12' } })
    await during({ topo }, async net => {
      expect(await net.pingAll()).toBe(0)
      expect(await net.get('h1').cmd('ping -c1 172.16.0.100')).toContain('ttl=63')
    })
  })
})

describe('faults of Mininet that are not here', () => {
  test('a switch has more than 58 ports', async () => {
    await during({ topo: new SingleSwitchTopo(70) }, async net => {
      expect(await net.ping([net.hosts[0]!, net.hosts[69]!])).toBe(0)
    })
  })

  test('a controller has more than 16 switches', async () => {
    const { net } = network({ topo: new LinearTopo(20), waitConnected: true })
    const own = new Mininet({ ...net.options, switch: undefined as never, controller: undefined as never })
    await own.start()
    expect(own.switches.every(each => each.connected())).toBe(true)
    expect(await own.ping([own.hosts[0]!, own.hosts[19]!])).toBe(0)
    await own.stop()
  })

  test('hosts know more neighbours than Linux keeps for all namespaces together', async () => {
    await during({ topo: new SingleSwitchTopo(36) }, async net => {
      expect(await net.pingAll()).toBe(0)
      const known = await Promise.all(net.hosts.map(host => host.cmd('ip -4 neigh | grep -c lladdr')))
      expect(known.reduce((sum, text) => sum + Number(text), 0)).toBe(36 * 35)
    })
  })

  test('names may be long, and have dashes', async () => {
    const topo = new Topo()
    topo.addSwitch('top-of-rack-switch-1')
    topo.addSwitch('top-of-rack-switch-2')
    topo.addLink('top-of-rack-switch-1', 'top-of-rack-switch-2')
    for (const i of [1, 2]) topo.addLink(topo.addHost(`a-very-long-host-name-${i}`), `top-of-rack-switch-${i}`)
    await during({ topo }, async net => {
      expect(await net.pingAll()).toBe(0)
      expect(nodeConnections(net.values())).toMatch(/^a-very-long-host-name-1 a-ver~\w{4}-eth0:top-o~\w{4}-eth2\n/)
    })
  })

  test('a loop is explained when nobody answers', async () => {
    await during({ topo: new TorusTopo(3, 3) }, async (net, said) => {
      expect(await net.ping([net.hosts[0]!, net.hosts[4]!], 0.05)).toBe(100)
      expect(said()).toMatch(
        /\*\*\* (s\dx\d, )+s\dx\d form a loop, in which every broadcast circles for ever: cut it with a spanning tree/,
      )
    })
  })

  test('a spanning tree cuts it', async () => {
    class Tree extends OVSBridge {
      constructor(...[box, name, params]: ConstructorParameters<typeof OVSBridge>) {
        super(box, name, { ...params, stp: true })
      }
    }
    await during({ topo: new TorusTopo(3, 3), switch: Tree, waitConnected: true }, async (net, said) => {
      expect(await net.ping([net.hosts[0]!, net.hosts[4]!])).toBe(0)
      expect(said()).not.toContain('form a loop')
    })
  })

  test('a controller that nobody is says so, and the end comes', async () => {
    const { net, said } = network({ topo: new SingleSwitchTopo(2), waitConnected: 2 })
    const own = new Mininet({ ...net.options, switch: undefined as never, controller: undefined as never })
    await own.build()
    const [c0] = own.controllers
    c0!.start = async () => {}
    await own.start()
    expect(said()).toContain('Timed out after 2 seconds\nWarning: s1 is not connected to a controller\n')
    expect(said()).toContain('*** s1 cannot reach tcp:127.0.0.1:6653: Connection refused\n')
    await own.stop()
  })

  test('links that are down say so, and nothing passes', async () => {
    await during({ topo: new SingleSwitchTopo(2) }, async (net, said) => {
      await net.configLinkStatus('h1', 's1', 'down')
      expect(net.links.map(link => `${link} ${link.status()}`)).toEqual([
        'h1-eth0<->s1-eth1 (DOWN DOWN)',
        'h2-eth0<->s1-eth2 (OK OK)',
      ])
      expect(await net.get('h1').cmd('ping -c1 10.0.0.2')).toContain('unreachable')
      await net.configLinkStatus('h1', 's1', 'up')
      expect(await net.pingAll()).toBe(0)
      await net.configLinkStatus('h1', 'h9', 'up')
      expect(said()).toContain('dst not in network: h9\n')
    })
  })

  test('a node that is there twice, or a switch without a number, changes nothing', async () => {
    await during({ topo: new SingleSwitchTopo(2) }, async net => {
      expect(() => net.addHost('h1')).toThrow('there are two nodes named h1')
      const before = net.box.machine.processes.size
      expect(() => net.addSwitch('core')).toThrow('Unable to derive default datapath ID')
      expect(net.box.machine.processes.size).toBe(before)
    })
  })
})

describe('datapath ids', () => {
  test.each([
    ['s1', {}, '0000000000000001'],
    ['s12x3', {}, '000000000000000c'],
    ['s1', { dpid: '00:00:00:00:00:00:00:FF' }, '00000000000000FF'],
    ['core', { dpid: 'a' }, '000000000000000a'],
  ])('%s %j', (name, params, dpid) => {
    expect(network({}).net.addSwitch(name, params).dpid).toBe(dpid)
  })
})

describe('links', () => {
  test('between switches of Open vSwitch may be patch ports', async () => {
    await during({ topo: new LinearTopo(3), link: OVSLink }, async net => {
      expect(await net.pingAll()).toBe(0)
      const { text } = await net.box.calls.run(net.box.exec(['ovs-vsctl', 'get', 'Interface', 's2-eth2', 'type']))
      expect(text).toBe('patch\n')
    })
  })
})

describe('shaped links', () => {
  test('of 15 ms give a round trip of 60 ms, and 99 % loss loses', async () => {
    const slow = new SingleSwitchTopo(2)
    for (const info of slow.links()) slow.setlinkInfo(info.node1, info.node2, { ...info, delay: '15ms' })
    await during({ topo: slow, link: TCLink }, async (net, said) => {
      // The first asks for MAC addresses too.
      await net.pingAll()
      const [first] = await net.pingAllFull()
      expect(first?.[2].rttavg).toBeCloseTo(60, 1)
      expect(said()).toContain('(15ms delay) (15ms delay) (h1, s1) ')
    })
    const lossy = new SingleSwitchTopo(2)
    for (const info of lossy.links()) lossy.setlinkInfo(info.node1, info.node2, { ...info, loss: 99 })
    await during({ topo: lossy, link: TCLink }, async net => {
      expect(await net.get('h1').cmd('ping -c 20 -i 0.1 -W 1 10.0.0.2')).toMatch(/ (9\d|100)% packet loss/)
    })
  })

  test('of 5 Mbit/s carry 5 Mbit/s within 5 %', async () => {
    const topo = new SingleSwitchTopo(2)
    for (const info of topo.links()) topo.setlinkInfo(info.node1, info.node2, { ...info, bw: 5 })
    await during({ topo, link: TCLink }, async net => {
      const [server] = await net.iperf()
      const [rate = '', unit] = (server as string).split(' ')
      expect(unit).toBe('Mbits/sec')
      expect(Math.abs(Number(rate) - 5)).toBeLessThan(0.25)
    })
  })

  test('may have more than 1 Gbit/s', async () => {
    const topo = new SingleSwitchTopo(2)
    for (const info of topo.links()) topo.setlinkInfo(info.node1, info.node2, { ...info, bw: 2000 })
    await during({ topo, link: TCLink }, async (net, said) => {
      expect(said()).toContain('(2000.00Mbit) ')
      expect(await net.get('h1').cmd('tc class show dev h1-eth0')).toContain('rate 2Gbit')
    })
  })
})

describe('files of other programs', () => {
  test('containerlab', async () => {
    const topo = fromContainerlab({
      topology: {
        nodes: { br1: { kind: 'bridge' }, web: { kind: 'linux' }, db: null },
        links: [{ endpoints: ['web:eth1', 'br1:eth1'] }, { endpoints: ['db:eth1', 'br1:eth2'] }],
      },
    })
    await during({ topo }, async net => expect(await net.pingAll()).toBe(0))
    expect(() => fromContainerlab({ topology: { nodes: {}, links: [{ endpoints: ['a'] }] } })).toThrow(
      'topology.links[0] has 1 endpoints, not 2',
    )
  })

  test('MiniEdit', () => {
    const topo = fromMiniEdit({
      hosts: [{ opts: { hostname: 'h1', ip: '10.0.0.7/8', defaultRoute: '10.0.0.1' } }],
      switches: [{ opts: { hostname: 's1' } }],
      links: [{ src: 'h1', dest: 's1', opts: { bw: 10, delay: '5ms' } }],
    })
    expect(topo.nodeInfo('h1')).toEqual({ ip: '10.0.0.7/8', defaultRoute: 'via 10.0.0.1' })
    expect(topo.links()).toEqual([{ node1: 'h1', node2: 's1', port1: 0, port2: 1, bw: 10, delay: '5ms' }])
  })

  test('GraphML', () => {
    const topo = fromGraphml(`<graphml><key id="d1" attr.name="label" for="node"/><graph>
      <node id="0"><data key="d1">Vienna</data></node><node id="1"/><edge source="0" target="1"/><edge source="1" target="1"/></graph></graphml>`)
    expect(topo.nodes()).toEqual(['h1', 'h2', 's1', 's2'])
    expect(topo.nodeInfo('s1').label).toBe('Vienna')
    expect(topo.links()).toHaveLength(3)
    expect(() => fromGraphml('<graphml><graph><edge source="a" target="b"/></graph></graphml>')).toThrow(
      "an edge from 'a' to 'b', which are not both nodes",
    )
  })
})

test('a network is written for others', async () => {
  await during({ topo: new SingleSwitchTopo(2) }, async net => {
    expect(exportJson(net).nodes[0]).toMatchObject({ name: 'h1', kind: 'host', class: 'Host', ip: '10.0.0.1' })
    const ends = { node1: 'h1', intf1: 'h1-eth0', node2: 's1', intf2: 's1-eth1' }
    expect(exportJson(net).links[0]).toEqual({ ...ends, status: ['OK', 'OK'] })
    expect(exportGraphviz(net)).toBe(`graph {
  "h1" [label="h1\\n10.0.0.1" shape=ellipse]
  "h2" [label="h2\\n10.0.0.2" shape=ellipse]
  "s1" [label="s1" shape=box]
  "h1" -- "s1"
  "h2" -- "s1"
}
`)
    expect(exportMermaid(net)).toContain('  n0(["h1<br/>10.0.0.1"])\n')
  })
})

test('a tree of 73 switches and 512 hosts answers', { timeout: 120_000 }, async () => {
  await during({ topo: new TreeTopo(3, 8), logLevel: 'error' }, async net => {
    expect(await net.ping([net.hosts[0]!, net.hosts[511]!])).toBe(0)
  })
})
