import { type FieldName, field, fieldCoded } from '../../flow/fields.ts'
import { actionBits, actionsOfBits, instructionBits, instructionsOfBits } from '../action-set.ts'
import type { Reader, Writer } from '../bytes.ts'
import { readWhole, writeCount } from '../counter.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import type { TableFeatures, TableStats } from '../message.ts'
import { headerNameIn } from '../oxm.ts'
import type { Warn } from '../port-text.ts'
import type { Version } from '../protocol.ts'
import { formatTables } from '../table-features-text.ts'
import { emptySide, inOrder } from '../table-features-wire.ts'
import type { MessageCodec } from './codec.ts'
import { formOf, listBody, statsForm, takeList } from './stats.ts'
import { missBits, missOf } from './table-mod.ts'

const forms = [statsForm('TABLE', 'reply', 3, 1)]
const nameSize = 32

/** ofp10_table_stats, ofp11_table_stats, ofp12_table_stats, ofp13_table_stats. */
const sizes: readonly number[] = [0, 64, 88, 128, 24, 24, 24]

/** OFPFW10_* and OFPFMF11_*: bits that stand for fields. 1.0's for addresses are six bits each, of which the value counts. */
const bits10: readonly (readonly [mask: number, name: FieldName])[] = [
  [1 << 0, 'in_port'],
  [1 << 1, 'vlan_vid'],
  [1 << 2, 'eth_src'],
  [1 << 3, 'eth_dst'],
  [1 << 4, 'eth_type'],
  [1 << 5, 'nw_proto'],
  [1 << 6, 'tcp_src'],
  [1 << 7, 'tcp_dst'],
  [0x3f << 8, 'ip_src'],
  [0x3f << 14, 'ip_dst'],
  [1 << 20, 'vlan_pcp'],
  [1 << 21, 'nw_tos'],
]
const bits11: readonly (readonly [mask: number, name: FieldName])[] = [
  [1 << 0, 'in_port'],
  [1 << 1, 'vlan_vid'],
  [1 << 2, 'vlan_pcp'],
  [1 << 3, 'eth_type'],
  [1 << 4, 'nw_tos'],
  [1 << 5, 'nw_proto'],
  [1 << 6, 'tcp_src'],
  [1 << 7, 'tcp_dst'],
  [1 << 8, 'mpls_label'],
  [1 << 9, 'mpls_tc'],
  [1 << 11, 'eth_src'],
  [1 << 12, 'eth_dst'],
  [1 << 13, 'ip_src'],
  [1 << 14, 'ip_dst'],
  [1 << 15, 'metadata'],
]
type Bits = typeof bits10

const fieldsOf = (bits: number, table: Bits): FieldName[] =>
  inOrder(new Set(table.filter(([mask]) => (bits & mask) !== 0).map(([, name]) => name)))
const bitsOf = (names: readonly FieldName[], table: Bits): number =>
  table.reduce((bits, [mask, name]) => (names.includes(name) ? bits | mask : bits), 0)

/** 1.2 has a bit for each field of OXM's own class. */
const oxmClass = 0x8000
/** OFPXMT12_*: how many fields 1.2 has. */
const fields12 = 36
const fieldsOf12 = (bits: bigint): FieldName[] => {
  const names = new Set<FieldName>()
  for (let number = 0; number < fields12; number++) {
    const name = ((bits >> BigInt(number)) & 1n) === 1n ? fieldCoded(oxmClass, number) : undefined
    if (name !== undefined) names.add(name)
  }
  return inOrder(names)
}
const bitsOf12 = (names: readonly FieldName[]): bigint =>
  names.reduce((bits, name) => {
    const header = headerNameIn(name, 3)
    const code = field(name).codes?.find(each => each.name === header)
    return code?.class === oxmClass && code.number < 64 ? bits | (1n << BigInt(code.number)) : bits
  }, 0n)

const featuresOf = (table: number, name: string): TableFeatures => ({
  table,
  name,
  metadataMatch: 0n,
  metadataWrite: 0n,
  miss: undefined,
  supportsEviction: false,
  supportsVacancy: false,
  max: 0,
  nonMiss: emptySide,
  miss_: emptySide,
  match: [],
  mask: [],
  wildcard: [],
})

type Head = Pick<TableStats, 'table' | 'name'>
const takeHead = (bytes: Reader, padding: number): Head => {
  const table = bytes.u8()
  bytes.skip(padding)
  return { table, name: bytes.text(nameSize) }
}

const takeCounts = (bytes: Reader): Pick<TableStats, 'active' | 'lookups' | 'matched'> => ({
  active: bytes.u32(),
  lookups: readWhole(bytes),
  matched: readWhole(bytes),
})

const take10 = (bytes: Reader): TableStats => {
  const { table, name } = takeHead(bytes, 3)
  const wildcard = fieldsOf(bytes.u32(), bits10)
  const max = bytes.u32()
  return {
    table,
    name,
    max,
    ...takeCounts(bytes),
    features: { ...featuresOf(table, name), max, match: wildcard, wildcard },
  }
}

const union = (a: readonly FieldName[], b: readonly FieldName[]): FieldName[] => inOrder(new Set([...a, ...b]))

