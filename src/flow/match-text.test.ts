import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatFieldValue, parseFieldValue } from './field-text.ts'
import { type FieldName, field, fieldNames, fullMask } from './fields.ts'
import { equals, matchOf, newMatch, setField } from './match.ts'
import { formatMatch, isMatchWord, normalize, parseMatch, parseMatchField } from './match-text.ts'
import { parsedByOvs } from './ovs-ofctl.testing.ts'

describe('as ovs-ofctl', () => {
  test.each(parsedByOvs.map(([text, printed, notes = []]) => ({ text, printed, notes })))(
    '$text',
    ({ text, printed, notes }) => {
      const parsed = parseMatch(text)
      if (typeof printed !== 'string' || 'wrong' in parsed) {
        expect(parsed).toEqual(printed)
        return
      }
      const { match, notes: said } = normalize(parsed.match)
      expect(formatMatch(match)).toBe(printed)
      expect(said).toEqual(notes)
    },
  )
})

describe('fields one by one', () => {
  const cases = fieldNames.filter(name => !name.startsWith('tun_metadata'))
  test.each(cases)('%s: what is printed is read back', name => {
    const width = Math.min(field(name).bits, field(name).wireBits ?? 992)
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << BigInt(width)) - 1n }), value => {
        const exact = value & fullMask(name)
        if (field(name).format === 'port' && exact > 0xff00n) return
        if (field(name).format === 'frag' && exact === 2n) return
        const text = formatFieldValue(name, exact, fullMask(name))
        expect(parseFieldValue(name, text)).toMatchObject({ value: exact })
      }),
      { numRuns: 20 },
    )
  })
  test('masks too, where a field has them', () => {
    const masked = cases.filter(name => field(name).maskable && field(name).format !== 'frag')
    fc.assert(
      fc.property(
        fc.constantFrom(...masked),
        fc.bigInt(0n, (1n << 128n) - 1n),
        fc.bigInt(0n, (1n << 128n) - 1n),
        (name, v, m) => {
          const mask = (m & fullMask(name)) | 1n
          const value = v & mask
          const text = formatFieldValue(name, value, mask)
          // Open vSwitch tells such masks of IPv6, too, and does not read them.
          fc.pre(field(name).format !== 'ipv6' || !/\/[0-9]+[^0-9]/.test(text))
          const read = parseFieldValue(name, text)
          if ('wrong' in read) throw new Error(read.wrong)
          const [a, b] = [newMatch(), newMatch()]
          setField(a, name, value, mask)
          setField(b, name, read.value & fullMask(name), read.mask & fullMask(name))
          expect(equals(a, b)).toBe(true)
        },
      ),
    )
  })
})

test('any text gives a match or a complaint, and a complaint changes nothing', () => {
  const word = fc.constantFrom<string>(...fieldNames, 'ip', 'tcp', 'dl_vlan', 'nw_src', 'reg0[3..1]', 'reg0[99]', 'x')
  fc.assert(
    fc.property(word, fc.option(fc.string(), { nil: undefined }), (name, value) => {
      const match = newMatch()
      if (parseMatchField(name, value, match) !== undefined) expect(equals(match, newMatch())).toBe(true)
    }),
    { numRuns: 2000 },
  )
})

test('words of a match, and of the flow around it', () => {
  for (const word of ['ip', 'nw_src', 'ip_src', 'reg3', 'NXM_OF_IP_SRC[]', 'tun_metadata63', 'reg0[0..3]'])
    expect(isMatchWord(word)).toBe(true)
  for (const word of ['priority', 'table', 'actions', 'cookie', 'toString', '']) expect(isMatchWord(word)).toBe(false)
})

test('ports by name', () => {
  const match = newMatch()
  expect(
    parseMatchField('in_port', 'veth0', match, { portNumber: name => (name === 'veth0' ? 7 : undefined) }),
  ).toBeUndefined()
  expect(formatMatch(match)).toBe('in_port=7')
  expect(formatMatch(match, { portName: port => (port === 7 ? 'veth0' : undefined) })).toBe('in_port=veth0')
})

test('two tags, as a packet has them', () => {
  const match = newMatch()
  match.mask[4] = 0xffff
  match.mask[5] = 0xffff
  match.key[4] = 0x1064
  expect(formatMatch(match)).toBe('dl_vlan=100,dl_vlan_pcp=0,vlan_tci1=0x0000')
})

test('a normal match is left alone', () => {
  const match = matchOf({ eth_type: 0x0800n, nw_proto: 17n, udp_dst: 53n })
  const { match: out, notes } = normalize(match)
  expect(equals(out, match)).toBe(true)
  expect(notes).toEqual([])
})

const wide: FieldName[] = ['ct_label', 'xxreg3', 'ipv6_dst', 'tun_ipv6_src', 'nd_target']
test.each(wide)('%s keeps all of its 128 bits', name => {
  const match = newMatch()
  setField(match, name, fullMask(name))
  expect(match.key.reduce((count, word) => count + (word === 0xffffffff ? 1 : 0), 0)).toBe(4)
})
