import { createSocket, type Socket } from 'node:dgram'
import { existsSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, test } from 'vitest'
import { hashInner } from '../tunnel/inner-hash.ts'
import { type Outer, readRow, writeRow } from '../tunnel/row.ts'
import { VxlanVport } from '../tunnel/vxlan-vport.ts'
import { type Ip, parseIp, parseIp4 } from '../wire/address.ts'
import { pushEthernet } from '../wire/ethernet.ts'
import { Frame } from '../wire/frame.ts'
import { pushIpv4 } from '../wire/ipv4.ts'
import { pushUdp } from '../wire/udp.ts'
import { endpoint, UdpUnderlay, type UdpUnderlayOptions } from './udp-underlay.ts'

const here = parseIp('127.0.0.1') as Ip
const here6 = parseIp('::1') as Ip
const hasIp6 = Object.values(networkInterfaces()).some(list => list?.some(({ address }) => address === '::1'))

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

const open = async (options: Partial<UdpUnderlayOptions> = {}): Promise<UdpUnderlay> => {
  const opened = await UdpUnderlay.open({ local: here, port: 0, sources: 4, ...options })
  if (!opened.ok) throw new Error(opened.why)
  closing.push(() => opened.value.close())
  return opened.value
}

/** A plain socket of Node's, as the stranger at the other end. */
const stranger = async (address = '127.0.0.1'): Promise<{ socket: Socket; port: number; got: [number, string][] }> => {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  const got: [number, string][] = []
  socket.on('message', (bytes, from) => got.push([from.port, bytes.toString('hex')]))
  await new Promise<void>(resolve => socket.bind(0, address, resolve))
  closing.push(() => socket.close())
  return { socket, port: socket.address().port, got }
}

const until = async (condition: () => boolean): Promise<void> => {
  const limit = Date.now() + 5000
  while (!condition() && Date.now() < limit) await new Promise(resolve => setTimeout(resolve, 1))
  expect(condition()).toBe(true)
}

const content = (frame: Frame): string => Buffer.from(frame.content()).toString('hex')

