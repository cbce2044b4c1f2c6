/** What tables can do, and their statistics, as `dump-table-features` and `dump-tables` print them. */
import { formatActionNames } from './action-set.ts'
import { type Count, digits } from './counter.ts'
import { formatFieldSet } from './field-set-text.ts'
import type { TableFeatures, TableSide } from './message.ts'
import { printable } from './port-desc-text.ts'
import type { Version } from './protocol.ts'

/** A table's counters. */
export type TableCounts = { active: number; lookups: Count; matched: Count }
export type TableEntry = { features: TableFeatures; counts: TableCounts | undefined }

const same = (a: unknown, b: unknown): boolean =>
  JSON.stringify(a, (_, value) => (typeof value === 'bigint' ? value.toString() : value)) ===
  JSON.stringify(b, (_, value) => (typeof value === 'bigint' ? value.toString() : value))

const sameCounts = (a: TableCounts | undefined, b: TableCounts | undefined): boolean =>
  a?.active === b?.active && a?.lookups === b?.lookups && a?.matched === b?.matched
const without = (tables: readonly number[], table: number): number[] => tables.filter(each => each !== table)

/** Whether two tables go on to the same tables, or to the same but for each other: most go on to all that come after. */
const sameNext = (a: readonly number[], b: readonly number[], ofA: number, ofB: number): boolean =>
  same(a, b) || same(without(a, ofB), without(b, ofA))

const sameSide = (a: TableSide, b: TableSide, ofA: number, ofB: number): boolean =>
  sameNext(a.next, b.next, ofA, ofB) && same({ ...a, next: [] }, { ...b, next: [] })

const sameInstructions = (a: TableFeatures, b: TableFeatures): boolean =>
  sameSide(a.nonMiss, b.nonMiss, a.table, b.table) && sameSide(a.miss_, b.miss_, a.table, b.table)
/** As Open vSwitch has it: how the fields are matched is not compared. */
const sameMatching = (a: TableFeatures, b: TableFeatures): boolean => same(a.match, b.match)
const sameFeatures = (a: TableFeatures, b: TableFeatures): boolean =>
  same(
    [a.metadataMatch, a.metadataWrite, a.miss ?? 'controller', a.supportsEviction, a.supportsVacancy, a.max],
    [b.metadataMatch, b.metadataWrite, b.miss ?? 'controller', b.supportsEviction, b.supportsVacancy, b.max],
  ) &&
  sameInstructions(a, b) &&
  sameMatching(a, b)

const hex = (value: bigint): string => (value === 0n ? '0' : `0x${value.toString(16)}`)

/** `1-3,5`. */
const formatNext = (tables: readonly number[]): string => {
  const parts: string[] = []
  for (let i = 0; i < tables.length; ) {
    let end = i
    while (tables[end + 1] === (tables[end] as number) + 1) end++
    parts.push(end === i ? `${tables[i]}` : `${tables[i]}-${tables[end]}`)
    i = end + 1
  }
  return parts.join(',')
}

const formatCan = (actions: readonly string[], fields: readonly string[]): string =>
  (actions.length === 0 ? '' : `        actions: ${formatActionNames(actions)}\n`) +
  (fields.length === 0 ? '' : `        supported on Set-Field: ${formatFieldSet(fields)}\n`)

/** Where no field can be set, as in 1.1, ovs-ofctl never finds the actions to be the same. */
const sameActions = (a: TableSide, b: TableSide): boolean =>
  a.writeSetFields.length + a.applySetFields.length > 0 &&
  same(a.writeActions, b.writeActions) &&
  same(a.applyActions, b.applyActions) &&
  same(a.writeSetFields, b.writeSetFields) &&
  same(a.applySetFields, b.applySetFields)

const formatActions = (side: TableSide, previous: TableSide | undefined): string => {
  const write = formatCan(side.writeActions, side.writeSetFields)
  const apply = formatCan(side.applyActions, side.applySetFields)
  if (write + apply !== '' && previous !== undefined && sameActions(side, previous)) return '      (same actions)\n'
  if (write !== apply) return `      Write-Actions features:\n${write}      Apply-Actions features:\n${apply}`
  return write === '' ? '' : `      Write-Actions and Apply-Actions features:\n${write}`
}

