import type { Run } from './context.ts'
import { hasField } from './prerequisite.ts'
import { mendTag } from './vlan-tag.ts'
import { markWritten, write } from './written.ts'

/** `set_field:VALUE/MASK->FIELD`: does nothing to a frame without the field's header. */
export const setField: Run<'set_field'> = ({ flow, mask }, { field }, written = []) => {
  if (!hasField(flow, mask, field)) return
  markWritten(mask, written)
  write(flow, written)
  if (field.startsWith('vlan_')) mendTag(flow)
}
