/** The `<database-schema>` of RFC 7047 §3.2: JSON to types and back. */
import { type Atom, type AtomType, isId } from './atom.ts'
import { type BaseType, type ColumnType, isScalar, type TableType } from './column.ts'
import { datumFromJson, datumToJson } from './datum-json.ts'
import { type Checked, Fault, syntaxFault } from './fault.ts'
import { isObject, type Json, type JsonObject } from './json.ts'
import { printJson } from './json-text.ts'
import { Members } from './members.ts'

/** `cksum` is whatever its author put there; `version` has the form x.y.z. */
export type DatabaseSchema = {
  name: string
  version?: string
  cksum?: string
  tables: Readonly<Record<string, TableType>>
}

/** The most elements that a bounded column may have, and characters in a string. */
const most32 = 4294967295
const unlimited = Number.POSITIVE_INFINITY

/** A record for names that come from outside: no name is there already. */
const bare = <T>(): Record<string, T> => Object.create(null) as Record<string, T>

export const schemaFromJson = (json: Json): Checked<DatabaseSchema> => {
  const members = new Members(json, 'database schema')
  const name = members.required('name', 'id') as string
  const version = members.optional('version', 'string') as string | undefined
  const cksum = members.optional('cksum', 'string') as string | undefined
  const tablesJson = members.required('tables', 'object') as JsonObject
  const fault = members.finish()
  if (fault !== undefined) return fault
  if (version !== undefined && !/^[0-9]+\.[0-9]+\.[0-9]+$/.test(version)) {
    return syntaxFault(`schema version "${version}" not in format x.y.z`, json)
  }
  const tables = bare<TableType>()
  for (const [table, tableJson] of Object.entries(tablesJson)) {
    const named = checkName(table, json)
    if (named !== undefined) return named
    const type = tableFromJson(tableJson, table)
    if (type instanceof Fault) return type
    tables[table] = type
  }
  const reference = checkReferences(tables)
  if (reference !== undefined) return reference
  return {
    name,
    ...(version !== undefined && { version }),
    ...(cksum !== undefined && { cksum }),
    tables: settled(tables),
  }
}

/**
 * Weak references may always change, for they go with their rows. A strong reference to a row that lives by it is kept on
 * disk, for else the row would be gone when the file is read.
 */
export const settled = (tables: Readonly<Record<string, TableType>>): Record<string, TableType> => {
  const rooted = Object.values(tables).some(({ root }) => root)
  const keeps = (base: BaseType | undefined): boolean =>
    base?.table !== undefined && !base.weak && rooted && !tables[base.table]?.root
  const result = bare<TableType>()
  for (const [name, table] of Object.entries(tables)) {
    const columns = bare<ColumnType>()
    for (const [column, { fixed, ephemeral, ...type }] of Object.entries(table.columns)) {
      const mutable = type.key.weak || type.value?.weak
      const kept = keeps(type.key) || keeps(type.value)
      columns[column] = { ...type, ...(fixed && !mutable && { fixed }), ...(ephemeral && !kept && { ephemeral }) }
    }
    result[name] = { ...table, columns }
  }
  return result
}

const checkName = (name: string, json: Json): Fault | undefined =>
  name.startsWith('_')
    ? syntaxFault('names beginning with "_" are reserved', json)
    : isId(name)
      ? undefined
      : syntaxFault('name must be a valid id', json)

const checkReferences = (tables: Readonly<Record<string, TableType>>): Fault | undefined => {
  for (const { columns } of Object.values(tables)) {
    for (const [column, { key, value }] of Object.entries(columns)) {
      for (const [part, base] of [
        ['key', key],
        ['value', value],
      ] as const) {
        if (base?.table === undefined || tables[base.table] !== undefined) continue
        return new Fault('syntax error', `column ${column} ${part} refers to undefined table ${base.table}`)
      }
    }
  }
  return undefined
}

const tableFromJson = (json: Json, name: string): Checked<TableType> => {
  const members = new Members(json, `table schema for table ${name}`)
  const columnsJson = members.required('columns', 'object') as JsonObject
  const maxRows = members.optional('maxRows', 'integer')
  const root = members.optional('isRoot', 'boolean')
  const indexesJson = members.optional('indexes', 'array') as Json[] | undefined
  const fault = members.finish()
  if (fault !== undefined) return fault
  if (maxRows !== undefined && Number(maxRows) <= 0) return syntaxFault('maxRows must be at least 1', json)
  const entries = Object.entries(columnsJson)
  if (entries.length === 0) return syntaxFault('table must have at least one column', json)
  const columns = bare<ColumnType>()
  for (const [column, columnJson] of entries) {
    const named = checkName(column, json)
    if (named !== undefined) return named
    const type = columnFromJson(columnJson, column)
    if (type instanceof Fault) return type
    columns[column] = type
  }
  const indexes: string[][] = []
  for (const indexJson of indexesJson ?? []) {
    const index = columnNames(indexJson, name => columns[name] !== undefined)
    if (index instanceof Fault) return index
    if (index.length === 0) return syntaxFault('index must have at least one column', json)
    const passing = index.find(column => columns[column]?.ephemeral)
    if (passing !== undefined) {
      return syntaxFault(`ephemeral columns (such as ${passing}) may not be indexed`, json)
    }
    indexes.push(index)
  }
  const bounded = maxRows !== undefined && Number(maxRows) < most32
  return {
    ...(root === true && { root }),
    ...(bounded && { maxRows: Number(maxRows) }),
    ...(indexes.length > 0 && { indexes }),
    columns,
  }
}

