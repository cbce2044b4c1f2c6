/**
 * One client of a server: the methods of RFC 7047 §4.1 and their extensions. A machine without a socket: bytes come in by
 * `receive`, text goes out by `take`. What monitors tell is put together when it is taken, so it does not grow while the
 * client does not read; requests are to wait while answers do (`ready`).
 */
import { type Cancel, type Clock, second } from '../runtime/index.ts'
import { type Actor, prohibited } from './access.ts'
import { isId } from './atom.ts'
import type { Commit } from './database.ts'
import { zeroUuid } from './datum.ts'
import { Fault, syntaxFault } from './fault.ts'
import type { Json, JsonObject } from './json.ts'
import { JsonStream } from './json-stream.ts'
import { printJson } from './json-text.ts'
import { errorText, messageFromJson, notificationText, printedReplyText, replyText, requestText } from './jsonrpc.ts'
import type { Locks } from './locks.ts'
import { Monitor, type MonitorVersion } from './monitor.ts'
import { conditionChanges, monitorRequests } from './monitor-request.ts'
import { schemaTexts } from './schema.ts'
import type { ServedDatabase } from './served.ts'

/** What a session needs of its server. */
export interface SessionHost {
  readonly id: string
  readonly clock: Clock
  readonly locks: Locks<Session>
  /** Whether `monitor_cond` and what came after it is known; clients then fall back to `monitor`. */
  readonly hasConditions: boolean
  databases(): string[]
  database(name: string): ServedDatabase | undefined
  convert(served: ServedDatabase, schema: Json, answer: (fault?: Fault) => void): void
}

export type SessionOptions = {
  /** Why this client may change nothing, if it may not. */
  readOnly?: boolean
  /** With a role it may change what the database lets that role change. */
  actor?: Actor
  limits?: Partial<Limits>
  /** After so many ns without a word the client is asked for one, and after as many again given up. Never without it, or 0. */
  probeInterval?: number
  /** Called when there is something to take, or the session ended. */
  wake?: () => void
}

/** Bytes that one message may take in memory, characters of answers that wait, and how many transactions, monitors and locks it may have. */
export type Limits = { message: number; answers: number; transactions: number; monitors: number; locks: number }

const defaultLimits: Limits = { message: 256e6, answers: 16e6, transactions: 10_000, monitors: 1000, locks: 1000 }

type Watched = { id: Json; monitor: Monitor; served: ServedDatabase }
/** A result as it is sent. */
class Printed {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Answer = Json | Printed | Fault | { error: string } | undefined
const wordError = (error: string): { error: string } => ({ error })
const noLocks = wordError('lock and unlock methods not allowed, DB server is read only.')
/** An answer that comes later, or came already. */
const later = Symbol('later')

export class Session {
  private readonly server: SessionHost
  private readonly limits: Limits
  private readonly readOnly: boolean
  private readonly actor: Actor | undefined
  private readonly wake: () => void
  private readonly gone: () => void
  private readonly stream: JsonStream
  private probeInterval: number
  private readonly monitors = new Map<string, Watched>()
  private readonly transactions = new Map<string, { cancel: Cancel; weight: number }>()
  private readonly locks = new Set<string>()
  private out: string[] = []
  /** Messages for whose answers there was no room yet, and what was wrong behind them. */
  private unread: { value: Json; weight: number }[] = []
  private broken: string | undefined
  private held = 0
  private changeAware = false
  private heard: number
  private probed = false
  private cancelProbe: Cancel | undefined
  /** Why the session ended. */
  ended: string | undefined

  constructor(server: SessionHost, options: SessionOptions, gone: () => void) {
    this.server = server
    this.limits = { ...defaultLimits, ...options.limits }
    this.readOnly = options.readOnly === true
    this.actor = options.actor?.role === '' ? undefined : options.actor
    this.wake = options.wake ?? (() => undefined)
    this.gone = gone
    this.stream = new JsonStream(this.limits.message)
    this.heard = server.clock.now()
    this.probeInterval = options.probeInterval ?? 0
    this.awaitWord()
  }

  /** The locks that it asked for and has not given back, with whether it holds them. */
  *lockStates(): Iterable<{ name: string; held: boolean }> {
    for (const name of this.locks) yield { name, held: this.server.locks.holder(name) === this }
  }

  /** How many tables it has monitored. */
  get monitorCount(): number {
    return this.monitors.size
  }

