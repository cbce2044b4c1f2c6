import type { Action, PortNumber } from '../datapath/action.ts'
import type { Datapath, Decision, Upcall, Vport } from '../datapath/datapath.ts'
import { extract } from '../flow/extract.ts'
import { KeyPool } from '../flow/key-pool.ts'
import { type FlowKey, newKey, type TunnelRow, word } from '../flow/layout.ts'
import { exactMask } from '../flow/packet-mask.ts'
import type { OfAction } from '../openflow/action.ts'
import { OfPort } from '../openflow/action.ts'
import { type Clock, second } from '../runtime/clock.ts'
import { Counters } from '../runtime/counters.ts'
import { type Log, silent } from '../runtime/log.ts'
import type { Random } from '../runtime/random.ts'
import type { Frame } from '../wire/frame.ts'
import { Bridge, type BridgeOwner } from './bridge.ts'
import { BridgeIds } from './bridge-ids.ts'
import type { BridgeOptions } from './bridge-options.ts'
import { applyCredits, applyEffects, type MacChange } from './effects.ts'
import { FlowLimit } from './flow-limit.ts'
import { tunnelOf, withOwnTunnel } from './frame-tunnel.ts'
import { type FrozenState, metadataOf } from './frozen.ts'
import { MeterNumbers } from './meter-numbers.ts'
import { newMac } from './new-mac.ts'
import { type BridgePort, defaultPortConfig, noTraffic } from './port.ts'
import { Recirculation } from './recirculation.ts'
import { Revalidator } from './revalidate.ts'
import type { PortSpec, SwitchOptions } from './switch-options.ts'
import type { Fork } from './translate/context.ts'
import type { Failure, Recorder } from './translate/recorder.ts'
import { translate, translateActions, translateFrozen, translateIn } from './translate/translate.ts'
import type { ControllerCookie, SlowReason, Translation } from './translate/translation.ts'
import { TunnelNetwork } from './tunnel-network.ts'
import { TunnelVports } from './tunnel-vports.ts'
import type { PortRef, SwitchView } from './view.ts'
import { vlanSettings } from './vlan.ts'

/** No device of the datapath: a packet-out that came in nowhere. */
const nowhere: PortNumber = 0xffffffff

/** The tags that a flow key has words for. */
const maxVlanTags = 2

/**
 * Bridges over one datapath. It answers the datapath's misses by translation, applies what frames do to the world,
 * and keeps cached answers true. Everything that changes a bridge comes through here or through the bridge.
 */
export class Switch {
  readonly datapath: Datapath
  readonly clock: Clock
  readonly log: Log
  /** Why frames went nowhere, by name. */
  readonly drops = new Counters()
  readonly bridges = new Map<string, Bridge>()
  readonly random: Random
  private readonly byDatapathPort = new Map<PortNumber, PortRef>()
  private readonly patches = new Map<string, PortRef>()
  readonly tunnels: TunnelVports
  /** Told of frames whose translation was given up, with their keys in the datapath. */
  onFailure: ((failure: Failure, key: FlowKey) => void) | undefined
  private readonly network: TunnelNetwork
  private readonly revalidator: Revalidator
  /** How many megaflows the datapath keeps. */
  readonly flowLimit: FlowLimit
  private readonly recirculation: Recirculation
  private readonly ids: BridgeIds<Bridge>
  private readonly view: SwitchView
  private readonly owner: BridgeOwner
  private readonly key = newKey()
  /** Of packet-outs, each for as long as it is dealt with. */
  private readonly rows = new KeyPool()
  /** Of the datapath's last question, and of the last one about a flow that it has. */
  private readonly answers = new KeyPool()
  private readonly looks = new KeyPool()
  private wake: (() => void) | undefined
  private wakeAt = Number.POSITIVE_INFINITY
  private usesMegaflows = true

