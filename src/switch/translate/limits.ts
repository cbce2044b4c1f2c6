import type { Action } from '../../datapath/action.ts'
import { type Context, fail, maxDepth, maxResubmits, maxStack } from './context.ts'
import type { Failure } from './recorder.ts'

/** Whether there is room for another look-up or group; if not, the translation is given up. */
export const hasRoom = (context: Context): boolean => {
  const { depth, resubmits, stack } = context
  if (depth >= maxDepth) fail(context, 'depth')
  else if (resubmits >= maxResubmits) fail(context, 'resubmits')
  else if (stack.length * 2 >= maxStack || stackBytes(context) >= maxStack) fail(context, 'stack')
  else return true
  return false
}

/** Whether it is one of the bounds that keep a translation from going on for ever. */
export const isLimit = (failure: Failure): boolean =>
  failure === 'depth' || failure === 'resubmits' || failure === 'stack'

/** Outputs of one list, those of lists in it aside, that Open vSwitch leaves to a datapath; with more it sees to each frame itself. */
const maxOutputs = 1000

export const hasTooManyOutputs = (actions: readonly Action[]): boolean =>
  actions.length > maxOutputs && actions.filter(({ type }) => type === 'output').length > maxOutputs

/** A value takes its bytes, and one that says how many. */
const stackBytes = ({ stack }: Context): number => {
  if (stack.length * 17 < maxStack) return 0
  return stack.reduce((sum, { bits }) => sum + 1 + Math.ceil(bits / 8), 0)
}
