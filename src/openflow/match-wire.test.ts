import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { equals, type Match, newMatch } from '../flow/match.ts'
import { formatMatch, normalize, parseMatch } from '../flow/match-text.ts'
import { type TlvLayout, tlvFields } from '../flow/tlv.ts'
import { Reader, Writer } from './bytes.ts'
import {
  decodeMatch,
  encodeMatch,
  type MatchOptions,
  pullFields,
  pullNxMatch,
  putFields,
  putNxMatch,
} from './match-wire.ts'
import type { Version } from './protocol.ts'

const matchOf = (text: string): Match => {
  const parsed = parseMatch(text)
  if ('wrong' in parsed) throw new Error(parsed.wrong)
  return normalize(parsed.match).match
}
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const encoded = (match: Match, version: Version): Uint8Array => {
  const out = new Writer()
  encodeMatch(out, match, version)
  return out.done()
}

// As `ovs-ofctl parse-nxm -m` and `parse-oxm` write them.
describe('bytes of Open vSwitch', () => {
  test.each([
    ['tcp,nw_dst=10.0.0.0/8,tp_dst=80', 0, '00000602 0800 00001108 0a000000 ff000000 00000c01 06 00001402 0050'],
    ['dl_vlan=5', 0, '00000904 1005 1fff'],
    ['dl_vlan=5,dl_vlan_pcp=3', 4, '80000c02 1005 80000e01 03'],
    ['in_port=LOCAL', 4, '80000004 fffffffe'],
    ['tun_id=5', 0, '00012008 0000000000000005'],
    ['tun_id=5', 3, '00012008 0000000000000005'],
    ['tun_id=5', 4, '80004c08 0000000000000005'],
    ['reg1=7', 6, '80010110 0000000000000007 00000000ffffffff'],
    ['eth', 4, '80005804 00000000'],
    ['packet_type=(1,0x800),nw_proto=6', 6, '80005804 00010800 80001401 06'],
  ] as const)('%s in version %i', (text, version, want) => {
    const out = new Writer()
    const length = putFields(out, matchOf(text), version)
    expect(hex(out.done())).toBe(want.replaceAll(' ', ''))
    expect(length).toBe(out.at)
  })
})

const item = fc.oneof(
  fc.nat(65000).map(n => `in_port=${n}`),
  fc.tuple(fc.nat(15), fc.nat(0xffffffff), fc.nat(0xffffffff)).map(([r, v, m]) => `reg${r}=${v}/${m}`),
  fc.bigInt(0n, (1n << 128n) - 1n).map(v => `ct_label=0x${v.toString(16)}/0xffff00000000ffff0000ffff00000000`),
  fc.bigInt(0n, (1n << 128n) - 1n).map(v => `xxreg2=0x${v.toString(16)}`),
  fc.nat(0xffffff).map(v => `dl_src=02:00:00:00:${(v >>> 8) & 15}:${v & 15}/ff:ff:00:00:0f:ff`),
  fc.nat(4095).map(v => `dl_vlan=${v}`),
  fc.nat(7).map(v => `dl_vlan_pcp=${v}`),
  fc.nat(0xffff).map(v => `metadata=${v}`),
  fc.tuple(fc.nat(63), fc.bigInt(1n, (1n << 64n) - 1n)).map(([n, v]) => `tun_metadata${n}=${v}`),
)
const packet = fc.constantFrom(
  'ip,nw_src=10.1.2.0/24,nw_ttl=3,nw_frag=no',
  'tcp,tp_src=80,tp_dst=0x50/0xf0,tcp_flags=+syn-ack',
  'udp6,ipv6_src=fe80::/10,ipv6_label=5,nw_ecn=1',
  'icmp6,icmp_type=135,icmp_code=0,nd_target=fe80::1,nd_sll=02:00:00:00:00:01,nd_options_type=1',
  'arp,arp_op=1,arp_spa=10.0.0.1,arp_tha=02:00:00:00:00:01',
  'mpls,mpls_label=5,mpls_tc=3,mpls_bos=1,mpls_ttl=9',
  'dl_type=0x894f,nsh_mdtype=1,nsh_spi=5,nsh_c1=3/7',
  'ct_state=+trk+new,ct_nw_proto=6,ct_tp_src=3/0xf',
  'ct_state=-inv+trk,ct_nw_proto=6,ct_tp_src=3',
)
/** A field is said once: what comes later replaces, and of tunnel options is refused. */
const anyMatch = fc.tuple(packet, fc.array(item, { maxLength: 5 })).map(([base, items]) => {
  const seen = new Map(items.map(text => [text.split('=')[0], text]))
  return matchOf([base, ...seen.values()].join(','))
})

