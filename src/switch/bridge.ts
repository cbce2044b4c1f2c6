import type { PortNumber } from '../datapath/action.ts'
import type { FlowKey } from '../flow/layout.ts'
import { newMatch } from '../flow/match.ts'
import { emptyTlvTable, type TlvTable } from '../flow/tlv-table.ts'
import { type OfAction, OfPort } from '../openflow/action.ts'
import type { Cancel } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import type { Frame } from '../wire/frame.ts'
import type { BridgeOptions } from './bridge-options.ts'
import { BridgeTree } from './bridge-tree.ts'
import { floodOrder } from './flood-order.ts'
import { type BundleMod, commitBundle } from './flow-bundle.ts'
import type { FlowEvent } from './flow-event.ts'
import { FlowMonitors } from './flow-monitor.ts'
import { FlowStore } from './flow-store.ts'
import type { FlowTable } from './flow-table.ts'
import type { Group } from './group.ts'
import { Groups } from './groups.ts'
import { addInternalFlows } from './internal-flows.ts'
import { Journal } from './journal.ts'
import { MacLearning } from './mac-learning.ts'
import { MeterNumbers } from './meter-numbers.ts'
import { type Meter, type MeterDatapath, Meters } from './meters.ts'
import { type Mirror, mirrorsOf } from './mirrors.ts'
import { OfportNumbers } from './ofport.ts'
import type { Controller, FlowRemoved } from './packet-in.ts'
import type { BridgePort } from './port.ts'
import type { Requestor } from './rule.ts'
import { Snooping } from './snooping/snooping.ts'
import type { SnoopingOptions } from './snooping/table.ts'
import type { BridgeView } from './view.ts'

/** What a bridge without a controller does: forward like any switch, or only what its flows say. */
export type FailMode = 'standalone' | 'secure'

/**
 * What flows see of IP fragments: `normal`, no ports in any of them; `nx_match`, the ports of a first one; `drop`, nothing,
 * as they are dropped.
 */
export type FragmentHandling = 'normal' | 'drop' | 'nx_match'

/** What a bridge asks of the switch it is part of. */
export interface BridgeOwner {
  now(): number
  at(when: number, run: () => void): Cancel
  readonly log: Log
  pullStats(): void
  /** What frames of this bridge do may be something else now. */
  changed(bridge: Bridge): void
  changedMacs(bridge: Bridge, macs: Iterable<{ vlan: number; mac: number }>): void
  /** Where meters are; without, they are only remembered. */
  readonly meters?: MeterDatapath
  packetOut(bridge: Bridge, frame: Frame, inPort: number, actions: readonly OfAction[], metadata?: FlowKey): void
}

/**
 * A bridge: ports, flow tables and a MAC table. `Switch` makes bridges and gives them ports; everything that OpenFlow
 * or `ovs-appctl` asks of one bridge is here.
 */
export class Bridge implements BridgeView {
  readonly name: string
  readonly flows: FlowStore
  readonly groups: Groups
  readonly meters: Meters
  /** Who watches the flows. */
  readonly monitors: FlowMonitors
  readonly macs = new MacLearning()
  readonly numbers = new OfportNumbers()
  readonly tree: BridgeTree
  private groupTable: Snooping | undefined
  readonly ports = new Map<number, BridgePort>()
  private readonly byName = new Map<string, BridgePort>()
  /** Undefined until someone asks for it after ports came or went. */
  private inFloodOrder: readonly BridgePort[] | undefined
  floodVlans: ReadonlySet<number> = new Set()
  mirrors: readonly Mirror[] = []
  forwardBpdu = false
  /** `other_config:dp-desc`: for people, as OFPST_DESC gives it. */
  description: string | undefined
  /** Told when spanning tree has a port do something else. */
  onTree: (() => void) | undefined
  /** The MAC of the local port. */
  mac: number
  private wantedId: bigint | undefined
  private listener: Controller | undefined
  private mode: FailMode | undefined
  private controlled = false
  /** The tables that the database has rows for. */
  private configured: ReadonlySet<number> = new Set()
  private options = emptyTlvTable
  private readonly removals: FlowRemoved[] = []
  private fragmentHandling: FragmentHandling = 'normal'
  private readonly owner: BridgeOwner
  /** What a bundle has done so far. */
  private readonly journal = new Journal()

  constructor(name: string, mac: number, owner: BridgeOwner) {
    this.name = name
    this.mac = mac
    this.owner = owner
    const world = {
      now: () => owner.now(),
      pullStats: () => owner.pullStats(),
      changed: () => owner.changed(this),
    }
    this.flows = new FlowStore(
      { ...world, event: event => this.told(event), settled: () => this.settled() },
      { group: id => this.groups.get(id), meter: id => this.meters.get(id) },
      this.journal,
    )
    this.groups = new Groups(
      { ...world, removeUsers: (rules, by) => this.flows.deleteRules(rules, 'group_delete', by) },
      this.journal,
    )
    this.meters = new Meters(
      { ...world, removeUsers: (rules, by) => this.flows.deleteRules(rules, 'meter_delete', by) },
      owner.meters ?? new MeterNumbers(),
    )
    this.monitors = new FlowMonitors(this.flows)
    this.tree = this.makeTree()
    addInternalFlows(this.flows)
  }

