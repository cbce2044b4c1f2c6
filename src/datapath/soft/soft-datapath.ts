/**
 * The datapath in TypeScript. The way of a frame:
 *
 *     receive -> extract the words in use -> hash -> microflow cache -> megaflow -> actions -> send
 *                                                    | no              ^
 *                                                    v                 |
 *                                            search mask by mask ------+
 *                                                    | no
 *                                                    v
 *                                            upcall: the switch decides, a megaflow is installed
 *
 * A hit allocates nothing: key, counts and cache are typed arrays, and the frame itself goes to the last receiver.
 *
 * Only one frame is handled at a time. What a port's `send` brings back to us while we are at it (a cable without delay
 * to another of our ports) waits in a queue that the outermost call empties, so a loop of cables uses no stack. The queue
 * has a bound, and so has the number of frames that one outermost call handles: a loop without delay would turn for ever
 * in the same nanosecond. What is beyond either is dropped and counted as `datapath_drop_loop`.
 *
 * Upcalls wait likewise until the actions of the frame at hand are done, so the switch never changes flows under a running
 * program. They are answered before the next frame is looked at, which keeps frames of one flow in order.
 */
import { depthOf, extract, extractWords } from '../../flow/extract.ts'
import { type FlowKey, newKey, type TunnelRow, tunnelWords, word } from '../../flow/layout.ts'
import { type Clock, Counters, seeded } from '../../runtime/index.ts'
import type { Frame } from '../../wire/frame.ts'
import { segmentsOf } from '../../wire/tcp-segments.ts'
import type { Action, ConnTrack, Megaflow, PortNumber, UpcallReason } from '../action.ts'
import type { CachedFlow, Datapath, DatapathStats, Decision, FlowStats, Upcall, Vport } from '../datapath.ts'
import { Beside } from './beside.ts'
import { FrameHash } from './frame-hash.ts'
import { countsPerFlow, MegaflowTable } from './megaflow-table.ts'
import { SoftMeters } from './meters.ts'
import { MicroflowCache } from './microflow-cache.ts'
import { Ports, rxBytes, rxDropped, rxPackets } from './ports.ts'
import { type HashAlgorithm, type Program, type Run, runSteps, type World } from './program.ts'
import { Programs } from './programs.ts'
import { mostRecirculations, type SoftOptions } from './soft-options.ts'
import { Tracking } from './tracking.ts'
import { type WaitingFrame, WaitingFrames, type WaitingUpcall } from './waiting.ts'

export { mostRecirculations, type SoftOptions } from './soft-options.ts'

const noTunnel: TunnelRow = new Uint32Array(tunnelWords)
const tunnelEnd = word.tunIdHigh + tunnelWords

export class SoftDatapath implements Datapath, World {
  vlanLimit = 1
  flowLimit: number
  private readonly nameOf: () => string
  private readonly clock: Clock
  private readonly upcallLimit: number
  private readonly burstLimit: number
  private readonly portTable = new Ports()
  private readonly table = new MegaflowTable()
  private readonly cache = new MicroflowCache()
  private readonly programs = new Programs()
  private readonly drops = new Counters()
  private readonly waiting: WaitingFrames
  private readonly upcalls: WaitingUpcall[] = []
  /** Keys of upcalls that were answered, for others. */
  private readonly spareKeys: FlowKey[] = []
  private decide: ((upcall: Upcall) => Decision | undefined) | undefined
  private take: ((upcall: Upcall) => void) | undefined
  private ask: ((flow: CachedFlow) => void) | undefined
  private union = newKey()
  private depth = depthOf(this.union)
  private tunnelWordsInUse = new Uint8Array(0)
  private busy = false
  private hits = 0
  private cacheHits = 0
  private misses = 0
  private lost = 0

  /** The frame at hand: its key (only the words in use), and what the key alone does not say. */
  private readonly key: FlowKey = newKey()
  private port: PortNumber = 0
  private recircId = 0
  private tunnel: TunnelRow | undefined
  private recirculations = 0
  private readonly runs: Run[] = []
  private readonly beside: Beside
  private readonly meters = new SoftMeters()
  private readonly hashes = new FrameHash()
  /** A key in full, for the moment of an action. */
  private readonly whole: FlowKey = newKey()
  private readonly draw: () => number
  private readonly tracking: Tracking

  constructor({ clock, name, upcallLimit, waitingLimit, burstLimit, flowLimit, ...rest }: SoftOptions) {
    this.clock = clock
    this.nameOf = typeof name === 'function' ? name : () => name ?? 'netdev@ovs-netdev'
    this.upcallLimit = upcallLimit ?? 128
    this.burstLimit = burstLimit ?? 2048
    this.flowLimit = flowLimit ?? 2 ** 20
    this.waiting = new WaitingFrames(waitingLimit ?? 4096)
    this.beside = new Beside(this.key)
    this.draw = rest.random ?? seeded(1)
    this.tracking = new Tracking(rest.tracker, rest.log ?? (() => {}))
  }

