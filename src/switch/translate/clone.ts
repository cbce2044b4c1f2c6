import type { Action } from '../../datapath/action.ts'
import { cloneHead } from '../../datapath/action-size.ts'
import type { OfAction } from '../../openflow/action.ts'
import { commit } from './commit.ts'
import { type Context, gather, put, type Run, type Runnable, withOwnState } from './context.ts'
import { finishFreezing } from './freeze.ts'
import { runActionSet } from './write-actions.ts'
import { preparedOnce, type Written } from './written.ts'

/** `clone(…)`: what is done to the frame inside is undone outside. */
export const clone: Run<'clone'> = (context, { actions }, { last }) =>
  runCloned(context, actions, preparedOnce(actions), last)

/** Actions whose traces in the frame cannot be undone by setting its fields back. */
const isIrreversible = ({ type }: OfAction): boolean =>
  type === 'ct' ||
  type === 'meter' ||
  type === 'nat' ||
  type === 'output_trunc' ||
  type === 'encap' ||
  type === 'decap' ||
  type === 'dec_nsh_ttl'

/**
 * Runs actions and forgets what they did. Where nothing follows, or setting fields back is enough, the datapath does it
 * on the frame itself; otherwise on a copy.
 */
export const runCloned = (
  context: Context,
  actions: readonly OfAction[],
  written: readonly (Written | undefined)[],
  last: boolean,
): void =>
  withOwnState(context, () => {
    const { flow } = context
    const before = flow.slice()
    if (last || !actions.some(isIrreversible)) runToEnd(context, actions, written, last)
    else {
      commit(context)
      const { base, conntracked, wasMpls, tunnel } = context
      const baseBefore = base.slice()
      const own = gather(context, cloneHead, () => runToEnd(context, actions, written, true))
      if (own.length > 0) put(context, { type: 'clone', actions: own })
      else context.size -= cloneHead
      Object.assign(context, { conntracked, wasMpls, tunnel })
      base.set(baseBefore)
    }
    flow.set(before)
  })

/** A copy that nothing comes after need not be one; those inside it stay. */
export const unwrapLast = (actions: Action[]): void => {
  const last = actions.at(-1)
  if (last?.type === 'clone') actions.splice(-1, 1, ...last.actions)
}

/** Runs actions, then the action set, and if they froze puts the rest by. */
export const runToEnd = (
  context: Context,
  actions: readonly Runnable[],
  written: readonly (Written | undefined)[],
  last: boolean,
): void => {
  context.run(context, actions, written, { last })
  if (context.freezing === undefined) runActionSet(context)
  finishFreezing(context)
}
