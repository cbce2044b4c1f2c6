/** Frames through a bridge's OpenFlow table: those that the datapath knows what to do with, and those that it has to ask for. */
import { SoftDatapath } from '../src/datapath/index.ts'
import { word } from '../src/flow/layout.ts'
import { newMatch } from '../src/flow/match.ts'
import { below, seeded, VirtualClock } from '../src/runtime/index.ts'
import { usualMostFlows } from '../src/switch/flow-limit.ts'
import type { Bridge } from '../src/switch/index.ts'
import type { BridgePort } from '../src/switch/port.ts'
import { Switch } from '../src/switch/switch.ts'
import type { Frame } from '../src/wire/frame.ts'
import { u16, u32 } from '../src/wire/header.ts'
import { type Bench, perSecond, seconds } from './harness.ts'
import { flow, million } from './openflow.ts'
import { expectAll, Sink, udpFrame } from './soft.ts'

/** A bridge with these ports, all of which send to one sink; what no flow matches is dropped. */
const bed = (count: number) => {
  const clock = new VirtualClock()
  const datapath = new SoftDatapath({ clock })
  const sw = new Switch({ datapath, clock, random: seeded(1) })
  const bridge: Bridge = sw.addBridge('br0', new Sink('br0'), { failMode: 'secure' })
  const sink = new Sink('out')
  const ports = Array.from({ length: count }, (_, i): BridgePort => {
    const name = `p${i + 1}`
    const port = sw.addPort(bridge, { name, type: 'dummy', vport: sink, ofport: i + 1 })
    if (typeof port === 'string') throw new Error(port)
    return port
  })
  return { datapath, bridge, sink, ports }
}

/** Gives a UDP frame addresses and a destination port. */
const address = ({ bytes, start }: Frame, from: number, to: number, port: number): void => {
  u32.set(bytes, start + 26, from)
  u32.set(bytes, start + 30, to)
  u16.set(bytes, start + 36, port)
}

const tableSize = 10_000
const tableMasks = 50

/** Hits, after a table of random flows has decided once for each frame. */
const flows: Bench = {
  name: 'openflow/soft/flows',
  unit: 'frames/s',
  setUp() {
    const { datapath, bridge, sink, ports } = bed(2)
    const random = seeded(3)
    const [froms, tos] = [new Uint32Array(tableSize), new Uint32Array(tableSize)]
    const udpPorts = new Uint16Array(tableSize)
    for (let i = 0; i < tableSize; i++) {
      const match = newMatch()
      const shape = i % tableMasks
      const set = (place: number, value: number, bits: number): void => {
        match.key[place] = (value & bits) >>> 0
        match.mask[place] = bits >>> 0
      }
      set(word.inPort, 1, 0xffffffff)
      set(word.ethType, 0x08000000, 0xffff0000)
      set(word.ip, 17, 0xff)
      set(word.ipv4Src, below(random, 2 ** 32), -1 << (shape % 5))
      set(word.ipv4Dst, below(random, 2 ** 32), -1 << Math.floor(shape / 5))
      if (shape % 2 === 0) set(word.transport, below(random, 2 ** 16), 0xffff)
      const added = bridge.flows.add({
        match,
        priority: 1 + below(random, 1000),
        actions: [{ type: 'output', port: 2 }],
      })
      if (typeof added === 'string') throw new Error(added)
      froms[i] = match.key[word.ipv4Src]!
      tos[i] = match.key[word.ipv4Dst]!
      udpPorts[i] = match.key[word.transport]!
    }
    const frame = udpFrame(64, 0)
    const from = ports[0]!.datapathPort as number
    let sent = 0
    const all = (times: number): void => {
      for (let i = 0; i < times; i++)
        for (let j = 0; j < tableSize; j++) {
          address(frame, froms[j]!, tos[j]!, udpPorts[j]!)
          datapath.receive(from, frame)
        }
      sent += times * tableSize
      expectAll(sink, sent)
    }
    all(2)
    return () => perSecond(100 * tableSize, () => all(100))
  },
}

const misses = 20_000

/** From the frame to its way out, with a megaflow put in for those to come. Half of the frames match no flow. */
const miss: Bench = {
  name: 'openflow/miss',
  unit: 'us',
  rounds: 3,
  setUp() {
    const { datapath, bridge, sink, ports } = bed(7)
    // As of a switch that has been busy for a while.
    datapath.flowLimit = usualMostFlows
    // The bridge keeps nothing of it.
    const match = newMatch()
    for (let i = 0; i < million; i++)
      if (typeof bridge.flows.add(flow(i, match)) === 'string') throw new Error('a flow was refused')
    const frame = udpFrame(64, 0)
    let next = 0
    let sent = 0
    return () => {
      const before = datapath.stats().flows
      const time = seconds(() => {
        for (let n = 0; n < misses; n++) {
          const i = (next++ * 49_999) % million
          const { key } = flow(i, match).match
          if (n % 2 === 0) sent++
          address(frame, key[word.ipv4Src]!, key[word.ipv4Dst]! ^ (n % 2 === 0 ? 0 : 0x00400000), key[word.transport]!)
          datapath.receive(ports[i % 7]!.datapathPort as number, frame)
        }
      })
      expectAll(sink, sent)
      if (datapath.stats().flows - before < misses / 2) throw new Error('there are megaflows for these already')
      return (time / misses) * 1e6
    }
  },
}

export const bridgeBenches: Bench[] = [flows, miss]
