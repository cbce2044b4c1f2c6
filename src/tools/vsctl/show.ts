import { defaultDatum, entriesOf, equalDatum, mapOf } from '../../ovsdb/datum.ts'
import { formatDatum } from '../../ovsdb/datum-text.ts'
import { schema } from '../../ovsdb/schemas/open-vswitch.ts'
import type { Row, Rows } from '../../vswitchd/row.ts'
import type { Call, Needs, VsctlCommands } from './command.ts'
import { needModel } from './model.ts'

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

/** What `emer-reset` sets back, by table. */
const resets: Record<string, readonly string[]> = {
  Open_vSwitch: ['manager_options', 'ssl'],
  Bridge: ['controller', 'fail_mode', 'mirrors', 'netflow', 'sflow', 'ipfix', 'flood_vlans', 'other_config'],
  Port: ['other_config'],
  Interface: ['ingress_policing_rate', 'ingress_policing_burst'],
}
const keptSettings = ['hwaddr']

const needReset = (needs: Needs): undefined => {
  needModel(needs)
  for (const [table, columns] of Object.entries(resets)) needs.add(table, ...columns)
  for (const table of ['Manager', 'SSL']) needs.add(table)
}

/** A clean state that can still be reached: bridges and ports stay, with the MAC addresses they were given. */
const reset = ({ transaction }: Call): undefined => {
  for (const [table, columns] of Object.entries(resets)) {
    const types = schema[table]?.columns ?? {}
    for (const row of transaction.rows(table)) {
      const values = columns.map(name => {
        const type = types[name]!
        if (name !== 'other_config' || table !== 'Bridge') return [name, defaultDatum(type)] as const
        const kept = entriesOf(row.columns[name]!).filter(([key]) => keptSettings.includes(String(key)))
        return [name, mapOf(kept)] as const
      })
      transaction.update(row, Object.fromEntries(values))
    }
  }
  for (const table of ['Manager', 'SSL']) {
    for (const row of transaction.rows(table)) transaction.remove(row)
  }
}

export const showCommands: VsctlCommands = {
  show: {
    min: 0,
    max: 0,
    needs(needs: Needs) {
      for (const [table, { title, columns }] of Object.entries(shown)) {
        needs.add(table, ...columns, ...(title === undefined ? [] : [title]))
      }
      return undefined
    },
    run({ transaction, lines }: Call) {
      for (const row of transaction.rows('Open_vSwitch')) showRow(transaction, row, 0, lines)
      return undefined
    },
  },
  init: { min: 0, max: 0, needs: () => undefined, run: () => undefined },
  comment: { min: 0, max: Number.POSITIVE_INFINITY, needs: () => undefined, run: () => undefined },
  'emer-reset': { min: 0, max: 0, needs: needReset, run: reset },
}