/** Names of columns, each once, that `known` knows. */
export const columnNames = (json: Json, known: (name: string) => boolean): Checked<string[]> => {
  if (!Array.isArray(json)) return syntaxFault('array of distinct column names expected', json)
  const names = new Set<string>()
  for (const name of json) {
    if (typeof name !== 'string') return syntaxFault('array of distinct column names expected', json)
    if (!known(name)) return syntaxFault(`${name} is not a valid column name`, json)
    if (names.size === names.add(name).size) return syntaxFault('array of distinct column names expected', json)
  }
  return [...names]
}

const columnFromJson = (json: Json, name: string): Checked<ColumnType> => {
  const members = new Members(json, `schema for column ${name}`)
  const mutable = members.optional('mutable', 'boolean')
  const ephemeral = members.optional('ephemeral', 'boolean')
  const typeJson = members.required('type', 'string', 'object') as Json
  const fault = members.finish()
  if (fault !== undefined) return fault
  const type = typeFromJson(typeJson)
  if (type instanceof Fault) return type
  return { ...type, ...(mutable === false && { fixed: true }), ...(ephemeral === true && { ephemeral: true }) }
}

export const typeFromJson = (json: Json): Checked<ColumnType> => {
  if (typeof json === 'string') {
    const key = baseFromJson(json)
    return key instanceof Fault ? key : { key, min: 1, max: 1 }
  }
  const members = new Members(json, 'ovsdb type')
  const keyJson = members.required('key', 'string', 'object') as Json
  const valueJson = members.optional('value', 'string', 'object')
  const minJson = members.optional('min', 'integer')
  const maxJson = members.optional('max', 'integer', 'string')
  const fault = members.finish()
  if (fault !== undefined) return fault
  const key = baseFromJson(keyJson)
  if (key instanceof Fault) return key
  const value = valueJson === undefined ? undefined : baseFromJson(valueJson)
  if (value instanceof Fault) return value
  const min = limitFromJson(minJson)
  if (min instanceof Fault) return min
  const max = limitFromJson(maxJson)
  if (max instanceof Fault) return max
  if (min > 1 || max < 1) return syntaxFault('ovsdb type fails constraint checks', json)
  return { key, ...(value && { value }), min: min as 0 | 1, max }
}

const limitFromJson = (json: Json | undefined): Checked<number> => {
  if (json === undefined) return 1
  if (json === 'unlimited') return unlimited
  return typeof json === 'number' && json >= 0 && json < most32 ? json : syntaxFault('bad min or max value', json)
}

const atomTypes = new Set<Json>(['string', 'integer', 'real', 'boolean', 'uuid'])

const baseFromJson = (json: Json): Checked<BaseType> => {
  if (typeof json === 'string') {
    return atomTypes.has(json) ? { type: json as AtomType } : syntaxFault(`"${json}" is not an atomic-type`, json)
  }
  const members = new Members(json, 'ovsdb type')
  const type = members.required('type', 'string') as AtomType
  if (members.failed !== undefined) return members.failed
  if (!atomTypes.has(type)) return syntaxFault(`"${type}" is not an atomic-type`, type)
  const enumJson = isObject(json) && Object.hasOwn(json, 'enum') ? (json.enum as Json) : undefined
  if (enumJson !== undefined) {
    members.optional('enum', 'boolean', 'integer', 'real', 'string', 'array', 'object')
    const fault = members.finish()
    if (fault !== undefined) return fault
    const allowed = datumFromJson(enumJson, { key: { type }, min: 1, max: unlimited })
    return allowed instanceof Fault ? allowed : { type, oneOf: allowed.keys }
  }
  const base = limitsFromJson(members, type, json)
  return base instanceof Fault ? base : (members.finish() ?? base)
}

