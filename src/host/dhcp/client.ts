/**
 * The client of DHCP (RFC 2131 §4.4) as a machine without sockets: messages and time come in, messages go out, and what happens is
 * told. It waits as ISC's dhclient does, see `Backoff`.
 *
 *     INIT-REBOOT -> REBOOTING -.          .-> RENEWING -> REBINDING -> INIT
 *     INIT -> SELECTING -> REQUESTING -> (probe) -> BOUND
 */
import { type Cancel, type Clock, type Random, second } from '../../runtime/index.ts'
import type { Ip4, Mac } from '../../wire/address.ts'
import {
  type Dhcp,
  DhcpMessage,
  DhcpOp,
  DhcpOption,
  dhcpAddresses,
  dhcpMessage,
  dhcpType,
  dhcpValue,
} from '../../wire/dhcp.ts'
import { Backoff } from './backoff.ts'
import { type Lease, leaseOf } from './lease.ts'

export type DhcpState =
  | 'INIT'
  | 'SELECTING'
  | 'REQUESTING'
  | 'REBOOTING'
  | 'PROBING'
  | 'BOUND'
  | 'RENEWING'
  | 'REBINDING'
  | 'STOPPED'

/** What happened. Of `asked`, `to` is undefined for everybody, and `interval` is how long it waits for an answer, in ns. */
export type DhcpEvent =
  | { kind: 'asked'; type: 'discover' | 'request'; address: Ip4; to: Ip4 | undefined; interval: number }
  | { kind: 'offered' | 'acknowledged'; address: Ip4; server: Ip4 }
  | { kind: 'refused'; server: Ip4 | undefined }
  | { kind: 'conflict'; address: Ip4; server: Ip4 }
  /** `before` is the lease that it had until now. */
  | { kind: 'bound'; lease: Lease; before: Lease | undefined }
  | { kind: 'expired'; lease: Lease }
  | { kind: 'nobody' }

export type DhcpClientOptions = {
  mac: Mac
  /** Sent in every message but a release, in this order: host name, the list of wanted options. */
  options: ReadonlyMap<number, Uint8Array>
  /** How long it asks before it gives up for a while: 60 s; and for how long then: 300 s. */
  timeout?: number
  retry?: number
  /** How long it asks for the address that it had: 10 s. */
  rebootTimeout?: number
  /** Refuses the offers of these servers. */
  reject?: readonly Ip4[]
}

export type DhcpClientParts = {
  clock: Clock
  random: Random
  options: DhcpClientOptions
  /** Sends to a server, or to everybody. */
  send(message: Dhcp, to: Ip4 | undefined): void
  /** Asks whether somebody has an address already, and calls back, unless cancelled before. */
  probe(address: Ip4, answer: (isTaken: boolean) => void): Cancel
  tell(event: DhcpEvent): void
}

/** RFC 2131 §3.1.5: after a conflict it waits. */
const declineWait = 10 * second

export class DhcpClient {
  state: DhcpState = 'INIT'
  lease: Lease | undefined
  private readonly parts: DhcpClientParts
  private readonly backoff: Backoff
  private cancel: Cancel = () => {}
  private xid = 0
  private began = 0
  /** The address that it asks for, and of whom. */
  private wanted: Ip4 = 0
  private chosen: Ip4 = 0

  constructor(parts: DhcpClientParts) {
    this.parts = parts
    this.backoff = new Backoff(parts.random)
  }

  /** Begins, with the lease of an earlier run if there is one. */
  start(earlier?: Pick<Lease, 'address'>): void {
    if (earlier !== undefined) this.wanted = earlier.address
    this.open()
    if (earlier === undefined) {
      this.select()
      return
    }
    this.state = 'REBOOTING'
    const { clock, options } = this.parts
    const end = clock.now() + (options.rebootTimeout ?? 10 * second)
    this.repeat(
      end,
      interval => this.request(undefined, interval),
      () => this.begin(),
    )
  }

  /** Gives the lease back (RFC 2131 §4.4.6) and stops. */
  release(lease = this.lease): void {
    this.stop()
    if (lease === undefined) return
    this.xid = this.draw()
    const fields = { xid: this.xid, chaddr: this.parts.options.mac, ciaddr: lease.address }
    const options = new Map([[DhcpOption.serverId, dhcpValue.u32(lease.server)]])
    this.parts.send(dhcpMessage(DhcpMessage.release, { ...fields, options }), lease.server)
  }

  stop(): void {
    this.cancel()
    this.cancel = () => {}
    this.state = 'STOPPED'
    this.lease = undefined
  }

  /** A message for a client came from `from`. */
  received(message: Dhcp, from: Ip4): void {
    const { mac, reject } = this.parts.options
    if (message.op !== DhcpOp.reply || message.xid !== this.xid || message.chaddr !== mac) return
    if (reject?.includes(from)) return
    const [server] = dhcpAddresses(message, DhcpOption.serverId)
    const type = dhcpType(message)
    if (type === DhcpMessage.offer) this.offered(message, server)
    else if (type === DhcpMessage.ack) this.acknowledged(message)
    else if (type === DhcpMessage.nak) this.refused(server)
  }

  private offered(message: Dhcp, server: Ip4 | undefined): void {
    const { clock, tell } = this.parts
    if (this.state !== 'SELECTING' || server === undefined || leaseOf(message, 0, 0) === undefined) return
    this.cancel()
    tell({ kind: 'offered', address: message.yiaddr, server })
    this.state = 'REQUESTING'
    this.wanted = message.yiaddr
    this.chosen = server
    this.backoff.reset()
    const end = clock.now() + (this.parts.options.timeout ?? 60 * second)
    this.repeat(
      end,
      interval => this.request(undefined, interval),
      () => this.begin(),
    )
  }

