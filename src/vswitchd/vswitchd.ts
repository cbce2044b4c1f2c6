import { Client, type ClientOptions } from '../ovsdb/client.ts'
import { setOf } from '../ovsdb/datum.ts'
import { openVSwitch } from '../ovsdb/schemas/open-vswitch.ts'
import {
  below,
  type Cancel,
  type Log,
  millisecond,
  type Random,
  seeded,
  silent,
  start,
  type Task,
} from '../runtime/index.ts'
import type { OpenFlowAgent } from '../switch/agent/agent.ts'
import type { Network } from '../switch/agent/controllers.ts'
import type { Switch } from '../switch/switch.ts'
import { Counted } from './counted.ts'
import type { Devices } from './devices.ts'
import { type Dummies, DummyDevice } from './dummy.ts'
import { type AgentNews, Hand } from './hand.ts'
import { Underlay } from './native-tunnels.ts'
import { plan } from './reconcile.ts'
import { statsInterval } from './stats-interval.ts'
import { writeStatus } from './status.ts'
import { SystemStatistics, wantsStatistics } from './system-statistics.ts'
import { warnOfTranslations } from './translation-warnings.ts'
import { Coverage } from './unixctl/coverage.ts'
import { mostFlows, vlanLimit, wantedBridges } from './wanted.ts'
import { asksAnew } from './written.ts'

/** What the outside hands to a daemon. */
export type VswitchdOptions = {
  switch: Switch
  devices: Devices
  random: Random
  /** Where its database is, and how to get there. */
  database: Pick<ClientOptions, 'remotes' | 'dial' | 'isKnownServer'>
  /** How controllers are reached; without, they cannot be. */
  network?: Network
  /** What makes devices of the type `dummy`; without, they have nothing behind them. */
  dummies?: Dummies
  /** What is known of the network, where the datapath makes tunnels itself. */
  underlay?: Underlay
  log?: Log
  /** What the program counts beside the switch, by name. */
  counters?: () => Iterable<readonly [name: string, count: number]>
  /** What `Open_vSwitch.statistics` says of the computer, where there is one. */
  systemStatistics?: () => Readonly<Record<string, string>>
  /** Cores of the computer, by which Open vSwitch says how many threads there are. */
  cores?: number
  /** A file's bytes, or why it cannot be read; without, there are no files. */
  readFile?: (path: string) => Uint8Array | string
  /** The number of the process that it is, for its log. */
  pid?: number | undefined
  /** What it says that it can do, for `iface_types` and `datapath_types`. */
  interfaceTypes?: readonly string[]
  datapathTypes?: readonly string[]
}

const usualInterfaces = ['dummy', 'internal', 'patch', 'system', 'tap', 'vxlan']
const usualDatapaths = ['netdev', 'system']

/**
 * The daemon of a machine: a client of its database, which makes the switch be what the database says, and writes back what
 * became of it. Of several daemons with one database the one that has the lock does so; the others have no bridges. While
 * the database cannot be reached the switch goes on as it is.
 */
export class Vswitchd {
  readonly client: Client
  readonly switch: Switch
  readonly hand: Hand
  readonly underlay: Underlay
  /** What happened how often. */
  readonly coverage: Coverage
  private readonly counted: Counted
  private readonly system: SystemStatistics
  private readonly options: VswitchdOptions
  /** Whether it may act: it has had the database and the lock, and nobody else has the lock now. */
  private isActive = false
  /** Whether the database asks for something that was not looked at yet. */
  private isDue = false
  private wasContended = false
  private busy = false
  private isWriting = false
  /** Whether something is to be written once it can be. */
  private isStale = false
  /** The ports that are wanted, by the names of their devices. */
  private wantedPorts: ReadonlySet<string> = new Set()
  private soon: Cancel | undefined

  constructor(options: VswitchdOptions) {
    const { database, log = silent } = options
    const { clock } = options.switch
    this.options = options
    this.switch = options.switch
    this.switch.onFailure = warnOfTranslations(this.switch)
    this.hand = new Hand(options.switch, options.devices, () => this.refreshSoon(), options)
    this.underlay = options.underlay ?? new Underlay(() => clock.now())
    this.underlay.addressesOf = name => this.addressesOf(name)
    this.counted = new Counted(options.switch, options.counters)
    this.coverage = new Coverage(() => this.counted.totals())
    this.system = new SystemStatistics(
      clock,
      () => options.systemStatistics?.() ?? {},
      () => this.writeSystem(),
    )
    this.hand.onAgent.add(({ bridge }, what) => {
      if (what !== 'removed') return
      this.underlay.neighbours.flush(bridge.name)
      this.counted.leaves(bridge)
    })
    // Its own, so that talk with the database changes nothing else that goes by chance.
    const random = seeded(below(options.random, 2 ** 32))
    const { remotes, dial, isKnownServer = false } = database
    this.client = new Client({
      clock,
      random,
      log,
      remotes,
      dial,
      isKnownServer,
      schema: openVSwitch,
      lock: 'ovs_vswitchd',
    })
    this.client.watch(changes => {
      for (const change of changes.values()) if (asksAnew(change)) this.isDue = true
    })
    start(this.watchClient())
    this.client.start()
  }

  /** Types of interfaces and of datapaths that there are. */
  get interfaceTypes(): readonly string[] {
    return this.options.interfaceTypes ?? usualInterfaces
  }

  get datapathTypes(): readonly string[] {
    return this.options.datapathTypes ?? usualDatapaths
  }

