import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { broadcastMac } from './address.ts'
import {
  EthernetHeader,
  EtherType,
  isReservedMulticast,
  padFrame,
  parseEthernet,
  pushEthernet,
  writeEthernet,
} from './ethernet.ts'
import { Frame } from './frame.ts'
import { hex, toHex } from './hex.testing.ts'

/** The ARP request of `ip neigh` on Linux, without its body. */
const bytes = hex('ffff ffff ffff 0200 0000 000a 0806')

describe('Ethernet', () => {
  test('is read', () => {
    expect(parseEthernet(bytes, 0, 14)).toEqual({
      ok: true,
      value: { dst: broadcastMac, src: 0x02000000000a, type: EtherType.arp, payload: 14 },
    })
    expect(EthernetHeader.at.type(bytes, 0)).toBe(0x0806)
  })

  test('is written', () => {
    const out = new Uint8Array(16)
    expect(writeEthernet(out, 1, { dst: broadcastMac, src: 0x02000000000a, type: EtherType.arp })).toBe(14)
    expect(toHex(out)).toBe(`00${toHex(bytes)}00`)
  })

  test('is refused when short', () => {
    for (let end = 0; end < 14; end++) expect(parseEthernet(bytes, 0, end)).toEqual({ ok: false, why: 'short' })
  })

  test('goes in front of a payload', () => {
    const frame = pushEthernet(Frame.from(hex('0102')), { dst: 1, src: 2, type: 0x88b5 })
    expect(toHex(frame.content())).toBe('00000000000100000000000288b50102')
  })

  test('comes back as it was', () => {
    const mac = fc.nat().map(n => n * 65537)
    fc.assert(
      fc.property(mac, mac, fc.nat(0xffff), (dst, src, type) => {
        const out = new Uint8Array(14)
        writeEthernet(out, 0, { dst, src, type })
        expect(parseEthernet(out, 0, 14)).toEqual({ ok: true, value: { dst, src, type, payload: 14 } })
      }),
    )
  })
})

describe('padding', () => {
  test('fills a frame up to 60 bytes with zeros, at the end of its buffer or within', () => {
    const tight = padFrame(Frame.from(bytes))
    expect([tight.size, toHex(tight.content())]).toEqual([60, toHex(bytes) + '00'.repeat(46)])
    const roomy = padFrame(new Frame(new Uint8Array(100).fill(9), 10, 20))
    expect(toHex(roomy.content())).toBe('09'.repeat(10) + '00'.repeat(50))
    expect(roomy.bytes[70]).toBe(9)
  })

  test('leaves a long frame alone', () => {
    const frame = Frame.of(60)
    expect(padFrame(frame).size).toBe(60)
  })
})

test('addresses that bridges keep to themselves', () => {
  expect(isReservedMulticast(0x0180c2000000)).toBe(true)
  expect(isReservedMulticast(0x0180c200000f)).toBe(true)
  expect(isReservedMulticast(0x0180c2000010)).toBe(false)
  expect(isReservedMulticast(0x0180c1ffffff)).toBe(false)
})
