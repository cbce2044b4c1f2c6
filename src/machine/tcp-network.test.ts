import { describe, expect, test } from 'vitest'
import { Kernel } from '../host/index.ts'
import { type Duplex, fromUtf8, seeded, start, utf8, VirtualClock } from '../runtime/index.ts'
import { noNetwork } from '../switch/agent/controllers.ts'
import { machineNetwork, tcpListen, tcpOpen } from './tcp-network.ts'

const machine = () => {
  const clock = new VirtualClock()
  const { root } = new Kernel({ clock, random: seeded(5), name: 'box' })
  root.lo.setUp(true)
  clock.runUntil(3e9)
  const open = (target: string): Duplex | string => {
    let result: Duplex | string | undefined
    start(tcpOpen(root, target), { done: value => (result = value) })
    clock.runWhile(() => result === undefined)
    return result ?? 'it never ended'
  }
  /** A connection by lo, both ends. */
  const pair = (target = '127.0.0.1'): [Duplex, Duplex] => {
    const got: Duplex[] = []
    const listening = tcpListen(root, 'ptcp:6653', duplex => got.push(duplex))
    const near = open(`tcp:${target}:6653`)
    if (typeof near === 'string' || got[0] === undefined) throw new Error(String(near))
    if (typeof listening !== 'string') listening.close()
    return [near, got[0]]
  }
  const sockets = (): string[] => root.tcp.allChannels().map(({ connection }) => connection.state)
  return { clock, root, open, pair, sockets, pass: (time: number) => clock.runUntil(clock.now() + time) }
}

const text = ({ input }: Duplex): string => fromUtf8(input.take())

describe('a connection between programs of a machine', () => {
  test('carries bytes both ways, and the last ones before its end', () => {
    const { pair, pass, sockets } = machine()
    const [near, far] = pair()
    near.output.offer(utf8('hello'))
    pass(1e6)
    expect(text(far)).toBe('hello')
    far.output.offer(utf8('good'))
    far.output.offer(utf8('bye'))
    far.close()
    pass(1e6)
    expect(text(near)).toBe('goodbye')
    expect([near.input.closed, near.failure]).toEqual([true, undefined])
    near.close()
    pass(1e6)
    expect(sockets()).toEqual(['TIME_WAIT'])
  })

  test('waits for a reader that does not keep up, and loses nothing', () => {
    const { pair, pass } = machine()
    const [near, far] = pair()
    let written = 0
    while (written < 20_000_000) {
      if (!near.output.offer(new Uint8Array(100_000).fill(written / 100_000))) break
      written += 100_000
      pass(1e6)
    }
    pass(5e9)
    expect(written).toBeGreaterThan(1_000_000)
    expect(written).toBeLessThan(20_000_000)
    expect(near.unsent).toBeGreaterThan(0)
    expect(far.input.size).toBeLessThan(1_000_000)
    let read = 0
    for (let i = 0; i < 1000 && read < written; i++) {
      const bytes = far.input.take()
      for (const [at, byte] of bytes.entries())
        if (byte !== (Math.floor((read + at) / 100_000) & 255)) throw new Error()
      read += bytes.length
      pass(1e9)
    }
    expect(read).toBe(written)
    expect(near.unsent).toBe(0)
  })

  test('a reset is told in the words of the system', () => {
    const { pair, pass, sockets } = machine()
    const [near, far] = pair()
    near.abort?.()
    pass(1e6)
    expect([far.input.closed, far.output.closed, far.failure]).toEqual([true, true, 'Connection reset by peer'])
    expect(sockets()).toEqual([])
  })

  test('is refused, or never begun, with the error of the system call', () => {
    const { open, root } = machine()
    expect(open('tcp:127.0.0.1:1')).toBe('ECONNREFUSED')
    expect(open('tcp:10.9.9.9:1')).toBe('ENETUNREACH')
    expect(open('tcp:nowhere:1')).toBe('EAFNOSUPPORT')
    expect(open('ssl:127.0.0.1:1')).toBe('EAFNOSUPPORT')
    expect(tcpListen(root, 'ptcp:1:10.9.9.9', () => {})).toBe('EADDRNOTAVAIL')
    expect(tcpListen(root, 'ptcp:70000', () => {})).toBe('EAFNOSUPPORT')
    expect(typeof tcpListen(root, 'ptcp:1', () => {})).toBe('object')
    expect(tcpListen(root, 'ptcp:1', () => {})).toBe('EADDRINUSE')
  })
})

describe('controllers of a machine', () => {
  const told = (result: Duplex | string): string => (typeof result === 'string' ? result : 'connected')

  test('are named by their address, of both families', () => {
    const { root, open, clock } = machine()
    const names: string[] = []
    const network = machineNetwork(root)
    const stop = network.listen('ptcp:6653:[::1]', (_duplex, name) => names.push(name))
    const stop4 = network.listen('ptcp:6653', (_duplex, name) => names.push(name))
    open('tcp:[::1]:6653')
    open('tcp:127.0.0.1:6653')
    clock.runUntil(clock.now() + 1e6)
    expect(names).toEqual([expect.stringMatching(/^tcp:\[::1\]:\d+$/), expect.stringMatching(/^tcp:127\.0\.0\.1:\d+$/)])
    for (const each of [stop, stop4]) if (typeof each === 'function') each()
    expect(open('tcp:[::1]:6653')).toBe('ECONNREFUSED')
  })

  test('nobody in the lab is asked for outside of it, and only then', () => {
    const { root, clock } = machine()
    const asked: string[] = []
    const outside = {
      ...noNetwork,
      dial(target: string, done: (text: string) => void) {
        asked.push(target)
        done('outside')
        return () => {}
      },
    }
    const results: string[] = []
    const dial = (target: string, network = machineNetwork(root, () => outside)): void => {
      network.dial(target, result => results.push(told(result)))
      clock.runUntil(clock.now() + 1e6)
    }
    machineNetwork(root).listen('ptcp:6653', () => {})
    dial('tcp:127.0.0.1:6653')
    dial('tcp:127.0.0.1:6654')
    dial('ssl:127.0.0.1:6653')
    dial('tcp:127.0.0.1:6654', machineNetwork(root))
    expect(results).toEqual(['connected', 'outside', 'outside', 'Connection refused'])
    expect(asked).toEqual(['tcp:127.0.0.1:6654', 'ssl:127.0.0.1:6653'])
  })

  test('a call that is given up leaves no socket behind', () => {
    const { root, sockets, clock } = machine()
    const eth = root.links.add('eth', 'eth0')
    if (!eth.ok) throw new Error()
    eth.value.setUp(true)
    eth.value.plug({ send() {} })
    root.addAddress(eth.value, { ip: 0x0a000001, length: 24 })
    const results: string[] = []
    const cancel = machineNetwork(root).dial('tcp:10.0.0.2:6653', result => results.push(told(result)))
    clock.runUntil(clock.now() + 1e8)
    expect(sockets()).toEqual(['SYN_SENT'])
    cancel()
    clock.runUntil(clock.now() + 10e9)
    expect([sockets(), results]).toEqual([[], []])
  })
})
