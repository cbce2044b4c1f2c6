import type { Run } from './context.ts'
import { write } from './written.ts'

/** `write_metadata:VALUE/MASK`. */
export const writeMetadata: Run<'write_metadata'> = ({ flow }, _action, { written = [] }) => write(flow, written)
