/**
 * Rules for IPv4 packets, and addresses that are hidden behind others: what `iptables` configures. The tables `filter` and
 * `nat` with the chains that they have in Linux; of `nat` only POSTROUTING does something, for packets that pass through.
 *
 * A fragment that is not the first has no ports: it goes the way of the first, and is lost if that was not seen.
 */
import { type Clock, type Random, second } from '../../runtime/index.ts'
import type { Ip4 } from '../../wire/address.ts'
import type { Received } from '../received.ts'
import {
  type Flow,
  flowOf,
  fragmentOffset,
  identification,
  isFragment,
  quotedAt,
  rewrite,
  setIcmpChecksum,
  tcpFlags,
} from './packet.ts'
import { judge, type Seen, type Table, type Target } from './rules.ts'
import { Tracker } from './tracker.ts'

const builtIn = {
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
} as const
export type TableName = keyof typeof builtIn

const newTable = (names: readonly string[]): Table =>
  new Map(names.map(name => [name, { policy: 'ACCEPT' as const, rules: [] }]))

/** Ports that hidden connections get when theirs is taken. */
const firstPort = 1024
const lastPort = 65535
/** FIN and RST. */
const ends = 0x05

export class Filter {
  readonly tables: Readonly<Record<TableName, Table>> = {
    filter: newTable(builtIn.filter),
    nat: newTable(builtIn.nat),
  }
  readonly tracker: Tracker
  private readonly clock: Clock
  private readonly random: Random
  /** What became of the first fragments of packets, for the others. */
  private readonly fragments = new Map<string, { end: 'source' | 'destination'; address: Ip4; expires: number }>()

  constructor(clock: Clock, random: Random) {
    this.clock = clock
    this.random = random
    this.tracker = new Tracker(clock)
  }

  /** A packet has come in: an answer to who is hidden gets its address back. */
  incoming(packet: Received): void {
    const { frame, ip } = packet
    const { bytes, end } = frame
    const restored =
      this.restoreFragment(bytes, ip, end) ?? this.restore(bytes, ip, end) ?? this.restoreQuoted(bytes, ip, end)
    if (restored !== undefined) packet.dst4 = restored
  }

  private restore(bytes: Uint8Array, ip: number, end: number): Ip4 | undefined {
    const flow = fragmentOffset(bytes, ip) > 0 ? undefined : flowOf(bytes, ip, end)
    const found = flow && this.tracker.find(flow)
    if (found === undefined || flow === undefined) return undefined
    const { tracked, isReply } = found
    if ((tcpFlags(bytes, ip, end) & ends) !== 0) tracked.closing = true
    if (isReply) tracked.answered = true
    this.tracker.touch(tracked)
    const { src, sourcePort } = tracked.original
    if (!isReply || src === flow.dst) return undefined
    this.noteFragment(bytes, ip, flow, 'destination', src)
    rewrite(bytes, ip, end, 'destination', src, sourcePort)
    return src
  }

  /** An ICMP error about a packet of who is hidden is theirs, and speaks of the packet as they sent it. */
  private restoreQuoted(bytes: Uint8Array, ip: number, end: number): Ip4 | undefined {
    const quoted = quotedAt(bytes, ip, end)
    const flow = quoted === undefined ? undefined : flowOf(bytes, quoted, end)
    if (quoted === undefined || flow === undefined) return undefined
    const found = this.tracker.find(turned(flow))
    if (found === undefined || !found.isReply || found.tracked.original.src === flow.src) return undefined
    const { src, sourcePort } = found.tracked.original
    rewrite(bytes, quoted, end, 'source', src, sourcePort)
    setIcmpChecksum(bytes, ip, end)
    rewrite(bytes, ip, end, 'destination', src, undefined)
    return src
  }

  private restoreFragment(bytes: Uint8Array, ip: number, end: number): Ip4 | undefined {
    if (fragmentOffset(bytes, ip) === 0 || this.fragments.size === 0) return undefined
    const flow = flowOf(bytes, ip, end)
    const known = flow && this.fragments.get(fragmentKey(flow, identification(bytes, ip)))
    if (known?.end !== 'destination' || known.expires <= this.clock.now()) return undefined
    rewrite(bytes, ip, end, 'destination', known.address, undefined)
    return known.address
  }

  private noteFragment(bytes: Uint8Array, ip: number, flow: Flow, end: 'source' | 'destination', address: Ip4): void {
    if (!isFragment(bytes, ip)) return
    if (this.fragments.size > 1000) this.fragments.clear()
    const expires = this.clock.now() + 30 * second
    this.fragments.set(fragmentKey(flow, identification(bytes, ip)), { end, address, expires })
  }

