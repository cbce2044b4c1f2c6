/** Random operations on a database: mostly right, now and then with one mistake. */
import type { BaseType, ColumnType } from '../../../src/ovsdb/column.ts'
import type { Database } from '../../../src/ovsdb/database.ts'
import type { Json, JsonObject } from '../../../src/ovsdb/json.ts'
import type { Column, Table } from '../../../src/ovsdb/table.ts'
import { below, type Random } from '../../../src/runtime/index.ts'
import { chance, pick } from './random-schema.ts'

export class Generator {
  private readonly random: Random
  private readonly database: Database
  /** Names given to rows in the transaction, by table. */
  private names: { name: string; table: string }[] = []
  private mistaken = false

  constructor(random: Random, database: Database) {
    this.random = random
    this.database = database
  }

  transaction(): JsonObject[] {
    this.names = []
    // At most one mistake, for which of two is told depends on the order of a hash.
    this.mistaken = !chance(this.random, 0.25)
    const count = 1 + below(this.random, 4)
    return Array.from({ length: count }, (_, i) => this.operation(i))
  }

  private operation(i: number): JsonObject {
    const table = pick(this.random, [...this.database.tables.values()])
    const operation = this.rightOperation(table, i)
    return this.mistake(0.3) ? this.spoil(operation) : operation
  }

  /** Whether to make the transaction's mistake here. */
  private mistake(probability: number): boolean {
    if (this.mistaken || !chance(this.random, probability)) return false
    this.mistaken = true
    return true
  }

  private spoil(operation: JsonObject): JsonObject {
    // Without its timeout a wait may take for ever.
    const members = Object.keys(operation).filter(name => name !== 'timeout')
    const member = pick(this.random, members)
    const others = Object.fromEntries(Object.entries(operation).filter(([name]) => name !== member))
    switch (below(this.random, 4)) {
      case 0:
        return others
      case 1:
        return { ...operation, extra: 1 }
      case 2:
        return {
          ...operation,
          [member]: pick<Json>(this.random, [5, 1.5, 'x y', 'nix', null, true, [], {}, [5], ['a', 'b', 'c']]),
        }
      default:
        return { ...operation, table: 'Nowhere' }
    }
  }

  private rightOperation(table: Table, i: number): JsonObject {
    const { random } = this
    const op = pick(random, [
      ...Array<string>(6).fill('insert'),
      ...Array<string>(3).fill('mutate'),
      ...Array<string>(3).fill('update'),
      'select',
      'select',
      'delete',
      'wait',
      chance(random, 0.2) ? pick(random, ['abort', 'assert', 'comment', 'commit']) : 'select',
    ])
    const where = { op, table: table.name, where: this.where(table) }
    switch (op) {
      case 'insert':
        return this.insert(table, i)
      case 'mutate':
        return { ...where, mutations: this.some(2, () => this.mutation(table)) }
      case 'update':
        return { ...where, row: this.row(table, 0.4) }
      case 'select':
        return { ...where, ...(chance(random, 0.6) && { columns: this.columns(table) }) }
      case 'delete':
        return where
      case 'wait':
        return {
          ...where,
          timeout: 0,
          until: pick(random, ['==', '!=']),
          columns: this.columns(table),
          rows: this.some(2, () => this.row(table, 0.5)),
        }
      case 'assert':
        return { op, lock: 'mine' }
      case 'comment':
        return { op, comment: 'x' }
      case 'commit':
        return { op, durable: false }
      default:
        return { op }
    }
  }

  private some<T>(most: number, make: () => T): T[] {
    return Array.from({ length: below(this.random, most + 1) }, make)
  }

  private columns(table: Table): string[] {
    const names = table.columns.map(({ name }) => name).filter(name => name !== '_version')
    if (this.mistake(0.1)) return pick(this.random, [[...names, ...names], ['nix']])
    return names.filter(() => chance(this.random, 0.5))
  }

  private insert(table: Table, i: number): JsonObject {
    const name = chance(this.random, 0.5) ? `n${i}` : undefined
    const row = this.row(table, 0.6)
    if (name !== undefined) this.names.push({ name, table: table.name })
    const uuid = chance(this.random, 0.1) ? this.uuidText() : undefined
    return {
      op: 'insert',
      table: table.name,
      row,
      ...(name !== undefined && { 'uuid-name': name }),
      ...(uuid !== undefined && { uuid }),
    }
  }

  private row(table: Table, probability: number): JsonObject {
    const row: JsonObject = {}
    for (const { name, type } of table.columns.slice(2)) {
      const needed = type.key.table !== undefined && type.min === 1
      if (chance(this.random, needed ? 0.95 : probability)) row[name] = this.value(type)
    }
    if (this.mistake(0.1)) row.nix = 1
    return row
  }

  where(table: Table): Json[] {
    if (chance(this.random, 0.25)) return []
    return Array.from({ length: 1 + below(this.random, 2) }, () => this.clause(table))
  }

