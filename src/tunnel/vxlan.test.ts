import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Vport } from '../datapath/datapath.ts'
import { tunnelFlag } from '../flow/layout.ts'
import { Frame } from '../wire/frame.ts'
import { pushVlan } from '../wire/vlan.ts'
import { parseVxlan } from '../wire/vxlan.ts'
import { hexFrame, hexOf, inner, ip } from './bytes.testing.ts'
import { hashInner } from './inner-hash.ts'
import { newRow, type Outer, readRow, writeRow } from './row.ts'
import { decapsulate, encapsulate, type VxlanOptions, vxlanDefaults } from './vxlan.ts'
import { VxlanVport } from './vxlan-vport.ts'

const with_ = (options: Partial<VxlanOptions> = {}): VxlanOptions => ({ ...vxlanDefaults, ...options })
const head = (frame: Frame): string => hexOf(frame.bytes.subarray(frame.start, frame.start + 8))

describe('encapsulation', () => {
  test('RFC 7348 §5: I flag, VNI, all else 0', () => {
    const frame = inner()
    const before = hexFrame(frame)
    encapsulate(frame, writeRow({ vni: 0x123456 }), with_())
    expect(hexFrame(frame)).toBe(`0800000012345600${before}`)
  })

  test('group policy, where there is one and the port speaks it', () => {
    const row = () => writeRow({ vni: 1, gbp: { id: 0x1234, flags: 0x48 } })
    const frame = inner()
    encapsulate(frame, row(), with_({ dialect: 'gbp' }))
    expect(head(frame)).toBe('8848123400000100')
    const none = inner()
    encapsulate(none, writeRow({ vni: 1 }), with_({ dialect: 'gbp' }))
    expect(head(none)).toBe('0800000000000100')
    const plain = inner()
    encapsulate(plain, row(), with_())
    expect(head(plain)).toBe('0800000000000100')
  })

  test('the protocol extension names Ethernet', () => {
    const frame = inner()
    encapsulate(frame, writeRow({ vni: 1 }), with_({ dialect: 'gpe' }))
    expect(head(frame)).toBe('0c00000300000100')
  })

  test('source ports are in the range, one for a flow and many for many', () => {
    const range = [60000, 60999] as const
    const portOf = (ports: [number, number]): number => {
      const row = writeRow({ vni: 1, dstPort: 4789 })
      encapsulate(inner(undefined, undefined, ports), row, with_({ sourcePorts: range }))
      expect(readRow(row).dstPort).toBe(4789)
      return readRow(row).srcPort
    }
    const seen = Array.from({ length: 500 }, (_, i) => portOf([i, 80]))
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(60000)
    expect(Math.max(...seen)).toBeLessThanOrEqual(60999)
    expect(new Set(seen).size).toBeGreaterThan(300)
    expect(portOf([7, 80])).toBe(portOf([7, 80]))
    const fixed = writeRow({ srcPort: 5 })
    encapsulate(inner(), fixed, with_())
    expect(readRow(fixed).srcPort).toBe(5)
    const usual = writeRow({})
    encapsulate(inner(), usual, with_())
    expect(readRow(usual).srcPort).toBeGreaterThanOrEqual(49152)
  })

  test('strips a tag if told to', () => {
    const frame = pushVlan(inner(), 0x8100, 5)
    encapsulate(frame, writeRow({ vni: 1 }), with_({ encapsulateTag: 'strip' }))
    expect(hexFrame(frame).slice(16)).toBe(hexFrame(inner()))
  })
})

describe('the inner hash', () => {
  test('sees through tags, and holds fragments together', () => {
    const tagged = (port: number) => hashInner(pushVlan(inner(undefined, undefined, [port, 2]), 0x8100, 5))
    expect(tagged(1)).not.toBe(tagged(3))
    const piece = (offset: number, port: number): number => {
      const frame = inner(undefined, undefined, [port, 2])
      frame.bytes[frame.start + 20] = offset === 0 ? 0x20 : 0
      frame.bytes[frame.start + 21] = offset
      return hashInner(frame)
    }
    expect(piece(0, 1)).toBe(piece(7, 9))
  })

  test('takes any bytes, and looks at none beyond the end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), bytes => {
        const frame = Frame.from(bytes)
        const longer = Frame.from(Uint8Array.of(...bytes, 1, 2, 3, 4))
        longer.end -= 4
        expect(hashInner(longer)).toBe(hashInner(frame))
      }),
    )
  })
})