const limitsFromJson = (members: Members, type: AtomType, json: Json): Checked<BaseType> => {
  if (type === 'integer' || type === 'real') {
    const word = type === 'integer' ? 'Integer' : 'Real'
    const kinds = type === 'integer' ? (['integer'] as const) : (['integer', 'real'] as const)
    const min = members.optional(`min${word}`, ...kinds) as number | bigint | undefined
    const max = members.optional(`max${word}`, ...kinds) as number | bigint | undefined
    if (min !== undefined && max !== undefined && min > max) {
      return members.failed ?? syntaxFault(`min${word} exceeds max${word}`, json)
    }
    return { type, ...(min !== undefined && { min }), ...(max !== undefined && { max }) }
  }
  if (type === 'string') {
    const minLength = lengthFromJson(members, 'minLength')
    if (minLength instanceof Fault) return minLength
    const maxLength = lengthFromJson(members, 'maxLength')
    if (maxLength instanceof Fault) return maxLength
    if ((minLength ?? 0) > (maxLength ?? most32)) return syntaxFault('minLength exceeds maxLength', json)
    return { type, ...(minLength !== undefined && { minLength }), ...(maxLength !== undefined && { maxLength }) }
  }
  if (type === 'uuid') {
    const table = members.optional('refTable', 'id') as string | undefined
    if (table === undefined) return { type }
    const strength = members.optional('refType', 'id')
    if (strength !== undefined && strength !== 'strong' && strength !== 'weak') {
      return syntaxFault(`refType must be "strong" or "weak" (not "${strength}")`, json)
    }
    return { type, table, ...(strength === 'weak' && { weak: true }) }
  }
  return { type }
}

const lengthFromJson = (members: Members, name: string): Checked<number> | undefined => {
  const length = members.optional(name, 'integer')
  if (length === undefined) return undefined
  return typeof length === 'number' && length >= 0 && length <= most32
    ? length
    : syntaxFault(`${name} out of valid range 0 to ${most32}`, length)
}

const printed = new WeakMap<DatabaseSchema, { text: string; sorted: string }>()

/** The JSON of a schema as text, in the order of `schemaToJson` and in that of the names: it is long, and made once. */
export const schemaTexts = (schema: DatabaseSchema): { readonly text: string; readonly sorted: string } => {
  const known = printed.get(schema)
  if (known !== undefined) return known
  const json = schemaToJson(schema)
  const made = { text: printJson(json), sorted: printJson(json, true) }
  printed.set(schema, made)
  return made
}

/** As `get_schema` gives it: which tables are roots is said unless all are. */
export const schemaToJson = ({ name, version, cksum, tables }: DatabaseSchema): JsonObject => {
  const allRoot = Object.values(tables).every(({ root }) => root)
  return {
    ...(cksum !== undefined && { cksum }),
    name,
    ...(version !== undefined && { version }),
    tables: Object.fromEntries(Object.entries(tables).map(([table, type]) => [table, tableToJson(type, !allRoot)])),
  }
}

const tableToJson = ({ root, maxRows, indexes = [], columns }: TableType, sayRoot: boolean): JsonObject => ({
  ...(maxRows !== undefined && { maxRows }),
  ...(root === true && sayRoot && { isRoot: true }),
  ...(indexes.length > 0 && { indexes: indexes.map(index => [...index]) }),
  columns: Object.fromEntries(Object.entries(columns).map(([column, type]) => [column, columnToJson(type)])),
})

const columnToJson = (column: ColumnType): JsonObject => ({
  ...(column.fixed && { mutable: false }),
  ...(column.ephemeral && { ephemeral: true }),
  type: typeToJson(column),
})

export const typeToJson = (column: ColumnType): Json => {
  const { key, value, min, max } = column
  if (isScalar(column) && typeof baseToJson(key) === 'string') return key.type
  return {
    ...(max !== 1 && { max: max === unlimited ? 'unlimited' : max }),
    ...(min !== 1 && { min }),
    key: baseToJson(key),
    ...(value !== undefined && { value: baseToJson(value) }),
  }
}

const baseToJson = (base: BaseType): Json => {
  const { type, table, weak, oneOf, min, max, minLength, maxLength } = base
  const word = type === 'real' ? 'Real' : 'Integer'
  const limits: JsonObject = {
    ...(oneOf !== undefined && { enum: datumToJson({ keys: oneOf }, enumType(type, oneOf)) }),
    ...(min !== undefined && { [`min${word}`]: min }),
    ...(max !== undefined && { [`max${word}`]: max }),
    ...(minLength !== undefined && { minLength }),
    ...(maxLength !== undefined && { maxLength }),
    ...(table !== undefined && { refTable: table }),
    ...(weak && { refType: 'weak' }),
  }
  return Object.keys(limits).length === 0 ? type : { type, ...limits }
}

const enumType = (type: AtomType, { length }: readonly Atom[]): ColumnType => ({ key: { type }, min: 1, max: length })