  get name(): string {
    return this.nameOf()
  }

  addPort(vport: Vport, wanted?: PortNumber): PortNumber {
    return this.portTable.add(vport, wanted)
  }

  removePort(port: PortNumber): void {
    this.portTable.remove(port)
  }

  readonly ports: Datapath['ports'] = () => this.portTable.vports
  readonly portStats: Datapath['portStats'] = port => this.portTable.stats(port)

  receive(port: PortNumber, frame: Frame, tunnel?: TunnelRow): void {
    if (this.busy) {
      if (!this.waiting.add(frame, port, tunnel, undefined)) this.drop('datapath_drop_loop')
      return
    }
    this.busy = true
    try {
      this.arrive(port, frame, tunnel)
      if (this.upcalls.length > 0 || this.waiting.count > 0) this.finish()
    } finally {
      this.busy = false
    }
  }

  execute(frame: Frame, port: PortNumber, actions: readonly Action[], tunnel?: TunnelRow): void {
    if (this.busy) {
      if (!this.waiting.add(frame, port, tunnel, actions)) this.drop('datapath_drop_loop')
      return
    }
    this.busy = true
    try {
      this.perform(frame, port, tunnel, actions)
      this.finish()
    } finally {
      this.busy = false
    }
  }

  onMiss(decide: (upcall: Upcall) => Decision | undefined): void {
    this.decide = decide
  }

  onUserspace(take: (upcall: Upcall) => void): void {
    this.take = take
  }

  readonly onDoubt: Datapath['onDoubt'] = ask => {
    this.ask = ask
  }

  readonly flows: Datapath['flows'] = () => this.table.flows()
  readonly doubted: Datapath['doubted'] = () => this.table.doubted()
  readonly doubt: Datapath['doubt'] = which => this.table.doubt(which)
  readonly trust: Datapath['trust'] = id => this.table.trustFlow(id)

  addFlow({ key, mask, actions }: Megaflow): number | undefined {
    const id = this.table.add(key, mask, this.programs.of(actions))
    this.look()
    return id
  }

  readonly seenBy: Datapath['seenBy'] = id => this.table.seenBy(id)

  replaceActions(id: number, actions: readonly Action[]): boolean {
    const slot = this.table.slotOf(id)
    if (slot === undefined) return false
    this.table.setActions(slot, this.programs.of(actions))
    return true
  }

  removeFlow(id: number): FlowStats | undefined {
    const slot = this.table.slotOf(id)
    if (slot === undefined) return undefined
    const stats = this.table.stats(slot)
    this.table.remove(slot)
    this.look()
    return stats
  }

  clear(): void {
    for (const { id } of this.table.flows()) this.removeFlow(id)
    this.cache.clear()
  }

  limitVlans(limit: number): void {
    this.clear()
    this.vlanLimit = limit
  }

  stats(): DatapathStats {
    return {
      hit: this.hits,
      missed: this.misses,
      lost: this.lost,
      flows: this.table.size,
      masks: this.table.subtables.length,
      maskHits: this.table.visits,
      cacheHits: this.cacheHits,
    }
  }

  readonly counters: Datapath['counters'] = () => this.drops.entries()

  /** Masks came or went: how far to read frames from now on. */
  private look(): void {
    if (this.union === this.table.union) return
    this.union = this.table.union
    this.depth = depthOf(this.union)
    this.key[word.tcpFlags] = 0
    this.tunnelWordsInUse = this.table.words.filter(place => place >= word.tunIdHigh && place < tunnelEnd)
  }

  private arrive(number: PortNumber, frame: Frame, tunnel: TunnelRow | undefined): void {
    const port = this.portTable.list[number]
    if (port === undefined) {
      this.drop('datapath_drop_invalid_port')
      return
    }
    const { counts } = port
    const size = frame.end - frame.start
    counts[rxPackets]!++
    counts[rxBytes]! += size
    if (size < 14) {
      counts[rxDropped]!++
      this.drop('datapath_drop_rx_invalid_packet')
      return
    }
    this.recirculations = 0
    this.beside.clear()
    this.hashes.begin(frame, this.vlanLimit)
    this.lookUp(frame, number, tunnel, 0)
  }

