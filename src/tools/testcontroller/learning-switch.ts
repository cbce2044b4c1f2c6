/**
 * What a controller does with one switch: it learns which port each MAC is behind, and tells the switch where frames go,
 * by flows of their own. A machine without sockets: whole messages come in by `handle`, answers wait in `session`.
 *
 * A switch that speaks OpenFlow 1.3 or later drops what it has no flow for, so it is told at first to send that here. MACs
 * are learned without regard to VLANs, and a flow looks at no more than a match of OpenFlow 1.0 could.
 */
import { extract } from '../../flow/extract.ts'
import { keyWords, word } from '../../flow/layout.ts'
import type { FileFlow, OfAction, Version } from '../../openflow/index.ts'
import { OfPort, type Protocols, plainFlowMod, protocol, protocolsOf, versionOf } from '../../openflow/index.ts'
import { MatchPool } from '../../openflow/match-pool.ts'
import { type BodyOf, noBuffer, type OfBody } from '../../openflow/message.ts'
import { decodeMessage, encodeMessage } from '../../openflow/message-wire.ts'
import { matchOfPacket } from '../../openflow/ofp10-match.ts'
import { OfSession } from '../../openflow/session.ts'
import { second } from '../../runtime/index.ts'
import { MacLearning } from '../../switch/mac-learning.ts'
import { Frame } from '../../wire/frame.ts'

export type LearningOptions = {
  /** Bits of the versions that are offered. */
  versions: number
  /** `switch` sends a frame to where its receiver is; `hub` and `normal` send all frames everywhere. */
  mode: 'switch' | 'hub' | 'normal'
  /** Seconds that a flow stays without a frame, 0 for ever; undefined for no flows at all. */
  idleTimeout: number | undefined
  /** OFPFW_* of OpenFlow 1.0: what flows do not look at. */
  wildcards: number
  /** The queue of frames that come in at ports without one of their own. */
  queue: number | undefined
  /** Queues by the name of the port that a frame comes in at. */
  portQueues: ReadonlyMap<string, number>
  /** Flows that each switch gets at first. */
  flows: readonly FileFlow[]
}

/** OFPT_FEATURES_REPLY and OFPT_PACKET_IN, in every version. */
const Type = { featuresReply: 6, packetIn: 10 } as const
/** Bytes of a frame that come with a packet-in: OFP_DEFAULT_MISS_SEND_LEN. */
const missSendLength = 128
/** How long a switch may be silent before it is asked whether it is there. */
const probeInterval = 60 * second
/** 01:80:c2:00:00:00 to 01:80:c2:00:00:0f, which no bridge forwards (IEEE 802.1D table 7-10). */
const isReserved = (mac: number): boolean => Math.floor(mac / 16) === 0x0180c200000

const u48 = (key: Uint32Array, high: number): number =>
  high === word.ethernet
    ? key[word.ethernet]! * 0x10000 + (key[word.ethernet1]! >>> 16)
    : (key[word.ethernet1]! & 0xffff) * 0x100000000 + key[word.ethernet2]!

export class LearningSwitch {
  readonly session: OfSession
  /** Undefined until the switch has said it. */
  datapathId: bigint | undefined
  private readonly options: LearningOptions
  private readonly macs = new MacLearning()
  private readonly key = new Uint32Array(keyWords)
  /** Matches that are needed no longer than a message. */
  private readonly matches = new MatchPool()
  /** What a frame adds, with what changes from frame to frame: once it is sent nobody looks at it. */
  private readonly flow: BodyOf<'flow_mod'> = {
    ...plainFlowMod('add'),
    type: 'flow_mod',
    bufferId: noBuffer,
    newCookie: 0n,
    priority: 1,
    outGroup: 0,
  }
  private readonly queues = new Map<number, number>()
  private speech = { nxm: false, tableId: false }
  private lastXid = 0

  constructor(options: LearningOptions, now: number) {
    this.options = options
    const { versions } = options
    this.session = new OfSession({ versions, xid: () => ++this.lastXid, now, probeInterval })
  }

  /** The version is agreed on: asks who the switch is, and tells it what it is to begin with. */
  begin(): void {
    this.send({ type: 'features_request' })
    this.send({ type: 'set_config', fragments: 'normal', missSendLength, invalidTtlToController: undefined })
    if (this.version >= 4) {
      const actions: OfAction[] = [{ type: 'output', port: OfPort.controller, maxLength: missSendLength }]
      this.send({ ...plainFlowMod('add'), type: 'flow_mod', bufferId: noBuffer, newCookie: 0n, priority: 0, actions })
    }
    this.sendFlows()
  }