  private clause(table: Table): Json {
    const { random } = this
    if (chance(random, 0.05)) return chance(random, 0.7)
    if (chance(random, 0.3) && table.rows.size > 0) {
      return [
        '_uuid',
        pick(random, ['==', '!=', 'includes', 'excludes']),
        ['uuid', pick(random, [...table.rows.keys()])],
      ]
    }
    const column = pick(
      random,
      table.columns.filter(({ name }) => name !== '_version'),
    )
    const { type } = column
    const ordered = type.max === 1 && type.value === undefined && /integer|real/.test(type.key.type)
    if (this.mistake(0.15)) {
      return pick<Json>(random, [
        5,
        [column.name, '=='],
        [column.name, '~', 1],
        ['nix', '==', 1],
        [column.name, '<', 'x'],
      ])
    }
    const test = pick(random, ['==', '!=', 'includes', 'excludes', ...(ordered ? ['<', '<=', '>', '>='] : [])])
    const loose = test === 'includes' || test === 'excludes' ? { ...type, min: 0 as const } : { ...type }
    if (ordered && /[<>]/.test(test)) loose.min = 1
    return [column.name, test, this.value(loose)]
  }

  private mutation(table: Table): Json {
    const { random } = this
    const columns = table.columns.slice(2).filter(({ type }) => !type.fixed)
    if (columns.length === 0) return ['nix', '+=', 1]
    const column: Column = pick(random, columns)
    const { type } = column
    if (this.mistake(0.2)) {
      return pick<Json>(random, [
        5,
        [column.name, '+='],
        [column.name, '~', 1],
        ['nix', '+=', 1],
        [column.name, '%=', 'x'],
      ])
    }
    const arithmetic = type.value === undefined && /integer|real/.test(type.key.type)
    const isSet = type.max !== 1 || type.min !== 1 || type.value !== undefined
    if (arithmetic && (!isSet || chance(random, 0.5))) {
      const mutator = pick(random, ['+=', '-=', '*=', '/=', '%='])
      // ovsdb-server does not tell right which products are too large: only small ones are asked for.
      const large = mutator === '*=' ? [] : [-1, 9223372036854775807n]
      return [
        column.name,
        mutator,
        pick<Json>(random, [0, 1, 2, 3, ...large, ...(type.key.type === 'real' ? [0.5, 1e300] : [])]),
      ]
    }
    if (!isSet) return [column.name, pick(random, ['insert', '+=']), 'x']
    if (chance(random, 0.5)) return [column.name, 'insert', this.value({ ...type, min: 0 })]
    const keys = type.value !== undefined && chance(random, 0.5)
    const loose = { ...type, min: 0 as const, max: Number.POSITIVE_INFINITY }
    if (!keys) return [column.name, 'delete', this.value(loose)]
    return [column.name, 'delete', this.value({ key: type.key, min: 0, max: loose.max })]
  }

  value(type: ColumnType): Json {
    const { random } = this
    if (this.mistake(0.05)) {
      return pick<Json>(random, [
        null,
        'q',
        77,
        1.25,
        [],
        {},
        ['set'],
        ['set', 5],
        ['map', [5]],
        ['set', [['uuid', 'x']]],
        ['uuid', 5],
      ])
    }
    const most = Math.min(type.max, 3) + (this.mistake(0.05) ? 3 : 0)
    const count = Math.max(type.min, below(random, most + 1))
    const keys = Array.from({ length: count }, () => this.atom(type.key))
    const distinct = this.mistake(0.02)
      ? keys
      : [
          ...new Map(
            keys.map(key => [JSON.stringify(key, (_, v) => (typeof v === 'bigint' ? String(v) : v)), key]),
          ).values(),
        ]
    const { value } = type
    if (value !== undefined) return ['map', distinct.map(key => [key, this.atom(value)])]
    return distinct.length === 1 && chance(random, 0.7) ? (distinct[0] as Json) : ['set', distinct]
  }

  private atom(base: BaseType): Json {
    const { random } = this
    if (base.oneOf !== undefined && !this.mistake(0.03)) return pick(random, base.oneOf as Json[])
    switch (base.type) {
      case 'boolean':
        return chance(random, 0.5)
      case 'string':
        return base.minLength !== undefined && !this.mistake(0.05)
          ? pick(random, ['a', 'b', 'ab', 'é'])
          : pick(
              random,
              ['', 'a', 'b', 'ab', 'é😀', 'a "q"', '\ue000', 'true', 'long text'].slice(
                0,
                base.minLength === undefined ? 9 : 8,
              ),
            )
      case 'integer':
        return base.min !== undefined || base.max !== undefined
          ? below(random, 4)
          : pick<Json>(random, [0, 1, 2, 3, -1, 7, 9007199254740993n, -9223372036854775808n])
      case 'real':
        return base.min !== undefined || base.max !== undefined
          ? below(random, 6) / 2
          : pick<Json>(random, [0, 0.5, 1, 1.5, -2.25, 1e300, 0.1])
      case 'uuid':
        return this.uuid(base)
    }
  }

  private uuid({ table }: BaseType): Json {
    const { random } = this
    const names = this.names.filter(each => each.table === table)
    if (names.length > 0 && chance(random, 0.5)) return ['named-uuid', pick(random, names).name]
    const rows = [...(this.database.tables.get(table ?? '')?.rows.keys() ?? [])]
    if (rows.length > 0 && chance(random, 0.9)) return ['uuid', pick(random, rows)]
    if (chance(random, 0.4)) return ['named-uuid', `n${below(random, 4)}`]
    return ['uuid', chance(random, 0.2) ? '00000000-0000-0000-0000-000000000000' : this.uuidText()]
  }

  private uuidText(): string {
    return `11111111-2222-4333-8444-00000000000${below(this.random, 8)}`
  }
}