  private acknowledged(message: Dhcp): void {
    const { clock, random, tell, probe } = this.parts
    const { state } = this
    const asked = state === 'REQUESTING' || state === 'REBOOTING'
    if (!asked && state !== 'RENEWING' && state !== 'REBINDING') return
    const lease = leaseOf(message, clock.now(), random())
    if (lease === undefined) return
    this.cancel()
    tell({ kind: 'acknowledged', address: lease.address, server: lease.server })
    // The host itself has the address that it renews.
    if (lease.address === this.lease?.address) {
      this.bind(lease)
      return
    }
    this.state = 'PROBING'
    this.cancel = probe(lease.address, isTaken => {
      if (isTaken) this.decline(lease)
      else this.bind(lease)
    })
  }

  private decline({ address, server }: Lease): void {
    const { options, send, tell } = this.parts
    tell({ kind: 'conflict', address, server })
    const said = new Map([
      [DhcpOption.requestedAddress, dhcpValue.u32(address)],
      [DhcpOption.serverId, dhcpValue.u32(server)],
    ])
    send(dhcpMessage(DhcpMessage.decline, { xid: this.xid, chaddr: options.mac, options: said }), undefined)
    this.wanted = 0
    this.rest(declineWait)
  }

  private refused(server: Ip4 | undefined): void {
    if (!['REQUESTING', 'REBOOTING', 'RENEWING', 'REBINDING'].includes(this.state)) return
    this.cancel()
    this.parts.tell({ kind: 'refused', server })
    this.lose()
    this.wanted = 0
    this.begin()
  }

  private bind(lease: Lease): void {
    const before = this.lease
    this.lease = lease
    this.wanted = lease.address
    this.state = 'BOUND'
    this.later(lease.renew, () => this.renew())
    this.parts.tell({ kind: 'bound', lease, before })
  }

  private renew(): void {
    const lease = this.lease as Lease
    this.open()
    this.state = 'RENEWING'
    this.repeat(
      lease.rebind,
      interval => this.request(lease.server, interval),
      () => this.rebind(lease),
    )
  }

  private rebind(lease: Lease): void {
    this.state = 'REBINDING'
    const over = (): void => {
      this.lose()
      this.begin()
    }
    this.repeat(lease.expire, interval => this.request(undefined, interval), over)
  }

  /** The lease is over: the host must not use the address any more. */
  private lose(): void {
    const { lease } = this
    this.lease = undefined
    if (lease !== undefined) this.parts.tell({ kind: 'expired', lease })
  }

  private begin(): void {
    this.open()
    this.select()
  }

  private select(): void {
    const { clock, options, tell } = this.parts
    this.state = 'SELECTING'
    this.chosen = 0
    const end = clock.now() + (options.timeout ?? 60 * second)
    const giveUp = (): void => {
      tell({ kind: 'nobody' })
      if (this.state !== 'STOPPED') this.rest(options.retry ?? 300 * second)
    }
    this.repeat(end, interval => this.discover(interval), giveUp)
  }

  private rest(duration: number): void {
    this.state = 'INIT'
    this.later(this.parts.clock.now() + duration, () => this.begin())
  }

  /** A conversation begins. */
  private open(): void {
    this.xid = this.draw()
    this.began = this.parts.clock.now()
    this.backoff.reset()
  }

  private draw(): number {
    return Math.floor(this.parts.random() * 2 ** 32)
  }

  /** Asks now and again until `end`, then goes on with `over`. */
  private repeat(end: number, ask: (interval: number) => void, over: () => void): void {
    const { clock } = this.parts
    const left = end - clock.now()
    if (left <= 0) {
      over()
      return
    }
    const interval = this.backoff.next(left)
    this.later(clock.now() + interval, () => this.repeat(end, ask, over))
    ask(interval)
  }

  private later(when: number, run: () => void): void {
    this.cancel()
    this.cancel = when === Number.POSITIVE_INFINITY ? () => {} : this.parts.clock.at(when, run)
  }

  private discover(interval: number): void {
    this.parts.tell({ kind: 'asked', type: 'discover', address: this.wanted, to: undefined, interval })
    this.send(DhcpMessage.discover, undefined, 0, this.wanted, 0)
  }

  /** RFC 2131 table 4: what a request says depends on the state. */
  private request(to: Ip4 | undefined, interval: number): void {
    const { state, wanted, chosen, lease } = this
    this.parts.tell({ kind: 'asked', type: 'request', address: wanted, to, interval })
    const has = state === 'RENEWING' || state === 'REBINDING'
    const ciaddr = has ? (lease?.address ?? 0) : 0
    this.send(DhcpMessage.request, to, ciaddr, has ? 0 : wanted, state === 'REQUESTING' ? chosen : 0)
  }

  private send(type: number, to: Ip4 | undefined, ciaddr: Ip4, requested: Ip4, server: Ip4): void {
    const { options, send, clock } = this.parts
    const secs = Math.min(0xffff, Math.floor((clock.now() - this.began) / second))
    const said = new Map<number, Uint8Array>()
    if (server !== 0) said.set(DhcpOption.serverId, dhcpValue.u32(server))
    if (requested !== 0) said.set(DhcpOption.requestedAddress, dhcpValue.u32(requested))
    for (const [code, value] of options.options) said.set(code, value)
    send(dhcpMessage(type, { xid: this.xid, chaddr: options.mac, secs, ciaddr, options: said }), to)
  }
}
