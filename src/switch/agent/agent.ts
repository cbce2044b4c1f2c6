import { allVersions, type VersionSet } from '../../openflow/hello.ts'
import { MatchPool } from '../../openflow/match-pool.ts'
import type { BodyOf, OfBody, OfMessage } from '../../openflow/message.ts'
import { readHead } from '../../openflow/message-header.ts'
import { decodeMessage, formOf } from '../../openflow/message-wire.ts'
import type { MessageForm } from '../../openflow/messages/codec.ts'
import type { ToldFlow } from '../../openflow/messages/flow-stats.ts'
import type { PortDesc } from '../../openflow/port-desc.ts'
import type { Version } from '../../openflow/protocol.ts'
import { RecentActions } from '../../openflow/recent-actions.ts'
import { type Running, Signal, start } from '../../runtime/index.ts'
import type { Duplex } from '../../runtime/stream.ts'
import type { Bridge } from '../bridge.ts'
import type { Controller, FlowRemoved, PacketIn, PortEvent } from '../packet-in.ts'
import type { BridgePort } from '../port.ts'
import type { Switch } from '../switch.ts'
import { age } from './age.ts'
import { type AsyncKind, askedAs } from './async.ts'
import { Connection, type ConnectionKind, type Way } from './connection.ts'
import { continuationBytes } from './continuations.ts'
import { FlowModReport } from './flow-mod-report.ts'
import { tableDesc } from './handle-tables.ts'
import type { Agent, Handler, Request, Telling } from './handler.ts'
import { handlers, notForSecondaries } from './handlers.ts'
import { Multiparts } from './multiparts.ts'
import { type PacketInLimit, PacketInQueue } from './packet-in-queue.ts'
import { packetInBody } from './packet-ins.ts'
import type { Peer } from './peer.ts'
import { looksSame, portDesc, portSteps } from './ports.ts'
import { flush, pump } from './pump.ts'
import { type Snooped, snoop, type Taps } from './snoop.ts'

/** How one connection is to be run. */
export type AcceptOptions = {
  kind: ConnectionKind
  /** For logs; `unix#1`, `unix#2`, … unless given. */
  name?: string
  /** ns, 0 for never. */
  probeInterval?: number
  /** Packet-ins a second and how many at once; undefined for all. */
  limit?: PacketInLimit | undefined
  /** How many packet-ins wait for a peer that reads slowly. */
  queueSize?: number
  /** The peer is told nothing that it did not ask for, a controller too. */
  quiet?: boolean
  /** Who listens, also to the next connection of the same controller; unless given, to this one only. */
  taps?: Taps
  /** Told when both sides have said hello, which may be before `accept` is done. */
  ready?: (peer: Peer) => void
  /** Told of the kind of each message that can be understood, once it is dealt with. */
  heard?: (type: OfBody['type']) => void
  /** Told when the connection is over, with the reason. */
  closed?: (why: string) => void
}

/** Connections are numbered through, for their names. */
const countUp = (): (() => number) => {
  let last = 0
  return () => ++last
}

/**
 * What speaks OpenFlow for a bridge. It is the bridge's `Controller`; those who really control it connect to it.
 */
export class OpenFlowAgent implements Agent, Controller {
  readonly bridge: Bridge
  readonly sw: Switch
  readonly peers = new Set<Peer>()
  /** The controllers that can be listened to. */
  readonly snooped = new Set<Snooped>()
  /** Who caused what happens now; such a one may not be told of it. */
  source: Connection | undefined
  /** The highest generation that a controller has shown when it took a role. */
  generation: bigint | undefined
  private allowed: VersionSet = allVersions
  private wantedMisses = false
  /** The match of a message is forgotten once that is dealt with: a table keeps matches in its own way. */
  private readonly matches = new MatchPool()
  private readonly recent = new RecentActions()
  private readonly nextXid = countUp()
  private readonly nextName = countUp()

  constructor(bridge: Bridge, sw: Switch) {
    this.bridge = bridge
    this.sw = sw
    bridge.setController(this)
  }

  /**
   * `Bridge:protocols`. Other versions are another beginning, for those too who speak one that is still allowed. Gives
   * whether they are others.
   */
  setVersions(versions: VersionSet): boolean {
    if (versions === this.allowed) return false
    this.allowed = versions
    this.hangUp()
    return true
  }

  /** Ends all connections: the bridge is another than they were told. */
  hangUp(): void {
    for (const peer of [...this.peers]) peer.close()
  }

