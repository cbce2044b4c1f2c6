/** A remote that a server listens at or calls, and the clients that come that way. */
import type { Service, Session } from '../../ovsdb/index.ts'
import {
  Backoff,
  type Cancel,
  type Clock,
  type Duplex,
  type Log,
  type Running,
  second,
  start,
} from '../../runtime/index.ts'
import { sayListenFailure } from '../db-remotes.ts'
import type { TlsWords } from '../program.ts'
import type { DatabaseHost, Listening } from './host.ts'
import type { RemoteOptions } from './remote-row.ts'
import type { RemoteStatus } from './status.ts'

export type RemoteWorld = {
  clock: Clock
  host: Pick<DatabaseHost, 'listen' | 'dial'>
  log: Log
  service: Service
  /** Why nobody may change anything now, if so. */
  readOnly(): boolean
  tls(): TlsWords
  /** A name for the next client at a unix socket. */
  unixName(): string
}

export interface Remote {
  readonly options: RemoteOptions
  setProbeInterval(options: RemoteOptions): void
  status(): RemoteStatus
  /** Listens again if it could not before. */
  retry(): void
  /** Drops the clients there are; those that are called are called again. */
  reconnect(why: string): void
  close(): void
}

const usualProbe = 5 * second
/** Within one computer a connection is not lost unnoticed. */
const probeIntervalOf = (name: string, { probeInterval }: RemoteOptions): number =>
  probeInterval ?? (/^p?unix:/.test(name) ? 0 : usualProbe)

const closedByPeer = 'connection closed by peer'
const isMistake = (why: string): boolean => /^(error parsing stream|received )/.test(why)

/** Says why a client is gone, as it matters: `called` is whether this side would rather have kept it. */
const sayEnd = (log: Log, name: string, why: string, { failure }: Duplex, called: boolean): void => {
  if (failure !== undefined && why === failure) {
    log('jsonrpc', 'warn', `${name}: receive error: ${why}`)
    log('reconnect', 'warn', `${name}: connection dropped (${why})`)
  } else if (why === closedByPeer) log('reconnect', called ? 'info' : 'dbg', `${name}: ${why}`)
  else if (isMistake(why)) {
    log('jsonrpc', 'warn', `${name}: ${why}`)
    log('reconnect', 'warn', `${name}: connection dropped (Protocol error)`)
  } else if (why.startsWith('no response')) log('reconnect', 'err', `${name}: ${why}`)
  else log('ovsdb_jsonrpc_server', 'info', `${name}: disconnecting (${why})`)
}

const sessionOptions = (world: RemoteWorld, name: string, options: RemoteOptions, { identity }: Duplex) => ({
  readOnly: options.readOnly || world.readOnly(),
  actor: { role: options.role, client: identity },
  probeInterval: probeIntervalOf(name, options),
})

/** `punix:`, `ptcp:` and `pssl:`. */
export class Listener implements Remote {
  options: RemoteOptions
  private readonly name: string
  private readonly world: RemoteWorld
  private readonly sessions = new Set<Session>()
  private listening: Listening | undefined
  private attempt: Running | undefined
  /** What was said of why it does not listen: once is enough. */
  private said: string | undefined

  /** `listened` is called once it listens, or cannot yet. */
  constructor(name: string, options: RemoteOptions, world: RemoteWorld, listened: () => void) {
    this.name = name
    this.options = options
    this.world = world
    this.listen(listened)
  }

  retry(): void {
    if (this.listening === undefined && this.attempt === undefined) this.listen(() => undefined)
  }

  private listen(listened: () => void): void {
    const { name, world } = this
    const task = world.host.listen(name, (duplex, peer) => this.accept(duplex, peer), world.tls())
    this.attempt = start(task, {
      done: result => {
        this.attempt = undefined
        this.listening = typeof result === 'string' ? undefined : result
        const why = typeof result === 'string' ? result : undefined
        if (why !== undefined && why !== this.said) this.sayFailure(why)
        this.said = why
        listened()
      },
    })
    if (this.attempt.ended) this.attempt = undefined
  }

  private sayFailure(why: string): void {
    const { log } = this.world
    sayListenFailure(log, this.name, why)
    log('ovsdb_jsonrpc_server', 'err', `${this.name}: listen failed: ${why}`)
  }

  private accept(duplex: Duplex, peer: string): void {
    const { world, name, options } = this
    const client = peer.startsWith('unix') ? world.unixName() : peer
    world.log('reconnect', 'dbg', `${client}: entering ACTIVE`)
    const session: Session = world.service.accept(duplex, sessionOptions(world, name, options, duplex), why => {
      this.sessions.delete(session)
      sayEnd(world.log, client, why, duplex, false)
    })
    if (session.ended === undefined) this.sessions.add(session)
  }

