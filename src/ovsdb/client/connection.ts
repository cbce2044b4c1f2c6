/** Keeps a connection to one of several servers: calls one, and another when it does not answer, hangs up or will not do. */
import {
  Backoff,
  below,
  type Cancel,
  type Clock,
  type Duplex,
  type Log,
  type Random,
  Signal,
  second,
  start,
} from '../../runtime/index.ts'
import type { Json } from '../json.ts'
import { pump } from '../pump.ts'
import { Rpc } from './rpc.ts'

/**
 * Connects to `unix:PATH`, `tcp:HOST:PORT`, …, or waits until someone connects to `punix:PATH`, `ptcp:PORT`, …; calls back
 * once, with a text if it cannot be.
 */
export type Dial = (remote: string, done: (result: Duplex | string) => void) => Cancel

export type ConnectionOptions = {
  clock: Clock
  random: Random
  log: Log
  dial: Dial
  remotes: readonly string[]
  /** Whether the remotes are called in an order of chance. */
  shuffle: boolean
  /** ns of silence before a probe; 0 for never. Without it, 5 s where a connection can be lost unnoticed. */
  probeInterval: number | undefined
  /** The longest wait between attempts, ns. */
  maxBackoff: number
}

export type ConnectionTold = {
  /** There is a connection; what the server says unasked is for whom this gives. */
  connected(rpc: Rpc): (method: string, params: readonly Json[]) => void
  lost(why: string): void
}

export type ConnectionState = 'backoff' | 'connecting' | 'active' | 'closed'

const usualProbe = 5 * second

/** Whether a remote is one where a server is to call. */
export const isPassive = (remote: string): boolean => /^p(tcp|ssl|unix):/.test(remote)

export class Connection {
  state: ConnectionState = 'backoff'
  /** Why the last attempt or connection ended; empty if nobody answered. */
  lastError: string | undefined
  private readonly options: ConnectionOptions
  private readonly told: ConnectionTold
  private remotes: readonly string[] = []
  private next = 0
  private backoff: Backoff
  private rpc: Rpc | undefined
  /** Whether all that there is to say of failures was said. */
  private isQuiet = false
  private cancel: Cancel | undefined
  private cancelDial: Cancel | undefined

  /** `start` begins. */
  constructor(options: ConnectionOptions, told: ConnectionTold) {
    this.options = options
    this.told = told
    this.backoff = new Backoff(options.maxBackoff)
    this.order(options.remotes)
  }

  /** The server that is called, or was called last. */
  get remote(): string {
    return this.remotes[this.next % this.remotes.length] ?? ''
  }

  start(): void {
    if (this.state === 'backoff' && this.remotes.length > 0) this.call()
  }

  /** Other servers. The one that there is stays if it is among them. */
  setRemotes(remotes: readonly string[]): void {
    const { remote } = this
    this.order(remotes)
    const place = this.remotes.indexOf(remote)
    if (place >= 0) this.next = place
    else if (this.state !== 'closed') {
      this.drop('remote removed')
      this.cancel?.()
      this.state = 'backoff'
      this.start()
    }
  }

  /** The server is the right one: those that were not are no reason to wait when it is lost. */
  suited(): void {
    this.backoff.reached()
  }

  /** Leaves this server for the next one. */
  retry(why: string): void {
    this.rpc?.end(why)
  }

  close(): void {
    this.state = 'closed'
    this.drop('closed')
    this.cancel?.()
  }

  private order(remotes: readonly string[]): void {
    const { random, shuffle } = this.options
    const ordered = [...new Set(remotes)]
    if (shuffle) {
      for (let i = ordered.length - 1; i > 0; i--) {
        const j = below(random, i + 1)
        ;[ordered[i], ordered[j]] = [ordered[j] as string, ordered[i] as string]
      }
    }
    this.remotes = ordered
    this.next = 0
    this.backoff = new Backoff(this.options.maxBackoff, Math.max(1, ordered.length))
  }

  private drop(why: string): void {
    this.cancelDial?.()
    this.cancelDial = undefined
    const { rpc } = this
    this.rpc = undefined
    rpc?.end(why)
  }

  private call(): void {
    const { clock, dial } = this.options
    const { remote } = this
    this.state = 'connecting'
    const passive = isPassive(remote)
    this.say(`${remote}: ${passive ? 'listening' : 'connecting'}...`)
    let over = false
    const take = (result: Duplex | string): void => {
      if (over) {
        if (typeof result !== 'string') result.close()
        return
      }
      over = true
      this.cancel?.()
      this.cancelDial = undefined
      const what = passive ? 'listen' : 'connection'
      if (typeof result === 'string') this.failed(`${remote}: ${what} attempt failed (${result})`, result)
      else this.serve(result, remote)
    }
    const patience = this.backoff.attempt(clock.now())
    const giveUp = (): void => {
      if (over) return
      this.cancelDial?.()
      this.cancelDial = undefined
      this.failed(`${remote}: connection attempt timed out`, '', true)
    }
    // A server may call as late as it likes.
    if (!passive) this.cancel = clock.at(clock.now() + patience, giveUp)
    const cancelDial = dial(remote, take)
    if (!over) {
      this.cancelDial = () => {
        over = true
        cancelDial()
      }
    }
  }

  private serve(duplex: Duplex, remote: string): void {
    const { clock } = this.options
    const woken = new Signal()
    let notified: ReturnType<ConnectionTold['connected']> = () => undefined
    const rpc = new Rpc({
      clock,
      probeInterval: this.options.probeInterval ?? (/^p?unix:/.test(remote) ? 0 : usualProbe),
      notified: (method, params) => notified(method, params),
      wake: () => woken.wake(),
    })
    this.rpc = rpc
    this.state = 'active'
    this.isQuiet = false
    this.say(`${remote}: connected`)
    notified = this.told.connected(rpc)
    start(pump(rpc, duplex, woken), {
      done: why => {
        duplex.close()
        if (this.rpc !== rpc) return
        this.rpc = undefined
        this.failed(`${remote}: ${why}`, why)
      },
    })
  }

  private failed(text: string, why: string, timedOut = false): void {
    if (this.state === 'closed') return
    const { clock, maxBackoff } = this.options
    this.lastError = why
    this.state = 'backoff'
    this.say(text)
    const when = this.backoff.failed(clock.now(), timedOut)
    this.sayWait(when - clock.now(), maxBackoff)
    this.next = (this.next + 1) % Math.max(1, this.remotes.length)
    this.cancel = clock.at(when, () => this.call())
    this.told.lost(why)
  }

  /** As ovs-vswitchd has it: the least wait goes without saying, and at the longest nothing more is said until it is over. */
  private sayWait(wait: number, longest: number): void {
    const what = isPassive(this.remote) ? 'trying to listen again' : 'reconnect'
    if (wait > second && wait < longest)
      this.say(`${this.remote}: waiting ${Math.round(wait / second)} seconds before ${what}`)
    if (wait < longest) return
    this.say(`${this.remote}: continuing to reconnect in the background but suppressing further logging`)
    this.isQuiet = true
  }

  private say(text: string): void {
    if (!this.isQuiet) this.options.log('reconnect', 'info', text)
  }
}
