/** Tables whose changes are logged: `ovsdb-server/tlog-set` and `tlog-list`. */
import { type Change, type Commit, formatDatum, type Server } from '../../ovsdb/index.ts'
import type { Log } from '../../runtime/index.ts'

export class TableLog {
  private readonly server: Server
  private readonly log: Log
  private readonly logged = new Set<string>()

  constructor(server: Server, log: Log) {
    this.server = server
    this.log = log
  }

  /** Takes `DB:TABLE` and `on` or `off`; a text is what is wrong. */
  set(place: string, state: string): string | undefined {
    const [, name = '', tableName = ''] = /^([^:]*):(.*)$/s.exec(place) ?? []
    if (name === '' || tableName === '') return 'invalid DB:TABLE argument'
    const served = this.server.database(name)
    if (served === undefined) return 'no such database'
    if (!served.database.tables.has(tableName)) return 'no such table'
    const word = state.toLowerCase()
    if (word !== 'on' && word !== 'off') return 'invalid command argument'
    if (word === 'on') this.logged.add(place)
    else this.logged.delete(place)
    return undefined
  }

  list(): string {
    const lines = [
      'database        table                       logging',
      '--------        -----                       -------',
    ]
    for (const name of this.server.databases()) {
      lines.push(`${name.padEnd(16)} `)
      for (const table of [...(this.server.database(name)?.database.tables.keys() ?? [])].sort()) {
        const state = this.logged.has(`${name}:${table}`) ? 'ON' : 'OFF'
        lines.push(`                ${table.padEnd(27)} ${state}`)
      }
    }
    return `${lines.join('\n')}\n`
  }

  note(database: string, { changes }: Commit): void {
    if (this.logged.size === 0) return
    for (const change of changes) {
      if (this.logged.has(`${database}:${change.row.table.name}`)) this.log('transaction', 'info', lineOf(change))
    }
  }
}

const lineOf = ({ row: { table }, old, now }: Change): string => {
  const op = old === undefined ? 'inserted' : now === undefined ? 'deleted' : 'updated'
  const values = now ?? old ?? []
  const columns = table.columns.map(({ name, index, type, initial }) => {
    return `${name}:${formatDatum(values[index] ?? initial, type)}`
  })
  return [`table:${table.name}`, `op:${op}`, ...columns].join(',')
}
