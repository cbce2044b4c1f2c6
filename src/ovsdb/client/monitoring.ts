/** Asks a server to tell of tables, in the newest form that it knows, and puts what it tells into the replica. */
import type { Cancel } from '../../runtime/index.ts'
import { zeroUuid } from '../atom.ts'
import { Fault } from '../fault.ts'
import type { Json, JsonObject } from '../json.ts'
import { printJson } from '../json-text.ts'
import type { Changes, Replica } from './replica.ts'
import type { Answer, Rpc } from './rpc.ts'

export type MonitoringOptions = {
  database: string
  /** Whether the server has the column. */
  knows(table: string, column: string): boolean
  where: Readonly<Record<string, readonly Json[]>>
  /** The state that the replica has, to go on from. */
  since: string | undefined
  /** The replica has changed; `state` names it, if the server does. */
  told(changes: Changes, state: string | undefined): void
  failed(why: string): void
}

const methods = ['monitor_cond_since', 'monitor_cond', 'monitor'] as const
type Method = (typeof methods)[number]

export class Monitoring {
  /** Whether the replica has all there is, and follows. */
  follows = false
  private readonly rpc: Rpc
  private readonly replica: Replica
  private readonly options: MonitoringOptions
  private readonly id: Json
  private cancelRequest: Cancel | undefined
  private isOver = false

  constructor(rpc: Rpc, replica: Replica, options: MonitoringOptions) {
    this.rpc = rpc
    this.replica = replica
    this.options = options
    this.id = ['monid', options.database]
  }

  start(): void {
    this.ask(methods)
  }

  /** Hears no more. */
  cancel(): void {
    this.isOver = true
    this.follows = false
    this.cancelRequest?.()
  }

  /** Takes what the server tells unasked; false if it is not for this. */
  notified(method: string, params: readonly Json[]): boolean {
    const isUpdate = method === 'update' || method === 'update2' || method === 'update3'
    if (!isUpdate || this.isOver || JSON.stringify(params[0]) !== JSON.stringify(this.id)) return false
    if (method === 'update3')
      this.take(params[2] ?? null, 2, false, typeof params[1] === 'string' ? params[1] : undefined)
    else this.take(params[1] ?? null, method === 'update' ? 1 : 2, false, undefined)
    return true
  }

  private ask([method, ...older]: readonly Method[]): void {
    if (method === undefined) {
      this.options.failed('server cannot monitor its database')
      return
    }
    const { database, since } = this.options
    const params = [database, this.id, this.requests(method !== 'monitor')]
    if (method === 'monitor_cond_since') params.push(since ?? zeroUuid)
    this.cancelRequest = this.rpc.request(method, params, answer => this.answered(method, older, answer))
  }

  private answered(method: Method, older: readonly Method[], answer: Answer): void {
    if (answer.kind === 'lost' || this.isOver) return
    if (answer.kind === 'error') {
      if (answer.error === 'unknown method') this.ask(older)
      else this.options.failed(`${method} failed: ${printJson(answer.error)}`)
      return
    }
    this.follows = true
    if (method !== 'monitor_cond_since') {
      this.take(answer.result, method === 'monitor' ? 1 : 2, true, undefined)
      return
    }
    const [found, state, updates] = Array.isArray(answer.result) ? answer.result : []
    if (typeof found !== 'boolean' || typeof state !== 'string') this.fail('bad answer to monitor_cond_since')
    else this.take(updates ?? null, 2, !found, state)
  }

  private take(updates: Json, version: 1 | 2, anew: boolean, state: string | undefined): void {
    const changes = this.replica.apply(updates, version, anew)
    if (changes instanceof Fault) this.fail(`bad update: ${changes}`)
    else this.options.told(changes, state === zeroUuid ? undefined : state)
  }

  private fail(why: string): void {
    this.follows = false
    this.options.failed(why)
  }

  private requests(conditional: boolean): JsonObject {
    const requests: JsonObject = {}
    for (const table of this.replica.tableNames) {
      const columns = Object.keys(this.replica.columnsOf(table) ?? {}).filter(name => this.options.knows(table, name))
      if (columns.length === 0) continue
      const where = this.options.where[table]
      requests[table] = [conditional && where !== undefined ? { columns, where: [...where] } : { columns }]
    }
    return requests
  }
}
