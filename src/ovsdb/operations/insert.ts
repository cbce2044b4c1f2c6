import { isUuid } from '../atom.ts'
import type { Datum } from '../datum.ts'
import { type Checked, Fault, syntaxFault } from '../fault.ts'
import type { Json } from '../json.ts'
import type { Column, Table } from '../table.ts'
import { type Call, named, type Operation, tableOf } from './call.ts'
import { rowFromJson } from './row.ts'

/** RFC 7047 §5.2.1; `uuid`, an extension of Open vSwitch, says which UUID the row gets. */
export const insert: Operation = call => {
  const { members, transaction } = call
  const table = tableOf(call)
  const name = members.optional('uuid-name', 'id') as string | undefined
  const row = members.required('row', 'object') as Json
  const uuidJson = members.optional('uuid', 'string') as string | undefined
  if (members.failed !== undefined || table === undefined) return members.failed as Fault
  const uuid = uuidOf(call, table, name, uuidJson)
  if (uuid instanceof Fault) return uuid
  const given = rowFromJson(row, table, call)
  if (given instanceof Fault) return given
  const values = table.columns.map(({ initial }) => initial)
  for (const [{ index }, datum] of given) values[index] = datum
  const fault = checkInitial(table.columns, values)
  if (fault !== undefined) return fault
  const refused = call.access?.checkInsert(table, values)
  if (refused !== undefined) return refused
  transaction.insert(table, uuid, values)
  return { uuid: ['uuid', uuid] }
}

const uuidOf = (call: Call, table: Table, name: string | undefined, json: string | undefined): Checked<string> => {
  const { names, transaction } = call
  if (json !== undefined) {
    if (!isUuid(json)) return syntaxFault('bad uuid', json)
    if (!transaction.mayInsert(table, json.toLowerCase())) {
      const details =
        'This UUID would duplicate a UUID already present within the table or deleted within the same transaction.'
      return syntaxFault(details, json, 'duplicate uuid')
    }
  }
  const given = json?.toLowerCase()
  if (name === undefined) return given ?? transaction.database.newUuid()
  const known = names.get(name)
  if (known?.inserted) {
    return syntaxFault('This "uuid-name" appeared on an earlier "insert" operation.', name, 'duplicate uuid-name')
  }
  const uuid = given ?? named(call)(name)
  names.set(name, { uuid, inserted: true })
  return uuid
}

/** What nobody gave must be allowed too. */
const checkInitial = (columns: readonly Column[], values: readonly Datum[]): Fault | undefined =>
  columns.find(({ index, initial, initialFault }) => initialFault !== undefined && values[index] === initial)
    ?.initialFault
