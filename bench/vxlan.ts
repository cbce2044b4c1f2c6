/** The whole way into a tunnel and out of it: datapath, VXLAN port, and every byte of the outer headers. */
import { type Action, SoftDatapath } from '../src/datapath/index.ts'
import { tunnelFlag, word } from '../src/flow/layout.ts'
import { VirtualClock } from '../src/runtime/index.ts'
import { EthernetUnderlay, VxlanVport, writeRow } from '../src/tunnel/index.ts'
import type { Frame } from '../src/wire/frame.ts'
import { type Bench, perSecond } from './harness.ts'
import { expectAll, l2Mask, ones, Sink, udpFrame } from './soft.ts'

const near = 0xc0a8020a
const far = 0xc0a80214
const vni = 100
const flows = 1000

/** A host with one VM port (1) and one tunnel port (2); what it sends to the underlay goes to `wire`. */
const host = (wire: { send(frame: Frame): void }, local: number, remote: number) => {
  const datapath = new SoftDatapath({ clock: new VirtualClock() })
  const sink = new Sink('vm')
  datapath.addPort(sink, 1)
  const receivers = new Map<number, VxlanVport>()
  const underlay = new EthernetUnderlay({
    link: wire,
    mac: 0x020000000200 + (local & 255),
    ip: local,
    neighbours: new Map([[remote, 0x020000000200 + (remote & 255)]]),
    receivers,
  })
  const vport = new VxlanVport({ underlay, receive: (frame, row) => datapath.receive(2, frame, row) })
  receivers.set(vport.port, vport)
  datapath.addPort(vport, 2)
  const row = writeRow({ vni, dst: remote, ttl: 64, flags: tunnelFlag.key | tunnelFlag.dontFragment })
  const outward: Action[] = [
    { type: 'tunnel', row },
    { type: 'output', port: 2 },
  ]
  const inward: Action[] = [{ type: 'output', port: 1 }]
  const outwardMask = l2Mask()
  const inwardMask = l2Mask()
  for (const w of [word.tunIdLow, word.tunSrc, word.tunDst]) inwardMask[w] = ones
  datapath.onMiss(({ port }) => ({
    mask: port === 1 ? outwardMask : inwardMask,
    actions: port === 1 ? outward : inward,
    install: true,
  }))
  return { datapath, underlay, sink }
}

/** What a frame is again before each use: only its ends move, and the bytes before it are written over. */
type Shot = { frame: Frame; start: number; end: number }
const again = ({ frame, start, end }: Shot): Frame => {
  frame.start = start
  frame.end = end
  return frame
}

const encapsulation: Bench = {
  name: 'vxlan/encap',
  unit: 'frames/s',
  setUp() {
    const wire = { frames: 0, send: () => void wire.frames++ }
    const { datapath } = host(wire, near, far)
    const shots: Shot[] = Array.from({ length: flows }, (_, flow) => {
      const frame = udpFrame(64, flow)
      return { frame, start: frame.start, end: frame.end }
    })
    const count = 1e6
    let sent = 0
    return () =>
      perSecond(count, () => {
        for (let i = 0; i < count; i += flows) for (let j = 0; j < flows; j++) datapath.receive(1, again(shots[j]!))
        sent += count
        if (wire.frames !== sent) throw new Error(`${wire.frames} of ${sent} frames came out`)
      })
  },
}

const decapsulation: Bench = {
  name: 'vxlan/decap',
  unit: 'frames/s',
  setUp() {
    const onWire: Frame[] = []
    const sender = host({ send: frame => void onWire.push(frame) }, far, near)
    for (let flow = 0; flow < flows; flow++) sender.datapath.receive(1, udpFrame(64, flow))
    const shots: Shot[] = onWire.map(frame => ({ frame, start: frame.start, end: frame.end }))
    const { underlay, sink } = host({ send: () => {} }, near, far)
    const count = 1e6
    let sent = 0
    return () =>
      perSecond(count, () => {
        for (let i = 0; i < count; i += flows) for (let j = 0; j < flows; j++) underlay.receive(again(shots[j]!))
        sent += count
        expectAll(sink, sent)
      })
  },
}

export const vxlanBenches: Bench[] = [encapsulation, decapsulation]