  /** Deals with a message of the switch. */
  handle(now: number, bytes: Uint8Array): void {
    const type = bytes[1]
    if (type !== Type.packetIn && type !== Type.featuresReply) return
    this.matches.release()
    const decoded = decodeMessage(bytes, { version: this.version, matches: this.matches })
    if (!decoded.ok) return
    const { body } = decoded.message
    if (body.type === 'features_reply') this.know(body)
    else if (body.type === 'packet_in') this.forward(now, body)
  }

  private get version(): Version {
    return this.session.version ?? 1
  }

  private know({ datapathId, ports }: BodyOf<'features_reply'>): void {
    this.datapathId = datapathId
    for (const { name, port } of ports ?? []) {
      const queue = this.options.portQueues.get(name)
      if (queue !== undefined) this.queues.set(port, queue)
    }
  }

  private forward(now: number, { packet, bufferId, match }: BodyOf<'packet_in'>): void {
    const { key, options } = this
    const inPort = match.key[word.inPort]!
    key.fill(0)
    key[word.inPort] = inPort
    extract(new Frame(packet, 0, packet.length), key)
    const outPort = this.choose(now, inPort)
    const queue = this.queues.get(inPort) ?? options.queue
    const actions = outPort === undefined ? [] : outputs(outPort, queue, this.version)
    if (options.idleTimeout !== undefined && (options.mode !== 'switch' || outPort !== OfPort.flood)) {
      const { flow } = this
      flow.bufferId = bufferId
      flow.match = matchOfPacket(key, options.wildcards, this.matches)
      flow.idleTimeout = options.idleTimeout
      flow.actions = actions
      this.send(flow)
      // The switch sends a frame that it kept by the flow.
      if (bufferId !== noBuffer) return
    }
    if (bufferId !== noBuffer || actions.length > 0)
      this.send({ type: 'packet_out', bufferId, inPort, match, actions, packet: bufferId === noBuffer ? packet : none })
  }

  /** Learns where the sender is; undefined for a frame that goes nowhere. */
  private choose(now: number, inPort: number): number | undefined {
    const { key, macs, options } = this
    const isSwitch = options.mode === 'switch'
    if (isSwitch) {
      macs.expire(now)
      macs.learn(0, u48(key, word.ethernet1), inPort, now)
    }
    const destination = u48(key, word.ethernet)
    if (isReserved(destination)) return undefined
    const known = isSwitch ? macs.lookup(0, destination) : undefined
    return known === undefined ? OfPort.flood : known.port === inPort ? undefined : known.port
  }

  /** Flows of files, in a way of saying them that all of them can be said in. */
  private sendFlows(): void {
    const { flows } = this.options
    if (flows.length === 0) return
    const usable = flows.reduce((bits: Protocols, { protocols }) => bits & protocols, protocol.any)
    // A switch whose version has no words for one of them gets none.
    if ((usable & protocolsOf(this.version)) === 0) return
    if (this.version === 1) this.agreeOn(usable & protocolsOf(1))
    for (const { flow, given } of flows)
      this.send({ type: 'flow_mod', bufferId: noBuffer, ...flow, match: given, newCookie: flow.newCookie ?? 0n })
  }

  /** OpenFlow 1.0 has four ways; Nicira's are asked for. */
  private agreeOn(usable: Protocols): void {
    const wanted = [0, 1, 2, 3].find(bit => (usable & (1 << bit)) !== 0 && versionOf(1 << bit) === 1) ?? 0
    this.speech = { nxm: (wanted & 2) !== 0, tableId: (wanted & 1) !== 0 }
    if (this.speech.nxm) this.send({ type: 'set_flow_format', nxm: true })
    if (this.speech.tableId) this.send({ type: 'flow_mod_table_id', enabled: true })
  }

  private send(body: OfBody): void {
    const bytes = encodeMessage(body, { version: this.version, xid: ++this.lastXid, ...this.speech })
    if (bytes !== undefined) this.session.send(bytes)
  }
}

const none = new Uint8Array(0)

/** 1.0 has one action for a port and its queue. Ports that are no ports have no queues. */
const outputs = (port: number, queue: number | undefined, version: Version): OfAction[] => {
  if (queue === undefined || port >= OfPort.max) return [{ type: 'output', port }]
  return version === 1
    ? [{ type: 'enqueue', port, queue }]
    : [{ type: 'set_queue', queue }, { type: 'output', port, maxLength: 0xffff }, { type: 'pop_queue' }]
}
