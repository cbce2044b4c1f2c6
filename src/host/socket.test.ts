import { describe, expect, test } from 'vitest'
import { errnoText } from './errno.ts'
import { ip, TestLab } from './lab.testing.ts'
import { type Datagram, needsLink, type SocketError, SocketQueue } from './socket.ts'
import { icmpErrno } from './socket-error.ts'

const link = new TestLab().kernel().root.lo
const datagram = (size: number): Datagram => ({
  payload: new Uint8Array(size),
  src: 1,
  sport: 0,
  dst: 2,
  dport: 0,
  link,
  ttl: 64,
  tos: 0,
  time: 0,
})
const error: SocketError = {
  errno: 'EHOSTUNREACH',
  origin: 'icmp',
  from: 1,
  type: 3,
  code: 1,
  mtu: 0,
  dst: 2,
  dport: 9,
  payload: new Uint8Array(0),
  time: 0,
}

describe('a receive queue', () => {
  test('gives back in order, and takes until it is full', () => {
    const queue = new SocketQueue()
    let taken = 0
    while (queue.push(datagram(1000))) taken++
    // 212,992 bytes hold about 120 datagrams of this size, for each costs more than its bytes.
    expect(taken).toBeGreaterThan(100)
    expect(taken).toBeLessThan(140)
    expect(queue.dropped).toBe(1)
    queue.recv()
    queue.recv()
    expect(queue.push(datagram(7))).toBe(true)
    let last: Datagram | undefined
    for (let d = queue.recv(); d !== undefined; d = queue.recv()) last = d
    expect(last?.payload.length).toBe(7)
    expect(queue.readable).toBe(false)
  })

  test('many empty datagrams fill it too', () => {
    const queue = new SocketQueue()
    let taken = 0
    while (queue.push(datagram(0))) taken++
    expect(taken).toBeLessThan(300)
  })

  test('wakes who waits, for data and for errors', () => {
    const queue = new SocketQueue()
    queue.options.receiveErrors = true
    let woken = 0
    queue.onReadable.wait(() => woken++)
    queue.push(datagram(1))
    queue.onReadable.wait(() => woken++)
    queue.pushError(error, false, false)
    expect(woken).toBe(2)
  })

  test('an error reaches who asked for all, else who is connected and only if fatal', () => {
    const heard = (asked: boolean, fatal: boolean, connected: boolean) => {
      const queue = new SocketQueue()
      queue.options.receiveErrors = asked
      queue.pushError(error, fatal, connected)
      return [queue.takeError() !== undefined, queue.recvError() !== undefined]
    }
    expect(heard(false, false, true)).toEqual([false, false])
    expect(heard(false, true, false)).toEqual([false, false])
    expect(heard(false, true, true)).toEqual([true, false])
    expect(heard(true, false, false)).toEqual([true, true])
  })

  test('the error queue is bounded', () => {
    const queue = new SocketQueue()
    queue.options.receiveErrors = true
    for (let i = 0; i < 1000; i++) queue.pushError(error, true, true)
    let count = 0
    while (queue.recvError() !== undefined) count++
    expect(count).toBe(256)
  })
})

test.each([
  [1, 0, 'ENETUNREACH', false],
  [1, 1, 'EACCES', true],
  [1, 3, 'EHOSTUNREACH', false],
  [1, 4, 'ECONNREFUSED', true],
  [2, 0, 'EMSGSIZE', false],
  [3, 0, 'EHOSTUNREACH', false],
  [4, 1, 'EPROTO', true],
] as const)('ICMPv6 type %i code %i means %s', (type, code, errno, fatal) => {
  const news = {
    family: 6,
    from: 1n,
    type,
    code,
    mtu: 0,
    link,
    src: 1n,
    dst: 2n,
    protocol: 17,
    bytes: new Uint8Array(0),
    payload: 0,
    end: 0,
  } as const
  expect(icmpErrno(news)).toEqual({ errno, fatal })
})

test.each([
  ['fe80::1', true],
  ['ff02::1', true],
  ['ff05::1', false],
  ['fd00::1', false],
  ['169.254.0.1', false],
])('%s needs a link to be connected to: %s', (address, needs) => {
  expect(needsLink(ip(address))).toBe(needs)
  const { a, la } = new TestLab().pair()
  if (!needs) return
  expect(a.udpSocket(6).connect(ip(address), 9)).toMatchObject({ errno: 'EINVAL' })
  const bound = a.rawSocket(6, 58)
  bound.options.link = la
  expect(bound.connect(ip(address))).not.toMatchObject({ errno: 'EINVAL' })
})

test('the texts are those of strerror', () => {
  expect(errnoText.ENETUNREACH).toBe('Network is unreachable')
  expect(errnoText.EHOSTUNREACH).toBe('No route to host')
  expect(errnoText.EADDRNOTAVAIL).toBe('Cannot assign requested address')
})
