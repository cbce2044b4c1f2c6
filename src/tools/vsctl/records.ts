/** The commands that work on any table: `list find get set add remove clear create destroy wait-until`. */
import type { ColumnType } from '../../ovsdb/column.ts'
import { type Datum, defaultDatum, entriesOf, mapOf, setOf } from '../../ovsdb/datum.ts'
import { formatAtom, formatDatum, parseAtom, parseDatum } from '../../ovsdb/datum-text.ts'
import type { Row } from '../../vswitchd/row.ts'
import { formatTable } from '../table.ts'
import { any, type Call, type Needs, type Verdict, type VsctlCommand, type VsctlCommands } from './command.ts'
import { conditionsHold, parseConditions } from './conditions.ts'
import { columnsOf, columnType, findColumn, findRow, findTable, needNames } from './names.ts'

/** A `create`d row's UUID for `@name`, whether it is made before or after it is referred to. */
const nameRow =
  (call: Call) =>
  (name: string): string => {
    const named = call.names.get(name)
    if (named !== undefined) {
      named.used = true
      return named.uuid
    }
    const uuid = call.transaction.newUuid()
    call.names.set(name, { uuid, created: false, used: true })
    return uuid
  }

/** The part before `=`: `column` or `column:key`. */
const target = (text: string): { column: string; key: string | undefined; rest: string } | string => {
  const parts = /^([^:=<>!{}[\], ]*)(?::("(?:[^"\\]|\\.)*"|[^:=<>!{}[\], ]*))?/.exec(text)
  if (parts === null || parts[1] === '') return `${text}: missing column name`
  return { column: parts[1] as string, key: parts[2], rest: text.slice(parts[0].length) }
}

const unquoted = (text: string): string => (text.startsWith('"') ? String(JSON.parse(text)) : text)

/** Does `COLUMN[:KEY]=VALUE` to a row. */
export const assign = (call: Call, row: Row, text: string): string | undefined => {
  const place = target(text)
  if (typeof place === 'string') return place
  const column = findColumn(row.table, place.column)
  if (!column.ok) return column.error
  const type = columnType(row.table, column.value)
  if (!place.rest.startsWith('=') || place.rest.length < 2) {
    return `${text}: argument does not end in "=" followed by a value.`
  }
  const value = place.rest.slice(1)
  if (type.fixed === true && call.names.get('creating')?.uuid !== row.uuid) return readOnly(row.table, column.value)
  if (place.key === undefined) {
    const datum = parseDatum(value, type, nameRow(call))
    if (!datum.ok) return datum.error
    call.transaction.update(row, { [column.value]: datum.value })
    return undefined
  }
  if (type.value === undefined) return `cannot specify key to set for non-map column ${column.value}`
  const key = parseAtom(unquoted(place.key), type.key)
  const atom = parseAtom(value.startsWith('"') ? unquoted(value) : value, type.value, false, nameRow(call))
  if (!key.ok) return key.error
  if (!atom.ok) return atom.error
  const now = call.transaction.row(row.table, row.uuid) ?? row
  call.transaction.update(row, {
    [column.value]: mapOf([...entriesOf(now.columns[column.value]!), [key.value, atom.value]]),
  })
  return undefined
}

const readOnly = (table: string, column: string): string => `cannot modify read-only column ${column} in table ${table}`

/** Finds the row that the first two arguments mean; false if it may be missing and is. */
const rowOf = (call: Call, table: string, name: string): Row | string | false => {
  const row = findRow(call.transaction, table, name)
  if (row !== undefined) return row
  return call.options.has('--if-exists') ? false : `no row "${name}" in table ${table}`
}

/** A command `TABLE RECORD …`. */
const onRow =
  (run: (call: Call, row: Row, rest: readonly string[]) => Verdict) =>
  (call: Call): Verdict => {
    const table = findTable(call.args[0] as string)
    if (!table.ok) return table.error
    const row = rowOf(call, table.value, call.args[1] as string)
    if (row === false) return undefined
    return typeof row === 'string' ? row : run(call, row, call.args.slice(2))
  }

/** Names of columns are looked at before anything else happens; those that there are will be needed. */
export const unknownColumn = (needs: Needs, table: string, texts: readonly string[]): string | undefined => {
  for (const text of texts) {
    const place = target(text)
    if (typeof place === 'string') return place
    const column = findColumn(table, place.column)
    if (!column.ok) return column.error
    if (column.value !== '_uuid') needs.add(table, column.value)
  }
  return undefined
}

/** What a command `TABLE …` needs; `columns` are those words of it that begin with a column's name. */
const ofTable =
  (columns: (args: readonly string[], options: ReadonlyMap<string, string>) => readonly string[] = () => []) =>
  (needs: Needs, args: readonly string[], options: ReadonlyMap<string, string>): string | undefined => {
    const table = findTable(args[0] as string)
    if (!table.ok) return table.error
    needNames(needs, table.value)
    return unknownColumn(needs, table.value, columns(args, options))
  }
const from = (at: number) => ofTable(args => args.slice(at))

