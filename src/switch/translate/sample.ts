import type { Run } from './context.ts'

/** `sample(…)`: frames for a collector set of IPFIX. There is none without a row in the database that makes it. */
export const sample: Run<'sample'> = () => {}