describe('round trips', () => {
  test('OXM of every version since 1.2', () => {
    fc.assert(
      fc.property(anyMatch, fc.constantFrom<Version>(3, 4, 5, 6), (match, version) => {
        const bytes = encoded(match, version)
        expect(bytes.length % 8).toBe(0)
        const reader = new Reader(bytes)
        const back = decodeMatch(reader, version)
        if (!back.ok) throw new Error(`${back.error}: ${formatMatch(match)}`)
        expect(formatMatch(back.value)).toBe(formatMatch(match))
        expect(equals(back.value, match)).toBe(true)
        expect(reader.left).toBe(0)
      }),
    )
  })
  test('nx_match, with a cookie', () => {
    const any64 = fc.bigInt(0n, (1n << 64n) - 1n)
    fc.assert(
      fc.property(anyMatch, any64, any64, (match, value, cookieMask) => {
        const out = new Writer()
        const cookie = value & cookieMask
        const length = putNxMatch(out, match, { cookie, cookieMask })
        expect(out.at).toBe((length + 7) & ~7)
        const back = pullNxMatch(new Reader(out.done()), length, { cookie: true })
        if (!back.ok) throw new Error(back.error)
        expect(back.value).toMatchObject({ cookie, cookieMask })
        expect(equals(back.value.match, match)).toBe(true)
      }),
    )
  })
  test('the fixed rows say the same when they are said again: at the second time nothing more is left out', () => {
    fc.assert(
      fc.property(anyMatch, fc.constantFrom<Version>(1, 2), (match, version) => {
        const again = (bytes: Uint8Array): Uint8Array => {
          const read = decodeMatch(new Reader(bytes), version)
          if (!read.ok) throw new Error(read.error)
          return encoded(read.value, version)
        }
        const once = encoded(match, version)
        expect(once.length).toBe(version === 1 ? 40 : 88)
        const twice = again(once)
        expect(hex(again(twice))).toBe(hex(twice))
      }),
    )
  })
})

describe('what is refused', () => {
  const error = (text: string, options: MatchOptions = {}): string => {
    const read = pullFields(new Reader(bytesOf(text)), options)
    return read.ok ? 'ok' : read.error
  }
  // As `ovs-ofctl --strict parse-nxm` decides.
  test.each([
    ['00000002', 'OFPBMC_BAD_LEN'],
    ['000000', 'OFPBMC_BAD_LEN'],
    ['ffff0004 0000', 'OFPBMC_BAD_LEN'],
    ['ffff0002 00002320', 'OFPBMC_BAD_LEN'],
    ['00000803 112233', 'OFPBMC_BAD_FIELD'],
    ['00001202 0050', 'OFPBMC_BAD_PREREQ'],
    ['00000002 0001 00000002 0001', 'OFPBMC_DUP_FIELD'],
    ['00000602 0800 00000e08 01020304 ffffff00', 'OFPBMC_BAD_FIELD'],
    ['00000602 0800 00000f08 01020304 ffffff00', 'OFPBMC_BAD_WILDCARDS'],
    ['00000704 0800 ff00', 'OFPBMC_BAD_MASK'],
    ['00000704 0800 ffff', 'ok'],
    ['80000c02 2fff', 'OFPBMC_BAD_VALUE'],
    ['80000004 00010000', 'OFPBMC_BAD_VALUE'],
    ['00000602 0800 80005804 00010800', 'OFPBMC_DUP_FIELD'],
    ['00013c08 0000000000000001', 'OFPBMC_BAD_FIELD'],
  ])('%s: %s', (text, want) => {
    expect(error(text)).toBe(want)
  })
  test('loosely, unknown fields are passed over and no prerequisites asked for', () => {
    expect(error('00001202 0050', { loose: true })).toBe('ok')
    expect(error('00000803 112233 00000002 0001', { loose: true })).toBe('ok')
    expect(error('00000803 1122', { loose: true })).toBe('OFPBMC_BAD_LEN')
  })
  test('a cookie only once', () => {
    expect(error('00013c08 0000000000000001', { cookie: true })).toBe('ok')
    expect(error('00013c08 0000000000000001 00013c08 0000000000000001', { cookie: true })).toBe('OFPBMC_DUP_FIELD')
  })
  test('fields of a packet, where only those of the pipeline may stand', () => {
    expect(error('80000004 00000001 00010004 00000007', { pipelineOnly: true })).toBe('ok')
    expect(error('80000a02 0800', { pipelineOnly: true })).toBe('OFPBRC_PIPELINE_FIELDS_ONLY')
  })
  test.each([
    ['0002 0008 00000000', 'OFPBMC_BAD_TYPE'],
    ['0001 0003 00000000', 'OFPBMC_BAD_LEN'],
    ['0001 0009 0000000000', 'OFPBMC_BAD_LEN'],
    ['0000 0058 0000', 'OFPBMC_BAD_LEN'],
    ['0001', 'OFPBMC_BAD_LEN'],
  ])('an ofp_match of %s: %s', (text, want) => {
    expect(decodeMatch(new Reader(bytesOf(text)), 4)).toEqual({ ok: false, error: want })
  })
})

