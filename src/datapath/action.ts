import type { FlowKey, TunnelRow } from '../flow/layout.ts'
import type { OdpPart } from '../flow/odp-parts.ts'
import type { Nat } from '../openflow/nat.ts'
import type { TunnelHeader } from './tunnel-header.ts'

/** A datapath's number for a port: 0 is the local port of the datapath, then as they come. */
export type PortNumber = number

/**
 * What a datapath does with a frame: the short list that the switch translates a flow into. Actions run in order, each
 * on what the ones before left. Names are Open vSwitch's (ovs-dpctl, `dpctl/dump-flows`).
 */
export type Action =
  | { type: 'output'; port: PortNumber }
  /**
   * Writes the bits of `mask` from `key` into the frame's headers, and mends checksums; both are sparse. `part` is the header
   * where a text named it; else the flow says which it is.
   */
  | { type: 'set'; key: SparseKey; mask: SparseKey; part?: OdpPart }
  /** Outer headers for the tunnel ports that outputs after this one reach. */
  | { type: 'tunnel'; row: TunnelRow }
  /** `tci` may have the CFI bit that marks a tag in the key; on the wire it is clear. `cfi` is false where a text said so. */
  | { type: 'push_vlan'; tpid: number; tci: number; cfi?: false }
  | { type: 'pop_vlan' }
  /** `label` is the whole label stack entry: label 20, traffic class 3, bottom of stack 1, TTL 8. */
  | { type: 'push_mpls'; label: number; ethType: number }
  | { type: 'pop_mpls'; ethType: number }
  /** Hands a copy to the switch, `cookie` untouched, so that it knows what it wanted; `pid` is the receiver that a text named. */
  | { type: 'userspace'; reason: UpcallReason; cookie: unknown; pid?: number }
  /**
   * The next output or `userspace`, and no other, leaves out at the end what is beyond `size` bytes now, whatever is put
   * on or taken off in between.
   */
  | { type: 'trunc'; size: number }
  /** Starts the pipeline again with `recirc_id` set. */
  | { type: 'recirc'; id: number }
  /** Runs a list on a copy: what it changes does not outlive it. */
  | { type: 'clone'; actions: readonly Action[] }
  | { type: 'drop'; reason: string }
  /** Drops or marks what goes over the rate of a meter that `setMeter` has made. */
  | { type: 'meter'; meter: number }
  /** Puts a hash of the frame's addresses and ports into `dp_hash`. */
  | { type: 'hash'; algorithm: 'l4' | 'sym_l4'; basis: number }
  | { type: 'check_pkt_len'; size: number; greater: readonly Action[]; lessEqual: readonly Action[] }
  /** Runs a list for some of the frames: `probability` of 2^32. */
  | { type: 'sample'; probability: number; actions: readonly Action[] }
  | { type: 'push_eth'; src: number; dst: number }
  | { type: 'pop_eth' }
  /** `key` has the words of NSH. */
  | { type: 'push_nsh'; key: SparseKey; mdType: number; tlvs: readonly number[] }
  | { type: 'pop_nsh' }
  /** As `push_mpls`, before the Ethernet header too: `encap(mpls)`. */
  | { type: 'add_mpls'; label: number; ethType: number; inner: boolean }
  /**
   * Outer headers, of a tunnel that the datapath makes itself, before the frame; what follows is done to the whole.
   * `tunnelPort` is the tunnel's port, `outPort` the bridge's that the tunnel goes through.
   */
  | { type: 'tnl_push'; tunnelPort: PortNumber; header: TunnelHeader; outPort: PortNumber }
  /** Takes outer headers off: the frame comes in at the tunnel's port, as if from the network. */
  | { type: 'tnl_pop'; port: PortNumber }
  | ConnTrack
  | { type: 'ct_clear' }
  /** Output to a member of a bond that the datapath balances itself; without the bond a drop. */
  | { type: 'lb_output'; bond: number }

/** Asks the connection tracker, and tells it about connections. */
export type ConnTrack = {
  type: 'ct'
  commit: boolean
  force: boolean
  zone: number
  mark: readonly [value: number, mask: number] | undefined
  label: readonly [value: bigint, mask: bigint] | undefined
  helper: string | undefined
  /** The name of a policy of timeouts. */
  timeout?: string
  nat: Nat | undefined
}

/** Some words of a flow key by their place in the row, ascending. */
export type SparseKey = readonly (readonly [word: number, value: number])[]

/** Why a frame goes up: nothing in the cache matched, or an action says so. */
export type UpcallReason = 'miss' | 'controller' | 'action' | 'slow_path' | 'sample'

/** A cached decision: all frames whose key agrees with `key` where `mask` has bits get these actions. */
export type Megaflow = { readonly key: FlowKey; readonly mask: FlowKey; readonly actions: readonly Action[] }