const take11 = (bytes: Reader, warn: Warn): TableStats => {
  const { table, name } = takeHead(bytes, 7)
  const wildcard = fieldsOf(bytes.u32(), bits11)
  const match = union(fieldsOf(bytes.u32(), bits11), wildcard)
  const instructions = instructionsOfBits(bytes.u32(), 2)
  const actions = actionsOfBits(bytes.u32(), 2)
  // Open vSwitch takes what can be written for what can be applied.
  bytes.skip(4)
  const miss = missOf(bytes.u32(), warn)
  const max = bytes.u32()
  const side = { ...emptySide, instructions, writeActions: actions, applyActions: actions }
  const features = { ...featuresOf(table, name), miss, max, match, wildcard, nonMiss: side, miss_: side }
  return { table, name, max, ...takeCounts(bytes), features }
}

const take12 = (bytes: Reader, warn: Warn): TableStats => {
  const { table, name } = takeHead(bytes, 7)
  const matched = fieldsOf12(bytes.u64())
  const wildcard = fieldsOf12(bytes.u64())
  const [writeActions, applyActions] = [actionsOfBits(bytes.u32(), 3), actionsOfBits(bytes.u32(), 3)]
  const [writeSetFields, applySetFields] = [fieldsOf12(bytes.u64()), fieldsOf12(bytes.u64())]
  const [metadataMatch, metadataWrite] = [bytes.u64(), bytes.u64()]
  const instructions = instructionsOfBits(bytes.u32(), 3)
  const miss = missOf(bytes.u32(), warn)
  const max = bytes.u32()
  const side = { next: [], instructions, writeActions, applyActions, writeSetFields, applySetFields }
  const features = {
    ...featuresOf(table, name),
    metadataMatch,
    metadataWrite,
    miss,
    max,
    nonMiss: side,
    miss_: side,
    match: union(matched, wildcard),
    wildcard,
  }
  return { table, name, max, ...takeCounts(bytes), features }
}

const take13 = (bytes: Reader): TableStats => {
  const table = bytes.u8()
  bytes.skip(3)
  return { table, name: '', max: 0, ...takeCounts(bytes), features: featuresOf(table, '') }
}

const takeStats = (bytes: Reader, version: Version, warn: Warn): Decoded<TableStats> => {
  if (bytes.left < (sizes[version] as number)) return refused('OFPBRC_BAD_LEN')
  if (version === 1) return decoded(take10(bytes))
  if (version === 2) return decoded(take11(bytes, warn))
  return decoded(version === 3 ? take12(bytes, warn) : take13(bytes))
}

const putCounts = (stats: TableStats, out: Writer): void => {
  out.u32(stats.active)
  writeCount(stats.lookups, out)
  writeCount(stats.matched, out)
}

const putHead = (stats: TableStats, out: Writer, padding: number): void => {
  out.u8(stats.table)
  out.zeros(padding)
  out.text(stats.name, nameSize)
}

const put11 = ({ features, max }: TableStats, out: Writer): void => {
  out.u32(bitsOf(features.wildcard, bits11))
  out.u32(bitsOf(features.match, bits11))
  out.u32(instructionBits(features.nonMiss.instructions, 2))
  out.u32(actionBits(features.nonMiss.writeActions, 2))
  out.u32(actionBits(features.nonMiss.applyActions, 2))
  out.u32(missBits(features.miss))
  out.u32(max)
}

const put12 = ({ features, max }: TableStats, out: Writer): void => {
  const { nonMiss } = features
  out.u64(bitsOf12(features.match))
  out.u64(bitsOf12(features.wildcard))
  out.u32(actionBits(nonMiss.writeActions, 3))
  out.u32(actionBits(nonMiss.applyActions, 3))
  out.u64(bitsOf12(nonMiss.writeSetFields))
  out.u64(bitsOf12(nonMiss.applySetFields))
  out.u64(features.metadataMatch)
  out.u64(features.metadataWrite)
  out.u32(instructionBits(nonMiss.instructions, 3))
  out.u32(missBits(features.miss))
  out.u32(max)
}

const putStats = (stats: TableStats, out: Writer, version: Version): void => {
  if (version === 1) {
    putHead(stats, out, 3)
    out.u32(bitsOf(stats.features.wildcard, bits10))
    out.u32(stats.max)
  } else if (version === 2) {
    putHead(stats, out, 7)
    put11(stats, out)
  } else if (version === 3) {
    putHead(stats, out, 7)
    put12(stats, out)
  } else {
    out.u8(stats.table)
    out.zeros(3)
  }
  putCounts(stats, out)
}

/** OFPST_TABLE. Up to 1.2 it says what the tables can do; 1.3 has OFPMP_TABLE_FEATURES for that. */
export const tableReply: MessageCodec<'table_reply'> = {
  type: 'table_reply',
  forms,
  choose: (_, speech) => formOf(forms, speech),
  encode({ tables }, out, { version }) {
    for (const stats of tables) putStats(stats, out, version)
  },
  decode(bytes, { version, warn }) {
    const read = takeList(bytes, reader => takeStats(reader, version, warn))
    return listBody({ type: 'table_reply', tables: read.items }, read)
  },
  print: (body, { version }) =>
    formatTables(
      body.tables.map(stats => ({ features: stats.features, counts: stats })),
      version,
    ),
}