/** What `list` and `find` show, beside what they look at. */
const shown =
  (at: number) =>
  (needs: Needs, args: readonly string[], options: ReadonlyMap<string, string>): string | undefined => {
    const wrong = from(at)(needs, args, options)
    if (wrong !== undefined) return wrong
    const table = findTable(args[0] as string)
    if (!table.ok) return table.error
    const wanted = options.get('--columns')
    if (wanted === undefined) needs.add(table.value, ...columnsOf(table.value))
    return unknownColumn(needs, table.value, wanted === undefined ? [] : namesIn(wanted))
  }

const namesIn = (list: string): string[] => list.split(/[, ]/).filter(part => part !== '')

const get: VsctlCommand = {
  min: 2,
  max: any,
  options: ['--if-exists', '--id='],
  needs: from(2),
  run: onRow((call, row, columns) => {
    const id = call.options.get('--id')
    if (id !== undefined) call.names.set(id, { uuid: row.uuid, created: true, used: true })
    for (const text of columns) {
      const place = target(text)
      if (typeof place === 'string') return place
      const column = findColumn(row.table, place.column)
      if (!column.ok) return column.error
      const type = columnType(row.table, column.value)
      const datum = columnOf(row, column.value)
      if (place.key === undefined) {
        call.lines.push(formatDatum(datum, type))
        continue
      }
      if (type.value === undefined) return `cannot specify key to get for non-map column ${column.value}`
      if (place.key === '') return 'An empty string is not valid as input; use "" to represent the empty string'
      const wanted = unquoted(place.key)
      const entry = entriesOf(datum).find(([key]) => String(key) === wanted)
      if (entry !== undefined) call.lines.push(formatAtom(entry[1], type.value.type))
      else if (call.options.has('--if-exists')) call.lines.push('')
      else return `no key "${wanted}" in ${row.table} record "${call.args[1]}" column ${column.value}`
    }
    return undefined
  }),
}

export const columnOf = (row: Row, column: string): Datum =>
  column === '_uuid' ? setOf(row.uuid) : (row.columns[column] as Datum)

const set: VsctlCommand = {
  min: 3,
  max: any,
  options: ['--if-exists'],
  needs: from(2),
  run: onRow((call, row, settings) => {
    for (const setting of settings) {
      const wrong = assign(call, row, setting)
      if (wrong !== undefined) return wrong
    }
    return undefined
  }),
}

/** `add`, `remove` and `clear` name one column and go on with it. */
const onColumn = (
  run: (call: Call, row: Row, column: string, type: ColumnType, values: readonly string[]) => Verdict,
) =>
  onRow((call, row, [name = '', ...values]) => {
    const column = findColumn(row.table, name)
    if (!column.ok) return column.error
    const type = columnType(row.table, column.value)
    return type.fixed === true ? readOnly(row.table, column.value) : run(call, row, column.value, type, values)
  })

const loose = (type: ColumnType): ColumnType => ({ ...type, min: 0, max: Number.POSITIVE_INFINITY })

const add: VsctlCommand = {
  min: 4,
  max: any,
  options: ['--if-exists'],
  needs: ofTable(args => [args[2] as string]),
  run: onColumn((call, row, column, type, values) => {
    for (const text of values) {
      const more = parseDatum(text, type, nameRow(call))
      if (!more.ok) return more.error
      call.transaction.mutate(row, column, 'insert', more.value)
    }
    return undefined
  }),
}

const remove: VsctlCommand = {
  min: 4,
  max: any,
  options: ['--if-exists'],
  needs: ofTable(args => [args[2] as string]),
  run: onColumn((call, row, column, type, values) => {
    let datum = row.columns[column]!
    const less: Datum[] = []
    for (const text of values) {
      // A map's entry goes by its key alone, or only if it has this value.
      const byKey = type.value !== undefined && !text.includes('=')
      const read = parseDatum(text, loose(byKey ? { key: type.key, min: 0, max: type.max } : type), nameRow(call))
      if (!read.ok) return read.error
      const gone = read.value
      less.push(gone)
      const kept = entriesOf(datum).filter(([key, value]) => {
        const i = gone.keys.indexOf(key)
        return i < 0 || (gone.values !== undefined && gone.values[i] !== value)
      })
      datum = type.value === undefined ? setOf(...kept.map(([key]) => key)) : mapOf(kept)
    }
    if (datum.keys.length < type.min) {
      return `"remove" operation would put 0 values in column ${column} of table ${row.table} but the minimum number is ${type.min}`
    }
    // One value that must be there is none that can go.
    if (type.min === 1 && type.max === 1) return undefined
    for (const gone of less) call.transaction.mutate(row, column, 'delete', gone)
    return undefined
  }),
}

const clear: VsctlCommand = {
  min: 3,
  max: any,
  options: ['--if-exists'],
  needs: from(2),
  run: onRow((call, row, columns) => {
    for (const name of columns) {
      const column = findColumn(row.table, name)
      if (!column.ok) return column.error
      const type = columnType(row.table, column.value)
      if (type.fixed === true) return readOnly(row.table, column.value)
      if (type.min > 0) {
        return `"clear" operation cannot be applied to column ${column.value} of table ${row.table}, which is not allowed to be empty`
      }
      call.transaction.update(row, { [column.value]: defaultDatum(type) })
    }
    return undefined
  }),
}

