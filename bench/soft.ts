/** The soft datapath: from `receive` to the sink behind the other port. */
import { type Action, SoftDatapath, type Vport } from '../src/datapath/index.ts'
import { type FlowKey, newKey, word } from '../src/flow/layout.ts'
import { VirtualClock } from '../src/runtime/index.ts'
import { Frame } from '../src/wire/frame.ts'
import { u16, u32 } from '../src/wire/header.ts'
import { type Bench, perSecond } from './harness.ts'

/** A port that counts what leaves by it. */
export class Sink implements Vport {
  readonly name: string
  readonly type = 'dummy'
  frames = 0

  constructor(name: string) {
    this.name = name
  }

  send(): void {
    this.frames++
  }
}

export const ones = 0xffffffff

/** What forwarding by learned MAC looks at: port, addresses, tag, type. */
export const l2Mask = (): FlowKey => {
  const mask = newKey()
  for (const w of [word.inPort, word.ethernet, word.ethernet1, word.ethernet2, word.recircId]) mask[w] = ones
  mask[word.vlan] = 0xffff
  mask[word.ethType] = 0xffff0000
  return mask
}

/** UDP over IPv4, `size` bytes; the addresses' last bits are `flow`. */
export const udpFrame = (size: number, flow: number): Frame => {
  const frame = Frame.of(size)
  const { bytes, start } = frame
  u32.set(bytes, start, 0x02000000)
  u16.set(bytes, start + 4, flow)
  u32.set(bytes, start + 6, 0x02010000)
  u16.set(bytes, start + 10, flow)
  u16.set(bytes, start + 12, 0x0800)
  bytes.set([0x45, 0, 0, size - 14, 0, 0, 0x40, 0, 64, 17], start + 14)
  u32.set(bytes, start + 26, 0x0a000000 + flow)
  u32.set(bytes, start + 30, 0x0a010000 + flow)
  bytes.set([0x30, 0, 0x10, 0, 0, size - 34, 0, 0], start + 34)
  return frame
}

/** A datapath with two ports that forwards to the other one, deciding by `mask`. */
const forwarding = (mask: (key: FlowKey) => FlowKey) => {
  const datapath = new SoftDatapath({ clock: new VirtualClock() })
  const sink = new Sink('out')
  const from = datapath.addPort(new Sink('in'), 1)
  const actions: Action[] = [{ type: 'output', port: datapath.addPort(sink, 2) }]
  datapath.onMiss(({ key }) => ({ mask: mask(key), actions, install: true }))
  return { datapath, sink, from }
}

export const expectAll = (sink: Sink, sent: number): void => {
  if (sink.frames !== sent) throw new Error(`${sink.frames} of ${sent} frames came out`)
}

/** 64-byte frames of 1,000 flows between two ports. */
const learned = () => {
  const mask = l2Mask()
  const { datapath, sink, from } = forwarding(() => mask)
  const frames = Array.from({ length: 1000 }, (_, flow) => udpFrame(64, flow))
  let sent = 0
  return (count: number): void => {
    for (let i = 0; i < count; i += 1000) for (let j = 0; j < 1000; j++) datapath.receive(from, frames[j]!)
    sent += count
    expectAll(sink, sent)
  }
}

const l2: Bench = {
  name: 'soft/l2',
  unit: 'frames/s',
  setUp() {
    const forward = learned()
    return () => perSecond(2e6, () => forward(2e6))
  },
}

/** A million microflows (UDP ports and addresses) in a shuffled order, decided by 100 masks. */
const many: Bench = {
  name: 'soft/many',
  unit: 'frames/s',
  setUp() {
    const masks = Array.from({ length: 100 }, (_, i) => {
      const mask = newKey()
      for (const w of [word.inPort, word.recircId]) mask[w] = ones
      mask[word.ethernet + 1] = 0xffff0000
      mask[word.ethType] = 0xffff0000
      mask[word.ip] = 0xff0000ff
      mask[word.ipv4Src] = (ones << (i % 10)) >>> 0
      mask[word.ipv4Dst] = (ones << Math.floor(i / 10)) >>> 0
      mask[word.transport] = 0x0000ffff
      return mask
    })
    // The destination MAC says which of the masks decides.
    const { datapath, sink, from } = forwarding(key => masks[(key[word.ethernet1]! >>> 16) % 100]!)
    const frame = udpFrame(64, 0)
    const { bytes, start } = frame
    let sent = 0
    const all = (): void => {
      for (let i = 0; i < 1e6; i++) {
        const flow = (i * 611953) % 1e6
        u16.set(bytes, start + 4, flow % 100)
        u32.set(bytes, start + 26, 0x0a000000 + (flow % 1000))
        u16.set(bytes, start + 34, Math.floor(flow / 1000))
        datapath.receive(from, frame)
      }
      sent += 1e6
      expectAll(sink, sent)
    }
    return () => perSecond(1e6, all)
  },
}

/** How much the heap grows over ten million frames that hit. */
const heap: Bench = {
  name: 'soft/heap',
  unit: 'bytes/frame',
  setUp() {
    const forward = learned()
    return () => {
      globalThis.gc?.()
      const before = process.memoryUsage().heapUsed
      forward(1e7)
      return (process.memoryUsage().heapUsed - before) / 1e7
    }
  },
}

export const softBenches: Bench[] = [l2, many, heap]
