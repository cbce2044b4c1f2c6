import type { Run } from './context.ts'
import { meetsNeeds } from './prerequisite.ts'
import { readSubfield, recordMoved, writeSubfield } from './subfield.ts'

/** `move:FIELD[BITS]->FIELD[BITS]`: nothing if the frame lacks either's header. */
export const move: Run<'move'> = (context, { source, target }) => {
  const { flow, mask } = context
  if (meetsNeeds(flow, mask, target.field) && meetsNeeds(flow, mask, source.field))
    writeSubfield(context, target, readSubfield(context, source))
  recordMoved(context, target)
}