  /** A file's bytes, or why it cannot be read. */
  readFile(path: string): Uint8Array | string {
    return this.options.readFile?.(path) ?? 'No such file or directory'
  }

  /** Leaves the database; the switch stays as it is. */
  close(): void {
    this.soon?.()
    this.system.turn(false)
    this.client.close()
  }

  /** A device of this name has come or gone: one that no port is made of is no news. */
  deviceChanged(name: string): void {
    if (this.wantedPorts.has(name)) this.reconcile()
  }

  /** Makes the switch follow the database; also after a device has come or gone. */
  reconcile(): void {
    if (!this.isActive) return
    this.isDue = true
    if (this.busy) return
    this.busy = true
    try {
      while (this.isDue) {
        this.isDue = false
        this.counted.reconfigured()
        this.hand.dropGone()
        this.system.turn(wantsStatistics(this.client))
        this.switch.limitVlans(vlanLimit(this.client))
        this.switch.flowLimit.allow(mostFlows(this.client))
        const wanted = wantedBridges(this.client, this.options.log)
        this.wantedPorts = new Set(wanted.flatMap(({ ports }) => ports.map(({ name }) => name)))
        this.hand.run(plan(this.hand.present(), wanted, this.options.devices.dummyTypes), wanted)
      }
    } finally {
      this.busy = false
    }
    this.refresh()
  }

  /** Tells of the OpenFlow side of each bridge there is, and of those that come and go. */
  watchAgents(told: (agent: OpenFlowAgent, what: AgentNews) => void): void {
    for (const { agent } of this.hand.made.values()) told(agent, 'added')
    this.hand.onAgent.add(told)
  }

  /** Brings status and statistics in the database up to date, as a reader wants them. */
  refresh(): void {
    if (!this.isActive || this.busy) return
    this.switch.syncStats()
    this.write()
  }

  /** Many devices may change at once; one refresh is for all of them. */
  private refreshSoon(): void {
    const { clock } = this.switch
    this.soon ??= clock.at(clock.now(), () => {
      this.soon = undefined
      this.refresh()
    })
  }

  /** Refreshes every `other_config:stats-update-interval` milliseconds, until it is told to stop. */
  keepRefreshing(): Cancel {
    const { clock } = this.switch
    let cancel: Cancel
    const tick = (): void => {
      cancel = clock.at(clock.now() + statsInterval(this.client) * millisecond, tick)
      this.refresh()
    }
    cancel = clock.at(clock.now() + statsInterval(this.client) * millisecond, tick)
    return () => cancel()
  }

  private addressesOf(name: string): DummyDevice['addresses'] {
    const devices = [...this.hand.made.values()].map(made => made.devices.get(name))
    return devices.find(device => device instanceof DummyDevice)?.addresses ?? []
  }

  private *watchClient(): Task<void> {
    for (;;) {
      yield this.client.changed.wait
      this.look()
    }
  }

  /** Looks at what the client has now. */
  private look(): void {
    const { client } = this
    if (client.isContended && !this.wasContended) this.sayContended()
    this.wasContended = client.isContended
    if (client.isContended && this.isActive) this.standBack()
    if (!this.isActive && client.isFollowing && client.hasLock && client.rows('Open_vSwitch').length > 0) {
      this.isActive = true
      this.isDue = true
      this.introduce()
    }
    if (this.isActive && this.isDue) this.reconcile()
    else if (this.isStale) this.write()
  }

  private sayContended(): void {
    const { log = silent, pid } = this.options
    const own = pid === undefined ? '' : ` (pid ${pid})`
    const others = `disabling this process${own} until it goes away`
    log('bridge', 'err', `another ovs-vswitchd process is running, ${others}`)
  }

  /** Somebody else has the lock: the bridges are theirs. */
  private standBack(): void {
    this.isActive = false
    this.system.turn(false)
    this.hand.run(plan(this.hand.present(), []), [])
  }

  /** Says what it is. */
  private introduce(): void {
    const transaction = this.client.transaction()
    const [root] = transaction.rows('Open_vSwitch')
    if (root === undefined) return
    transaction.update(root, {
      iface_types: setOf(...this.interfaceTypes),
      datapath_types: setOf(...this.datapathTypes),
      dpdk_initialized: setOf(false),
      dpdk_version: setOf('none'),
    })
    transaction.commit()
  }

  /** What the computer does, alone: the counts of ports have times of their own. */
  private writeSystem(): void {
    if (!this.client.isFollowing || !this.client.hasLock) return
    const transaction = this.client.transaction()
    const [root] = transaction.rows('Open_vSwitch')
    if (root === undefined) return
    transaction.update(root, { statistics: this.system.now })
    transaction.commit()
  }

  /** One transaction at a time: what changes meanwhile is written with the next. */
  private write(): void {
    if (this.isWriting || !this.client.isFollowing || !this.client.hasLock) {
      this.isStale = true
      return
    }
    this.isStale = false
    const transaction = this.client.transaction()
    const [root] = transaction.rows('Open_vSwitch')
    if (root === undefined) return
    writeStatus(transaction, this.hand, this.switch)
    transaction.update(root, { cur_cfg: root.columns.next_cfg ?? setOf(0), statistics: this.system.now })
    this.isWriting = true
    transaction.commit(status => {
      this.isWriting = false
      if (status === 'error') this.options.log?.('bridge', 'warn', `cannot write status: ${transaction.error}`)
      else if (status === 'try again') this.isStale = true
      if (this.isStale && status !== 'try again') this.write()
    })
  }
}