const create: VsctlCommand = {
  min: 2,
  max: any,
  options: ['--id='],
  needs(needs, args, options) {
    const table = findTable(args[0] as string)
    if (table.ok && !options.has('--id') && !removable.has(table.value)) {
      const what = `applying "create" command to table ${table.value} without --id option will have no effect`
      needs.warnings.push(['db_ctl_base', what])
    }
    return from(1)(needs, args, options)
  },
  run(call) {
    const table = findTable(call.args[0] as string)
    if (!table.ok) return table.error
    const id = call.options.get('--id')
    if (id !== undefined && !id.startsWith('@')) return `row id "${id}" does not begin with "@"`
    const named = id === undefined ? undefined : call.names.get(id)
    if (named?.created) return `row id "${id}" may only be specified on one --id option`
    const uuid = call.transaction.insert(table.value, {}, named?.uuid)
    if (id !== undefined)
      call.names.set(id, { uuid, created: true, used: removable.has(table.value) || (named?.used ?? false) })
    call.names.set('creating', { uuid, created: true, used: true })
    const row = call.transaction.row(table.value, uuid) as Row
    for (const setting of call.args.slice(1)) {
      const wrong = assign(call, row, setting)
      if (wrong !== undefined) return wrong
    }
    call.names.delete('creating')
    call.lines.push(uuid)
    return undefined
  },
}

/** Rows of most tables live while something refers to them, so this only removes rows of the others. */
const destroy: VsctlCommand = {
  min: 1,
  max: any,
  options: ['--if-exists', '--all'],
  needs: from(Number.POSITIVE_INFINITY),
  run(call) {
    const table = findTable(call.args[0] as string)
    if (!table.ok) return table.error
    const names = call.args.slice(1)
    if (call.options.has('--all') && names.length > 0)
      return '--all and records argument should not be specified together'
    if (!call.options.has('--all') && names.length === 0) {
      call.warn('db_ctl_base', 'either --all or records argument should be specified')
    }
    for (const name of names) {
      const row = rowOf(call, table.value, name)
      if (typeof row === 'string') return row
      if (row !== false && removable.has(table.value)) call.transaction.remove(row)
    }
    if (call.options.has('--all') && removable.has(table.value)) {
      for (const row of call.transaction.rows(table.value)) call.transaction.remove(row)
    }
    return undefined
  },
}
const removable = new Set(['QoS', 'Queue', 'Flow_Sample_Collector_Set'])

const list: VsctlCommand = {
  min: 1,
  max: any,
  options: ['--if-exists', '--columns='],
  needs: shown(Number.POSITIVE_INFINITY),
  run(call) {
    const table = findTable(call.args[0] as string)
    if (!table.ok) return table.error
    const rows: Row[] = []
    for (const name of call.args.slice(1)) {
      const row = rowOf(call, table.value, name)
      if (typeof row === 'string') return row
      if (row !== false) rows.push(row)
    }
    return show(call, table.value, call.args.length === 1 ? call.transaction.rows(table.value) : rows)
  },
}

const find: VsctlCommand = {
  min: 1,
  max: any,
  options: ['--columns='],
  needs: shown(1),
  run(call) {
    const table = findTable(call.args[0] as string)
    if (!table.ok) return table.error
    const conditions = parseConditions(table.value, call.args.slice(1))
    if (typeof conditions === 'string') return conditions
    return show(
      call,
      table.value,
      call.transaction.rows(table.value).filter(row => conditionsHold(row, conditions)),
    )
  },
}

const waitUntil: VsctlCommand = {
  min: 2,
  max: any,
  needs: from(2),
  run(call) {
    const table = findTable(call.args[0] as string)
    if (!table.ok) return table.error
    const conditions = parseConditions(table.value, call.args.slice(2))
    if (typeof conditions === 'string') return conditions
    const row = findRow(call.transaction, table.value, call.args[1] as string)
    return row !== undefined && conditionsHold(row, conditions) ? undefined : tryAgain
  },
}

/** The verdict of a command that has to wait for the database to change. */
export const tryAgain = -1

const show = (call: Call, table: string, rows: readonly Row[]): Verdict => {
  const columns: string[] = []
  const wanted = call.options.get('--columns')
  for (const name of namesIn(wanted ?? '')) {
    const column = findColumn(table, name)
    if (!column.ok) return column.error
    columns.push(column.value)
  }
  if (wanted !== undefined && columns.length === 0) return 'must specify at least one column name'
  const headings = wanted === undefined ? ['_uuid', ...columnsOf(table)] : columns
  const cells = rows.map(row => headings.map(name => ({ datum: columnOf(row, name), type: columnType(table, name) })))
  call.table.push(...formatTable({ headings, rows: cells }, call.style))
  return undefined
}

export const recordCommands: VsctlCommands = {
  get,
  set,
  add,
  remove,
  clear,
  create,
  destroy,
  list,
  find,
  'wait-until': waitUntil,
}
