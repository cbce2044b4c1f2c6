import { describe, expect, test } from 'vitest'
import { formatMac } from '../wire/address.ts'
import { LabError, Network } from './network.ts'

/** Two machines and a cable between them, with addresses. */
const pair = (seed?: number): Network => {
  const net = new Network(seed === undefined ? {} : { seed })
  for (const [i, name] of ['a', 'b'].entries()) {
    net.machine(name)
    net.nic(`${name}:eth0`)
    net.type(name, `ip addr add 10.0.0.${i + 1}/24 dev eth0\n\n   ip link set eth0 up`)
  }
  net.cable('a:eth0', 'b:eth0')
  return net
}

const macs = (net: Network): string[] =>
  [...net.machines.values()].map(({ kernel }) => formatMac(kernel.root.links.get('eth0')!.mac))

describe('a network', () => {
  test('joins machines by cables, and types at their prompts', () => {
    const net = pair()
    expect(net.type('a', 'ping -c 1 10.0.0.2')).toContain('1 packets transmitted, 1 received, 0% packet loss')
    expect(net.cables.map(({ a, b }) => [a.name, b.name])).toEqual([['a:eth0', 'b:eth0']])
    expect(net.cables[0]!.a.counters.frames).toBeGreaterThan(1)
  })

  test('quotes the line that failed, and what the machine said', () => {
    const net = pair()
    const wrong = 'ip addr add 10.0.0.9/24 dev eth0\n ip link set eth7 up\n ip link set eth8 up'
    expect(() => net.type('a', wrong)).toThrow(new LabError('a: ip link set eth7 up\nCannot find device "eth7"'))
    // What came before it was done.
    expect(net.type('a', 'ip -br addr show dev eth0')).toContain('10.0.0.9/24')
    expect(() => net.type('a', 'false')).toThrow(new LabError('a: false'))
  })

  test('refuses what cannot be', () => {
    const net = pair()
    expect(() => net.machine('a')).toThrow(new LabError('there are two machines named a'))
    expect(() => net.get('c')).toThrow(new LabError('there is no machine named c'))
    expect(() => net.cable('c:eth0', 'a:eth1')).toThrow(new LabError('there is no machine named c'))
    for (const place of ['a', 'a:', ':eth0', ''])
      expect(() => net.nic(place)).toThrow(new LabError(`${place}: a place is written machine:interface`))
    expect(() => net.cable('a:eth0', 'b:eth1')).toThrow(new LabError('a:eth0: nothing can be plugged in there'))
    expect(() => net.cable('a:lo', 'b:eth1')).toThrow(new LabError('a:lo: nothing can be plugged in there'))
    expect(net.cables).toHaveLength(1)
  })

  test('says so when a command can never end', () => {
    const net = new Network()
    net.machine('a')
    const never = (function* () {
      yield () => () => {}
    })()
    expect(() => net.finish(never)).toThrow(new LabError('a command waits for something that cannot happen'))
  })

  test('leads a cable to something that is no machine', () => {
    const net = pair()
    const laid: string[] = []
    net.onCable.add(({ b }) => laid.push(b.name))
    const end = net.lead('a:eth1', 'generator')
    const seen: number[] = []
    end.output = { send: frame => seen.push(frame.size) }
    net.type('a', 'ip link set eth1 up\nip addr add 10.1.0.1/24 dev eth1')
    net.finish(net.get('a').exec('ping -c 1 -W 1 10.1.0.2'))
    expect(laid).toEqual(['generator'])
    expect(seen).toContain(42)
  })

  test('a pulled cable takes the carrier, and gives it back', () => {
    const net = pair()
    const [cable] = net.cables
    cable!.plugged = false
    expect(net.type('b', 'ip link show eth0')).toContain('NO-CARRIER')
    expect(net.finish(net.get('a').exec('ping -c 1 -W 1 10.0.0.2')).status).not.toBe(0)
    cable!.plugged = true
    expect(net.type('b', 'ip link show eth0')).toContain('LOWER_UP')
    net.settle()
    expect(net.type('a', 'ping -c 1 10.0.0.2')).toContain(' 0% packet loss')
  })

  test('knows the date of its clock', () => {
    const net = pair()
    net.settle(1_234_567_890)
    expect(net.epoch).toBe(BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n)
    expect(net.type('a', 'date -u +%Y-%m-%d')).toBe('2026-01-01\n')
    expect(new Network().epoch).toBe(0n)
  })
})

describe('a seed', () => {
  test('gives the same machines each time, and another seed gives others', () => {
    expect(macs(pair(7))).toEqual(macs(pair(7)))
    expect(macs(pair())).toEqual(macs(pair(1)))
    expect(macs(pair(8))).not.toEqual(macs(pair(7)))
    expect(new Set(macs(pair(7))).size).toBe(2)
  })

  test('gives each name a generator of its own, whatever else there is', () => {
    const draw = (net: Network, name: string): number[] => {
      const random = net.random(name)
      return [random(), random(), random()]
    }
    const alone = new Network({ seed: 3 })
    const crowded = pair(3)
    crowded.machine('c')
    expect(draw(crowded, 'a')).toEqual(draw(alone, 'a'))
    expect(draw(alone, 'a')).not.toEqual(draw(alone, 'b'))
    const more = new Network({ seed: 7 })
    more.machine('z')
    more.machine('b')
    more.nic('b:eth0')
    const [mac] = [more.get('b').kernel.root.links.get('eth0')!.mac]
    expect(formatMac(mac)).toBe(macs(pair(7))[1])
  })
})
