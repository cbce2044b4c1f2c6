import { describe, expect, test } from 'vitest'
import { LinearTopo, LinuxBridge, type MininetOptions, MininetWithControlNet, UserSwitch } from './index.ts'

const network = (options: MininetOptions) => {
  let text = ''
  const print = (more: string): void => {
    text += more
  }
  const net = new MininetWithControlNet({
    topo: new LinearTopo(2),
    inNamespace: true,
    waitConnected: true,
    logLevel: 'info',
    print,
    ...options,
  })
  return { net, said: () => text }
}

describe('a control network', () => {
  test('carries OpenFlow between namespaces', async () => {
    const { net, said } = network({ switch: UserSwitch })
    await net.start()
    expect(said()).toContain(
      '*** Adding links:\n(h1, s1) (h2, s2) (s2, s1) \nc0 <-> s1 s2\n*** Testing control network\ns1 -> c0 \nc0 -> s1 \n*** Results: 0% dropped (2/2 received)\n',
    )
    expect(await net.pingAll()).toBe(0)
    const [s1, s2] = net.switches as [UserSwitch, UserSwitch]
    expect([s1.IP(), s2.IP(), net.get('c0').IP()]).toEqual(['192.168.123.2', '192.168.123.3', '192.168.123.1'])
    expect(await net.get('c0').cmd('ss -tn')).toMatch(/192\.168\.123\.1:6653 +192\.168\.123\.2:\d+/)
    expect(await s1.dpctl('show')).toContain('dpid:0000000000000001')
    expect(await s1.dpctl('show')).toContain('s1-eth1')
    // The machine's own Open vSwitch knows nothing of them.
    expect(await net.run(() => net.hosts[0]?.exec('ovs-vsctl', 'list-br'))).toBe('')
  })

  test('cut, leaves switches without a controller', async () => {
    const { net } = network({ switch: UserSwitch })
    await net.start()
    const [s1] = net.switches as [UserSwitch]
    expect(s1.connected()).toBe(true)
    await net.get('c0').cmd('ifconfig c0-eth0 down')
    await net.hosts[0]?.cmd('sleep 20')
    expect([s1.connected(), net.switches[1]?.connected()]).toEqual([false, true])
    await net.stop()
    expect(net.box.machine.kernel.root.links.all().map(({ name }) => name)).toEqual(['lo'])
    expect(net.box.machine.processes.size).toBe(1)
  })

  test('serves bridges of the kernel, which need none', async () => {
    const { net } = network({ switch: LinuxBridge })
    await net.start()
    expect(await net.pingAll()).toBe(0)
    expect(await net.switches[0]?.cmd('brctl show')).toContain('s1-eth1')
    expect(await net.switches[0]?.cmd('brctl show')).not.toContain('s1-eth0')
    await net.stop()
  })

  test('needs a controller, and switches that work in a namespace', async () => {
    await expect(network({ controller: null }).net.start()).rejects.toThrow('list index out of range')
    await expect(network({}).net.start()).rejects.toThrow('OVS kernel switch does not work in a namespace')
  })
})
