import { describe, expect, test } from 'vitest'
import { joinInternet, Mininet, OVSBridge, SingleSwitchTopo } from './index.ts'

const network = async () => {
  const net = new Mininet({ topo: new SingleSwitchTopo(2), switch: OVSBridge, controller: null })
  joinInternet(net.box)
  await net.build()
  const nat = await net.addNAT()
  await nat.configDefault()
  await net.start()
  return { net, nat, h1: net.get('h1') }
}

describe('a router that hides the network', () => {
  test('takes hosts to the simulated internet, by address and by name', async () => {
    const { net, nat, h1 } = await network()
    const ping = await h1.cmd('ping -c 2 8.8.8.8')
    expect(ping).toContain('2 packets transmitted, 2 received, 0% packet loss')
    // 5 ms each way, and one hop less.
    expect(ping).toMatch(/ttl=63 time=10\.0 ms/)
    expect(await h1.cmd('ping -c 1 google.com')).toContain('PING google.com (142.250.74.110)')
    expect(await h1.cmd('curl -s http://example.com/')).toContain('<title>The internet</title>')
    expect((await h1.cmd('traceroute -n 8.8.8.8')).match(/^ \d {2}\S+/gm)).toEqual([' 1  10.0.0.3', ' 2  8.8.8.8'])
    expect(await h1.cmd('ping -c 1 -W 1 9.9.9.9')).toContain('1 packets transmitted, 0 received')
    expect(await net.pingAll()).toBe(0)
    expect(await nat.cmd('ip route')).toContain('default via 203.0.113.1 dev eth0')
    await net.stop()
  })

  test('what goes out has the router’s address', async () => {
    const { net, h1 } = await network()
    const watch = net.get('nat0').popen('tcpdump -nli eth0 -c 2 icmp')
    await h1.cmd('ping -c 1 8.8.8.8')
    await watch.wait()
    expect(watch.said()).toContain('IP 203.0.113.2 > 8.8.8.8: ICMP echo request')
    expect(watch.said()).not.toContain('10.0.0.1')
    await net.stop()
    // Its rules are gone with it.
    expect(await net.get('nat0').exec('iptables', '-t', 'nat', '-S')).not.toContain('MASQUERADE')
  })
})
