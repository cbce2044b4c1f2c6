import { describe, expect, test } from 'vitest'
import { ip, TestLab } from './lab.testing.ts'

const setup = () => {
  const lab = new TestLab()
  const pair = lab.pair()
  lab.pass(3)
  return { lab, ...pair }
}

describe('a raw socket', () => {
  test('hears all packets of its protocol, the kernel answers none the less', () => {
    const { lab, a, b } = setup()
    const raw = b.rawSocket(4, 1)
    const socket = a.pingSocket()
    socket.echo(7, new Uint8Array(3), ip('10.0.0.2'))
    lab.pass(0.1)
    expect(Array.from(raw.recv()?.payload.subarray(0, 2) ?? [])).toEqual([8, 0])
    expect(socket.recv()).toBeDefined()
  })

  test('makes a protocol known that has no handler', () => {
    const { lab, a, b } = setup()
    const raw = b.rawSocket(4, 89)
    expect(a.rawSocket(4, 89).send(new Uint8Array([1, 2, 3]), ip('10.0.0.2'))).toBeUndefined()
    lab.pass(0.1)
    expect(raw.recv()).toMatchObject({ payload: new Uint8Array([1, 2, 3]), src: ip('10.0.0.1'), ttl: 64 })
    expect(b.counters.get('Icmp.OutType3')).toBe(0)
    raw.close()
    a.rawSocket(4, 89).send(new Uint8Array(1), ip('10.0.0.2'))
    lab.pass(0.1)
    expect(b.counters.get('Icmp.OutType3')).toBe(1)
  })

  test('keeps to the addresses and the link it is bound to', () => {
    const { lab, a, b, lb } = setup()
    const [bound, connected, linked] = [b.rawSocket(4, 89), b.rawSocket(4, 89), b.rawSocket(4, 89)]
    lab.address(b, lb, '10.0.0.20/24')
    expect(bound.bind(ip('10.0.0.20')).ok).toBe(true)
    expect(bound.bind(ip('10.0.0.99'))).toMatchObject({ errno: 'EADDRNOTAVAIL' })
    expect(connected.connect(ip('10.0.0.77')).ok).toBe(true)
    expect(connected.connect(ip('192.0.2.1'))).toMatchObject({ errno: 'ENETUNREACH' })
    linked.options.link = b.lo
    a.rawSocket(4, 89).send(new Uint8Array(1), ip('10.0.0.2'))
    lab.pass(0.1)
    expect([bound, connected, linked].map(socket => socket.recv())).toEqual([undefined, undefined, undefined])
    a.rawSocket(4, 89).send(new Uint8Array(1), ip('10.0.0.20'))
    lab.pass(0.1)
    expect(bound.recv()).toBeDefined()
    expect(bound.source(ip('10.0.0.1'))).toBe(ip('10.0.0.20'))
  })

  test('fills in the checksum of ICMPv6', () => {
    const { lab, a, b } = setup()
    const raw = b.rawSocket(6, 58)
    a.rawSocket(6, 58).send(new Uint8Array([200, 0, 0, 0, 1, 2, 3, 4]), ip('fd00::2'))
    lab.pass(0.1)
    const types = []
    for (let d = raw.recv(); d !== undefined; d = raw.recv()) types.push(d.payload[0])
    // ICMPv6 that does not sum up is heard too, but not counted as good.
    expect(types).toContain(200)
    expect(b.counters.get('Icmp6.InCsumErrors')).toBe(0)
  })

  test('refuses what cannot be sent', () => {
    const { a } = setup()
    const raw = a.rawSocket(4, 89)
    expect(raw.send(new Uint8Array(1))).toBe('EDESTADDRREQ')
    expect(raw.send(new Uint8Array(1), ip('fd00::2'))).toBe('EINVAL')
    expect(raw.send(new Uint8Array(65516), ip('10.0.0.2'))).toBe('EMSGSIZE')
    raw.close()
    expect(raw.send(new Uint8Array(1), ip('10.0.0.2'))).toBe('EINVAL')
  })
})