  /** Takes a connection and serves it until it ends. */
  accept(duplex: Duplex, options: AcceptOptions): Peer {
    const { clock } = this.sw
    const news = new Signal()
    /** What is said while a message is dealt with is sent by the pump. */
    let handling = false
    const way: Way = {
      flush() {
        if (!handling && !flush(connection.session, duplex)) news.wake()
      },
      underway: () => duplex.output.size,
      wake: () => news.wake(),
    }
    const name = options.name ?? `unix#${this.nextName() - 1}`
    const flowMods = new FlowModReport(clock, this.sw.log, `${this.bridge.name}<->${name}`)
    const connection = new Connection(
      options.kind,
      name,
      {
        flowMods,
        versions: this.allowed,
        xid: this.nextXid,
        now: clock.now(),
        probeInterval: options.probeInterval ?? 0,
      },
      way,
      options.taps,
    )
    if (options.kind === 'primary' && options.taps === undefined) this.snooped.add(connection)
    connection.quiet = options.quiet ?? false
    const queue = new PacketInQueue(clock, connection, options)
    const multiparts = new Multiparts(clock, (request, error) => connection.refuse(request, error))
    let running: Running | undefined
    const over = (why: string): void => {
      if (!this.peers.delete(peer)) return
      connection.session.ended ??= why
      connection.endAnswer()
      if (this.snooped.delete(connection)) connection.taps.close()
      this.bridge.monitors.close(connection)
      queue.close()
      multiparts.close()
      duplex.close()
      this.changedPeers()
      options.closed?.(why)
      flowMods.close()
    }
    const peer: Peer = {
      connection,
      queue,
      multiparts,
      heard: options.heard,
      close: () => {
        flush(connection.session, duplex)
        running?.stop()
        over('closed')
      },
    }
    this.peers.add(peer)
    this.changedPeers()
    const task = pump(connection.session, duplex, clock, {
      handle: message => {
        handling = true
        this.handle(peer, message)
        handling = false
      },
      more: () => connection.more(),
      drained: () => this.bridge.monitors.drained(connection),
      agreed: () => {
        this.changedPeers()
        options.ready?.(peer)
      },
      changed: news,
    })
    running = start(task, { done: over })
    if (!this.peers.has(peer)) running.stop()
    return peer
  }

  /** Lets a connection see what goes between the bridge and a controller. */
  snoop(duplex: Duplex): void {
    snoop(duplex, this.snooped)
  }

  close(): void {
    this.hangUp()
    if (this.bridge.controller === this) this.bridge.setController(undefined)
  }

  /** Up to 1.2 a frame that no flow matches goes to the controllers. */
  get wantsMisses(): boolean {
    for (const { connection } of this.peers)
      if (connection.controllerId === 0 && (connection.version ?? 1) <= 3) return true
    return false
  }

  /** Frames that miss may go elsewhere now. */
  changedPeers(): void {
    const wants = this.wantsMisses
    if (wants === this.wantedMisses) return
    this.wantedMisses = wants
    this.bridge.setController(this)
  }

  packetIn(event: PacketIn): void {
    const { used } = this.matches
    this.offer(event)
    this.matches.release(used)
  }

  /** Queues copy what they keep. */
  private offer(event: PacketIn): void {
    let body: BodyOf<'packet_in'> | undefined
    for (const { connection, queue } of this.peers) {
      const { version, controllerId } = connection
      if (version === undefined || controllerId !== event.controllerId) continue
      if (!connection.wants('packetIn', askedAs(event.reason, version))) continue
      body ??= packetInBody(event, this.matches.take())
      const { paused } = event
      // Each version has its own words for the actions that are left.
      const own = paused === undefined ? body : { ...body, continuation: continuationBytes(paused, version) }
      queue.offer(own, event.key)
    }
  }

  flowRemoved(event: FlowRemoved): void {
    const { rule, reason, duration } = event
    const body: BodyOf<'flow_removed'> = {
      type: 'flow_removed',
      table: rule.table,
      priority: rule.priority,
      match: { ...rule.match, tlv: this.bridge.tlv.layout },
      cookie: rule.cookie,
      reason,
      duration: age(duration, 0),
      idleTimeout: rule.idleTimeout,
      hardTimeout: rule.hardTimeout,
      packets: rule.packets,
      bytes: rule.bytes,
    }
    this.tell('flowRemoved', flowRemovedReasons.indexOf(reason), body)
  }

