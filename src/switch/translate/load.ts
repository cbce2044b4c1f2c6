import type { Run } from './context.ts'
import { hasField } from './prerequisite.ts'
import { writeSubfield } from './subfield.ts'

/** `load:VALUE->FIELD[BITS]`. */
export const load: Run<'load'> = (context, { target, value }) => {
  if (hasField(context.flow, context.mask, target.field)) writeSubfield(context, target, value)
}