describe('a ping socket', () => {
  test('hears only the replies to its own requests', () => {
    const { lab, a } = setup()
    const [one, two] = [a.pingSocket(), a.pingSocket()]
    expect(one.id).not.toBe(two.id)
    one.echo(5, new Uint8Array([9]), ip('10.0.0.2'))
    lab.pass(0.1)
    const reply = one.recv()?.payload
    expect(Array.from(reply ?? [])).toEqual([
      0,
      0,
      expect.any(Number),
      expect.any(Number),
      one.id >> 8,
      one.id & 255,
      0,
      5,
      9,
    ])
    expect(two.recv()).toBeUndefined()
  })

  test('hears of errors about its own requests only', () => {
    const { lab, a } = setup()
    const [one, two] = [a.pingSocket(), a.pingSocket()]
    for (const socket of [one, two]) socket.options.receiveErrors = true
    one.echo(5, new Uint8Array(0), ip('10.0.0.99'))
    lab.pass(4)
    expect(one.recvError()).toMatchObject({ dst: ip('10.0.0.99'), payload: expect.any(Uint8Array) })
    expect(two.recvError()).toBeUndefined()
  })

  test('of a host told to ignore echo hears nothing', () => {
    const { lab, a, b } = setup()
    const socket = a.pingSocket()
    b.settings.set('net.ipv4.icmp_echo_ignore_all', '1')
    socket.echo(1, new Uint8Array(0), ip('10.0.0.2'))
    lab.pass(0.1)
    expect(socket.recv()).toBeUndefined()
  })

  test('to the broadcast address is answered only where that is allowed', () => {
    const { lab, a, b } = setup()
    const socket = a.pingSocket()
    socket.options.broadcast = true
    const ping = () => {
      socket.echo(1, new Uint8Array(0), ip('10.0.0.255'))
      lab.pass(0.1)
      return socket.recv()?.src
    }
    expect(ping()).toBeUndefined()
    b.settings.set('net.ipv4.icmp_echo_ignore_broadcasts', '0')
    expect(ping()).toBe(ip('10.0.0.2'))
  })

  test('to all nodes of a link hears them', () => {
    const { lab, a, la } = setup()
    const socket = a.pingSocket(6)
    socket.options.link = la
    socket.echo(1, new Uint8Array(0), ip('ff02::1'))
    lab.pass(0.1)
    const sources = [socket.recv()?.src, socket.recv()?.src].filter(src => src !== undefined)
    expect(sources.length).toBeGreaterThanOrEqual(1)
    for (const src of sources) expect((src as bigint) >> 118n).toBe(0x3fan)
  })
})

describe('a packet socket', () => {
  test('sees frames both ways, chooses, and counts what it had no room for', () => {
    const { lab, a, la } = setup()
    const all = a.packetSocket([la])
    const arps = a.packetSocket([la], frame => frame.bytes[frame.start + 13] === 6)
    const small = a.packetSocket([la], () => true, 1)
    a.pingSocket().echo(1, new Uint8Array(0), ip('10.0.0.2'))
    lab.pass(0.1)
    const directions = []
    for (let seen = all.recv(); seen !== undefined; seen = all.recv()) directions.push(seen.direction)
    expect(directions).toEqual(['out', 'in', 'out', 'in'])
    expect([arps.recv()?.direction, arps.recv()?.direction, arps.recv()]).toEqual(['out', 'in', undefined])
    expect(small.dropped).toBe(3)
    for (const socket of [all, arps, small]) socket.close()
    expect(la.taps.size).toBe(0)
  })

  test('sends frames as they are', () => {
    const { a, la, lab } = setup()
    const socket = a.packetSocket([la])
    expect(socket.send(new Uint8Array(13))).toBe('EINVAL')
    expect(socket.send(new Uint8Array(1519))).toBe('EMSGSIZE')
    lab.seen.length = 0
    expect(socket.send(new Uint8Array(60).fill(5))).toBeUndefined()
    expect(Array.from(lab.seen[0]?.frame.content() ?? [])).toEqual(new Array(60).fill(5))
    la.setUp(false)
    expect(socket.send(new Uint8Array(60))).toBe('ENETDOWN')
  })
})
