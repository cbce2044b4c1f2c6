import type { VersionSet } from '../../openflow/hello.ts'
import type { OfBody } from '../../openflow/message.ts'
import { Backoff, type Cancel, type Clock, type Duplex, second } from '../../runtime/index.ts'
import { doesWork } from './admission.ts'
import type { OpenFlowAgent } from './agent.ts'
import type { ConnectionKind } from './connection.ts'
import type { LimitCounts, PacketInLimit } from './packet-in-queue.ts'
import type { Peer } from './peer.ts'
import { Taps } from './snoop.ts'

/** Files that `ssl:` and `pssl:` take, as the database names them; `bootstrap` lets the first peer bring its authority's. */
export type TlsKeys = { privateKey: string; certificate: string; caCertificate: string; bootstrap: boolean }

/** Connects to `tcp:10.0.0.1:6653` and the like; calls back once, with a text if it cannot be. */
export type Dial = (target: string, done: (result: Duplex | string) => void, tls?: TlsKeys) => Cancel

/** How a controller is to be called. Times are ns. */
export type ControllerOptions = {
  target: string
  /** 0 for never. */
  probeInterval: number
  maxBackoff: number
  limit: PacketInLimit | undefined
  /** `controller_queue_size`: how many packet-ins wait for one that reads slowly. */
  queueSize?: number
  /** `enable_async_messages=false`: it is told nothing that it did not ask for. */
  quiet?: boolean
  /** `type`; unless it is said, who is called is `primary` and who calls is `service`. */
  kind?: ConnectionKind
  /** `other_config:dscp`: the connection is made anew for another. */
  dscp?: number
  /** What the bridge speaks: with others a controller is called anew. */
  versions?: VersionSet
  tls?: TlsKeys
}

/** As the database's `status:state` has it. */
export type ConnectorState = 'BACKOFF' | 'CONNECTING' | 'ACTIVE' | 'IDLE'

/** Who stays so long is a controller, whatever it says. */
const admissionTime = 30 * second

const secondOf = (time: number): number => Math.floor(time / second)

/** Why a connection ended, in the system's words; undefined for one that the peer has closed. */
const errorOf = (why: string): string | undefined => {
  if (why.startsWith('no response to inactivity probe')) return 'Connection timed out'
  if (/^version negotiation failed|^received /.test(why)) return 'Protocol error'
  return undefined
}

/** Keeps a connection to a controller: calls it, and calls again when it does not answer or hangs up. */
export class Connector {
  readonly kind: ConnectionKind
  /** Who listens to it. */
  readonly taps = new Taps()
  private wanted: ControllerOptions
  /** Why the last attempt or connection ended. */
  lastError: string | undefined
  /** When it was last connected, and when it last was no more. */
  connectedAt: number | undefined
  disconnectedAt: number | undefined
  private readonly agent: OpenFlowAgent
  private readonly clock: Clock
  private readonly dial: Dial
  private readonly backoff: Backoff
  private readonly changed: () => void
  private peer: Peer | undefined
  /** Whether it has done on this connection what controllers do, and when one that has last said something. */
  private admitted = false
  private admittedAt: number
  private timedOut = false
  private connecting = false
  /** Whether the log is told no more of attempts. */
  private isQuiet = false
  private closed = false
  private cancel: Cancel | undefined
  private cancelDial: Cancel | undefined

  /** `changed` is called when the state is another. */
  constructor(agent: OpenFlowAgent, dial: Dial, options: ControllerOptions, changed: () => void) {
    this.agent = agent
    this.clock = agent.sw.clock
    this.dial = dial
    this.wanted = options
    this.kind = options.kind ?? 'primary'
    this.changed = changed
    this.backoff = new Backoff(options.maxBackoff)
    this.admittedAt = this.clock.now()
    if (this.kind === 'primary') agent.snooped.add(this)
    // Not at once: whoever makes a connector is in the middle of something.
    this.cancel = this.clock.at(this.clock.now(), () => this.call())
  }

  get state(): ConnectorState {
    const { connection } = this.peer ?? {}
    if (connection?.version !== undefined) return connection.session.idle ? 'IDLE' : 'ACTIVE'
    return this.connecting || connection !== undefined ? 'CONNECTING' : 'BACKOFF'
  }

  get isConnected(): boolean {
    return this.peer?.connection.version !== undefined
  }

  get role(): 'equal' | 'primary' | 'secondary' | undefined {
    return this.isConnected ? this.peer?.connection.role : undefined
  }

  get options(): ControllerOptions {
    return this.wanted
  }

  /** Counts of packet-ins that `controller_rate_limit` was put on. */
  get limited(): { action: LimitCounts; miss: LimitCounts } | undefined {
    return this.isConnected ? this.peer?.queue.counts() : undefined
  }

  /** Whether it is there and does what controllers do, or came in the very second in which it was wanted. */
  get isAdmitted(): boolean {
    this.look()
    return this.isConnected && secondOf(this.admittedAt) >= secondOf(this.connectedAt ?? 0)
  }

