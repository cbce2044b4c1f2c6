import type { Run } from './context.ts'
import { triggerFreeze } from './freeze.ts'

/** `debug_recirc`: the rest after another pass through the datapath, for tests of that. */
export const debugRecirc: Run<'debug_recirc'> = context => {
  triggerFreeze(context)
  return 'next'
}

/** `debug_slow`: frames go up to the switch, for tests of that. */
export const debugSlow: Run<'debug_slow'> = context => {
  context.slow.add('action')
}
