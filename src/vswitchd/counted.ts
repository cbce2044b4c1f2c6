/** What a daemon counts, by Open vSwitch's names where it has one: for `coverage/show`. */
import { Counters } from '../runtime/index.ts'
import type { Bridge } from '../switch/bridge.ts'
import type { Switch } from '../switch/switch.ts'

/** Names of the switch's own that Open vSwitch has others for. */
const others: Readonly<Record<string, string>> = {
  drop_bridge_gone: 'drop_action_bridge_not_found',
  drop_conflict: 'drop_action_recirculation_conflict',
  drop_depth: 'drop_action_recursion_too_deep',
  drop_labels: 'drop_action_too_many_mpls_labels',
  drop_no_state: 'drop_action_no_recirculation_context',
  drop_packet_type: 'drop_action_unsupported_packet_type',
  drop_resubmits: 'drop_action_too_many_resubmit',
  drop_stack: 'drop_action_stack_too_deep',
}

/** What may never happen, and is known all the same. */
const known = [
  ...Object.values(others),
  ...'invalid_bond invalid_port meter nsh_decap_error recirc_error rx_invalid_packet tunnel_pop_error upcall_error userspace_action_error'
    .split(' ')
    .map(name => `datapath_drop_${name}`),
  'drop_action_of_pipeline',
]

export class Counted {
  private readonly sw: Switch
  private readonly more: () => Iterable<readonly [name: string, count: number]>
  private readonly own = new Counters()

  /** `more` is what the program counts beside the switch. */
  constructor(sw: Switch, more: () => Iterable<readonly [name: string, count: number]> = () => []) {
    this.sw = sw
    this.more = more
    this.own.add('bridge_reconfigure', 0)
  }

  reconfigured(): void {
    this.own.add('bridge_reconfigure')
  }

  /** Keeps what a bridge counted, which is to go. */
  leaves(bridge: Bridge): void {
    for (const [name, count] of ofMacs(bridge)) this.own.add(name, count)
  }

  /** One name may come more than once: its counts are to be added up. */
  *totals(): Iterable<readonly [name: string, count: number]> {
    for (const name of [...known, ...macNames]) yield [name, 0]
    for (const [name, count] of this.sw.counters()) yield [others[name] ?? name, count]
    for (const bridge of this.sw.bridges.values()) yield* ofMacs(bridge)
    yield* this.own.entries()
    yield* this.more()
  }
}

const macNames = ['evicted', 'expired', 'learned', 'moved'].map(name => `mac_learning_${name}`)

const ofMacs = ({ macs }: Bridge): (readonly [name: string, count: number])[] =>
  Object.entries(macs.totals()).map(([name, count]) => [`mac_learning_${name}`, count] as const)
