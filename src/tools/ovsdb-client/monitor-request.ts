/** What a monitor's words ask for: tables, columns, and kinds of changes. */
import type { ColumnType, DatabaseSchema, Json, JsonObject } from '../../ovsdb/index.ts'
import { columnsOf } from './schemas.ts'

type TableType = DatabaseSchema['tables'][string]

/** A table that is monitored: its columns in the order in which they are shown, and what is asked of the server. */
export type Monitored = { table: string; columns: [name: string, type: ColumnType][]; request: Json[] }

const kinds = ['initial', 'insert', 'delete', 'modify'] as const

/**
 * Words such as `name,ports` or `!initial`, each with a request of its own; one that names no columns means all but
 * `_uuid`. `where` is the condition for rows, if there is one. A text is what is wrong.
 */
export const monitored = (
  database: string,
  table: string,
  type: TableType,
  words: readonly string[],
  where?: Json,
): Monitored | string => {
  const all = columnsOf(type).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const columns: Monitored['columns'] = []
  const request: Json[] = []
  for (const word of words.length === 0 ? [''] : words) {
    const read = groupOf(word, all)
    if ('unknown' in read) return `table "${table}" in ${database} does not have a column named "${read.unknown}"`
    const { without } = read
    const chosen =
      read.chosen.length > 0 ? read.chosen : [...all.filter(([name]) => !name.startsWith('_')), ...versions(all)]
    for (const column of chosen) {
      const [name] = column
      if (columns.some(([other]) => other === name)) return `column "${name}" mentioned multiple times`
      columns.push(column)
    }
    const group: JsonObject = { columns: chosen.map(([name]) => name) }
    if (where !== undefined) group.where = where
    if (without.size > 0) group.select = Object.fromEntries(kinds.map(kind => [kind, !without.has(kind)]))
    request.push(group)
  }
  return { table, columns, request }
}

const versions = (all: Monitored['columns']): Monitored['columns'] => all.filter(([name]) => name === '_version')

type Group = { chosen: Monitored['columns']; without: Set<string> } | { unknown: string }

const groupOf = (word: string, all: Monitored['columns']): Group => {
  const chosen: Monitored['columns'] = []
  const without = new Set<string>()
  for (const token of word.split(',').filter(each => each !== '')) {
    const kind = kinds.find(each => token === `!${each}`)
    const column = all.find(([name]) => name === token)
    if (kind !== undefined) without.add(kind)
    else if (column === undefined) return { unknown: token }
    else chosen.push(column)
  }
  return { chosen, without }
}