  /** Bytes that it makes the server hold, about: what came in and is not answered, what is to be sent. */
  get weight(): number {
    let sum = this.stream.size + this.held
    for (const { weight } of this.unread) sum += weight
    for (const { weight } of this.transactions.values()) sum += weight
    for (const { monitor } of this.monitors.values()) sum += monitor.weight
    return sum
  }

  /** How many transactions of it wait. */
  get waitingCount(): number {
    return this.transactions.size
  }

  /** Changes how long silence is borne from now on; ns, 0 for ever. */
  setProbeInterval(interval: number): void {
    if (interval === this.probeInterval || this.ended !== undefined) return
    this.probeInterval = interval
    this.cancelProbe?.()
    this.awaitWord()
  }

  private awaitWord(): void {
    const { clock } = this.server
    if (this.probeInterval === 0) return
    const due = this.heard + this.probeInterval * (this.probed ? 2 : 1)
    this.cancelProbe = clock.at(due, () => {
      const silent = clock.now() - this.heard
      if (silent < this.probeInterval) this.probed = false
      else if (!this.probed) {
        this.probed = true
        this.send(requestText('echo', 'echo', []))
      } else if (silent >= 2 * this.probeInterval) {
        this.end(`no response to inactivity probe after ${this.probeInterval / second} seconds, disconnecting`)
        return
      }
      this.awaitWord()
    })
  }

  /** Whether it is a good time to receive more: not while answers wait to be taken, or messages to be answered. */
  get ready(): boolean {
    return this.hasRoom && this.unread.length === 0
  }

  private get hasRoom(): boolean {
    return this.ended === undefined && this.held < this.limits.answers
  }

  receive(bytes: Uint8Array): void {
    if (this.ended !== undefined) return
    this.heard = this.server.clock.now()
    const { values, weights, error } = this.stream.push(bytes)
    for (const [i, value] of values.entries()) this.unread.push({ value, weight: weights[i] ?? 0 })
    this.broken = error
    this.work()
  }

  /** Answers what came, as far as there is room for answers. */
  private work(): void {
    let done = 0
    while (done < this.unread.length && this.hasRoom) {
      const { value, weight } = this.unread[done++] as { value: Json; weight: number }
      this.handle(value, weight)
    }
    this.unread.splice(0, done)
    if (this.ended !== undefined) this.unread = []
    else if (this.broken !== undefined && this.unread.length === 0) this.end(`error parsing stream: ${this.broken}`)
  }

  /** All there is to send, answers first, then what monitors have to tell. */
  take(): string {
    if (this.out.length === 0) this.flush()
    const text = this.out.join('')
    this.out = []
    this.held = 0
    this.work()
    return text
  }

  /** Ends the session: locks pass on, nothing it waits for is answered. What is to be sent still can be. */
  end(why: string): void {
    if (this.ended !== undefined) return
    this.ended = why
    this.cancelProbe?.()
    for (const { cancel } of this.transactions.values()) cancel()
    this.transactions.clear()
    this.monitors.clear()
    for (const name of this.locks) this.server.locks.leave(name, this)?.tellLocked(name)
    this.locks.clear()
    this.gone()
    this.wake()
  }

  /** For the server: a commit to one of its databases. */
  note(served: ServedDatabase, commit: Commit): void {
    let waits = false
    for (const watched of this.monitors.values()) {
      if (watched.served !== served) continue
      watched.monitor.note(commit)
      waits ||= watched.monitor.waits
    }
    if (waits) this.wake()
  }

  /** For the server: a database has another schema, so what is monitored of it means nothing any more. */
  cancelMonitors(served: ServedDatabase): void {
    for (const [key, watched] of this.monitors) {
      if (watched.served !== served) continue
      this.monitors.delete(key)
      if (this.changeAware) this.send(notificationText('monitor_canceled', [watched.id]))
    }
  }

  /** For the server: who does not know that databases change is to connect again. */
  databaseChanged(served: ServedDatabase, why: string): void {
    this.cancelMonitors(served)
    if (!this.changeAware) this.end(why)
  }

  private tellLocked(name: string): void {
    this.send(notificationText('locked', [name]))
  }

  private send(text: string): void {
    this.out.push(text)
    this.held += text.length
    this.wake()
  }

  /** Puts what monitors gathered into messages. */
  private flush(): void {
    for (const watched of this.monitors.values()) this.flushMonitor(watched)
  }

  private flushMonitor(watched: Watched): void {
    if (watched.monitor.waits) this.update(watched, watched.monitor.take())
  }

