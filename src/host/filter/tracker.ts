import { type Clock, second } from '../../runtime/index.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import type { Flow } from './packet.ts'

/** A connection that was seen: its way out, and the way that answers come. */
export type Tracked = {
  readonly original: Flow
  readonly reply: Flow
  /** Whether an answer has come. */
  answered: boolean
  /** Whether either side has said that it ends. */
  closing: boolean
  expires: number
}

const keyOf = ({ protocol, src, sourcePort, dst, destinationPort }: Flow): string =>
  `${protocol} ${src} ${sourcePort} ${dst} ${destinationPort}`

/** The most connections, as Linux has it on a host with little memory. */
const most = 65_536

/** How long a connection is remembered without a packet, ns: `net.netfilter.nf_conntrack_*_timeout`. */
const patienceOf = ({ original: { protocol }, answered, closing }: Tracked): number => {
  if (protocol === IpProtocol.tcp) return (closing ? 120 : answered ? 432_000 : 120) * second
  if (protocol === IpProtocol.udp) return (answered ? 120 : 30) * second
  return (protocol === IpProtocol.icmp ? 30 : 600) * second
}

/** Connections by both of their ways. */
export class Tracker {
  private readonly ways = new Map<string, { tracked: Tracked; isReply: boolean }>()
  private readonly clock: Clock

  constructor(clock: Clock) {
    this.clock = clock
  }

  get size(): number {
    return this.ways.size / 2
  }

  all(): Tracked[] {
    return [...this.ways.values()].filter(({ isReply }) => !isReply).map(({ tracked }) => tracked)
  }

  find(flow: Flow): { tracked: Tracked; isReply: boolean } | undefined {
    const found = this.ways.get(keyOf(flow))
    if (found === undefined) return undefined
    if (found.tracked.expires > this.clock.now()) return found
    this.forget(found.tracked)
    return undefined
  }

  /** Remembers a connection; undefined if there is no room, or its answers could be another's. */
  add(original: Flow, reply: Flow): Tracked | undefined {
    if (this.find(reply) !== undefined || (this.ways.size >= 2 * most && !this.makeRoom())) return undefined
    const tracked: Tracked = { original, reply, answered: false, closing: false, expires: 0 }
    this.ways.set(keyOf(original), { tracked, isReply: false })
    this.ways.set(keyOf(reply), { tracked, isReply: true })
    this.touch(tracked)
    return tracked
  }

  /** A packet of it went by. */
  touch(tracked: Tracked): void {
    tracked.expires = this.clock.now() + patienceOf(tracked)
  }

  private forget({ original, reply }: Tracked): void {
    this.ways.delete(keyOf(original))
    this.ways.delete(keyOf(reply))
  }

  private makeRoom(): boolean {
    const now = this.clock.now()
    for (const { tracked } of [...this.ways.values()]) if (tracked.expires <= now) this.forget(tracked)
    return this.ways.size < 2 * most
  }
}