describe('decapsulation', () => {
  const frameOf = (header: string, payload = hexFrame(inner())): Frame =>
    Frame.from(Uint8Array.from(`${header}${payload}`.match(/../g) ?? [], pair => Number.parseInt(pair, 16)))
  const refuse = (header: string, options: Partial<VxlanOptions> = {}, payload?: string) =>
    decapsulate(frameOf(header, payload), newRow(), with_(options))

  test('RFC 7348 §5: reserved bits are ignored', () => {
    const frame = frameOf('fffffffff1f2f3ff')
    const row = writeRow({ flags: tunnelFlag.csum, ttl: 9, vni: 5, gbp: { id: 1, flags: 1 } })
    expect(decapsulate(frame, row, with_())).toBeUndefined()
    expect(hexFrame(frame)).toBe(hexFrame(inner()))
    expect(readRow(row)).toMatchObject({
      vni: 0xf1f2f3,
      flags: tunnelFlag.csum | tunnelFlag.key,
      ttl: 9,
      gbp: { id: 0, flags: 0 },
    })
  })

  test('every refusal has a name and leaves the frame alone', () => {
    expect(refuse('08000000000001', {}, '')).toBe('vxlan_short')
    expect(refuse('0000000000000100')).toBe('vxlan_flags')
    expect(refuse('f700000000000100')).toBe('vxlan_flags')
    expect(refuse('0800000000000100', {}, '00'.repeat(13))).toBe('vxlan_inner_short')
    expect(refuse('1c00000300000100', { dialect: 'gpe' })).toBe('vxlan_version')
    expect(refuse('0c00000100000100', { dialect: 'gpe' })).toBe('vxlan_protocol')
    expect(refuse('0c00000300000100', { dialect: 'gpe' })).toBeUndefined()
    expect(refuse('0800000000000100', { dialect: 'gpe' })).toBeUndefined()
    expect(refuse('0c00000100000100')).toBeUndefined()
    const tagged = hexFrame(pushVlan(inner(), 0x88a8, 5))
    expect(refuse('0800000000000100', { decapsulateTag: 'drop' }, tagged)).toBe('vxlan_inner_vlan')
    const frame = frameOf('0000000000000100')
    const before = hexFrame(frame)
    decapsulate(frame, newRow(), with_())
    expect(hexFrame(frame)).toBe(before)
  })

  test('agrees with the parser of wire on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom('plain', 'gbp', 'gpe'), (bytes, dialect) => {
        const row = newRow()
        const why = decapsulate(Frame.from(bytes), row, with_({ dialect }))
        const parsed = parseVxlan(bytes, 0, bytes.length, dialect)
        if (why === undefined) {
          expect(parsed).toMatchObject({ ok: true, value: { vni: readRow(row).vni } })
          const policy = parsed.ok ? (parsed.value.gbp?.policy ?? 0) : 0
          expect(readRow(row).gbp.id).toBe(policy)
        } else if (why === 'vxlan_flags' || why === 'vxlan_version') expect(parsed.ok).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })

  test('undoes encapsulation', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 14, maxLength: 60 }),
        fc.nat({ max: 0xffffff }),
        fc.constantFrom('plain', 'gbp', 'gpe'),
        (bytes, vni, dialect) => {
          const frame = Frame.from(bytes)
          encapsulate(frame, writeRow({ vni }), with_({ dialect }))
          const row = newRow()
          expect(decapsulate(frame, row, with_({ dialect }))).toBeUndefined()
          expect(readRow(row).vni).toBe(vni)
          expect(hexFrame(frame)).toBe(hexOf(bytes))
        },
      ),
    )
  })
})

describe('the row', () => {
  test('says what was written', () => {
    const outer: Outer = {
      vni: 7,
      src: ip('1.2.3.4'),
      dst: ip('fd00::5'),
      tos: 3,
      ttl: 200,
      flags: 9,
      srcPort: 50000,
      dstPort: 4789,
      gbp: { id: 3, flags: 0x40 },
    }
    expect(readRow(writeRow(outer))).toEqual(outer)
    expect(readRow(writeRow({ dst: ip('255.1.2.3') })).dst).toBe(ip('255.1.2.3'))
  })
})

describe('the vport', () => {
  test('is one of a datapath, and names itself by its port', () => {
    const sent: { frame: Frame; outer: Outer }[] = []
    const underlay = { send: (frame: Frame, row: Uint32Array) => void sent.push({ frame, outer: readRow(row) }) }
    const vport = new VxlanVport({ underlay, receive: () => {}, port: 8472 })
    const asVport: Vport = vport
    expect(asVport.name).toBe('vxlan_sys_8472')
    const row = writeRow({ vni: 5, dst: ip('1.2.3.4'), dstPort: 1 })
    const before = row.slice()
    asVport.send(inner(), row)
    expect(sent[0]?.outer).toMatchObject({ vni: 5, dst: ip('1.2.3.4'), dstPort: 8472 })
    expect(row).toEqual(before)
  })

  test('counts what has no remote', () => {
    const vport = new VxlanVport({ underlay: { send: () => expect.fail() }, receive: () => {} })
    vport.send(inner(), newRow())
    expect(vport.counters.entries()).toEqual([['vxlan_no_remote', 1]])
  })
})
