import { expect, test } from 'vitest'
import { type Duplex, duplexPair, second, VirtualClock } from '../runtime/index.ts'
import type { Network } from '../switch/agent/controllers.ts'
import { Frame } from '../wire/frame.ts'
import { readPcap } from '../wire/pcap.ts'
import { type CaptureFile, Dummies, dummyNumber } from './dummy.ts'

const frame = (size = 60): Uint8Array => Uint8Array.from({ length: size }, (_, i) => i)
const framed = (bytes: Uint8Array): Uint8Array => Uint8Array.of(bytes.length >> 8, bytes.length & 255, ...bytes)

/** A world whose remotes are called `far`; those who listen are asked by `call`. */
const world = () => {
  const clock = new VirtualClock()
  const far: Duplex[] = []
  const files = new Map<string, Uint8Array[]>()
  const listening = new Map<string, (duplex: Duplex, name: string) => void>()
  const said: string[] = []
  const network: Network = {
    dial(target, done) {
      if (target !== 'unix:far') {
        done('No such file or directory')
        return () => {}
      }
      const [near, other] = duplexPair()
      far.push(other)
      done(near)
      return () => {}
    },
    listen(target, accept) {
      listening.set(target, accept)
      return () => listening.delete(target)
    },
  }
  const openCapture = (path: string): CaptureFile | string => {
    if (path.startsWith('/nodir')) return 'No such file or directory'
    const parts = files.get(path) ?? []
    files.set(path, parts)
    return { size: parts.length, write: bytes => void parts.push(bytes.slice()), close: () => {} }
  }
  const log = (module: string, _level: string, text: string): void => void said.push(`${module}: ${text}`)
  const dummies = new Dummies({ clock, log, network, openCapture, wallTime: () => 1_600_000_000_123 })
  const got: Uint8Array[] = []
  const open = (options: Record<string, string>) => {
    const device = dummies.open('p1', 'dummy', 0, options)
    device.receiver = each => void got.push(each.content().slice())
    clock.runUntil(clock.now())
    return device
  }
  return { clock, far, files, listening, said, got, open }
}

test.each([
  ['p1', 1],
  ['br0', 100],
  ['br5', 105],
  ['xbr7', 7],
  ['a10b20', 10],
  ['v0', undefined],
  ['none', undefined],
])('the number of %s is %s', (name, number) => {
  expect(dummyNumber(name)).toBe(number)
})

test('frames over a stream, in pieces, and a call again when the other side goes', () => {
  const { clock, far, got, open, said } = world()
  const device = open({ stream: 'unix:far' })
  expect(device.streamState).toBe('connected')
  device.vport.send(Frame.from(frame()), new Uint32Array())
  expect([...(far[0] as Duplex).input.take()]).toEqual([...framed(frame())])
  const bytes = Uint8Array.of(...framed(frame()), ...framed(frame(1500)))
  for (const byte of bytes) far[0]?.output.offer(Uint8Array.of(byte))
  expect(got.map(each => each.length)).toEqual([60, 1500])
  far[0]?.close()
  expect(device.streamState).toBe('disconnected')
  clock.runUntil(clock.now() + 2 * second)
  expect([device.streamState, far.length]).toEqual(['connected', 2])
  far[1]?.output.offer(Uint8Array.of(0, 13, ...frame(13)))
  expect([device.streamState, said.at(-1)]).toEqual([
    'disconnected',
    'reconnect: unix:far: connection dropped (Protocol error)',
  ])
  device.close()
  clock.runUntil(clock.now() + 20 * second)
  expect(far).toHaveLength(2)
})

test('one that waits takes frames of all who call', () => {
  const { got, listening, open } = world()
  const device = open({ pstream: 'punix:near' })
  const ends = [duplexPair(), duplexPair()]
  for (const [, far] of ends) listening.get('punix:near')?.(far, '')
  for (const [near] of ends) near.output.offer(framed(frame()))
  expect([got.length, device.streamState]).toEqual([2, undefined])
  device.vport.send(Frame.from(frame(20)), new Uint32Array())
  expect(ends.map(([near]) => near.input.size)).toEqual([22, 22])
  device.configure({ stream: 'unix:nowhere' })
  expect([listening.size, device.streamState]).toEqual([0, 'disconnected'])
})

test('both ways to have a stream are none', () => {
  const { listening, open, said } = world()
  expect(open({ stream: 'unix:far', pstream: 'punix:near' }).streamState).toBeUndefined()
  expect([listening.size, said]).toEqual([
    0,
    ['netdev_dummy: Open failed: both punix:near and unix:far are configured'],
  ])
})

test('counts by the only queue', () => {
  const { open } = world()
  const device = open({})
  device.receive(Frame.from(frame(60)))
  device.receive(Frame.from(frame(100)))
  device.vport.send(Frame.from(frame(70)), new Uint32Array())
  expect(device.statistics()).toEqual({
    rx_custom_packets_1: 2,
    rx_custom_packets_2: 2,
    rx_q0_bytes: 160,
    rx_q0_packets: 2,
    tx_q0_bytes: 70,
    tx_q0_packets: 1,
  })
})

test('captures of what comes and goes', () => {
  const { files, open, said } = world()
  const device = open({ pcap: 'all' })
  device.receive(Frame.from(frame(60)))
  device.vport.send(Frame.from(frame(70)), new Uint32Array())
  device.configure({ rxq_pcap: 'in', tx_pcap: 'out' })
  device.receive(Frame.from(frame(80)))
  device.configure({ pcap: 'all', tx_pcap: '/nodir/x' })
  device.receive(Frame.from(frame(90)))
  device.configure({ tx_pcap: '/nodir/x' })
  const sizes = (name: string): number[] => {
    const parts = files.get(name) ?? []
    return [...readPcap(Uint8Array.from(parts.flatMap(part => [...part])))].map(({ size }) => size)
  }
  expect([sizes('all'), sizes('in'), sizes('out')]).toEqual([[60, 70, 90], [80], []])
  expect(said).toEqual(['pcap: /nodir/x: failed to open pcap file for appending (No such file or directory)'])
})
