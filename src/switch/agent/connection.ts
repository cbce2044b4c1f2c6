import { Writer } from '../../openflow/bytes.ts'
import { errorNumbers, type OfErrorName } from '../../openflow/error.ts'
import type { AsyncConfig, OfBody, OfMessage, PacketInFormat, Role } from '../../openflow/message.ts'
import { writeMessage } from '../../openflow/message-wire.ts'
import type { ToldFlow } from '../../openflow/messages/flow-stats.ts'
import type { Version } from '../../openflow/protocol.ts'
import { OfSession, type SessionOptions } from '../../openflow/session.ts'
import { Bundles } from '../flow-bundle.ts'
import { type AsyncKind, defaultAsync, quietAsync } from './async.ts'
import type { BundleEntry } from './bundle-entry.ts'
import type { FlowModReport } from './flow-mod-report.ts'
import { encodeFlows } from './flow-replies.ts'
import { Taps } from './snoop.ts'
import { encodeReplies } from './split.ts'

/**
 * `primary` is a controller that the bridge was configured with, `service` anyone else, such as `ovs-ofctl`: that one is
 * told nothing that it did not ask for.
 */
export type ConnectionKind = 'primary' | 'service'

/** How long an error is before what it quotes: an extension's names the extension. */
const errorSize = (vendor: number, version: Version): number => (vendor === 0 ? 12 : version <= 2 ? 20 : 16)

/** Events wait for a peer that reads slowly, but no more bytes of them than this. */
export const eventBacklog = 8 * 1024 * 1024

/** What a peer sees of a packet unless it says otherwise (OFP_DEFAULT_MISS_SEND_LEN). */
const defaultMissSendLength = 128

/** Where a message is written, one at a time, before the session takes its copy. */
const scratch = new Writer(4096)

/** The way to the peer. */
export type Way = {
  /** Called when the session has bytes for the peer. */
  flush(): void
  /** Bytes that have left the session and not yet reached the peer. */
  underway(): number
  /** Called when the session is due at another time. */
  wake(): void
}

/** A peer of the bridge: its session, and what was agreed on in it. */
export class Connection {
  readonly session: OfSession
  readonly kind: ConnectionKind
  /** For logs, as in `unix#3` or `tcp:10.0.0.1:6653`. */
  readonly name: string
  role: Exclude<Role, 'nochange'> = 'equal'
  missSendLength: number
  invalidTtlToController = false
  controllerId = 0
  packetInFormat: PacketInFormat = 'standard'
  /** OpenFlow 1.0 only: whether the peer can be sent Nicira's flexible match, and says tables in flow-mods. */
  nxm = false
  tableId = false
  /** What the peer has said of the events it wants; until then the version decides, unless it is to be told nothing (`quiet`). */
  async: AsyncConfig | undefined
  quiet = false
  readonly taps: Taps
  readonly bundles = new Bundles<BundleEntry>()
  /** Told of each flow that it has changed. */
  readonly flowMods: FlowModReport | undefined
  private readonly way: Way
  /** An answer that is not sent to its end. */
  private answer: { parts: Iterator<Uint8Array, undefined>; ended: () => void } | undefined

  constructor(
    kind: ConnectionKind,
    name: string,
    options: SessionOptions & { flowMods?: FlowModReport },
    way: Way,
    taps = new Taps(),
  ) {
    this.kind = kind
    this.name = name
    this.way = way
    this.taps = taps
    this.flowMods = options.flowMods
    this.session = new OfSession({ ...options, tap: message => taps.see(message) })
    this.missSendLength = kind === 'primary' ? defaultMissSendLength : 0
  }

  get version(): Version | undefined {
    return this.session.version
  }

  /** Which events the peer wants, by role and kind. */
  get events(): AsyncConfig {
    return this.async ?? (this.version === undefined || this.quiet ? quietAsync : defaultAsync(this.version))
  }

  /** How long the peer may be silent, ns; 0 for ever. */
  setProbeInterval(interval: number): void {
    this.session.setProbeInterval(interval)
    this.way.wake()
  }

  /** Whether the peer wants an event, whose reason is a number of OpenFlow's. */
  wants(kind: AsyncKind, reason: number): boolean {
    if (this.version === undefined || this.session.ended !== undefined) return false
    if (this.kind === 'service' && this.missSendLength === 0) return false
    const { primary, secondary } = this.events
    return ((this.role === 'secondary' ? secondary : primary)[kind] & (1 << reason)) !== 0
  }

  /**
   * Answers a request, in 1.0 with Nicira's extensions if it came in one (`nxm`). A list that is too long for one message
   * goes out in several.
   */
  reply(to: OfMessage, body: OfBody, nxm: boolean): void {
    const parts = encodeReplies(body, { version: to.version, xid: to.xid, nxm, tableId: this.tableId })
    for (const part of parts) this.session.send(part)
    this.way.flush()
  }

  /**
   * The same, for as many flows as there are: they are asked for as the peer takes them (`more`). The peer's next request
   * waits until it has all.
   */
  replyFlows({ version, xid }: OfMessage, flows: Iterable<ToldFlow>, nxm: boolean, ended: () => void): void {
    this.answer = { parts: encodeFlows(flows, { version, xid, nxm }), ended }
  }

  /** Sends the next part of an answer that has many; false if there is none. */
  more(): boolean {
    if (this.answer === undefined) return false
    const part = this.session.ended === undefined ? this.answer.parts.next().value : undefined
    if (part === undefined) this.endAnswer()
    else this.session.send(part)
    return true
  }

  /** Sends all parts that there are still to send. */
  sendRest(): void {
    while (this.more());
    this.way.flush()
  }

  /** Leaves out what was not asked for yet. */
  endAnswer(): void {
    const { answer } = this
    this.answer = undefined
    answer?.ended()
  }

  /** Refuses a request, and sends it back, or as much of it as goes into a message. */
  refuse(request: Uint8Array, error: OfErrorName): void {
    const version = request[0] as Version
    const xid = new DataView(request.buffer, request.byteOffset).getUint32(4)
    const numbers = errorNumbers(error, version) ?? errorNumbers('NXBRC_UNENCODABLE_ERROR', version)
    if (numbers === undefined) return
    const { type: errorType, code, vendor } = numbers
    const data = request.slice(0, 0xffff - errorSize(vendor, version))
    this.sendBody({ type: 'error', name: error, errorType, code, vendor, data }, version, xid)
  }

  /** Bytes that wait for the peer. */
  backlog(): number {
    return this.session.waiting + this.way.underway()
  }

  /** Sends a list as an event, in several messages if need be. */
  tellAll(body: OfBody): void {
    const { version } = this
    if (version === undefined || this.backlog() > eventBacklog) return
    for (const part of encodeReplies(body, { version, xid: 0, nxm: true })) this.session.send(part)
    this.way.flush()
  }

  /** Sends an event; one that there is no room for is lost. Returns whether it went. */
  notify(body: OfBody, xid = 0): boolean {
    const { version } = this
    if (version === undefined || this.backlog() > eventBacklog) return false
    return this.sendBody(body, version, xid)
  }

  private sendBody(body: OfBody, version: Version, xid: number): boolean {
    const { nxm, tableId, packetInFormat: packetIn } = this
    scratch.at = 0
    if (!writeMessage(scratch, body, { version, xid, nxm, tableId, packetIn }) || scratch.at > 0xffff) return false
    this.session.send(scratch.bytes.subarray(0, scratch.at))
    this.way.flush()
    return true
  }
}