  setProbeInterval(options: RemoteOptions): void {
    this.options = options
    for (const session of this.sessions) session.setProbeInterval(probeIntervalOf(this.name, options))
  }

  status(): RemoteStatus {
    const { size } = this.sessions
    const port = this.listening?.port
    const times = { sinceConnect: 0, sinceDisconnect: 0 }
    return {
      connected: size > 0,
      connections: size,
      ...(port === undefined ? {} : { boundPort: port }),
      ...times,
      locks: [],
      lostLocks: [],
    }
  }

  reconnect(why: string): void {
    for (const session of [...this.sessions]) session.end(why)
  }

  close(): void {
    this.attempt?.stop()
    this.reconnect('removing remote')
    this.listening?.close()
    this.listening = undefined
  }
}

/** After so many failures in a row no more is said of them. */
const saidFailures = 4

/** `unix:`, `tcp:` and `ssl:`, and words that are none of them, as one finds out when they are called. */
export class Caller implements Remote {
  options: RemoteOptions
  private readonly name: string
  private readonly world: RemoteWorld
  private readonly backoff: Backoff
  private session: Session | undefined
  private dialing: Running | undefined
  private cancel: Cancel | undefined
  private failures = 0
  private connectedAt: number | undefined
  private disconnectedAt: number | undefined
  private lastError: string | undefined
  private closed = false

  constructor(name: string, options: RemoteOptions, world: RemoteWorld) {
    this.name = name
    this.options = options
    this.world = world
    this.backoff = new Backoff(options.maxBackoff)
    this.call()
  }

  retry(): void {}

  private say(text: string): void {
    if (this.failures < saidFailures) this.world.log('reconnect', 'info', `${this.name}: ${text}`)
  }

  private call(): void {
    const { world, name } = this
    const { clock } = world
    this.say('connecting...')
    const patience = this.backoff.attempt(clock.now())
    this.cancel = clock.at(clock.now() + patience, () => {
      this.dialing?.stop()
      this.failed('connection attempt timed out')
    })
    const dialing = start(world.host.dial(name, world.tls()), {
      done: result => {
        this.dialing = undefined
        this.cancel?.()
        if (typeof result !== 'string') this.serve(result)
        else this.failed(`connection attempt failed (${result})`)
      },
    })
    this.dialing = dialing.ended ? undefined : dialing
  }

  private serve(duplex: Duplex): void {
    const { world, name, options } = this
    if (this.closed) {
      duplex.close()
      return
    }
    this.failures = 0
    this.connectedAt = world.clock.now()
    this.say('connected')
    const session: Session = world.service.accept(duplex, sessionOptions(world, name, options, duplex), why => {
      this.session = undefined
      this.disconnectedAt = world.clock.now()
      this.lastError = duplex.failure
      sayEnd(world.log, name, why, duplex, true)
      if (!this.closed) this.wait()
    })
    this.session = session.ended === undefined ? session : undefined
  }

  private failed(text: string): void {
    this.say(text)
    this.failures++
    const wait = this.wait()
    if (this.failures === saidFailures) {
      const text = `${this.name}: continuing to reconnect in the background but suppressing further logging`
      this.world.log('reconnect', 'info', text)
    } else if (wait > second) this.say(`waiting ${Math.round(wait / second)} seconds before reconnect`)
  }

  private wait(): number {
    const { clock } = this.world
    const when = this.backoff.failed(clock.now())
    this.cancel = clock.at(when, () => this.call())
    return when - clock.now()
  }

  setProbeInterval(options: RemoteOptions): void {
    this.options = options
    this.session?.setProbeInterval(probeIntervalOf(this.name, options))
  }

  status(): RemoteStatus {
    const { session, connectedAt, disconnectedAt, lastError } = this
    const since = (when: number): number => Math.floor((this.world.clock.now() - when) / second)
    return {
      connected: session !== undefined,
      state: session !== undefined ? 'ACTIVE' : this.dialing !== undefined ? 'CONNECTING' : 'BACKOFF',
      connections: session === undefined ? 0 : 1,
      ...(connectedAt === undefined ? {} : { sinceConnect: since(connectedAt) }),
      ...(disconnectedAt === undefined ? {} : { sinceDisconnect: since(disconnectedAt) }),
      ...(lastError === undefined ? {} : { lastError }),
      locks: [...(session?.lockStates() ?? [])],
      lostLocks: [],
    }
  }

  reconnect(why: string): void {
    this.session?.end(why)
  }

  close(): void {
    this.closed = true
    this.cancel?.()
    this.dialing?.stop()
    this.reconnect('removing remote')
  }
}
