/**
 * What a client may change whose remote has a role: role-based access as ovsdb-server(7) has it. The database says it
 * itself, in `RBAC_Role` and the table that its `permissions` refer to; one without that table lets everyone do everything.
 */
import type { Database } from './database.ts'
import { type Datum, hasEntry, hasKey } from './datum.ts'
import { Fault } from './fault.ts'
import type { Column, Row, Table } from './table.ts'

/** A client with a role. `client` is the common name of its certificate, undefined for who showed none. */
export type Actor = { role: string; client: string | undefined }

/** What an actor may do with one table. */
type Permission = {
  /** Columns, or `COLUMN:KEY` of maps, one of which is to name the client; an empty one lets anyone in. */
  authorization: readonly string[]
  insertDelete: boolean
  update: ReadonlySet<string>
}

/** Errors are as `RBAC rules for client "x" role "y" prohibit …`. */
export const prohibited = ({ role, client }: Actor, what: string): Fault =>
  new Fault('permission error', `RBAC rules for client "${client ?? '(null)'}" role "${role}" prohibit ${what}`)

export class Access {
  private readonly database: Database
  private readonly actor: Actor
  private readonly roles: Table

  private constructor(database: Database, actor: Actor, roles: Table) {
    this.database = database
    this.actor = actor
    this.roles = roles
  }

  /** Undefined for who may do everything. */
  static of(database: Database, actor: Actor | undefined): Access | undefined {
    const roles = database.tables.get('RBAC_Role')
    return actor === undefined || actor.role === '' || roles === undefined
      ? undefined
      : new Access(database, actor, roles)
  }

  checkInsert(table: Table, values: readonly Datum[]): Fault | undefined {
    const permission = this.permissionFor(table)
    return permission?.insertDelete && this.isAuthorized(permission, table, values)
      ? undefined
      : this.refused('row insertion into', table)
  }

  checkDelete(table: Table, rows: readonly Row[]): Fault | undefined {
    const permission = this.permissionFor(table)
    const may = ({ values }: Row): boolean =>
      permission?.insertDelete === true && this.isAuthorized(permission, table, values)
    return permission !== undefined && rows.every(may) ? undefined : this.refused('row deletion from', table)
  }

  checkUpdate(table: Table, rows: readonly Row[], columns: readonly Column[]): Fault | undefined {
    return this.mayChange(table, rows, columns) ? undefined : this.refused('modification of', table)
  }

  checkMutate(table: Table, rows: readonly Row[], columns: readonly Column[]): Fault | undefined {
    return this.mayChange(table, rows, columns) ? undefined : this.refused('mutate operation on', table)
  }

  private mayChange(table: Table, rows: readonly Row[], columns: readonly Column[]): boolean {
    const permission = this.permissionFor(table)
    if (permission === undefined) return false
    const { update } = permission
    return (
      rows.length === 0 ||
      (columns.every(({ name }) => update.has(name)) &&
        rows.every(({ values }) => this.isAuthorized(permission, table, values)))
    )
  }

  private refused(what: string, { name }: Table): Fault {
    return prohibited(this.actor, `${what} table "${name}".`)
  }

  /** What the role's row says of a table. */
  private permissionFor({ name }: Table): Permission | undefined {
    const { role, client } = this.actor
    if (client === undefined) return undefined
    for (const row of this.roles.rows.values()) {
      if (cellOf(row, 'name')?.keys[0] !== role) continue
      const column = this.roles.column('permissions')
      const permissions = cellOf(row, 'permissions')
      const uuid = permissions?.values?.[permissions.keys.indexOf(name)]
      const permission = this.database.tables.get(column?.type.value?.table ?? '')?.rows.get(String(uuid))
      return permission && permissionOf(permission)
    }
    return undefined
  }

  private isAuthorized({ authorization }: Permission, table: Table, values: readonly Datum[]): boolean {
    const client = this.actor.client as string
    return authorization.some(word => {
      if (word === '') return true
      const [, name = '', key] = /^([^:]*)(?::(.*))?$/s.exec(word) ?? []
      const column = table.column(name)
      const value = column && values[column.index]
      if (value === undefined) return false
      return key === undefined ? hasKey(value, client) : hasEntry(value, key, client)
    })
  }
}

const cellOf = ({ table, values }: Row, name: string): Datum | undefined => {
  const column = table.column(name)
  return column && values[column.index]
}

const permissionOf = (row: Row): Permission => ({
  authorization: (cellOf(row, 'authorization')?.keys ?? []).map(String),
  insertDelete: cellOf(row, 'insert_delete')?.keys[0] === true,
  update: new Set((cellOf(row, 'update')?.keys ?? []).map(String)),
})
