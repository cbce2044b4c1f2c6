import { describe, expect, test } from 'vitest'
import { Network } from '../network.ts'
import { addInternet, sites } from './internet.ts'

const home = () => {
  const net = new Network({ seed: 1 })
  net.machine('h1')
  addInternet(net, 'h1:eth0', 'router')
  net.settle()
  const run = (machine: string, line: string) => net.finish(net.get(machine).exec(line))
  return { net, run, type: (line: string): string => net.type('h1', line) }
}

describe('a host at home', () => {
  test('gets all that it needs from the router', () => {
    const { type } = home()
    type('dhclient eth0')
    expect(type('ip -4 -br addr show eth0')).toMatch(/^eth0 +UP +10\.0\.2\.15\/24 \n$/)
    expect(type('ip route')).toContain('default via 10.0.2.2 dev eth0')
    expect(type('cat /etc/resolv.conf')).toBe('nameserver 10.0.2.2\n')
  })

  test('reaches every site by its name, and reads its page', () => {
    const { type } = home()
    type('dhclient eth0')
    for (const [name, ip] of Object.entries(sites)) {
      expect(type(`ping -c 1 ${name}`)).toMatch(
        new RegExp(`^PING ${name} \\(${ip}\\).*\\n64 bytes from .* \\(${ip}\\): icmp_seq=1 ttl=63 `),
      )
      expect(type(`curl -s http://${name}/`)).toContain('<title>The internet</title>')
    }
  })

  test('is seen outside by the router’s address only', () => {
    const { net, type, run } = home()
    type('dhclient eth0')
    net.type('internet', 'tcpdump -n -c 2 -i eth0 icmp > seen 2> /dev/null &')
    type('ping -c 1 8.8.8.8')
    net.settle()
    const { stdout } = run('internet', 'cat seen')
    expect(stdout).toContain('IP 203.0.113.2 > 8.8.8.8: ICMP echo request')
    expect(stdout).not.toContain('10.0.2.15')
    expect(run('internet', 'ping -c 1 -W 1 10.0.2.15').status).not.toBe(0)
  })

  test('finds no names that there are not', () => {
    const { type, run } = home()
    type('dhclient eth0')
    expect(run('h1', 'ping nosuch.com').stderr).toBe('ping: nosuch.com: Name or service not known\n')
  })

  test('has its address for days, and none when the router is gone for one', () => {
    const { net, type } = home()
    type('dhclient eth0')
    type('sleep 400000')
    expect(type('ip -4 -br addr show eth0')).toContain('10.0.2.15/24')
    net.type('router', 'ip link set eth0 down')
    type('sleep 90000')
    expect(type('ip -4 -br addr show eth0')).not.toContain('10.0.2.15/24')
  })
})
