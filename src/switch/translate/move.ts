import { readField } from '../../flow/fields.ts'
import { type Run, record } from './context.ts'
import { meetsNeeds } from './prerequisite.ts'
import { readSubfield, writeSubfield } from './subfield.ts'
import { subfieldMask } from './written.ts'

/** `move:FIELD[BITS]->FIELD[BITS]`: nothing if the frame lacks either's header. */
export const move: Run<'move'> = (context, { source, target }) => {
  const { flow, mask } = context
  if (meetsNeeds(flow, mask, target.field) && meetsNeeds(flow, mask, source.field))
    writeSubfield(context, target, readSubfield(context, source))
  const bits = subfieldMask(target)
  const value = (readField(flow, target.field) & bits) >> BigInt(target.start)
  record(context, { kind: 'detail', detail: { what: 'moved', target, value } })
}
