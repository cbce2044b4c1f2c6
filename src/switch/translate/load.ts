import type { Run } from './context.ts'
import { hasField } from './prerequisite.ts'
import { mendTag } from './vlan-tag.ts'
import { markWritten, write } from './written.ts'

/** `load:VALUE->FIELD[BITS]`. */
export const load: Run<'load'> = ({ flow, mask }, { target }, written = []) => {
  if (!hasField(flow, mask, target.field)) return
  markWritten(mask, written)
  write(flow, written)
  if (target.field.startsWith('vlan_')) mendTag(flow)
}