  private update({ id, monitor, served }: Watched, updates: JsonObject | undefined): void {
    if (updates === undefined) return
    const params = monitor.version === 3 ? [id, served.history.last, updates] : [id, updates]
    const text = notificationText(monitor.version === 1 ? 'update' : `update${monitor.version}`, params)
    this.out.push(text)
    this.held += text.length
  }

  private handle(json: Json, weight: number): void {
    const message = messageFromJson(json)
    if (typeof message === 'string') {
      this.end(`received bad JSON-RPC message: ${message}`)
      return
    }
    switch (message.kind) {
      case 'request':
        this.request(message.id, message.method, message.params, weight)
        return
      case 'notification':
        if (message.method === 'cancel' && message.params.length > 0) this.cancel(message.params[0] as Json)
        return
      default:
        // An answer to a probe is none to worry about.
        if (message.id !== 'echo') this.end(`received unexpected ${message.kind} message`)
    }
  }

  private request(id: Json, method: string, params: Json[], weight: number): void {
    const answer = this.answer(id, method, params, weight)
    if (answer !== later) this.reply(id, answer)
  }

  private reply(id: Json, answer: Answer): void {
    if (answer instanceof Printed) this.send(printedReplyText(id, answer.text))
    else if (answer instanceof Fault) this.send(errorText(id, answer.toJson()))
    else if (answer !== undefined && isWordError(answer)) this.send(errorText(id, answer.error))
    else this.send(replyText(id, (answer ?? {}) as Json))
  }

  private answer(id: Json, method: string, params: Json[], weight: number): Answer | typeof later {
    switch (method) {
      case 'echo':
        return params
      case 'list_dbs':
        return this.server.databases()
      case 'get_server_id':
        return this.server.id
      case 'get_schema':
        return this.withDatabase(method, params, ({ database }) => new Printed(schemaTexts(database.schema).text))
      case 'transact':
        return this.withDatabase(method, params, served => this.transact(id, params, served, weight))
      case 'convert':
        return this.withDatabase(method, params, served => this.convert(id, params, served))
      case 'monitor':
        return this.withDatabase(method, params, served => this.monitor(params, served, 1))
      case 'monitor_cond':
        if (!this.server.hasConditions) return wordError('unknown method')
        return this.withDatabase(method, params, served => this.monitor(params, served, 2))
      case 'monitor_cond_since':
        if (!this.server.hasConditions) return wordError('unknown method')
        return this.withDatabase(method, params, served => this.monitor(params, served, 3))
      case 'monitor_cond_change':
        if (!this.server.hasConditions) return wordError('unknown method')
        return this.changeMonitor(params)
      case 'monitor_cancel':
        return this.cancelMonitor(params)
      case 'lock':
      case 'steal':
        return this.readOnly ? noLocks : this.lock(method, params)
      case 'unlock':
        return this.readOnly ? noLocks : this.unlock(params)
      case 'set_db_change_aware':
        return this.setChangeAware(params)
      default:
        return wordError('unknown method')
    }
  }

  private withDatabase(
    method: string,
    params: Json[],
    then: (served: ServedDatabase) => Answer | typeof later,
  ): Answer | typeof later {
    const [name] = params
    if (typeof name !== 'string') return syntaxFault(`${method} request params must begin with <db-name>`, params)
    const served = this.server.database(name)
    return served === undefined
      ? syntaxFault(`${method} request specifies unknown database ${name}`, params, 'unknown database')
      : then(served)
  }

  private transact(id: Json, params: Json[], served: ServedDatabase, weight: number): Fault | typeof later {
    const key = printJson(id, true)
    if (this.transactions.has(key)) return syntaxFault('transact: duplicate request ID', params)
    if (this.transactions.size >= this.limits.transactions) return tooMany('transactions')
    let answered = false
    const cancel = served.ask({
      operations: params.slice(1),
      holdsLock: name => this.server.locks.holder(name) === this,
      readOnly: this.readOnlyReason(served),
      ...(this.actor && { actor: this.actor }),
      answer: results => {
        answered = true
        this.transactions.delete(key)
        if (this.ended !== undefined) return
        // What a transaction did is told before it is answered.
        this.flush()
        this.reply(id, typeof results === 'string' ? wordError(results) : results)
      },
    })
    if (!answered) this.transactions.set(key, { cancel, weight })
    return later
  }

  private readOnlyReason({ name }: ServedDatabase): string | undefined {
    if (name.startsWith('_')) return `not allowed on table in reserved database ${name}`
    return this.readOnly ? 'not allowed when database server is in read only mode' : undefined
  }

  private cancel(id: Json): void {
    const key = printJson(id, true)
    this.transactions.get(key)?.cancel()
    this.transactions.delete(key)
  }

