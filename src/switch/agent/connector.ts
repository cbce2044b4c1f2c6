import { Backoff, type Cancel, type Clock, type Duplex } from '../../runtime/index.ts'
import type { OpenFlowAgent } from './agent.ts'
import type { PacketInLimit } from './packet-in-queue.ts'
import type { Peer } from './peer.ts'

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
  /** `enable_async_messages=false`: it is told nothing that it did not ask for. */
  quiet?: boolean
  tls?: TlsKeys
}

/** As the database's `status:state` has it. */
export type ConnectorState = 'BACKOFF' | 'CONNECTING' | 'ACTIVE' | 'IDLE'

/** Keeps a connection to a controller: calls it, and calls again when it does not answer or hangs up. */
export class Connector {
  readonly options: ControllerOptions
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
  private readonly born: number
  private peer: Peer | undefined
  private connecting = false
  private closed = false
  private cancel: Cancel | undefined
  private cancelDial: Cancel | undefined

  /** `changed` is called when the state is another. */
  constructor(agent: OpenFlowAgent, dial: Dial, options: ControllerOptions, changed: () => void) {
    this.agent = agent
    this.clock = agent.sw.clock
    this.dial = dial
    this.options = options
    this.changed = changed
    this.backoff = new Backoff(options.maxBackoff)
    this.born = this.clock.now()
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

  /** How long nobody has been there, ns; 0 while somebody is. */
  absent(): number {
    return this.isConnected ? 0 : this.clock.now() - (this.disconnectedAt ?? this.born)
  }

  close(): void {
    this.closed = true
    this.cancel?.()
    this.cancelDial?.()
    this.peer?.close()
  }

  private call(): void {
    const patience = this.backoff.attempt(this.clock.now())
    this.connecting = true
    this.cancel = this.clock.at(this.clock.now() + patience, () => {
      this.cancelDial?.()
      this.peer?.close()
      if (this.connecting) this.lost('Connection timed out')
    })
    let answered = false
    const take = (result: Duplex | string): void => {
      answered = true
      this.cancelDial = undefined
      if (this.closed || !this.connecting) {
        if (typeof result !== 'string') result.close()
        return
      }
      if (typeof result === 'string') this.lost(result)
      else this.serve(result)
    }
    const cancelDial = this.dial(this.options.target, take, this.options.tls)
    if (!answered) this.cancelDial = cancelDial
  }

  private serve(duplex: Duplex): void {
    const { target, probeInterval, limit, quiet = false } = this.options
    this.peer = this.agent.accept(duplex, {
      kind: 'primary',
      name: target,
      probeInterval,
      limit,
      quiet,
      ready: () => {
        this.cancel?.()
        this.connecting = false
        this.connectedAt = this.clock.now()
        this.changed()
      },
      closed: why => {
        this.peer = undefined
        this.lost(why)
      },
    })
  }

  private lost(why: string): void {
    if (this.closed) return
    const wasConnected = !this.connecting
    this.cancel?.()
    this.connecting = false
    this.lastError = why
    const now = this.clock.now()
    if (wasConnected || this.disconnectedAt === undefined) this.disconnectedAt = now
    this.cancel = this.clock.at(this.backoff.failed(now), () => this.call())
    this.changed()
  }
}