describe("a bridge's tunnel options", () => {
  const place = { length: 8, pieces: [{ offset: 16, length: 8 }] }
  const tlv: TlvLayout = {
    places: Array.from({ length: tlvFields }, (_, i) => (i === 3 ? place : undefined)),
    own: false,
  }
  test('lie where its table says', () => {
    const read = pullFields(new Reader(bytesOf('00015604 12345678')), { tlv })
    if (!read.ok) throw new Error(read.error)
    expect(formatMatch(read.value.match)).toBe('tun_metadata3=0x12345678')
    const out = new Writer()
    putFields(out, read.value.match, 0)
    expect(hex(out.done())).toBe('000156080000000012345678')
  })
  test('take the first bytes of a value that is longer', () => {
    // As `dump-flows` shows tun_metadata0=0x123456789 of a table that gives it four bytes.
    const four: TlvLayout = { places: [{ length: 4, pieces: [{ offset: 0, length: 4 }] }], own: false }
    const read = pullFields(new Reader(bytesOf('00015005 0123456789')), { tlv: four })
    if (!read.ok) throw new Error(read.error)
    expect(formatMatch(read.value.match)).toBe('tun_metadata0=0x1234567')
  })
  test('others are refused', () => {
    expect(pullFields(new Reader(bytesOf('00015804 12345678')), { tlv })).toEqual({
      ok: false,
      error: 'NXFMFC_INVALID_TLV_FIELD',
    })
  })
})

test('any bytes give a match or an error, and a match can be written', () => {
  const head = fc.tuple(fc.constantFrom(0, 1, 0x8000, 0x8001, 0xffff, 0x1000), fc.nat(127), fc.boolean(), fc.nat(40))
  const likely = head.chain(([oxmClass, number, masked, length]) =>
    fc.tuple(
      fc.constant([oxmClass >>> 8, oxmClass & 255, (number << 1) | (masked ? 1 : 0), length]),
      fc.uint8Array({ maxLength: 44 }).map(bytes => [...bytes]),
    ),
  )
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc.array(likely, { maxLength: 5 }).map(parts => Uint8Array.from(parts.flat(2))),
  )
  fc.assert(
    fc.property(bytes, fc.boolean(), fc.constantFrom<Version>(1, 2, 3, 4, 5, 6), (data, loose, version) => {
      for (const read of [pullFields(new Reader(data), { loose, cookie: true })])
        if (read.ok) putNxMatch(new Writer(), read.value.match, read.value)
      const read = decodeMatch(new Reader(data), version, { loose })
      if (read.ok) encodeMatch(new Writer(), read.value, version)
    }),
    { numRuns: 3000 },
  )
})

test('an empty match', () => {
  expect(hex(encoded(newMatch(), 4))).toBe('0001000400000000')
  expect(hex(encoded(newMatch(), 1))).toBe(`003820ff${'00'.repeat(36)}`)
})
