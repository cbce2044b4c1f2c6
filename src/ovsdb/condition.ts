/** The `<condition>` of RFC 7047 §5.1: which rows an operation is about. */
import type { Atom } from './atom.ts'
import { type ColumnType, describe, isScalar } from './column.ts'
import { type Datum, equalDatum, hasEntry } from './datum.ts'
import { datumFromJson, type NamedUuid } from './datum-json.ts'
import { type Checked, Fault, syntaxFault } from './fault.ts'
import type { Json } from './json.ts'
import { type Column, type Row, type Table, uuidColumn } from './table.ts'

type Test = 'equal' | 'unequal' | 'includes' | 'excludes' | 'less' | 'lessOrEqual' | 'greater' | 'greaterOrEqual'

/** A clause: `true` and `false` may stand for one, and hold for every row or none. */
export type Clause = boolean | { column: Column; test: Test; argument: Datum }
export type Condition = readonly Clause[]

const tests: Readonly<Record<string, Test>> = {
  '==': 'equal',
  '!=': 'unequal',
  includes: 'includes',
  excludes: 'excludes',
  '<': 'less',
  '<=': 'lessOrEqual',
  '>': 'greater',
  '>=': 'greaterOrEqual',
}

/** Every one of the clauses must hold. */
export const conditionFromJson = (json: readonly Json[], table: Table, named?: NamedUuid): Checked<Condition> => {
  const clauses: Clause[] = []
  for (const item of json) {
    const clause = clauseFromJson(item, table, named)
    if (clause instanceof Fault) return clause
    clauses.push(clause)
  }
  return clauses
}

const clauseFromJson = (json: Json, table: Table, named: NamedUuid | undefined): Checked<Clause> => {
  if (typeof json === 'boolean') return json
  const [name, word, argumentJson] = Array.isArray(json) && json.length === 3 ? json : []
  if (typeof name !== 'string' || typeof word !== 'string') return syntaxFault('Parse error in condition.', json)
  const column = table.column(name)
  if (column === undefined) return syntaxFault(`No column ${name} in table ${table.name}.`, json, 'unknown column')
  const test = Object.hasOwn(tests, word) ? tests[word] : undefined
  if (test === undefined) return new Fault('unknown function', `No function named ${word}.`)
  const type = argumentType(column.type, test)
  if (type === undefined) {
    const details = `Type mismatch: "${word}" operator may not be applied to column ${name} of type ${describe(column.type)}.`
    return syntaxFault(details, json)
  }
  const argument = datumFromJson(argumentJson as Json, type, named ? { named } : {})
  return argument instanceof Fault ? argument : { column, test, argument }
}

/** What an argument may be; undefined if the test is none for the column. */
const argumentType = (type: ColumnType, test: Test): ColumnType | undefined => {
  switch (test) {
    case 'equal':
    case 'unequal':
      return type
    case 'includes':
      return isScalar(type) ? type : { ...type, min: 0 }
    case 'excludes':
      return isScalar(type) ? type : { ...type, min: 0, max: Number.POSITIVE_INFINITY }
    default:
      return type.max === 1 && type.value === undefined && (type.key.type === 'integer' || type.key.type === 'real')
        ? { ...type, min: 1 }
        : undefined
  }
}

export const holds = (condition: Condition, values: readonly Datum[]): boolean => {
  for (const clause of condition) if (!holdsClause(clause, values)) return false
  return true
}

export const holdsClause = (clause: Clause, values: readonly Datum[]): boolean => {
  if (typeof clause === 'boolean') return clause
  const value = values[clause.column.index] as Datum
  const { argument, test } = clause
  switch (test) {
    case 'equal':
      return equalDatum(value, argument)
    case 'unequal':
      return !equalDatum(value, argument)
    case 'includes':
      return argument.keys.every((key, i) => hasEntry(value, key, argument.values?.[i]))
    case 'excludes':
      return !argument.keys.some((key, i) => hasEntry(value, key, argument.values?.[i]))
    default:
      return value.keys.length === 1 && inOrder(test, value.keys[0] as Atom, argument.keys[0] as Atom)
  }
}

const inOrder = (test: Test, a: Atom, b: Atom): boolean =>
  test === 'less' ? a < b : test === 'lessOrEqual' ? a <= b : test === 'greater' ? a > b : a >= b

/** The rows for which a condition holds, in the order they were made; a UUID or an index finds one without a search. */
export const rowsWhere = (table: Table, condition: Condition): Row[] => {
  const known = knownRow(table, condition)
  if (known !== 'any') return known !== undefined && holds(condition, known.values) ? [known] : []
  const found: Row[] = []
  for (const row of table.rows.values()) if (holds(condition, row.values)) found.push(row)
  return found
}

const knownRow = (table: Table, condition: Condition): Row | undefined | 'any' => {
  for (const clause of condition) {
    if (typeof clause === 'boolean' || clause.column.index !== uuidColumn) continue
    if (clause.test === 'equal' || clause.test === 'includes') return table.rows.get(String(clause.argument.keys[0]))
  }
  return 'any'
}