  constructor(options: SwitchOptions) {
    this.datapath = options.datapath
    this.clock = options.clock
    this.random = options.random
    this.log = options.log ?? silent
    this.tunnels = new TunnelVports(options.datapath, options.openTunnel, (port, frame, row) =>
      this.receive(port, frame, row),
    )
    this.recirculation = new Recirculation(options.clock)
    this.ids = new BridgeIds(options.random)
    this.view = {
      now: () => this.clock.now(),
      freeze: (state, returns) => this.recirculation.hold(state, returns),
      thaw: id => this.recirculation.get(id),
      bridge: name => this.bridges.get(name),
      peerOf: port => this.peerOf(port),
      inputPort: (key, mask) => this.byDatapathPort.get(key[word.inPort]!) ?? this.tunnels.inputPort(key, mask),
      native: options.native,
      tunnelPorts: this.tunnels.ports,
      tunnelConfig: (bridge, port) => this.tunnels.configOf(bridge, port.ofport),
      tunnelOut: (bridge, port, flow, mask) => this.tunnels.output(bridge, port, flow, mask),
    }
    this.owner = {
      meters: new MeterNumbers(options.datapath),
      now: () => this.clock.now(),
      at: (when, run) => this.clock.at(when, run),
      log: this.log,
      pullStats: () => this.syncStats(),
      changed: bridge => this.changed(bridge),
      changedMacs: (bridge, macs) => {
        this.revalidator.doubtMacs([...macs].map(({ vlan, mac }): MacChange => ({ bridge: bridge.name, vlan, mac })))
        this.schedule()
      },
      packetOut: (...sending) => this.packetOut(...sending),
    }
    this.flowLimit = new FlowLimit(this.datapath)
    this.revalidator = new Revalidator(
      this.datapath,
      () => this.clock.now(),
      key => {
        this.looks.release()
        return this.forDatapath(translate(this.view, key, { rows: this.looks }))
      },
      recircs => this.recirculation.release(recircs),
    )
    this.network = new TunnelNetwork(
      options,
      name => this.bridges.get(name),
      () => this.changed(),
    )
    this.datapath.onMiss(upcall => this.decide(upcall))
    this.datapath.onUserspace(upcall => this.take(upcall))
  }

  /** Makes a bridge with its local port, whose device is `vport`; without one it is to be added. The name must be new. */
  addBridge(name: string, vport: Vport | undefined, options: BridgeOptions = {}, datapathPort?: PortNumber): Bridge {
    if (this.bridges.has(name)) throw new Error(`bridge ${name} exists`)
    const bridge = new Bridge(name, options.hwaddr ?? newMac(this.random), this.owner)
    this.bridges.set(name, bridge)
    bridge.configure(options)
    if (vport !== undefined) this.addPort(bridge, { name, type: 'internal', vport, mac: bridge.mac, datapathPort })
    return bridge
  }

  removeBridge(bridge: Bridge): void {
    for (const port of [...bridge.ports.values()]) this.removePort(bridge, port)
    bridge.close()
    this.bridges.delete(bridge.name)
    this.ids.forget(bridge)
    this.changed()
  }

  /** Why frames went nowhere, by name: what the datapath, the flows and the tunnels dropped. */
  counters(): [name: string, count: number][] {
    const sums = new Counters()
    for (const [name, count] of this.datapath.counters()) sums.add(name, count)
    for (const [name, count] of this.drops.entries()) sums.add(`drop_${name}`, count)
    for (const [name, count] of this.tunnels.refused()) sums.add(name, count)
    return sums.entries()
  }

  /** Gives a bridge a port; a text says why it cannot. */
  addPort(bridge: Bridge, spec: PortSpec): BridgePort | string {
    if (bridge.portByName(spec.name) !== undefined) return `${spec.name}: port exists`
    const isLocal = spec.name === bridge.name && spec.type === 'internal'
    const ofport = isLocal ? OfPort.local : bridge.numbers.take(this.clock.now(), spec.ofport)
    if (ofport === undefined) return `${spec.name}: could not add network device to ofproto (No free port numbers)`
    let datapathPort: PortNumber | undefined
    if (spec.type === 'vxlan') {
      const opened = this.tunnels.open(bridge, spec.name, ofport, spec.options)
      if (typeof opened === 'string') {
        bridge.numbers.giveBack(ofport, this.clock.now())
        return opened
      }
      datapathPort = opened
    } else if (spec.type !== 'patch') datapathPort = this.datapath.addPort(spec.vport, spec.datapathPort)
    const port: BridgePort = {
      name: spec.name,
      type: spec.type,
      ofport,
      datapathPort,
      created: this.clock.now(),
      mac: spec.mac ?? 0,
      linkUp: 'linkUp' in spec ? (spec.linkUp ?? true) : true,
      linkSpeed: undefined,
      config: defaultPortConfig(),
      vlan: vlanSettings(spec.vlan ?? {}),
      peer: spec.type === 'patch' ? spec.peer : undefined,
      options: spec.type === 'vxlan' ? spec.options : {},
      traffic: noTraffic(),
      tree: undefined,
      treeOptions: spec.tree ?? {},
      hasStopped: false,
      snooping: spec.snooping ?? {},
      receive: frame => this.receive(port.datapathPort as PortNumber, frame),
    }
    bridge.takeIn(port)
    this.register(bridge, port)
    this.changed()
    bridge.controller?.portChanged?.('add', port)
    bridge.portsChanged()
    return port
  }

