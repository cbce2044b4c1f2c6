/** The server that a command talks to: called, or waited for; of several the first one that will do. */
import {
  type Answer,
  type Endpoint,
  isObject,
  isPassive,
  type Json,
  member,
  printJson,
  pump,
  Rpc,
} from '../../ovsdb/index.ts'
import { type Duplex, first, Signal, start, type Task, type Wait } from '../../runtime/index.ts'
import { flushLog } from '../daemon/index.ts'
import { dialer, remotesIn } from '../db-remotes.ts'
import { type Call, fatal } from './call.ts'

export type Notification = { method: string; params: readonly Json[] }

/** What a client says of a connection that ended by its peer. */
const endOfFile = 'End of file'
export const noServers = 'no servers were available'
const notPossible = 'Address family not supported by protocol'

/** One connection to a server, closed when the command ends. */
export class Server {
  /** The remote. */
  readonly name: string
  private readonly call: Call
  private readonly duplex: Duplex
  private readonly rpc: Rpc
  private readonly heard: Notification[] = []
  private listens = false
  private paused = false
  /** Woken when there is something to hear, or the connection ended. */
  private readonly news = new Signal()

  constructor(call: Call, name: string, duplex: Duplex) {
    this.call = call
    this.name = name
    this.duplex = duplex
    call.ends.push(() => this.close())
    this.rpc = new Rpc({
      clock: call.connect.clock,
      notified: (method, params) => {
        if (this.listens) this.heard.push({ method, params })
        this.news.wake()
      },
      wake: () => this.news.wake(),
    })
    start(pump(this.endpoint(), duplex, this.news), {
      done: why => {
        this.rpc.end(why)
        duplex.close()
        this.news.wake()
      },
    })
  }

  /** Nothing more is read while what came is not dealt with. */
  private endpoint(): Endpoint {
    const { rpc } = this
    const isReady = (): boolean => !this.paused && this.heard.length === 0
    return {
      get ended() {
        return rpc.ended
      },
      get ready() {
        return isReady()
      },
      receive: bytes => rpc.receive(bytes),
      take: () => rpc.take(),
      end: why => rpc.end(why),
    }
  }

  /** Asks for something, and waits for the answer; with `listens`, what the server says behind that is kept for `hear`. */
  *ask(method: string, params: Json[], listens = false): Task<Answer> {
    const result: { answer?: Answer } = {}
    yield resume =>
      this.rpc.request(method, params, answer => {
        result.answer = answer
        this.listens ||= listens
        resume()
      })
    return result.answer as Answer
  }

  /** Asks for something, and leaves the answer to whoever waits for it. */
  send(method: string, params: Json[], answered: (answer: Answer) => void): void {
    this.rpc.request(method, params, answered)
  }

  /** Asks for something that the command cannot do without: an error, or a connection that ends, is its end. */
  *demand(method: string, params: Json[]): Task<Json> {
    const answer = yield* this.ask(method, params)
    if (answer.kind === 'result') return answer.result
    if (answer.kind === 'lost') return yield* fatal(this.call, `transaction failed (${this.why()})`)
    return yield* fatal(this.call, `transaction returned error: ${printJson(answer.error, true)}`)
  }

  /** What the server says unasked, or undefined when `other` comes first; the end of the connection is that of the command. */
  *hear(other: Wait): Task<Notification | undefined> {
    if (this.paused || (this.heard.length === 0 && this.rpc.ended === undefined)) yield first(this.news.wait, other)
    if (this.paused) return undefined
    const notification = this.heard.shift()
    if (notification !== undefined) {
      this.news.wake()
      return notification
    }
    if (this.rpc.ended === undefined) return undefined
    return yield* fatal(this.call, `${this.name}: receive failed (${this.why()})`)
  }

  /** Leaves what the server says where it is, or takes it again. */
  pause(paused: boolean): void {
    this.paused = paused
    this.news.wake()
  }

  /** Why the connection ended; what of it is for the log goes there. */
  why(): string {
    const { ended = '' } = this.rpc
    if (ended === 'connection closed by peer') return endOfFile
    if (!/^(received bad JSON-RPC|error parsing stream)/.test(ended)) return ended
    this.call.log.warn('jsonrpc', `${this.name}: ${ended}`)
    return 'Protocol error'
  }

