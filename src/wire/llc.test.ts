import { describe, expect, test } from 'vitest'
import { EtherType } from './ethernet.ts'
import { hex, toHex } from './hex.testing.ts'
import { LlcSap, parseLlc, writeLlc } from './llc.ts'

describe('LLC', () => {
  test('in front of spanning tree', () => {
    const llc = { dsap: LlcSap.stp, ssap: LlcSap.stp, control: 3 }
    expect(parseLlc(hex('4242 0300 0000'), 0, 6)).toEqual({ ok: true, value: { ...llc, payload: 3 } })
    const out = new Uint8Array(4).fill(0xee)
    expect(writeLlc(out, 0, llc)).toBe(3)
    expect(toHex(out)).toBe('424203ee')
  })

  test('with SNAP in front of IPv4', () => {
    const llc = { dsap: LlcSap.snap, ssap: LlcSap.snap, control: 3, snap: { oui: 0, type: EtherType.ipv4 } }
    expect(parseLlc(hex('aaaa 0300 0000 0800 45'), 0, 9)).toEqual({ ok: true, value: { ...llc, payload: 8 } })
    const out = new Uint8Array(8).fill(0xee)
    expect(writeLlc(out, 0, llc)).toBe(8)
    expect(toHex(out)).toBe('aaaa030000000800')
  })

  test('with SNAP of an organization', () => {
    expect(parseLlc(hex('aaaa 0300 000c 2000'), 0, 8)).toMatchObject({ value: { snap: { oui: 0x0c, type: 0x2000 } } })
  })

  test('is refused when short', () => {
    for (let end = 0; end < 3; end++) expect(parseLlc(hex('4242 03'), 0, end)).toEqual({ ok: false, why: 'short' })
    for (let end = 3; end < 8; end++)
      expect(parseLlc(hex('aaaa 0300 0000 0800'), 0, end)).toEqual({ ok: false, why: 'short' })
  })

  test('with another control field has no SNAP', () => {
    expect(parseLlc(hex('aaaa bf00 0000 0800'), 0, 8)).toEqual({
      ok: true,
      value: { dsap: 0xaa, ssap: 0xaa, control: 0xbf, payload: 3 },
    })
  })
})
