import type { Random } from '../runtime/index.ts'
import { Database } from './database.ts'
import type { Datum } from './datum.ts'
import { datumFromJson, datumToJson } from './datum-json.ts'
import { type Checked, Fault } from './fault.ts'
import type { DatabaseSchema } from './schema.ts'
import type { Row, Table } from './table.ts'
import { Transaction } from './transaction.ts'

/**
 * A database with another schema and the same rows: tables and columns that it does not have are gone, new columns have
 * what they have by default. What does not fit, or breaks a rule of the new schema, is an error.
 */
export const convertDatabase = (database: Database, schema: DatabaseSchema, random: Random): Checked<Database> => {
  const converted = new Database(schema, random)
  const transaction = new Transaction(converted)
  for (const [name, table] of converted.tables) {
    for (const row of database.tables.get(name)?.rows.values() ?? []) {
      const values = convertRow(row, table)
      if (values instanceof Fault) return values
      transaction.insert(table, row.uuid, values)
    }
  }
  const commit = transaction.commit()
  return commit instanceof Fault ? commit : converted
}

const convertRow = (row: Row, table: Table): Checked<Datum[]> => {
  const values: Datum[] = []
  for (const { name, index, type, initial } of table.columns) {
    const old = row.table.column(name)
    const value = old && datumFromJson(datumToJson(row.values[old.index] as Datum, old.type), type)
    if (value instanceof Fault) return value
    values[index] = value ?? initial
  }
  return values
}