  /** 64 bits: `other_config:datapath-id`, else the bridge's MAC. */
  get failMode(): FailMode {
    return this.mode ?? 'standalone'
  }

  get datapathId(): bigint {
    return this.wantedId ?? BigInt(this.mac)
  }

  get fragments(): FragmentHandling {
    return this.fragmentHandling
  }

  /** OFPT_SET_CONFIG. */
  setFragments(handling: FragmentHandling): void {
    if (handling === this.fragmentHandling) return
    this.fragmentHandling = handling
    this.owner.changed(this)
  }

  /** Which tunnel option is which field. */
  get tlv(): TlvTable {
    return this.options
  }

  /** NXT_TLV_TABLE_MOD. */
  setTlv(table: TlvTable): void {
    this.options = table
    this.owner.changed(this)
  }

  get controller(): Controller | undefined {
    return this.listener
  }

  /** Whoever takes packet-ins; a change matters to flows that send to it. */
  setController(controller: Controller | undefined): void {
    this.listener = controller
    this.owner.changed(this)
  }

  configure(options: BridgeOptions): void {
    this.wantedId = options.datapathId
    if (options.hwaddr !== undefined) this.mac = options.hwaddr
    this.setFailMode(options.failMode ?? 'standalone')
    this.forwardBpdu = options.forwardBpdu ?? false
    this.description = options.description
    this.floodVlans = new Set(options.floodVlans)
    this.mirrors = mirrorsOf(options.mirrors ?? [], this.mirrors)
    this.configureTables(options.tables ?? [])
    this.macs.setAgeing(options.macAgeing ?? 300)
    this.macs.setLimit(options.macTableSize ?? 8192)
    this.tree.configure({ stp: options.stp, rstp: options.rstp })
    this.listen(options.snooping)
    this.owner.changed(this)
  }

  /** Tables that the database says nothing of any more are as they were without. */
  private configureTables(tables: NonNullable<BridgeOptions['tables']>): void {
    const before = this.configured
    this.configured = new Set(tables.map(([table]) => table))
    for (const table of before) if (!this.configured.has(table)) this.flows.configureTable(table, {})
    for (const [table, settings] of tables) this.flows.configureTable(table, settings)
  }

  table(id: number): FlowTable | undefined {
    return this.flows.table(id)
  }

  group(id: number): Group | undefined {
    return this.groups.get(id)
  }

  meter(id: number): Meter | undefined {
    return this.meters.get(id)
  }

  /** Does a bundle, all or nothing; gives the message that was refused, if one was. */
  commit<E extends { mod: BundleMod; by?: Requestor }>(entries: readonly E[]): ReturnType<typeof commitBundle<E>> {
    return commitBundle({ flows: this.flows, groups: this.groups, journal: this.journal }, entries)
  }

  /** The bridge goes: what it has in the datapath goes with it. */
  close(): void {
    this.tree.close()
    this.listen(undefined)
    this.flows.clear()
    this.meters.clear()
  }

  portByName(name: string): BridgePort | undefined {
    return this.byName.get(name)
  }

  /** All ports, in the order in which they are flooded to and told of. */
  get floodOrder(): readonly BridgePort[] {
    this.inFloodOrder ??= floodOrder(this.ports.keys()).flatMap(ofport => this.ports.get(ofport) ?? [])
    return this.inFloodOrder
  }

  /** Has the port from now on; `Switch.addPort` does what else there is to do. */
  takeIn(port: BridgePort): void {
    this.ports.set(port.ofport, port)
    this.byName.set(port.name, port)
    this.inFloodOrder = undefined
  }

  /** Has the port no longer. */
  letGo(port: BridgePort): void {
    this.ports.delete(port.ofport)
    if (this.byName.get(port.name) === port) this.byName.delete(port.name)
    this.inFloodOrder = undefined
  }

  /** `fdb/flush`: forgets learned MACs, of one port or of all. Returns how many. */
  flushMacs(port?: number): number {
    const gone = this.macs.flush(port)
    this.owner.changedMacs(this, gone)
    return gone.length
  }

  /** `fdb/add`. */
  addMac(vlan: number, mac: number, port: number): void {
    this.macs.setStatic(vlan, mac, port, this.owner.now())
    this.owner.changedMacs(this, [{ vlan, mac }])
  }

  /** `fdb/del`; false if there is no such entry. What was learned stays. */
  removeStaticMac(vlan: number, mac: number): boolean {
    const found = this.macs.lookup(vlan, mac)?.isStatic === true && this.macs.remove(vlan, mac)
    if (found) this.owner.changedMacs(this, [{ vlan, mac }])
    return found
  }

