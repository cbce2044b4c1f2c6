import type { FieldName } from '../flow/fields.ts'

/** Port numbers as OpenFlow 1.0 has them; newer versions map theirs to these at the wire. */
export { OfPort } from '../flow/port-text.ts'

/** Bits `start` to `start + count - 1` of a field, bit 0 the least significant: `NXM_OF_VLAN_TCI[0..11]`. */
export type Subfield = { field: FieldName; start: number; count: number }

/**
 * OpenFlow actions and instructions as the switch knows them, whatever version or text they came from. A flow without
 * any drops. Instructions (`goto_table`, …) come last, as Open vSwitch orders them.
 */
export type OfAction =
  /** To a port, reserved ones too, all but `controller`. */
  | { type: 'output'; port: number }
  | { type: 'output_reg'; source: Subfield; maxLength: number }
  | { type: 'controller'; maxLength: number; reason: 'no_match' | 'action' | 'invalid_ttl'; controllerId: number }
  /** `as` is only how it is written and sent: `mod_dl_src`, `mod_nw_tos`, …, or `set_tunnel`; the effect is the same. */
  | { type: 'set_field'; field: FieldName; value: bigint; mask: bigint; as?: 'mod' | 'set_tunnel' | 'set_tunnel64' }
  | { type: 'load'; target: Subfield; value: bigint }
  | { type: 'move'; source: Subfield; target: Subfield }
  /** `mod_tp_src`, `mod_tp_dst`: the port of TCP, UDP or SCTP, whichever the frame has; nothing for other frames. */
  | { type: 'set_transport'; side: 'src' | 'dst'; port: number }
  /** With `push` (`mod_vlan_vid`) a frame without a tag gets one; without (`set_vlan_vid`) it stays as it is. */
  | { type: 'set_vlan_vid'; vid: number; push: boolean }
  | { type: 'set_vlan_pcp'; pcp: number; push: boolean }
  /** `as` is only how it is written. */
  | { type: 'strip_vlan'; as?: 'pop_vlan' }
  | { type: 'push_vlan'; ethType: number }
  /** Controllers that are told when the TTL runs out; `[0]` is the plain `dec_ttl`, unless it is written as a list. */
  | { type: 'dec_ttl'; controllerIds: readonly number[]; as?: 'list' }
  /** Looks up again, as if from `port` (kept if undefined) in `table` (kept if undefined). */
  | { type: 'resubmit'; port: number | undefined; table: number | undefined }
  | { type: 'note'; bytes: readonly number[] }
  | { type: 'write_metadata'; value: bigint; mask: bigint }
  | { type: 'goto_table'; table: number }
