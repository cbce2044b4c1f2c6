import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatMatch, normalize, parseMatch } from '../flow/match-text.ts'
import { Reader, Writer } from './bytes.ts'
import { asSuch, asText, type MatchText, putMatch } from './flow-taker.ts'
import { FlowTexts } from './flow-texts.ts'
import type { MatchMemo } from './match-memo.ts'
import { encodeMatch, putNxMatch } from './match-wire.ts'
import type { Version } from './protocol.ts'
import { TextBytes } from './text-bytes.ts'

const names = (port: number): string | undefined => (port % 3 === 0 ? `eth${port}` : undefined)
const named = { name: names, number: () => undefined }
const port = fc.oneof(fc.nat(7), fc.constantFrom(0, 0xfeff, 0xfff8, 0xfffe))
const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map(parts => parts.join('.'))
const mac = fc
  .tuple(fc.nat(255), fc.nat(255), fc.nat(255))
  .map(parts => `02:00:00:${parts.map(part => part.toString(16)).join(':')}`)
const short = fc.nat(0xffff)
const long = fc.oneof(fc.nat(3), fc.nat(0xffffffff))

/** Matches of a few kinds, as tables have them. */
const text = fc.oneof(
  fc
    .tuple(port, octets, fc.constantFrom('', '/24', '/255.0.255.0', '/0'), short)
    .map(([p, ip, mask, tp]) => `udp,in_port=${p},nw_src=${ip}${mask},tp_dst=${tp}`),
  fc.tuple(octets, short, short).map(([ip, from, to]) => `tcp,nw_dst=${ip},tp_src=${from},tp_dst=${to}`),
  fc.tuple(short, fc.constantFrom('', '/0xff0')).map(([tp, mask]) => `sctp,tp_dst=${tp}${mask}`),
  fc.tuple(mac, mac, fc.nat(4095)).map(([from, to, vid]) => `dl_src=${from},dl_dst=${to},dl_vlan=${vid}`),
  fc.tuple(mac, octets).map(([hw, ip]) => `arp,arp_op=1,arp_spa=${ip},arp_sha=${hw}`),
  fc
    .tuple(long, long, long)
    .map(([a, b, c]) => `reg0=${a},reg3=${b}/0xff00ff,metadata=0x${a.toString(16)}${c.toString(16)},tun_id=${c}`),
  fc.tuple(long, port).map(([mark, p]) => `pkt_mark=${mark},actset_output=${p % 8},in_port=${p}`),
  fc.tuple(fc.constantFrom(135, 136, 1), mac).map(([type, hw]) => {
    const base = `icmp6,icmp_type=${type},icmp_code=0`
    return type === 1 ? base : `${base},${type === 135 ? 'nd_sll' : 'nd_tll'}=${hw}`
  }),
  fc
    .tuple(fc.bigInt(0n, (1n << 64n) - 1n), short)
    .map(([v, a]) => `xxreg2=${v},metadata=${a}/0xffff,tun_metadata1=${a}`),
)

/** The bytes of a match, and how long they are without their padding. */
const bytesOf = (line: string, version: 0 | Version): { bytes: Uint8Array; length: number } => {
  const parsed = parseMatch(line)
  if ('wrong' in parsed) throw new Error(parsed.wrong)
  const { match } = normalize(parsed.match)
  const out = new Writer()
  if (version === 0) return { length: putNxMatch(out, match), bytes: out.done() }
  encodeMatch(out, match, version)
  const bytes = out.done()
  return { bytes, length: (bytes[2]! << 8) | bytes[3]! }
}

const versions = [0, 1, 2, 3, 4, 5, 6] as const

const textOf = (memo: MatchMemo, match: MatchText): string => {
  const out = new TextBytes()
  putMatch(out, memo, match)
  return out.string()
}

/** A memo that has seen all the others of a run. */
const memos = versions.map(() => [new FlowTexts(), new FlowTexts(named)] as const)

test('the text of a match is the same however it is come by', () => {
  let known = 0
  let runs = 0
  const change = fc.option(fc.tuple(fc.nat(60), fc.nat(7)), { freq: 1 })
  fc.assert(
    fc.property(text, fc.constantFrom(...versions), fc.boolean(), change, (line, version, withNames, broken) => {
      const { bytes, length } = bytesOf(line, version)
      if (broken !== null) bytes[broken[0] % Math.max(bytes.length, 1)]! ^= 1 << broken[1]
      const texts = memos[version]![withNames ? 1 : 0]
      const memo = texts.matches
      if (memo.find(bytes, version === 0 ? 0 : 4, length) !== undefined) known++
      runs++
      const taken = (how: typeof asSuch | ReturnType<typeof asText>) => {
        const warnings: string[] = []
        const reader = new Reader(bytes)
        const context = {
          version: version || 1,
          warn: (_: string, words: string) => void warnings.push(words),
        } as const
        const got = version === 0 ? how.nx(reader, length, context) : how.standard(reader, context)
        if (!got.ok) return { error: got.error, warnings }
        const { value } = got
        const isText = typeof value === 'string' || 'shape' in value
        const text = isText ? textOf(memo, value) : formatMatch(value, withNames ? { portName: names } : {})
        return { text, warnings, at: reader.at }
      }
      expect(taken(asText(texts))).toEqual(taken(asSuch))
    }),
    { numRuns: 3000 },
  )
  // Otherwise nothing would be compared.
  expect(known / runs).toBeGreaterThan(0.25)
})

test('more shapes than there is room for are read', () => {
  const texts = new FlowTexts()
  for (let mask = 1; mask < 200; mask++)
    for (const value of [0, mask]) {
      const { bytes } = bytesOf(`reg1=${value}/${mask}`, 4)
      const got = asText(texts).standard(new Reader(bytes), { version: 4, warn: () => {} })
      const [digits, bits] = [value, mask].map(number => (number === 0 ? '0' : `0x${number.toString(16)}`))
      expect(got.ok && textOf(texts.matches, got.value)).toBe(`reg1=${digits}/${bits}`)
    }
})
