/** What Mininet's own tests ask of a network, in virtual time and so more strictly. */
import { describe, expect, test } from 'vitest'
import {
  custom,
  LinearTopo,
  LinuxBridge,
  Mininet,
  type MininetOptions,
  OVSBridge,
  OVSSwitch,
  Prompt,
  quietRun,
  SingleSwitchTopo,
  TCLink,
  Topo,
  UserSwitch,
} from './index.ts'

const during = async (
  options: MininetOptions,
  act: (net: Mininet, said: () => string) => Promise<void>,
): Promise<void> => {
  let text = ''
  const print = (more: string): void => {
    text += more
  }
  const net = new Mininet({ waitConnected: true, logLevel: 'info', print, ...options })
  await net.start()
  await act(net, () => text)
  await net.stop()
  expect(net.box.machine.processes.size).toBe(1)
}

const kinds = {
  ovsk: { switch: OVSSwitch },
  'ovs,datapath=user': { switch: custom(OVSSwitch, { datapath: 'user' }) },
  user: { switch: UserSwitch },
  ovsbr: { switch: OVSBridge, controller: null },
  lxbr: { switch: LinuxBridge, controller: null },
}

describe.each(Object.entries(kinds))('switches of the kind %s', (_, options) => {
  test.each([
    ['minimal', () => new SingleSwitchTopo(2), 2],
    ['single,5', () => new SingleSwitchTopo(5), 20],
    ['linear,5', () => new LinearTopo(5), 20],
  ])('%s: nobody is lost', async (_name, topo, pings) => {
    await during({ ...options, topo: topo() }, async (net, said) => {
      expect(await net.pingAll()).toBe(0)
      expect(said()).toContain(`*** Results: 0% dropped (${pings}/${pings} received)\n`)
    })
  })

  test('TCP and UDP get through', async () => {
    const link = custom(TCLink, { bw: 10 })
    await during({ ...options, topo: new LinearTopo(2), link }, async net => {
      for (const rate of await net.iperf(undefined, { seconds: 2 })) expect(Number.parseFloat(rate)).toBeGreaterThan(9)
      for (const rate of (await net.iperfUdp(undefined, { seconds: 2, udpBw: '5M' })).slice(1))
        expect(Math.abs(Number.parseFloat(rate) - 5.24)).toBeLessThan(0.3)
    })
  })
})

const linked = (options: object): Topo => {
  const topo = new SingleSwitchTopo(3)
  for (const info of topo.links()) topo.setlinkInfo(info.node1, info.node2, { ...info, ...options })
  return topo as Topo
}

describe('links', () => {
  test('5 Mbit/s are 5 within a twentieth', async () => {
    await during({ topo: linked({ bw: 5 }), link: TCLink }, async net => {
      const [rate = ''] = await net.iperf()
      expect(Math.abs(Number.parseFloat(rate) / 5 - 1)).toBeLessThan(0.05)
    })
  })

  test('15 ms, four times, are 60 ms within a hundredth', async () => {
    await during({ topo: linked({ delay: '15ms' }), link: TCLink, autoStaticArp: true }, async net => {
      await net.pingAll()
      for (const [, , { rttmin, rttmax }] of await net.pingAllFull()) {
        expect(Math.abs(rttmin / 60 - 1)).toBeLessThan(0.01)
        expect(Math.abs(rttmax / 60 - 1)).toBeLessThan(0.01)
      }
    })
  })

  test('what is lost is lost: nine tenths and more of 99 %', async () => {
    await during({ topo: linked({ loss: 99 }), link: TCLink, autoStaticArp: true }, async net => {
      expect(await net.pingAll(1)).toBeGreaterThan(90)
    })
  })

  test('mn --link tc,bw=10,delay=10ms: 9 to 10.1 Mbit/s, 40 ms', async () => {
    const link = custom(TCLink, { bw: 10, delay: '10ms' })
    await during({ topo: new SingleSwitchTopo(2), link }, async (net, said) => {
      const [rate = ''] = await net.iperf(undefined, { seconds: 10 })
      expect(Number.parseFloat(rate)).toBeGreaterThan(9)
      expect(Number.parseFloat(rate)).toBeLessThan(10.1)
      const text = await net.get('h1').cmd('ping -c 4', net.get('h2').IP())
      expect(Number(/= [\d.]+\/([\d.]+)/.exec(text)?.[1])).toBeCloseTo(40, 0)
      expect(said()).toContain('(10.00Mbit 10ms delay) (10.00Mbit 10ms delay) (h1, s1) ')
    })
  })

  test('that are down stop what passes, and up again let it', async () => {
    await during({ topo: new SingleSwitchTopo(2) }, async net => {
      await net.configLinkStatus('s1', 'h1', 'down')
      expect(await net.get('h1').cmd('ping -c1 10.0.0.2')).toMatch(/unreachable|100% packet loss/)
      await net.configLinkStatus('s1', 'h1', 'up')
      expect(await net.pingAll()).toBe(0)
    })
  })
})

