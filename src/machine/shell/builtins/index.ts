import type { Builtins } from '../shell-types.ts'
import { flow } from './flow.ts'
import { io } from './io.ts'
import { jobs } from './jobs.ts'
import { variables } from './variables.ts'

/** All that a shell does itself. */
export const builtins: Builtins = { ...flow, ...io, ...jobs, ...variables }
