/** The field table made ready for the wire: one object a field, with its headers by version and its place in numbers. */
import { type Code, type Field, type FieldName, field, fieldNames } from '../flow/fields.ts'
import { wideMasks } from '../flow/match.ts'
import { optionNumber } from '../flow/tlv.ts'
import type { Version } from './protocol.ts'

/** Which headers are preferred: those of a version, or with 0 those of NXM where there are such. */
export type OxmVersion = 0 | Version

/** One way to write a field: the first word with neither mask nor length, and the experimenter of class 0xffff, or 0. */
export type OxmHead = { readonly first: number; readonly experimenter: number; readonly code: Code }

/**
 * How a field's bytes become words of a key. `narrow`: bits of one word; `port`: the same, and a number that 1.1 and later
 * have in 32 bits; `wide`: whole words, and what is above them (a MAC's, in the halves of words); `option`: a tunnel's.
 */
export type OxmKind = 'narrow' | 'port' | 'wide' | 'option'

export type OxmField = {
  readonly name: FieldName
  readonly row: Field
  readonly kind: OxmKind
  /** The word with the least significant bit, and that bit. */
  readonly index: number
  readonly low: number
  /** Bytes on the wire; the most that there may be of an option. */
  readonly size: number
  /** Of a narrow field: the bits that a match keeps, and those that a value may not have, both from bit 0. */
  readonly keeps: number
  readonly forbidden: number
  /** Of a narrow field: a mask that has these is a full one. */
  readonly full: number
  /** What then is the mask of the match, if not that. */
  readonly wide: number | undefined
  /** Which bits of the mask are looked at only if they are set in the value: Open vSwitch's way with some tunnel fields. */
  readonly onesOnly: boolean
  /** Whether it is one of a pipeline, not of a packet (OpenFlow 1.5.1 §7.2.3.9). */
  readonly pipeline: boolean
  readonly maskable: boolean
  readonly option: number
  /** By `OxmVersion`; empty for a field that the wire does not have. */
  readonly heads: readonly OxmHead[]
}

const rank = (code: Code): number => (code.openflow === undefined ? 0 : Number(code.openflow.slice(2)) + 1)

/** The newest code that a version has; if there is none, the oldest. */
const codeFor = (codes: readonly Code[], version: number): Code => {
  const sorted = codes.toSorted((a, b) => rank(a) - rank(b))
  return sorted.findLast(code => rank(code) <= version) ?? sorted[0]!
}

const headOf = (code: Code): OxmHead => ({
  first: ((code.class << 16) | (code.number << 9)) >>> 0,
  experimenter: code.experimenter ?? 0,
  code,
})

const ones = (bits: number): number => (bits >= 32 ? 0xffffffff : 2 ** bits - 1)

const pipelineWords = (name: FieldName): boolean => /^(tun_|x{0,2}reg|in_port|metadata$|packet_type$)/.test(name)
const onesOnly = new Set<FieldName>([
  'tun_erspan_ver',
  'tun_erspan_dir',
  'tun_erspan_hwid',
  'tun_gtpu_flags',
  'tun_gtpu_msgtype',
])
/** Fields whose mask never counts as full on the wire, as Open vSwitch keeps fewer bits than that has. */
const neverFull = new Set<FieldName>(['ct_state', 'tun_flags'])

const kindOf = (name: FieldName, row: Field): OxmKind => {
  if (optionNumber(name) !== undefined) return 'option'
  if (row.format === 'port') return 'port'
  return row.at[1] + row.bits <= 32 ? 'narrow' : 'wide'
}

const prepare = (name: FieldName): OxmField => {
  const row = field(name)
  const { bits, wireBits = bits, room = bits, valid, codes = [] } = row
  const kind = kindOf(name, row)
  const counted = valid ?? ones(bits)
  return {
    name,
    row,
    kind,
    index: row.at[0],
    low: row.at[1],
    size: wireBits / 8,
    keeps: name === 'ipv6_label' ? 0xffffffff : (valid ?? ones(room)),
    // ERSPAN's fields take what does not fit them.
    forbidden: name.startsWith('tun_erspan') ? 0 : (~counted & ones(wireBits)) >>> 0,
    full: neverFull.has(name) ? ones(wireBits) : name === 'ipv6_label' ? counted : (valid ?? ones(room)),
    wide: wideMasks[name],
    onesOnly: onesOnly.has(name),
    pipeline: pipelineWords(name),
    maskable: row.maskable === true,
    option: optionNumber(name) ?? -1,
    heads: codes.length === 0 ? [] : [0, 1, 2, 3, 4, 5, 6].map(version => headOf(codeFor(codes, version))),
  }
}

const byName = new Map(fieldNames.map(name => [name, prepare(name)]))

/** A field as the wire has it. */
export const oxmField = (name: FieldName): OxmField => byName.get(name)!

const byCode = new Map<number, OxmField>()
for (const it of byName.values())
  for (const { class: oxmClass, number, experimenter } of it.row.codes ?? [])
    byCode.set(experimenter === undefined ? oxmClass * 128 + number : (experimenter + 0x10000) * 128 + number, it)

/** The field of a header: its first word, and the experimenter of class 0xffff. Lengths are not looked at. */
export const oxmOf = (first: number, experimenter: number): OxmField | undefined =>
  byCode.get(first >>> 16 === 0xffff ? (experimenter + 0x10000) * 128 + ((first >>> 9) & 127) : first >>> 9)

/** MACs lie in two words: with `low` 0 all of the last and half of the one before, with 16 the other way round. */
export const isMac = ({ row }: OxmField): boolean => row.format === 'ethernet'

/** NXM_NX_COOKIE, which stands among the fields of a flow's match without being one; 8 bytes. */
export const cookieHeader = 0x00013c08
export const cookieMaskHeader = 0x00013d10