  /**
   * Runs actions on a frame as if it had come in on `inPort` (`OfPort.none` for no port), with a key beside it whose
   * registers, metadata and tunnel it is to have. Owns the frame.
   */
  packetOut(frame: Frame, inPort: number, actions: readonly OfAction[], metadata?: FlowKey): void {
    this.owner.packetOut(this, frame, inPort, actions, metadata)
  }

  /** Changes what the table knows of a port's state and configuration, and lets flows notice. */
  updatePort(
    port: BridgePort,
    change: Partial<
      Pick<BridgePort, 'config' | 'vlan' | 'linkUp' | 'linkSpeed' | 'mac' | 'options' | 'treeOptions' | 'snooping'>
    >,
  ): void {
    const { linkUp } = port
    this.setPort(port, change)
    if (port.linkUp && !linkUp) this.snooping?.askAnew()
    this.tree.follow()
  }

  /** A port came, or went. */
  portsChanged(gone?: BridgePort): void {
    if (gone === undefined) this.snooping?.askAnew()
    else this.snooping?.flush(gone.ofport)
    this.tree.follow()
  }

  /** Who wants which multicast, if the bridge listens to that. */
  get snooping(): Snooping | undefined {
    return this.groupTable
  }

  private listen(options: SnoopingOptions | undefined): void {
    if (options === undefined) {
      this.groupTable?.close()
      this.groupTable = undefined
      return
    }
    const { owner, ports } = this
    const macOf = (): number => this.mac
    this.groupTable ??= new Snooping({
      ports,
      get mac() {
        return macOf()
      },
      busyVlans: () => this.macs.vlans(),
      flood: frame => this.packetOut(frame, OfPort.none, [{ type: 'output', port: OfPort.normal }]),
      now: () => owner.now(),
      at: (when, run) => owner.at(when, run),
      changed: () => owner.changed(this),
    })
    this.groupTable.configure(options)
  }

  private makeTree(): BridgeTree {
    const { owner, ports, name } = this
    const macOf = (): number => this.mac
    return new BridgeTree({
      name,
      ports,
      get mac() {
        return macOf()
      },
      now: () => owner.now(),
      at: (when, run) => owner.at(when, run),
      log: owner.log,
      send: (port, frame) => this.packetOut(frame, OfPort.none, [{ type: 'output', port: port.ofport }]),
      setTree: (port, tree) => {
        const stops = tree !== undefined && !tree.forwards
        const hasStopped = stops && (port.tree?.forwards === true || port.hasStopped)
        this.setPort(port, { tree, hasStopped })
        this.onTree?.()
      },
      flush: port => {
        this.flushMacs(port)
        this.snooping?.flush(port)
      },
    })
  }

  private setPort(port: BridgePort, change: Partial<BridgePort>): void {
    const before = { ...port }
    Object.assign(port, change)
    this.owner.changed(this)
    if (visible(port) !== visible(before)) this.listener?.portChanged?.('modify', port, before)
  }

  /** Another mode is another start, unless controllers are to say what is done. */
  private setFailMode(mode: FailMode): void {
    if (mode === this.mode) return
    this.mode = mode
    if (!this.controlled) this.begin()
  }

  /** Whether there are controllers that the bridge was configured with: it begins anew when that changes. */
  setControlled(controlled: boolean): void {
    if (controlled === this.controlled) return
    this.controlled = controlled
    this.begin()
  }

  /** Forgets all flows; a standalone bridge without controllers then does what one does that nobody told anything. */
  begin(): void {
    this.flows.delete({})
    if (this.failMode === 'standalone' && !this.controlled)
      this.flows.add({ priority: 0, match: newMatch(), actions: [{ type: 'output', port: OfPort.normal }] })
  }

  private told(event: FlowEvent): void {
    this.monitors.event(event)
    if (event.what === 'vacancy') this.listener?.tableStatus?.(event.table, event.reason)
    if (event.what !== 'removed' || !event.rule.flags.sendFlowRemoved) return
    const { rule, reason } = event
    this.removals.push({ rule, reason, duration: this.owner.now() - rule.created })
  }

  /** The datapath's numbers of those of its ports that have one. */
  datapathPorts(): PortNumber[] {
    const numbers: PortNumber[] = []
    for (const { datapathPort } of this.ports.values()) if (datapathPort !== undefined) numbers.push(datapathPort)
    return numbers
  }

  /** A change is done: who watches the flows is told of it first. */
  private settled(): void {
    this.monitors.flush()
    if (this.removals.length === 0) return
    for (const removal of this.removals.splice(0)) this.listener?.flowRemoved?.(removal)
  }
}

/** What controllers are told of a port, as text to compare. */
const visible = ({ config, linkUp, linkSpeed, mac, tree }: BridgePort): string =>
  JSON.stringify([config, linkUp, linkSpeed, mac, tree?.state])