  private seen(packet: Received, inside: string, outside: string): Seen | undefined {
    const { frame, ip } = packet
    const flow = flowOf(frame.bytes, ip, frame.end)
    if (flow === undefined) return undefined
    const found = this.tracker.find(flow)
    // An answer has its receiver's own address by now.
    const isAnswer = found?.isReply === true || this.tracker.find(turned(flow))?.isReply === false
    const state = isAnswer || found?.tracked.answered === true ? 'ESTABLISHED' : 'NEW'
    return { ...flow, in: inside, out: outside, state, size: frame.end - ip }
  }

  private verdict(chain: string, seen: Seen | undefined): Target | undefined {
    return seen === undefined ? 'DROP' : judge(this.tables.filter, chain, seen)
  }

  /** Whether a packet for this host may come in. */
  input(packet: Received): Target | undefined {
    return this.verdict('INPUT', this.seen(packet, packet.link.name, ''))
  }

  /** Whether a packet may pass through. */
  forward(packet: Received, out: string): Target | undefined {
    return this.verdict('FORWARD', this.seen(packet, packet.link.name, out))
  }

  /** Whether a packet of this host, at `ip`, may leave. */
  output(bytes: Uint8Array, ip: number, end: number, out: string): Target | undefined {
    const flow = flowOf(bytes, ip, end)
    return this.verdict('OUTPUT', flow && { ...flow, in: '', out, state: 'NEW', size: end - ip })
  }

  /** A packet that passes through leaves: who is to be hidden is. False for one that has to go nowhere. `own` is the address of the way out. */
  leaving(packet: Received, out: string, own: () => Ip4 | undefined): boolean {
    const { frame, ip } = packet
    const { bytes, end } = frame
    const flow = flowOf(bytes, ip, end)
    if (flow === undefined) return true
    if (fragmentOffset(bytes, ip) > 0) {
      const known = this.fragments.get(fragmentKey(flow, identification(bytes, ip)))
      if (known?.end === 'source') rewrite(bytes, ip, end, 'source', known.address, undefined)
      return true
    }
    const found = this.tracker.find(flow)
    if (found?.isReply === true || (found === undefined && this.tracker.find(turned(flow)) !== undefined)) return true
    let reply = found?.tracked.reply
    if (reply === undefined) {
      if (quotedAt(bytes, ip, end) !== undefined) return true
      const seen: Seen = { ...flow, in: packet.link.name, out, state: 'NEW', size: end - ip }
      const target = judge(this.tables.nat, 'POSTROUTING', seen)
      const hiding =
        target === 'MASQUERADE' ? own() : typeof target === 'object' && 'source' in target ? target.source : flow.src
      if (hiding === undefined) return false
      reply = this.track(flow, hiding)
      if (reply === undefined) return false
    } else {
      if ((tcpFlags(bytes, ip, end) & ends) !== 0 && found !== undefined) found.tracked.closing = true
      if (found !== undefined) this.tracker.touch(found.tracked)
    }
    if (reply.dst !== flow.src || reply.destinationPort !== flow.sourcePort) {
      this.noteFragment(bytes, ip, flow, 'source', reply.dst)
      rewrite(bytes, ip, end, 'source', reply.dst, reply.destinationPort)
    }
    return true
  }

  /** Remembers a new connection behind an address, by its own port if that is free; undefined if there is none. */
  private track(flow: Flow, address: Ip4): Flow | undefined {
    const answer = (port: number): Flow => {
      const back = turned(flow)
      // An echo has one identifier for both ways.
      return { ...back, dst: address, destinationPort: port, sourcePort: flow.protocol === 1 ? port : back.sourcePort }
    }
    const own = answer(flow.sourcePort)
    if (this.tracker.add(flow, own) !== undefined) return own
    const count = lastPort - firstPort + 1
    const from = Math.floor(this.random() * count)
    for (let i = 0; i < 1024; i++) {
      const other = answer(firstPort + ((from + i) % count))
      if (this.tracker.add(flow, other) !== undefined) return other
    }
    return undefined
  }
}

const turned = ({ protocol, src, dst, sourcePort, destinationPort }: Flow): Flow => ({
  ...{ protocol, src: dst, dst: src },
  ...{ sourcePort: destinationPort, destinationPort: sourcePort },
})

const fragmentKey = ({ protocol, src, dst }: Flow, id: number): string => `${protocol} ${src} ${dst} ${id}`
