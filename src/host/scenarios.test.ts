/** Small networks, whole: what somebody would build to learn, and what must then be seen. */
import { describe, expect, test } from 'vitest'
import { formatIp, type Ip } from '../wire/address.ts'
import { ip, TestLab } from './lab.testing.ts'
import type { Namespace } from './namespace.ts'

const traceroute = (lab: TestLab, from: Namespace, dst: Ip, most = 10): string[] => {
  const hops: string[] = []
  for (let ttl = 1; ttl <= most; ttl++) {
    const socket = from.udpSocket(typeof dst === 'bigint' ? 6 : 4)
    socket.options.ttl = ttl
    socket.options.receiveErrors = true
    socket.send(new Uint8Array(32), dst, 33433 + ttl)
    lab.pass(5)
    const error = socket.recvError()
    socket.close()
    hops.push(error === undefined ? '*' : formatIp(error.from))
    if (error?.from === dst) break
  }
  return hops
}

/** Hosts h0 and h5 at the ends of a chain of routers r1 to r4: 10.0.i.1 is on the left of link i, 10.0.i.2 on its right. */
const chain = (routers = 4) => {
  const lab = new TestLab()
  const nodes = Array.from({ length: routers + 2 }, (_, i) => lab.host(`n${i}`))
  for (let i = 0; i <= routers; i++) {
    const left = lab.nic(nodes[i]!, `right`, `10.0.${i}.1/24`, `fd00:${i}::1/64`)
    const right = lab.nic(nodes[i + 1]!, `left`, `10.0.${i}.2/24`, `fd00:${i}::2/64`)
    lab.cable(left, right, 1_000_000)
  }
  for (const [i, node] of nodes.entries()) {
    if (i > 0 && i <= routers) {
      node.settings.set('net.ipv4.ip_forward', '1')
      node.settings.set('net.ipv6.conf.all.forwarding', '1')
    }
    for (let k = 0; k <= routers; k++) {
      const six = { dst: ip(`fd00:${k}::`), length: 64 }
      const four = { dst: ip(`10.0.${k}.0`), length: 24 }
      if (k > i) {
        node.addRoute({ ...four, via: ip(`10.0.${i}.2`) })
        node.addRoute({ ...six, via: ip(`fd00:${i}::2`) })
      } else if (k < i - 1) {
        node.addRoute({ ...four, via: ip(`10.0.${i - 1}.1`) })
        node.addRoute({ ...six, via: ip(`fd00:${i - 1}::1`) })
      }
    }
  }
  lab.pass(3)
  return { lab, nodes, first: nodes[0]!, last: nodes.at(-1)! }
}

describe('a chain of four routers', () => {
  test('is seen hop by hop', () => {
    const { lab, first } = chain()
    expect(traceroute(lab, first, ip('10.0.4.2'))).toEqual(['10.0.0.2', '10.0.1.2', '10.0.2.2', '10.0.3.2', '10.0.4.2'])
    expect(traceroute(lab, first, ip('fd00:4::2'))).toEqual([
      'fd00::2',
      'fd00:1::2',
      'fd00:2::2',
      'fd00:3::2',
      'fd00:4::2',
    ])
  })

  test('takes ten milliseconds there and back, once all know each other', () => {
    const { lab, first } = chain()
    const socket = first.pingSocket()
    const times: number[] = []
    for (let i = 0; i < 3; i++) {
      const sent = lab.clock.now()
      socket.echo(i, new Uint8Array(56), ip('10.0.4.2'))
      lab.pass(1)
      const reply = socket.recv()
      times.push(((reply?.time ?? 0) - sent) / 1e6)
      expect(reply?.ttl).toBe(60)
    }
    expect(times[0]).toBeGreaterThan(10)
    expect(times.slice(1)).toEqual([10, 10])
  })

  test('with a loop in its routes ends the packet by its TTL', () => {
    const { lab, nodes, first } = chain()
    nodes[2]!.addRoute({ dst: ip('10.9.0.0'), length: 16, via: ip('10.0.1.1') })
    nodes[1]!.addRoute({ dst: ip('10.9.0.0'), length: 16, via: ip('10.0.1.2') })
    first.addRoute({ dst: ip('10.9.0.0'), length: 16, via: ip('10.0.0.2') })
    const socket = first.pingSocket()
    socket.options.receiveErrors = true
    socket.echo(1, new Uint8Array(0), ip('10.9.0.1'))
    lab.pass(1)
    expect(socket.recvError()).toMatchObject({ type: 11, code: 0 })
    expect(nodes[1]!.counters.get('Ip.ForwDatagrams')).toBeGreaterThan(30)
  })

  test('with a router that forwards no more is silent behind it', () => {
    const { lab, nodes, first } = chain()
    nodes[3]!.settings.set('net.ipv4.ip_forward', '0')
    // The router itself still answers at its own address.
    expect(traceroute(lab, first, ip('10.0.4.2'), 5)).toEqual(['10.0.0.2', '10.0.1.2', '*', '*', '*'])
    expect(traceroute(lab, first, ip('10.0.2.2'), 5).at(-1)).toBe('10.0.2.2')
  })

  test('narrow in the middle, carries everything in the end', () => {
    const { lab, nodes, first, last } = chain()
    nodes[2]!.links.get('right')!.setMtu(1300)
    nodes[3]!.links.get('left')!.setMtu(1300)
    const server = last.udpSocket()
    server.bind(undefined, 7)
    const client = first.udpSocket()
    for (const size of [100, 1272, 1273, 1472, 1473, 9000, 60000]) {
      client.options.pathMtu = 'dont'
      client.send(new Uint8Array(size), ip('10.0.4.2'), 7)
      lab.pass(1)
      expect(server.recv()?.payload.length).toBe(size)
    }
    expect(nodes[2]!.counters.get('Ip.FragOKs')).toBeGreaterThan(3)
  })
})

