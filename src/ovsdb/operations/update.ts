import { conditionFromJson, rowsWhere } from '../condition.ts'
import { type Datum, equalDatum } from '../datum.ts'
import { Fault, syntaxFault } from '../fault.ts'
import type { Json } from '../json.ts'
import { named, type Operation, tableOf } from './call.ts'
import { rowFromJson } from './row.ts'

/** RFC 7047 §5.2.3. */
export const update: Operation = call => {
  const { members, transaction } = call
  const table = tableOf(call)
  const where = members.required('where', 'array') as Json[]
  const rowJson = members.required('row', 'object') as Json
  if (members.failed !== undefined || table === undefined) return members.failed as Fault
  const given = rowFromJson(rowJson, table, call)
  if (given instanceof Fault) return given
  const fixed = given.find(([{ type }]) => type.fixed)?.[0]
  if (fixed !== undefined) {
    const details = `Cannot update immutable column ${fixed.name} in table ${table.name}.`
    return syntaxFault(details, call.json, 'constraint violation')
  }
  const condition = conditionFromJson(where, table, named(call))
  if (condition instanceof Fault) return condition
  const rows = rowsWhere(table, condition)
  const columns = given.map(([column]) => column)
  const refused = call.access?.checkUpdate(table, rows, columns)
  if (refused !== undefined) return refused
  for (const row of rows) {
    for (const [{ index }, datum] of given) {
      if (!equalDatum(row.values[index] as Datum, datum)) transaction.modify(row)[index] = datum
    }
  }
  return { count: rows.length }
}
