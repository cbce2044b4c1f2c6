import { writeField } from '../../flow/fields.ts'
import type { Run } from './context.ts'

/** `write_metadata:VALUE/MASK`. */
export const writeMetadata: Run<'write_metadata'> = ({ flow }, { value, mask }) =>
  writeField(flow, 'metadata', value, mask)
