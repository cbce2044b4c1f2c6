/** ofp_table_features, 1.3 and later, and its properties. */
import { type FieldName, field, fieldNames } from '../flow/fields.ts'
import { actionNames, actionNumbers, instructionNames, instructionNumbers } from './action-set.ts'
import type { Reader, Writer } from './bytes.ts'
import { type Decoded, decoded, type OfErrorName, refused } from './error.ts'
import type { TableFeatures, TableSide } from './message.ts'
import { isOnWire, pullFieldHeader, putFieldHeader } from './oxm.ts'
import type { Warn } from './port-text.ts'
import { beginProperty, type Property, takeProperty } from './property.ts'
import type { Version } from './protocol.ts'

/** OFPTFPT_*; one more than each of the first eight is for table misses. */
const Tfp = {
  instructions: 0,
  nextTables: 2,
  writeActions: 4,
  applyActions: 6,
  match: 8,
  wildcards: 10,
  writeSetField: 12,
  applySetField: 14,
} as const
/** Those that a table must have. */
const required = [0, 2, 4, 6, 8, 10, 12, 14]

/** Without properties, bytes. */
const headSize = 64
const nameSize = 32
const maxTable = 254
/** OFPTC14_EVICTION, OFPTC14_VACANCY_EVENTS. */
const evictionBit = 4
const vacancyBit = 8
/** OFPTFC15_*. */
const commands = ['replace', 'modify', 'enable', 'disable'] as const

export const emptySide: TableSide = {
  next: [],
  instructions: [],
  writeActions: [],
  applyActions: [],
  writeSetFields: [],
  applySetFields: [],
}

/** The order in which Open vSwitch counts fields up: as the field table, but for the TTL of NSH. */
const order: readonly FieldName[] = [...fieldNames.filter(name => name !== 'nsh_ttl'), 'nsh_ttl']
export const inOrder = (names: ReadonlySet<FieldName>): FieldName[] => order.filter(name => names.has(name))

/** Reads the numbers of instructions or actions, each with its length; experimenters' are passed over. */
const takeIds = (bytes: Reader): Decoded<number[]> => {
  const numbers: number[] = []
  while (bytes.left > 0) {
    const start = bytes.at
    const number = bytes.u16()
    const length = bytes.u16()
    if (bytes.short || length < 4 || start + length > bytes.end) return refused('OFPBPC_BAD_LEN')
    bytes.at = start + length
    if (number < 64) numbers.push(number)
  }
  return decoded(numbers)
}

type Fields = { all: ReadonlySet<FieldName>; masked: ReadonlySet<FieldName> }

