/** Updates of a monitor as tables (RFC 7047 §4.1.6; ovsdb-server(7), "Update2 Notification"). */
import { isObject, type Json, member } from '../../ovsdb/index.ts'
import type { Task } from '../../runtime/index.ts'
import { inTableOrder } from '../../switch/name-order.ts'
import type { Cell } from '../table.ts'
import { type Call, complain } from './call.ts'
import type { Monitored } from './monitor-request.ts'
import { Tables } from './tables.ts'

/** The form of updates: that of `monitor`, or that of the others. */
export type UpdateForm = 1 | 2

export class MonitorTables {
  private readonly call: Call
  private readonly watched: readonly Monitored[]
  private readonly form: UpdateForm
  private readonly hasCaptions: boolean
  private readonly tables: Tables

  /** `hasCaptions` is whether each table says which it is. */
  constructor(call: Call, watched: readonly Monitored[], form: UpdateForm, hasCaptions: boolean) {
    this.call = call
    this.watched = watched
    this.form = form
    this.hasCaptions = hasCaptions
    this.tables = new Tables(call)
  }

  /** Prints what changed; `isInitial` is for what there was when the monitor began. */
  *print(updates: Json, isInitial: boolean): Task<void> {
    const { call, form } = this
    const suffix = form === 1 ? '' : '2'
    if (!isObject(updates)) return yield* complain(call, `<table-updates${suffix}> is not object`)
    for (const monitored of this.watched) {
      const { table, columns } = monitored
      const update = member(updates, table)
      if (update === undefined) continue
      if (!isObject(update)) {
        yield* complain(call, `<table-update${suffix}> for table ${table} is not object`)
        continue
      }
      const rows: Cell[][] = []
      for (const uuid of inTableOrder(Object.keys(update))) {
        const change = member(update, uuid)
        if (!isObject(change)) yield* complain(call, `<row-update${suffix}> is not object`)
        else if (form === 1) rows.push(...(yield* this.rowsOf(monitored, uuid, change, isInitial)))
        else rows.push(...(yield* this.rows2Of(monitored, uuid, change)))
      }
      const { timestamp } = call.options
      yield* this.tables.print({
        ...(this.hasCaptions && { caption: table }),
        ...(timestamp && { time: timeText(call.connect.wallTime()) }),
        headings: ['row', 'action', ...columns.map(([name]) => name)],
        rows,
      })
    }
  }

  /** A change with the old values, the new ones, or both. */
  private *rowsOf(
    monitored: Monitored,
    uuid: string,
    change: { [name: string]: Json },
    isInitial: boolean,
  ): Task<Cell[][]> {
    const old = member(change, 'old')
    const now = member(change, 'new')
    if ((old !== undefined && !isObject(old)) || (now !== undefined && !isObject(now))) {
      yield* complain(this.call, '<row> is not object')
      return []
    }
    if (old !== undefined && now !== undefined)
      return [rowOf(monitored, uuid, 'old', old), rowOf(monitored, '', 'new', now)]
    if (old !== undefined) return [rowOf(monitored, uuid, 'delete', old)]
    return now === undefined ? [] : [rowOf(monitored, uuid, isInitial ? 'initial' : 'insert', now)]
  }

  /** Changes by their kind, each with what is other than by default, or than before. */
  private *rows2Of(monitored: Monitored, uuid: string, change: { [name: string]: Json }): Task<Cell[][]> {
    const rows: Cell[][] = []
    for (const kind of inTableOrder(Object.keys(change))) {
      const values = member(change, kind)
      if (kind === 'delete') rows.push(rowOf(monitored, uuid, kind, null))
      else if (kind !== 'initial' && kind !== 'insert' && kind !== 'modify') continue
      else if (isObject(values)) rows.push(rowOf(monitored, uuid, kind, values))
      else yield* complain(this.call, '<row> is not object')
    }
    return rows
  }
}

/** `2026-11-23 13:58:53.115`, in UTC. */
const timeText = (time: number): string => new Date(time).toISOString().replace('T', ' ').replace('Z', '')

const rowOf = ({ columns }: Monitored, uuid: string, action: string, values: Json): Cell[] => [
  uuid,
  action,
  ...columns.map(([name, type]): Cell => {
    const json = isObject(values) ? member(values, name) : undefined
    return json === undefined ? undefined : { json, type }
  }),
]
