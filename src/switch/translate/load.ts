import { type Run, record } from './context.ts'
import { isOption, setOption } from './option.ts'
import { hasField, lookAtProtocol } from './prerequisite.ts'
import { mendTag } from './vlan-tag.ts'
import { markWritten, subfieldMask, write } from './written.ts'

/** `load:VALUE->FIELD[BITS]`. */
export const load: Run<'load'> = (context, { target, value }, { written = [] }) => {
  if (isOption(target.field)) {
    setOption(context, target.field, value << BigInt(target.start), subfieldMask(target))
    return
  }
  const { flow, mask } = context
  if (!hasField(flow, mask, target.field)) {
    record(context, { kind: 'detail', detail: { what: 'no_header', field: target.field } })
    return
  }
  lookAtProtocol(flow, mask, target.field)
  markWritten(mask, target.field, written)
  write(flow, written, target.field)
  if (target.field.startsWith('vlan_')) mendTag(flow)
}
