/** `ovsdb-tool show-log`: what the records of a database's file say, in the words of ovsdb-tool(1). */
import {
  type ColumnType,
  type DatabaseSchema,
  datumFromJson,
  Fault,
  formatDatum,
  isObject,
  type Json,
  type JsonObject,
  type Records,
  schemaFromJson,
} from '../../ovsdb/index.ts'

/** Lines for each record; the last one may be a fault, where the file is not whole. */
export function* logLines(records: Records, verbosity: number): Generator<string | Fault> {
  /** The names of rows by UUID, as far as they have one. */
  const names = new Map<string, string>()
  let schema: DatabaseSchema | undefined
  for (let i = 0; ; i++) {
    const record = records.next()
    if (record === undefined) return
    if (record instanceof Fault) {
      yield record
      return
    }
    if (i === 0) {
      const read = schemaFromJson(record)
      if (read instanceof Fault) {
        yield read
        return
      }
      schema = read
      yield `record 0: "${read.name}" schema, version="${read.version}", cksum="${read.cksum ?? ''}"\n\n`
    } else yield recordText(i, record, schema as DatabaseSchema, names, verbosity)
  }
}

const recordText = (
  number: number,
  record: JsonObject,
  schema: DatabaseSchema,
  names: Map<string, string>,
  verbosity: number,
): string => {
  const { _date: date, _comment: comment, _is_diff: isDiff } = record
  const when = date === undefined ? '' : ` ${timeText(Number(date))}`
  const head = `record ${number}:${when}${typeof comment === 'string' ? ` "${comment}"` : ''}\n`
  const lines: string[] = []
  for (const [table, rows] of Object.entries(record)) {
    if (table.startsWith('_') || !isObject(rows)) continue
    for (const [uuid, row] of Object.entries(rows))
      lines.push(...rowLines({ schema, names, table, uuid, row, isDiff }, verbosity))
  }
  if (verbosity === 0) return head
  return `${head}${lines.map(line => `${line}\n`).join('')}${lines.length > 0 ? '\n' : ''}`
}

type ShownRow = {
  schema: DatabaseSchema
  names: Map<string, string>
  table: string
  uuid: string
  row: Json
  isDiff: Json | undefined
}

const rowLines = ({ schema, names, table, uuid, row, isDiff }: ShownRow, verbosity: number): string[] => {
  const short = uuid.slice(0, 8)
  const values = isObject(row) ? row : undefined
  const isNew = values !== undefined && !names.has(uuid)
  const { name } = values ?? {}
  if (typeof name === 'string') names.set(uuid, `"${name}"`)
  else if (isNew) names.set(uuid, short)
  const known = names.get(uuid) ?? short
  const shown = isNew && known === short ? short : `${known} (${short})`
  if (values === undefined) {
    names.delete(uuid)
    return [`  table ${table} row ${shown}${isDiff === true ? ' diff' : ''}:`, '    delete row']
  }
  const head = isNew
    ? `  table ${table} insert row ${shown}:`
    : `  table ${table} row ${shown}${isDiff === true ? ' diff' : ''}:`
  if (verbosity < 2) return [head]
  return [
    head,
    ...Object.entries(values).map(
      ([column, value]) => `    ${column}=${valueText(columnOf(schema, table, column), value)}`,
    ),
  ]
}

const columnOf = (schema: DatabaseSchema, table: string, column: string): ColumnType | undefined =>
  Object.hasOwn(schema.tables, table) && Object.hasOwn(schema.tables[table]?.columns ?? {}, column)
    ? schema.tables[table]?.columns[column]
    : undefined

/** A difference may have more elements than the column, and fewer. */
const valueText = (type: ColumnType | undefined, value: Json): string => {
  const loose = type && { ...type, min: 0 as const, max: Number.POSITIVE_INFINITY }
  const datum = loose && datumFromJson(value, loose)
  if (type === undefined || datum === undefined || datum instanceof Fault) return JSON.stringify(value)
  return formatDatum(datum, datum.keys.length === 1 ? type : { ...type, max: Number.POSITIVE_INFINITY })
}

/** In UTC: `2026-11-23 13:07:32.452`. Dates of old files are in seconds. */
const timeText = (date: number): string => {
  const milliseconds = date < 2 ** 32 ? date * 1000 : date
  const text = new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', '')
  return date < 2 ** 32 ? text.slice(0, -4) : text
}
