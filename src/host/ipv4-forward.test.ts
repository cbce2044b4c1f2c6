import { expect, test } from 'vitest'
import { ip, TestLab } from './lab.testing.ts'

const setup = () => {
  const lab = new TestLab()
  const net = lab.routed()
  lab.pass(3)
  const socket = net.a.pingSocket()
  socket.options.receiveErrors = true
  /** What becomes of a ping to 10.0.2.2 now. */
  const ping = (size = 8) => {
    socket.echo(1, new Uint8Array(size), ip('10.0.2.2'))
    lab.pass(1)
    const error = socket.recvError()
    socket.takeError()
    return socket.recv() !== undefined ? 'answered' : error === undefined ? 'silence' : `${error.type}/${error.code}`
  }
  expect(ping()).toBe('answered')
  return { lab, ...net, ping }
}

test('what was found for one packet serves the next only while it is right: a route', () => {
  const { r, ping } = setup()
  r.addRoute({ dst: ip('10.0.2.2'), length: 32, type: 'unreachable' })
  expect(ping()).toBe('3/1')
  r.removeRoute({ dst: ip('10.0.2.2'), length: 32, type: 'unreachable' })
  expect(ping()).toBe('answered')
})

test('the switch', () => {
  const { r, ping } = setup()
  r.settings.set('net.ipv4.ip_forward', '0')
  expect(ping()).toBe('silence')
  r.settings.set('net.ipv4.ip_forward', '1')
  expect(ping()).toBe('answered')
})

test('a link that goes down', () => {
  const { r2, ping } = setup()
  r2.setUp(false)
  expect(ping()).toBe('3/0')
  r2.setUp(true)
  expect(ping()).toBe('answered')
})

test('an address that becomes our own', () => {
  const { lab, r, r2, ping } = setup()
  lab.address(r, r2, '10.0.2.2/32')
  expect(ping()).toBe('answered')
  expect(r.counters.get('Icmp.OutType0')).toBe(1)
})

test('an MTU', () => {
  const { r2, lb, ping } = setup()
  r2.setMtu(1000)
  lb.setMtu(1000)
  expect(ping(1400)).toBe('3/4')
  expect(ping(900)).toBe('answered')
})

test('a sweep through many addresses does not grow what is kept', () => {
  const { lab, a, r } = setup()
  r.addRoute({ dst: 0, length: 0, via: ip('10.0.1.2') })
  const socket = a.udpSocket()
  for (let i = 0; i < 10_000; i++) {
    socket.send(new Uint8Array(1), 0xc0000000 + i, 9)
    if (i % 100 === 0) lab.pass(0.01)
    lab.seen.length = 0
  }
  expect(r.counters.get('Ip.ForwDatagrams')).toBeGreaterThan(5000)
  expect(r.forwardPaths.paths.size).toBeLessThanOrEqual(4096)
})
