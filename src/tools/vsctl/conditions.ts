import type { ColumnType } from '../../ovsdb/column.ts'
import { type Atom, type Datum, entriesOf, equalDatum, setOf } from '../../ovsdb/datum.ts'
import { parseDatum } from '../../ovsdb/datum-text.ts'
import type { Row } from '../../vswitchd/row.ts'
import { columnType, findColumn } from './names.ts'

const operators = ['=', '!=', '<', '>', '<=', '>=', '{=}', '{!=}', '{<}', '{>}', '{<=}', '{>=}', '{in}', '{not-in}']
const operatorAt = /^(\{(?:=|!=|<|>|<=|>=|in|not-in)\}|!=|<=|>=|=|<|>)(.+)$/s

/** `COLUMN[:KEY] OPERATOR VALUE`, as `find` and `wait-until` take. */
export type Condition = { column: string; key: string | undefined; operator: string; type: ColumnType; value: Datum }

/** A string is what is wrong, in the words of ovs-vsctl. */
export const parseConditions = (table: string, texts: readonly string[]): Condition[] | string => {
  const out: Condition[] = []
  for (const text of texts) {
    const place = /^([^:=<>!{}[\], ]*)(?::("(?:[^"\\]|\\.)*"|[^:=<>!{}[\], ]*))?/.exec(text)
    if (place === null || place[1] === '') return `${text}: missing column name`
    const column = findColumn(table, place[1] as string)
    if (!column.ok) return column.error
    const end = operatorAt.exec(text.slice(place[0].length))
    if (end === null) {
      const quoted = operators.map(operator => `"${operator}"`)
      return `${text}: argument does not end in ${quoted.slice(0, -1).join(', ')}, or ${quoted.at(-1)} followed by a value.`
    }
    const whole = columnType(table, column.value)
    const key = place[2]?.replace(/^"(.*)"$/, '$1')
    if (key !== undefined && whole.value === undefined)
      return `cannot specify key to get for non-map column ${column.value}`
    const type: ColumnType =
      key === undefined || whole.value === undefined
        ? { ...whole, min: 0, max: Number.POSITIVE_INFINITY }
        : { key: whole.value, min: 1, max: 1 }
    const value = parseDatum(end[2] as string, type)
    if (!value.ok) return value.error
    out.push({ column: column.value, key, operator: end[1] as string, type, value: value.value })
  }
  return out
}

export const conditionsHold = (row: Row, conditions: readonly Condition[]): boolean =>
  conditions.every(condition => {
    const datum = condition.column === '_uuid' ? setOf(row.uuid) : row.columns[condition.column]!
    if (condition.key === undefined) return compare(datum, condition.operator, condition.value)
    const entry = entriesOf(datum).find(([key]) => String(key) === condition.key)
    return entry !== undefined && compare(setOf(entry[1]), condition.operator, condition.value)
  })

const has = (datum: Datum, [key, value]: [Atom, Atom]): boolean => {
  const i = datum.keys.indexOf(key)
  return i >= 0 && (datum.values === undefined || datum.values[i] === value)
}
const includes = (all: Datum, some: Datum): boolean => entriesOf(some).every(entry => has(all, entry))

const compare = (left: Datum, operator: string, right: Datum): boolean => {
  // A map is compared by the entries that the condition names.
  const map = right.values !== undefined
  const [a, b] = [left.keys[0], right.keys[0]]
  const scalar = left.keys.length === 1 && right.keys.length === 1 && a !== undefined && b !== undefined
  switch (operator) {
    case '=':
      return map ? includes(left, right) : equalDatum(left, right)
    case '!=':
      return map ? !includes(left, right) : !equalDatum(left, right)
    case '<':
      return scalar && a < b
    case '>':
      return scalar && a > b
    case '<=':
      return scalar && a <= b
    case '>=':
      return scalar && a >= b
    case '{=}':
      return equalDatum(left, right)
    case '{!=}':
      return !equalDatum(left, right)
    case '{<}':
      return includes(right, left) && !equalDatum(left, right)
    case '{>}':
      return includes(left, right) && !equalDatum(left, right)
    case '{<=}':
    case '{in}':
      return includes(right, left)
    case '{not-in}':
      return !includes(right, left)
    default:
      return includes(left, right)
  }
}