  private convert(id: Json, params: Json[], served: ServedDatabase): Fault | typeof later {
    if (params.length !== 2) return syntaxFault('array expected', params)
    if (this.readOnly)
      return syntaxFault(
        'convert operation not allowed when database server is in read only mode',
        params,
        'not allowed',
      )
    if (this.actor !== undefined) {
      const what = `"convert" of database ${served.name} (only the root role may convert databases)`
      return prohibited(this.actor, what)
    }
    this.server.convert(served, params[1] as Json, fault => this.reply(id, fault))
    return later
  }

  private monitor(params: Json[], served: ServedDatabase, version: MonitorVersion): Answer {
    if (params.length !== (version === 3 ? 4 : 3)) return syntaxFault('invalid parameters', params)
    const [, id, requests, last] = params as [Json, Json, Json, Json?]
    const key = printJson(id, true)
    if (this.monitors.has(key)) return syntaxFault('duplicate monitor ID', id)
    if (this.monitors.size >= this.limits.monitors) return tooMany('monitors')
    if (version === 3 && (typeof last !== 'string' || !/^[0-9a-fA-F-]{36}$/.test(last))) {
      return syntaxFault('last-txn-id must be UUID format.', last)
    }
    const tables = monitorRequests(requests, served.database, version > 1)
    if (tables instanceof Fault) return tables
    const monitor = new Monitor(version, tables)
    this.monitors.set(key, { id, monitor, served })
    if (version < 3) return monitor.initial()
    const since = last === zeroUuid ? undefined : served.history.since(String(last))
    const updates = since === undefined ? monitor.initial() : monitor.since(since)
    return [since !== undefined, served.history.last, updates]
  }

  private changeMonitor(params: Json[]): Answer {
    if (params.length !== 3) return syntaxFault('invalid parameters', params)
    const [id, newId, requests] = params as [Json, Json, Json]
    const key = printJson(id, true)
    const watched = this.monitors.get(key)
    if (watched === undefined) return syntaxFault('unknown monitor session', id)
    const newKey = printJson(newId, true)
    if (newKey !== key && this.monitors.has(newKey)) return syntaxFault('duplicate monitor ID', newId)
    const changes = conditionChanges(requests, watched.monitor.tables)
    if (changes instanceof Fault) return changes
    this.flushMonitor(watched)
    this.monitors.delete(key)
    watched.id = newId
    this.monitors.set(newKey, watched)
    this.update(watched, watched.monitor.setConditions(changes))
    return {}
  }

  private cancelMonitor(params: Json[]): Answer {
    if (params.length !== 1) return wordError('invalid parameters')
    return this.monitors.delete(printJson(params[0] as Json, true)) ? {} : wordError('unknown monitor')
  }

  private lock(method: 'lock' | 'steal', params: Json[]): Answer {
    const [name] = params
    if (params.length !== 1 || typeof name !== 'string' || !isId(name)) {
      return syntaxFault(`${method} request params must be <id>`, params)
    }
    if (this.locks.has(name)) return syntaxFault(`must issue "unlock" before new "${method}"`, params)
    if (this.locks.size >= this.limits.locks) return tooMany('locks')
    const holder = this.server.locks.holder(name)
    this.locks.add(name)
    const locked = this.server.locks.join(name, this, method === 'steal')
    if (locked) holder?.send(notificationText('stolen', [name]))
    return { locked }
  }

  private unlock(params: Json[]): Answer {
    const [name] = params
    if (params.length !== 1 || typeof name !== 'string' || !isId(name)) {
      return syntaxFault('unlock request params must be <id>', params)
    }
    if (!this.locks.delete(name)) return syntaxFault('unlock: "unlock" without "lock" or "steal"', params)
    this.server.locks.leave(name, this)?.tellLocked(name)
    return {}
  }

  private setChangeAware(params: Json[]): Answer {
    const [aware] = params
    if (params.length !== 1 || typeof aware !== 'boolean') {
      return syntaxFault('set_db_change_aware: true or false parameter expected', params)
    }
    this.changeAware = aware
    return {}
  }
}

/** A single member `error` that is text: no result of a method looks like it. */
const isWordError = (answer: Exclude<Answer, undefined>): answer is { error: string } =>
  typeof answer === 'object' &&
  answer !== null &&
  !Array.isArray(answer) &&
  'error' in answer &&
  Object.keys(answer).length === 1

const tooMany = (what: string): Fault => new Fault('resources exhausted', `too many ${what} at once`)
