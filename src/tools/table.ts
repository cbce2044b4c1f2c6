/** Tables of values as ovs-vsctl and ovsdb-client print them (ovs-vsctl(8), "Table Formatting Options"). */
import type { ColumnType } from '../ovsdb/column.ts'
import { type Datum, entriesOf } from '../ovsdb/datum.ts'
import { datumFromJson, datumToJson } from '../ovsdb/datum-json.ts'
import { formatDatum } from '../ovsdb/datum-text.ts'
import { Fault } from '../ovsdb/fault.ts'
import type { Json } from '../ovsdb/json.ts'
import { printJson } from '../ovsdb/json-text.ts'
import { utf8 } from '../runtime/index.ts'
import type { FoundOption, Shape } from './getopt.ts'

/** A value of the database, in memory or as JSON, JSON of any form, a text, or nothing. */
export type Cell = { datum: Datum; type: ColumnType } | { json: Json; type?: ColumnType } | string | undefined
/** `caption` says what the table is of, `time` when it was so. */
export type Table = { caption?: string; time?: string; headings: readonly string[]; rows: readonly (readonly Cell[])[] }

export type TableStyle = {
  format: 'list' | 'table' | 'csv' | 'json' | 'html'
  data: 'string' | 'bare' | 'json'
  headings: boolean
  pretty: boolean
  /** Most characters of a column of a table; 0 for any number. */
  columnWidth: number
}

export const tableStyle = (format: TableStyle['format']): TableStyle => ({
  format,
  data: 'string',
  headings: true,
  pretty: false,
  columnWidth: 0,
})

export const tableShapes: readonly Shape[] = [
  { long: 'format', short: 'f', takes: 'value' },
  { long: 'data', short: 'd', takes: 'value' },
  { long: 'no-headings' },
  { long: 'pretty' },
  { long: 'bare' },
  { long: 'max-column-width', takes: 'value' },
]

const formats: readonly string[] = ['list', 'table', 'csv', 'json', 'html'] satisfies TableStyle['format'][]
const isFormat = (text: string): text is TableStyle['format'] => formats.includes(text)
const isData = (text: string): text is TableStyle['data'] => ['string', 'bare', 'json'].includes(text)

/** Takes an option if it is one of tables; a text is what is wrong with it. */
export const applyTableOption = (style: TableStyle, { name, value = '' }: FoundOption): string | undefined => {
  if (name === 'format') {
    if (!isFormat(value)) return `unknown output format "${value}"`
    style.format = value
  } else if (name === 'data') {
    if (!isData(value)) return `unknown data format "${value}"`
    style.data = value
  } else if (name === 'no-headings') style.headings = false
  else if (name === 'pretty') style.pretty = true
  else if (name === 'bare') Object.assign(style, { format: 'list', data: 'bare', headings: false })
  else if (name === 'max-column-width') style.columnWidth = Number.parseInt(value, 10) || 0
  return undefined
}

/** Lines without the last line's end; a table without any rows has none in some formats. */
export const formatTable = (table: Table, style: TableStyle): string[] => {
  if (style.format === 'json') return [asJson(table, style)]
  return [...(table.time === undefined ? [] : [table.time]), ...asLines[style.format](table, style)]
}

const jsonOf = (cell: Cell): Json => {
  if (cell === undefined) return null
  if (typeof cell === 'string') return cell
  return 'json' in cell ? cell.json : datumToJson(cell.datum, cell.type)
}

const textOf = (cell: Cell, { data }: TableStyle): string => {
  if (cell === undefined) return ''
  if (typeof cell === 'string') return cell
  const datum = 'datum' in cell ? cell.datum : cell.type && datumFromJson(cell.json, cell.type)
  if (data === 'json' || datum === undefined || datum instanceof Fault || cell.type === undefined)
    return printJson(jsonOf(cell), true)
  return data === 'bare' ? bareDatum(datum) : formatDatum(datum, cell.type)
}

/** Without brackets and quotes, values apart by spaces. */
const bareDatum = (datum: Datum): string =>
  datum.values === undefined
    ? datum.keys.join(' ')
    : entriesOf(datum)
        .map(([key, value]) => `${key}=${value}`)
        .join(' ')

const asList = ({ caption, headings, rows }: Table, style: TableStyle): string[] => {
  const lines = rows.flatMap((row, i) => [
    ...(i === 0 ? [] : ['']),
    ...row.map((cell, j) => {
      const text = textOf(cell, style)
      return style.headings ? `${(headings[j] as string).padEnd(20)}: ${text}` : text
    }),
  ])
  return [...title(caption), ...lines]
}

