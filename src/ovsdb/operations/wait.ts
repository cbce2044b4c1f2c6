import { conditionFromJson, rowsWhere } from '../condition.ts'
import { Fault, syntaxFault } from '../fault.ts'
import type { Json } from '../json.ts'
import { columnsOf, named, type Operation, tableOf, Waiting } from './call.ts'
import { keyOfColumns, rowFromJson } from './row.ts'

/** RFC 7047 §5.2.6. Rows are compared as a set: how often one comes does not count. */
export const wait: Operation = call => {
  const { members, elapsed } = call
  const timeout = members.optional('timeout', 'integer', 'real') as number | bigint | undefined
  const where = members.required('where', 'array') as Json[]
  const columnsJson = members.optional('columns', 'array')
  const until = members.required('until', 'string') as string
  const rowsJson = members.required('rows', 'array') as Json[]
  const table = tableOf(call)
  if (members.failed !== undefined || table === undefined) return members.failed as Fault
  const condition = conditionFromJson(where, table, named(call))
  if (condition instanceof Fault) return condition
  const columns = columnsOf(columnsJson, table)
  if (columns instanceof Fault) return columns
  if (timeout !== undefined && timeout < 0) return syntaxFault('timeout must be nonnegative', timeout)
  if (until !== '==' && until !== '!=') return syntaxFault('"until" must be "==" or "!="', until)
  const wanted = new Set<string>()
  for (const json of rowsJson) {
    const row = rowFromJson(json, table, call)
    if (row instanceof Fault) return row
    const values = table.columns.map(({ initial }) => initial)
    for (const [{ index }, datum] of row) values[index] = datum
    wanted.add(keyOfColumns(columns, values))
  }
  const found = new Set(rowsWhere(table, condition).map(({ values }) => keyOfColumns(columns, values)))
  const same = found.size === wanted.size && [...found].every(key => wanted.has(key))
  if (same === (until === '==')) return {}
  const limit = timeout === undefined ? undefined : Math.floor(Number(timeout))
  if (limit === undefined || elapsed < limit) return new Waiting(limit)
  return new Fault('timed out', elapsed > 0 ? `"wait" timed out after ${elapsed} ms` : '"where" clause test failed')
}
