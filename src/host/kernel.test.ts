import { describe, expect, test } from 'vitest'
import { Frame } from '../wire/frame.ts'
import { ip, TestLab } from './lab.testing.ts'
import type { Link } from './link.ts'
import type { Namespace } from './namespace.ts'

const made = <T>(result: { ok: true; value: T } | { ok: false; errno: string }): T => {
  if (!result.ok) throw new Error(result.errno)
  return result.value
}

describe('namespaces', () => {
  test('begin with lo, down, and are listed in order', () => {
    const kernel = new TestLab().kernel()
    const green = made(kernel.addNamespace('green'))
    kernel.addNamespace('red')
    expect(kernel.namespaces().map(n => n.name)).toEqual(['green', 'red'])
    expect(green.links.all().map(l => [l.name, l.up])).toEqual([['lo', false]])
    expect(kernel.namespace('green')).toBe(green)
  })

  test('refuse what cannot be', () => {
    const kernel = new TestLab().kernel()
    kernel.addNamespace('green')
    expect(kernel.addNamespace('green')).toMatchObject({ errno: 'EEXIST' })
    expect(kernel.addNamespace('a/b')).toMatchObject({ errno: 'EINVAL' })
    expect(kernel.removeNamespace('blue')).toMatchObject({ errno: 'ENOENT' })
  })

  test('take their virtual links with them, and give NICs back', () => {
    const kernel = new TestLab().kernel()
    const green = made(kernel.addNamespace('green'))
    kernel.root.links.addVeth('v0', 'v1', green.links)
    const nic = made(kernel.root.links.add('eth', 'eth0'))
    kernel.moveLink(nic, green)
    expect(kernel.removeNamespace('green').ok).toBe(true)
    expect(kernel.root.links.all().map(l => l.name)).toEqual(['lo', 'eth0'])
    expect(kernel.namespaceOf(nic)).toBe(kernel.root)
    expect(kernel.moveLink(nic, kernel.root).ok).toBe(true)
  })
})

describe('the namespaces of the field notes', () => {
  // Two namespaces, each with a veth into a switch; here the switch is a wire between the two far ends.
  const build = () => {
    const lab = new TestLab()
    const kernel = lab.kernel()
    const [red, green] = ['red', 'green'].map(name => made(kernel.addNamespace(name))) as [Namespace, Namespace]
    const ports: Link[] = []
    for (const [namespace, end, port, address] of [
      [red, 'eth0-r', 'veth-r', '10.0.0.1/24'],
      [green, 'eth0-g', 'veth-g', '10.0.0.2/24'],
    ] as const) {
      const link = made(kernel.root.links.addVeth(end, port))
      ports.push(kernel.root.links.get(port) as Link)
      expect(kernel.moveLink(link, namespace).ok).toBe(true)
      link.setUp(true)
      namespace.lo.setUp(true)
      lab.address(namespace, link, address)
    }
    const [r, g] = ports as [Link, Link]
    r.enslave('ovs-system', frame => g.transmit(frame))
    g.enslave('ovs-system', frame => r.transmit(frame))
    return { lab, red, green, r, g }
  }

  test('ping each other once both ports are up', () => {
    const { lab, red, r, g } = build()
    r.setUp(true)
    g.setUp(true)
    const socket = red.pingSocket()
    socket.echo(1, new Uint8Array(56), ip('10.0.0.2'))
    expect(socket.recv()).toMatchObject({ src: ip('10.0.0.2'), ttl: 64 })
    lab.pass(1)
  })

  test('fail with "host unreachable" while a port is down', () => {
    const { lab, red, r } = build()
    r.setUp(true)
    const socket = red.pingSocket()
    socket.options.receiveErrors = true
    socket.echo(1, new Uint8Array(56), ip('10.0.0.2'))
    lab.pass(3.1)
    expect(socket.recvError()).toMatchObject({ errno: 'EHOSTUNREACH', from: ip('10.0.0.1') })
  })

  test('a moved link is down and without addresses', () => {
    const { red, green } = build()
    const link = red.links.get('eth0-r') as Link
    expect(red.links.move(link, green.links).ok).toBe(true)
    expect([link.up, green.addresses.of(link).length, red.addresses.of(link).length]).toEqual([false, 0, 0])
    expect(red.route(ip('10.0.0.2'))).toBe('ENETUNREACH')
  })

  test('a bridge loop does not hang, and its storm is counted', () => {
    const lab = new TestLab()
    const kernel = lab.kernel()
    const links = [made(kernel.root.links.addVeth('a0', 'a1')), made(kernel.root.links.addVeth('b0', 'b1'))]
    const all = links.flatMap(l => [l, l.peer as Link])
    for (const link of all) link.setUp(true)
    const [a0, a1, b0, b1] = all as [Link, Link, Link, Link]
    // Two switches, each with one end of both cables and flooding.
    for (const [x, y] of [
      [a0, b0],
      [a1, b1],
    ] as const) {
      x.enslave('s', frame => y.transmit(frame))
      y.enslave('s', frame => x.transmit(frame))
    }
    const host = kernel.root
    const frame = host.links.all()[1] as Link
    const before = frame.rx.packets
    a0.transmit(broadcastFrame())
    lab.pass(0.01)
    expect(frame.rx.packets - before).toBeGreaterThan(100)
    expect(kernel.backlog.size).toBeLessThan(10)
  })
})

const broadcastFrame = (): Frame => {
  const frame = Frame.of(60)
  frame.bytes.fill(0xff, frame.start, frame.start + 6)
  return frame
}

test('the same seed gives the same frames at the same nanosecond', () => {
  const run = () => {
    const lab = new TestLab()
    const { a } = lab.routed()
    const socket = a.pingSocket()
    for (let i = 0; i < 5; i++) {
      socket.echo(i, new Uint8Array(56), ip('10.0.2.2'))
      lab.pass(1)
    }
    return lab.seen.map(s => `${s.time} ${s.from.name} ${Array.from(s.frame.content()).join(' ')}`)
  }
  expect(run()).toEqual(run())
})
