import type { PortNumber } from '../datapath/action.ts'
import type { FlowKey } from '../flow/layout.ts'
import type { TlvLayout } from '../flow/tlv.ts'
import type { TunnelConfig } from '../tunnel/options.ts'
import type { FlowTable } from './flow-table.ts'
import type { FrozenState } from './frozen.ts'
import type { Group } from './group.ts'
import type { MacLearning } from './mac-learning.ts'
import type { Meter } from './meters.ts'
import type { Mirror } from './mirrors.ts'
import type { NativeTunnels } from './native-tunnels.ts'
import type { Controller } from './packet-in.ts'
import type { BridgePort } from './port.ts'
import type { FlowSpec, Rule } from './rule.ts'
import type { Change, Hearing } from './snooping/hearing.ts'
import type { GroupTable } from './snooping/table.ts'

/** What translation sees of a bridge; it changes nothing there but flows that `learn` makes. */
export interface BridgeView {
  readonly name: string
  /** By OpenFlow port number, in the order in which they were added: NORMAL floods in it. */
  readonly ports: ReadonlyMap<number, BridgePort>
  /** The same ports in the order in which FLOOD and ALL reach them. */
  readonly floodOrder: readonly BridgePort[]
  /** Table 0 to 253; undefined if it never had a flow. */
  table(id: number): FlowTable | undefined
  readonly macs: MacLearning
  group(id: number): Group | undefined
  meter(id: number): Meter | undefined
  /** VLANs in which nothing is learned and all is flooded. */
  readonly floodVlans: ReadonlySet<number>
  /** Whose copies go somewhere. */
  readonly mirrors: readonly Mirror[]
  /** Whether NORMAL forwards frames to 01:80:c2:00:00:0x. */
  readonly forwardBpdu: boolean
  readonly controller: Controller | undefined
  /** Who wants which multicast; undefined: nobody listens, and it is flooded. */
  readonly snooping:
    | {
        readonly table: GroupTable
        /** The table as it will be when these have been heard, and whether they change it. */
        after(said: readonly Hearing[]): { table: GroupTable; isChanged: boolean }
        hear(changes: readonly Change[], vlan: number, port: number): void
      }
    | undefined
  /** Its spanning tree: which one it has, if any, and where messages go. */
  readonly tree: {
    readonly protocol: 'STP' | 'RSTP' | undefined
    receive(port: BridgePort, bytes: Uint8Array): void
  }
  /** Where tunnel options lie in a key. */
  readonly tlv: { readonly layout: TlvLayout }
  /** What flows see of IP fragments: no ports in any of them, the first one's ports, or nothing, as they are dropped. */
  readonly fragments: 'normal' | 'nx_match' | 'drop'
  /** What frames do to flows; but for `learn` not for translation, but for whoever applies its effects. */
  readonly flows: {
    /** Gives the flow that was made and what it took the place of. */
    learn(spec: FlowSpec, used: number, limit?: number): { rule: Rule; before: Rule | undefined } | undefined
    mayLearn(spec: FlowSpec, limit: number): boolean
    reduceTimeouts(rule: Rule, idleTimeout: number, hardTimeout: number): void
    /** The table with this number, made if there was none: one without flows counts its misses as well. */
    obtainTable(id: number): FlowTable
  }
}

/** A port with its bridge. */
export type PortRef = { bridge: BridgeView; port: BridgePort }

/** What translation sees of the whole switch. */
export interface SwitchView {
  now(): number
  /**
   * The number that a frozen pipeline goes on under, held until it is released, and the pipeline of a number. `returns`
   * unless it is only told to a controller.
   */
  freeze(state: FrozenState, returns?: boolean): number
  thaw(id: number): FrozenState | undefined
  bridge(name: string): BridgeView | undefined
  /** The other end of a patch port. */
  peerOf(port: BridgePort): PortRef | undefined
  /**
   * The port that a frame with this datapath key came in on. Bits of the key that decided (of a tunnel's) are set in
   * `mask`.
   */
  inputPort(key: FlowKey, mask: FlowKey): PortRef | undefined
  /**
   * Writes the outer headers that a frame with this key gets on its way out of a tunnel port into the key's tunnel
   * words; what was read is set in `mask`. Returns why it cannot leave, or undefined.
   */
  tunnelOut(bridge: BridgeView, port: BridgePort, flow: FlowKey, mask: FlowKey): string | undefined
  /** What is known of the network, if the datapath makes tunnels itself. */
  readonly native: NativeTunnels | undefined
  /** Of a tunnel port. */
  tunnelConfig(bridge: BridgeView, port: BridgePort): TunnelConfig | undefined
  /** The datapath's ports of tunnels by UDP port. */
  readonly tunnelPorts: ReadonlyMap<number, PortNumber>
}
