import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Bpdu, bpduFrame, bpduOf, bpduSize, parseBpdu, writeBpdu } from './bpdu.ts'
import { Frame } from './frame.ts'
import { hex, toHex } from './hex.testing.ts'

/** Sent by Open vSwitch 3.1. */
const config = hex(
  '0180c2000000 aa55aa550015 0026 424203',
  '0000 00 00 00 8000aa66aa660000 00000002 8000aa66aa660001 8001 00b6 1400 0200 0f00',
)
const change = hex('0180c2000000 aa55aa550012 0007 424203 0000 00 80')

describe('messages of spanning tree', () => {
  test('of Open vSwitch are read, and written as they were', () => {
    const read = bpduOf(Frame.from(config))
    expect(read).toMatchObject({
      ok: true,
      value: {
        kind: 'config',
        root: 0x8000aa66aa660000n,
        rootCost: 2,
        bridge: 0x8000aa66aa660001n,
        port: 0x8001,
        messageAge: 0xb6,
        maxAge: 20 * 256,
        helloTime: 2 * 256,
        forwardDelay: 15 * 256,
      },
    })
    if (read.ok) expect(toHex(bpduFrame(read.value, 0xaa55aa550015).content())).toBe(toHex(config))
    expect(toHex(bpduFrame({ kind: 'change', version: 0 }, 0xaa55aa550012).content())).toBe(toHex(change))
  })

  test.each([
    ['short', 'short', '0000 00'],
    ['another protocol', 'version', '0001 00 00'],
    ['no such type', 'value', '0000 00 17'],
    ['rapid of version 0', 'short', '0000 00 02'],
    ['short behind its type', 'short', '0000 02 02 0000'],
  ])('%s is refused', (_, why, text) => {
    const bytes = hex(text)
    expect(parseBpdu(bytes, 0, bytes.length)).toEqual({ ok: false, why })
  })

  test('whatever is written is read', () => {
    const u16 = fc.integer({ min: 0, max: 0xffff })
    const message = fc.record({
      flags: fc.integer({ min: 0, max: 255 }),
      root: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      rootCost: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      bridge: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      port: u16,
      messageAge: u16,
      maxAge: u16,
      helloTime: u16,
      forwardDelay: u16,
    })
    fc.assert(
      fc.property(message, fc.boolean(), (tree, isRapid) => {
        const bpdu: Bpdu = isRapid ? { kind: 'rapid', version: 2, ...tree } : { kind: 'config', version: 0, ...tree }
        const bytes = new Uint8Array(bpduSize(bpdu))
        writeBpdu(bytes, 0, bpdu)
        expect(parseBpdu(bytes, 0, bytes.length)).toEqual({ ok: true, value: { ...bpdu, payload: bytes.length } })
      }),
    )
  })

  test('any bytes are read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), bytes => {
        expect(typeof bpduOf(Frame.from(bytes)).ok).toBe('boolean')
      }),
    )
  })
})