const title = (caption: string | undefined): string[] => (caption === undefined ? [] : [caption])

const isAscii = (text: string): boolean => !/[^\0-\x7f]/.test(text)

/** Columns are as wide as their texts have bytes. */
const sizeOf = (text: string): number => (isAscii(text) ? text.length : utf8(text).length)

const fitted = (text: string, width: number): string => {
  if (isAscii(text)) return text.slice(0, width).padEnd(width)
  let [whole, size] = ['', 0]
  for (const letter of text) {
    if (size + sizeOf(letter) > width) break
    whole += letter
    size += sizeOf(letter)
  }
  return whole + ' '.repeat(width - size)
}

const asTable = ({ caption, headings, rows }: Table, style: TableStyle): string[] => {
  const cells = rows.map(row => row.map(cell => textOf(cell, style)))
  const widths = headings.map((heading, i) => {
    let width = style.headings ? heading.length : 0
    for (const row of cells) {
      const size = sizeOf(row[i] as string)
      const most = style.columnWidth
      width = Math.max(width, most > 0 && size > most ? most : size)
    }
    return width
  })
  const line = (row: readonly string[]): string =>
    row
      .map((text, i) => fitted(text, widths[i] as number))
      .join(' ')
      .trimEnd()
  const above = style.headings ? [line(headings), widths.map(width => '-'.repeat(width)).join(' ')] : []
  return [...title(caption), ...above, ...cells.map(line)]
}

const quotedCsv = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

const asCsv = ({ caption, headings, rows }: Table, style: TableStyle): string[] => {
  const lines = rows.map(row => row.map(cell => quotedCsv(textOf(cell, style))).join(','))
  return [...title(caption), ...(style.headings ? [headings.map(quotedCsv).join(',')] : []), ...lines]
}

const asJson = ({ caption, time, headings, rows }: Table, style: TableStyle): string => {
  const json: Json = {
    ...(caption === undefined ? {} : { caption }),
    data: rows.map(row => row.map(jsonOf)),
    headings: [...headings],
    ...(time === undefined ? {} : { time }),
  }
  return style.pretty ? prettyJson(json) : printJson(json, true)
}

/** One element a line, two spaces a level; what closes stands behind the last. */
export const prettyJson = (json: Json, depth = 0): string => {
  if (json === null || typeof json !== 'object') return printJson(json)
  const inner = `\n${'  '.repeat(depth + 1)}`
  if (Array.isArray(json)) {
    return json.length === 0 ? '[]' : `[${json.map(each => `${inner}${prettyJson(each, depth + 1)}`).join(',')}]`
  }
  const members = Object.entries(json).sort(([a], [b]) => (a < b ? -1 : 1))
  if (members.length === 0) return '{}'
  const member = ([name, value]: [string, Json | undefined]): string =>
    `${inner}${printJson(name)}: ${prettyJson(value ?? null, depth + 1)}`
  return `{${members.map(member).join(',')}}`
}

const html: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, letter => html[letter] as string)

const uuids = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

const asHtml = ({ caption, headings, rows }: Table, style: TableStyle): string[] => {
  const lines = ['<table border=1>']
  if (caption !== undefined) lines.push(`    <caption>${escapeHtml(caption)}</caption>`)
  const row = (name: string, cells: readonly string[]): string[] => [
    '  <tr>',
    ...cells.map(text => `    <${name}>${text}</${name}>`),
    '  </tr>',
  ]
  if (style.headings) lines.push(...row('th', headings.map(escapeHtml)))
  for (const cells of rows) {
    lines.push(
      ...row(
        'td',
        cells.map((cell, i) => htmlCell(cell, headings[i] as string, style)),
      ),
    )
  }
  return [...lines, '</table>']
}

/** A row's own UUID is a place to go to, one of another row the way there. */
const htmlCell = (cell: Cell, heading: string, style: TableStyle): string => {
  const text = textOf(cell, style)
  if (heading === '_uuid') return `<a name="${escapeHtml(text)}">${escapeHtml(text.slice(0, 8))}</a>`
  return escapeHtml(text).replace(uuids, uuid => `<a href="#${uuid}">${uuid.slice(0, 8)}</a>`)
}

const asLines = { list: asList, table: asTable, csv: asCsv, html: asHtml } as const