  close(): void {
    this.rpc.end('closed')
    this.duplex.close()
  }
}

/** Calls `remote`; a list is tried in its order for one that will do, for `database` if that is given. */
export function* openServer(call: Call, remote: string, database?: string): Task<Server> {
  const remotes = remotesIn(remote)
  return remotes.length > 1 ? yield* openOneOf(call, remotes, database) : yield* openOnly(call, remote)
}

function* openOnly(call: Call, remote: string): Task<Server> {
  const duplex = yield* dial(call, remote)
  yield* flushLog(call)
  if (typeof duplex !== 'string') return new Server(call, remote, duplex)
  const tried = isPassive(remote) || duplex === notPossible ? 'connect or listen' : 'connect'
  return yield* fatal(call, `failed to ${tried} to "${remote}" (${duplex})`)
}

/** Calls a server, or waits until it calls; a text says why neither can be. */
function* dial(call: Call, remote: string): Task<Duplex | string> {
  const { connect, tls, log } = call
  const listens = (waitedFor: string): void => {
    log.add('ovsdb_client', 'info', `${waitedFor}: waiting for connection...`)
    start(flushLog(call))
  }
  const dialing = dialer(connect, { tls, log: log.warn }, listens)
  const result: { value?: Duplex | string } = {}
  yield resume =>
    dialing(remote, value => {
      result.value = value
      resume()
    })
  return result.value as Duplex | string
}

function* openOneOf(call: Call, remotes: readonly string[], database: string | undefined): Task<Server> {
  const { log } = call
  for (const remote of remotes) {
    log.add('reconnect', 'info', `${remote}: connecting...`)
    const duplex = yield* dial(call, remote)
    if (typeof duplex === 'string') {
      log.add('reconnect', 'info', `${remote}: connection attempt failed (${duplex})`)
      continue
    }
    log.add('reconnect', 'info', `${remote}: connected`)
    yield* flushLog(call)
    const server = new Server(call, remote, duplex)
    const unfit = database === undefined ? undefined : yield* whyUnfit(call, server, database)
    if (unfit === undefined) return server
    log.add('reconnect', 'info', `${remote}: ${unfit}`)
    server.close()
  }
  return yield* fatal(call, noServers)
}

/** Asks a server what it has to do with a database. */
export const aboutDatabase = (database: string): Json[] => [
  '_Server',
  { op: 'select', table: 'Database', where: [['name', '==', database]] },
]

/** What the answer says: that the server will do, that it does not know the database or is not the leader of its cluster. */
export const fitnessOf = (result: Json, leaderOnly: boolean): 'fit' | 'unfit' | 'unknown' | 'unreadable' => {
  const [selected] = Array.isArray(result) ? result : []
  const rows = isObject(selected) ? member(selected, 'rows') : undefined
  if (!Array.isArray(rows)) return 'unreadable'
  const [row] = rows
  if (!isObject(row)) return 'unknown'
  const [model, connected, leader] = ['model', 'connected', 'leader'].map(name => member(row, name))
  if (typeof model !== 'string' || typeof connected !== 'boolean' || typeof leader !== 'boolean') return 'unfit'
  return model !== 'clustered' || (connected && (leader || !leaderOnly)) ? 'fit' : 'unfit'
}

/** What the log says of a server of several that will not do. */
function* whyUnfit(call: Call, server: Server, database: string): Task<string | undefined> {
  const answer = yield* server.ask('transact', aboutDatabase(database))
  // As the session of the original has it, which gives up by such a timeout.
  const givenUp = 'connection attempt timed out'
  if (answer.kind === 'lost') return server.why() === endOfFile ? 'connection closed by peer' : givenUp
  const fitness = answer.kind === 'result' ? fitnessOf(answer.result, call.options.leaderOnly) : 'unknown'
  if (fitness === 'unreadable')
    call.log.warn('ovsdb_client', `${server.name}: unexpected reply to _Server request for ${database}`)
  return fitness === 'fit' ? undefined : givenUp
}
