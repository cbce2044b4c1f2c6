import { type Run, record } from './context.ts'
import { removeOption } from './option.ts'

/** `delete_field`: the tunnel does not say this option any more. */
export const deleteField: Run<'delete_field'> = (context, { field }) => {
  removeOption(context, field)
  record(context, { kind: 'detail', detail: { what: 'deleted', field } })
}
