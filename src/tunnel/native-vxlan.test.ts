import { describe, expect, test } from 'vitest'
import { type TunnelHeader, tunnelHeaderSize, tunnelPusher } from '../datapath/tunnel-header.ts'
import { parseIp, parseIp6 } from '../wire/address.ts'
import { Frame } from '../wire/frame.ts'
import { NativeVxlan } from './native-vxlan.ts'
import { readRow } from './row.ts'

const header = (six: boolean): TunnelHeader => ({
  dst: 0xf8bc124434b6,
  src: 0xaa55aa550000,
  ipSrc: parseIp(six ? '2001:cafe::88' : '1.1.2.88') ?? 0,
  ipDst: parseIp(six ? '2001:cafe::92' : '1.1.2.92') ?? 0,
  tos: 0x28,
  ttl: 9,
  dontFragment: !six,
  udpDst: 4789,
  csum: six,
  vxlanFlags: 0x08000000,
  vni: 123,
  sourcePorts: { least: 32768, most: 61000 },
})
const content = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => i)
const pushed = (six: boolean, size = 61): Frame => {
  const frame = Frame.from(content(size))
  tunnelPusher(header(six))(frame, 0xffffffff)
  return frame
}

describe('outer headers of a tunnel that the datapath makes', () => {
  test.each([false, true])('come off again, IPv6: %s', six => {
    const frame = pushed(six)
    expect(frame.size).toBe(61 + tunnelHeaderSize(header(six)))
    const row = new NativeVxlan(4789, 'plain').pop(frame)
    expect(frame.content()).toEqual(content(61))
    expect(row && readRow(row)).toEqual({
      vni: 123,
      src: six ? parseIp6('2001:cafe::88') : 0x01010258,
      dst: six ? parseIp6('2001:cafe::92') : 0x0101025c,
      tos: 0x28,
      ttl: 9,
      // Key, and don't fragment or a checksum.
      flags: six ? 12 : 10,
      srcPort: 60999,
      dstPort: 4789,
      gbp: { id: 0, flags: 0 },
    })
  })

  test('of a damaged header, or of a frame that ends in it, are refused', () => {
    for (const six of [false, true]) {
      const whole = pushed(six).content().slice()
      for (let size = 0; size < whole.length; size++)
        expect(new NativeVxlan(4789, 'plain').pop(Frame.from(whole, 0, size))).toBeUndefined()
    }
    for (const at of [12, 14, 20, 23, 24, 26, 50 - 8]) {
      const frame = pushed(false)
      frame.bytes[frame.start + at] = frame.bytes[frame.start + at]! ^ 0x2f
      expect(new NativeVxlan(4789, 'plain').pop(frame)).toBeUndefined()
    }
  })
})
