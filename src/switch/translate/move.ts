import type { Run } from './context.ts'
import { hasField } from './prerequisite.ts'
import { readSubfield, recordMoved, writeSubfield } from './subfield.ts'

/** `move:FIELD[BITS]->FIELD[BITS]`: nothing if the frame lacks either's header. */
export const move: Run<'move'> = (context, { source, target }) => {
  const { flow, mask } = context
  if (hasField(flow, mask, target.field) && hasField(flow, mask, source.field))
    writeSubfield(context, target, readSubfield(context, source))
  recordMoved(context, target)
}
