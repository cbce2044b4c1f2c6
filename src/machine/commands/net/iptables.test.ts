import { describe, expect, test } from 'vitest'
import { Kernel } from '../../../host/index.ts'
import { seeded, start, VirtualClock } from '../../../runtime/index.ts'
import { Machine } from '../../machine.ts'
import { captureOf } from './capture.testing.ts'
import { commands } from './index.ts'

/** h1 and h2 behind the machine itself, which hides them from `net`, who knows no way to them. */
const hidden = () => {
  const clock = new VirtualClock()
  const random = seeded(1)
  const kernel = new Kernel({ clock, random, name: 'box' })
  const machine = new Machine({ kernel, clock, random, hostname: 'box', commands })
  const type = (line: string): string => {
    let text: string | undefined
    start(machine.exec(line), { done: ran => (text = `${ran.stdout}${ran.stderr}`) })
    clock.runWhile(() => text === undefined)
    return text ?? 'it never ended'
  }
  const lines = [
    ...['h1', 'h2', 'net'].flatMap((name, i) => [
      `ip netns add ${name}; ip link add ${name} type veth peer name eth0 netns ${name}`,
      `ip link set ${name} up; ip -n ${name} link set eth0 up; ip -n ${name} link set lo up`,
      i < 2 ? `ip addr add 10.0.${i}.254/24 dev ${name}; ip -n ${name} addr add 10.0.${i}.1/24 dev eth0` : '',
      i < 2 ? `ip -n ${name} route add default via 10.0.${i}.254` : '',
    ]),
    'ip addr add 192.0.2.1/24 dev net; ip -n net addr add 192.0.2.9/24 dev eth0; ip link set lo up',
    'sysctl -q net.ipv4.ip_forward=1',
  ]
  for (const line of lines.filter(each => each !== '')) expect(type(line)).toBe('')
  clock.runUntil(clock.now() + 3e9)
  const masquerade = (): string => type('iptables -t nat -A POSTROUTING -s 10.0.0.0/8 ! -d 10.0.0.0/8 -j MASQUERADE')
  const received = (from: string, to: string, more = ''): string =>
    /(\d+) received/.exec(type(`ip netns exec ${from} ping -c 1 -W 1 ${more} ${to}`))?.[1] ?? 'none'
  return { clock, kernel, type, masquerade, received }
}

describe('masquerade', () => {
  test('has hosts reach who does not know them, as if they were the router', () => {
    const { type, masquerade, received, kernel } = hidden()
    expect(received('h1', '192.0.2.9')).toBe('0')
    masquerade()
    const seen = captureOf(kernel.namespace('net'))
    expect([received('h1', '192.0.2.9'), received('h2', '192.0.2.9')]).toEqual(['1', '1'])
    expect(new Set(seen.sources())).toEqual(new Set(['192.0.2.1', '192.0.2.9']))
    expect(received('h1', '10.0.1.1')).toBe('1')
    expect(received('net', '10.0.0.1')).not.toBe('1')
    expect(type('ip netns exec net ping -c 1 -W 1 192.0.2.1')).toContain('1 received')
    expect(seen.wrong()).toEqual([])
  })

  test('carries TCP both ways, from many at once by the same port', () => {
    const { type, masquerade, clock, kernel } = hidden()
    masquerade()
    const seen = captureOf(kernel.namespace('net'))
    type('ip netns exec net iperf -s -p 5001 > /tmp/server 2>&1 &')
    for (const name of ['h1', 'h2']) type(`ip netns exec ${name} iperf -c 192.0.2.9 -p 5001 -n 200000 > /tmp/${name} &`)
    clock.runUntil(clock.now() + 20e9)
    expect(type('cat /tmp/h1')).toMatch(/\d [KMG]?bits\/sec/)
    expect(type('cat /tmp/h2')).toMatch(/\d [KMG]?bits\/sec/)
    expect(seen.wrong()).toEqual([])
    const { tracker } = kernel.root.rules
    expect(tracker.size).toBeGreaterThanOrEqual(2)
    expect(new Set(tracker.all().map(({ reply }) => reply.destinationPort)).size).toBe(tracker.size)
  })

  test('lets errors about hidden packets through, and whole packets that come in pieces', () => {
    const { type, masquerade, received } = hidden()
    masquerade()
    type('ip netns exec net ip link set dev eth0 mtu 1500')
    expect(received('h1', '192.0.2.9', '-s 4000')).toBe('1')
    expect(type('ip netns exec h1 traceroute -n -m 3 192.0.2.9')).toMatch(/ 2 {2}192\.0\.2\.9 /)
    expect(
      type('ip netns exec h1 nc -u -w 1 192.0.2.9 9 < /dev/null; ip netns exec h1 ping -c 1 -W 1 192.0.2.77'),
    ).toContain('100% packet loss')
  })

  test('forgets connections that are over', () => {
    const { masquerade, received, clock, kernel } = hidden()
    masquerade()
    received('h1', '192.0.2.9')
    const [tracked] = kernel.root.rules.tracker.all()
    if (tracked === undefined) throw new Error()
    expect(kernel.root.rules.tracker.find(tracked.reply)).toBeDefined()
    clock.runUntil(clock.now() + 31e9)
    expect(kernel.root.rules.tracker.find(tracked.reply)).toBeUndefined()
  })
})

describe('rules', () => {
  test('decide what passes, what comes in and what leaves', () => {
    const { type, masquerade, received } = hidden()
    masquerade()
    type('iptables -I FORWARD -i h1 -d 192.0.2.0/24 -j DROP')
    expect([received('h1', '192.0.2.9'), received('h2', '192.0.2.9')]).toEqual(['0', '1'])
    type('iptables -F FORWARD; iptables -A INPUT -p icmp -s 10.0.0.1 -j REJECT')
    expect(type('ip netns exec h1 ping -c 1 -W 1 10.0.0.254')).toContain('Destination Port Unreachable')
    expect(received('h2', '10.0.1.254')).toBe('1')
    type('iptables -F; iptables -A OUTPUT -d 192.0.2.9 -j DROP')
    expect(type('ping -c 1 -W 1 192.0.2.9')).toContain('Operation not permitted')
    type('iptables -F; iptables -P FORWARD DROP')
    expect(received('h1', '10.0.1.1')).toBe('0')
    type('iptables -A FORWARD -m state --state ESTABLISHED,RELATED -j ACCEPT; iptables -A FORWARD -i h1 -j ACCEPT')
    expect([received('h1', '10.0.1.1'), received('h2', '10.0.0.1')]).toEqual(['1', '0'])
  })

  test('of a namespace are its own', () => {
    const { type } = hidden()
    type('iptables -P FORWARD DROP')
    expect(type('ip netns exec h1 iptables -S FORWARD')).toBe('-P FORWARD ACCEPT\n')
    expect(type('iptables -S FORWARD')).toBe('-P FORWARD DROP\n')
  })
})