  /** Carries out what the cache says about a frame, or sends it up. */
  private lookUp(frame: Frame, port: PortNumber, tunnel: TunnelRow | undefined, recircId: number): void {
    const { key, table } = this
    this.port = port
    this.tunnel = tunnel
    this.recircId = recircId
    extractWords(frame, key, this.depth, this.vlanLimit)
    key[word.inPort] = port
    key[word.recircId] = recircId
    const { tunnelWordsInUse } = this
    const row = tunnel ?? noTunnel
    for (let i = 0; i < tunnelWordsInUse.length; i++) {
      const place = tunnelWordsInUse[i]!
      key[place] = row[place - word.tunIdHigh]!
    }

    const hash = table.hash(key)
    let slot = this.recall(hash)
    if (slot < 0) {
      slot = table.find(key)
      if (slot < 0) {
        this.misses++
        this.goUp(frame, tunnel, 'miss', undefined)
        return
      }
      this.cache.insert(hash, slot)
    } else this.cacheHits++
    if (!table.trust.has(slot, port) && !this.isStill(slot)) {
      this.lookUp(frame, port, tunnel, recircId)
      return
    }
    this.hits++
    const { counts } = table
    const at = slot * countsPerFlow
    counts[at]!++
    counts[at + 1]! += frame.end - frame.start
    counts[at + 2] = this.clock.now()
    if (key[word.tcpFlags] !== 0) counts[at + 3] = counts[at + 3]! | (key[word.tcpFlags]! >>> 16)
    this.run(table.programs[slot]!, frame)
  }

  /** Has a doubted megaflow looked at; whether it is still there. Nobody is asked twice. */
  private isStill(slot: number): boolean {
    const flow = this.table.flow(slot)
    this.ask?.(flow)
    this.table.trustFlow(flow.id)
    return this.table.slotOf(flow.id) === slot
  }

  /** The slot that the microflow cache remembers for the key, or -1. */
  private recall(hash: number): number {
    const { cache, table, key } = this
    for (let at = cache.next(hash, cache.bucket(hash)); at >= 0; at = cache.next(hash, at)) {
      const slot = cache.slot(at)
      if (table.matches(slot, key)) return slot
      cache.forget(at)
    }
    return -1
  }

  private run(program: Program, frame: Frame): void {
    if (frame.gso > 0 && !program.takesRuns) {
      for (const packet of segmentsOf(frame)) this.run(program, packet)
      return
    }
    if (program.hashesArrival) {
      this.hashes.want()
      this.hashes.note(frame, this.vlanLimit)
    }
    if (program.port >= 0) {
      this.output(program.port, frame, program.tunnel)
      return
    }
    this.runs[this.recirculations] ??= { frame, tunnel: undefined, cut: 0, gone: false }
    const run = this.runs[this.recirculations]!
    run.frame = frame
    run.tunnel = undefined
    run.cut = 0
    run.gone = false
    runSteps(program.steps, run, this)
  }

  output(number: PortNumber, frame: Frame, tunnel: TunnelRow | undefined): void {
    if (!this.portTable.send(number, frame, tunnel ?? noTunnel)) this.drop('datapath_drop_invalid_port')
  }

  userspace(frame: Frame, reason: UpcallReason, cookie: unknown): void {
    this.goUp(frame, this.tunnel, reason, cookie)
  }

  recirculate(frame: Frame, tunnel: TunnelRow | undefined, id: number): void {
    if (this.recirculations === mostRecirculations) {
      this.drop('datapath_drop_recirc_error')
      return
    }
    const { port, recircId, tunnel: arrived } = this
    this.save()
    this.recirculations++
    this.hashes.resume(frame, this.vlanLimit)
    this.lookUp(frame, port, tunnel ?? arrived, id)
    this.recirculations--
    this.restore()
    this.recircId = recircId
    this.tunnel = arrived
  }

  setMetadata(place: number, value: number, mask: number): void {
    this.beside.set(place, value, mask)
  }

  save(): void {
    this.beside.save()
  }

  restore(): void {
    this.beside.restore()
  }

  readonly drop = (reason: string): void => this.drops.add(reason)

  readonly random = (): number => this.draw() * 0x100000000

  meter(meter: number, frame: Frame): boolean {
    if (this.meters.passes(meter, frame.end - frame.start, this.clock.now())) return true
    this.drop('datapath_drop_meter')
    return false
  }

  hash(algorithm: HashAlgorithm, basis: number, frame: Frame): void {
    const hash = this.hashes.of(algorithm, basis, frame, this.vlanLimit)
    this.beside.set(word.dpHash, hash, 0xffffffff)
  }

  flowHash(frame: Frame): number {
    return this.hashes.last(frame, this.vlanLimit)
  }

  popTunnel(frame: Frame, number: PortNumber): void {
    const vport = this.recirculations < mostRecirculations ? this.portTable.list[number]?.vport : undefined
    const row = vport?.pop?.(frame)
    if (row === undefined) this.drop('datapath_drop_tunnel_pop_error')
    else this.comeInAt(number, frame, row)
  }