/** Reads headers of fields; those that no one knows are passed over. */
const takeFields = (bytes: Reader): Decoded<Fields> => {
  const all = new Set<FieldName>()
  const masked = new Set<FieldName>()
  while (bytes.left > 0) {
    const before = bytes.at
    const header = pullFieldHeader(bytes)
    if (!header.ok) {
      if (header.error === 'OFPBMC_BAD_LEN' || bytes.at === before) return header
      continue
    }
    all.add(header.value.field)
    if (header.value.hasMask) masked.add(header.value.field)
  }
  return decoded({ all, masked })
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type Taking = { table: Mutable<TableFeatures>; nonMiss: Mutable<TableSide>; miss: Mutable<TableSide> }

const takeOne = ({ type, bytes }: Property, to: Taking, version: Version): OfErrorName | undefined => {
  const side = type % 2 === 0 ? to.nonMiss : to.miss
  switch (type - (type % 2)) {
    case Tfp.instructions: {
      const ids = takeIds(bytes)
      if (!ids.ok) return ids.error
      side.instructions = instructionNames(ids.value, version)
      return undefined
    }
    case Tfp.nextTables:
      side.next = [...new Set(bytes.rest())].sort((a, b) => a - b)
      return undefined
    case Tfp.writeActions:
    case Tfp.applyActions: {
      const ids = takeIds(bytes)
      if (!ids.ok) return ids.error
      side[type < Tfp.applyActions ? 'writeActions' : 'applyActions'] = actionNames(ids.value, version)
      return undefined
    }
    default:
      return takeFieldProperty(type, bytes, to)
  }
}

const takeFieldProperty = (type: number, bytes: Reader, { table, nonMiss, miss }: Taking): OfErrorName | undefined => {
  const side = type % 2 === 0 ? nonMiss : miss
  const known = type === Tfp.match || type === Tfp.wildcards || (type >= Tfp.writeSetField && type <= 15)
  if (!known) return undefined
  const fields = takeFields(bytes)
  if (!fields.ok) return fields.error
  const names = inOrder(fields.value.all)
  if (type === Tfp.match) {
    table.match = names
    table.mask = inOrder(fields.value.masked)
  } else if (type === Tfp.wildcards) table.wildcard = names
  else side[type < Tfp.applySetField ? 'writeSetFields' : 'applySetFields'] = names
  return undefined
}

/** Takes a table's features off a message. */
export const decodeTableFeatures = (bytes: Reader, version: Version, warn: Warn): Decoded<TableFeatures> => {
  const start = bytes.at
  const length = bytes.u16()
  bytes.at = start
  if (length < headSize || length % 8 !== 0) return refused('OFPBPC_BAD_LEN')
  const entry = bytes.part(length)
  if (entry === undefined) return refused('OFPBPC_BAD_LEN')
  entry.skip(2)
  const number = entry.u8()
  if (number > maxTable) return refused('OFPTFFC_BAD_TABLE')
  const command = version === 6 ? commands[entry.u8()] : undefined
  if (version === 6 && command === undefined) return refused('OFPTFFC_BAD_COMMAND')
  if (version < 6) entry.skip(1)
  entry.skip(4)
  const name = entry.text(nameSize)
  const metadataMatch = entry.u64()
  const metadataWrite = entry.u64()
  const capabilities = entry.u32()
  const to: Taking = {
    table: {
      ...(command === undefined ? {} : { command }),
      table: number,
      name,
      metadataMatch,
      metadataWrite,
      miss: undefined,
      supportsEviction: version >= 5 && (capabilities & evictionBit) !== 0,
      supportsVacancy: version >= 5 && (capabilities & vacancyBit) !== 0,
      max: entry.u32(),
      nonMiss: emptySide,
      miss_: emptySide,
      match: [],
      mask: [],
      wildcard: [],
    },
    nonMiss: { ...emptySide },
    miss: { ...emptySide },
  }
  return takeProperties(entry, to, version, warn)
}

const takeProperties = (entry: Reader, to: Taking, version: Version, warn: Warn): Decoded<TableFeatures> => {
  const seen = new Set<number>()
  const none = entry.left === 0
  while (entry.left > 0) {
    const property = takeProperty(entry)
    if (!property.ok) return property
    const { type, experimenter } = property.value
    if (experimenter !== undefined) continue
    const error = takeOne(property.value, to, version)
    if (error !== undefined) return refused(error)
    seen.add(type)
  }
  fillMiss(seen, to)
  const missing = required.filter(type => !seen.has(type))
  if (missing.length > 0 && !(none && version === 6)) {
    warn(
      'ofp_table',
      `table features message missing ${missing.length} required properties, including property ${missing[0]}`,
    )
    return refused('OFPTFFC_BAD_FEATURES')
  }
  return decoded({ ...to.table, nonMiss: to.nonMiss, miss_: to.miss })
}

/** What is said of flows holds for table misses too, where those have no property of their own. */
const fillMiss = (seen: ReadonlySet<number>, { nonMiss, miss }: Taking): void => {
  if (!seen.has(Tfp.instructions + 1)) miss.instructions = nonMiss.instructions
  if (!seen.has(Tfp.nextTables + 1)) miss.next = nonMiss.next
  if (!seen.has(Tfp.writeActions + 1)) miss.writeActions = nonMiss.writeActions
  if (!seen.has(Tfp.applyActions + 1)) miss.applyActions = nonMiss.applyActions
  if (!seen.has(Tfp.writeSetField + 1)) miss.writeSetFields = nonMiss.writeSetFields
  if (!seen.has(Tfp.applySetField + 1)) miss.applySetFields = nonMiss.applySetFields
}

const putIds = (type: number, numbers: readonly number[], out: Writer): void => {
  const end = beginProperty(out, type)
  for (const number of numbers) {
    out.u16(number)
    out.u16(4)
  }
  end()
}

const putFields = (
  type: number,
  names: readonly FieldName[],
  masked: readonly FieldName[],
  out: Writer,
  version: Version,
): void => {
  const end = beginProperty(out, type)
  for (const name of names)
    if (isOnWire(name)) putFieldHeader(out, name, version, field(name).maskable === true && masked.includes(name))
  end()
}

const putSide = (side: TableSide, miss: 0 | 1, out: Writer, version: Version): void => {
  putIds(Tfp.instructions + miss, instructionNumbers(side.instructions, version), out)
  const end = beginProperty(out, Tfp.nextTables + miss)
  out.raw(side.next)
  end()
  putIds(Tfp.writeActions + miss, actionNumbers(side.writeActions, version), out)
  putFields(Tfp.writeSetField + miss, side.writeSetFields, [], out, version)
  putIds(Tfp.applyActions + miss, actionNumbers(side.applyActions, version), out)
  putFields(Tfp.applySetField + miss, side.applySetFields, [], out, version)
}

export const encodeTableFeatures = (table: TableFeatures, out: Writer, version: Version): void => {
  const start = out.at
  out.u16(0)
  out.u8(table.table)
  out.u8(version === 6 ? commands.indexOf(table.command ?? 'replace') : 0)
  out.u32(0)
  out.text(table.name, nameSize)
  out.u64(table.metadataMatch)
  out.u64(table.metadataWrite)
  const eviction = table.supportsEviction ? evictionBit : 0
  out.u32(version < 5 ? 0 : eviction | (table.supportsVacancy ? vacancyBit : 0))
  out.u32(table.max)
  putSide(table.nonMiss, 0, out, version)
  putSide(table.miss_, 1, out, version)
  putFields(Tfp.match, table.match, table.mask, out, version)
  putFields(Tfp.wildcards, table.wildcard, [], out, version)
  out.put16(start, out.at - start)
}
