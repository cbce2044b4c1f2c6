import { word } from '../../flow/layout.ts'
import { type Run, record } from './context.ts'

/** `delete_field`: the tunnel does not say this option any more. */
export const deleteField: Run<'delete_field'> = (context, { field }) => {
  const { flow } = context
  const number = Number(field.slice('tun_metadata'.length))
  const at = word.tunMetadataPresent + (number < 32 ? 1 : 0)
  flow[at] = flow[at]! & ~(1 << (number & 31))
  flow[word.tunMetadata + number] = 0
  record(context, { kind: 'detail', detail: { what: 'deleted', field } })
}
