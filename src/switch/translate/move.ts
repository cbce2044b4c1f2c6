import { type Run, record } from './context.ts'
import { hasField } from './prerequisite.ts'
import { readSubfield, writeSubfield } from './subfield.ts'

/** `move:FIELD[BITS]->FIELD[BITS]`: nothing if the frame lacks either's header. */
export const move: Run<'move'> = (context, { source, target }) => {
  const { flow, mask } = context
  if (!hasField(flow, mask, target.field) || !hasField(flow, mask, source.field)) return
  const value = readSubfield(context, source)
  writeSubfield(context, target, value)
  record(context, { kind: 'detail', detail: { what: 'moved', target, value } })
}