  /** Takes a port away: its MACs are forgotten, its number rests. */
  removePort(bridge: Bridge, port: BridgePort): void {
    this.revalidator.pull()
    bridge.letGo(port)
    bridge.numbers.giveBack(port.ofport, this.clock.now())
    this.patches.delete(port.name)
    if (port.type === 'vxlan') this.tunnels.close(bridge, port.ofport)
    else if (port.datapathPort !== undefined) {
      this.byDatapathPort.delete(port.datapathPort)
      this.datapath.removePort(port.datapathPort)
    }
    bridge.macs.forgetPort(port.ofport)
    this.changed()
    bridge.controller?.portChanged?.('delete', port)
    bridge.portsChanged(port)
  }

  /** Gives a port another number in the datapath, which must be free. Counts begin anew. */
  renumberPort(name: string, number: PortNumber): void {
    const ref = [...this.byDatapathPort.values()].find(({ port }) => port.name === name)
    const old = ref?.port.datapathPort
    const vport = old === undefined ? undefined : this.datapath.ports().get(old)
    if (ref === undefined || old === undefined || vport === undefined) return
    this.revalidator.flush()
    this.datapath.removePort(old)
    this.byDatapathPort.delete(old)
    ref.port.datapathPort = this.datapath.addPort(vport, number)
    this.byDatapathPort.set(ref.port.datapathPort, ref)
    this.changed()
  }

  /** A frame from a device. Passes ownership. */
  receive(port: PortNumber, frame: Frame, tunnel?: TunnelRow): void {
    this.datapath.receive(port, frame, tunnel)
  }

  /** Makes the datapath's flows agree with tables, ports and MACs as they are now. */
  settle(): void {
    this.revalidator.settle()
  }

  /** Empties the datapath: flows that frames still need are made anew. */
  flush(): void {
    this.revalidator.flush()
  }

  /** Whether a cached flow decides all frames that do not differ in what was looked at, or only those that are the same. */
  useMegaflows(uses: boolean): void {
    if (uses === this.usesMegaflows) return
    this.usesMegaflows = uses
    this.flush()
  }

  /** Makes the statistics of rules, tables, patch ports and MACs exact. */
  syncStats(): void {
    this.revalidator.pull()
  }

  /** `other_config:vlan-limit`: how many VLAN tags of a frame can be matched; 0 is as many as there can be, 2. */
  limitVlans(wanted: number): void {
    const limit = wanted === 0 ? maxVlanTags : Math.min(wanted, maxVlanTags)
    if (limit === this.datapath.vlanLimit) return
    this.revalidator.flush()
    this.datapath.limitVlans(limit)
  }

  /** What would happen to a frame with this datapath key; `learning`: it makes flows, and other effects will be applied. */
  explain(key: FlowKey, recorder?: Recorder, learning = false): Translation {
    return translate(this.view, key, { recorder, learning, teaches: learning })
  }

  /** The port that a frame with this datapath key came in on. */
  inputPort(key: FlowKey): PortRef | undefined {
    return this.view.inputPort(key, newKey())
  }

  /** What `ofproto/trace BRIDGE` asks: a key with OpenFlow's port number, of a port that may not exist. */
  explainIn(
    bridge: Bridge,
    key: FlowKey,
    recorder?: Recorder,
    learning = false,
    forks?: Fork[],
    frame?: Frame,
  ): Translation {
    return translateIn(this.view, bridge, key, { recorder, learning, teaches: learning, forks, frame })
  }

  /** The same for a controller's own actions: `ofproto/trace-packet-out`. */
  explainActions(
    bridge: Bridge,
    key: FlowKey,
    actions: readonly OfAction[],
    recorder?: Recorder,
    learning = false,
    forks?: Fork[],
    frame?: Frame,
  ): Translation {
    return translateActions(this.view, bridge, key, actions, { recorder, learning, teaches: learning, forks, frame })
  }

