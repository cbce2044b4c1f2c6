/** Frames for people: every layer as an object. */
import { EthernetUnderlay, VxlanVport, writeRow } from '../src/tunnel/index.ts'
import type { Frame } from '../src/wire/frame.ts'
import { dissect } from '../src/wire/layers.ts'
import { type Bench, perSecond } from './harness.ts'
import { udpFrame } from './soft.ts'

const count = 50_000

/** A VXLAN frame: seven layers. */
const frameOnWire = (): Frame => {
  const sent: Frame[] = []
  const underlay = new EthernetUnderlay({
    link: { send: frame => void sent.push(frame) },
    mac: 0x020000000001,
    ip: 0xc0a80101,
    neighbours: new Map([[0xc0a80102, 0x020000000002]]),
  })
  new VxlanVport({ underlay, receive: () => {} }).send(udpFrame(64, 1), writeRow({ vni: 100, dst: 0xc0a80102 }))
  return sent[0]!
}

const dissection: Bench = {
  name: 'wire/dissect',
  unit: 'frames/s',
  setUp() {
    const { bytes, start, end } = frameOnWire()
    if (!dissect(bytes, start, end).some(({ protocol }) => protocol === 'vxlan')) throw new Error('no VXLAN')
    return () =>
      perSecond(count, () => {
        for (let i = 0; i < count; i++) dissect(bytes, start, end)
      })
  },
}

export const wireBenches: Bench[] = [dissection]
