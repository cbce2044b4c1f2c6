import type { FieldName } from '../flow/fields.ts'

/** Bits `start` to `start + count - 1` of a field, bit 0 the least significant: `NXM_OF_VLAN_TCI[0..11]`. */
export type Subfield = {
  field: FieldName
  start: number
  count: number
  /** The bits are all of a tunnel option, as a bridge's TLV table has it; of other fields the count says so. */
  whole?: true
}