const formatNames = (side: TableSide, previous: TableSide | undefined): string => {
  if (side.instructions.length === 0) return ''
  return previous !== undefined && same(side.instructions, previous.instructions)
    ? '      (same instructions)\n'
    : `      instructions: ${side.instructions.join(' ')}\n`
}

const formatSide = (side: TableSide, previous: TableSide | undefined): string => {
  const next = side.next.length === 0 ? '' : `      next tables: ${formatNext(side.next)}\n`
  return next + formatNames(side, previous) + formatActions(side, previous)
}

const isEmpty = (side: TableSide): boolean =>
  [side.next, side.instructions, side.writeActions, side.applyActions, side.writeSetFields, side.applySetFields].every(
    list => list.length === 0,
  )

const formatInstructions = ({ nonMiss, miss_ }: TableFeatures, previous: TableFeatures | undefined): string => {
  if (same(nonMiss, miss_)) {
    return isEmpty(nonMiss)
      ? ''
      : `    instructions (table miss and others):\n${formatSide(nonMiss, previous?.nonMiss)}`
  }
  return `    instructions (other than table miss):\n${formatSide(nonMiss, previous?.nonMiss)}    instructions (table miss):\n${formatSide(miss_, previous?.miss_)}`
}

const formatMatching = ({ match, mask, wildcard }: TableFeatures): string => {
  if (match.length === 0) return ''
  const line = (title: string, wanted: (name: TableFeatures['match'][number]) => boolean): string => {
    const names = match.filter(wanted)
    return names.length === 0 ? '' : `      ${title}: ${formatFieldSet(names)}\n`
  }
  return (
    `    matching:\n${line('arbitrary mask', name => mask.includes(name))}` +
    line('exact match or wildcard', name => !mask.includes(name) && wildcard.includes(name)) +
    line('must exact match', name => !mask.includes(name) && !wildcard.includes(name))
  )
}

const supported = (is: boolean): string => (is ? 'supported' : 'not supported')

const formatFeatures = (features: TableFeatures, previous: TableFeatures | undefined, version: Version): string => {
  const { metadataMatch, metadataWrite, miss, max } = features
  let text = ''
  if (metadataMatch !== 0n || metadataWrite !== 0n)
    text += `    metadata: match=${hex(metadataMatch)} write=${hex(metadataWrite)}\n`
  if (version === 2 || version === 3) text += `    config=${miss ?? 'controller'}\n`
  if (version >= 5)
    text += `    eviction: ${supported(features.supportsEviction)}\n    vacancy events: ${supported(features.supportsVacancy)}\n`
  if (max !== 0) text += `    max_entries=${max}\n`
  const instructions = formatInstructions(features, previous)
  const matching = formatMatching(features)
  text +=
    previous !== undefined && instructions !== '' && sameInstructions(features, previous)
      ? '    (same instructions)\n'
      : instructions
  text +=
    previous !== undefined && matching !== '' && sameMatching(features, previous) ? '    (same matching)\n' : matching
  return text
}

/** Tables in a list; those that are as the one before are told in a word. */
export const formatTables = (entries: readonly TableEntry[], version: Version): string => {
  let text = ''
  let previous: TableEntry | undefined
  let first: number | undefined
  let last = 0
  const flush = (): void => {
    if (first !== undefined) text += `\n  table${first === last ? ` ${first}` : `s ${first}...${last}`}: ditto\n`
    first = undefined
  }
  for (const entry of entries) {
    const { features, counts } = entry
    const alike = previous !== undefined && sameFeatures(features, previous.features)
    const ditto = alike && sameCounts(counts, previous?.counts)
    if (ditto && features.name === '') {
      first ??= features.table
      last = features.table
      previous = entry
      continue
    }
    flush()
    const { command = 'replace' } = features
    if (previous === undefined && command !== 'replace') text += `\n  command: ${command}`
    const name = features.name === '' ? '' : ` ("${printable(features.name)}")`
    text += `\n  table ${features.table}${name}:`
    if (ditto) text += ' ditto'
    else {
      text += '\n'
      if (counts !== undefined)
        text += `    active=${counts.active}, lookup=${digits(counts.lookups)}, matched=${digits(counts.matched)}\n`
      // Since 1.3 statistics come without features.
      if (alike && version < 4) text += '    (same features)\n'
      if (!alike && (counts === undefined || version < 4)) text += formatFeatures(features, previous?.features, version)
    }
    previous = entry
  }
  flush()
  return text
}
