import { setOf } from '../ovsdb/datum.ts'
import type { Random } from '../runtime/random.ts'
import type { OpenFlowAgent } from '../switch/agent/agent.ts'
import type { Network } from '../switch/agent/controllers.ts'
import type { Switch } from '../switch/switch.ts'
import { Config } from './config.ts'
import type { Devices } from './devices.ts'
import type { Dummies } from './dummy.ts'
import { Hand } from './hand.ts'
import { plan } from './reconcile.ts'
import { writeStatus } from './status.ts'
import { vlanLimit, wantedBridges } from './wanted.ts'

/** What the outside hands to a daemon. */
export type VswitchdOptions = {
  switch: Switch
  devices: Devices
  random: Random
  /** What the start script of a distribution writes into `ovs_version`; `show` prints it. */
  ovsVersion?: string
  /** How controllers are reached; without, they cannot be. */
  network?: Network
  /** What makes devices of the type `dummy`; without, they have nothing behind them. */
  dummies?: Dummies
}

const interfaceTypes = ['dummy', 'internal', 'patch', 'system', 'tap', 'vxlan']

/**
 * The daemon of a machine: it makes the switch be what the database says, at once after each commit, and writes back
 * what became of it.
 */
export class Vswitchd {
  readonly config: Config
  readonly switch: Switch
  readonly hand: Hand
  private busy = false
  private again = false

  constructor(options: VswitchdOptions) {
    this.config = new Config(options.random)
    this.switch = options.switch
    this.hand = new Hand(options.switch, options.devices, () => this.refresh(), options)
    this.config.transact(transaction => {
      transaction.update(this.config.root(), {
        iface_types: setOf(...interfaceTypes),
        datapath_types: setOf('netdev', 'system'),
        ovs_version: options.ovsVersion === undefined ? setOf() : setOf(options.ovsVersion),
      })
      return true
    })
    this.config.watch(() => this.reconcile())
  }

  /** Makes the switch follow the database; also after a device has come or gone. */
  reconcile(): void {
    // Writing status is a commit too: it comes back here and ends.
    this.again = true
    if (this.busy) return
    this.busy = true
    try {
      while (this.again) {
        this.again = false
        this.hand.dropGone()
        this.switch.limitVlans(vlanLimit(this.config))
        const wanted = wantedBridges(this.config)
        this.hand.run(plan(this.hand.present(), wanted), wanted)
        this.refresh()
      }
    } finally {
      this.busy = false
    }
  }

  /** Tells of the OpenFlow side of each bridge there is, and of those that come and go. */
  watchAgents(told: (agent: OpenFlowAgent, what: 'added' | 'removed') => void): void {
    for (const { agent } of this.hand.made.values()) told(agent, 'added')
    this.hand.onAgent.add(told)
  }

  /** Brings status and statistics in the database up to date, as a reader wants them. */
  refresh(): void {
    this.switch.syncStats()
    const wasBusy = this.busy
    const wasAgain = this.again
    this.busy = true
    this.config.transact(transaction => {
      writeStatus(transaction, this.hand, this.switch)
      const root = this.config.root()
      transaction.update(root, { cur_cfg: root.columns.next_cfg! })
      return true
    })
    this.busy = wasBusy
    // A change of status asks nothing new of the switch.
    this.again = wasAgain
  }
}
