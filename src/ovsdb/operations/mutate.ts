import { conditionFromJson, rowsWhere } from '../condition.ts'
import type { Datum } from '../datum.ts'
import { Fault } from '../fault.ts'
import type { Json } from '../json.ts'
import { type Mutation, mutate as mutateDatum, mutationFromJson } from '../mutation.ts'
import { named, type Operation, tableOf } from './call.ts'

/** RFC 7047 §5.2.4. */
export const mutate: Operation = call => {
  const { members, transaction } = call
  const table = tableOf(call)
  const where = members.required('where', 'array') as Json[]
  const mutationsJson = members.required('mutations', 'array') as Json[]
  if (members.failed !== undefined || table === undefined) return members.failed as Fault
  const mutations: Mutation[] = []
  for (const json of mutationsJson) {
    const mutation = mutationFromJson(json, table, named(call))
    if (mutation instanceof Fault) return mutation
    mutations.push(mutation)
  }
  const condition = conditionFromJson(where, table, named(call))
  if (condition instanceof Fault) return condition
  const rows = rowsWhere(table, condition)
  const columns = mutations.map(({ column }) => column)
  const refused = call.access?.checkMutate(table, rows, columns)
  if (refused !== undefined) return refused
  for (const row of rows) {
    for (const mutation of mutations) {
      const { index } = mutation.column
      const value = mutateDatum(mutation, row.values[index] as Datum)
      if (value instanceof Fault) return value
      if (value !== row.values[index]) transaction.modify(row)[index] = value
    }
  }
  return { count: rows.length }
}
