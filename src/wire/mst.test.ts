import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Bpdu, bpduSize, parseBpdu, writeBpdu } from './bpdu.ts'
import { hex, toHex } from './hex.testing.ts'
import type { Mst } from './mst.ts'

const u8 = fc.nat({ max: 0xff })
const u16 = fc.nat({ max: 0xffff })
const u32 = fc.nat({ max: 0xffffffff })
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size })
const instance = fc.record({
  flags: u8,
  regionalRoot: u64,
  cost: u32,
  bridgePriority: u8,
  portPriority: u8,
  hops: u8,
})
const msts: fc.Arbitrary<Mst> = fc.record({
  selector: u8,
  name: bytes(32),
  revision: u16,
  digest: bytes(16),
  internalCost: u32,
  bridge: u64,
  hops: u8,
  instances: fc.array(instance, { maxLength: 4 }),
})
const tree = { flags: 0x7c, root: 1n, rootCost: 2, bridge: 3n, port: 4, messageAge: 0, maxAge: 1, helloTime: 1 }
const withMst = (mst: Mst): Bpdu => ({ kind: 'rapid', version: 3, ...tree, forwardDelay: 1, mst })
const written = (bpdu: Bpdu): Uint8Array => {
  const out = new Uint8Array(bpduSize(bpdu))
  expect(writeBpdu(out, 0, bpdu)).toBe(out.length)
  return out
}

describe('multiple spanning trees', () => {
  test('what is written is read', () => {
    fc.assert(
      fc.property(msts, mst => {
        const out = written(withMst(mst))
        expect(parseBpdu(out, 0, out.length)).toEqual({ ok: true, value: { ...withMst(mst), payload: out.length } })
      }),
    )
  })

  test('what is cut, or of another length than it says, is a rapid message with something behind', () => {
    fc.assert(
      fc.property(msts, u16, fc.nat(), (mst, length, cut) => {
        const out = written(withMst(mst))
        const size = 36 + (cut % (out.length - 36))
        const read = parseBpdu(out, 0, size)
        expect(read).toMatchObject({ ok: true, value: { kind: 'rapid', payload: 36 } })
        out.set([length >> 8, length & 255], 36)
        expect(parseBpdu(out, 0, out.length).ok).toBe(true)
      }),
    )
  })

  test('as IEEE 802.1Q-2018 figure 14-1 draws them', () => {
    const name = new Uint8Array(32)
    name.set([0x72, 0x31])
    const digest = hex('ac36177f50283cd4b83821d8ab26de62')
    const one = { flags: 0x7c, regionalRoot: 0x8001020000000003n, cost: 100, bridgePriority: 0x80, portPriority: 0x90 }
    const mst: Mst = {
      selector: 0,
      name,
      revision: 3,
      digest,
      internalCost: 3000,
      bridge: 0x8000020000000002n,
      hops: 19,
      instances: [{ ...one, hops: 18 }],
    }
    expect(toHex(written(withMst(mst)).subarray(36))).toBe(
      toHex(
        hex(
          `0050 00 7231${'00'.repeat(30)} 0003 ac36177f50283cd4b83821d8ab26de62 00000bb8 8000020000000002 13`,
          '7c 8001020000000003 00000064 80 90 12',
        ),
      ),
    )
  })
})