  portChanged(reason: PortEvent, port: BridgePort, before?: BridgePort): void {
    const steps = before === undefined ? [] : portSteps(port, before)
    for (const { connection } of this.peers) {
      const { version } = connection
      if (version === undefined || !connection.wants('portStatus', portReasons.indexOf(reason))) continue
      const tell = (desc: PortDesc): boolean => connection.notify({ type: 'port_status', reason, port: desc })
      if (reason !== 'modify') tell(portDesc(port))
      for (const [i, desc] of steps.entries()) {
        if (i === 0 || looksSame(desc, steps[i - 1] as PortDesc, version)) continue
        // Before 1.5 who sets a port otherwise is not told of it, but of what its link does then.
        if (i > 1 || connection !== this.source || version >= 6) tell(desc)
      }
    }
  }

  tableStatus(table: number, reason: 'vacancy_down' | 'vacancy_up'): void {
    const body = { type: 'table_status', reason, table: tableDesc(this.bridge, table) } as const
    this.tell('tableStatus', tableReasons[reason], body, { since: 5 })
  }

  /** Sends an event to all who want it, but not to `except`, and only to those who speak a version since `since`. */
  tell(kind: AsyncKind, reason: number, body: OfBody, { except, since = 1 }: Telling = {}): void {
    for (const { connection } of this.peers)
      if (connection !== except && (connection.version ?? 0) >= since && connection.wants(kind, reason))
        connection.notify(body)
  }

  /** Discards the bundles of a connection that nobody adds to for too long; `opening` is quoted then. */
  watchBundles(connection: Connection, opening: Uint8Array): void {
    const { clock } = this.sw
    const due = connection.bundles.nextExpiry()
    if (due === undefined) return
    const first = opening.slice()
    clock.at(due, () => {
      if (connection.session.ended !== undefined) return
      for (const _ of connection.bundles.expire(clock.now())) connection.refuse(first, 'OFPBFC_TIMEOUT')
    })
  }

  private handle(peer: Peer, bytes: Uint8Array): void {
    // What a message does may bring the next one before it is done.
    const { used } = this.matches
    this.take(peer, bytes)
    this.matches.release(used)
  }

  private take(peer: Peer, bytes: Uint8Array): void {
    const { connection } = peer
    if (connection.role === 'secondary' && isNotForSecondaries(bytes)) {
      connection.refuse(bytes, 'OFPBRC_IS_SECONDARY')
      return
    }
    const { version, nxm, tableId } = connection
    const decoded = decodeMessage(bytes, {
      version: version as Version,
      nxm,
      tableId,
      tlv: this.bridge.tlv.layout,
      matches: this.matches,
      recent: this.recent,
      strict: true,
    })
    if (!decoded.ok) {
      connection.refuse(bytes, decoded.error)
      return
    }
    const { message, form } = decoded
    const whole = form.stats?.side === 'request' ? peer.multiparts.gather(message, bytes) : message
    if (whole !== undefined) this.dispatch(connection, whole, bytes, form)
    peer.heard?.(message.body.type)
  }

  /** Before a flow changes that is still to be told, all are told as they are. */
  private replyFlows(
    connection: Connection,
    message: OfMessage,
    flows: Iterable<ToldFlow>,
    { experimenter }: MessageForm,
  ): void {
    const { readers } = this.bridge.flows
    const finish = (): void => connection.sendRest()
    readers.add(finish)
    connection.replyFlows(message, flows, experimenter !== undefined, () => void readers.delete(finish))
  }

  private dispatch(connection: Connection, message: OfMessage, bytes: Uint8Array, form: MessageForm): void {
    const handler = handlers[message.body.type] as Handler | undefined
    if (handler === undefined) {
      connection.refuse(bytes, form.stats === undefined ? 'OFPBRC_BAD_TYPE' : 'OFPBRC_BAD_STAT')
      return
    }
    const { bridge, sw } = this
    const request: Request = {
      agent: this,
      bridge,
      sw,
      from: connection,
      message,
      bytes,
      // An answer in an extension's form to a request in one.
      reply: body => connection.reply(message, body, form.experimenter !== undefined),
      replyFlows: flows => this.replyFlows(connection, message, flows, form),
    }
    this.source = connection
    try {
      const error = handler(message.body as never, request)
      if (error !== undefined) connection.refuse(bytes, error)
    } finally {
      this.source = undefined
    }
  }
}

/** OFPTR_*. */
const tableReasons = { vacancy_down: 3, vacancy_up: 4 } as const
const silent = (): void => {}
const flowRemovedReasons = ['idle', 'hard', 'delete', 'group_delete', 'meter_delete', 'eviction']
const portReasons: PortEvent[] = ['add', 'delete', 'modify']

const isNotForSecondaries = (bytes: Uint8Array): boolean => {
  const head = readHead(bytes, silent)
  const entry = head.ok ? formOf(head.value) : undefined
  return entry !== undefined && notForSecondaries.has(entry.codec.type)
}