  /** How long it has not said anything that shows it to be a controller, ns; 0 as long as one is there. */
  absent(): number {
    return this.isAdmitted ? 0 : this.clock.now() - this.admittedAt
  }

  /** Other wishes, for the connection that there is or the next one. */
  update(options: ControllerOptions): void {
    const { dscp } = this.wanted
    this.wanted = options
    this.backoff.setMost(options.maxBackoff)
    if (this.peer === undefined) return
    if (options.dscp === dscp) adjust(this.peer, options)
    else this.peer.close()
  }

  close(): void {
    this.closed = true
    this.cancel?.()
    this.cancelDial?.()
    this.peer?.close()
    this.agent.snooped.delete(this)
    this.taps.close()
  }

  private say(level: 'info' | 'warn' | 'err', text: string): void {
    const { bridge, sw } = this.agent
    sw.log('rconn', level, `${bridge.name}<->${this.wanted.target}: ${text}`)
  }

  private call(): void {
    const patience = this.backoff.attempt(this.clock.now())
    this.connecting = true
    if (!this.isQuiet) this.say('info', 'connecting...')
    this.cancel = this.clock.at(this.clock.now() + patience, () => {
      this.timedOut = true
      if (!this.isQuiet) this.say('info', 'connection timed out')
      this.cancelDial?.()
      if (this.peer === undefined) this.lost(undefined)
      else this.peer.close()
    })
    let answered = false
    const take = (result: Duplex | string): void => {
      answered = true
      this.cancelDial = undefined
      if (this.closed || !this.connecting) {
        if (typeof result !== 'string') result.close()
        return
      }
      if (typeof result === 'string') {
        this.lastError = result
        if (!this.isQuiet) this.say('warn', `connection failed (${result})`)
        this.lost(undefined)
      } else this.serve(result)
    }
    const cancelDial = this.dial(this.options.target, take, this.options.tls)
    if (!answered) this.cancelDial = cancelDial
  }

  private serve(duplex: Duplex): void {
    const peer = this.agent.accept(duplex, {
      kind: this.kind,
      name: this.wanted.target,
      taps: this.taps,
      ready: peer => {
        this.peer = peer
        this.cancel?.()
        this.connecting = false
        this.connectedAt = this.clock.now()
        this.say('info', 'connected')
        adjust(peer, this.wanted)
        this.changed()
      },
      heard: type => this.heard(type),
      closed: why => {
        this.look()
        this.admitted = false
        this.peer = undefined
        if (!this.closed) this.sayEnd(why, duplex.failure)
        this.lost(why, duplex.failure)
      },
    })
    // It may be over already.
    if (this.agent.peers.has(peer)) this.peer = peer
  }

  private heard(type: OfBody['type']): void {
    if (this.admitted || !doesWork(type)) return
    this.admitted = true
    this.look()
    this.changed()
  }

  /** Brings up to date whether the controller is one, and until when. */
  private look(): void {
    const heardAt = this.peer?.connection.session.heardAt
    if (heardAt === undefined || !this.isConnected) return
    if (heardAt - (this.connectedAt ?? heardAt) >= admissionTime) this.admitted = true
    if (this.admitted) this.admittedAt = heardAt
  }

  /** `why` undefined: it could not be reached. `failure` is the system's word for what befell the connection. */
  private lost(why: string | undefined, failure?: string): void {
    if (this.closed) return
    const { timedOut } = this
    this.timedOut = false
    this.cancel?.()
    this.connecting = false
    const error = timedOut ? 'Connection timed out' : (failure ?? (why && errorOf(why)))
    if (error !== undefined) this.lastError = error
    const now = this.clock.now()
    if (timedOut || why !== undefined) this.disconnectedAt = now
    const next = this.backoff.failed(now, timedOut)
    this.sayWait(next - now, why === undefined)
    this.cancel = this.clock.at(next, () => this.call())
    this.changed()
  }

  private sayEnd(why: string, failure: string | undefined): void {
    const error = failure ?? errorOf(why)
    if (why.startsWith('no response to inactivity probe')) this.say('err', why)
    else if (error !== undefined) this.say('warn', `connection dropped (${error})`)
    else if (why !== 'closed') this.say('info', 'connection closed by peer')
  }

  /** Attempts that come at the longest wait are not told of, nor is the wait after a connection that held. */
  private sayWait(wait: number, wasAttempt: boolean): void {
    const { grown } = this.backoff
    const seconds = Math.floor(wait / second)
    if (grown === 'longer' || (grown === 'anew' && wasAttempt))
      this.say('info', `waiting ${seconds} seconds before reconnect`)
    if (grown === 'most' && !this.isQuiet)
      this.say('info', 'continuing to retry connections in the background but suppressing further logging')
    this.isQuiet = grown === 'most'
  }
}

/** Makes a connection follow what is wished of it. */
export const adjust = ({ connection, queue }: Peer, options: ControllerOptions): void => {
  connection.quiet = options.quiet ?? false
  connection.setProbeInterval(options.probeInterval)
  queue.configure(options)
}
