/** The `transact` of RFC 7047 §4.1.3: operations one after the other, and a commit if all went well. */
import { Access, type Actor } from './access.ts'
import type { Commit, Database } from './database.ts'
import { Fault } from './fault.ts'
import type { Json } from './json.ts'
import { Members } from './members.ts'
import { type Call, type Names, type Operation, Waiting } from './operations/call.ts'
import { remove } from './operations/delete.ts'
import { insert } from './operations/insert.ts'
import { mutate } from './operations/mutate.ts'
import { select } from './operations/select.ts'
import { abort, assert, comment, commit } from './operations/simple.ts'
import { update } from './operations/update.ts'
import { wait } from './operations/wait.ts'
import { Transaction } from './transaction.ts'

const operations: Readonly<Record<string, Operation>> = {
  insert,
  select,
  update,
  mutate,
  delete: remove,
  wait,
  commit,
  abort,
  comment,
  assert,
}

/** Those that leave everything as it is. */
const reading = new Set(['select', 'wait', 'abort', 'comment', 'assert'])

export type Asker = {
  /** Milliseconds since the transaction was asked for, on which timeouts of `wait` count. */
  elapsed?: number
  holdsLock?: (name: string) => boolean
  /** Why nothing may change, as it ends a sentence: `not allowed when …`. */
  readOnly?: string
  /** Whose role says what may change. */
  actor?: Actor
  /** Writes down what is to be committed; what it cannot write is not committed. */
  record?: (commit: Commit, comment: string | undefined) => Fault | undefined
}

/**
 * `results` is what the reply says. `commit` is what changed, if something did. A transaction that must wait has changed
 * nothing: it is carried out again later, at the latest `timeout` milliseconds after it was asked for, if that is given.
 */
export type Outcome =
  | { done: true; results: Json[]; commit?: Commit; durable: boolean }
  | { done: false; timeout?: number }

export const execute = (database: Database, requests: readonly Json[], asker: Asker = {}): Outcome => {
  const transaction = new Transaction(database)
  const names: Names = new Map()
  const comments: string[] = []
  const selected = { count: 0 }
  const results: Json[] = []
  const access = Access.of(database, asker.actor)
  let durable = false
  for (const [i, json] of requests.entries()) {
    const members = new Members(json, `ovsdb operation ${i + 1} of ${requests.length}`)
    const call: Call = {
      members,
      json,
      transaction,
      names,
      comments,
      selected,
      durable,
      access,
      elapsed: asker.elapsed ?? 0,
      holdsLock: asker.holdsLock ?? (() => false),
    }
    const result = perform(call, asker)
    durable = call.durable
    if (result instanceof Waiting) {
      transaction.abort()
      return { done: false, ...(result.timeout !== undefined && { timeout: result.timeout }) }
    }
    if (result instanceof Fault) {
      transaction.abort()
      results.push(result.toJson(), ...Array<null>(requests.length - i - 1).fill(null))
      return { done: true, results, durable: false }
    }
    results.push(result)
  }
  const comment = comments.length > 0 ? comments.join('\n') : undefined
  const committed = transaction.commit(commit => asker.record?.(commit, comment))
  if (committed instanceof Fault) return { done: true, results: [...results, committed.toJson()], durable: false }
  return {
    done: true,
    results,
    durable,
    ...(committed && { commit: committed }),
  }
}

const perform = (call: Call, { readOnly }: Asker): ReturnType<Operation> => {
  const { members } = call
  const name = members.required('op', 'id') as string | undefined
  if (name === undefined) return members.finish() as Fault
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined
  if (operation === undefined) {
    members.wrong(`No operation "${name}"`)
    return members.failed as Fault
  }
  const result = operation(call)
  // What is wrong with the members comes before what is wrong with what they say.
  const fault = members.finish() ?? (result instanceof Fault ? result : undefined)
  if (fault !== undefined || readOnly === undefined || reading.has(name)) return fault ?? result
  return new Fault('not allowed', `${name} operation ${readOnly}`)
}