  /** Lets go of the frozen pipelines of a translation that was only looked at. */
  release({ recircs }: Translation): void {
    this.recirculation.release(recircs)
  }

  /** Where a frame with this `recirc_id` goes on. */
  thaw(id: number): FrozenState | undefined {
    return this.recirculation.get(id)
  }

  /** The bridge that a waiting frame says it belongs to. */
  bridgeById(id: Uint8Array): Bridge | undefined {
    return this.ids.find(id)
  }

  /**
   * Goes on with a frame whose pipeline waited for a controller (NXT_RESUME). `metadata` is what the controller gives back
   * as the key beside the frame: the datapath's part of it counts, the rest is in `frozen`. The frame came in on a port
   * of the datapath. Owns the frame.
   */
  resume(frozen: FrozenState, frame: Frame, metadata: FlowKey, port: PortNumber = nowhere): void {
    const { key } = this
    key.set(metadata)
    extract(frame, key, this.datapath.vlanLimit)
    const tunnel = tunnelOf(key)
    this.execute(translateFrozen(this.view, frozen, key, { teaches: true }), frame, port, tunnel)
  }

  /** Applies what else a translation with `learning` said, for one frame with this key: `ofproto/trace … -generate`. */
  apply(translation: Translation, key: FlowKey): void {
    this.revalidator.doubtMacs(applyEffects(translation.effects, this.clock.now(), key[word.tcpFlags]! >>> 16))
    this.network.apply(translation)
    this.schedule()
  }

  /** Asks for the neighbours that a translation wants to know of, as also a trace does that only looks. */
  askNeighbours(translation: Translation): void {
    this.network.ask(translation)
  }

  /** Stops timers and empties the datapath. */
  close(): void {
    for (const bridge of [...this.bridges.values()]) this.removeBridge(bridge)
    this.revalidator.flush()
    this.wake?.()
    this.wake = undefined
  }

  private decide(upcall: Upcall): Decision | undefined {
    this.answers.release()
    const translation = this.forDatapath(translate(this.view, upcall.key, { teaches: true, rows: this.answers }))
    const { mask, actions, dropReason, failure, limit } = translation
    if (actions.length === 0 && dropReason !== undefined) this.drops.add(dropReason)
    else if (limit !== undefined) this.drops.add(limit)
    const now = this.clock.now()
    applyCredits(translation.credits, 1, upcall.frame.size, now)
    // A frame that ran into a limit is dropped alone: the next may come after the mistake was mended.
    const install = failure === undefined
    if (!install) {
      this.recirculation.release(translation.recircs)
      this.onFailure?.(failure, upcall.key)
    }
    const tcpFlags = upcall.key[word.tcpFlags]! >>> 16
    const state = install ? this.revalidator.goes(translation) : undefined
    const changes = applyEffects(translation.effects, now, tcpFlags)
    this.revalidator.doubtMacs(changes)
    this.network.apply(translation)
    this.schedule()
    const installed = (id: number): void => {
      if (state !== undefined) this.revalidator.installed(state, id, changes)
      this.schedule()
    }
    return { mask: this.usesMegaflows ? mask : exactMask(upcall.key), actions, install, installed }
  }

  private take(upcall: Upcall): void {
    const cookie = upcall.cookie as ControllerCookie | SlowCookie | undefined
    if (cookie?.type === 'slow_path') this.handle(upcall)
    if (cookie?.type !== 'controller') return
    const { bridge, reason, maxLength, controllerId, table, ruleCookie, userdata, state, continuation } = cookie
    const { controller } = bridge
    if (controller === undefined) {
      this.drops.add('no_controller')
      return
    }
    const key = withOwnTunnel(cookie, upcall.key)
    const event = { frame: upcall.frame, reason, maxLength, controllerId, table, cookie: ruleCookie, key, userdata }
    if (!continuation || state === undefined) {
      controller.packetIn(event)
      return
    }
    const frozen = { ...state, metadata: metadataOf(key) }
    controller.packetIn({ ...event, paused: { frozen, bridgeId: this.ids.of(bridge as Bridge), port: upcall.port } })
  }

