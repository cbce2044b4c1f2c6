import { setOf } from '../../ovsdb/datum.ts'
import { formatDatum, jsonOf } from '../../ovsdb/datum-text.ts'
import { schema } from '../../ovsdb/schemas/open-vswitch.ts'
import type { Row } from '../../vswitchd/config.ts'
import type { Output } from './command.ts'
import { columnType } from './names.ts'

/** Rows as `list` and `find` print them; all columns if none are named. */
export const formatRows = (
  table: string,
  rows: readonly Row[],
  wanted: readonly string[] | undefined,
  output: Output,
): string[] => {
  const columns = wanted ?? ['_uuid', ...Object.keys(schema[table]?.columns ?? {}).sort()]
  const cell = (row: Row, column: string): string => {
    const datum = column === '_uuid' ? setOf(row.uuid) : row.columns[column]!
    const text = formatDatum(datum, columnType(table, column))
    return output.bare ? bare(text) : text
  }
  switch (output.format) {
    case 'json': {
      const data = rows.map(row =>
        columns.map(column =>
          jsonOf(column === '_uuid' ? setOf(row.uuid) : row.columns[column]!, columnType(table, column)),
        ),
      )
      return [JSON.stringify({ data, headings: columns })]
    }
    case 'csv': {
      const lines = rows.map(row => columns.map(column => quotedCsv(cell(row, column))).join(','))
      return output.headings ? [columns.map(quotedCsv).join(','), ...lines] : lines
    }
    case 'table':
    case 'html':
      return tabular(
        columns,
        rows.map(row => columns.map(column => cell(row, column))),
        output.headings,
      )
    default:
      return rows.flatMap((row, i) => [
        ...(i === 0 ? [] : ['']),
        ...columns.map(column => (output.headings ? `${column.padEnd(20)}: ${cell(row, column)}` : cell(row, column))),
      ])
  }
}

/** `--bare`: no brackets and quotes, values apart by spaces. */
const bare = (text: string): string =>
  text
    .replace(/^[[{](.*)[\]}]$/s, '$1')
    .replaceAll(', ', ' ')
    .replaceAll('"', '')

const quotedCsv = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

const tabular = (columns: readonly string[], cells: readonly string[][], headings: boolean): string[] => {
  const widths = columns.map((column, i) =>
    Math.max(headings ? column.length : 0, ...cells.map(row => (row[i] as string).length)),
  )
  const line = (row: readonly string[]): string =>
    row.map((text, i) => (i === row.length - 1 ? text : text.padEnd(widths[i] as number))).join(' ')
  const body = cells.map(line)
  return headings ? [line(columns), widths.map(width => '-'.repeat(width)).join(' '), ...body] : body
}
