import type { Cancel, Clock } from '../runtime/index.ts'
import type { Actor } from './access.ts'
import type { Commit, Database } from './database.ts'
import { execute } from './execute.ts'
import type { Fault } from './fault.ts'
import { History } from './history.ts'
import type { Json } from './json.ts'

/** Where commits last, as `DatabaseLog` keeps them. */
export interface Storage {
  /** Writes a commit down before it is one; if it cannot, there is none. */
  write(commit: Commit, comment: string | undefined): Fault | undefined
  /** Calls `done` once all that was written outlasts the machine's power, or what is wrong. */
  sync(done: (failure?: Fault) => void): void
  /** Writes down a database with all that is in it, in the place of all before. */
  rewrite(database: Database, comment: string): Fault | undefined
}

/** A transaction that someone asked for and that is not answered yet. */
export type Asked = {
  operations: readonly Json[]
  holdsLock(name: string): boolean
  readOnly: string | undefined
  actor?: Actor
  /** The reply: results, or a word why there are none. */
  answer(results: Json[] | string): void
}

type Trigger = { asked: Asked; since: number; cancelTimer: Cancel | undefined }

/**
 * A database with those who wait for it: transactions whose `wait` does not hold yet are tried again after each commit,
 * and a last time when it gives up.
 */
export class ServedDatabase {
  private current: Database
  private past: History
  private readonly clock: Clock
  private readonly historyRoom: number
  readonly storage: Storage | undefined
  private readonly triggers = new Set<Trigger>()
  private running = false
  private changed = false

  constructor(database: Database, clock: Clock, historyRoom: number, storage?: Storage) {
    this.current = database
    this.clock = clock
    this.historyRoom = historyRoom
    this.storage = storage
    this.past = new History(database, historyRoom)
  }

  get database(): Database {
    return this.current
  }

  get history(): History {
    return this.past
  }

  /** Puts another database in its place; no state of the one before is known any more. */
  replace(database: Database): void {
    this.current = database
    this.past = new History(database, this.historyRoom)
  }

  get name(): string {
    return this.database.schema.name
  }

  /** Answers now, or once what it waits for is there. Returns how to give it up unanswered. */
  ask(asked: Asked): Cancel {
    const trigger: Trigger = { asked, since: this.clock.now(), cancelTimer: undefined }
    this.try(trigger)
    this.runTriggers()
    return () => this.drop(trigger)
  }

  /** Answers all that waits with a word: what it waits for will not come. */
  cancelAll(word: string): void {
    for (const trigger of [...this.triggers]) {
      this.drop(trigger)
      trigger.asked.answer(word)
    }
  }

  private drop(trigger: Trigger): void {
    trigger.cancelTimer?.()
    trigger.cancelTimer = undefined
    this.triggers.delete(trigger)
  }

  private try(trigger: Trigger): void {
    const { asked, since } = trigger
    const elapsed = Math.floor((this.clock.now() - since) / 1e6)
    const outcome = execute(this.database, asked.operations, {
      elapsed,
      holdsLock: asked.holdsLock,
      ...(asked.actor && { actor: asked.actor }),
      ...(asked.readOnly !== undefined && { readOnly: asked.readOnly }),
      record: (commit, comment) => this.storage?.write(commit, comment),
    })
    if (!outcome.done) {
      this.triggers.add(trigger)
      trigger.cancelTimer?.()
      const { timeout } = outcome
      trigger.cancelTimer =
        timeout === undefined
          ? undefined
          : this.clock.at(since + timeout * 1e6, () => {
              this.try(trigger)
              this.runTriggers()
            })
      return
    }
    this.drop(trigger)
    const { commit, results, durable } = outcome
    if (commit === undefined) {
      asked.answer(results)
      return
    }
    this.history.add(commit)
    this.changed = true
    if (this.storage === undefined || !durable) asked.answer(results)
    else this.storage.sync(failure => asked.answer(failure === undefined ? results : [...results, failure.toJson()]))
  }

  private runTriggers(): void {
    if (this.running) return
    this.running = true
    while (this.changed) {
      this.changed = false
      for (const trigger of [...this.triggers]) if (this.triggers.has(trigger)) this.try(trigger)
    }
    this.running = false
  }
}
