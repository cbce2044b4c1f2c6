import type { Random } from '../runtime/index.ts'
import type { Datum } from './datum.ts'
import { type DatabaseSchema, settled } from './schema.ts'
import { type Row, Table } from './table.ts'
import { randomUuid } from './uuid.ts'

/** What a commit did to one row: `old` is undefined for a new row, `now` for one that is gone. */
export type Change = {
  readonly row: Row
  readonly old: readonly Datum[] | undefined
  readonly now: readonly Datum[] | undefined
  /** Indexes of the columns that differ; of all for a row that is new or gone. */
  readonly columns: readonly number[]
}

/** A transaction that changed something. `id` names the state of the database after it. */
export type Commit = { readonly id: string; readonly changes: readonly Change[] }

/** Rows by table. They change in a `Transaction` alone. Whoever watches is told of each commit. */
export class Database {
  readonly schema: DatabaseSchema
  readonly tables: ReadonlyMap<string, Table>
  private readonly random: Random
  private readonly watchers = new Set<(commit: Commit) => void>()

  constructor(schema: DatabaseSchema, random: Random) {
    this.schema = settledSchema(schema)
    this.random = random
    const types = Object.entries(this.schema.tables)
    // A schema from before there were roots says so of none: then all are.
    const allRoot = !types.some(([, type]) => type.root)
    this.tables = new Map(types.map(([name, type]) => [name, new Table(name, type, allRoot || type.root === true)]))
  }

  newUuid(): string {
    return randomUuid(this.random)
  }

  /** Calls `watcher` after each commit. Returns how to stop. */
  watch(watcher: (commit: Commit) => void): () => void {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }

  /** For `Transaction`: tells of a commit. */
  tell(commit: Commit): void {
    for (const watcher of [...this.watchers]) watcher(commit)
  }
}

const settledSchemas = new WeakMap<DatabaseSchema, DatabaseSchema>()

/** Made once for each schema: a lab has many databases of one. */
const settledSchema = (schema: DatabaseSchema): DatabaseSchema => {
  const known = settledSchemas.get(schema)
  if (known !== undefined) return known
  const result = { ...schema, tables: settled(schema.tables) }
  settledSchemas.set(schema, result)
  return result
}
