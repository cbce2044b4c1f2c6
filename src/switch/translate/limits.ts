import { type Context, fail, maxDepth, maxResubmits, maxStack, record } from './context.ts'
import type { Failure } from './recorder.ts'

/** Bytes that a netlink attribute's own size can say, its head included. */
const maxAttribute = 65535

/**
 * Whether there is room for another look-up or group; if not, the translation is given up. Of too many datapath actions
 * those that there are stay, and all lists that led here end.
 */
export const hasRoom = (context: Context): boolean => {
  const { depth, resubmits, stack } = context
  if (depth >= maxDepth) fail(context, 'depth')
  else if (resubmits >= maxResubmits) fail(context, 'resubmits')
  else if (context.size > maxAttribute) {
    record(context, { kind: 'detail', detail: { what: 'too_many_actions' } })
    context.exited = true
  } else if (stack.length * 2 >= maxStack || stackBytes(context) >= maxStack) fail(context, 'stack')
  else return true
  return false
}

/** Whether it is one of the bounds that keep a translation from going on for ever. */
export const isLimit = (failure: Failure): boolean =>
  failure === 'depth' || failure === 'resubmits' || failure === 'stack'

/** Outputs of one list, those of lists in it aside, that Open vSwitch leaves to a datapath; with more it sees to each frame itself. */
const maxOutputs = 1000

/** Whether the datapath actions are more than Open vSwitch leaves to a datapath: by their bytes, or their outputs. */
export const isTooMuch = ({ actions, size }: Context): boolean =>
  size > maxAttribute - 4 ||
  (actions.length > maxOutputs && actions.filter(({ type }) => type === 'output').length > maxOutputs)

/** A value takes its bytes, and one that says how many. */
const stackBytes = ({ stack }: Context): number => {
  if (stack.length * 17 < maxStack) return 0
  return stack.reduce((sum, { bits }) => sum + 1 + Math.ceil(bits / 8), 0)
}