describe('two routes to one place', () => {
  test('the lower metric is used while its link is up, then the other', () => {
    const lab = new TestLab()
    const [a, b] = [lab.host('a'), lab.host('b')]
    const main = lab.nic(a, 'eth0', '10.0.0.1/24')
    const spare = lab.nic(a, 'eth1', '10.0.1.1/24')
    lab.cable(main, lab.nic(b, 'eth0', '10.0.0.2/24'))
    lab.cable(spare, lab.nic(b, 'eth1', '10.0.1.2/24'))
    lab.address(b, b.lo, '192.0.2.1/32')
    a.addRoute({ dst: ip('192.0.2.1'), length: 32, via: ip('10.0.0.2'), metric: 10 })
    a.addRoute({ dst: ip('192.0.2.1'), length: 32, via: ip('10.0.1.2'), metric: 20 })
    const socket = a.pingSocket()
    const via = () => {
      socket.echo(1, new Uint8Array(0), ip('192.0.2.1'))
      lab.pass(0.1)
      return socket.recv()?.dst
    }
    expect(via()).toBe(ip('10.0.0.1'))
    main.setUp(false)
    expect(via()).toBe(ip('10.0.1.1'))
  })

  test('of the same length on two links, the first added is used, and a socket bound to the second uses that', () => {
    const lab = new TestLab()
    const a = lab.host('a')
    const [one, two] = [lab.nic(a, 'eth0', '10.0.0.1/24'), lab.nic(a, 'eth1', '10.0.0.2/24')]
    expect(a.route(ip('10.0.0.9'))).toMatchObject({ link: one, src: ip('10.0.0.1') })
    expect(a.route(ip('10.0.0.9'), undefined, two)).toMatchObject({ link: two, src: ip('10.0.0.2') })
    expect(a.route(ip('8.8.8.8'), undefined, two)).toMatchObject({ link: two, hop: ip('8.8.8.8') })
  })
})

describe('question 2 of the field notes: the network is gone after add-port br0 eth0', () => {
  test('for the address and the route still point at eth0, whose frames the switch now takes', () => {
    const lab = new TestLab()
    const { a, la } = lab.pair()
    lab.pass(3)
    const ping = () => {
      const socket = a.pingSocket()
      const refused = socket.echo(1, new Uint8Array(8), ip('10.0.0.2'))
      if (refused !== undefined) return refused
      lab.pass(0.1)
      const answered = socket.recv() !== undefined
      socket.close()
      return answered
    }
    expect(ping()).toBe(true)
    const made = a.links.add('internal', 'br0')
    if (!made.ok) throw new Error(made.errno)
    const br0 = made.value
    br0.setUp(true)
    // A switch of two ports: eth0 and the bridge's own.
    br0.plug({ send: frame => la.transmit(frame) })
    la.enslave('ovs-system', frame => br0.deliver(frame))
    expect(ping()).toBe(false)
    expect(a.route(ip('10.0.0.2'))).toMatchObject({ link: la })
    // ifconfig eth0 0; then the address goes to the bridge.
    a.removeAddress(la, ip('10.0.0.1'))
    br0.setMac(la.mac)
    lab.address(a, br0, '10.0.0.1/24')
    expect(ping()).toBe(true)
    // del-br: the address is gone with the bridge.
    la.enslave(undefined, undefined)
    a.links.remove(br0)
    expect(ping()).toBe('ENETUNREACH')
  })
})

describe('an hour', () => {
  test('of one ping a second loses none, and asks by ARP only now and then', () => {
    const lab = new TestLab()
    const { a } = lab.pair()
    lab.pass(3)
    lab.seen.length = 0
    const socket = a.pingSocket()
    let answered = 0
    for (let i = 0; i < 3600; i++) {
      socket.echo(i, new Uint8Array(56), ip('10.0.0.2'))
      lab.pass(1)
      if (socket.recv() !== undefined) answered++
    }
    expect(answered).toBe(3600)
    const arps = lab.seen.filter(
      s => s.frame.bytes[s.frame.start + 12] === 8 && s.frame.bytes[s.frame.start + 13] === 6,
    )
    expect(arps.length).toBeGreaterThan(50)
    expect(arps.length).toBeLessThan(1000)
  })

  test('of pings that confirm their neighbour needs none from the sender', () => {
    const lab = new TestLab()
    const { a, la } = lab.pair()
    lab.pass(3)
    lab.seen.length = 0
    const socket = a.pingSocket()
    socket.options.confirm = true
    for (let i = 0; i < 600; i++) {
      socket.echo(i, new Uint8Array(56), ip('10.0.0.2'))
      lab.pass(1)
      socket.recv()
    }
    const asked = lab.seen.filter(
      s => s.from === la && s.frame.bytes[s.frame.start + 13] === 6 && s.frame.bytes[s.frame.start + 21] === 1,
    )
    expect(asked.length).toBe(1)
  })
})
