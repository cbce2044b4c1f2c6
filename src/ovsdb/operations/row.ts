import type { Datum } from '../datum.ts'
import { datumFromJson } from '../datum-json.ts'
import { type Checked, Fault, syntaxFault } from '../fault.ts'
import { isObject, type Json } from '../json.ts'
import type { Column, Table } from '../table.ts'
import { type Call, named } from './call.ts'

/** The `<row>` of RFC 7047 §5.1: columns with values. */
export const rowFromJson = (json: Json, table: Table, call: Call): Checked<[Column, Datum][]> => {
  if (!isObject(json)) return syntaxFault('row must be JSON object', json)
  const values: [Column, Datum][] = []
  for (const name of Object.keys(json)) {
    const column = table.column(name)
    if (column === undefined) return syntaxFault(`No column ${name} in table ${table.name}.`, json, 'unknown column')
    const datum = datumFromJson(json[name] as Json, column.type, { named: named(call) })
    if (datum instanceof Fault) return datum
    values.push([column, datum])
  }
  return values
}

/** The same text for rows with the same values in `columns` only. */
export const keyOfColumns = (columns: readonly Column[], values: readonly Datum[]): string => {
  let key = ''
  for (const { index } of columns) {
    const { keys, values: to } = values[index] as Datum
    key += `${keys.length};`
    for (const atom of keys) key += `${String(atom).length};${atom}`
    if (to !== undefined) for (const atom of to) key += `${String(atom).length};${atom}`
  }
  return key
}
