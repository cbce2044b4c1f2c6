import { defaultDatum, equalDatum } from '../../ovsdb/datum.ts'
import { formatDatum } from '../../ovsdb/datum-text.ts'
import { schema } from '../../ovsdb/schemas/open-vswitch.ts'
import type { Row, Rows } from '../../vswitchd/config.ts'
import type { Call, VsctlCommands } from './command.ts'

/** What `show` prints of a table's rows: the column that names a row, and columns, some of which lead to other rows. */
const shown: Record<string, { title: string | undefined; columns: readonly string[] }> = {
  Open_vSwitch: { title: undefined, columns: ['manager_options', 'bridges', 'ovs_version'] },
  Bridge: { title: 'name', columns: ['controller', 'fail_mode', 'datapath_type', 'ports'] },
  Port: { title: 'name', columns: ['tag', 'trunks', 'interfaces'] },
  Interface: { title: 'name', columns: ['type', 'options', 'error'] },
  Controller: { title: 'target', columns: ['is_connected'] },
  Manager: { title: 'target', columns: ['is_connected'] },
}

const showRow = (rows: Rows, row: Row, depth: number, lines: string[]): void => {
  const indent = '    '.repeat(depth)
  const how = shown[row.table]
  const columns = schema[row.table]?.columns ?? {}
  if (how === undefined) return
  if (how.title === undefined) lines.push(row.uuid)
  else lines.push(`${indent}${row.table} ${formatDatum(row.columns[how.title]!, columns[how.title]!)}`)
  for (const name of how.columns) {
    const type = columns[name]!
    const datum = row.columns[name]!
    if (type.key.table !== undefined && shown[type.key.table] !== undefined) {
      for (const uuid of datum.keys) {
        const child = rows.row(type.key.table, String(uuid))
        if (child !== undefined) showRow(rows, child, depth + 1, lines)
      }
    } else if (!equalDatum(datum, defaultDatum(type))) {
      lines.push(`${indent}    ${name}: ${formatDatum(datum, type)}`)
    }
  }
}

export const showCommands: VsctlCommands = {
  show: {
    min: 0,
    max: 0,
    run({ transaction, lines }: Call) {
      for (const row of transaction.rows('Open_vSwitch')) showRow(transaction, row, 0, lines)
      return undefined
    },
  },
  init: { min: 0, max: 0, run: () => undefined },
  comment: { min: 0, max: Number.POSITIVE_INFINITY, run: () => undefined },
}