describe('a UDP underlay', () => {
  test('sends what it is given, from a port of the RFC that the tunnel chose', async () => {
    const underlay = await open()
    const { port, got } = await stranger()
    expect(underlay.sourcePorts).toHaveLength(4)
    for (const source of underlay.sourcePorts) expect(source).toBeGreaterThanOrEqual(49152)
    for (const srcPort of [50000, 50001, 50002, 50003, 50000]) {
      underlay.send(Frame.from(Uint8Array.of(srcPort & 255, 2, 3)), writeRow({ dst: here, srcPort, dstPort: port }))
    }
    await until(() => got.length === 5)
    expect(got.map(([, bytes]) => bytes).sort()).toEqual(['500203', '500203', '510203', '520203', '530203'])
    const ports = new Map(got.map(([from, bytes]) => [bytes, from]))
    expect([...ports.values()].sort()).toEqual([...underlay.sourcePorts].sort())
    for (const [from, bytes] of got) expect(from).toBe(ports.get(bytes))
    expect(underlay.counters.entries()).toEqual([['udp_sent', 5]])
  })

  test('hands over what comes, with the addresses in the row and room for headers', async () => {
    const underlay = await open()
    const taken: { frame: Frame; outer: Outer }[] = []
    underlay.receive((frame, row) => taken.push({ frame, outer: readRow(row) }))
    const { socket, port } = await stranger()
    socket.send(Uint8Array.of(8, 0, 0, 0), underlay.port, '127.0.0.1')
    socket.send(new Uint8Array(0), underlay.port, '127.0.0.1')
    await until(() => taken.length === 2)
    expect(taken.map(({ frame }) => content(frame))).toEqual(['08000000', ''])
    expect(taken[0]?.outer).toMatchObject({ src: here, dst: here, srcPort: port, dstPort: underlay.port, vni: 0 })
    expect(taken[0]?.frame.start).toBeGreaterThanOrEqual(50)
    expect(underlay.counters.get('udp_received')).toBe(2)
  })

  test.skipIf(!hasIp6)('speaks IPv6', async () => {
    const underlay = await open({ local: here6 })
    const taken: Outer[] = []
    underlay.receive((_, row) => taken.push(readRow(row)))
    const { socket, port, got } = await stranger('::1')
    underlay.send(Frame.from(Uint8Array.of(1)), writeRow({ dst: here6, srcPort: 50000, dstPort: port }))
    socket.send(Uint8Array.of(2), underlay.port, '::1')
    await until(() => got.length === 1 && taken.length === 1)
    expect(got[0]?.[1]).toBe('01')
    expect(taken[0]).toMatchObject({ src: here6, dst: here6, srcPort: port })
    underlay.send(Frame.of(1), writeRow({ dst: here, srcPort: 50000, dstPort: port }))
    expect(underlay.counters.get('udp_wrong_family')).toBe(1)
  })

  test('counts what it cannot send', async () => {
    const underlay = await open({ mtu: 1500 })
    const { port, got } = await stranger()
    const send = (size: number, dst: Ip): void =>
      underlay.send(Frame.of(size), writeRow({ dst, srcPort: 50000, dstPort: port }))
    send(1472, here)
    send(1473, here)
    send(8, parseIp('240.0.0.1') as Ip)
    send(8, parseIp('255.255.255.255') as Ip)
    send(8, here6)
    await until(() => got.length === 1 && underlay.counters.entries().length >= 4)
    await until(() => underlay.counters.entries().reduce((sum, [, count]) => sum + count, 0) === 5)
    const counters = new Map<string, number>(underlay.counters.entries())
    expect(counters.get('udp_too_large')).toBe(1)
    expect(counters.get('udp_wrong_family')).toBe(1)
    expect(counters.get('udp_sent')).toBe(1)
  })

  test('never sends more than a datagram can hold', async () => {
    const underlay = await open({ mtu: 1e6 })
    const row = writeRow({ dst: here, srcPort: 50000, dstPort: 9 })
    underlay.send(Frame.of(65508), row)
    expect(underlay.counters.get('udp_too_large')).toBe(1)
    underlay.send(Frame.of(65507), row)
    await until(() => underlay.counters.get('udp_sent') === 1)
  })

  test('counts what comes to its source ports, and drops it', async () => {
    const underlay = await open()
    let taken = 0
    underlay.receive(() => taken++)
    const { socket } = await stranger()
    for (const port of underlay.sourcePorts) socket.send(Uint8Array.of(1), port, '127.0.0.1')
    await until(() => underlay.counters.get('udp_unexpected') === 4)
    expect(taken).toBe(0)
  })

  test.skipIf(!existsSync('/proc/net/udp'))('counts what comes faster than it reads', async () => {
    const underlay = await open()
    let taken = 0
    underlay.receive(() => taken++)
    const { socket } = await stranger()
    const all = 12_000
    let left = all
    for (let i = 0; i < all; i++) socket.send(new Uint8Array(1400), underlay.port, '127.0.0.1', () => left--)
    await until(() => left === 0)
    const total = (): number => taken + (new Map(underlay.counted()).get('udp_queue_full') ?? 0)
    await until(() => total() === all)
    expect(taken).toBeLessThan(all)
    expect(taken).toBe(underlay.counters.get('udp_received'))
    // Counting again does not count twice.
    expect(total()).toBe(all)
  })

  test('says why it cannot open', async () => {
    const { port } = await open()
    expect(await UdpUnderlay.open({ local: here, port })).toEqual({
      ok: false,
      why: `127.0.0.1:${port}: Address already in use`,
    })
    expect(await UdpUnderlay.open({ local: parseIp('192.0.2.1') as Ip, port: 4789 })).toEqual({
      ok: false,
      why: '192.0.2.1:4789: Cannot assign requested address',
    })
  })

  test('takes other source ports than those that are taken', async () => {
    // The second draws the first port of the first again, then another.
    const draws = [0.5, 0.5, 0.25]
    const options = { sources: 1, random: () => draws.shift() ?? 0.75 }
    const [one, other] = [await open(options), await open(options)]
    expect(one.sourcePorts).toEqual([57344])
    expect(other.sourcePorts).toEqual([53248])
  })
})

test('an endpoint as text', () => {
  expect([endpoint(here, 4789), endpoint(here6, 4789)]).toEqual(['127.0.0.1:4789', '[::1]:4789'])
})

test('two VXLAN ports over it exchange frames, each inner flow from one port', async () => {
  const [a, b] = [await open(), await open()]
  const kept: string[] = []
  const from = new Map<string, number>()
  const take = (frame: Frame): void => void kept.push(content(frame))
  // Both listen on ports that the system chose, so each names the other's as the VXLAN port.
  const sender = new VxlanVport({ underlay: a, receive: () => {}, port: b.port })
  const receiver = new VxlanVport({ underlay: b, receive: take, port: b.port })
  b.receive((frame, outer) => {
    from.set(content(frame).slice(16), readRow(outer).srcPort)
    receiver.receive(frame, outer)
  })
  const sent: string[] = []
  const hashes = new Set<number>()
  for (let i = 0; i < 40; i++) {
    const frame = pushUdp(Frame.of(8), { src: i, dst: 2 })
    pushIpv4(frame, { src: parseIp4('10.0.0.1') as number, dst: parseIp4('10.0.0.2') as number, protocol: 17 })
    pushEthernet(frame, { src: 1, dst: 2, type: 0x0800 })
    sent.push(content(frame))
    hashes.add((49152 + (hashInner(frame) % 16384)) % 4)
    sender.send(frame, writeRow({ vni: 42, dst: here }))
  }
  await until(() => kept.length === 40)
  expect([...kept].sort()).toEqual(sent.sort())
  expect(new Set(from.values()).size).toBe(hashes.size)
  expect(hashes.size).toBeGreaterThan(1)
})
