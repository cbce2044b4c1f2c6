import { type Run, record } from './context.ts'
import { hasField, lookAtProtocol } from './prerequisite.ts'
import { mendTag } from './vlan-tag.ts'
import { markWritten, write } from './written.ts'

/** `load:VALUE->FIELD[BITS]`. */
export const load: Run<'load'> = (context, { target }, { written = [] }) => {
  const { flow, mask } = context
  if (!hasField(flow, mask, target.field)) {
    record(context, { kind: 'detail', detail: { what: 'no_header', field: target.field } })
    return
  }
  lookAtProtocol(mask, target.field)
  markWritten(mask, written)
  write(flow, written)
  if (target.field.startsWith('vlan_')) mendTag(flow)
}