describe('the walk-through', () => {
  test('a host sees its own interfaces, the switch the machine’s, and both the same processes', async () => {
    await during({ topo: new SingleSwitchTopo(2) }, async net => {
      const names = (text: string): string[] => [...text.matchAll(/^(\S+): flags/gm)].map(([, name]) => name as string)
      expect(names(await net.get('h1').cmd('ifconfig -a'))).toEqual(['h1-eth0', 'lo'])
      expect(names(await net.get('s1').cmd('ifconfig -a'))).toEqual(
        expect.arrayContaining(['lo', 's1-eth1', 's1-eth2']),
      )
      const [one, other] = [
        await net.get('h1').cmd('ps -e | grep -c ovs'),
        await net.get('s1').cmd('ps -e | grep -c ovs'),
      ]
      expect(Number(one)).toBeGreaterThan(0)
      expect(one).toBe(other)
    })
  })

  test('a web server and a client', async () => {
    await during({ topo: new SingleSwitchTopo(2) }, async net => {
      const [h1, h2] = net.get('h1', 'h2')
      await h1!.cmd('python3 -m http.server 80 >& /tmp/http.log &')
      await h1!.cmd('sleep 1')
      expect(await h2!.cmd('curl -sI http://10.0.0.1/')).toMatch(/^HTTP\/1\.0 200 OK/)
      await h1!.cmd('kill %python3')
      expect(await h2!.cmd('curl -s http://10.0.0.1/; echo $?')).toBe('7\n')
    })
  })

  test('OpenFlow’s hello is on lo when switches call their controller', async () => {
    const net = new Mininet({ topo: new SingleSwitchTopo(2), print: () => {} })
    await net.build()
    const dump = net.get('c0').popen('tcpdump -n -c 20 -X -i lo port 6653')
    await net.start()
    await net.waitConnected()
    await net.get('h1').cmd('ping -c 3 10.0.0.2')
    dump.sendSignal('INT')
    const { stdout } = await dump.communicate()
    expect(stdout).toMatch(/127\.0\.0\.1\.\d+ > 127\.0\.0\.1\.6653: Flags \[P\.\]/)
    // A version, the type 0, eight bytes.
    expect(stdout).toMatch(/ 0[1-6]00 0008 /)
    await net.stop()
  })

  test('static addresses, a host that comes while the network runs, and who is asked by name', async () => {
    await during({ topo: new SingleSwitchTopo(3), autoSetMacs: true, autoStaticArp: true }, async net => {
      expect(net.hosts.map(host => host.MAC())).toEqual(['00:00:00:00:00:01', '00:00:00:00:00:02', '00:00:00:00:00:03'])
      expect(await net.get('h1').cmd('arp -n')).toMatch(/10\.0\.0\.3 .*00:00:00:00:00:03/)
      const prompt = new Prompt(net, {
        print: () => {},
        readFile: () => undefined,
        inspect: String,
        erase: code => code,
        interactive: false,
      })
      for (const line of [
        "px h4 = net.addHost('h4')",
        'px l = await net.addLink(h4, s1)',
        'px await s1.attach(l.intf2)',
        'px await h4.configDefault()',
      ])
        await prompt.run(line)
      expect(await net.pingAll()).toBe(0)
      expect(net.hosts).toHaveLength(4)
    })
  })

  test('debug says what is run, output nothing', async () => {
    const said = async (logLevel: 'debug' | 'output'): Promise<string> => {
      let text = ''
      const print = (more: string): void => {
        text += more
      }
      const net = new Mininet({ topo: new SingleSwitchTopo(2), logLevel, print, waitConnected: true })
      await net.start()
      await net.stop()
      return text
    }
    expect(await said('output')).toBe('')
    const text = await said('debug')
    expect(text.split('\n').length).toBeGreaterThan(40)
    expect(text).toContain("*** h2 : ('ifconfig', 'h2-eth0', '10.0.0.2/8', 'up')\n")
    expect(text).toMatch(/\*\*\* s1 : \('ovs-vsctl', .*'add-br', 's1', .*'add-port', 's1', 's1-eth2'/)
  })
})

describe('bad input', () => {
  test('twice the same name or port, or a link from a node to itself: said, and nothing is there', () => {
    const topo = new Topo()
    topo.addHost('h1')
    topo.addSwitch('s1')
    topo.addLink('h1', 's1', { port2: 1 })
    const before = JSON.stringify([topo.nodes(), topo.links()])
    expect(() => topo.addHost('h1')).toThrow('there are two nodes named h1')
    expect(() => topo.addLink('h1', 's1', { port2: 1 })).toThrow('link h1 s1: port 1 of s1 is taken')
    expect(() => topo.addLink('h1', 'h1')).toThrow('link h1 h1: a link has two ends')
    expect(() => topo.addLink('h1', 's9')).toThrow('link h1 s9: there is no node named s9')
    expect(JSON.stringify([topo.nodes(), topo.links()])).toBe(before)
  })

  test('a command that never ends is ended by Ctrl-C, and the network can be stopped', async () => {
    await during({ topo: new SingleSwitchTopo(2) }, async net => {
      const h1 = net.get('h1')
      h1.sendCmd('while true; do sleep 1; done')
      expect(await h1.monitor(60_000)).toBe('')
      h1.sendInt()
      await h1.waitOutput()
      expect(await h1.cmd('echo here')).toBe('here\n')
      // This one is left to the end of the network.
      h1.sendCmd('yes > /dev/null')
      expect(await quietRun(net.box, 'echo there')).toBe('there\n')
    })
  })

  test('a source file of a hundred thousand lines is read to its end', async () => {
    await during({ topo: new SingleSwitchTopo(2) }, async (net, said) => {
      const file = `${'# nothing\n'.repeat(100_000)}nodes\nbogus\nnodes\n`
      const prompt = new Prompt(net, {
        print: () => {},
        readFile: () => file,
        inspect: String,
        erase: code => code,
        interactive: false,
      })
      expect(await prompt.run('source big')).toBe(false)
      expect(said().match(/available nodes are/g)).toHaveLength(2)
      expect(said()).toContain('*** Unknown command: bogus\n')
    })
  })
})
