import { writeField } from '../../flow/fields.ts'
import type { Run } from './context.ts'
import { hasField } from './prerequisite.ts'
import { mendTag } from './vlan-tag.ts'

/** `set_field:VALUE/MASK->FIELD`: does nothing to a frame without the field's header. */
export const setField: Run<'set_field'> = ({ flow, mask }, action) => {
  if (!hasField(flow, mask, action.field)) return
  writeField(mask, action.field, action.mask, action.mask)
  writeField(flow, action.field, action.value, action.mask)
  if (action.field.startsWith('vlan_')) mendTag(flow)
}
