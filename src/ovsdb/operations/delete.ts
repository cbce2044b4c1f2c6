import { conditionFromJson, rowsWhere } from '../condition.ts'
import { Fault } from '../fault.ts'
import type { Json } from '../json.ts'
import { named, type Operation, tableOf } from './call.ts'

/** RFC 7047 §5.2.5. */
export const remove: Operation = call => {
  const { members, transaction } = call
  const table = tableOf(call)
  const where = members.required('where', 'array') as Json[]
  if (members.failed !== undefined || table === undefined) return members.failed as Fault
  const condition = conditionFromJson(where, table, named(call))
  if (condition instanceof Fault) return condition
  const rows = rowsWhere(table, condition)
  const refused = call.access?.checkDelete(table, rows)
  if (refused !== undefined) return refused
  for (const row of rows) transaction.delete(row)
  return { count: rows.length }
}