  /** What the datapath gets: where the switch must see each frame, no more than that. */
  private forDatapath(translation: Translation): Translation {
    const { eachFrame: reason } = translation
    if (reason === undefined) return translation
    this.recirculation.release(translation.recircs)
    const cookie: SlowCookie = { type: 'slow_path', reason }
    const actions: Action[] = [{ type: 'userspace', reason: 'slow_path', cookie }]
    return { ...translation, actions, effects: [], credits: [], recircs: [], dropReason: undefined }
  }

  /** A frame of a flow that the switch handles itself. */
  private handle(upcall: Upcall): void {
    const translation = translate(this.view, upcall.key, { teaches: true, frame: upcall.frame })
    this.execute(translation, upcall.frame.copy(), upcall.port, tunnelOf(upcall.key))
  }

  private packetOut(...[bridge, frame, inPort, actions, metadata]: Parameters<BridgeOwner['packetOut']>): void {
    const { key, rows } = this
    const { used } = rows
    if (metadata === undefined) key.fill(0)
    else key.set(metadata)
    extract(frame, key, this.datapath.vlanLimit)
    key[word.inPort] = inPort
    const tunnel = tunnelOf(key)
    const translation = translateActions(this.view, bridge, key, actions, {
      isPacketOut: true,
      teaches: true,
      rows,
      frame,
    })
    this.execute(translation, frame, bridge.ports.get(inPort)?.datapathPort ?? nowhere, tunnel)
    rows.release(used)
  }

  /** Does for one frame, which it then owns, what a translation says. */
  private execute(translation: Translation, frame: Frame, port: PortNumber, tunnel: TunnelRow | undefined): void {
    const now = this.clock.now()
    applyCredits(translation.credits, 1, frame.size, now)
    this.revalidator.doubtMacs(applyEffects(translation.effects, now))
    this.network.apply(translation)
    this.datapath.execute(frame, port, translation.actions, tunnel)
    this.recirculation.release(translation.recircs)
    this.schedule()
  }

  private register(bridge: Bridge, port: BridgePort): void {
    if (port.type === 'patch') this.patches.set(port.name, { bridge, port })
    else if (port.type !== 'vxlan') this.byDatapathPort.set(port.datapathPort as PortNumber, { bridge, port })
  }

  /** Both ends of a patch must name each other. */
  private peerOf(port: BridgePort): PortRef | undefined {
    const ref = port.peer === undefined ? undefined : this.patches.get(port.peer)
    return ref?.port.peer === port.name ? ref : undefined
  }

  /** What frames of a bridge do may have changed, and of those who reach it; without one, what any frame does. */
  private changed(bridge?: Bridge): void {
    // Frames go from bridge to bridge by patches and tunnels alone.
    const isAlone = bridge !== undefined && this.patches.size === 0 && this.tunnels.ports.size === 0
    this.revalidator.doubt(isAlone ? { ports: [nowhere, ...bridge.datapathPorts()] } : 'all')
    this.schedule()
  }

  /** Wakes up for whatever is due next: timeouts and ageing at their time, idle flows each second. */
  private schedule(): void {
    const now = this.clock.now()
    // Timeouts are a second or more, so a wake-up within a second is early enough for whatever has just begun.
    if (this.wakeAt <= now + second) return
    let next = this.datapath.stats().flows > 0 ? now + second : Number.POSITIVE_INFINITY
    for (const { flows, macs } of this.bridges.values())
      next = Math.min(next, flows.nextExpiry() ?? next, macs.nextExpiry() ?? next)
    if (next >= this.wakeAt) return
    this.wake?.()
    this.wakeAt = next
    this.wake = this.clock.at(next, () => this.tick())
  }

  private tick(): void {
    this.wake = undefined
    this.wakeAt = Number.POSITIVE_INFINITY
    for (const bridge of this.bridges.values()) {
      bridge.flows.expire()
      const due = bridge.macs.nextExpiry()
      if (due === undefined || due > this.clock.now()) continue
      this.revalidator.pull()
      this.owner.changedMacs(bridge, bridge.macs.expire(this.clock.now()))
    }
    this.flowLimit.looked(this.revalidator.removeIdle())
    this.schedule()
  }
}

/** Sent up with a frame that the switch handles itself; named as `dpctl/dump-flows` prints it. */
type SlowCookie = { type: 'slow_path'; reason: SlowReason }
