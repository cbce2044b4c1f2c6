import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EtherType } from './ethernet.ts'
import { Frame } from './frame.ts'
import { hex, toHex } from './hex.testing.ts'
import { isVlanType, parseVlan, popVlan, pushVlan, VlanHeader, vlanTci, writeVlan } from './vlan.ts'

const macs = '02000000000b02000000000a'

describe('a VLAN tag', () => {
  test('is read behind its TPID', () => {
    expect(parseVlan(hex('b00a 0800'), 0, 4)).toEqual({
      ok: true,
      value: { pcp: 5, dei: true, vid: 10, type: EtherType.ipv4, payload: 4 },
    })
    expect(VlanHeader.at.tci(hex('b00a 0800'), 0)).toBe(0xb00a)
  })

  test('is written', () => {
    const out = new Uint8Array(4)
    expect(writeVlan(out, 0, { pcp: 5, dei: true, vid: 10, type: EtherType.ipv4 })).toBe(4)
    expect(toHex(out)).toBe('b00a0800')
  })

  test('is refused when short', () => {
    expect(parseVlan(hex('b00a08'), 0, 3)).toEqual({ ok: false, why: 'short' })
  })

  test('has a control word of priority and VLAN', () => {
    expect(vlanTci(10)).toBe(10)
    expect(vlanTci(4095, 7, true)).toBe(0xffff)
    expect(vlanTci(4096)).toBe(0)
  })

  test('is announced by three types', () => {
    expect([0x8100, 0x88a8, 0x9100, 0x0800].map(isVlanType)).toEqual([true, true, true, false])
  })
})

describe('pushing and popping', () => {
  test('in place, the outermost first', () => {
    const frame = Frame.from(hex(macs, '0800 0102'))
    pushVlan(frame, EtherType.vlan, vlanTci(30))
    pushVlan(frame, EtherType.vlanService, vlanTci(20, 1))
    expect(toHex(frame.content())).toBe(`${macs}88a82014${'8100001e'}08000102`)
    expect(popVlan(frame)).toBe(true)
    expect(toHex(frame.content())).toBe(`${macs}8100001e08000102`)
    expect(popVlan(frame)).toBe(true)
    expect(toHex(frame.content())).toBe(`${macs}08000102`)
    expect(popVlan(frame)).toBe(false)
    expect(toHex(frame.content())).toBe(`${macs}08000102`)
  })

  test('a tag that is cut is not popped', () => {
    const frame = Frame.from(hex(macs, '8100 00'))
    expect(popVlan(frame)).toBe(false)
    expect(frame.size).toBe(15)
  })

  test('a frame without room in front moves', () => {
    const frame = new Frame(hex(macs, '0800'), 0, 14)
    pushVlan(frame, EtherType.vlan, 1)
    expect(toHex(frame.content())).toBe(`${macs}810000010800`)
  })

  test('any number of tags come off as they went on', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { maxLength: 60 }), tags => {
        const frame = Frame.from(hex(macs, '0800'))
        for (const tci of tags) pushVlan(frame, EtherType.vlan, tci)
        for (const tci of tags.reverse()) {
          expect(VlanHeader.at.tci(frame.bytes, frame.start + 14)).toBe(tci)
          popVlan(frame)
        }
        expect(toHex(frame.content())).toBe(`${macs}0800`)
      }),
      { numRuns: 30 },
    )
  })
})
