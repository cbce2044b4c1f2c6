import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fieldNames, fullMask } from '../flow/fields.ts'
import { Reader, Writer } from './bytes.ts'
import {
  headerNameIn,
  isOnWire,
  type OxmVersion,
  type PullOptions,
  pullField,
  pullFieldHeader,
  putField,
  putFieldHeader,
} from './oxm.ts'
import { oxmField } from './oxm-fields.ts'

const onWire = fieldNames.filter(isOnWire)
const anyVersion = fc.constantFrom<OxmVersion>(0, 1, 2, 3, 4, 5, 6)
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const readerOf = (text: string): Reader => new Reader(new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex')))

describe('which header', () => {
  // `ovs-ofctl parse-nxm` and `parse-oxm` of the versions.
  test.each([
    ['eth_src', 0, 'NXM_OF_ETH_SRC'],
    ['eth_src', 2, 'NXM_OF_ETH_SRC'],
    ['eth_src', 3, 'OXM_OF_ETH_SRC'],
    ['tcp_flags', 3, 'NXM_NX_TCP_FLAGS'],
    ['tcp_flags', 4, 'ONFOXM_ET_TCP_FLAGS'],
    ['tcp_flags', 6, 'OXM_OF_TCP_FLAGS'],
    ['actset_output', 0, 'ONFOXM_ET_ACTSET_OUTPUT'],
    ['actset_output', 6, 'OXM_OF_ACTSET_OUTPUT'],
    ['mpls_label', 0, 'OXM_OF_MPLS_LABEL'],
    ['tun_id', 3, 'NXM_NX_TUN_ID'],
    ['tun_id', 4, 'OXM_OF_TUNNEL_ID'],
  ] as const)('%s in version %i', (name, version, want) => {
    expect(headerNameIn(name, version)).toBe(want)
  })
  test('fields without a header', () => {
    expect(fieldNames.filter(name => !isOnWire(name))).toEqual([
      'tun_tos',
      'tun_ttl',
      'skb_priority',
      'dl_vlan',
      'dl_vlan_pcp',
    ])
  })
})

describe('headers', () => {
  test('lead back to their field', () => {
    fc.assert(
      fc.property(fc.constantFrom(...onWire), anyVersion, fc.boolean(), (field, version, hasMask) => {
        const out = new Writer()
        putFieldHeader(out, field, version, hasMask)
        const reader = new Reader(out.done())
        expect(pullFieldHeader(reader)).toEqual({ ok: true, value: { field, hasMask, size: oxmField(field).size } })
        expect(reader.left).toBe(0)
      }),
    )
  })
  test.each([
    ['00010204', {}, { field: 'reg1', hasMask: false, size: 4 }],
    ['00010308', {}, { field: 'reg1', hasMask: true, size: 4 }],
    ['00010308', { maskable: false }, 'OFPBMC_BAD_MASK'],
    ['00010203', {}, 'OFPBMC_BAD_FIELD'],
    ['00010203', { action: true }, 'OFPBAC_BAD_SET_LEN'],
    ['00020204', { action: true }, 'OFPBAC_BAD_SET_LEN'],
    ['0001', {}, 'OFPBMC_BAD_LEN'],
    ['ffff1608', {}, 'OFPBMC_BAD_LEN'],
    ['ffff1608 00002320', {}, { field: 'tun_erspan_idx', hasMask: false, size: 4 }],
    ['00015204', { tlv: { places: [], own: false } }, 'NXFMFC_INVALID_TLV_FIELD'],
  ] as [string, PullOptions, object | string][])('%s', (text, options, want) => {
    const read = pullFieldHeader(readerOf(text), options)
    expect(read.ok ? read.value : read.error).toEqual(want)
  })
})

describe('values', () => {
  test('with and without a mask', () => {
    const wide = fc.bigInt(0n, (1n << 128n) - 1n)
    const narrow = onWire.filter(name => oxmField(name).kind !== 'port')
    fc.assert(
      fc.property(fc.constantFrom(...narrow), anyVersion, wide, wide, fc.boolean(), (field, version, v, m, bare) => {
        const wire = (1n << BigInt(8 * oxmField(field).size)) - 1n
        const mask = bare ? undefined : m & wire
        const value = v & wire & (mask ?? -1n)
        const out = new Writer()
        putField(out, field, value, mask, version)
        const read = pullField(new Reader(out.done()))
        const isFull = mask === wire || mask === fullMask(field)
        expect(read).toEqual({ ok: true, value: { field, value, mask: isFull ? undefined : mask } })
      }),
    )
  })
  test('a port is the same in 16 and in 32 bits', () => {
    const written = (field: 'in_port' | 'in_port_oxm'): string => {
      const out = new Writer()
      putField(out, field, 0xfffen, undefined, 4)
      return hex(out.done())
    }
    expect(written('in_port')).toBe('00000002fffe')
    expect(written('in_port_oxm')).toBe('80000004fffffffe')
    expect(pullField(readerOf('80000004 fffffffe'))).toMatchObject({ value: { value: 0xfffen } })
    expect(pullField(readerOf('80000004 0001ffff'))).toEqual({ ok: false, error: 'OFPBMC_BAD_VALUE' })
    expect(pullField(readerOf('80000004 0001ffff'), { action: true })).toEqual({
      ok: false,
      error: 'OFPBAC_BAD_SET_ARGUMENT',
    })
  })
  test.each([
    ['00010204 0000', {}, 'OFPBMC_BAD_LEN'],
    ['00010308 00000002 00000001', {}, 'OFPBMC_BAD_WILDCARDS'],
    ['00010308 00000001 00000001', { maskable: false }, 'OFPBMC_BAD_MASK'],
    ['00020204 00000001', {}, 'OFPBMC_BAD_FIELD'],
    ['12342e01 00', { action: true }, 'OFPBAC_BAD_SET_TYPE'],
    ['00010203 0000', { action: true }, 'OFPBAC_BAD_SET_LEN'],
    ['00010204 0000', { action: true }, 'OFPBMC_BAD_LEN'],
  ] as [string, PullOptions, string][])('%s', (text, options, error) => {
    expect(pullField(readerOf(text), options)).toEqual({ ok: false, error })
  })
  test('of a tunnel option only what is not zero', () => {
    const out = new Writer()
    putField(out, 'tun_metadata0', 0x12n, undefined, 4)
    putField(out, 'tun_metadata1', 0n, 0xff00n, 4)
    expect(hex(out.done())).toBe('000150011200015304' + '0000ff00')
  })
})

test('any bytes give a field or an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (bytes, action) => {
      pullField(new Reader(bytes), { action })
      pullFieldHeader(new Reader(bytes), { action, maskable: !action })
    }),
    { numRuns: 2000 },
  )
})
