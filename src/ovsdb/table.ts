/** Tables with rows in memory, and what is counted so that a commit looks only at what it changed. */
import { defaultAtom } from './atom.ts'
import { type ColumnType, isScalar, one, type TableType } from './column.ts'
import { type Datum, defaultDatum } from './datum.ts'
import { checkAtom } from './datum-json.ts'
import { formatDatum } from './datum-text.ts'
import type { Fault } from './fault.ts'

/** A column at its place in a row. `_uuid` and `_version` are at 0 and 1 of every table. */
export type Column = {
  readonly name: string
  readonly index: number
  readonly type: ColumnType
  readonly initial: Datum
  /** What is wrong with `initial`, if it may not be stored. */
  readonly initialFault: Fault | undefined
}

export const uuidColumn = 0
export const versionColumn = 1

/** A row of a database. `values` are by the column's index and are replaced, never changed, by a transaction. */
export class Row {
  readonly table: Table
  readonly uuid: string
  values: Datum[]
  /** How many strong references other rows have to it. */
  strong = 0
  /** Rows that refer to it weakly, and how often. */
  weakFrom: Map<Row, number> | undefined

  constructor(table: Table, uuid: string, values: Datum[]) {
    this.table = table
    this.uuid = uuid
    this.values = values
  }
}

/** Columns whose values together differ in all rows of a table. */
export class Index {
  readonly columns: readonly Column[]
  readonly rows = new Map<string, Row>()

  constructor(columns: readonly Column[]) {
    this.columns = columns
  }

  /** The same text for the same values only. */
  keyOf(values: readonly Datum[]): string {
    const [first] = this.columns
    if (first !== undefined && this.columns.length === 1 && isScalar(first.type)) {
      return String(values[first.index]?.keys[0])
    }
    return this.columns.map(({ index }) => keyOf(values[index] as Datum)).join('')
  }

  /** The values as errors show them: `x`, `x and 5`. */
  show(values: readonly Datum[]): string {
    return listed(this.columns.map(({ index, type }) => formatDatum(values[index] as Datum, type)))
  }

  /** `column "a"`, `columns "a" and "b"`. */
  showColumns(): string {
    return `column${this.columns.length > 1 ? 's' : ''} ${listed(this.columns.map(({ name }) => `"${name}"`))}`
  }
}

/** With counts and lengths, so that no text of one value looks like two. */
const keyOf = ({ keys, values = [] }: Datum): string =>
  `${keys.length};${[...keys, ...values].map(atom => `${String(atom).length};${atom}`).join('')}`

const listed = (words: readonly string[]): string =>
  words.length < 3 ? words.join(' and ') : `${words.slice(0, -1).join(', ')}, and ${words.at(-1)}`

export class Table {
  readonly name: string
  readonly type: TableType
  /** Whether rows live without being referred to. */
  readonly root: boolean
  readonly columns: readonly Column[]
  readonly rows = new Map<string, Row>()
  readonly indexes: readonly Index[]
  /** Columns with references, by kind. */
  readonly strong: readonly Column[]
  readonly weak: readonly Column[]
  private readonly byName: ReadonlyMap<string, Column>

  constructor(name: string, type: TableType, root: boolean) {
    this.name = name
    this.type = type
    this.root = root
    this.columns = columnsOf(type)
    this.byName = new Map(this.columns.map(column => [column.name, column]))
    const found = (column: string): Column => this.byName.get(column) as Column
    this.indexes = (type.indexes ?? []).map(columns => new Index(columns.map(found)))
    this.strong = this.columns.filter(({ type: { key, value } }) => refers(key, false) || refers(value, false))
    this.weak = this.columns.filter(({ type: { key, value } }) => refers(key, true) || refers(value, true))
  }

  column(name: string): Column | undefined {
    return this.byName.get(name)
  }
}

const known = new WeakMap<TableType, readonly Column[]>()

/** Made once for each type of table: a lab has many databases of one schema. */
const columnsOf = (type: TableType): readonly Column[] => {
  const columns = known.get(type) ?? makeColumns(type)
  known.set(type, columns)
  return columns
}

const makeColumns = (type: TableType): readonly Column[] => {
  const hidden = { ...one({ type: 'uuid' }), fixed: true }
  const types: [string, ColumnType][] = [['_uuid', hidden], ['_version', hidden], ...Object.entries(type.columns)]
  return types.map(([column, columnType], index) => ({
    name: column,
    index,
    type: columnType,
    initial: defaultDatum(columnType),
    initialFault: initialFault(columnType),
  }))
}

const refers = (base: ColumnType['value'], weak: boolean): boolean =>
  base?.table !== undefined && (base.weak === true) === weak

const initialFault = ({ key, value, min }: ColumnType): Fault | undefined =>
  min === 0
    ? undefined
    : (checkAtom(defaultAtom(key.type), key) ?? (value && checkAtom(defaultAtom(value.type), value)))