  private comeInAt(number: PortNumber, frame: Frame, row: TunnelRow): void {
    const { port, recircId, tunnel } = this
    this.save()
    this.beside.clear()
    this.recirculations++
    this.hashes.begin(frame, this.vlanLimit)
    this.portTable.countReceived(number, frame.end - frame.start)
    this.lookUp(frame, number, row, 0)
    this.recirculations--
    this.restore()
    Object.assign(this, { port, recircId, tunnel })
  }

  readonly unhash = (): void => this.hashes.forget()

  track(action: ConnTrack, frame: Frame): boolean {
    const { whole } = this
    this.readWhole(frame, whole)
    const reason = this.tracking.refuses(frame, whole, action)
    if (reason !== undefined) this.drop(reason)
    else this.beside.setConnection(whole)
    return reason === undefined
  }

  readonly untrack = (): void => this.beside.setConnection(undefined)

  readonly setMeter: Datapath['setMeter'] = (number, config) => this.meters.set(number, config, this.clock.now())
  readonly removeMeter: Datapath['removeMeter'] = number => this.meters.remove(number)
  readonly meterCounts: Datapath['meterCounts'] = number => this.meters.counts(number)

  /** Everything about the frame at hand, but the tunnel. */
  private readWhole(frame: Frame, key: FlowKey): void {
    extract(frame, key, this.vlanLimit)
    this.beside.copyTo(key)
    key[word.inPort] = this.port
    key[word.recircId] = this.recircId
  }

  /** Queues an upcall, with the key extracted in full. */
  private goUp(frame: Frame, tunnel: TunnelRow | undefined, reason: UpcallReason, cookie: unknown): void {
    if (frame.gso > 0) {
      for (const packet of segmentsOf(frame)) this.goUp(packet, tunnel, reason, cookie)
      return
    }
    if (this.upcalls.length >= this.upcallLimit) {
      this.lost++
      return
    }
    const { port, recirculations } = this
    const { arrival: arrivalHash } = this.hashes
    const key = this.spareKeys.pop()?.fill(0) ?? newKey()
    this.readWhole(frame, key)
    if (tunnel !== undefined) key.set(tunnel, word.tunIdHigh)
    const hasTunnel = tunnel !== undefined
    this.upcalls.push({ reason, port, frame, key, cookie, hasTunnel, recirculations, arrivalHash })
  }

  /** Answers upcalls and handles waiting frames until there are none. Part of the outermost call only. */
  private finish(): void {
    this.answer()
    for (let handled = 1; this.waiting.count > 0; handled++) {
      const { frame, port, tunnel, hasTunnel, actions } = this.waiting.take() as WaitingFrame & { frame: Frame }
      const row = hasTunnel ? tunnel.slice() : undefined
      if (handled > this.burstLimit) this.drop('datapath_drop_loop')
      else if (actions === undefined) this.arrive(port, frame, row)
      else this.perform(frame, port, row, actions)
      this.answer()
    }
  }

  private perform(frame: Frame, port: PortNumber, tunnel: TunnelRow | undefined, actions: readonly Action[]): void {
    this.port = port
    this.tunnel = tunnel
    this.recircId = 0
    this.recirculations = 0
    this.beside.clear()
    this.hashes.begin(frame, this.vlanLimit)
    this.run(this.programs.of(actions).program, frame)
  }

  private answer(): void {
    for (let upcall = this.upcalls.shift(); upcall !== undefined; upcall = this.upcalls.shift()) {
      if (upcall.reason !== 'miss') {
        if (this.take === undefined) this.drop('datapath_drop_userspace_action_error')
        else this.take(upcall)
      } else {
        const asOf = this.table.trust.last
        const decision = this.decide?.(upcall)
        if (decision === undefined) this.drop('datapath_drop_upcall_error')
        else this.follow(upcall, decision, asOf)
      }
      this.spareKeys.push(upcall.key)
    }
  }

  /** Installs a decision, which is right as of the doubt that was last before it, and carries it out on the frame that asked. */
  private follow(
    { frame, key, port, hasTunnel, recirculations, arrivalHash }: WaitingUpcall,
    { mask, actions, install, installed }: Decision,
    asOf: number,
  ): void {
    const compiled = this.programs.of(actions)
    if (install && this.table.size < this.flowLimit) {
      const slot = this.table.insert(key, mask, compiled, asOf)
      this.look()
      installed?.(this.table.idOf(slot))
    }
    this.port = port
    this.recircId = key[word.recircId]!
    this.tunnel = hasTunnel ? key.slice(word.tunIdHigh, tunnelEnd) : undefined
    this.recirculations = recirculations
    this.beside.copyFrom(key)
    this.hashes.arrival = arrivalHash
    this.run(compiled.program, frame)
  }
}
