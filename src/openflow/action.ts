import type { FieldName } from '../flow/fields.ts'
import type { Subfield } from './bits.ts'
import type { HashFields } from './hash-fields.ts'
import type { Learn } from './learn.ts'
import type { Nat } from './nat.ts'

/** Port numbers as OpenFlow 1.0 has them; newer versions map theirs to these at the wire. */
export { OfPort } from '../flow/port-text.ts'

export type { Subfield } from './bits.ts'

/** Why a frame goes to a controller; ovs-actions(7) has the words, `packetInReasons` the numbers of OFPR_*. */
export type PacketInReason =
  | 'no_match'
  | 'action'
  | 'invalid_ttl'
  | 'action_set'
  | 'group'
  | 'packet_out'
  | 'explicit_miss'
  | 'implicit_miss'

/**
 * OpenFlow actions and instructions as the switch knows them, whatever version or text they came from (ovs-actions(7)).
 * A flow without any drops. Instructions (`goto_table`, …) come last, as Open vSwitch orders them.
 */
export type OfAction =
  /** To a port, reserved ones too, all but `controller`. `maxLength` does nothing; peers get back what one sent. */
  | { type: 'output'; port: number; maxLength?: number }
  /** `as` is only its form on the wire. */
  | { type: 'output_reg'; source: Subfield; maxLength: number; as?: 'output_reg2' }
  /** `output(port=…,max_len=…)`: cut to so many bytes, for this output only. */
  | { type: 'output_trunc'; port: number; maxLength: number }
  /**
   * `userdata` goes with the packet-in, `pause` makes it one that can be resumed, `meter` limits it. With nothing but a
   * length it is an output to the reserved port, unless `as` says that it came as an extension, NXAST_CONTROLLER or
   * NXAST_CONTROLLER2: the reason of a plain output depends on where it stands.
   */
  | {
      type: 'controller'
      maxLength: number
      reason: PacketInReason
      controllerId: number
      /** A reason's number that has no name; `reason` is `action` then. */
      otherReason?: number
      userdata?: readonly number[]
      pause?: boolean
      meter?: number
      as?: 'controller' | 'controller2'
    }
  | { type: 'group'; group: number }
  | { type: 'enqueue'; port: number; queue: number }
  | { type: 'set_queue'; queue: number }
  | { type: 'pop_queue' }
  /** Chooses among ports by a hash; with `target` (`bundle_load`) the port's number is written there instead. */
  | {
      type: 'bundle'
      fields: HashFields
      basis: number
      algorithm: 'active_backup' | 'hrw'
      members: readonly number[]
      target?: Subfield
    }
  | {
      type: 'multipath'
      fields: HashFields
      basis: number
      algorithm: 'modulo_n' | 'hash_threshold' | 'hrw' | 'iter_hash'
      /** The highest link number: one less than the text and the count of links. */
      maxLink: number
      argument: number
      target: Subfield
    }
  /**
   * `as` is only how it is written and sent: `mod_dl_src`, `mod_nw_tos`, …, `set_tunnel`, or NXAST_REG_LOAD2; the effect
   * is the same.
   */
  | {
      type: 'set_field'
      field: FieldName
      value: bigint
      mask: bigint
      /** The mask has all bits of the field, but not all that the wire has for it: it is said as a mask is. */
      partial?: true
      as?: 'mod' | 'set_tunnel' | 'set_tunnel64' | 'reg_load2'
    }
  | { type: 'load'; target: Subfield; value: bigint }
  /** `as`: came as the ONF's extension of 1.3. */
  | { type: 'move'; source: Subfield; target: Subfield; as?: 'copy_field' }
  /** Onto and off the stack of values that a translation has. */
  | { type: 'push'; source: Subfield }
  | { type: 'pop'; target: Subfield }
  /** Takes a tunnel option away. */
  | { type: 'delete_field'; field: FieldName }
  /** `mod_tp_src`, `mod_tp_dst`: the port of TCP, UDP or SCTP, whichever the frame has; nothing for other frames. */
  | { type: 'set_transport'; side: 'src' | 'dst'; port: number }
  /** With `push` (`mod_vlan_vid`) a frame without a tag gets one; without (`set_vlan_vid`) it stays as it is. */
  | { type: 'set_vlan_vid'; vid: number; push: boolean }
  | { type: 'set_vlan_pcp'; pcp: number; push: boolean }
  /** `as` is only how it is written. */
  | { type: 'strip_vlan'; as?: 'pop_vlan' }
  | { type: 'push_vlan'; ethType: number }
  | { type: 'push_mpls'; ethType: number }
  | { type: 'pop_mpls'; ethType: number }
  | { type: 'set_mpls_label'; label: number }
  | { type: 'set_mpls_tc'; tc: number }
  | { type: 'set_mpls_ttl'; ttl: number }
  | { type: 'dec_mpls_ttl' }
  /** Controllers that are told when the TTL runs out; `[0]` is the plain `dec_ttl`, unless it is written as a list. */
  | { type: 'dec_ttl'; controllerIds: readonly number[]; as?: 'list' }
  | { type: 'dec_nsh_ttl' }
  /** `packetType`: namespace 16, type 16; 0 is Ethernet, 0x0001894f NSH. Properties are those of NSH headers. */
  | { type: 'encap'; packetType: number; properties: readonly EncapProperty[] }
  /** Undefined: the packet type that the header says. */
  | { type: 'decap'; packetType: number | undefined }
  /** Looks up again, as if from `port` (kept if undefined) in `table` (kept if undefined); `ct` swaps the ct tuple in; `as` is only its form on the wire. */
  | { type: 'resubmit'; port: number | undefined; table: number | undefined; ct?: boolean; as?: 'table' }
  | { type: 'clone'; actions: readonly OfAction[] }
  | { type: 'learn'; learn: Learn }
  | { type: 'conjunction'; id: number; clause: number; clauses: number }
  | { type: 'fin_timeout'; idleTimeout: number; hardTimeout: number }
  | {
      type: 'sample'
      probability: number
      collectorSet: number
      observationDomain: number
      observationPoint: number
      samplingPort: number | undefined
      direction: 'default' | 'ingress' | 'egress'
      /** Which form of the extension it came in, 1 to 3. */
      form: 1 | 2 | 3
    }
  /** `nat` and `set_field`, `load`, `move` of ct_mark and ct_label stand in `actions` (`exec`). */
  | {
      type: 'ct'
      commit: boolean
      force: boolean
      zone: number | Subfield
      /** Undefined: no recirculation. */
      table: number | undefined
      /** A port that names a helper: 21 is ftp, 69 tftp, 0 none. */
      alg: number
      actions: readonly OfAction[]
    }
  /** Only in a `ct`. */
  | { type: 'nat'; nat: Nat }
  | { type: 'ct_clear' }
  | { type: 'check_pkt_larger'; size: number; target: Subfield }
  | { type: 'note'; bytes: readonly number[] }
  | { type: 'exit' }
  /** Only where testing is on (`--enable-dummy`). */
  | { type: 'debug_recirc' }
  | { type: 'debug_slow' }
  | { type: 'meter'; meter: number }
  | { type: 'clear_actions' }
  | { type: 'write_actions'; actions: readonly OfAction[] }
  | { type: 'write_metadata'; value: bigint; mask: bigint }
  | { type: 'goto_table'; table: number }

/** A property of `encap(nsh(md_type=…,tlv(class,type,value)))`. */
export type EncapProperty =
  | { type: 'md_type'; value: number }
  | { type: 'tlv'; class: number; number: number; value: readonly number[] }

export type ActionOf<T extends OfAction['type']> = Extract<OfAction, { type: T }>
